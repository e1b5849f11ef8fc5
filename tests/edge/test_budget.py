"""A job's budget is one for all of its attempts: each order says what those before have asked of models."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from contract.attempt import AttemptOrder
from contract.event import ChapterFinished
from contract.report import ReportType
from contract.status import JobStatus, PageErrorCode
from contract.translation import BudgetWish
from contract.usage import NO_USAGE, Usage
from edge.config import Dispatch
from edge.merge import absorb, by_attempt
from edge.record import Claim
from tests.edge.test_claim import claim
from tests.edge.world import CONSUMER, Attempt, World

FIRST, SECOND = Usage(4, 4000, 400, 1200, 0), Usage(2, 2000, 200, 600, 2)


def report_usage(attempt: Attempt, usage: Usage) -> None:
    assert attempt.send(replace(attempt.report(), usage=usage)).status == 200


def next_attempt(world: World) -> Attempt:
    """The attempt before falls silent, and another takes over."""
    world.sweep(61)
    order = world.orders[-1]
    return Attempt(world, order, worker_id=f"worker-{order.attempt}")


def test_a_first_attempt_has_everything_before_it(world: World) -> None:
    assert world.attempt().order.used == NO_USAGE
    assert "used" not in world.attempt().order.to_json()


def test_an_attempt_is_told_what_those_before_have_spent(world: World) -> None:
    first = world.attempt()
    report_usage(first, FIRST)
    second = next_attempt(world)
    assert second.order.used == FIRST
    report_usage(second, SECOND)
    assert next_attempt(world).order.used == FIRST + SECOND


def test_a_later_report_that_is_behind_takes_nothing_back(world: World) -> None:
    attempt = world.attempt()
    behind, ahead = attempt.report(), attempt.report()
    assert attempt.send(replace(ahead, usage=FIRST)).status == 200
    assert attempt.send(replace(behind, usage=SECOND)).status == 200
    assert next_attempt(world).order.used == FIRST


def test_an_attempt_that_gives_pages_back_hands_on_what_it_spent(world: World) -> None:
    attempt = world.attempt()
    attempt.deliver(1)
    attempt.heartbeat()
    result = replace(attempt.report(ReportType.RESULT), usage=FIRST)
    assert world.use(attempt.order.result, result.to_bytes()).status == 200
    assert attempt.send(result).status == 200
    assert (world.orders[-1].attempt, world.orders[-1].used) == (2, FIRST)


def test_a_repeated_order_says_the_same(world: World) -> None:
    attempt = world.attempt()
    report_usage(attempt, FIRST)
    next_attempt(world)
    world.sweep(61)
    again = world.orders[-1]
    assert (again.attempt, again.used) == (2, FIRST)


def test_a_worker_that_asks_for_work_is_told_too() -> None:
    with closing(World(dispatch=Dispatch.PULL)) as world:
        world.start()
        first = Attempt(world, AttemptOrder.parse(claim(world).body))
        report_usage(first, FIRST)
        world.sweep(61)
        second = AttemptOrder.parse(claim(world, "worker-2").body)
    assert (second.attempt, second.used) == (2, FIRST)


def test_what_was_spent_is_in_the_audit_once_for_each_attempt(world: World) -> None:
    first = world.attempt()
    report_usage(first, FIRST)
    second = next_attempt(world)
    for page in (1, 2):
        second.deliver(page)
    result = replace(second.report(ReportType.RESULT), usage=SECOND)
    assert second.send(result).status == 200
    final = world.platform.bucket.objects[world.key(first.job_id, "final.json")][1]
    assert (FIRST + SECOND).to_json().items() <= _audit(final).items()


@pytest.mark.parametrize("seqs", [(1, 2), (2, 1), (1, 1)])
def test_reports_of_an_attempt_are_cumulative_and_never_add_up(world: World, seqs: tuple[int, int]) -> None:
    attempt = world.attempt()
    few, many = (
        replace(attempt.report(), seq=seq, usage=used) for seq, used in zip(seqs, (SECOND, FIRST), strict=True)
    )
    assert absorb(few, many).usage == absorb(many, few).usage == FIRST
    assert [report.usage for report in by_attempt([few, many, few])] == [FIRST]


def test_a_claim_of_before_says_nothing_of_it() -> None:
    claim = Claim(2, (1,), 5.0, used=FIRST)
    assert Claim.from_json(claim.to_json()) == claim
    old = claim.to_json()
    del old["used"]
    assert Claim.from_json(old).used == NO_USAGE


# what it did not reach


def spent(world: World, *, done: tuple[int, ...] = (1,), pages: int = 3, **asked: Any) -> Attempt:
    """A job that ended because its budget did."""
    attempt = world.attempt(pages, **asked)
    for page in range(1, pages + 1):
        if page in done:
            attempt.deliver(page)
        else:
            attempt.fail(page, PageErrorCode.BUDGET_SPENT)
    return attempt


def test_a_budget_that_ends_makes_the_job_partial_and_says_so_of_each_page(world: World) -> None:
    attempt = spent(world, webhook_url=CONSUMER)
    assert attempt.finish().status == 200
    view = world.view(attempt.job_id)
    assert (view.status, view.counts["done"], view.counts["failed"]) == (JobStatus.PARTIAL, 1, 2)
    errors = [page.error for page in view.pages if page.error]
    assert [(error.code, error.retryable) for error in errors] == [(PageErrorCode.BUDGET_SPENT, True)] * 2
    event = ChapterFinished.parse(world.deliveries[-1].body)
    assert (event.status, event.succeeded, event.failed) == (JobStatus.PARTIAL, 1, 2)


def test_a_budget_that_reaches_no_page_makes_it_an_error(world: World) -> None:
    attempt = spent(world, done=())
    attempt.finish()
    assert world.view(attempt.job_id).status is JobStatus.ERROR


def test_what_it_did_not_reach_is_not_ordered_from_the_next_attempt(world: World) -> None:
    attempt = spent(world, done=(), pages=4)
    attempt.pages.pop(4)
    attempt.heartbeat()
    again = next_attempt(world)
    assert (again.order.attempt, [page.page for page in again.order.pages]) == (2, [4])
    again.deliver(4)
    again.finish()
    assert world.view(attempt.job_id).status is JobStatus.PARTIAL


def options(**budget: float) -> dict[str, Any]:
    return {"options": {"translation": {"context_pages": 5, "budget": budget}}}


def retry(world: World, job_id: str, body: object = None, *, page: int | None = None) -> AttemptOrder:
    path = f"/jobs/{job_id}/retry" if page is None else f"/jobs/{job_id}/pages/{page}/retry"
    answer = world.call("POST", path, data=body)
    assert answer.status == 202, answer.body
    return world.orders[-1]


def test_a_retry_counts_anew(world: World) -> None:
    old = spent(world, **options(calls=4))
    report_usage(old, FIRST)
    old.finish()
    order = retry(world, old.job_id)
    assert (order.used, order.options.translation.budget) == (NO_USAGE, BudgetWish(calls=4))
    assert [page.page for page in order.pages] == [2, 3]


@pytest.mark.parametrize("page", [None, 2])
@pytest.mark.parametrize("budget", [{"calls": 9}, {"cost": 0.5, "tokens": 1000}, {}])
def test_a_retry_can_have_another_budget_and_nothing_else_changes(
    any_world: World, budget: dict[str, float], page: int | None
) -> None:
    old = spent(any_world, **options(calls=4))
    old.finish()
    order = retry(any_world, old.job_id, {"budget": budget}, page=page)
    wish = BudgetWish.from_json(budget, "")
    assert order.options == replace(old.order.options, translation=replace(old.order.options.translation, budget=wish))
    assert order.options.translation.context_pages == 5
    attempt = Attempt(any_world, order)
    attempt.fail(2, PageErrorCode.BUDGET_SPENT)
    if page is None:
        attempt.deliver(3)
    attempt.finish()
    assert retry(any_world, order.job_id).options == order.options, "which holds for the retries of the retry"


def test_the_same_retry_again_is_the_same_job_and_one_with_another_budget_is_a_conflict(world: World) -> None:
    old = spent(world)
    old.finish()
    job_id = retry(world, old.job_id, {"budget": {"calls": 9}}).job_id
    assert retry(world, old.job_id, {"budget": {"calls": 9}}).job_id == job_id
    for body in ({"budget": {"calls": 10}}, {}):
        answer = world.call("POST", f"/jobs/{old.job_id}/retry", data=body)
        assert (answer.status, answer.json["superseded_by"]) == (409, job_id)


def test_a_retry_that_died_is_completed_with_its_budget(world: World) -> None:
    old = spent(world)
    old.finish()
    world.platform.bucket.breaks = lambda operation, key: operation == "put" and key.endswith("job.json")
    path, body = f"/jobs/{old.job_id}/retry", {"budget": {"calls": 9}}
    assert world.call("POST", path, data=body).status == 503
    world.platform.bucket.breaks = lambda operation, key: False
    assert retry(world, old.job_id, body).options.translation.budget == BudgetWish(calls=9)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"budget": {"calls": -1}}, "budget.calls"),
        ({"budget": {"dollars": 1}}, "budget.dollars"),
        ({"budget": 5}, "budget"),
        ({"pages": [1]}, "pages"),
    ],
)
def test_a_retry_that_asks_for_what_cannot_be_supersedes_nothing(world: World, body: object, field: str) -> None:
    old = spent(world)
    old.finish()
    answer = world.call("POST", f"/jobs/{old.job_id}/retry", data=body)
    assert (answer.status, answer.json["field"]) == (422, field)
    assert world.view(old.job_id).superseded_by is None


def test_a_body_of_another_type_or_without_end_is_refused(world: World) -> None:
    old = spent(world)
    old.finish()
    path = f"/jobs/{old.job_id}/retry"
    typed = {"content-type": "text/plain"}
    assert world.call("POST", path, body=b'{"budget": {}}', headers=typed).status == 415
    json_typed = {"content-type": "application/json"}
    assert world.call("POST", path, body=b" " * 20_000, headers=json_typed).status == 413
    assert world.call("POST", path, body=b"", headers=typed).status == 202


def _audit(final: bytes) -> dict[str, int]:
    found: dict[str, int] = json.loads(final)["audit"]["usage"]
    return found
