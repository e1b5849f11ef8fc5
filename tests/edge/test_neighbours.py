"""Pages of a strip that are done are readable to the attempt that does the pages beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.attempt import AttemptOrder
from contract.job import Direction
from contract.report import Want
from contract.status import JobStatus, PageErrorCode, PageStatus
from tests.edge.test_poison import die
from tests.edge.world import DOCUMENT, Attempt, World

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
    assert neighbours(second.order) == [1, 2, 3, 4, 6, 7, 8]
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


@pytest.mark.parametrize("presigned", [True, False])
def test_of_a_done_page_beside_the_document_can_be_read_and_of_a_failed_one_there_is_none(*, presigned: bool) -> None:
    world = World(presigned=presigned)
    attempt = world.attempt(pages=3, **STRIP)
    attempt.fail(3, PageErrorCode.NOT_AN_IMAGE)
    second = successor(world, attempt, 1)
    done, failed = second.order.neighbours
    assert (done.page, failed.page, failed.document) == (1, 3, None)
    assert done.document is not None
    assert world.use(done.document).body == DOCUMENT
    world.close()


def test_a_done_page_that_waits_for_one_that_is_tried_again_is_done_again_with_it(world: World) -> None:
    attempt = world.attempt(pages=4, **STRIP)
    for page in (1, 2, 4):
        attempt.deliver(page)
    attempt.pages[2] = replace(attempt.pages[2], unsettled=(3,))
    attempt.pages[4] = replace(attempt.pages[4], unsettled=(9,))
    second = successor(world, attempt)
    assert [page.page for page in second.order.pages] == [2, 3]
    assert neighbours(second.order) == [1, 4]


def test_a_page_done_again_counts_and_one_that_fails_then_stays_as_it_was(world: World) -> None:
    for fails in (True, False):
        attempt = world.attempt(pages=2, chapter_id=f"c-{fails}", **STRIP)
        attempt.deliver(1)
        attempt.pages[1] = replace(attempt.pages[1], unsettled=(2,))
        second = successor(world, attempt)
        assert [page.page for page in second.order.pages] == [1, 2]
        second.deliver(2)
        if fails:
            second.fail(1, PageErrorCode.UPLOAD_FAILED)
        else:
            second.deliver(1)
        assert second.finish().status == 200
        view = world.view(second.order.job_id)
        assert view.status is JobStatus.SUCCESS
        assert view.pages[0].attempt == (1 if fails else 2)


def test_a_retry_does_a_page_again_that_waited_for_what_failed(world: World) -> None:
    attempt = world.attempt(pages=3, **STRIP)
    attempt.deliver(1)
    attempt.deliver(3)
    attempt.pages[1] = replace(attempt.pages[1], unsettled=(2,))
    attempt.fail(2, PageErrorCode.DOWNLOAD_FAILED)
    assert attempt.finish().status == 200
    assert world.call("POST", f"/jobs/{attempt.job_id}/retry").status == 202
    order = world.orders[-1]
    assert [page.page for page in order.pages] == [1, 2]
    (beside,) = order.neighbours
    assert beside.document is not None
    assert world.use(beside.document).status == 200


@pytest.mark.parametrize("direction", [Direction.RTL, Direction.WEBTOON])
def test_what_auto_has_meant_for_the_pages_that_are_done_holds_for_the_others(
    world: World, direction: Direction
) -> None:
    attempt = world.attempt(pages=3)
    assert attempt.order.settled_direction is None
    attempt.deliver(2)
    attempt.pages[2] = replace(attempt.pages[2], direction=direction)
    assert successor(world, attempt).order.settled_direction is direction


def test_a_page_that_failed_for_good_is_still_readable(world: World) -> None:
    attempt = world.attempt(pages=2, **STRIP)
    attempt.fail(1, PageErrorCode.NOT_AN_IMAGE)
    second = successor(world, attempt)
    assert attempt.pages[1].status is PageStatus.FAILED
    assert neighbours(second.order) == [1]
