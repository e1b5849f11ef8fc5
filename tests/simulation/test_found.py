"""What the simulation has found, each told again without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from contract.errors import BadSignature
from contract.listing import JobItem, JobList
from contract.report import ReportType
from contract.signing import verify
from contract.status import JobStatus
from edge.http import Request
from edge.platform import FetchResponse, PlatformError
from tests.edge.world import CALLBACK, CONSUMER, TRANSLATOR, World
from tests.translator.containers import running, until
from tests.translator.fake_orchestrator import REFUSED
from tests.translator.tiny_stages import image


async def test_an_attempt_whose_first_report_was_lost_begins_when_the_order_comes_again() -> None:
    """It was "already taken" for ever, and the job waited for its expiry."""
    async with running() as it:
        order = it.orchestrator.order({1: image()})
        it.orchestrator.fault("POST", "/callbacks", REFUSED, times=6)
        assert (await it.dispatch(order)).status_code == 202
        await it.idle()
        assert it.orchestrator.reports == []
        assert (await it.dispatch(order)).status_code == 202
        await until(lambda: bool(it.orchestrator.results))
    assert it.orchestrator.verified_pages() == [1]


async def test_an_attempt_that_somebody_else_has_is_not_begun_again() -> None:
    async with running() as it:
        order = it.orchestrator.order({1: image()})
        it.orchestrator.stale_from = 0
        await it.dispatch(order)
        await it.idle()
        assert (await it.dispatch(order)).status_code == 200


def test_a_translator_whose_clock_is_an_hour_off_gets_its_order(world: World) -> None:
    """It refused every order, and the job waited for its expiry."""
    taken: list[bytes] = []

    def translate(method: str, url: str, headers: Mapping[str, str], body: bytes) -> FetchResponse:
        its_time = world.platform.now() + 3600
        try:
            verify(headers, body, CALLBACK[:1], now=its_time)
        except BadSignature as error:
            return FetchResponse(401, {}, json.dumps({"code": error.code, "server_time": int(its_time)}).encode())
        taken.append(body)
        return FetchResponse(202, {}, b"{}")

    world.platform.fetch.hosts[TRANSLATOR] = translate
    assert world.start().status is JobStatus.PREPARING
    assert len(taken) == 1


def test_a_translator_that_will_not_be_convinced_is_asked_twice_and_left(world: World) -> None:
    asked: list[str] = []

    def translate(method: str, url: str, headers: Mapping[str, str], body: bytes) -> FetchResponse:
        asked.append(headers["webhook-id"])
        return FetchResponse(401, {}, json.dumps({"server_time": int(world.platform.now()) + 60}).encode())

    world.platform.fetch.hosts[TRANSLATOR] = translate
    assert world.start().status is JobStatus.QUEUED
    assert len(asked) == len(set(asked)) == 2


def test_a_401_that_tells_no_time_is_a_refusal(world: World) -> None:
    for answer in (b"", b"{}", b'{"server_time": "noon"}', b'{"server_time": -1}', b"\xff"):
        world.platform.fetch.hosts[TRANSLATOR] = lambda *_, answer=answer: FetchResponse(401, {}, answer)
        assert world.start().status is JobStatus.QUEUED


def test_an_attempt_is_not_silent_because_the_storage_is_slow(world: World) -> None:
    """Its report was read, then the storage took longer than a lease: it was taken over while it lived."""
    attempt = world.attempt(pages=2)
    attempt.heartbeat()
    bucket = world.platform.bucket

    def stall(operation: str, key: str) -> bool:
        if (operation, key) == ("read", world.key(attempt.job_id, "attempts/1.json")):
            world.platform.clock.forward(world.config.lease_s + 1)
        return False

    bucket.breaks = stall
    world.sweep()
    bucket.breaks = lambda operation, key: False
    assert not world.has(attempt.job_id, "attempts/2.json")


def listed(world: World) -> JobItem:
    (item,) = JobList.parse(world.call("GET", "/jobs").body).jobs
    return item


def test_a_late_running_does_not_hide_in_the_listing_that_the_job_has_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KV keeps the last write: the first report's came after that of the end, and the job was listed as running."""
    attempt = world.attempt(1)
    attempt.deliver(1)
    beat, result = attempt.report(), attempt.report(ReportType.RESULT)
    put, ending = world.platform.kv.put, [attempt.request(result)]

    async def slow(key: str, value: str, **rest: Any) -> None:
        if key.startswith("job:") and ending:
            await end(world, ending.pop())
        await put(key, value, **rest)

    monkeypatch.setattr(world.platform.kv, "put", slow)
    assert attempt.send(beat).status == 200
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS
    assert (listed(world).status, listed(world).done) == (JobStatus.SUCCESS, 1)


def test_where_it_cannot_be_seen_that_a_job_has_ended_the_sweep_lists_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look after a late write failed, and the end had taken the job from the index of open jobs already."""
    attempt = world.attempt(1)
    attempt.deliver(1)
    beat, result = attempt.report(), attempt.report(ReportType.RESULT)
    put, ending = world.platform.kv.put, [attempt.request(result)]

    async def slow(key: str, value: str, **rest: Any) -> None:
        if key.startswith("job:") and ending:
            await end(world, ending.pop())
            world.platform.bucket.breaks = lambda operation, key: operation == "head" and key.endswith("/final.json")
        await put(key, value, **rest)

    monkeypatch.setattr(world.platform.kv, "put", slow)
    attempt.send(beat)
    monkeypatch.undo()
    world.platform.bucket.breaks = lambda operation, key: False
    assert listed(world).status is JobStatus.RUNNING
    world.sweep(60)
    assert listed(world).status is JobStatus.SUCCESS
    assert world.platform.kv.names("open:") == []


async def end(world: World, request: Request) -> None:
    assert (await world.app.handle(request)).status == 200


@pytest.mark.parametrize("indexed", [True, False])
def test_an_end_that_kv_did_not_take_is_listed_by_the_sweep_though_its_webhook_was_delivered(
    world: World, monkeypatch: pytest.MonkeyPatch, indexed: bool
) -> None:
    """The delivery took the job from the index of open jobs, and nobody ever listed its end."""
    attempt = world.attempt(1, webhook_url=CONSUMER)
    attempt.deliver(1)
    attempt.heartbeat()
    if not indexed:
        world.runner.run(world.platform.kv.delete(f"open:{attempt.job_id}"))
    put = world.platform.kv.put

    async def full(key: str, value: str, **rest: Any) -> None:
        if key.startswith("job:"):
            raise PlatformError("KV PUT failed: 429 Too Many Requests")
        await put(key, value, **rest)

    monkeypatch.setattr(world.platform.kv, "put", full)
    assert attempt.finish().status == 200
    assert (len(world.deliveries), listed(world).status) == (1, JobStatus.RUNNING)
    monkeypatch.undo()
    world.sweep(60)
    assert listed(world).status is JobStatus.SUCCESS
    assert world.platform.kv.names("open:") == []
    world.sweep(60)
    assert len(world.deliveries) == 1
