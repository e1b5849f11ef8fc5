"""Two versions meet while one side is rolled out: this version and the one before, whose messages are kept as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contract import PROTOCOL
from contract.attempt import AttemptOrder
from contract.report import Reply, Report
from contract.signing import sign
from contract.status import JobStatus
from tests.edge.world import CALLBACK, DOCUMENT, IMAGE, Answer, Attempt, World

BEFORE = Path(__file__).resolve().parents[1] / "contract" / "protocol_1"


def old(name: str, **changes: Any) -> dict[str, Any]:
    """A message as version 1 wrote it, about another job."""
    message: dict[str, Any] = json.loads((BEFORE / f"{name}.json").read_text())
    return {**message, **changes}


def post(world: World, message: dict[str, Any]) -> Answer:
    body = json.dumps(message).encode()
    headers = sign(body, CALLBACK, message_id=world.fresh_id(), timestamp=int(world.platform.now()))
    return world.call(
        "POST", "/callbacks/container", body=body, key=None, headers={**headers, "content-type": "application/json"}
    )


def test_the_kept_messages_are_of_the_version_before() -> None:
    assert [old(name)["protocol"] for name in ("heartbeat", "result", "order")] == [PROTOCOL - 1] * 3


def test_a_translator_of_the_version_before_brings_a_job_to_its_end(world: World) -> None:
    attempt = world.attempt(pages=2)
    ids = {"job_id": attempt.job_id, "attempt": 1}
    answer = post(world, old("heartbeat", **ids))
    assert answer.status == 200
    assert [grants["page"] for grants in answer.json["grants"]] == [2]
    attempt.deliver(1)
    output = attempt.pages[1].output
    assert output is not None
    message = old("result", **ids)
    message["pages"][0]["output"] = output.to_json()
    assert post(world, message).status == 200
    view = world.view(attempt.job_id)
    assert (view.status, view.counts["done"]) == (JobStatus.PARTIAL, 1)
    assert view.audit["fallback_ratio"] == 1.0
    assert (len(IMAGE), len(DOCUMENT)) == (output.image.size, output.document.size)


def test_what_version_1_wrote_is_read() -> None:
    assert AttemptOrder.parse((BEFORE / "order.json").read_bytes()).protocol == PROTOCOL - 1
    assert Report.parse((BEFORE / "heartbeat.json").read_bytes()).transport.fallback_bytes is None
    assert Reply.parse((BEFORE / "reply.json").read_bytes()).cancel


@pytest.mark.parametrize("protocol", [PROTOCOL - 2, PROTOCOL + 1, 99])
def test_any_other_version_is_refused_and_told_which_are_spoken(world: World, protocol: int) -> None:
    attempt = world.attempt()
    answer = post(world, old("heartbeat", job_id=attempt.job_id, protocol=protocol))
    assert (answer.status, answer.json["code"]) == (400, "unsupported_protocol")
    assert answer.json["supported"] == [PROTOCOL - 1, PROTOCOL]


def test_every_answer_and_every_order_says_its_version(world: World) -> None:
    for path in ("/healthz", "/nowhere", "/jobs"):
        assert world.call("GET", path).headers["x-fukidashi-protocol"] == str(PROTOCOL)
    Attempt(world, world.attempt().order)
    assert world.order_headers[-1]["x-fukidashi-protocol"] == str(PROTOCOL)


def test_a_job_that_the_version_before_left_goes_on(world: World) -> None:
    """job.json, without the fields that a retry has."""
    job = world.create()
    key = world.key(job.id, "job.json")
    info, body = world.platform.bucket.objects[key]
    record = {
        name: value for name, value in json.loads(body).items() if name not in ("retry_of", "inputs_of", "retried")
    }
    world.platform.bucket.objects[key] = (info, json.dumps(record).encode())
    world.upload(job)
    assert world.call("POST", f"/jobs/{job.id}/start").status == 202
    assert [page.page for page in world.orders[-1].pages] == [1, 2]
