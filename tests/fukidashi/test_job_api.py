"""The job API through both clients, against the real orchestrator: listing, long polls, tokens, retries, webhooks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from contract.job import JobRequest, PageSpec
from contract.status import JobStatus, PageErrorCode, PageStatus
from contract.translation import BudgetWish
from contract.view import JobView
from fukidashi import ApiError, BadAnswer, Client, NotFound, Timeout, Unauthorized
from fukidashi.errors import UsageError
from fukidashi.polling import Pace
from fukidashi.retry import RetryPolicy
from tests.edge.world import CONSUMER, KEYS, PUBLIC, Attempt, World
from tests.fukidashi.clients import KINDS, AnyClient
from tests.fukidashi.world_transport import WorldTransport


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


class Door:
    """Makes clients of one kind; time passes for them only as it does for the orchestrator."""

    def __init__(self, kind: str, world: World) -> None:
        self._kind, self._world = kind, world
        self.transport = WorldTransport(world)
        self.opened: list[AnyClient] = []

    def open(self, key: str | None = KEYS["owner-a"], **options: Any) -> AnyClient:
        clock = self._world.platform.clock
        given: dict[str, Any] = {
            "policy": RetryPolicy(attempts=2, first_s=0.01),
            "pace": Pace(first_s=1.0, longest_s=15.0),
            "transport": self.transport,
            "sleep": clock.forward if self._kind == "sync" else self._sleep,
            "clock": clock,
            **options,
        }
        client = KINDS[self._kind](PUBLIC, key, **given)
        self.opened.append(client)
        return client

    async def _sleep(self, seconds: float) -> None:
        self._world.platform.clock.forward(seconds)


@pytest.fixture(params=["sync", "async"])
def door(request: pytest.FixtureRequest, world: World) -> Iterator[Door]:
    made = Door(request.param, world)
    yield made
    for client in made.opened:
        client.close()


def ended(world: World, *, pages: int = 3, failed: tuple[int, ...] = (2,), **asked: Any) -> Attempt:
    attempt = world.attempt(pages, **asked)
    for page in range(1, pages + 1):
        if page in failed:
            attempt.fail(page, PageErrorCode.STAGE_FAILED)
        else:
            attempt.deliver(page)
    assert attempt.finish().status == 200
    return attempt


def test_a_listing_goes_through_its_parts_the_newest_first(door: Door, world: World) -> None:
    made = []
    for _ in range(5):
        made.append(world.create().id)
        world.platform.clock.forward(1)
    assert [item.id for item in door.open().jobs(part=2)] == made[::-1]
    assert len(door.transport.asked) == 3
    assert all("limit=2" in asked for asked in door.transport.asked)


def test_a_listing_shows_the_keys_own_jobs_and_one_status_if_asked(door: Door, world: World) -> None:
    open_job = world.create().id
    partial = ended(world).job_id
    assert {item.id for item in door.open().jobs()} == {open_job, partial}
    assert [item.id for item in door.open().jobs(JobStatus.PARTIAL)] == [partial]
    assert list(door.open(KEYS["owner-b"]).jobs()) == []


@pytest.mark.parametrize("part", [0, 101])
def test_a_part_that_no_server_answers_is_refused_here(door: Door, part: int) -> None:
    with pytest.raises(UsageError, match="1 to 100"):
        list(door.open().jobs(part=part))
    assert door.transport.asked == []


def test_a_listing_that_goes_in_a_circle_is_broken_off(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle = world.call("GET", "/jobs")
    body = b'{"jobs": [], "cursor": "again"}'
    monkeypatch.setattr(world, "call", lambda *_, **__: type(circle)(200, {}, body))
    with pytest.raises(BadAnswer, match="does not go on"):
        list(door.open().jobs())


def test_a_summary_has_numbers_instead_of_pages_and_an_etag_of_its_own(door: Door, world: World) -> None:
    job_id = ended(world).job_id
    client = door.open()
    first = client.summary(job_id)
    assert first.view is not None
    assert (first.view.status, first.view.counts["done"], first.view.counts["failed"]) == (JobStatus.PARTIAL, 2, 1)
    assert client.summary(job_id, first.etag).view is None
    assert client.get(job_id, first.etag).view is not None


def test_waiting_has_its_looks_held_and_does_not_pause_in_between(door: Door, world: World) -> None:
    job_id = world.start().id
    began = world.platform.now()
    with pytest.raises(Timeout):
        list(door.open().wait(job_id, timeout_s=60))
    assert world.platform.now() - began == pytest.approx(60, abs=3)
    held = [asked for asked in door.transport.asked if "wait=" in asked]
    assert door.transport.asked[0] == f"GET /jobs/{job_id}"
    assert 3 <= len(held) <= 5


def test_waiting_asks_for_no_longer_than_the_time_that_is_left(door: Door, world: World) -> None:
    job_id = world.start().id
    with pytest.raises(Timeout):
        list(door.open(pace=Pace(first_s=1.0, hold_s=25)).wait(job_id, timeout_s=9))
    waits = [int(asked.rpartition("wait=")[2]) for asked in door.transport.asked if "wait=" in asked]
    assert waits
    assert all(wait <= 8 for wait in waits)


def test_nothing_is_held_where_the_pace_says_so(door: Door, world: World) -> None:
    job_id = ended(world).job_id
    (view,) = door.open(pace=Pace(hold_s=0)).wait(job_id)
    assert view.status is JobStatus.PARTIAL
    with pytest.raises(Timeout):
        list(door.open(pace=Pace(hold_s=0)).wait(world.start().id, timeout_s=5))
    assert not any("wait=" in asked for asked in door.transport.asked)


def test_a_poll_token_reads_its_job_and_its_pages(door: Door, world: World) -> None:
    created = world.create(1)
    world.upload(created)
    assert world.call("POST", f"/jobs/{created.id}/start").status == 202
    attempt = Attempt(world, world.orders[-1])
    attempt.deliver(1, image=b"RIFFthe page")
    attempt.finish()
    client = door.open(None, poll_token=created.poll_token)
    *_, view = client.wait(created.id)
    assert view.status is JobStatus.SUCCESS
    assert client.summary(created.id).view is not None
    assert client.download(view.pages[0].image_url or "") == b"RIFFthe page"
    assert set(door.transport.keys) == {None}


def test_a_poll_token_does_nothing_else(door: Door, world: World) -> None:
    created, other = world.create(), world.create()
    client = door.open(None, poll_token=created.poll_token)
    for forbidden in (
        lambda: client.cancel(created.id),
        lambda: client.start(created.id),
        lambda: client.retry(created.id),
        lambda: client.get(other.id),
        lambda: list(client.jobs()),
    ):
        with pytest.raises(Unauthorized):
            forbidden()
    assert world.view(created.id).status is JobStatus.QUEUED


def test_a_poll_token_is_in_no_error_no_repr_and_no_log(
    door: Door, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    token = world.create().poll_token
    assert token is not None
    other = world.create().id
    client = door.open(None, poll_token=token)
    with caplog.at_level(logging.DEBUG), pytest.raises(Unauthorized) as caught:
        client.get(other)
    assert f"/jobs/{other}" in caplog.text
    assert token not in caplog.text + str(caught.value) + repr(caught.value)


def test_other_programs_urls_stay_in_the_log_as_they_are(caplog: pytest.LogCaptureFixture, world: World) -> None:
    with caplog.at_level(logging.INFO), Client(PUBLIC, KEYS["owner-a"], transport=WorldTransport(world)) as client:
        assert list(client.jobs()) == []
    assert "/jobs?limit=100" in caplog.text


@pytest.mark.parametrize("token", ["two words", "line\nbreak"])
def test_a_token_that_is_none_is_refused_unseen(token: str) -> None:
    with pytest.raises(UsageError) as caught:
        Client(PUBLIC, poll_token=token)
    assert token not in str(caught.value)


def test_a_key_and_a_token_together_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="one of them"):
        Client(PUBLIC, "key", poll_token="token")


def test_a_retry_is_a_new_job_for_what_failed_and_the_same_one_again(door: Door, world: World) -> None:
    old = ended(world, failed=(2, 3)).job_id
    client = door.open()
    job = client.retry(old)
    assert (job.retry_of, client.retry(old).id) == (old, job.id)
    assert [page.status for page in job.pages] == [PageStatus.DONE, PageStatus.QUEUED, PageStatus.QUEUED]


def test_one_page_can_be_retried_and_another_one_names_the_successor(door: Door, world: World) -> None:
    old = ended(world, failed=(2, 3)).job_id
    client = door.open()
    job = client.retry(old, page=3)
    assert [page.status for page in job.pages] == [PageStatus.DONE, PageStatus.FAILED, PageStatus.QUEUED]
    with pytest.raises(ApiError) as caught:
        client.retry(old, page=2)
    assert (caught.value.status, caught.value.members["superseded_by"]) == (409, job.id)


def test_a_retry_can_have_another_budget(door: Door, world: World) -> None:
    old = ended(world, failed=(2, 3)).job_id
    client = door.open()
    job = client.retry(old, budget=BudgetWish(calls=7))
    assert world.orders[-1].job_id == job.id
    assert world.orders[-1].options.translation.budget == BudgetWish(calls=7)
    with pytest.raises(ApiError) as caught:
        client.retry(old)
    assert caught.value.members["superseded_by"] == job.id


@pytest.mark.parametrize(("page", "status"), [(None, 409), (1, 409), (9, 404)])
def test_there_is_no_retry_of_what_did_not_fail(door: Door, world: World, page: int | None, status: int) -> None:
    job_id = ended(world, failed=()).job_id
    with pytest.raises(ApiError) as caught:
        door.open().retry(job_id, page=page)
    assert caught.value.status == status


def test_a_webhook_event_is_sent_again(door: Door, world: World) -> None:
    job_id = ended(world, webhook_url=CONSUMER).job_id
    event = world.view(job_id).webhook.event_id
    assert event is not None
    assert len(world.deliveries) == 1
    assert door.open().redeliver(job_id, event).event_id == event
    world.sweep(1)
    assert [delivery.headers["webhook-id"] for delivery in world.deliveries] == [event, event]


def test_an_event_that_there_is_not_cannot_be_sent(door: Door, world: World) -> None:
    job_id = ended(world, webhook_url=CONSUMER).job_id
    with pytest.raises(NotFound):
        door.open().redeliver(job_id, "evt_other")
    with pytest.raises(NotFound):
        door.open().redeliver(job_id, "../../other")


def test_a_job_of_urls_needs_no_upload_and_no_start(door: Door, world: World) -> None:
    request = JobRequest(pages=(PageSpec(url="https://origin.test/1.png"),), chapter_id="ch-1")
    job: JobView = door.open().create(request)
    assert (job.uploads, job.status) == ((), JobStatus.PREPARING)


def test_a_mixed_job_has_uploads_for_the_others(door: Door, world: World) -> None:
    pages = (PageSpec("image/png"), PageSpec(url="https://origin.test/2.png"))
    job = door.open().create(JobRequest(pages=pages, chapter_id="ch-1"))
    assert [upload.page for upload in job.uploads] == [1]


def test_a_page_url_within_a_private_network_is_refused_with_its_field(door: Door) -> None:
    with pytest.raises(ApiError) as caught:
        door.open().create(JobRequest(pages=(PageSpec(url="http://10.0.0.1/1.png"),), chapter_id="ch-1"))
    assert (caught.value.status, caught.value.field) == (422, "pages[0].url")
