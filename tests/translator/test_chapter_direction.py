"""A chapter whose direction the job leaves open is read in one, whichever page says what, in every attempt."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from contract.document import PageDocument
from contract.job import Direction
from contract.status import PageStatus
from tests.translator.containers import running, until
from tests.translator.fake_orchestrator import FakeOrchestrator
from tests.translator.tiny_stages import Script, StageError, TinyFactory, image
from translator.engines.geometric_orderer import GeometricOrderer
from translator.pipeline.pipeline import Stages
from translator.pipeline.types import Box, Detection, Kind, Page, Region

COLUMNS, ROWS, BLANK = 10, 100, 200
"""The grey of a page says how its two texts are lettered, or that it has none."""


class _Detector:
    name = "by grey"

    def __init__(self, script: Script) -> None:
        self._script = script

    def detect(self, page: Page) -> Detection:
        self._script.act("detect", page.number)
        grey, boxes = page.rgb[0, 0, 0], (Box(2, 2, 20, 40), Box(30, 2, 48, 40))
        found = () if grey == BLANK else boxes
        regions = [
            Region(f"r{n}", box, box.polygon, Kind.DIALOGUE, bool(grey == COLUMNS), 0.9) for n, box in enumerate(found)
        ]
        return Detection(tuple(regions), np.zeros(page.rgb.shape[:2], np.uint8), (page.box,))


class _Factory(TinyFactory):
    def _stages(self) -> Stages:
        tiny = super()._stages()
        return Stages(
            _Detector(self.script),
            tiny.reader,
            GeometricOrderer("ja"),
            tiny.translator,
            tiny.cleaner,
            tiny.typesetter,
        )


async def read_in(
    *greys: int, script: Script | None = None, size: tuple[int, int] = (60, 80), **order: Any
) -> tuple[FakeOrchestrator, dict[int, str]]:
    """The direction that each finished page's document states."""
    script = script or Script()
    async with running(script=script, load=lambda: _Factory(script)) as it:
        fake = it.orchestrator
        pages: dict[int, bytes | None] = {n: image(*size, grey=grey) for n, grey in enumerate(greys, start=1)}
        await it.run(fake.order(pages, **order))
    attempt = order.get("attempt", 1)
    return fake, {
        page.page: PageDocument.parse(fake.objects[f"/job-1/out/a{attempt}/{page.page}.json"]).reading_direction
        for page in fake.result.pages
        if page.status is PageStatus.DONE
    }


async def test_a_page_goes_the_chapters_way_and_not_its_own() -> None:
    fake, found = await read_in(ROWS, BLANK, COLUMNS, COLUMNS, ROWS, ROWS, ROWS, ROWS)
    assert found == dict.fromkeys(range(1, 9), "rtl")
    first = PageDocument.parse(fake.objects["/job-1/out/a1/1.json"])
    assert [region.id for region in first.regions] == ["r1", "r0"], "the right one first"


async def test_the_reports_tell_what_later_attempts_follow() -> None:
    fake, _ = await read_in(ROWS, ROWS, ROWS, COLUMNS)
    assert {page.direction for page in fake.result.pages} == {Direction.LTR}


async def test_the_order_in_which_pages_are_read_decides_nothing() -> None:
    script = Script(gates={("detect", 1): threading.Event()})
    async with running(script=script, load=lambda: _Factory(script)) as it:
        fake = it.orchestrator
        pages: dict[int, bytes | None] = {n: image(grey=g) for n, g in enumerate([ROWS, ROWS, ROWS, *[COLUMNS] * 5], 1)}
        await it.dispatch(fake.order(pages))
        await until(lambda: script.arrival("detect", 1).is_set())
        script.gates["detect", 1].set()
        await until(lambda: bool(fake.results))
        await it.idle()
    assert {page.direction for page in fake.result.pages} == {Direction.LTR}


async def test_a_takeover_follows_what_was_settled_whatever_its_own_pages_say() -> None:
    fake, found = await read_in(COLUMNS, COLUMNS, COLUMNS, attempt=2, settled_direction=Direction.LTR)
    assert found == dict.fromkeys((1, 2, 3), "ltr")
    assert {page.direction for page in fake.result.pages} == {Direction.LTR}


async def test_a_page_that_fails_is_not_waited_for() -> None:
    script = Script(faults={("detect", 1): StageError("detect", "stage_failed", "it cannot")})
    _, found = await read_in(COLUMNS, ROWS, script=script)
    assert found == {2: "ltr"}


async def test_pages_under_suspicion_are_not_waited_for() -> None:
    _, found = await read_in(ROWS, COLUMNS, COLUMNS, COLUMNS, alone=(2, 3))
    assert found == dict.fromkeys((1, 2, 3, 4), "ltr")


async def test_pieces_of_a_strip_are_read_downwards() -> None:
    _, found = await read_in(COLUMNS, COLUMNS, size=(60, 300))
    assert found == {1: "webtoon", 2: "webtoon"}


@pytest.mark.parametrize("asked", [Direction.RTL, Direction.LTR, Direction.WEBTOON])
async def test_what_a_job_asks_for_is_stated_and_not_settled(asked: Direction) -> None:
    fake, found = await read_in(COLUMNS, ROWS, reading_direction=asked, settled_direction=Direction.RTL)
    assert set(found.values()) == {asked.value}
    assert {page.direction for page in fake.result.pages} == {None}


async def test_an_orderer_that_knows_no_chapter_leaves_the_direction_unsaid() -> None:
    async with running() as it:
        await it.run(it.orchestrator.order({1: image()}))
        assert PageDocument.parse(it.orchestrator.objects["/job-1/out/a1/1.json"]).reading_direction == ""
