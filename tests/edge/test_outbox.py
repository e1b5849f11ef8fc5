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
    event_id = f"evt_{job_id.removeprefix('job_')}"
    redeliver_url = f"{PUBLIC}/jobs/{job_id}/webhooks/{event_id}/redeliver"
    assert webhook(world, job_id) == WebhookView("delivered", event_id, 1, 204, None, redeliver_url)
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


def redeliver(world: World, job_id: str, *, event_id: str | None = None, status: int = 202) -> None:
    event_id = event_id or f"evt_{job_id.removeprefix('job_')}"
    answer = world.call("POST", f"/jobs/{job_id}/webhooks/{event_id}/redeliver")
    assert answer.status == status, answer.body


@pytest.mark.parametrize("answers", [[], [(410, {})], [(500, {})] * 10], ids=["delivered", "disabled", "dead letter"])
def test_an_event_can_be_asked_for_again_under_the_same_id(
    world: World, answers: list[tuple[int, dict[str, str]]]
) -> None:
    job_id = ended(world, answers)
    for wait in SCHEDULE_S[1:]:
        world.sweep(wait * 1.21)
    before, sent = webhook(world, job_id), len(world.deliveries)
    assert before.state in ("delivered", "disabled", "failed")
    redeliver(world, job_id)
    assert len(world.deliveries) == sent + 1
    assert len({delivery.headers["webhook-id"] for delivery in world.deliveries}) == 1
    assert world.deliveries[-1].body == world.deliveries[0].body
    assert (webhook(world, job_id).state, webhook(world, job_id).attempts) == ("delivered", 1)


def test_a_redelivery_that_fails_has_the_whole_schedule_before_it(world: World) -> None:
    job_id = ended(world)
    world.consumer_answers = [(500, {})]
    redeliver(world, job_id)
    view = webhook(world, job_id)
    assert (view.state, view.attempts, view.last_status) == ("pending", 1, 500)
    assert view.next_at is not None
    world.sweep(6)
    assert webhook(world, job_id).state == "delivered"


def test_an_event_that_did_not_happen_is_not_delivered(world: World) -> None:
    job = world.start(pages=1, webhook_url=CONSUMER)
    redeliver(world, job.id, status=409)
    redeliver(world, job.id, event_id="evt_other", status=404)
    quiet = world.attempt(pages=1)
    quiet.deliver(1)
    quiet.finish()
    redeliver(world, quiet.job_id, status=404)
    assert not world.deliveries


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("Mon, 21 Sep 2026 15:13:20 GMT", 3600),
        ("Mon, 21 Sep 2026 15:13:20", 5),
        ("Mon, 21 Sep 2026 14:13:21 GMT", 5),
        ("Mon, 21 Sep 2020 14:13:20 GMT", 5),
        ("Mon, 31 Feb 2027 14:13:20 GMT", 5),
        ("Mon, 21 Sep 9999 14:13:20 GMT", 86_400),
        ("Mon, 21 Sep 2026 25:61:61 GMT", 5),
    ],
)
def test_retry_after_may_be_a_date(world: World, asked: str, waited: float) -> None:
    job_id = ended(world, [(503, {"retry-after": asked})])
    parcel = world.platform.bucket.json(f"outbox/{job_id}/evt_{job_id.removeprefix('job_')}.json")
    assert parcel["next_at"] - world.platform.now() == pytest.approx(waited, rel=0.21)


def test_the_view_says_when_the_next_delivery_is_due(world: World) -> None:
    job_id = ended(world, [(429, {"retry-after": "3600"})])
    assert webhook(world, job_id).next_at == "2026-09-21T15:13:20.000Z"


def test_a_rotated_secret_signs_beside_the_old_one_until_that_is_removed(world: World) -> None:
    new = World(webhook_secrets=WEBHOOK[:1])
    ended(new)
    assert len(new.deliveries[0].headers["webhook-signature"].split()) == 1
    new.close()
    ended(world)
    assert len(world.deliveries[0].headers["webhook-signature"].split()) == len(WEBHOOK) == 2


def test_each_callback_upload_and_delivery_is_one_point(world: World) -> None:
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    world.platform.points.clear()
    attempt.deliver(1)
    attempt.heartbeat()
    result = attempt.result()
    attempt.send(result)
    attempt.send(result)
    attempt.send(attempt.report())
    seen = [(point.kind, point.outcome) for point in world.platform.points]
    assert seen == [
        ("upload", "stored"),
        ("upload", "stored"),
        ("callback", "heartbeat"),
        ("upload", "stored"),
        ("callback", "result"),
        ("webhook", "delivered"),
        ("callback", "duplicate"),
        ("callback", "stale_attempt"),
    ]
    assert {point.job_id for point in world.platform.points} == {attempt.job_id}
    assert {point.mode for point in world.platform.points} == {"fallback"}
    assert world.platform.points[0].size == len(b"RIFF....WEBP a page in English")
