"""What the orchestrator refuses, and that every refusal is a problem document."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from contract.report import PageReport, ReportType
from contract.signing import Secret, sign
from contract.status import JobStatus, PageStatus
from tests.support.orchestrator import Orchestrator, problem
from tests.support.peers import JSON, signature
from tests.support.secrets import CALLBACK_SECRETS, OTHER_API_KEY


def test_a_poll_of_an_unknown_job_is_404(orchestrator: Orchestrator) -> None:
    assert problem(orchestrator.call("GET", "/jobs/job_doesnotexist"))["code"] == "not_found"


def test_another_owners_job_is_404(orchestrator: Orchestrator) -> None:
    job = orchestrator.create()
    for method, path in (("GET", ""), ("POST", "/start"), ("POST", "/cancel")):
        response = orchestrator.call(method, f"/jobs/{job.id}{path}", key=OTHER_API_KEY)
        assert problem(response)["code"] == "not_found"


@pytest.mark.parametrize("value", [None, "Bearer", "Basic eDp5", "Bearer wrong-key-0123456789", "Bearer ключ"])
def test_without_a_valid_key_nothing_is_created(orchestrator: Orchestrator, value: str | None) -> None:
    headers = httpx.Headers({} if value is None else {b"authorization": value.encode()})
    body = {"pages": [{"upload": "image/png"}], "chapter_id": "c"}
    response = orchestrator.client.post(f"{orchestrator.url}/jobs", json=body, headers=headers)
    assert problem(response)["status"] == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"pages": []}, "pages"),
        ({"pages": [{"upload": "image/png"}]}, "chapter_id"),
        ({"pages": [{"upload": "text/html"}], "chapter_id": "c"}, "pages[0].upload"),
        ({"pages": [{"upload": "image/png"}], "chapter_id": "../../etc"}, "chapter_id"),
        ({"pages": [{"upload": "image/png"}], "chapter_id": "c", "tagret": "en"}, "tagret"),
        ({"pages": [{"upload": "image/png"}], "chapter_id": "c", "target": "<script>"}, "target"),
        ({"pages": [{"upload": "image/png"}], "chapter_id": "c", "webhook_url": "file:///etc/passwd"}, "webhook_url"),
    ],
)
def test_a_wrong_field_is_named(orchestrator: Orchestrator, body: dict[str, object], field: str) -> None:
    document = problem(orchestrator.call("POST", "/jobs", json=body))
    assert (document["status"], document["code"], document["field"]) == (422, "invalid", field)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"pages": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(orchestrator: Orchestrator, body: bytes) -> None:
    response = orchestrator.call("POST", "/jobs", content=body, headers={"content-type": "application/json"})
    assert problem(response)["status"] in (400, 422)


def test_an_unknown_route_and_a_wrong_method_are_told_apart(orchestrator: Orchestrator) -> None:
    assert problem(orchestrator.call("GET", "/nowhere"))["code"] == "not_found"
    response = orchestrator.call("DELETE", "/jobs")
    assert problem(response)["code"] == "method_not_allowed"
    assert "POST" in response.headers["allow"]


def test_an_unsigned_callback_is_refused(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    response = translator.send(translator.report(), headers={})
    document = problem(response)
    assert document["code"] == "bad_signature"
    assert abs(float(str(document["server_time"])) - time.time()) < 60


def test_a_callback_signed_with_another_secret_is_refused(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    report = translator.report()
    stranger = (Secret(b"a-secret-that-nobody-here-knows-00"),)
    headers = sign(report.to_bytes(), stranger, message_id="msg_1", timestamp=int(time.time()))
    assert problem(translator.send(report, headers=headers))["code"] == "bad_signature"


def test_a_callback_whose_body_was_changed_is_refused(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    headers = signature(translator.report().to_bytes())
    assert problem(translator.send(translator.report(), headers=headers))["code"] == "bad_signature"


@pytest.mark.parametrize("offset", [-301, 302])
def test_a_callback_too_old_or_too_new_is_refused(orchestrator: Orchestrator, offset: int) -> None:
    translator = orchestrator.taken()
    report = translator.report()
    headers = signature(report.to_bytes(), at=time.time() + offset)
    assert problem(translator.send(report, headers=headers))["code"] == "bad_signature"


def test_a_replayed_callback_is_refused(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    report = translator.report()
    headers = signature(report.to_bytes())
    assert translator.send(report, headers=headers).status_code == 200
    assert problem(translator.send(report, headers=headers))["code"] == "replayed"


def test_of_twenty_simultaneous_copies_of_a_callback_one_is_taken(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    report = translator.report()
    headers = signature(report.to_bytes())
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda _: translator.send(report, headers=headers).status_code, range(20)))
    assert sorted(statuses) == [200] + [409] * 19


def test_a_retry_of_a_result_under_a_fresh_id_is_no_replay(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    translator.deliver(1, b"image")
    report = translator.report(ReportType.RESULT)
    first, second = translator.send(report), translator.send(report)
    assert (first.status_code, first.json()["duplicate"]) == (200, False)
    assert (second.status_code, second.json()["duplicate"]) == (200, True)


def test_a_callback_for_an_unknown_job_or_attempt_is_refused(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    for change in ({"job_id": "job_doesnotexist"}, {"attempt": 7}):
        report = translator.report()
        for name, value in change.items():
            object.__setattr__(report, name, value)
        assert translator.send(report).status_code in (404, 409)


def test_a_signed_callback_with_a_broken_body_is_refused(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    for body in (b"{}", b'{"protocol": 99}', b"\xff", b"[]"):
        headers = {**JSON, **sign(body, CALLBACK_SECRETS, message_id=f"m{body.hex()}", timestamp=int(time.time()))}
        response = orchestrator.client.post(translator.order.callback_url, content=body, headers=headers)
        assert problem(response)["status"] in (400, 422)


def test_two_translators_with_one_attempt_do_not_both_go_on(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    twin = type(translator)(translator.order, orchestrator.client, worker_id="worker-twin")
    assert translator.heartbeat().status_code == 200
    assert problem(twin.heartbeat())["code"] == "stale_attempt"


def test_reports_out_of_order_never_take_a_page_back(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    translator.heartbeat()
    old = translator.report(ReportType.HEARTBEAT, PageReport(1, PageStatus.RUNNING, stage="read"))
    translator.deliver(1, b"image")
    translator.heartbeat()
    assert translator.send(old).status_code == 200
    assert orchestrator.view(translator.order.job_id).pages[0].status is PageStatus.DONE


def test_a_heartbeat_after_the_end_changes_nothing(orchestrator: Orchestrator) -> None:
    translator = orchestrator.taken()
    translator.deliver(1, b"image")
    translator.finish()
    assert problem(translator.heartbeat())["code"] == "stale_attempt"
    assert orchestrator.view(translator.order.job_id).status is JobStatus.SUCCESS


def test_an_upload_needs_the_headers_and_the_place_it_was_granted_for(orchestrator: Orchestrator) -> None:
    grant = orchestrator.create().uploads[0].grant
    client = orchestrator.client
    wrong_type = client.request("PUT", grant.url, headers={**grant.headers, "content-type": "text/html"}, content=b"x")
    assert wrong_type.status_code in (401, 403, 415)
    elsewhere = (
        grant.url.replace("pages/0001", "pages/0002") if orchestrator.presigned else grant.url.replace("/1?", "/2?")
    )
    assert elsewhere != grant.url
    assert client.request("PUT", elsewhere, headers=grant.headers, content=b"x").status_code in (401, 403)
    forged = grant.url[:-4] + ("AAAA" if not grant.url.endswith("AAAA") else "BBBB")
    assert client.request("PUT", forged, headers=grant.headers, content=b"x").status_code in (401, 403)


def test_healthz_answers_anyone(orchestrator: Orchestrator) -> None:
    response = orchestrator.call("GET", "/healthz", key=None)
    assert (response.status_code, response.json()["status"]) == (200, "ok")
