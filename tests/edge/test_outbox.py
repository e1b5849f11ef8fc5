"""Webhooks: signed, at least once, on the schedule, and never in the way of the job."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from standardwebhooks.webhooks import Webhook

from contract.event import ChapterFinished
from contract.signing import verify
from contract.status import JobStatus
from contract.view import WebhookView
from edge.outbox import SCHEDULE_S, wait_s
from tests.edge.world import CONSUMER, PUBLIC, WEBHOOK, World


def ended(world: World, answers: list[tuple[int, dict[str, str]]] | None = None) -> str:
    """A job that ended, and whose consumer answered its webhook like this."""
    world.consumer_answers = answers or []
    attempt = world.attempt(pages=1, webhook_url=CONSUMER, metadata={"reader": "42"}, series_id="s-1")
    attempt.deliver(1)
    attempt.finish()
    return attempt.job_id


def webhook(world: World, job_id: str) -> WebhookView:
    return world.view(job_id).webhook


def test_the_event_says_what_ended_and_both_secrets_verify(world: World) -> None:
    job_id = ended(world)
    delivery = world.deliveries[0]
    for secret in WEBHOOK:
        envelope = verify(delivery.headers, delivery.body, (secret,), now=world.platform.now())
        assert envelope.id == f"evt_{job_id.removeprefix('job_')}"
    event = ChapterFinished.parse(delivery.body)
    assert (event.status, event.succeeded, event.failed) == (JobStatus.SUCCESS, 1, 0)
    assert (event.status_url, event.metadata, event.series_id) == (f"{PUBLIC}/jobs/{job_id}", {"reader": "42"}, "s-1")


def test_a_standard_webhooks_library_verifies_it(world: World) -> None:
    world.platform.clock.now = time.time()  # the library takes no clock
    ended(world)
    delivery = world.deliveries[0]
    for secret in WEBHOOK:
        assert Webhook(secret.key).verify(delivery.body, dict(delivery.headers)) == json.loads(delivery.body)


def test_a_delivered_webhook_is_not_sent_again(world: World) -> None:
    job_id = ended(world)
    for _ in range(5):
        world.sweep(86_400)
    assert len(world.deliveries) == 1
    assert webhook(world, job_id) == WebhookView("delivered", f"evt_{job_id.removeprefix('job_')}", 1, 204)
    assert world.platform.kv.names("open:") == []


@pytest.mark.parametrize("status", [0, 301, 307, 400, 404, 429, 500, 502])
def test_what_is_no_success_is_tried_again_with_the_same_id(world: World, status: int) -> None:
    job_id = ended(world, [(status, {})])
    assert (webhook(world, job_id).state, webhook(world, job_id).last_status) == ("pending", status)
    world.sweep(3)
    assert len(world.deliveries) == 1
    world.sweep(3.1)
    assert len(world.deliveries) == 2
    first, again = world.deliveries
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != again.headers["webhook-timestamp"]
    assert webhook(world, job_id).state == "delivered"


def test_410_disables(world: World) -> None:
    job_id = ended(world, [(410, {})])
    world.sweep(86_400)
    assert len(world.deliveries) == 1
    assert webhook(world, job_id).state == "disabled"


@pytest.mark.parametrize(("asked", "waited"), [("120", 120), ("1", 5), ("999999", 86_400), ("-5", 5), ("soon", 5)])
def test_retry_after_is_honoured_up_to_a_day_and_never_shortens_the_wait(
    world: World, asked: str, waited: float
) -> None:
    job_id = ended(world, [(429, {"retry-after": asked})])
    parcel = world.platform.bucket.json(f"outbox/{job_id}/evt_{job_id.removeprefix('job_')}.json")
    assert parcel["next_at"] - world.platform.now() == pytest.approx(waited, rel=0.2)
    assert parcel["next_at"] - world.platform.now() >= min(float(waited), waited * 0.8)


def test_a_receiver_that_never_answers_becomes_a_dead_letter_after_the_schedule(world: World) -> None:
    job_id = ended(world, [(500, {})] * 50)
    for wait in SCHEDULE_S[1:]:
        world.sweep(wait * 1.21)
    assert len(world.deliveries) == len(SCHEDULE_S) == 10
    assert (webhook(world, job_id).state, webhook(world, job_id).attempts) == ("failed", 10)
    world.sweep(200_000)
    assert len(world.deliveries) == 10
    assert world.view(job_id).status is JobStatus.SUCCESS


def test_concurrent_drains_send_and_count_once(world: World) -> None:
    job_id = ended(world, [(500, {})])
    world.platform.clock.forward(60)

    async def drain() -> None:
        await asyncio.gather(*(world.app.sweep() for _ in range(10)))

    world.runner.run(drain())
    assert len(world.deliveries) == 2
    assert webhook(world, job_id).attempts == 2


def test_a_drain_that_died_while_sending_is_made_up_for(world: World) -> None:
    world.platform.bucket.breaks = lambda operation, key: (
        operation == "put" and key.startswith("outbox/") and bool(world.deliveries)
    )
    job_id = ended(world)
    assert len(world.platform.events("delivery_failed")) == 1
    world.platform.bucket.breaks = lambda operation, key: False
    world.sweep(20)
    assert len(world.deliveries) == 1, "another drain may still be sending"
    world.sweep(20)
    assert len(world.deliveries) == 2
    assert webhook(world, job_id).state == "delivered"


def test_the_background_delivery_may_never_run(world: World) -> None:
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.deliver(1)
    request = attempt.request(attempt.result())

    async def run() -> None:
        await world.app.handle(request)
        for work in world.platform.waiting:
            work.close()  # type: ignore[attr-defined]  # a coroutine, which nothing awaits
        world.platform.waiting.clear()

    world.runner.run(run())
    assert not world.deliveries
    world.sweep()
    assert len(world.deliveries) == 1


def test_a_host_that_is_private_by_now_gets_nothing(world: World) -> None:
    open_world = World(allow_private_webhooks=True)
    private = "http://10.0.0.7/hook"
    open_world.platform.fetch.hosts[private] = open_world._consume
    job = open_world.create(pages=1, webhook_url=private)
    open_world.call("POST", f"/jobs/{job.id}/cancel")
    assert len(open_world.deliveries) == 1
    open_world.close()
    assert (
        world.call(
            "POST", "/jobs", data={"pages": [{"upload": "image/png"}], "chapter_id": "c", "webhook_url": private}
        ).status
        == 422
    )


def test_a_job_without_webhook_has_no_parcel(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.deliver(1)
    attempt.finish()
    assert webhook(world, attempt.job_id) == WebhookView()
    assert not [key for key in world.platform.bucket.objects if key.startswith("outbox/")]


def test_the_wait_follows_the_schedule_within_a_fifth() -> None:
    for attempts, planned in enumerate(SCHEDULE_S):
        assert wait_s(attempts, chance=0.0) == pytest.approx(planned * 0.8)
        assert wait_s(attempts, chance=0.5) == pytest.approx(planned)
        assert wait_s(attempts, chance=1.0) == pytest.approx(planned * 1.2)
