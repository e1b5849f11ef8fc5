"""Pages that kill their translators are found, and pages that were only near by are not."""

from __future__ import annotations

from contract.status import JobStatus, PageErrorCode, PageStatus
from tests.edge.world import Attempt, World


def die(world: World, attempt: Attempt, *running: int) -> Attempt:
    """The attempt's last words name these pages; then comes its follower."""
    for page in attempt.grants:
        if page not in running and attempt.pages[page].status is PageStatus.RUNNING:
            raise AssertionError("a page cannot stop running")
    for page in running:
        attempt.run(page)
    attempt.heartbeat()
    world.sweep(61)
    return Attempt(world, world.orders[-1], worker_id=f"worker-{world.orders[-1].attempt}")


def test_two_machines_that_are_taken_away_condemn_no_page(world: World) -> None:
    attempt = die(world, die(world, world.attempt(pages=6), 2, 3, 4), 2, 3, 4)
    assert [page.page for page in attempt.order.pages] == [1, 5, 6, 2, 3, 4]
    assert attempt.order.alone == (2, 3, 4)
    for page in attempt.grants:
        attempt.deliver(page)
    attempt.finish()
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS


def test_the_page_that_an_attempt_died_with_alone_is_the_poison(world: World) -> None:
    third = die(world, die(world, world.attempt(pages=6), 2, 3, 4), 2, 3, 4)
    for page in (1, 5, 6):
        third.deliver(page)
    fourth = die(world, third, 2)
    assert [page.page for page in fourth.order.pages] == [3, 4]
    assert fourth.order.alone == (3, 4)
    fourth.deliver(3)
    fourth.deliver(4)
    fourth.finish()
    view = world.view(fourth.job_id)
    assert (view.status, view.attempt) == (JobStatus.PARTIAL, 4)
    assert [page.error.code for page in view.pages if page.error] == [PageErrorCode.POISON]


def test_a_page_that_was_alone_twice_is_poison_at_once(world: World) -> None:
    third = die(world, die(world, world.attempt(pages=2), 2), 2)
    assert [page.page for page in third.order.pages] == [1]
    assert third.order.alone == ()


def test_one_death_makes_no_suspect(world: World) -> None:
    second = die(world, world.attempt(pages=3), 1, 2)
    assert [page.page for page in second.order.pages] == [1, 2, 3]
    assert second.order.alone == ()


def test_a_repeated_order_repeats_who_has_to_be_alone(world: World) -> None:
    third = die(world, die(world, world.attempt(pages=4), 1, 2), 1, 2)
    world.sweep(61)
    again = world.orders[-1]
    assert (again.attempt, again.alone, [page.page for page in again.pages]) == (
        third.order.attempt,
        third.order.alone,
        [page.page for page in third.order.pages],
    )
