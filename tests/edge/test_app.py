"""The boundary: every answer has an id, every error the one shape, and nothing leaks."""

from __future__ import annotations

import json

import pytest

from contract import PROTOCOL
from edge.http import Request
from tests.edge.world import CONSUMER, PUBLIC, World


def test_health_needs_no_key(world: World) -> None:
    answer = world.call("GET", "/healthz", key=None)
    assert (answer.status, answer.json) == (200, {"status": "ok", "protocol": PROTOCOL})
    assert answer.headers["x-fukidashi-protocol"] == str(PROTOCOL)


@pytest.mark.parametrize(
    "path", ["/", "/job", "/jobs/", "/jobs/a/b/c", "/jobs/../x", "/jobs/a..b", "/upload/j/0x1", "//jobs", "/jobs/ü"]
)
def test_an_unknown_route_is_a_problem_of_404(world: World, path: str) -> None:
    answer = world.call("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/jobs", "GET, POST"),
        ("POST", "/jobs/job_a", "GET"),
        ("POST", "/series/s/memory", "GET, PUT"),
        ("PUT", "/artifacts/j/pages/0001.webp", "GET, HEAD"),
        ("OPTIONS", "/healthz", "GET, HEAD"),
    ],
)
def test_a_wrong_method_names_the_right_ones(world: World, method: str, path: str, allow: str) -> None:
    answer = world.call(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allow)


def test_every_error_has_the_one_shape(world: World) -> None:
    answers = [
        world.call("GET", "/nowhere?t=hush"),
        world.call("GET", "/jobs/job_a", key=None),
        world.call("POST", "/jobs", body=b"{", headers={"content-type": "application/json"}),
        world.call("GET", "/jobs/a..b"),
        world.call("GET", "/jobs/job_unknown"),
    ]
    for answer in answers:
        problem = answer.json
        assert {"type", "title", "status", "detail", "instance", "code", "retryable", "request_id"} <= set(problem)
        assert problem["status"] == answer.status
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert "hush" not in answer.body.decode()


def test_requests_have_different_ids(world: World) -> None:
    ids = {world.call("GET", "/healthz").headers["x-request-id"] for _ in range(50)}
    assert len(ids) == 50


def test_what_breaks_is_a_500_that_is_logged_and_says_nothing(world: World) -> None:
    def explode(operation: str, key: str) -> bool:
        raise RuntimeError("inside https://r2.test/key?X-Amz-Signature=hush")

    world.platform.bucket.breaks = explode
    answer = world.call("GET", "/jobs/job_a")
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert "inside" not in answer.body.decode()
    (logged,) = world.platform.events("request_broke")
    assert (logged["error"], logged["request_id"]) == ("RuntimeError", answer.json["request_id"])
    assert "hush" not in json.dumps(world.platform.logs)


def test_a_storage_that_fails_is_a_503_that_may_be_tried_again(world: World) -> None:
    world.platform.bucket.breaks = lambda operation, key: True
    answer = world.call("GET", "/jobs/job_a")
    assert (answer.status, answer.json["retryable"], answer.headers["retry-after"]) == (503, True, "2")


def test_no_log_holds_a_secret_a_token_or_a_query(world: World) -> None:
    attempt = world.attempt(pages=1, webhook_url=f"{CONSUMER}?password=hush")
    attempt.deliver(1)
    attempt.finish()
    world.sweep(60)
    logs = json.dumps(world.platform.logs)
    for secret in ("key-of-a", "hush", "?t=", "whsec", "v1,", "Bearer", "cccc", "tttt"):
        assert secret not in logs
    assert {event for event, _ in world.platform.logs} >= {"request", "dispatch", "final", "webhook"}


def test_a_job_of_a_thousand_pages_goes_through(world: World) -> None:
    job = world.create(pages=1000)
    world.upload(job)
    assert world.call("POST", f"/jobs/{job.id}/start").status == 202
    assert len(world.orders[0].pages) == 1000


def test_a_url_with_a_strange_query_is_read(world: World) -> None:
    request = Request("GET", f"{PUBLIC}/healthz?a=%ff&&=&t", {}, world.request("GET", "/healthz").body)
    assert world.together(request)[0].status == 200


def test_every_log_line_about_a_job_names_it(world: World) -> None:
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.deliver(1)
    attempt.finish()
    world.call("GET", f"/jobs/{attempt.job_id}")
    for event in ("dispatch", "final", "webhook"):
        assert [fields["job_id"] for fields in world.platform.events(event)] == [attempt.job_id]
    assert world.platform.events("request")[-1]["job_id"] == attempt.job_id
