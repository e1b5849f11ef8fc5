"""The account of a job, and its cap."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import Fail, Say, always, answer, items, without
from tests.translator.translation.jobs import KEY, LINES, endpoint, job, loaded, page
from translator.pipeline.watch import Stopped
from translator.translation.ledger import Budget, BudgetSpent, Ledger, Total
from translator.translation.model import Usage
from translator.translation.prices import Price, Prices

PRICES = Prices((Price("m", 1.0, 10.0, date(2026, 1, 1)),))


def entered(
    ledger: Ledger, *, pages: tuple[int, ...] = (1,), model: str = "m", key: str = "key 1", usage: Usage
) -> None:
    reservation = ledger.reserve(model, usage)
    ledger.enter(reservation, pages=pages, model=model, key=key, usage=usage, outcome="answered", seconds=1.0)


def test_calls_add_up_by_model_page_and_key() -> None:
    ledger = Ledger(PRICES)
    entered(ledger, pages=(1,), usage=Usage(1_000_000, 100_000))
    entered(ledger, pages=(2, 3), key="key 2", usage=Usage(200, 40))
    entered(ledger, pages=(2,), model="unpriced", usage=Usage(10, 1))
    assert (ledger.total.calls, ledger.total.usage, ledger.total.unpriced) == (3, Usage(1_000_210, 100_041), 1)
    assert ledger.by_model()["m"].cost == pytest.approx(2.0006)
    assert {page: total.usage.total for page, total in ledger.by_page().items()} == {1: 1_100_000, 2: 131, 3: 120}
    assert {label: total.calls for label, total in ledger.by_key().items()} == {"key 1": 2, "key 2": 1}
    assert ledger.to_json()["total"]["calls"] == 3


@pytest.mark.parametrize(
    ("budget", "allowed"), [(Budget(calls=2), 2), (Budget(tokens=250), 2), (Budget(cost=0.0006), 2), (Budget(), 5)]
)
def test_a_cap_holds(budget: Budget, allowed: int) -> None:
    ledger, made = Ledger(PRICES, budget), 0
    for _ in range(5):
        try:
            entered(ledger, usage=Usage(80, 20))
        except BudgetSpent:
            continue
        made += 1
    assert made == min(allowed, 5)


@pytest.mark.parametrize("budget", [Budget(calls=5), Budget(tokens=1_050), Budget(cost=1.0005)])
def test_what_was_spent_before_counts_against_the_cap_and_in_no_sum(budget: Budget) -> None:
    ledger = Ledger(PRICES, budget, Total(4, Usage(900, 50), 1.0))
    entered(ledger, usage=Usage(80, 20))
    with pytest.raises(BudgetSpent):
        ledger.reserve("m", Usage(80, 200))
    assert (ledger.total.calls, ledger.total.usage) == (1, Usage(80, 20))


def test_calls_under_way_count_against_the_cap() -> None:
    ledger = Ledger(PRICES, Budget(calls=1))
    reservation = ledger.reserve("m", Usage(1, 1))
    with pytest.raises(BudgetSpent, match="1 calls"):
        ledger.reserve("m", Usage(1, 1))
    ledger.drop(reservation)
    ledger.reserve("m", Usage(1, 1))


def test_a_call_waits_for_what_those_under_way_come_to() -> None:
    """Estimated at 100 tokens each, two calls have no room beside each other under 150: but each takes only 20."""
    ledger = Ledger(PRICES, Budget(tokens=150))
    first, asked = ledger.reserve("m", Usage(100, 0)), threading.Event()

    def later() -> None:
        asked.wait(10)
        ledger.enter(first, pages=[1], model="m", key="k", usage=Usage(20, 0), outcome="answered", seconds=1)

    with ThreadPoolExecutor(1) as threads:
        threads.submit(later)
        second = ledger.reserve("m", Usage(100, 0), patiently=asked.set)
    ledger.drop(second)
    assert ledger.total.usage == Usage(20, 0)


def test_a_call_that_waits_is_called_off_or_refused_when_nothing_is_left_to_wait_for() -> None:
    ledger = Ledger(PRICES, Budget(tokens=150))
    first = ledger.reserve("m", Usage(100, 0))

    def stop() -> None:
        raise Stopped("called off")

    with pytest.raises(Stopped):
        ledger.reserve("m", Usage(100, 0), patiently=stop)

    def spend() -> None:
        ledger.enter(first, pages=[1], model="m", key="k", usage=Usage(90, 0), outcome="answered", seconds=1)

    with pytest.raises(BudgetSpent):
        ledger.reserve("m", Usage(100, 0), patiently=spend)
    with pytest.raises(BudgetSpent):
        ledger.reserve("m", Usage(151, 0), patiently=stop)


def test_of_calls_none_is_waited_for() -> None:
    ledger = Ledger(PRICES, Budget(calls=1))
    ledger.reserve("m", Usage(1, 1))
    with pytest.raises(BudgetSpent):
        ledger.reserve("m", Usage(1, 1), patiently=lambda: pytest.fail("it waited"))


def test_a_cap_on_cost_refuses_a_model_without_a_price() -> None:
    with pytest.raises(BudgetSpent, match="no price"):
        Ledger(PRICES, Budget(cost=1.0)).reserve("other", Usage(1, 1))


def test_threads_cannot_pass_the_cap_together() -> None:
    ledger, made = Ledger(PRICES, Budget(calls=10)), []

    def work() -> None:
        for _ in range(10):
            try:
                entered(ledger, usage=Usage(1, 1))
            except BudgetSpent:
                return
            made.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == ledger.total.calls == 10


def test_every_call_is_entered_with_what_the_endpoint_counted(gemini: ModelServer) -> None:
    gemini.script = [
        always(Fail(500)),
        without("2"),
        lambda call: Say(answer(items(call)), input_tokens=70, output_tokens=30),
    ]
    with loaded(endpoint(gemini)) as translation:
        made = job(translation)
        made.translator.translate(page(*LINES, number=12))
    assert [record.outcome for record in made.ledger.records] == ["Unavailable", "answered", "answered"]
    assert made.ledger.total.usage == Usage(1070, 130)
    assert set(made.ledger.by_page()) == {12}
    assert KEY not in json.dumps(made.ledger.to_json())


def test_one_job_does_not_see_what_another_spent(gemini: ModelServer) -> None:
    with loaded(endpoint(gemini)) as translation:
        first, second = job(translation), job(translation)
        first.translator.translate(page(*LINES))
        assert (first.ledger.total.calls, second.ledger.total.calls) == (1, 0)
