"""Whatever befalls a strip's attempts: of no text a part is lost or translated by half without a word of it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable

import pytest

from contract.document import DocumentRegion
from contract.status import PageStatus
from tests.translator.strip_history import Chapter, History, Trouble, chapter_by, flagged, trouble_by, wrongs
from translator.stop import StopReason

UPPER_OWNS, LOWER_OWNS = Chapter(600, ((250, 330),), (310,)), Chapter(600, ((270, 350),), (290,))
NAME = "s0001-1"
Begin = Callable[[Chapter], History]


@pytest.fixture
async def begin() -> AsyncIterator[Begin]:
    begun: list[History] = []

    def begin(chapter: Chapter) -> History:
        begun.append(History(chapter))
        return begun[-1]

    yield begin
    for history in begun:
        history.lanes.close()


def parts(history: History) -> dict[int, DocumentRegion]:
    """What the done pages have of the text over the first border, or of their only one."""
    return {page: history.document(page).regions[0] for page in sorted(history.done())}


def is_whole(history: History) -> bool:
    """Whether the text stands on one page, and its part on the other is gone."""
    found = sorted((region.id, region.source_text, region.origin) for region in parts(history).values())
    return found == [(NAME, "", "elsewhere"), (NAME, "80 rows", "model")]


@pytest.mark.parametrize("seed", range(24))
async def test_no_history_loses_a_part_of_a_text_or_translates_half_of_it_silently(seed: int, begin: Begin) -> None:
    chance = random.Random(seed)
    history = begin(chapter_by(chance))
    for _ in range(chance.randint(1, 2)):
        for _ in range(chance.randint(1, 4)):
            await history.attempt(trouble_by(chance, history.chapter.numbers))
            assert wrongs(history) == []
        history.retry()
    await history.attempt(Trouble())
    assert wrongs(history) == []


@pytest.mark.parametrize("chapter", [UPPER_OWNS, LOWER_OWNS])
async def test_a_process_that_dies_between_the_two_pages_leaves_no_half_behind(chapter: Chapter, begin: Begin) -> None:
    for ends_after in range(4, 16):
        history = begin(chapter)
        await history.attempt(Trouble(ends_after=ends_after))
        assert wrongs(history) == []
        await history.attempt(Trouble())
        assert is_whole(history)
        assert flagged(history) == []


@pytest.mark.parametrize("chapter", [UPPER_OWNS, LOWER_OWNS])
async def test_pages_that_share_a_text_are_done_in_one_report(chapter: Chapter, begin: Begin) -> None:
    history = begin(chapter)
    await history.attempt(Trouble())
    giving = next(page for page, region in parts(history).items() if region.origin == "elsewhere")
    for report in history.storage.reports:
        done = {page.page for page in report.pages if page.status is PageStatus.DONE}
        assert giving not in done or done == {1, 2}


@pytest.mark.parametrize("chapter", [UPPER_OWNS, LOWER_OWNS])
@pytest.mark.parametrize("lost", [1, 2])
async def test_a_page_done_beside_one_that_was_missing_is_done_again_with_it(
    chapter: Chapter, lost: int, begin: Begin
) -> None:
    history = begin(chapter)
    await history.attempt(Trouble(lost=frozenset({lost})))
    (page,) = history.done().values()
    assert page.unsettled == (lost,)
    assert [warning.startswith("seam: texts across the border below page 1") for warning in page.warnings] == [True]
    history.retry()
    await history.attempt(Trouble())
    assert is_whole(history)
    assert flagged(history) == []


@pytest.mark.parametrize(("chapter", "owner"), [(UPPER_OWNS, 1), (LOWER_OWNS, 2)])
@pytest.mark.parametrize("stage", ["translate", "typeset"])
async def test_a_page_that_has_kept_or_given_up_its_part_is_done_again_once_the_owner_is(
    chapter: Chapter, owner: int, stage: str, begin: Begin
) -> None:
    history = begin(chapter)
    await history.attempt(Trouble(broken=frozenset({(stage, owner)})))
    (page,) = history.done().values()
    assert page.unsettled == (owner,)
    assert len(page.warnings) == 1
    assert f"page {owner}, to which" in page.warnings[0]
    history.retry()
    await history.attempt(Trouble())
    assert is_whole(history)
    assert flagged(history) == []


async def test_a_page_that_fails_as_it_is_done_again_stays_as_it_was(begin: Begin) -> None:
    history = begin(LOWER_OWNS)
    await history.attempt(Trouble(lost=frozenset({2})))
    history.retry()
    await history.attempt(Trouble(unstored=frozenset({1})))
    assert sorted(history.done()) == [1, 2]
    assert parts(history)[1].id == "r0"
    assert any("not joined" in warning for warning in history.done()[1].warnings)


@pytest.mark.parametrize(("chapter", "owner"), [(UPPER_OWNS, 1), (LOWER_OWNS, 2)])
async def test_a_text_that_a_done_page_has_left_as_drawn_stays_so_on_the_other(
    chapter: Chapter, owner: int, begin: Begin
) -> None:
    """The model refused it; the page beside was never finished, and its own attempt would translate it."""
    history, other = begin(chapter), 3 - owner
    await history.attempt(Trouble(refused=frozenset({owner}), unstored=frozenset({other})))
    history.retry()
    await history.attempt(Trouble())
    assert {region.origin for region in parts(history).values()} == {"kept_source"}
    assert wrongs(history) == []


async def test_what_became_of_a_done_page_and_cannot_be_read_costs_the_seam_and_is_told(begin: Begin) -> None:
    history = begin(UPPER_OWNS)
    await history.attempt(Trouble(broken=frozenset({("detect", 2)})))
    history.retry()
    await history.attempt(Trouble(undocumented=frozenset({1})))
    assert any("what became of page 1 could not be read" in warning for warning in history.done()[2].warnings)
    assert wrongs(history) == []


async def test_canceled_between_the_two_pages_the_one_that_is_done_says_what_it_lacks(begin: Begin) -> None:
    told = []
    for ends_after in range(4, 24):
        history = begin(LOWER_OWNS)
        await history.attempt(Trouble(ends_after=ends_after, stop=StopReason.CANCEL))
        assert wrongs(history) == []
        told += flagged(history)
    assert all("its part here is gone" in warning or "stays as it was drawn" in warning for warning in told)


@pytest.mark.parametrize("rows", [20, 30, 40])
async def test_a_text_over_many_slices_is_one_text(rows: int, begin: Begin) -> None:
    """At this width a window shows 180 rows on either side."""
    text = (160, 300)
    history = begin(Chapter(480, (text,), tuple(range(rows, 480, rows))))
    await history.attempt(Trouble())
    assert len(history.done()) == 480 // rows
    assert wrongs(history) == []
    assert flagged(history) == []
    found = [region for page in history.done() for region in history.document(page).regions]
    assert len({region.id for region in found}) == 1
    assert [region.source_text for region in found if region.source_text] == ["140 rows"]
    assert len(found) == len(history.chapter.pieces(text))


async def test_a_slice_that_is_missing_ends_what_is_joined_and_is_named(begin: Begin) -> None:
    history = begin(Chapter(400, ((150, 250),), tuple(range(40, 400, 40))))
    await history.attempt(Trouble(lost=frozenset({6})))
    assert wrongs(history) == []
    assert any("page 6, which could not be read" in warning for warning in flagged(history))
    history.retry()
    await history.attempt(Trouble())
    assert wrongs(history) == []
    assert [r.source_text for page in history.done() for r in history.document(page).regions if r.source_text] == [
        "100 rows"
    ]
    assert flagged(history) == []
