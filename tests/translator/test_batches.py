"""Pages gathered for a call: whole groups in their order, and never waited for in vain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from translator.batches import Batches, groups_of


@pytest.mark.parametrize(
    ("pages", "size", "alone", "groups"),
    [
        ([], 3, [], ()),
        ([1, 2, 3], 1, [], ((1,), (2,), (3,))),
        ([1, 2, 3, 4], 3, [], ((1, 2, 3), (4,))),
        ([1, 2, 4, 5], 4, [], ((1, 2, 4, 5),)),
        ([1, 3, 2, 4], 2, [2, 4], ((1, 3), (2,), (4,))),
        ([2, 4], 8, [2, 4], ((2,), (4,))),
    ],
)
def test_pages_are_cut_into_groups(
    pages: list[int], size: int, alone: list[int], groups: tuple[tuple[int, ...], ...]
) -> None:
    assert groups_of(pages, size=size, alone=alone) == groups


@pytest.mark.parametrize(
    ("told", "groups"),
    [([], ((2, 5, 6),)), ([1, 7], ((2, 5, 6),)), ([4], ((2,), (5, 6))), ([3, 4], ((2,), (5, 6)))],
)
def test_no_group_goes_beyond_a_page_that_its_last_are_told_of(
    told: list[int], groups: tuple[tuple[int, ...], ...]
) -> None:
    assert groups_of([2, 5, 6], size=4, told=told) == groups


async def gathered(batches: Batches[str]) -> list[list[int]]:
    return [[page for page, _ in batch] async for batch in batches]


async def told(groups: Sequence[Sequence[int]], *events: int) -> list[list[int]]:
    """Positive pages come, negative ones go; then nothing comes any more."""
    batches: Batches[str] = Batches(groups)
    gathering = asyncio.create_task(gathered(batches))
    for event in events:
        if event > 0:
            await batches.put(event, f"page {event}")
        else:
            batches.left(-event)
        await asyncio.sleep(0)
    batches.close()
    async with asyncio.timeout(5):
        return await gathering


@pytest.mark.parametrize(
    ("events", "batches"),
    [
        ((1, 2, 3, 4, 5), [[1, 2, 3], [4, 5]]),
        ((1, -2, 3, 4, 5), [[1, 3], [4, 5]]),
        ((-1, -2, -3, 4, 5), [[4, 5]]),
        ((1, 2, 3, -4, -5), [[1, 2, 3]]),
        ((-5, 1, 2, -3, 4), [[1, 2], [4]]),
        ((1, 2), [[1, 2]]),
        ((), []),
        ((1, -1, 2, 3, 4, 5), [[1, 2, 3], [4, 5]]),
    ],
)
async def test_groups_come_whole_and_without_those_that_left(events: tuple[int, ...], batches: list[list[int]]) -> None:
    assert await told([(1, 2, 3), (4, 5)], *events) == batches


async def test_a_group_does_not_wait_for_a_page_that_left() -> None:
    batches: Batches[str] = Batches([(1, 2), (3,)])
    await batches.put(1, "one")
    batches.left(2)
    async with asyncio.timeout(5):
        async for batch in batches:
            assert batch == [(1, "one")]
            break


async def test_no_more_is_held_than_the_largest_group() -> None:
    batches: Batches[str] = Batches([(1, 2), (3, 4)])
    await batches.put(1, "one")
    await batches.put(2, "two")
    third = asyncio.create_task(batches.put(3, "three"))
    await asyncio.sleep(0.01)
    assert not third.done()
    async for batch in batches:
        assert [page for page, _ in batch] == [1, 2]
        break
    async with asyncio.timeout(5):
        await third
