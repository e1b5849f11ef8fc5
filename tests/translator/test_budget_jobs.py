"""A chapter whose budget ends: what it reaches is done, the rest fails and says so, and nothing is paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contract.document import PageDocument
from contract.job import Options
from contract.report import PageError, Report
from contract.status import PageErrorCode
from contract.translation import BudgetWish, Context, TranslationWish
from contract.usage import NO_USAGE, Usage
from tests.support.llm_server import ModelServer, openai_server
from tests.support.llm_wire import english, without
from tests.translator.containers import running
from tests.translator.fake_orchestrator import FakeOrchestrator
from tests.translator.model_factory import ModelFactory
from tests.translator.tiny_stages import Script, image
from tests.translator.translation.jobs import endpoint, loaded
from translator.pipeline.types import Reading


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with openai_server() as started:
        yield started


@pytest.fixture
def fake() -> FakeOrchestrator:
    return FakeOrchestrator()


async def run(
    server: ModelServer,
    fake: FakeOrchestrator,
    budget: BudgetWish,
    *,
    pages: tuple[int, ...] = (1, 2, 3, 4),
    script: Script | None = None,
    order: dict[str, Any] | None = None,
    **wish: Any,
) -> Report:
    """An attempt at these pages, and its result."""
    script = script or Script()
    asked = Options(translation=TranslationWish(budget=budget, **wish))
    with loaded(endpoint(server, engine="openai", vision=False)) as service:
        async with running(fake, script, load=lambda: ModelFactory(script, service)) as it:
            before = len(fake.results)
            contents = {page: image(grey=200 + page) for page in pages}
            await it.dispatch(fake.order(contents, options=asked, **(order or {})))
            await it.idle()
            assert len(fake.results) == before + 1
    return fake.results[-1]


def ends(result: Report) -> dict[int, str]:
    return {page.page: page.error.code.value if page.error else page.status.value for page in result.pages}


def error(result: Report, page: int) -> PageError:
    found = next(one.error for one in result.pages if one.page == page)
    assert found is not None
    return found


async def test_what_the_budget_reaches_is_done_and_the_rest_fails_with_its_code(
    server: ModelServer, fake: FakeOrchestrator
) -> None:
    result = await run(server, fake, BudgetWish(calls=2))
    assert len(server.calls) == 2
    assert ends(result) == {1: "done", 2: "done", 3: "budget_spent", 4: "budget_spent"}
    detail = "translate: the job's budget is spent (2 calls): 2 of its texts are not translated"
    assert error(result, 3).detail.startswith(detail)
    assert not any("/out/" in name and name.endswith(("3.webp", "3.json", "4.webp")) for name in fake.objects)


async def test_a_page_that_the_budget_ended_in_fails_and_keeps_what_was_answered(
    server: ModelServer, fake: FakeOrchestrator
) -> None:
    server.rule = without("2")
    assert ends(await run(server, fake, BudgetWish(calls=1), pages=(1,))) == {1: "budget_spent"}
    server.rule = without()
    result = await run(server, fake, BudgetWish(calls=1), pages=(1,), order={"attempt": 2})
    assert ends(result) == {1: "done"}
    assert [list(call.texts.values()) for call in server.calls] == [["1頁r0", "1頁r1"], ["1頁r1"]]
    document = PageDocument.parse(fake.objects["/job-1/out/a2/1.json"])
    assert [one.translation for one in document.regions[:2]] == [english("1頁r0"), english("1頁r1")]


async def test_it_can_be_retried_and_the_next_attempt_of_the_job_leaves_it(
    server: ModelServer, fake: FakeOrchestrator
) -> None:
    failure = error(await run(server, fake, BudgetWish(calls=0), pages=(1,)), 1)
    assert failure.retryable
    assert not PageErrorCode.BUDGET_SPENT.is_tried_again


async def test_a_job_without_any_budget_has_no_page(server: ModelServer, fake: FakeOrchestrator) -> None:
    result = await run(server, fake, BudgetWish(calls=0))
    assert set(ends(result).values()) == {"budget_spent"}
    assert not server.calls


async def test_pages_that_need_no_model_are_done_without_any_budget(
    server: ModelServer, fake: FakeOrchestrator
) -> None:
    fake.objects["/memory"] = (
        '{"schema": 1, "source": "ja", "target": "en", "entries": [{"source": "2頁r0", "target": "one"}, '
        '{"source": "2頁r1", "target": "two"}]}'
    ).encode()
    order = {"memory": fake.grant("GET", "/memory"), "series_id": "s"}
    result = await run(server, fake, BudgetWish(calls=0), pages=(1, 2, 3), order=order)
    assert ends(result) == {1: "budget_spent", 2: "done", 3: "budget_spent"}


async def test_a_line_that_an_unpaid_page_was_to_ask_fails_the_pages_that_repeat_it(
    server: ModelServer, fake: FakeOrchestrator
) -> None:
    script = Script(texts={name: Reading(name, f"待って{name}", 0.95) for name in ("r0", "r1")})
    result = await run(server, fake, BudgetWish(calls=0), pages=(1, 2), script=script, pages_per_call=2)
    assert ends(result) == {1: "budget_spent", 2: "budget_spent"}


async def test_pages_of_one_call_end_each_for_itself(server: ModelServer, fake: FakeOrchestrator) -> None:
    server.rule = without("4")
    result = await run(server, fake, BudgetWish(calls=1), pages=(1, 2, 3), pages_per_call=3)
    assert ends(result) == {1: "done", 2: "budget_spent", 3: "done"}


async def test_a_text_that_the_model_refuses_is_no_matter_of_the_budget(
    server: ModelServer, fake: FakeOrchestrator
) -> None:
    server.rule = without("2")
    result = await run(server, fake, BudgetWish(calls=50), pages=(1,))
    assert ends(result) == {1: "done"}
    assert any("stay untranslated" in warning for warning in result.pages[0].warnings)


@pytest.mark.parametrize("mode", [Context.SOURCE, Context.NONE])
async def test_pages_side_by_side_never_pass_the_cap(
    server: ModelServer, fake: FakeOrchestrator, mode: Context
) -> None:
    result = await run(server, fake, BudgetWish(calls=2), context=mode)
    assert len(server.calls) == 2
    assert sorted(ends(result).values()) == ["budget_spent", "budget_spent", "done", "done"]


@pytest.mark.parametrize(
    "budget",
    [BudgetWish(calls=3), BudgetWish(tokens=30_000), BudgetWish(cost=0.000_001)],
    ids=["calls", "tokens", "cost"],
)
async def test_what_attempts_before_have_spent_is_gone(
    server: ModelServer, fake: FakeOrchestrator, budget: BudgetWish
) -> None:
    result = await run(server, fake, budget, pages=(1, 2), order={"used": Usage(3, 29_000, 1_000, 1, 0)})
    assert not server.calls
    assert result.usage == NO_USAGE
    assert set(ends(result).values()) == {"budget_spent"}


async def test_an_attempt_has_what_those_before_have_left_of_the_budget(
    server: ModelServer, fake: FakeOrchestrator
) -> None:
    order = {"used": Usage(2, 2000, 200, 0, 2)}
    result = await run(server, fake, BudgetWish(calls=3), pages=(1, 2, 3), order=order)
    assert len(server.calls) == result.usage.calls == 1
    assert list(ends(result).values()).count("done") == 1
