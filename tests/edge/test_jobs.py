"""Creating, starting, seeing and canceling jobs."""

from __future__ import annotations

import re

import pytest

from contract.status import JobStatus, PageErrorCode, PageStatus
from contract.view import JobView
from edge.http import Request
from tests.edge.world import KEYS, PUBLIC, Attempt, World


def test_a_created_job_says_where_everything_is(any_world: World) -> None:
    answer = any_world.call("POST", "/jobs", data={"pages": [{"upload": "image/png"}], "chapter_id": "c"})
    view = JobView.parse(answer.body)
    assert answer.status == 202
    assert re.fullmatch(r"job_[a-z2-7]{26}", view.id)
    assert answer.headers["location"] == view.status_url == f"{PUBLIC}/jobs/{view.id}"
    assert (view.status, [page.status for page in view.pages]) == (JobStatus.QUEUED, [PageStatus.QUEUED])
    assert view.uploads[0].grant.headers == {"content-type": "image/png", "if-none-match": "*"}


def test_the_whole_life_of_a_chapter(any_world: World) -> None:
    attempt = any_world.attempt(pages=2, webhook_url="https://consumer.test/hook")
    job_id = attempt.job_id
    assert any_world.view(job_id).status is JobStatus.PREPARING
    assert any_world.use(attempt.grants[1].input).body == b"page 1"
    attempt.run(1)
    reply = attempt.heartbeat()
    assert (reply.cancel, reply.duplicate, reply.lease_s) == (False, False, 60.0)
    assert any_world.view(job_id).status is JobStatus.RUNNING
    attempt.deliver(1)
    attempt.deliver(2)
    answer = attempt.finish()
    assert (answer.status, answer.json["duplicate"]) == (200, False)
    view = any_world.view(job_id)
    assert view.status is JobStatus.SUCCESS
    assert view.audit["mode"] == ("presigned" if any_world.config.s3 else "fallback")
    assert view.audit["transport_ratio"] == 0.25
    assert view.webhook.state == "delivered"
    assert len(any_world.deliveries) == 1


def test_a_job_is_not_started_before_all_pages_are_there(world: World) -> None:
    job = world.create(pages=3)
    world.use(job.uploads[1].grant, b"page 2")
    answer = world.call("POST", f"/jobs/{job.id}/start")
    assert (answer.status, answer.json["code"], answer.json["missing"]) == (409, "conflict", [1, 3])
    assert [upload["page"] for upload in answer.json["uploads"]] == [1, 3]
    assert not world.orders


def test_a_started_job_can_be_started_again_and_is_ordered_once(world: World) -> None:
    job = world.start()
    again = world.call("POST", f"/jobs/{job.id}/start")
    assert (again.status, JobView.parse(again.body).status) == (202, JobStatus.PREPARING)
    assert len(world.orders) == 1


def test_twenty_concurrent_starts_claim_one_attempt(world: World) -> None:
    job = world.create()
    world.upload(job)
    answers = world.together(*(world.request("POST", f"/jobs/{job.id}/start") for _ in range(20)))
    assert {answer.status for answer in answers} == {202}
    assert {order.attempt for order in world.orders} == {1}


def test_a_page_that_is_larger_than_allowed_is_named_at_the_start() -> None:
    world = World(presigned=True, max_page_bytes=5)
    job = world.create(pages=2)
    for upload in job.uploads:
        world.use(upload.grant, b"123456"[: 4 + upload.page])
    answer = world.call("POST", f"/jobs/{job.id}/start")
    assert (answer.status, answer.json["pages"]) == (413, [2])
    world.close()


@pytest.mark.parametrize(
    ("request_json", "field"),
    [
        ({"pages": [], "chapter_id": "c"}, "pages"),
        ({"pages": [{"upload": "text/html"}], "chapter_id": "c"}, "pages[0].upload"),
        ({"pages": [{"upload": "image/png"}], "chapter_id": "../../etc"}, "chapter_id"),
        ({"pages": [{"upload": "image/png"}], "chapter_id": "c", "webhook_url": "ftp://x.test"}, "webhook_url"),
        ({"pages": [{"upload": "image/png"}], "chapter_id": "c", "webhook_url": "https://a:b@x.test"}, "webhook_url"),
        ({"pages": [{"upload": "image/png"}], "chapter_id": "c", "webhook_url": "http://127.0.0.1/"}, "webhook_url"),
        ({"pages": [{"upload": "image/png"}], "chapter_id": "c", "typo": 1}, "typo"),
    ],
)
def test_a_bad_request_names_its_field(world: World, request_json: object, field: str) -> None:
    answer = world.call("POST", "/jobs", data=request_json)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (422, "invalid", field)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b" " * 2_000_001, "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(world: World, body: bytes, content_type: str, status: int) -> None:
    assert world.call("POST", "/jobs", body=body, headers={"content-type": content_type}).status == status


def test_another_owners_job_does_not_exist(world: World) -> None:
    job = world.start()
    for method, path in [("GET", ""), ("POST", "/start"), ("POST", "/cancel")]:
        assert world.call(method, f"/jobs/{job.id}{path}", key=KEYS["owner-b"]).status == 404
    assert world.call("GET", f"/artifacts/{job.id}/pages/0001.webp", key=KEYS["owner-b"]).status == 404


@pytest.mark.parametrize("key", [None, "", "wrong", "\udcff"])
def test_a_request_without_a_known_key_is_unauthorized(world: World, key: str | None) -> None:
    answer = world.call("GET", "/jobs/job_x", key=key)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_poll_that_has_seen_the_state_is_answered_304(world: World) -> None:
    job = world.start()
    first = world.call("GET", f"/jobs/{job.id}")
    again = world.call("GET", f"/jobs/{job.id}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["retry-after"] == "1"
    Attempt(world, world.orders[-1]).heartbeat()
    assert world.call("GET", f"/jobs/{job.id}", headers={"if-none-match": first.headers["etag"]}).status == 200


def test_a_waiting_job_is_polled_less_and_less_often_and_an_ended_one_no_more(world: World) -> None:
    world.translator_answers = [0]
    job = world.start()
    waits = []
    for _ in range(4):
        waits.append(int(world.call("GET", f"/jobs/{job.id}").headers["retry-after"]))
        world.platform.clock.forward(60)
    assert waits == [2, 6, 12, 15]
    world.call("POST", f"/jobs/{job.id}/cancel")
    assert "retry-after" not in world.call("GET", f"/jobs/{job.id}").headers


def test_a_monitor_link_reads_its_own_job_without_a_key(world: World) -> None:
    answer = world.call("POST", "/jobs", data={"pages": [{"upload": "image/png"}], "chapter_id": "c"})
    link = answer.headers["link"].removeprefix("<").partition(">")[0]
    assert world.call("GET", link, key=None).status == 200
    other = world.create()
    token = link.partition("?t=")[2]
    assert world.call("GET", f"/jobs/{other.id}?t={token}", key=None).status == 403
    assert world.call("POST", f"/jobs/{answer.json['id']}/cancel?t={token}", key=None).status == 401


def test_a_job_that_nobody_took_is_canceled_at_once(world: World) -> None:
    job = world.create()
    answer = world.call("POST", f"/jobs/{job.id}/cancel")
    view = JobView.parse(answer.body)
    assert (answer.status, view.status) == (202, JobStatus.CANCELED)
    assert view.pages[0].error is not None
    assert view.pages[0].error.code is PageErrorCode.NOT_REACHED
    assert world.call("POST", f"/jobs/{job.id}/cancel").status == 200
    assert world.call("POST", f"/jobs/{job.id}/start").status == 202
    assert not world.orders


def test_a_running_job_is_canceled_through_the_heartbeats_reply(world: World) -> None:
    attempt = world.attempt()
    attempt.deliver(1)
    attempt.heartbeat()
    view = JobView.parse(world.call("POST", f"/jobs/{attempt.job_id}/cancel").body)
    assert (view.status, view.cancel_requested) == (JobStatus.RUNNING, True)
    assert attempt.heartbeat().cancel
    assert attempt.finish().status == 200
    ended = world.view(attempt.job_id)
    assert (ended.status, ended.counts["done"], ended.counts["failed"]) == (JobStatus.CANCELED, 1, 1)


def test_a_translator_that_ignores_a_cancel_loses_the_job_after_a_lease(world: World) -> None:
    attempt = world.attempt()
    attempt.heartbeat()
    world.call("POST", f"/jobs/{attempt.job_id}/cancel")
    world.sweep(30)
    attempt.heartbeat()
    assert world.view(attempt.job_id).status is JobStatus.RUNNING
    world.sweep(31)
    assert world.view(attempt.job_id).status is JobStatus.CANCELED
    assert attempt.send(attempt.report()).status == 409


def test_a_cancel_after_all_pages_are_done_changes_nothing(world: World) -> None:
    attempt = world.attempt()
    attempt.deliver(1)
    attempt.deliver(2)
    attempt.heartbeat()
    world.call("POST", f"/jobs/{attempt.job_id}/cancel")
    attempt.finish()
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS


def test_an_accepted_order_is_canceled_after_a_lease_without_report(world: World) -> None:
    job = world.start()
    world.call("POST", f"/jobs/{job.id}/cancel")
    assert world.view(job.id).status is JobStatus.PREPARING
    world.sweep(61)
    assert world.view(job.id).status is JobStatus.CANCELED


def create_with_key(world: World, key: str, **asked: object) -> Request:
    data = {"pages": [{"upload": "image/png"}], "chapter_id": "c", **asked}
    return world.request("POST", "/jobs", data=data, headers={"idempotency-key": key})


def test_the_same_idempotency_key_and_body_lead_to_one_job(world: World) -> None:
    answers = world.together(*(create_with_key(world, "k1") for _ in range(10)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(world.platform.kv.names("open:")) == 1


def test_the_same_idempotency_key_with_another_body_is_refused(world: World) -> None:
    answers = [
        world.together(create_with_key(world, "k1"))[0],
        world.together(create_with_key(world, "k1", target="de"))[0],
    ]
    assert [answer.status for answer in answers] == [202, 422]
    assert answers[1].json["code"] == "idempotency_mismatch"


def test_a_create_that_died_after_its_idempotency_ticket_is_completed_by_the_retry(world: World) -> None:
    world.platform.bucket.breaks = lambda operation, key: operation == "put" and key.endswith("job.json")
    assert world.together(create_with_key(world, "k1"))[0].status == 503
    world.platform.bucket.breaks = lambda operation, key: False
    answer = world.together(create_with_key(world, "k1"))[0]
    assert world.view(answer.json["id"]).status is JobStatus.QUEUED
