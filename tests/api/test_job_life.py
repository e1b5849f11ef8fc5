"""A job from its creation to its webhook, over HTTP, on every platform."""

from __future__ import annotations

import dataclasses
import json
import time

from contract.event import ChapterFinished
from contract.image_format import ImageFormat
from contract.report import PageError, PageReport, Reply, ReportType, Want
from contract.signing import verify
from contract.status import JobStatus, PageErrorCode, PageStatus
from tests.support.orchestrator import PAGE, Orchestrator
from tests.support.peers import ScriptedTranslator, orders
from tests.support.secrets import WEBHOOK_SECRETS

IMAGE = b"RIFF....WEBP a finished page"


def test_a_created_job_is_queued_and_tells_where_to_put_each_page(orchestrator: Orchestrator) -> None:
    response = orchestrator.call(
        "POST", "/jobs", json={"pages": [{"upload": "image/png"}, {"upload": "image/jpeg"}], "chapter_id": "c1"}
    )
    assert response.status_code == 202
    body = response.json()
    assert body["status"] == "queued"
    assert response.headers["location"] == body["status_url"] == f"{orchestrator.url}/jobs/{body['id']}"
    assert [upload["page"] for upload in body["uploads"]] == [1, 2]
    assert all(upload["grant"]["headers"]["if-none-match"] == "*" for upload in body["uploads"])
    assert ("X-Amz-Signature" in body["uploads"][0]["grant"]["url"]) == orchestrator.presigned


def test_a_job_is_not_started_before_all_its_pages_are_there(orchestrator: Orchestrator) -> None:
    job = orchestrator.create(pages=2)
    grant = job.uploads[0].grant
    orchestrator.client.request(grant.method, grant.url, headers=grant.headers, content=PAGE).raise_for_status()
    response = orchestrator.call("POST", f"/jobs/{job.id}/start")
    assert response.status_code == 409
    assert "2" in response.json()["detail"]
    assert not orders(orchestrator.translator, job.id)


def test_a_page_is_uploaded_once(orchestrator: Orchestrator) -> None:
    grant = orchestrator.create().uploads[0].grant
    first = orchestrator.client.request(grant.method, grant.url, headers=grant.headers, content=PAGE)
    second = orchestrator.client.request(grant.method, grant.url, headers=grant.headers, content=b"another")
    assert (first.status_code, second.status_code) == (200, 412)


def test_the_whole_life_of_a_chapter(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken(pages=2, webhook_url=orchestrator.consumer.url, metadata={"reader": "42"})
    job_id = translator.order.job_id
    assert orchestrator.view(job_id).status is JobStatus.PREPARING
    assert translator.read_input(1) == PAGE

    assert translator.heartbeat(PageReport(1, PageStatus.RUNNING, stage="read")).status_code == 200
    running = orchestrator.view(job_id)
    assert running.status is JobStatus.RUNNING
    assert (running.pages[0].status, running.pages[0].stage) == (PageStatus.RUNNING, "read")

    translator.deliver(1, IMAGE)
    translator.heartbeat()
    page = orchestrator.view(job_id).pages[0]
    assert page.status is PageStatus.DONE
    assert page.image_url is not None
    assert orchestrator.call("GET", page.image_url).content == IMAGE

    translator.deliver(2, IMAGE + b"2")
    reply = translator.finish()
    assert (reply.status_code, reply.json()["duplicate"]) == (200, False)
    ended = orchestrator.view(job_id)
    assert ended.status is JobStatus.SUCCESS
    assert ended.counts["done"] == 2
    assert ended.completed_at is not None

    orchestrator.sweep()
    delivery = orchestrator.consumer.wait_for(1)[0]
    envelope = verify(delivery.headers, delivery.body, WEBHOOK_SECRETS, now=time.time())
    event = ChapterFinished.parse(delivery.body)
    assert (event.job_id, event.status, event.succeeded) == (job_id, JobStatus.SUCCESS, 2)
    assert event.metadata == {"reader": "42"}
    assert envelope.id == orchestrator.view(job_id).webhook.event_id


def test_a_chapter_with_a_failed_page_is_partial(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken(pages=2)
    translator.deliver(1, IMAGE)
    error = PageError.of(PageErrorCode.NOT_AN_IMAGE, "no image format")
    translator.finish(PageReport(2, PageStatus.FAILED, error=error))
    view = orchestrator.view(translator.order.job_id)
    assert view.status is JobStatus.PARTIAL
    assert view.pages[1].error == error


def test_a_page_that_is_not_what_was_reported_does_not_count(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    report = translator.deliver(1, IMAGE)
    assert report.output is not None
    object.__setattr__(report.output.image, "md5", "0" * 32)
    translator.finish()
    view = orchestrator.view(translator.order.job_id)
    assert view.status is JobStatus.ERROR
    assert view.pages[0].error is not None
    assert view.pages[0].error.code is PageErrorCode.OUTPUT_MISMATCH


def test_a_second_result_is_a_duplicate_and_changes_nothing(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    translator.deliver(1, IMAGE)
    translator.finish()
    before = orchestrator.view(translator.order.job_id)
    again = translator.finish()
    assert again.status_code in (200, 409)
    assert orchestrator.view(translator.order.job_id) == before


def test_a_lost_callback_loses_nothing(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    translator.heartbeat()
    translator.deliver(1, IMAGE)
    translator.put(translator.order.result, translator.report(ReportType.RESULT).to_bytes())
    deadline = time.monotonic() + 20
    while not orchestrator.view(translator.order.job_id).status.is_terminal:
        assert time.monotonic() < deadline
        orchestrator.sweep()
        time.sleep(0.2)
    assert orchestrator.view(translator.order.job_id).status is JobStatus.SUCCESS


def test_a_job_waits_for_a_translator_that_is_down_and_then_runs(orchestrator: Orchestrator) -> None:
    orchestrator.translator.status = 503
    job = orchestrator.started()
    assert orchestrator.view(job.id).status is JobStatus.QUEUED
    orchestrator.translator.status = 202
    deadline = time.monotonic() + 20
    while orchestrator.view(job.id).status is JobStatus.QUEUED:
        assert time.monotonic() < deadline
        orchestrator.sweep()
        time.sleep(0.2)
    assert {order.attempt for order in orders(orchestrator.translator, job.id)} == {1}


def test_a_translator_that_falls_silent_is_taken_over(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken(pages=2)
    translator.deliver(1, IMAGE)
    translator.heartbeat()
    deadline = time.monotonic() + 30
    while len({order.attempt for order in orders(orchestrator.translator, translator.order.job_id)}) < 2:
        assert time.monotonic() < deadline
        orchestrator.sweep()
        time.sleep(0.3)
    second = orders(orchestrator.translator, translator.order.job_id)[-1]
    assert (second.attempt, [page.page for page in second.pages]) == (2, [2])
    stale = translator.heartbeat()
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_attempt")
    successor = ScriptedTranslator(second, orchestrator.client, worker_id="worker-b")
    successor.deliver(2, IMAGE)
    assert successor.finish().status_code == 200
    view = orchestrator.view(second.job_id)
    assert view.status is JobStatus.SUCCESS
    assert [page.attempt for page in view.pages] == [1, 2]


def test_a_canceled_job_stops_at_the_next_heartbeat(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken(pages=2)
    translator.heartbeat()
    response = orchestrator.call("POST", f"/jobs/{translator.order.job_id}/cancel")
    assert response.status_code == 202
    assert translator.heartbeat().json()["cancel"] is True
    error = PageError.of(PageErrorCode.NOT_REACHED, "canceled")
    translator.finish(*(PageReport(n, PageStatus.FAILED, error=error) for n in (1, 2)))
    assert orchestrator.view(translator.order.job_id).status is JobStatus.CANCELED
    assert orchestrator.call("POST", f"/jobs/{translator.order.job_id}/cancel").status_code == 200


def test_a_job_canceled_before_its_start_ends_at_once(orchestrator: Orchestrator) -> None:
    job = orchestrator.create()
    orchestrator.call("POST", f"/jobs/{job.id}/cancel")
    assert orchestrator.view(job.id).status is JobStatus.CANCELED


def test_a_poll_that_saw_the_newest_state_gets_304(orchestrator: Orchestrator) -> None:
    job = orchestrator.create()
    first = orchestrator.call("GET", f"/jobs/{job.id}")
    etag = first.headers["etag"]
    assert not etag.startswith("W/")
    second = orchestrator.call("GET", f"/jobs/{job.id}", headers={"if-none-match": etag})
    assert (second.status_code, second.content) == (304, b"")
    assert int(first.headers["retry-after"]) >= 1
    orchestrator.call("POST", f"/jobs/{job.id}/cancel")
    third = orchestrator.call("GET", f"/jobs/{job.id}", headers={"if-none-match": etag})
    assert third.status_code == 200
    assert third.headers["etag"] != etag
    assert "retry-after" not in third.headers


def test_an_artifact_is_served_in_ranges(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    translator.deliver(1, IMAGE)
    translator.finish()
    url = orchestrator.view(translator.order.job_id).pages[0].image_url
    assert url is not None
    part = orchestrator.call("GET", url, headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, IMAGE[4:8])
    assert part.headers["content-range"] == f"bytes 4-7/{len(IMAGE)}"
    tail = orchestrator.call("GET", url, headers={"range": "bytes=-5"})
    assert tail.content == IMAGE[-5:]
    assert orchestrator.call("GET", url, headers={"range": f"bytes={len(IMAGE)}-"}).status_code == 416
    whole = orchestrator.call("GET", url)
    assert orchestrator.call("GET", url, headers={"if-none-match": whole.headers["etag"]}).status_code == 304
    assert whole.headers["content-type"] == "image/webp"


def test_the_series_memory_reaches_the_translator(orchestrator: Orchestrator) -> None:
    memory = {"schema": 1, "source": "ja", "target": "en", "entries": [{"source": "夢", "target": "a dream"}]}
    put = orchestrator.call("PUT", "/series/s1/memory", json=memory)
    assert put.status_code in (200, 201, 204), put.text
    translator = orchestrator.taken(series_id="s1")
    grant = translator.order.memory
    assert grant is not None
    got = orchestrator.client.request(grant.method, grant.url, headers=grant.headers)
    assert json.loads(got.content) == memory


def test_a_heartbeat_brings_fresh_grants_for_what_it_wants_and_for_the_manifest(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    report = dataclasses.replace(translator.report(), wants=(Want(1, ImageFormat.PNG),))
    reply = Reply.parse(translator.send(report).content)
    assert [grants.page for grants in reply.grants] == [1]
    assert reply.grants[0].image.headers["content-type"] == "image/png"
    assert reply.result is not None
    translator.put(reply.result, b"{}")
