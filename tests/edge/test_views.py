"""A poll's bytes are those of the job as it is now, whatever an isolate remembers of the polls before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contract.errors import ContractError
from contract.fields import Fields
from edge.answers import parcel_of
from edge.objects import parsed
from edge.state import load, load_listed
from edge.views import Seen, job_view
from tests.edge.world import CONSUMER, Attempt, World


def fresh(world: World, job_id: str, *, summary: bool = False) -> Seen:
    """The view made anew."""

    async def make() -> Seen:
        state = await load(world.platform.bucket, job_id)
        assert state is not None
        parcel = await parcel_of(world.app._ctx, state)
        return Seen.of(job_view(world.config, state, parcel=parcel), summary=summary)

    return world.runner.run(make())


def check(world: World, job_id: str) -> str:
    """Polls twice, whole and in short; the entity tag."""
    for query, summary in (("", False), ("?fields=summary", True)):
        seen = fresh(world, job_id, summary=summary)
        for _ in range(2):
            answer = world.call("GET", f"/jobs/{job_id}{query}")
            assert (answer.body, answer.headers["etag"]) == (seen.body, seen.etag)
    return seen.etag


def test_every_change_in_a_jobs_life_shows_in_the_next_poll(any_world: World) -> None:
    world = any_world
    job = world.create(3, webhook_url=CONSUMER)
    tags = [check(world, job.id)]

    def after(act: Callable[[], object]) -> None:
        act()
        tags.append(check(world, job.id))

    world.upload(job)
    world.translator_answers = [429]
    after(lambda: world.call("POST", f"/jobs/{job.id}/start"))
    after(lambda: world.sweep(61))
    attempt = Attempt(world, world.orders[-1])
    attempt.run(1)
    after(attempt.heartbeat)
    attempt.deliver(1)
    after(attempt.heartbeat)
    after(lambda: world.sweep(61))
    second = Attempt(world, world.orders[-1], worker_id="worker-2")
    second.fail(2)
    second.deliver(3)
    after(second.heartbeat)
    after(lambda: world.call("POST", f"/jobs/{job.id}/cancel"))
    world.consumer_answers = [(500, {})]
    after(second.finish)
    after(lambda: world.sweep(60))
    after(lambda: world.call("POST", f"/jobs/{job.id}/retry"))
    assert len(set(tags)) == len(tags)


def test_a_report_that_says_nothing_new_leaves_the_entity_tag(world: World) -> None:
    attempt = world.attempt()
    attempt.run(1)
    attempt.heartbeat()
    tag = check(world, attempt.job_id)
    attempt.heartbeat()
    assert check(world, attempt.job_id) == tag


def test_jobs_that_look_alike_are_not_taken_for_each_other(world: World) -> None:
    first, second = world.create(2), world.create(2)
    assert check(world, first.id) != check(world, second.id)
    assert world.call("GET", f"/jobs/{first.id}").json["id"] == first.id


def test_two_orchestrators_in_one_process_name_their_own_urls() -> None:
    here, there = World(), World(public_url="https://elsewhere.test")
    asked = {"pages": [{"upload": "image/png"}], "chapter_id": "c"}
    ids = [world.call("POST", f"{world.config.public_url}/jobs", data=asked).json["id"] for world in (here, there)]
    # The same seed: the same job, but for where it is.
    assert ids[0] == ids[1]
    for world in (here, there, here):
        url = f"{world.config.public_url}/jobs/{ids[0]}"
        assert world.call("GET", url).json["status_url"] == url
    here.close()
    there.close()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"name": 1}', b"\xff"])
def test_what_cannot_be_read_is_never_remembered_as_readable(body: bytes) -> None:
    for _ in range(2):
        with pytest.raises(ContractError):
            parsed(body, lambda value: Fields(value).text("name"))


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_both_ways_of_loading_a_job_read_the_same_state(world: World, attempts: int) -> None:
    attempt = world.attempt(pages=3)
    for number in range(2, attempts + 1):
        attempt.heartbeat()
        world.sweep(61)
        attempt = Attempt(world, world.orders[-1], worker_id=f"worker-{number}")
    assert attempt.order.attempt == attempts
    attempt.deliver(1)
    attempt.heartbeat()
    attempt.result()

    async def both() -> None:
        bucket = world.platform.bucket
        await bucket.put(world.key(attempt.job_id, "cancel.json"), b"{}", content_type="application/json")
        state = await load(bucket, attempt.job_id)
        assert state is not None
        assert (state.latest, set(state.results)) == (attempts, {attempts})
        assert state.cancel_at is not None
        assert state == await load_listed(bucket, attempt.job_id)

    world.runner.run(both())
