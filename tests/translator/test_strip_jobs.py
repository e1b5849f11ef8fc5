"""Attempts at a strip whose pages cut texts: one text, one translation, on one of the pages."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import numpy as np
import pytest

from contract.document import DocumentRegion, PageDocument, TextOfPage
from contract.grant import PageInput
from contract.job import Direction
from contract.status import PageErrorCode, PageStatus
from tests.translator.containers import Running, running, until
from tests.translator.fake_orchestrator import FakeOrchestrator
from tests.translator.strip_stages import StripFactory, cut, png, shown, strip
from tests.translator.tiny_stages import Script
from translator.pipeline.protocols import StageError, TranslateRequest
from translator.pipeline.types import Origin, Translation

Pages = dict[int, bytes | None]


@asynccontextmanager
async def translators(script: Script | None = None, fake: FakeOrchestrator | None = None) -> AsyncIterator[Running]:
    script = script or Script()
    async with running(fake, script, load=lambda: StripFactory(script)) as it:
        yield it


async def translated(pages: Mapping[int, bytes | None], script: Script | None = None, **order: Any) -> FakeOrchestrator:
    async with translators(script) as it:
        await it.run(it.orchestrator.order(pages, **{"reading_direction": Direction.WEBTOON, **order}))
        return it.orchestrator


def has_ended(fake: FakeOrchestrator, attempt: int) -> bool:
    return any(result.attempt == attempt for result in fake.results)


def document(fake: FakeOrchestrator, page: int, attempt: int = 1) -> PageDocument:
    return PageDocument.parse(fake.objects[f"/job-1/out/a{attempt}/{page}.json"])


def regions(fake: FakeOrchestrator, page: int, attempt: int = 1) -> dict[str, DocumentRegion]:
    return {region.id: region for region in document(fake, page, attempt).regions}


@pytest.mark.parametrize(("row", "owner"), [(330, 1), (270, 2), (300, 1)])
async def test_a_text_that_the_border_cuts_belongs_to_the_page_with_most_of_it_and_a_tie_to_the_upper(
    row: int, owner: int
) -> None:
    fake = await translated(cut(strip(600, [(260, 340)]), row))
    other = 3 - owner
    whole, part = regions(fake, owner)["s0001-1"], regions(fake, other)["s0001-1"]
    assert (whole.source_text, whole.translation, whole.also_on) == ("80 rows", f"page {owner} s0001-1", (other,))
    assert (whole.origin, whole.part_of) == ("model", None)
    assert (part.source_text, part.translation, part.origin) == ("", "", "elsewhere")
    assert part.part_of == TextOfPage(owner, "s0001-1")
    assert part.placement is None
    assert len(regions(fake, 1)) == len(regions(fake, 2)) == 1


async def test_each_page_shows_only_its_own_part_and_the_other_part_is_clean() -> None:
    fake = await translated(cut(strip(600, [(250, 340)]), 310))
    upper, lower = (shown(fake.objects[f"/job-1/out/a1/{page}.webp"]) for page in (1, 2))
    box = regions(fake, 1)["s0001-1"].box
    assert box == (80, 250, 120, 310)
    assert upper[box[1] : box[3], box[0] : box[2]].mean() < 10
    assert lower.min() > 245


async def test_the_translator_is_asked_once_and_later_pages_are_told_once() -> None:
    script = Script()
    await translated(cut(strip(1200, [(250, 340), (800, 860)]), 300, 600, 900), script)
    asked = {request.page: [text.text for text in request.texts] for request in script.requests}
    assert asked == {1: ["90 rows"], 3: ["60 rows"]}
    told = script.requests[-1].context
    assert [pair for pairs in told for pair in pairs] == [("90 rows", "page 1 s0001-1")]


async def test_a_balloon_that_the_border_cuts_is_known_whole_where_its_text_is() -> None:
    fake = await translated(cut(strip(600, [(220, 280)], balloon=40), 300))
    found = regions(fake, 1)
    assert [(region.source_text, region.also_on) for region in found.values()] == [("60 rows", ())]
    assert regions(fake, 2) == {}


@pytest.mark.parametrize("row", [340, 360, 379])
async def test_the_page_with_more_letters_does_not_get_the_text_where_its_part_of_the_balloon_is_small(
    row: int,
) -> None:
    rgb = strip(700, [(300, 380)])
    rgb[290:520, 40:160][rgb[290:520, 40:160] == 255] = 200
    fake = await translated(cut(rgb, row))
    assert regions(fake, 2)["s0001-1"].translation == "page 2 s0001-1"
    assert regions(fake, 1)["s0001-1"].part_of == TextOfPage(2, "s0001-1")


async def test_pages_of_other_widths_have_no_seam() -> None:
    rgb = strip(600, [(260, 340)])
    fake = await translated({1: png(rgb[:300]), 2: png(rgb[300:, :180])})
    assert [list(regions(fake, page)) for page in (1, 2)] == [["r0"], ["r0"]]
    assert document(fake, 1).warnings == ()


async def test_a_page_one_percent_narrower_is_joined_all_the_same() -> None:
    rgb = strip(600, [(230, 340)])
    fake = await translated({1: png(rgb[:300]), 2: png(rgb[300:, :198])})
    assert regions(fake, 1)["s0001-1"].source_text == "110 rows"
    assert regions(fake, 2)["s0001-1"].part_of == TextOfPage(1, "s0001-1")


async def test_where_the_job_does_not_say_strip_pages_are_read_alone() -> None:
    script = Script()
    fake = await translated(cut(strip(600, [(260, 340)]), 300), script, reading_direction=Direction.AUTO)
    assert [list(regions(fake, page)) for page in (1, 2)] == [["r0"], ["r0"]]
    assert len(script.of("detect")) == 2
    assert "seam" not in document(fake, 1).timings


async def test_a_plain_border_costs_no_detection() -> None:
    script = Script()
    fake = await translated(cut(strip(900, [(100, 140), (400, 440), (700, 740)]), 300, 600), script)
    assert len(script.of("detect")) == 3
    assert document(fake, 2).warnings == ()


@pytest.mark.parametrize(("broken", "why"), [(b"no image", "UnidentifiedImageError"), (None, "no such object")])
async def test_a_broken_neighbour_costs_the_seam_only_and_the_page_says_so(broken: bytes | None, why: str) -> None:
    pages: Pages = {**cut(strip(900, [(260, 340), (560, 640)]), 300, 600), 2: broken}
    fake = await translated(pages)
    assert [page.status for page in fake.result.pages] == [PageStatus.DONE, PageStatus.FAILED, PageStatus.DONE]
    for page, upper in ((1, 1), (3, 2)):
        (warning,) = document(fake, page).warnings
        assert warning.startswith(f"seam: texts across the border below page {upper} are not joined")
        assert why in warning
        assert list(regions(fake, page)) == ["r0"]


async def test_a_seam_that_fails_is_done_without_on_both_sides() -> None:
    class FailsOnce(dict[tuple[str, int], Exception]):
        """Page 1's rows are detected first in the seam below it."""

        def get(self, key: tuple[str, int], default: Any = None) -> Any:
            return self.pop(key, default)

    script = Script(faults=FailsOnce({("detect", 1): StageError("detect", "stage_failed", "it cannot")}))
    fake = await translated(cut(strip(600, [(260, 340)]), 300), script)
    assert [page.status for page in fake.result.pages] == [PageStatus.DONE] * 2
    assert [list(regions(fake, page)) for page in (1, 2)] == [["r0"], ["r0"]]
    assert [len(document(fake, page).warnings) for page in (1, 2)] == [1, 1]


@pytest.mark.parametrize(("row", "owner"), [(330, 1), (270, 2)])
async def test_pages_done_in_different_attempts_agree(row: int, owner: int) -> None:
    pages = cut(strip(600, [(260, 340)]), row)
    async with translators() as it:
        fake = it.orchestrator
        for attempt, done, other in ((1, 1, 2), (2, 2, 1)):
            fake.objects[f"/job-1/in/{other}"] = pages[other] or b""
            neighbour = PageInput(other, fake.grant("GET", f"/job-1/in/{other}"))
            order = fake.order({done: pages[done]}, attempt=attempt, neighbours=(neighbour,), **_STRIP)
            await it.dispatch(order)
            await until(partial(has_ended, fake, attempt))
            await it.idle()
    texts = {page: regions(fake, page, attempt=page)["s0001-1"].source_text for page in (1, 2)}
    assert texts == {owner: "80 rows", 3 - owner: ""}


async def test_a_neighbours_grant_that_ran_out_is_renewed() -> None:
    pages = cut(strip(600, [(260, 340)]), 330)
    async with translators() as it:
        fake = it.orchestrator
        fake.objects["/job-1/in/2"] = pages[2] or b""
        grant = fake.grant("GET", "/job-1/in/2")
        fake.expire(grant)
        await it.run(fake.order({1: pages[1]}, neighbours=(PageInput(2, grant),), **_STRIP))
    assert regions(fake, 1)["s0001-1"].source_text == "80 rows"


async def test_without_the_neighbours_input_the_page_is_read_alone() -> None:
    fake = await translated({2: cut(strip(600, [(260, 340)]), 300)[2]})
    assert list(regions(fake, 2)) == ["r0"]
    assert document(fake, 2).warnings == ()


async def test_a_page_that_nobody_can_read_is_not_taken_for_the_strips_end() -> None:
    fake = await translated({1: cut(strip(600, [(260, 340)]), 300)[1]}, page_count=2)
    (warning,) = document(fake, 1).warnings
    assert warning.startswith(
        "seam: texts across the border below page 1 are not joined: attempts have died with page 2"
    )
    assert fake.result.pages[0].unsettled == (2,)


async def test_a_text_over_three_pages_is_one_text() -> None:
    fake = await translated(cut(strip(700, [(280, 420)]), 300, 350))
    assert [list(regions(fake, page)) for page in (1, 2, 3)] == [["s0001-1"]] * 3
    whole = regions(fake, 3)["s0001-1"]
    assert (whole.source_text, whole.also_on) == ("140 rows", (1, 2))
    assert [regions(fake, page)["s0001-1"].part_of for page in (1, 2)] == [TextOfPage(3, "s0001-1")] * 2


@pytest.mark.parametrize("row", [330, 270])
async def test_where_the_owner_has_no_translation_the_other_part_stays_as_well(row: int) -> None:
    script = Script(answers=[Translation("s0001-1", "", Origin.KEPT_SOURCE, "it would not")])
    fake = await translated(cut(strip(600, [(260, 340)]), row), script)
    assert [regions(fake, page)["s0001-1"].origin for page in (1, 2)] == ["kept_source"] * 2
    both = np.concatenate([shown(fake.objects[f"/job-1/out/a1/{page}.webp"]) for page in (1, 2)])
    assert both[262:338, 82:118].max() < 20


@pytest.mark.parametrize(("row", "owner"), [(330, 1), (270, 2)])
async def test_where_the_owner_fails_the_other_part_stays_and_says_why(row: int, owner: int) -> None:
    fault = StageError("translate", "stage_failed", "it cannot")
    fake = await translated(cut(strip(600, [(260, 340)]), row), Script(faults={("translate", owner): fault}))
    part = regions(fake, 3 - owner)["s0001-1"]
    assert part.origin == "kept_source"
    assert f"page {owner}, to which this text belongs, failed" in part.note
    assert fake.result.pages[owner - 1].status is PageStatus.FAILED


@pytest.mark.parametrize(("row", "owner"), [(330, 1), (270, 2)])
async def test_where_the_budget_did_not_reach_the_owner_it_has_failed_as_well(row: int, owner: int) -> None:
    unpaid = Translation("s0001-1", "", Origin.KEPT_SOURCE, "the job's budget is spent", is_unpaid=True)
    fake = await translated(cut(strip(600, [(260, 340)]), row), Script(answers=[unpaid]))
    part = regions(fake, 3 - owner)["s0001-1"]
    assert part.origin == "kept_source"
    assert f"page {owner}, to which this text belongs, failed" in part.note
    error = fake.result.pages[owner - 1].error
    assert error is not None
    assert error.code is PageErrorCode.BUDGET_SPENT


async def test_pages_under_suspicion_are_neither_read_for_others_nor_waited_for() -> None:
    fake = await translated(cut(strip(900, [(230, 310), (590, 670)]), 300, 600), alone=(2,))
    assert fake.verified_pages() == [1, 2, 3]
    for page in (1, 2, 3):
        assert all(name.startswith("r") for name in regions(fake, page))
        assert all("attempts have died" in warning for warning in document(fake, page).warnings)
    assert len(document(fake, 2).warnings) == 2


class _Forgotten(list[TranslateRequest]):
    """A request holds its page's pixels."""

    def append(self, request: TranslateRequest) -> None:
        pass


async def test_pages_that_were_read_leave_the_memory() -> None:
    rgb = strip(8000, [(row - 25, row + 15) for row in range(200, 8000, 200)])
    script = Script(requests=_Forgotten())
    factory = StripFactory(script)
    async with running(script=script, load=lambda: factory) as it:
        await it.run(it.orchestrator.order(cut(rgb, *range(200, 8000, 200)), **_STRIP))
        assert it.orchestrator.verified_pages() == list(range(1, 41))
    assert len(script.of("detect")) == 79
    assert factory.detector.most_held <= 8


async def test_each_page_is_fetched_once_and_memory_is_bounded_by_the_pages_in_work() -> None:
    rgb = strip(6000, [(row - 40, row + 30) for row in range(200, 6000, 200)])
    script = Script(gates={("translate", 1): threading.Event()})
    async with translators(script) as it:
        fake = it.orchestrator
        await it.dispatch(fake.order(cut(rgb, *range(200, 6000, 200)), **_STRIP))
        await until(lambda: script.arrival("translate", 1).is_set())
        await until(lambda: len(script.of("read")) >= 5)
        ahead = sum(path.startswith("/job-1/in/") for _, path in fake.requests)
        script.gates["translate", 1].set()
        await until(lambda: bool(fake.results))
        await it.idle()
    fetched = [path for _, path in fake.requests if path.startswith("/job-1/in/")]
    assert ahead <= 8
    assert len(fetched) == len(set(fetched)) == 30
    assert fake.verified_pages() == list(range(1, 31))


async def test_a_drain_does_not_wait_for_a_page_that_will_not_come() -> None:
    script = Script(gates={("read", 1): threading.Event()})
    async with translators(script) as it:
        fake = it.orchestrator
        await it.dispatch(fake.order(cut(strip(1500, [(270, 350), (570, 650)]), 300, 600, 900, 1200), **_STRIP))
        await until(lambda: script.arrival("read", 1).is_set())
        fake.cancel = True
        await until(lambda: fake.reports[-1].seq >= 2)
        script.gates["read", 1].set()
        await until(lambda: bool(fake.results))
        await it.idle()
    assert all(page.status is PageStatus.FAILED for page in fake.result.pages)


_STRIP: dict[str, Any] = {"reading_direction": Direction.WEBTOON}
