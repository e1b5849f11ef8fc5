"""A job's budget is one for all of its attempts: each order says what those before have asked of models."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace

import pytest

from contract.attempt import AttemptOrder
from contract.report import ReportType
from contract.usage import NO_USAGE, Usage
from edge.config import Dispatch
from edge.merge import absorb, by_attempt
from edge.record import Claim
from tests.edge.test_claim import claim
from tests.edge.world import Attempt, World

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


def _audit(final: bytes) -> dict[str, int]:
    found: dict[str, int] = json.loads(final)["audit"]["usage"]
    return found
