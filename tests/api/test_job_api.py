"""Polling, listing, retrying and redelivering, over HTTP, on every platform."""

from __future__ import annotations

import threading
import time

import httpx

from contract import PROTOCOL
from contract.listing import JobList
from contract.report import PageError, PageReport
from contract.status import JobStatus, PageErrorCode, PageStatus
from contract.view import JobView
from tests.support.orchestrator import PAGE, Orchestrator, problem
from tests.support.peers import ScriptedTranslator, orders
from tests.support.secrets import OTHER_API_KEY, READER, ROTATED_API_KEY

IMAGE = b"RIFF....WEBP a finished page"
FAILED = PageReport(2, PageStatus.FAILED, error=PageError.of(PageErrorCode.STAGE_FAILED, "it broke"))


def partial(orchestrator: Orchestrator, **asked: object) -> JobView:
    translator = orchestrator.taken(pages=2, **asked)
    translator.deliver(1, IMAGE)
    assert translator.finish(FAILED).status_code == 200
    return orchestrator.view(translator.order.job_id)


def test_a_long_poll_answers_when_the_job_changes(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    url = f"/jobs/{translator.order.job_id}"
    etag = orchestrator.call("GET", url).headers["etag"]
    beat = threading.Timer(1.0, translator.heartbeat)
    beat.start()
    began = time.monotonic()
    answer = orchestrator.call("GET", f"{url}?wait=20", headers={"if-none-match": etag})
    beat.join()
    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    assert 0.9 < time.monotonic() - began < 15


def test_a_long_poll_in_which_nothing_happens_ends_in_its_time(orchestrator: Orchestrator) -> None:
    job = orchestrator.create()
    url = f"/jobs/{job.id}?fields=summary"
    first = orchestrator.call("GET", url)
    assert "pages" not in first.json()
    began = time.monotonic()
    answer = orchestrator.call("GET", f"{url}&wait=1", headers={"if-none-match": first.headers["etag"]})
    assert answer.status_code == 304
    assert 0.9 < time.monotonic() - began < 10


def test_what_failed_is_retried_in_a_new_job_and_served_as_a_whole(orchestrator: Orchestrator) -> None:
    old = partial(orchestrator)
    assert old.status is JobStatus.PARTIAL
    answer = orchestrator.call("POST", str(old.retry_url))
    assert answer.status_code == 202, answer.text
    job = JobView.parse(answer.content)
    assert (job.retry_of, orchestrator.view(old.id).superseded_by) == (old.id, job.id)
    order = orders(orchestrator.translator, job.id)[-1]
    assert [page.page for page in order.pages] == [2]
    translator = ScriptedTranslator(order, orchestrator.client)
    assert translator.read_input(2) == PAGE
    translator.deliver(2, b"the second page")
    assert translator.finish().status_code == 200
    view = orchestrator.view(job.id)
    assert view.status is JobStatus.SUCCESS
    bodies = [orchestrator.call("GET", str(page.image_url)).content for page in view.pages]
    assert bodies == [IMAGE, b"the second page"]
    assert problem(orchestrator.call("POST", f"/jobs/{old.id}/pages/1/retry"))["code"] == "conflict"


def test_the_jobs_of_an_owner_are_listed_in_parts(orchestrator: Orchestrator) -> None:
    mine = [orchestrator.create().id for _ in range(3)]
    orchestrator.call("POST", f"/jobs/{mine[0]}/cancel")
    found: list[str] = []
    query = "limit=2"
    while True:
        part = JobList.parse(orchestrator.call("GET", f"/jobs?{query}").content)
        assert len(part.jobs) <= 2
        found += [job.id for job in part.jobs]
        if part.cursor is None:
            break
        query = str(httpx.QueryParams({"limit": "2", "cursor": part.cursor}))
    assert set(mine) <= set(found)
    assert len(set(found)) == len(found)
    canceled = JobList.parse(orchestrator.call("GET", "/jobs?limit=100&status=canceled").content)
    assert mine[0] in {job.id for job in canceled.jobs}
    theirs = JobList.parse(orchestrator.call("GET", "/jobs?limit=100", key=OTHER_API_KEY).content)
    assert not {job.id for job in theirs.jobs} & set(mine)
    assert problem(orchestrator.call("GET", "/jobs?cursor=made-up"))["field"] == "cursor"


def test_a_webhook_can_be_asked_for_again(orchestrator: Orchestrator) -> None:
    job = partial(orchestrator, webhook_url=orchestrator.consumer.url)
    orchestrator.consumer.wait_for(1)
    deadline = time.monotonic() + 20
    while (view := orchestrator.view(job.id)).webhook.state != "delivered":
        assert time.monotonic() < deadline, view.webhook
        time.sleep(0.1)
    answer = orchestrator.call("POST", str(view.webhook.redeliver_url))
    assert answer.status_code == 202, answer.text
    first, again = orchestrator.consumer.wait_for(2)[:2]
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body


def test_a_browser_needs_no_key_and_may_read_what_polling_needs(orchestrator: Orchestrator) -> None:
    origin = {"origin": READER}
    job = orchestrator.create()
    assert job.poll_url is not None
    preflight = {**origin, "access-control-request-method": "GET", "access-control-request-headers": "if-none-match"}
    leave = orchestrator.call("OPTIONS", job.poll_url, key=None, headers=preflight)
    assert (leave.status_code, leave.headers["access-control-allow-origin"]) == (204, READER)
    answer = orchestrator.call("GET", job.poll_url, key=None, headers=origin)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, READER)
    assert "ETag" in answer.headers["access-control-expose-headers"]
    stranger = orchestrator.call("GET", job.poll_url, key=None, headers={"origin": "https://stranger.test"})
    assert "access-control-allow-origin" not in stranger.headers


def test_both_keys_of_an_owner_are_believed_while_one_replaces_the_other(orchestrator: Orchestrator) -> None:
    job = orchestrator.create()
    assert orchestrator.call("GET", f"/jobs/{job.id}", key=ROTATED_API_KEY).status_code == 200


def test_the_interface_describes_itself(orchestrator: Orchestrator) -> None:
    answer = orchestrator.call("GET", "/openapi.json", key=None)
    assert answer.headers["x-fukidashi-protocol"] == str(PROTOCOL)
    document = answer.json()
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": orchestrator.url}]
    assert "/jobs/{job_id}/retry" in document["paths"]
