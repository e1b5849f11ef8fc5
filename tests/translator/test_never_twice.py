"""What a model answered is paid for once: a killed translator, a takeover, a retry make no call for it again."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from contract.document import PageDocument
from contract.job import Options
from contract.series import SeriesUpdate
from contract.translation import TranslationWish
from tests.support.llm_server import ModelServer, openai_server
from tests.translator.containers import Running, running, until
from tests.translator.fake_orchestrator import FakeOrchestrator
from tests.translator.model_factory import ModelFactory
from tests.translator.tiny_stages import Script, image
from tests.translator.translation.jobs import endpoint, loaded
from translator.decisions import PageRecord
from translator.pipeline.types import Reading

PAGES = {page: image(grey=200 + page) for page in range(1, 5)}
GLOSSARY = {"schema": 1, "terms": [{"term": "頁", "translations": {"en": "page", "fr": "feuille"}}]}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with openai_server() as started:
        yield started


async def killed_before_upload(
    server: ModelServer,
    fake: FakeOrchestrator,
    page: int,
    *,
    texts: dict[str, Reading] | None = None,
    pages_per_call: int = 1,
) -> None:
    """A translator that is gone after the model has answered for ``page`` and before anything of it is uploaded."""
    script = Script(gates={("clean", page): threading.Event()}, texts=texts or {})
    options = Options(translation=TranslationWish(pages_per_call=pages_per_call))
    with loaded(endpoint(server, engine="openai", vision=False)) as service:
        with suppress(asyncio.CancelledError):
            async with running(fake, script, load=lambda: ModelFactory(script, service)) as it:
                await it.dispatch(fake.order(PAGES, options=options))
                before = [f"/job-1/out/a1/{done}.json" for done in PAGES if done < page]
                await until(lambda: set(before) <= set(fake.objects) and is_answered(fake, page))
                kill(fake)
                script.gates["clean", page].set()
        fake.handle = FakeOrchestrator.handle.__get__(fake)  # type: ignore[method-assign]
    assert f"/job-1/out/a1/{page}.webp" not in fake.objects
    assert not fake.results


def is_answered(fake: FakeOrchestrator, page: int) -> bool:
    """Whether a model's answers for the page are stored."""
    record = fake.objects.get(f"/job-1/decisions/{page}")
    return record is not None and bool(PageRecord.parse(record).answers)


def kill(fake: FakeOrchestrator) -> None:
    """Nothing that it sends from now on arrives anywhere."""

    def gone(*_: object) -> object:
        raise ConnectionRefusedError

    fake.handle = gone  # type: ignore[method-assign, assignment]


async def attempt(
    server: ModelServer, fake: FakeOrchestrator, *, texts: dict[str, Reading] | None = None, **changes: object
) -> Running:
    script = Script(texts=texts or {})
    with loaded(endpoint(server, engine="openai", vision=False)) as service:
        async with running(fake, script, load=lambda: ModelFactory(script, service)) as it:
            left = {page: data for page, data in PAGES.items() if f"/job-1/out/a1/{page}.json" not in fake.objects}
            await it.run(fake.order(left, attempt=2, **changes))
            return it


def calls_for(server: ModelServer, page: int) -> int:
    return sum(
        f"{page}頁r0" in json.dumps(call.body, ensure_ascii=False).split("Translate these")[-1] for call in server.calls
    )


async def test_a_translator_that_is_killed_after_the_answer_costs_no_second_call(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await killed_before_upload(server, fake, 3)
    paid = len(server.calls)
    assert calls_for(server, 3) == 1
    await attempt(server, fake)
    assert calls_for(server, 3) == 1, "page 3 was answered, and its context is gone"
    assert len(server.calls) <= paid + 1, "only page 4 may have been left"
    assert {page.status.value for page in fake.result.pages} == {"done"}
    document = PageDocument.parse(fake.objects["/job-1/out/a2/3.json"])
    assert {one.origin for one in document.regions if one.translation} == {"model"}


async def test_a_memory_that_grew_in_between_does_not_make_it_another_question(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await killed_before_upload(server, fake, 3)
    entries = [{"source": "3頁r0", "target": "from another chapter"}]
    fake.objects["/memory"] = json.dumps({"schema": 1, "source": "ja", "target": "en", "entries": entries}).encode()
    await attempt(server, fake, memory=fake.grant("GET", "/memory"), series_id="s")
    assert calls_for(server, 3) == 1
    document = PageDocument.parse(fake.objects["/job-1/out/a2/3.json"])
    assert "from another chapter" not in {one.translation for one in document.regions}


@pytest.mark.parametrize("pages_per_call", [1, 2, 4])
async def test_a_line_that_another_page_has_too_costs_no_second_call(server: ModelServer, pages_per_call: int) -> None:
    """Pages 1 and 2 are done: the line of all pages was asked for with page 1, which no other attempt will see."""
    fake, texts = FakeOrchestrator(), {"r0": Reading("r0", "待ってくれ!", 0.9)}
    await killed_before_upload(server, fake, 3, texts=texts, pages_per_call=pages_per_call)
    wish = Options(translation=TranslationWish(pages_per_call=pages_per_call))
    await attempt(server, fake, texts=texts, options=wish)
    assert asked(server).count("待ってくれ!") == 1
    # Page 4 may have been answered after the kill, when nothing could be stored any more.
    assert {text for text in asked(server) if asked(server).count(text) > 1} <= {"4頁r1"}
    assert {page.status.value for page in fake.result.pages} == {"done"}


def asked(server: ModelServer) -> list[str]:
    return [text for call in server.calls for text in call.texts.values()]


async def test_terms_that_were_accepted_in_between_do(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await killed_before_upload(server, fake, 3)
    fake.objects["/glossary"] = json.dumps(GLOSSARY).encode()
    it = await attempt(server, fake, glossary=fake.grant("GET", "/glossary"), series_id="s")
    assert calls_for(server, 3) == 2
    assert [term.translation for term in it.script.scopes[-1].glossary.terms] == ["page"]


@pytest.mark.parametrize("body", [b"garbage", b"{}", b'{"schema": 1, "asked": [], "answers": {"k": []}}'])
async def test_a_record_that_is_none_costs_a_call_and_no_page(server: ModelServer, body: bytes) -> None:
    fake = FakeOrchestrator()
    fake.objects.update({f"/job-1/decisions/{page}": body for page in PAGES})
    await attempt(server, fake)
    assert {page.status.value for page in fake.result.pages} == {"done"}
    assert len(server.calls) == len(PAGES)


@pytest.mark.parametrize("fault", [403, 500])
async def test_records_that_cannot_be_stored_cost_no_page(server: ModelServer, fault: int) -> None:
    fake = FakeOrchestrator()
    fake.fault("PUT", "/job-1/decisions/", fault, times=999)
    await attempt(server, fake)
    assert {page.status.value for page in fake.result.pages} == {"done"}


async def test_a_refused_grant_is_renewed(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    fake.fault("PUT", "/job-1/decisions/2", 403)
    await attempt(server, fake)
    assert PageRecord.parse(fake.objects["/job-1/decisions/2"]).answers


async def test_what_was_translated_is_left_for_the_series_before_the_result(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    await attempt(server, fake, series_id="s", learn=fake.grant("PUT", "/learned"))
    update = SeriesUpdate.parse(fake.objects["/learned"])
    assert {pair.source for pair in update.pairs} == {f"{page}頁r{n}" for page in PAGES for n in (0, 1)}
    assert fake.result.learned == len(update.pairs)
    paths = [path for _, path in fake.requests]
    assert paths.index("/learned") < paths.index("/job-1/results/2")


async def test_a_lesson_that_cannot_be_stored_is_not_said_to_be(server: ModelServer) -> None:
    fake = FakeOrchestrator()
    fake.fault("PUT", "/learned", 500, times=99)
    await attempt(server, fake, series_id="s", learn=fake.grant("PUT", "/learned"))
    assert fake.result.learned is None
    assert {page.status.value for page in fake.result.pages} == {"done"}


async def test_without_a_series_nothing_is_said_of_learning() -> None:
    async with running() as it:
        await it.run(it.orchestrator.order({1: image()}))
        assert it.orchestrator.result.learned is None


async def test_a_chapter_that_knows_everything_teaches_nothing() -> None:
    async with running() as it:
        fake = it.orchestrator
        entries = [{"source": f"1頁r{n}", "target": f"said {n}"} for n in (0, 1)]
        fake.objects["/memory"] = json.dumps({"schema": 1, "source": "ja", "target": "en", "entries": entries}).encode()
        order = fake.order({1: image()}, memory=fake.grant("GET", "/memory"), learn=fake.grant("PUT", "/learned"))
        await it.run(order)
        assert it.script.requests == []
        used = SeriesUpdate.parse(fake.objects["/learned"])
        assert (used.pairs, used.used) == ((), ("1頁r0", "1頁r1"))
