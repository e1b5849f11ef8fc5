"""What an attempt is told of the pages that others have done, where a model may be told of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.attempt import AttemptOrder
from contract.engines import KEYLESS
from contract.job import Direction
from contract.status import PageErrorCode
from tests.edge.test_neighbours import successor
from tests.edge.test_poison import die
from tests.edge.test_retry import partial, retry
from tests.edge.world import DOCUMENT, Attempt, World


@pytest.fixture(params=["presigned", "fallback"])
def either(request: pytest.FixtureRequest) -> Iterator[World]:
    world = World(presigned=request.param == "presigned")
    yield world
    world.close()


def told(order: AttemptOrder) -> list[int]:
    return [page.page for page in order.done]


def test_a_first_attempt_is_told_of_nothing(world: World) -> None:
    assert "done" not in world.attempt(pages=4).order.to_json()


def test_after_a_takeover_the_documents_of_the_done_pages_can_be_read(either: World) -> None:
    attempt = either.attempt(pages=6)
    attempt.fail(2, PageErrorCode.NOT_AN_IMAGE)
    second = successor(either, attempt, 1, 3, 5)
    assert [page.page for page in second.order.pages] == [4, 6]
    assert told(second.order) == [1, 3, 5]
    for page in second.order.done:
        assert page.document.method == "GET"
        assert either.use(page.document).body == DOCUMENT


def test_a_third_attempt_is_told_of_what_both_have_done(either: World) -> None:
    second = successor(either, either.attempt(pages=4), 1)
    third = successor(either, second, 3)
    assert told(third.order) == [1, 3]
    assert [either.use(page.document).status for page in third.order.done] == [200, 200]


def test_a_repeated_order_repeats_them(world: World) -> None:
    second = successor(world, world.attempt(pages=3), 1, 3)
    world.sweep(61)
    again = world.orders[-1]
    assert (again.attempt, told(again)) == (second.order.attempt, [1, 3])


def test_a_retry_is_told_of_the_pages_that_it_takes_over(either: World) -> None:
    job = retry(either, partial(either, pages=4, failed=(2, 3)).job_id)
    first = Attempt(either, either.orders[-1])
    assert (first.order.job_id, told(first.order)) == (job.id, [1, 4])
    assert [either.use(page.document).body for page in first.order.done] == [DOCUMENT, DOCUMENT]
    second = successor(either, first, 2)
    assert told(second.order) == [1, 2, 4]
    assert [either.use(page.document).body for page in second.order.done] == [DOCUMENT] * 3


def test_the_keyless_translator_is_told_of_none(world: World) -> None:
    attempt = world.attempt(pages=3, options={"translator": KEYLESS})
    assert told(successor(world, attempt, 1).order) == []


def test_a_page_that_is_a_neighbour_is_handed_out_once(world: World) -> None:
    attempt = world.attempt(pages=12, reading_direction=Direction.WEBTOON.value)
    second = successor(world, attempt, *range(1, 12))
    assert [page.page for page in second.order.pages] == [12]
    assert told(second.order) == [1, 2, 3]
    assert [page.page for page in second.order.neighbours if page.document] == list(range(4, 12))


def test_a_page_that_attempts_died_with_is_not_told_of(world: World) -> None:
    third = die(world, die(world, world.attempt(pages=3), 2), 2)
    assert told(successor(world, third, 1).order) == [1]


def test_of_a_long_chapter_those_come_that_are_soon_before_a_page_that_is_left(world: World) -> None:
    attempt = world.attempt(pages=130)
    second = successor(world, attempt, *(page for page in range(1, 131) if page not in (60, 120)))
    assert [page.page for page in second.order.pages] == [60, 120]
    assert told(second.order) == [*range(10, 60), *range(70, 120)]


def test_what_comes_after_the_last_page_that_is_left_is_told_of_last(world: World) -> None:
    attempt = world.attempt(pages=130)
    second = successor(world, attempt, *(page for page in range(1, 131) if page != 41))
    assert told(second.order) == [*range(1, 41), *range(42, 102)]
