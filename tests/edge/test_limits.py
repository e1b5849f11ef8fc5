"""How much an owner may do: requests at a time, jobs at a time, pages and bytes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.status import JobStatus
from contract.view import JobView
from tests.edge.world import KEYS, Attempt, World


@pytest.fixture
def narrow() -> Iterator[World]:
    """Two jobs of an owner at a time."""
    world = World(max_active_jobs=2)
    yield world
    world.close()


def test_an_owner_who_asks_too_often_is_told_when_to_come_back(world: World) -> None:
    job = world.create()
    world.platform.refused = {"owner:owner-a"}
    for method, path in [("GET", "/jobs"), ("GET", f"/jobs/{job.id}"), ("POST", "/jobs"), ("GET", "/series/s/memory")]:
        answer = world.call(method, path)
        assert (answer.status, answer.json["code"], answer.json["retryable"]) == (429, "too_many_requests", True)
        assert answer.headers["retry-after"] == "10"
    assert world.call("GET", "/jobs", key=KEYS["owner-b"]).status == 200


def test_a_poll_token_has_a_limit_of_its_own(world: World) -> None:
    answer = world.call("POST", "/jobs", data={"pages": [{"upload": "image/png"}], "chapter_id": "c"})
    world.platform.refused = {f"job:{answer.json['id']}"}
    assert world.call("GET", answer.json["poll_url"], key=None).status == 429
    assert world.call("GET", answer.json["status_url"]).status == 200


def test_who_has_no_valid_key_uses_up_nobodys_limit(world: World) -> None:
    world.platform.refused = {"owner:owner-a", "owner:owner-b"}
    assert world.call("GET", "/jobs", key="wrong").status == 401


def test_translators_are_not_limited(world: World) -> None:
    attempt = world.attempt(pages=1)
    world.platform.refused = {"owner:owner-a", f"job:{attempt.job_id}"}
    attempt.deliver(1)
    assert attempt.finish().status == 200


def started(world: World, count: int) -> list[JobView]:
    """Jobs, a second apart."""
    jobs = []
    for _ in range(count):
        jobs.append(world.start(pages=1))
        world.platform.clock.forward(1)
    return jobs


def test_beyond_the_limit_jobs_queue_and_do_not_fail(narrow: World) -> None:
    jobs = started(narrow, 4)
    assert [job.status.value for job in jobs] == ["preparing", "preparing", "queued", "queued"]
    assert jobs[3].warnings == ("the job waits for its turn",)
    assert len(narrow.orders) == 2
    narrow.sweep(30)
    assert len(narrow.orders) == 2


def test_a_job_that_ends_makes_room_for_the_one_that_waits_the_longest(narrow: World) -> None:
    jobs = started(narrow, 4)
    attempt = Attempt(narrow, narrow.orders[0])
    attempt.deliver(1)
    attempt.finish()
    narrow.sweep(1)
    assert [order.job_id for order in narrow.orders] == [jobs[0].id, jobs[1].id, jobs[2].id]


@pytest.mark.parametrize("way", ["cancel", "expire"])
def test_every_end_makes_room(narrow: World, way: str) -> None:
    narrow.translator_answers = [0, 0]
    jobs = started(narrow, 3)
    if way == "cancel":
        narrow.call("POST", f"/jobs/{jobs[0].id}/cancel")
    else:
        narrow.platform.clock.forward(narrow.config.job_ttl_s + 1)
        late = narrow.start(pages=1)
    narrow.sweep(1)
    assert (jobs[2].id if way == "cancel" else late.id) in {order.job_id for order in narrow.orders}


def test_a_waiting_job_can_be_canceled(narrow: World) -> None:
    jobs = started(narrow, 3)
    narrow.call("POST", f"/jobs/{jobs[2].id}/cancel")
    assert narrow.view(jobs[2].id).status is JobStatus.CANCELED


def test_owners_do_not_wait_for_each_other(narrow: World) -> None:
    for _ in range(3):
        narrow.start(pages=1)
    asked = {"pages": [{"upload": "image/png"}], "chapter_id": "c"}
    theirs = narrow.call("POST", "/jobs", data=asked, key=KEYS["owner-b"]).json
    grant = theirs["uploads"][0]["grant"]
    narrow.call("PUT", grant["url"], body=b"page", key=None, headers=grant["headers"])
    answer = narrow.call("POST", f"/jobs/{theirs['id']}/start", key=KEYS["owner-b"])
    assert answer.json["status"] == "preparing"


def test_twenty_starts_at_once_admit_no_more_than_the_limit(narrow: World) -> None:
    jobs = [narrow.create(pages=1) for _ in range(20)]
    for job in jobs:
        narrow.upload(job)
    narrow.together(*(narrow.request("POST", f"/jobs/{job.id}/start") for job in jobs))
    assert len({order.job_id for order in narrow.orders}) <= 2
    narrow.sweep(60)
    assert len({order.job_id for order in narrow.orders}) == 2


def test_a_place_that_a_lost_race_left_taken_is_given_back(narrow: World) -> None:
    """An order that was under way when its job ended may put the marker back."""
    ended = narrow.create(pages=1)
    narrow.call("POST", f"/jobs/{ended.id}/cancel")
    narrow.runner.run(_mark(narrow, ended.id))
    narrow.platform.clock.forward(1)
    started(narrow, 2)
    assert len(narrow.orders) == 1
    narrow.sweep(30)
    assert len(narrow.orders) == 2


async def _mark(world: World, job_id: str) -> None:
    await world.platform.bucket.put(f"active/owner-a/{job_id}", b"", content_type="text/plain")


def test_no_marker_is_left_when_all_jobs_have_ended(narrow: World) -> None:
    for _ in range(3):
        narrow.start(pages=1)
    for number in range(3):
        attempt = Attempt(narrow, narrow.orders[number])
        attempt.deliver(1)
        attempt.finish()
        narrow.sweep(60)
    assert not [key for key in narrow.platform.bucket.objects if key.startswith("active/")]


def test_more_pages_than_configured_are_refused() -> None:
    world = World(max_pages=3)
    asked = {"pages": [{"upload": "image/png"}] * 4, "chapter_id": "c"}
    answer = world.call("POST", "/jobs", data=asked)
    assert (answer.status, answer.json["field"]) == (422, "pages")
    world.close()


def test_a_chapter_of_more_bytes_than_allowed_is_not_started() -> None:
    world = World(max_job_bytes=11)
    job = world.create(pages=2)
    world.upload(job)
    assert world.call("POST", f"/jobs/{job.id}/start").json["code"] == "too_large"
    world.close()
