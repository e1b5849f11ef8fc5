"""Pages by URL in batches: within the subrequest limit, by one invocation at a time, and after one that died."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator

import pytest

from contract.status import JobStatus
from edge.meter import MOST_SUBREQUESTS
from edge.mirror import LEASE_S, STREAMS
from tests.edge.memory_platform import Page
from tests.edge.mirrored import PNG, ask, inputs, serve, url
from tests.edge.world import World


@dataclasses.dataclass
class Counted:
    """What one invocation asked for."""

    subrequests: int
    most_at_once: int


def invocations(world: World, steps: int) -> Iterator[Counted]:
    """Sweeps, each counted from outside of the orchestrator."""
    for _ in range(steps):
        bucket, outside = world.platform.bucket, world.platform.outside
        kv = CountingKv(world)
        before = len(bucket.operations) + len(outside.asked)
        outside.most_open = 0
        world.sweep(60)
        yield Counted(len(bucket.operations) + len(outside.asked) - before + kv.count, outside.most_open)
        kv.restore()


class CountingKv:
    def __init__(self, world: World) -> None:
        self._kv, self.count = world.platform.kv, 0
        self._step = self._kv._step

        async def step(key: str) -> None:
            self.count += 1
            await self._step(key)

        self._kv._step = step  # type: ignore[method-assign]

    def restore(self) -> None:
        self._kv._step = self._step  # type: ignore[method-assign]


@pytest.mark.parametrize("hops", [0, 3])
def test_a_chapter_of_300_pages_never_exceeds_1000_subrequests_in_an_invocation(world: World, hops: int) -> None:
    """With three redirects and no sizes a page costs nine."""
    for page in range(1, 301):
        for hop in range(hops):
            there = url(page) if hop == hops - 1 else f"{url(page)}?{hop + 1}"
            world.platform.outside.pages[f"{url(page)}?{hop}"] = Page(302, headers={"location": there})
        world.platform.outside.pages[url(page)] = Page(body=PNG, is_sized=not hops)
    start = "?0" if hops else ""
    kv = CountingKv(world)
    job = ask(world, [{"url": f"{url(page)}{start}"} for page in range(1, 301)])
    first = len(world.platform.bucket.operations) + len(world.platform.outside.asked) + kv.count
    kv.restore()
    assert first <= MOST_SUBREQUESTS
    most = list(invocations(world, 6))
    assert max(counted.subrequests for counted in most) <= MOST_SUBREQUESTS
    assert max(counted.most_at_once for counted in most) <= STREAMS
    assert len(inputs(world)) == 300
    assert {(order.attempt, len(order.pages)) for order in world.orders} == {(1, 300)}
    assert world.view(job.id).status is JobStatus.PREPARING


def test_many_jobs_of_urls_share_one_sweeps_subrequests(world: World) -> None:
    pages = [{"url": url(page)} for page in range(1, 101)]
    for chapter in range(12):
        ask(world, pages, chapter_id=f"ch-{chapter}")
    world.platform.outside.pages.update({url(page): Page(body=PNG) for page in range(1, 101)})
    most = list(invocations(world, 12))
    assert max(counted.subrequests for counted in most) <= MOST_SUBREQUESTS
    assert len(inputs(world)) == 1200


def test_two_invocations_never_fetch_the_same_page(world: World) -> None:
    world.platform.outside.pages[url(1)] = Page(503)
    ask(world, [{"url": url(page)} for page in range(1, 31)])
    world.platform.outside.asked.clear()
    serve(world, 30)
    world.platform.clock.forward(60)

    async def together() -> None:
        await asyncio.gather(*(world.app.sweep() for _ in range(5)))

    world.runner.run(together())
    assert sorted(world.platform.outside.asked) == sorted(set(world.platform.outside.asked))
    assert len(inputs(world)) == 30


def test_a_batch_that_died_is_taken_up_where_it_ended(world: World) -> None:
    pages = serve(world, 6)
    died = iter([False, False, False, True])

    def answer() -> Page:
        if next(died, False):
            raise asyncio.CancelledError
        return Page(body=PNG)

    for page in range(1, 7):
        world.platform.outside.pages[url(page)] = answer
    with pytest.raises(asyncio.CancelledError):
        ask(world, pages)
    came = len(inputs(world))
    assert 0 < came < 6
    asked = len(world.platform.outside.asked)
    world.sweep(60)
    assert len(world.platform.outside.asked) == asked, "the lease of the batch that died is not over"
    world.sweep(LEASE_S)
    assert len(inputs(world)) == 6
    assert len(world.orders) == 1


@pytest.mark.parametrize("step", ["start.json", "mirror.json", "job.json"])
def test_a_creation_that_died_is_made_up_for(world: World, step: str) -> None:
    pages = serve(world, 2)
    first = iter([True])
    world.platform.bucket.loses = lambda operation, key: key.endswith(step) and next(first, False)
    answer = world.call("POST", "/jobs", data={"pages": pages, "chapter_id": "c"}, headers={"idempotency-key": "k"})
    assert answer.status in (202, 503)
    for _ in range(3):
        world.sweep(LEASE_S + 1)
    # The order is repeated, as no translator reports; it is always the same one.
    assert {(order.attempt, len(order.pages)) for order in world.orders} == {(1, 2)}
