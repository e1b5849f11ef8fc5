"""What translators report: believed, once, from the attempt that holds the job."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from contract.image_format import ImageFormat
from contract.problem import ProblemCode
from contract.report import PageReport, Reply, ReportType, Want
from contract.signing import Secret, sign
from contract.status import JobStatus, PageErrorCode, PageStatus
from tests.edge.world import CALLBACK, Answer, Attempt, World


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


def post(world: World, body: bytes, headers: dict[str, str]) -> Answer:
    sent = {"content-type": "application/json", **headers}
    return world.call("POST", "/callbacks/container", body=body, key=None, headers=sent)


def test_an_unsigned_report_is_refused_with_the_servers_time(world: World) -> None:
    attempt = world.attempt()
    answer = post(world, attempt.report().to_bytes(), {})
    assert code(answer) == (401, "bad_signature")
    assert answer.json["server_time"] == int(world.platform.now())
    assert world.view(attempt.job_id).status is JobStatus.PREPARING


@pytest.mark.parametrize("part", ["webhook-id", "webhook-timestamp", "webhook-signature", "body"])
def test_a_report_that_was_changed_on_its_way_is_refused(world: World, part: str) -> None:
    body = world.attempt().report().to_bytes()
    now = int(world.platform.now())
    headers = sign(body, CALLBACK, message_id="one", timestamp=now)
    if part == "body":
        body = body.replace(b"worker-1", b"worker-2")
    else:
        headers[part] = {"webhook-id": "two", "webhook-timestamp": str(now + 1), "webhook-signature": "v1,AAAA"}[part]
    assert code(post(world, body, headers)) == (401, "bad_signature")


def test_a_report_signed_with_a_strangers_secret_is_refused(world: World) -> None:
    body = world.attempt().report().to_bytes()
    headers = sign(body, (Secret(b"x" * 32),), message_id="one", timestamp=int(world.platform.now()))
    assert code(post(world, body, headers)) == (401, "bad_signature")


@pytest.mark.parametrize("age_s", [301, -301, 86_400, -86_400])
def test_a_report_that_is_too_old_or_from_the_future_is_refused(world: World, age_s: int) -> None:
    attempt = world.attempt()
    assert code(attempt.send(attempt.report(), age_s=age_s)) == (401, "bad_signature")


def test_both_secrets_of_a_rotation_are_believed(world: World) -> None:
    attempt = world.attempt()
    for index, secret in enumerate(CALLBACK):
        body = attempt.report().to_bytes()
        headers = sign(body, (secret,), message_id=f"m{index}", timestamp=int(world.platform.now()))
        assert post(world, body, headers).status == 200


def test_of_twenty_concurrent_replays_one_is_taken(world: World) -> None:
    attempt = world.attempt()
    request = attempt.request(attempt.report())
    answers = world.together(*[request] * 20)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 19
    assert {answer.json["code"] for answer in answers if answer.status == 409} == {"replayed"}


@pytest.mark.parametrize("later_s", [1, 200, 299])
def test_a_replay_is_found_when_kv_has_forgotten_and_the_hour_has_changed(world: World, later_s: int) -> None:
    attempt = world.attempt()
    world.platform.clock.now = (world.platform.clock.now // 3600) * 3600 + 3599
    request = attempt.request(attempt.report())
    assert world.together(request)[0].status == 200
    world.platform.kv.lose_everything()
    world.platform.clock.forward(later_s)
    assert code(world.together(request)[0]) == (409, "replayed")


def test_a_replay_is_found_while_kv_is_down(world: World) -> None:
    attempt = world.attempt()
    world.platform.kv.broken = True
    request = attempt.request(attempt.report())
    assert [world.together(request)[0].status for _ in range(2)] == [200, 409]


def test_the_same_report_under_a_fresh_id_is_a_duplicate_and_still_gets_its_grants(world: World) -> None:
    attempt = world.attempt()
    report = attempt.report(wants=(Want(1),))
    first, again = (Reply.parse(attempt.send(report).body) for _ in range(2))
    assert (first.duplicate, again.duplicate) == (False, True)
    assert len(first.grants) == len(again.grants) == 1


def test_fresh_grants_can_be_of_another_format_and_are_used(any_world: World) -> None:
    attempt = any_world.attempt()
    any_world.platform.clock.forward(700)
    assert any_world.use(attempt.grants[1].image, b"x").status in (400, 401)
    grants = attempt.heartbeat(wants=(Want(1, ImageFormat.PNG),)).grants
    assert grants[0].image.headers["content-type"] == "image/png"
    assert any_world.use(grants[0].image, b"x").status == 200
    assert any_world.use(grants[0].input).body == b"page 1"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_reports_out_of_order_lead_to_the_newest_state(world: World, order: tuple[int, ...]) -> None:
    attempt = world.attempt(pages=2)
    reports = [attempt.report()]
    attempt.run(1)
    reports.append(attempt.report())
    attempt.deliver(1)
    attempt.run(2)
    reports.append(attempt.report())
    for index in order:
        assert attempt.send(reports[index]).status == 200
    assert [page.status for page in world.view(attempt.job_id).pages] == [PageStatus.DONE, PageStatus.RUNNING]


def test_a_finished_page_does_not_go_back_though_a_newer_report_says_so(world: World) -> None:
    attempt = world.attempt()
    attempt.deliver(1)
    attempt.heartbeat()
    attempt.run(1)
    attempt.heartbeat()
    assert world.view(attempt.job_id).pages[0].status is PageStatus.DONE


def test_concurrent_heartbeats_lose_nothing(world: World) -> None:
    attempt = world.attempt(pages=6)
    reports = []
    for page in range(1, 7):
        attempt.deliver(page)
        reports.append(attempt.request(attempt.report()))
    answers = world.together(*reports)
    assert {answer.status for answer in answers} == {200}
    assert world.view(attempt.job_id).counts["done"] == 6


def test_a_second_worker_of_the_same_attempt_has_to_stop(world: World) -> None:
    attempt = world.attempt()
    attempt.heartbeat()
    twin = Attempt(world, attempt.order, worker_id="worker-2")
    assert code(twin.send(twin.report())) == (409, "stale_attempt")
    assert code(twin.send(twin.report(ReportType.RESULT))) == (409, "stale_attempt")
    assert attempt.heartbeat().lease_s == 60.0


def test_of_twenty_workers_that_report_at_once_one_owns_the_attempt(world: World) -> None:
    order = world.attempt().order
    twins = [Attempt(world, order, worker_id=f"worker-{index}") for index in range(20)]
    answers = world.together(*(twin.request(twin.report()) for twin in twins))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 19


def test_an_attempt_that_was_never_ordered_is_stale(world: World) -> None:
    attempt = world.attempt()
    attempt.order = replace(attempt.order, attempt=2)
    assert code(attempt.send(attempt.report())) == (409, "stale_attempt")


def test_a_report_of_an_unknown_job_is_a_404(world: World) -> None:
    attempt = world.attempt()
    attempt.order = replace(attempt.order, job_id="job_unknown")
    assert code(attempt.send(attempt.report())) == (404, "not_found")


def test_a_report_after_the_end_has_to_stop_but_the_same_result_is_a_duplicate(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.deliver(1)
    result = attempt.result()
    first = attempt.send(result)
    again = attempt.send(result)
    assert [(answer.status, answer.json["duplicate"]) for answer in (first, again)] == [(200, False), (200, True)]
    assert code(attempt.send(attempt.report())) == (409, "stale_attempt")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pages": [{"page": 3, "status": "queued"}]}, "pages[0].page"),
        ({"pages": [{"page": 1, "status": "queued"}] * 2}, "pages[1].page"),
        ({"pages": [{"page": 1, "status": "done"}]}, "pages[0].output"),
        ({"pages": [{"page": 1, "status": "failed"}]}, "pages[0].error"),
        ({"wants": [{"page": 9}]}, "wants[0].page"),
        ({"seq": -1}, "seq"),
        ({"worker_id": "../x"}, "worker_id"),
    ],
)
def test_a_report_that_fits_no_job_names_its_field(world: World, change: dict[str, object], field: str) -> None:
    attempt = world.attempt(pages=2)
    body = json.dumps({**attempt.report().to_json(), **change}).encode()
    headers = sign(body, CALLBACK, message_id=world.fresh_id(), timestamp=int(world.platform.now()))
    answer = post(world, body, headers)
    assert (answer.status, answer.json["field"]) == (422, field)


def test_a_signed_body_that_is_no_json_is_a_bad_request(world: World) -> None:
    headers = sign(b"\xff", CALLBACK, message_id="m", timestamp=int(world.platform.now()))
    assert code(post(world, b"\xff", headers)) == (400, ProblemCode.BAD_REQUEST.code)


def test_a_report_can_be_sent_again_after_the_storage_failed(world: World) -> None:
    attempt = world.attempt()
    attempt.deliver(1)
    report = attempt.report()
    world.platform.bucket.breaks = lambda operation, key: operation == "put" and "/heartbeats/" in key
    failed = attempt.send(report)
    assert (failed.status, failed.json["retryable"], failed.headers["retry-after"]) == (503, True, "2")
    world.platform.bucket.breaks = lambda operation, key: False
    assert attempt.send(report).status == 200


def test_a_page_that_failed_shows_why(world: World) -> None:
    attempt = world.attempt()
    attempt.fail(1, PageErrorCode.TRUNCATED_IMAGE)
    attempt.heartbeat()
    error = world.view(attempt.job_id).pages[0].error
    assert error is not None
    assert (error.code, error.retryable) == (PageErrorCode.TRUNCATED_IMAGE, False)


def test_a_canceled_or_expired_job_is_told_to_stop(world: World) -> None:
    attempt = world.attempt()
    world.platform.clock.forward(86_401)
    attempt.pages[1] = PageReport(1, PageStatus.RUNNING)
    assert attempt.heartbeat().cancel
