"""A chapter whose texts a model translates: what it is asked, in which order, how often, and what it cost."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from contract.attempt import AttemptOrder
from contract.document import PageDocument
from contract.job import Options
from contract.status import PageStatus
from contract.translation import Context, TranslationWish
from tests.support.llm_server import ModelServer, openai_server
from tests.support.llm_wire import Fail, Outcome, WireCall, english, good
from tests.translator.containers import Running, running
from tests.translator.model_factory import ModelFactory
from tests.translator.tiny_stages import Script, image
from tests.translator.translation.jobs import endpoint, loaded
from translator.pipeline.protocols import StageError
from translator.pipeline.types import Reading

A_PAGE = 2
"""Texts a page that are translated; the third is a sound effect."""


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with openai_server() as started:
        yield started


async def run(
    server: ModelServer, wish: TranslationWish, *, pages: int = 3, script: Script | None = None, **changes: Any
) -> Running:
    script = script or Script()
    with loaded(endpoint(server, engine="openai", vision=False)) as service:
        async with running(script=script, load=lambda: ModelFactory(script, service)) as it:
            contents = {page: image(grey=200 + page) for page in range(1, pages + 1)}
            order: AttemptOrder = it.orchestrator.order(contents, options=Options(translation=wish), **changes)
            await it.run(order)
            return it


def documents(it: Running) -> dict[int, PageDocument]:
    found = [PageDocument.parse(data) for name, data in it.orchestrator.objects.items() if name.endswith(".json")
             and "/out/" in name]  # fmt: skip
    return {document.page: document for document in found}


def asked(server: ModelServer) -> list[list[str]]:
    """The texts of each call."""
    return [list(call.texts.values()) for call in server.calls]


async def test_each_page_is_one_call_and_says_where_its_texts_come_from(server: ModelServer) -> None:
    it = await run(server, TranslationWish())
    assert asked(server) == [[f"{page}頁r0", f"{page}頁r1"] for page in (1, 2, 3)]
    for document in documents(it).values():
        assert [region.origin for region in document.regions] == ["model", "model", "kept_source"]


async def test_what_it_cost_is_in_the_report(server: ModelServer) -> None:
    it = await run(server, TranslationWish())
    usage = it.orchestrator.result.usage
    assert (usage.calls, usage.input_tokens, usage.output_tokens) == (3, 3000, 300)
    assert usage.unpriced_calls == 3


async def test_each_pages_share_is_in_its_document(server: ModelServer) -> None:
    it = await run(server, TranslationWish(pages_per_call=2), pages=3)
    shares = {page: (found.usage.calls, found.usage.input_tokens) for page, found in documents(it).items()}
    assert shares == {1: (1, 500), 2: (1, 500), 3: (1, 1000)}


async def test_several_pages_go_into_one_call_and_come_apart_again(server: ModelServer) -> None:
    it = await run(server, TranslationWish(pages_per_call=3), pages=7)
    assert [len(texts) for texts in asked(server)] == [3 * A_PAGE, 3 * A_PAGE, A_PAGE]
    assert [page.status for page in it.orchestrator.result.pages] == [PageStatus.DONE] * 7
    texts = [region.translation for document in documents(it).values() for region in document.regions[:A_PAGE]]
    assert len(set(texts)) == 7 * A_PAGE


async def test_a_page_that_fails_on_its_way_is_not_waited_for(server: ModelServer) -> None:
    broken = StageError("read", "stage_failed", "it broke")
    script = Script(faults={("read", 2): broken, ("detect", 6): broken})
    it = await run(server, TranslationWish(pages_per_call=3), pages=6, script=script)
    assert [len(texts) for texts in asked(server)] == [2 * A_PAGE, 2 * A_PAGE]
    done = [page.page for page in it.orchestrator.result.pages if page.status is PageStatus.DONE]
    assert done == [1, 3, 4, 5]


async def test_a_page_that_is_tried_alone_is_asked_alone(server: ModelServer) -> None:
    await run(server, TranslationWish(pages_per_call=8), pages=4, alone=(2,))
    assert [len(texts) for texts in asked(server)] == [3 * A_PAGE, A_PAGE]


async def test_a_call_that_fails_costs_its_pages_and_no_others(server: ModelServer) -> None:
    server.rule = lambda call: Fail(503) if "1頁r0" in call.texts.values() else good(call)
    it = await run(server, TranslationWish(pages_per_call=2), pages=4)
    done = {page.page: page.status.value for page in it.orchestrator.result.pages}
    assert done == {1: "failed", 2: "failed", 3: "done", 4: "done"}


async def test_a_page_is_shown_the_pages_before_it(server: ModelServer) -> None:
    await run(server, TranslationWish(context_pages=2), pages=4)
    told = [[page for page in (1, 2, 3) if f"{page}頁r0" in _before(call)] for call in server.calls]
    assert told == [[], [1], [1, 2], [2, 3]]


@pytest.mark.parametrize("wish", [TranslationWish(context_pages=0), TranslationWish(context=Context.NONE)])
async def test_without_context_no_page_is_shown_another(server: ModelServer, wish: TranslationWish) -> None:
    await run(server, wish, pages=4)
    assert all("頁r0" not in _before(call) for call in server.calls)


async def test_with_the_sources_as_context_pages_are_asked_side_by_side(server: ModelServer) -> None:
    """Each call waits until another one has come: one after the other, they would never be answered."""
    meeting = _Meeting(2)
    server.rule = meeting.rule
    it = await run(server, TranslationWish(context=Context.SOURCE, context_pages=3), pages=4)
    assert meeting.met
    assert [page.status for page in it.orchestrator.result.pages] == [PageStatus.DONE] * 4
    told = {call.texts["1"]: [page for page in (1, 2, 3) if f"{page}頁r0" in _before(call)] for call in server.calls}
    assert told == {"1頁r0": [], "2頁r0": [1], "3頁r0": [1, 2], "4頁r0": [1, 2, 3]}


async def test_the_same_line_is_paid_for_once_in_a_chapter(server: ModelServer) -> None:
    script = Script(texts={"r0": Reading("r0", "待ってくれ!", 0.95)})
    it = await run(server, TranslationWish(), pages=3, script=script)
    assert [texts.count("待ってくれ!") for texts in asked(server)] == [1, 0, 0]
    assert len({document.regions[0].translation for document in documents(it).values()}) == 1


async def test_the_same_line_is_paid_for_once_where_pages_go_side_by_side(server: ModelServer) -> None:
    """All pages have the line and are asked at once: whoever comes first asks it, the others wait for that answer."""
    meeting = _Meeting(2)
    server.rule = meeting.rule
    script = Script(texts={"r0": Reading("r0", "待ってくれ!", 0.95)})
    it = await run(server, TranslationWish(context=Context.SOURCE), pages=4, script=script)
    assert meeting.met
    assert sum(texts.count("待ってくれ!") for texts in asked(server)) == 1
    assert len({document.regions[0].translation for document in documents(it).values()}) == 1
    assert {document.regions[0].translation for document in documents(it).values()} == {english("待ってくれ!")}


async def test_a_line_whose_asking_fails_is_asked_by_the_next_page(server: ModelServer) -> None:
    meeting = _Meeting(2)
    failed: list[WireCall] = []

    def rule(call: WireCall) -> Outcome:
        if len(server.calls) <= 2:
            meeting.rule(call)
        if "待ってくれ!" in call.texts.values() and len(failed) < 3:
            failed.append(call)
            return Fail(503)
        return good(call)

    server.rule = rule
    script = Script(texts={"r0": Reading("r0", "待ってくれ!", 0.95)})
    it = await run(server, TranslationWish(context=Context.SOURCE), pages=2, script=script)
    ends = sorted(page.status.value for page in it.orchestrator.result.pages)
    assert ends == ["done", "failed"]
    (document,) = documents(it).values()
    assert document.regions[0].translation == english("待ってくれ!")


def _before(call: WireCall) -> str:
    """What a call says besides the texts that it asks for."""
    lines = call.prompt.splitlines()
    return "\n".join(line for line in lines if not line.startswith('{"id"'))


class _Meeting:
    """Calls that are answered only once so many of them are there."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count, timeout=10)
        self.met = False

    def rule(self, call: WireCall) -> Outcome:
        with contextlib.suppress(threading.BrokenBarrierError):
            self._barrier.wait()
            self.met = True
        return good(call)


def test_the_wishes_of_a_job_travel_in_its_order() -> None:
    options = Options(translation=TranslationWish(context_pages=5, context=Context.TARGET, styles=("literal",)))
    assert Options.from_json(json.loads(json.dumps(options.to_json())), "options") == options
