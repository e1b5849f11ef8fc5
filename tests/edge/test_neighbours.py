"""Pages of a strip that are done are readable to the attempt that does the pages beside them."""

from __future__ import annotations

import pytest

from contract.attempt import AttemptOrder
from contract.job import Direction
from contract.report import Want
from contract.status import PageErrorCode, PageStatus
from tests.edge.test_poison import die
from tests.edge.world import Attempt, World

STRIP = {"reading_direction": Direction.WEBTOON.value}


def neighbours(order: AttemptOrder) -> list[int]:
    return [page.page for page in order.neighbours]


def successor(world: World, attempt: Attempt, *done: int) -> Attempt:
    """The attempt delivers these pages and dies; then comes the next."""
    for page in done:
        attempt.deliver(page)
    attempt.heartbeat()
    world.sweep(61)
    return Attempt(world, world.orders[-1], worker_id=f"worker-{world.orders[-1].attempt}")


def test_a_first_attempt_has_every_page_and_no_neighbours(world: World) -> None:
    assert neighbours(world.attempt(pages=4, **STRIP).order) == []


def test_after_a_takeover_the_done_pages_beside_those_left_can_be_read(world: World) -> None:
    second = successor(world, world.attempt(pages=8, **STRIP), 1, 2, 3, 4, 6, 7, 8)
    assert [page.page for page in second.order.pages] == [5]
    assert neighbours(second.order) == [3, 4, 6, 7]
    for page in second.order.neighbours:
        assert world.use(page.input).status == 200


def test_a_neighbours_grant_reads_and_nothing_else(world: World) -> None:
    second = successor(world, world.attempt(pages=2, **STRIP), 1)
    (neighbour,) = second.order.neighbours
    assert neighbour.input.method == "GET"
    assert world.use(neighbour.input).body == world.use(neighbour.input).body != b""


def test_fresh_grants_for_a_neighbour_are_to_be_had(world: World) -> None:
    second = successor(world, world.attempt(pages=2, **STRIP), 1)
    (fresh,) = second.heartbeat(wants=(Want(1),)).grants
    assert fresh.page == 1
    assert world.use(fresh.input).status == 200


def test_a_repeated_order_repeats_the_neighbours(world: World) -> None:
    second = successor(world, world.attempt(pages=3, **STRIP), 1, 3)
    world.sweep(61)
    again = world.orders[-1]
    assert (again.attempt, neighbours(again)) == (second.order.attempt, [1, 3])


@pytest.mark.parametrize("direction", [Direction.AUTO, Direction.RTL, Direction.LTR])
def test_pages_that_are_no_strip_have_none(world: World, direction: Direction) -> None:
    second = successor(world, world.attempt(pages=3, reading_direction=direction.value), 1)
    assert neighbours(second.order) == []


def test_a_page_that_attempts_died_with_is_nobodys_neighbour(world: World) -> None:
    third = die(world, die(world, world.attempt(pages=3, **STRIP), 2), 2)
    assert [page.page for page in third.order.pages] == [1, 3]
    assert neighbours(third.order) == []


def test_a_page_that_failed_for_good_is_still_readable(world: World) -> None:
    attempt = world.attempt(pages=2, **STRIP)
    attempt.fail(1, PageErrorCode.NOT_AN_IMAGE)
    second = successor(world, attempt)
    assert attempt.pages[1].status is PageStatus.FAILED
    assert neighbours(second.order) == [1]
