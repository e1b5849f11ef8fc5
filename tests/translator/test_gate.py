"""How many pages are let into a chapter's work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from translator.gate import Gate

MB = 1_000_000


async def let_in(gate: Gate, pages: Iterable[int]) -> list[int]:
    """Those of the pages, in their order, that come in before one has to wait."""
    inside = []
    for page in pages:
        try:
            async with asyncio.timeout(0.01):
                await gate.enter(page)
        except TimeoutError:
            break
        inside.append(page)
    return inside


async def test_pages_of_a_size_that_nobody_knows_come_in() -> None:
    assert await let_in(Gate(least=3, budget=100 * MB), range(1, 9)) == list(range(1, 9))


async def test_large_pages_come_in_as_far_as_the_budget_goes_and_others_when_they_leave() -> None:
    gate = Gate(least=2, budget=100 * MB)
    gate.saw(0, 30 * MB)
    assert await let_in(gate, range(1, 9)) == [1, 2, 3]
    gate.saw(1, 30 * MB)
    gate.left(1)
    assert await let_in(gate, range(4, 9)) == [4]


async def test_so_many_as_may_wait_for_each_other_come_in_whatever_they_take() -> None:
    gate = Gate(least=5, budget=100 * MB)
    gate.saw(0, 90 * MB)
    assert await let_in(gate, range(1, 9)) == [1, 2, 3, 4, 5]


async def test_small_pages_between_large_ones_never_wait() -> None:
    gate = Gate(least=3, budget=100 * MB)
    for page in (1, 2):
        await gate.enter(page)
        gate.saw(page, 80 * MB)
    for page in range(3, 20):
        assert await let_in(gate, [page]) == [page]
        gate.saw(page, MB)


async def test_a_page_that_waits_comes_in_once_another_turns_out_small() -> None:
    gate = Gate(least=1, budget=100 * MB)
    gate.saw(0, 60 * MB)
    await gate.enter(1)
    waiting = asyncio.create_task(gate.enter(2))
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.saw(1, MB)
    await asyncio.wait_for(waiting, 1)


async def test_empty_is_when_the_last_page_has_left() -> None:
    gate = Gate(least=1)
    await gate.empty()
    await gate.enter(1)
    await gate.enter(2)
    waiting = asyncio.create_task(gate.empty())
    gate.left(2)
    gate.left(2)
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.left(1)
    await asyncio.wait_for(waiting, 1)


async def test_two_large_pages_are_read_at_once_and_any_number_of_others() -> None:
    gate, go, begun = Gate(least=1, budget=100 * MB), asyncio.Event(), list[int]()

    async def read(page: int, size: int) -> None:
        async with gate.reading(page, size):
            begun.append(page)
            await go.wait()

    tasks = [asyncio.create_task(read(page, 30 * MB if page < 5 else MB)) for page in range(1, 9)]
    await asyncio.sleep(0.01)
    assert begun == [1, 2, 5, 6, 7, 8]
    go.set()
    await asyncio.gather(*tasks)
    assert sorted(begun) == list(range(1, 9))
