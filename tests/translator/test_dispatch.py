"""Orders that are taken, and all those that are not."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest

from contract import PROTOCOL
from contract.problem import CONTENT_TYPE
from contract.signing import Secret, sign
from tests.translator.containers import running, until
from tests.translator.fake_orchestrator import signed
from tests.translator.tiny_stages import Script, TinyFactory, image
from translator.stages import StageFactory

ONE_PAGE = {1: image()}


def gated() -> Script:
    return Script(gates={("detect", 1): threading.Event()})


async def test_the_same_order_again_is_answered_with_200_and_done_once() -> None:
    async with running() as it:
        order = it.orchestrator.order(ONE_PAGE)
        assert (await it.dispatch(order)).status_code == 202
        assert (await it.dispatch(order)).status_code == 200
        await it.idle()
        assert (await it.dispatch(order)).status_code == 200
        assert len(it.script.of("detect")) == 1
        assert len(it.orchestrator.results) == 1


async def test_a_replayed_message_is_refused() -> None:
    async with running() as it:
        request = it.orchestrator.dispatch(it.orchestrator.order(ONE_PAGE))
        assert (await it.http.put(**request)).status_code == 202
        again = await it.http.put(**request)
    assert again.status_code == 409
    assert again.json()["code"] == "replayed"


async def test_a_full_translator_says_when_to_come_back() -> None:
    script = gated()
    async with running(script=script) as it:
        assert (await it.dispatch(it.orchestrator.order(ONE_PAGE))).status_code == 202
        refused = await it.dispatch(it.orchestrator.order(ONE_PAGE, job_id="job-2"))
        script.gates["detect", 1].set()
        await it.idle()
        assert (await it.dispatch(it.orchestrator.order(ONE_PAGE, job_id="job-2"))).status_code == 202
    assert refused.status_code == 429
    assert refused.json()["code"] == "busy"
    assert refused.json()["retryable"] is True
    assert int(refused.headers["retry-after"]) > 0


async def test_another_attempt_of_a_job_in_work_is_refused_even_with_room() -> None:
    script = gated()
    async with running(script=script, max_jobs=4) as it:
        await it.dispatch(it.orchestrator.order(ONE_PAGE))
        refused = await it.dispatch(it.orchestrator.order(ONE_PAGE, attempt=2))
        script.gates["detect", 1].set()
    assert (refused.status_code, refused.json()["code"]) == (429, "busy")


async def test_an_unsigned_order_is_refused_and_told_the_time() -> None:
    async with running() as it:
        request = it.orchestrator.dispatch(it.orchestrator.order(ONE_PAGE))
        refused = await it.http.put(request["url"], content=request["content"])
    assert refused.status_code == 401
    assert refused.headers["content-type"] == CONTENT_TYPE
    assert refused.json()["code"] == "bad_signature"
    assert abs(refused.json()["server_time"] - time.time()) < 5


@pytest.mark.parametrize("change", ["body", "secret", "old", "new", "garbage"])
async def test_an_order_that_does_not_verify_is_refused(change: str) -> None:
    async with running() as it:
        document = it.orchestrator.order(ONE_PAGE).to_json()
        ages = {"old": -400.0, "new": 400.0}
        request = signed("/jobs/job-1/attempts/1", document, at=time.time() + ages.get(change, 0.0))
        if change == "body":
            request["content"] += b" "
        if change == "secret":
            other = [Secret(b"another secret of 32 bytes length")]
            request["headers"] = sign(request["content"], other, message_id="msg_1", timestamp=int(time.time()))
        if change == "garbage":
            request["headers"]["webhook-signature"] = "v1,ÿ"
            request["headers"] = {name: value.encode("latin-1") for name, value in request["headers"].items()}
        refused = await it.http.put(**request)
        assert not it.container.runner.busy
    assert (refused.status_code, refused.json()["code"]) == (401, "bad_signature")


async def test_without_secrets_nobody_can_order() -> None:
    async with running(callback_secrets=()) as it:
        assert (await it.dispatch(it.orchestrator.order(ONE_PAGE))).status_code == 401


def changed(**fields: Any) -> dict[str, Any]:
    return fields


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (changed(protocol=7), "protocol"),
        (changed(pages=[]), "pages"),
        (changed(reading_direction="up"), "reading_direction"),
        (changed(heartbeat_s=0), "heartbeat_s"),
        (changed(heartbeat_s=-1), "heartbeat_s"),
        (changed(job_id="job-2"), "attempt"),
        (changed(attempt=2), "attempt"),
        (changed(source="tlh"), "source"),
        (changed(options={"translator": "oracle"}), "options.translator"),
        (changed(result=None), "result"),
    ],
)
async def test_a_signed_order_without_sense_names_its_field(change: dict[str, Any], field: str) -> None:
    async with running() as it:
        document = {**it.orchestrator.order(ONE_PAGE).to_json(), **change}
        refused = await it.http.put(**signed("/jobs/job-1/attempts/1", document))
        assert not it.container.runner.busy
    assert refused.status_code == 422
    assert refused.json()["field"] == field


async def test_one_page_twice_is_refused() -> None:
    async with running() as it:
        document = it.orchestrator.order(ONE_PAGE).to_json()
        document["pages"] *= 2
        refused = await it.http.put(**signed("/jobs/job-1/attempts/1", document))
    assert (refused.status_code, refused.json()["field"]) == (422, "pages")


async def test_a_job_id_that_could_leave_its_folder_is_refused() -> None:
    async with running() as it:
        document = {**it.orchestrator.order(ONE_PAGE).to_json(), "job_id": "a..b"}
        refused = await it.http.put(**signed("/jobs/a..b/attempts/1", document))
    assert (refused.status_code, refused.json()["field"]) == (422, "job_id")


async def test_a_signed_body_that_is_no_json_is_refused() -> None:
    async with running() as it:
        request = signed("/jobs/job-1/attempts/1", {})
        request["content"] = b"\xff\xfe"
        request["headers"] = sign(b"\xff\xfe", it_secrets(), message_id="msg_x", timestamp=int(time.time()))
        assert (await it.http.put(**request)).status_code == 422


def it_secrets() -> tuple[Secret, ...]:
    from tests.support.secrets import CALLBACK_SECRETS

    return CALLBACK_SECRETS


async def test_an_order_of_absurd_size_is_refused_before_it_is_read() -> None:
    async with running() as it:
        refused = await it.http.put("/jobs/job-1/attempts/1", content=b"x" * 8_000_001)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


async def test_while_models_load_orders_wait_and_health_says_so() -> None:
    gate = threading.Event()

    def load() -> StageFactory:
        assert gate.wait(10)
        return TinyFactory()

    async with running(load=load, wait=False) as it:
        early = await it.dispatch(it.orchestrator.order(ONE_PAGE))
        health = await it.http.get("/healthz")
        gate.set()
        await until(lambda: it.container.models.error is None)
        await it.container.models.loaded()
        assert (await it.http.get("/healthz")).json() == {"status": "ok", "protocol": PROTOCOL}
        assert (await it.dispatch(it.orchestrator.order(ONE_PAGE))).status_code == 202
        await it.idle()
    assert (early.status_code, early.json()["code"]) == (503, "unavailable")
    assert "retry-after" in early.headers
    assert (health.status_code, health.json()["status"]) == (503, "loading")


async def test_models_that_cannot_be_loaded_are_never_healthy() -> None:
    def load() -> StageFactory:
        raise FileNotFoundError("model.onnx")

    async with running(load=load, wait=False) as it:
        await until(lambda: it.container.models.error is not None)
        health = await it.http.get("/healthz")
        refused = await it.dispatch(it.orchestrator.order(ONE_PAGE))
    assert (health.status_code, health.json()["status"]) == (503, "failed")
    assert refused.status_code == 503


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("POST", "/healthz", 405), ("GET", "/jobs/j/attempts/1", 405), ("PUT", "/jobs/j", 404)],
)
async def test_unknown_routes_and_methods_are_problem_documents(method: str, path: str, status: int) -> None:
    async with running() as it:
        answer = await it.http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == CONTENT_TYPE
    assert {"type", "title", "status", "detail", "instance", "code", "retryable", "request_id"} <= set(answer.json())
    assert answer.json()["instance"] == path


async def test_metrics_are_prometheus_text() -> None:
    script = gated()
    async with running(script=script) as it:
        await it.dispatch(it.orchestrator.order({1: image(), 2: b"no image"}))
        await until(lambda: script.arrival("detect", 1).is_set())
        during = (await it.http.get("/metrics")).text
        script.gates["detect", 1].set()
        await it.idle()
        after = await it.http.get("/metrics")
    assert "fukidashi_jobs_in_work 1.0" in during
    assert after.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "fukidashi_jobs_in_work 0.0" in after.text
    assert 'fukidashi_pages_total{outcome="done"} 1.0' in after.text
    assert 'fukidashi_pages_total{outcome="not_an_image"} 1.0' in after.text
    assert 'fukidashi_stage_seconds_count{stage="detect"} 1.0' in after.text
    assert "process_resident_memory_bytes" in after.text


async def test_draining_finishes_the_pages_in_work_and_gives_the_others_back() -> None:
    script = Script(gates={("detect", 2): threading.Event()})
    async with running(script=script) as it:
        await it.dispatch(it.orchestrator.order(dict.fromkeys(range(1, 21), image())))
        await until(lambda: script.arrival("detect", 2).is_set())
        drain = asyncio.create_task(it.container.runner.drain(5.0))
        await asyncio.sleep(0)
        health = await it.http.get("/healthz")
        refused = await it.dispatch(it.orchestrator.order(ONE_PAGE, job_id="job-2"))
        script.gates["detect", 2].set()
        await drain
        result = it.orchestrator.result
        statuses = [page.status.value for page in result.pages]
    assert (health.status_code, health.json()["status"]) == (503, "stopping")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert statuses[:2] == ["done", "done"]
    assert statuses[8:] == ["queued"] * 12
    assert set(statuses) == {"done", "queued"}
    assert json.loads(it.orchestrator.objects["/job-1/results/1"])["event_id"] == result.event_id


async def test_a_drain_that_runs_out_of_time_gives_back_what_it_could_not_finish() -> None:
    script = Script(gates={("detect", 2): threading.Event()})
    async with running(script=script, threads=1) as it:
        await it.dispatch(it.orchestrator.order(dict.fromkeys(range(1, 6), image())))
        await until(lambda: it.orchestrator.reports[-1:] != [] and script.arrival("detect", 2).is_set())
        drain = asyncio.create_task(it.container.runner.drain(0.6))
        await asyncio.sleep(0.45)
        script.gates["detect", 2].set()
        await drain
        statuses = [page.status.value for page in it.orchestrator.result.pages]
    assert statuses == ["done", "queued", "queued", "queued", "queued"]
    assert [call.page for call in script.of("read")] == [1]


async def test_a_drain_does_not_wait_for_a_stage_that_hangs() -> None:
    script = gated()
    async with running(script=script) as it:
        await it.dispatch(it.orchestrator.order(ONE_PAGE))
        await until(lambda: script.arrival("detect", 1).is_set())
        began = time.monotonic()
        await it.container.runner.drain(0.2)
        took = time.monotonic() - began
        script.gates["detect", 1].set()
    assert took < 1.5
    assert it.orchestrator.results == []
