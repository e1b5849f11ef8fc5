"""Pages that attempts before have done: the model is told of them, their lines are not paid for again, and one that
cannot be read costs no page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from contract.document import PageDocument
from contract.grant import DoneDocument, PageInput
from contract.job import Direction, Options
from contract.status import PageStatus
from contract.translation import Context, TranslationWish
from tests.support.llm_server import ModelServer, openai_server
from tests.support.llm_wire import WireCall, english
from tests.translator.containers import Running, running, until
from tests.translator.fake_orchestrator import FakeOrchestrator
from tests.translator.model_factory import ModelFactory
from tests.translator.test_never_twice import asked, kill
from tests.translator.tiny_stages import Script, TinyFactory, image
from tests.translator.translation.jobs import endpoint, loaded
from translator.engines.keyless import KeylessTranslator
from translator.pipeline.pipeline import Stages
from translator.pipeline.protocols import StageError
from translator.pipeline.types import Reading

PAGES = {page: image(grey=200 + page) for page in range(1, 6)}
LINE = {"r0": Reading("r0", "2頁r0", 0.9)}
"""What page 2 says as well."""


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with openai_server() as started:
        yield started


async def dies_after(server: ModelServer, fake: FakeOrchestrator, page: int, **wishes: Any) -> None:
    """An attempt that has stored the pages up to ``page``, and has not read another one, when it is gone; nobody has
    heard of its result."""
    script = Script(faults={("detect", left): StageError("detect", "x", "gone") for left in PAGES if left > page})
    with loaded(endpoint(server, engine="openai", vision=False)) as service, suppress(asyncio.CancelledError):
        async with running(fake, script, load=lambda: ModelFactory(script, service)) as it:
            await it.dispatch(fake.order(PAGES, options=options(**wishes)))
            await until(lambda: {place(done) for done in range(1, page + 1)} <= set(fake.objects))
            kill(fake)
    fake.handle = FakeOrchestrator.handle.__get__(fake)  # type: ignore[method-assign]
    fake.reports.clear()


class _Keyless(TinyFactory):
    def _stages(self) -> Stages:
        return replace(super()._stages(), translator=KeylessTranslator(None))


def place(page: int) -> str:
    return f"/job-1/out/a1/{page}.json"


def options(**wishes: Any) -> Options:
    return Options(translation=TranslationWish(**wishes))


def done(fake: FakeOrchestrator, *pages: int) -> tuple[DoneDocument, ...]:
    return tuple(DoneDocument(page, fake.grant("GET", place(page))) for page in pages)


async def goes_on(
    server: ModelServer,
    fake: FakeOrchestrator,
    pages: Sequence[int],
    *,
    told: Sequence[int],
    texts: dict[str, Reading] | None = None,
    load: Any = None,
    **changes: Any,
) -> Running:
    """The next attempt, or the first of a retry, which is told of these pages; the calls before are forgotten."""
    server.calls.clear()
    script = Script(texts=texts or {})
    order = {"attempt": 2, "done": done(fake, *told), **changes}
    with loaded(endpoint(server, engine="openai", vision=False)) as service:
        async with running(fake, script, load=load or (lambda: ModelFactory(script, service))) as it:
            await it.run(fake.order({page: PAGES[page] for page in pages}, **order))
            return it


def pair(source: str) -> str:
    return f"{source} → {english(source)}"


def told_in(call: WireCall) -> list[str]:
    """The lines of the pages before, as the call shows them."""
    lines = call.prompt.splitlines()
    return [line for line in lines if not line.startswith("{") and ("頁r" in line or "Well, " in line)]


def document(fake: FakeOrchestrator, page: int, *, name: str = "job-1", attempt: int = 2) -> PageDocument:
    return PageDocument.parse(fake.objects[f"/{name}/out/a{attempt}/{page}.json"])


def ends(fake: FakeOrchestrator) -> set[PageStatus]:
    return {page.status for page in fake.result.pages}


async def test_after_a_takeover_the_model_is_shown_the_pages_that_were_done_in_page_order(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 3)
    await goes_on(server, fake, [4, 5], told=[3, 1, 2])
    fourth, fifth = server.calls
    assert told_in(fourth) == [pair(f"{page}頁r{n}") for page in (1, 2, 3) for n in (0, 1)]
    assert told_in(fifth) == [pair(f"{page}頁r{n}") for page in (2, 3, 4) for n in (0, 1)]


async def test_a_line_of_a_page_that_is_done_is_not_asked_again(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 3)
    await goes_on(server, fake, [4, 5], told=[1, 2, 3], texts=LINE)
    assert asked(server) == ["4頁r1", "5頁r1"]
    for page in (4, 5):
        region = document(fake, page).regions[0]
        assert (region.translation, region.origin, region.note) == (english("2頁r0"), "memory", "as on page 2")


async def test_a_line_that_was_itself_a_repetition_is_not_asked_again(server: ModelServer) -> None:
    """Page 4's document says only that its line is as on page 2, whose own cannot be read."""
    fake = FakeOrchestrator()
    await dies_after(server, fake, 3)
    await goes_on(server, fake, [4], told=[1, 2, 3], texts=LINE)
    fake.objects[place(4)] = fake.objects["/job-1/out/a2/4.json"]
    fake.reports.clear()
    await goes_on(server, fake, [5], told=[4], texts=LINE, attempt=3)
    assert asked(server) == ["5頁r1"]


async def test_a_retry_is_told_of_the_pages_it_took_over(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 3)
    await goes_on(server, fake, [4, 5], told=[1, 2, 3], texts=LINE, job_id="job-2", attempt=1)
    assert asked(server) == ["4頁r1", "5頁r1"]
    assert told_in(server.calls[0]) == [pair(f"{page}頁r{n}") for page in (1, 2, 3) for n in (0, 1)]
    assert document(fake, 5, name="job-2", attempt=1).regions[0].note == "as on page 2"


async def test_a_page_in_the_middle_is_shown_the_pages_before_it_and_none_after(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 5)
    await goes_on(server, fake, [3], told=[1, 2, 4, 5], job_id="job-2", attempt=1)
    (call,) = server.calls
    assert told_in(call) == [pair(f"{page}頁r{n}") for page in (1, 2) for n in (0, 1)]


async def test_pages_that_a_done_one_parts_are_not_asked_in_one_call(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 5)
    wish = options(pages_per_call=4)
    await goes_on(server, fake, [2, 4, 5], told=[1, 3], job_id="job-2", attempt=1, options=wish)
    assert [len(call.texts) for call in server.calls] == [2, 4]
    assert told_in(server.calls[1]) == [pair(f"{page}頁r{n}") for page in (1, 2, 3) for n in (0, 1)]


async def test_a_page_under_suspicion_comes_last_and_is_shown_the_pages_before_it(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 1)
    await goes_on(server, fake, [2, 3, 4, 5], told=[1], alone=(2,), job_id="job-2", attempt=1)
    assert told_in(server.calls[-1]) == [pair("1頁r0"), pair("1頁r1")]


@pytest.mark.parametrize("context", [Context.SOURCE, Context.TARGET])
async def test_of_done_pages_the_model_is_told_what_the_job_wants_it_told(
    server: ModelServer, context: Context
) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 2, context=context)
    await goes_on(server, fake, [3], told=[1, 2], options=options(context=context), texts=LINE)
    (call,) = server.calls
    sources = [f"{page}頁r{n}" for page in (1, 2) for n in (0, 1)]
    assert told_in(call) == (sources if context is Context.SOURCE else [english(source) for source in sources])
    assert asked(server) == ["3頁r1"]


async def test_without_context_lines_are_not_asked_again_all_the_same(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 3)
    await goes_on(server, fake, [4], told=[1, 2, 3], texts=LINE, options=options(context_pages=0))
    assert asked(server) == ["4頁r1"]
    assert told_in(server.calls[0]) == []


async def test_a_page_that_was_asked_before_is_asked_with_the_context_it_had(server: ModelServer) -> None:
    """Attempt 2 asked page 4 without knowing of page 3: in attempt 3 that costs nothing, and page 5 knows of both."""
    fake = FakeOrchestrator()
    await dies_after(server, fake, 3)
    await goes_on(server, fake, [4], told=[1, 2])
    fake.reports.clear()
    await goes_on(server, fake, [4, 5], told=[1, 2, 3], attempt=3)
    assert asked(server) == ["5頁r0", "5頁r1"]
    assert told_in(server.calls[0]) == [pair(f"{page}頁r{n}") for page in (2, 3, 4) for n in (0, 1)]


@pytest.mark.parametrize("what", ["gone", "refused", "garbage", "failing"])
async def test_a_document_that_cannot_be_read_costs_its_context_and_is_named(server: ModelServer, what: str) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 3)
    if what == "gone":
        del fake.objects[place(2)]
    elif what == "garbage":
        fake.objects[place(2)] = b'{"schema": 1, "page": 2'
    else:
        fake.fault("GET", place(2), 403 if what == "refused" else 500, times=99)
    await goes_on(server, fake, [4, 5], told=[1, 2, 3], texts=LINE)
    assert ends(fake) == {PageStatus.DONE}
    assert asked(server) == ["2頁r0", "4頁r1", "5頁r1"]
    assert told_in(server.calls[0]) == [pair(f"{page}頁r{n}") for page in (1, 3) for n in (0, 1)]
    named = [one for one in document(fake, 4).warnings if one.startswith("translate: page 2 is no context")]
    assert len(named) == 1
    assert "secret" not in named[0]


async def test_beside_a_page_of_a_strip_one_document_tells_of_its_lines_and_of_its_borders(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 3)
    before = len(fake.requests)
    beside = tuple(
        PageInput(page, fake.grant("GET", f"/job-1/in/{page}"), fake.grant("GET", place(page))) for page in (2, 3)
    )
    strip = Direction.WEBTOON
    await goes_on(server, fake, [4], told=[1], neighbours=beside, reading_direction=strip, texts=LINE)
    assert asked(server) == ["4頁r1"]
    assert told_in(server.calls[0]) == [pair(f"{page}頁r{n}") for page in (1, 2, 3) for n in (0, 1)]
    read = [path for method, path in fake.requests[before:] if method == "GET" and "/out/" in path]
    assert sorted(read) == [place(page) for page in (1, 2, 3)]


async def test_a_translator_that_asks_no_model_reads_no_document(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await dies_after(server, fake, 3)
    before = len(fake.requests)
    await goes_on(server, fake, [4, 5], told=[1, 2, 3], load=_Keyless)
    assert ends(fake) == {PageStatus.DONE}
    assert [path for method, path in fake.requests[before:] if method == "GET" and "/out/" in path] == []
