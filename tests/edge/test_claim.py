"""Translators that ask for work: who gets which attempt, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contract.attempt import MAX_ATTEMPTS, AttemptOrder
from contract.claim import ClaimRequest
from contract.report import ReportType
from contract.signing import sign
from contract.status import JobStatus, PageErrorCode
from edge.config import Config, ConfigError, Dispatch
from edge.http import Request
from tests.edge.memory_platform import Page
from tests.edge.world import CALLBACK, Answer, Attempt, World
from tests.support.secrets import orchestrator_env

ENV = {"PUBLIC_URL": "https://orchestrator.test", **orchestrator_env(translator_url="http://translator.test")}


@pytest.fixture
def world() -> Iterator[World]:
    made = World(dispatch=Dispatch.PULL)
    yield made
    made.close()


def request(world: World, worker_id: str = "worker-1", *, age_s: float = 0.0, **changes: Any) -> Request:
    body = json.dumps({**ClaimRequest(worker_id).to_json(), **changes}).encode()
    stamp = int(world.platform.now() - age_s)
    headers = sign(body, CALLBACK[:1], message_id=world.fresh_id(), timestamp=stamp)
    headers["content-type"] = "application/json"
    return world.request("POST", "/work/claim", body=body, key=None, headers=headers)


def claim(world: World, worker_id: str = "worker-1", **changes: Any) -> Answer:
    return world.together(request(world, worker_id, **changes))[0]


def claimed(world: World, worker_id: str = "worker-1") -> Attempt:
    answer = claim(world, worker_id)
    assert answer.status == 200, answer.body
    return Attempt(world, AttemptOrder.parse(answer.body), worker_id=worker_id)


def test_no_work_is_204(world: World) -> None:
    answer = claim(world)
    assert (answer.status, answer.body) == (204, b"")


def test_a_job_that_is_not_started_is_nobodys(world: World) -> None:
    world.create()
    assert claim(world).status == 204


def test_a_started_job_waits_is_claimed_and_ends(world: World) -> None:
    job = world.start(pages=2)
    assert (job.status, world.orders) == (JobStatus.QUEUED, [])
    attempt = claimed(world)
    assert (attempt.job_id, attempt.order.attempt, len(attempt.order.pages)) == (job.id, 1, 2)
    assert world.view(job.id).status is JobStatus.PREPARING
    assert claim(world, "worker-2").status == 204
    attempt.deliver(1)
    attempt.deliver(2)
    attempt.heartbeat()
    assert attempt.finish().status == 200
    assert world.view(job.id).status is JobStatus.SUCCESS


def test_of_fifty_claimers_each_attempt_goes_to_one(world: World) -> None:
    jobs = {world.start(pages=1, chapter_id=f"ch-{n}").id for n in range(20)}
    answers = world.together(*(request(world, f"worker-{n}") for n in range(50)))
    orders = [AttemptOrder.parse(answer.body) for answer in answers if answer.status == 200]
    assert sorted(answer.status for answer in answers) == [200] * 20 + [204] * 30
    assert {order.job_id for order in orders} == jobs
    assert {order.attempt for order in orders} == {1}


def test_of_fifty_claimers_of_one_job_one_gets_it(world: World) -> None:
    world.start(pages=1)
    answers = world.together(*(request(world, f"worker-{n}") for n in range(50)))
    assert sorted(answer.status for answer in answers) == [200] + [204] * 49


def test_an_owner_with_many_jobs_does_not_hide_anothers() -> None:
    world = World(dispatch=Dispatch.PULL, max_active_jobs=1)
    for number in range(60):
        world.start(pages=1, chapter_id=f"ch-{number}")
    assert claim(world, "worker-0").status == 200
    job = world.call(
        "POST", "/jobs", data={"pages": [{"url": "https://pages.test/1.png"}], "chapter_id": "c"}, key="key-of-b"
    )
    world.platform.outside.pages["https://pages.test/1.png"] = Page(body=b"\x89PNG\r\n\x1a\n a page")
    world.sweep(60)
    got = [answer for number in range(20) if (answer := claim(world, f"worker-{number}")).status == 200]
    assert [AttemptOrder.parse(answer.body).job_id for answer in got] == [job.json["id"]]
    world.close()


def test_the_sweep_orders_nothing_and_finds_what_the_index_lost(world: World) -> None:
    job = world.start(pages=1)
    world.platform.kv.lose_everything()
    assert claim(world).status == 204
    world.sweep(60)
    assert not world.orders
    assert claimed(world).job_id == job.id


def test_a_worker_that_dies_before_its_first_report_is_followed_by_another_attempt(world: World) -> None:
    world.start(pages=1)
    claimed(world)
    world.sweep(59)
    assert claim(world).status == 204
    world.sweep(2)
    assert claimed(world, "worker-2").order.attempt == 2


def test_a_dead_worker_is_followed_and_has_to_stop(world: World) -> None:
    job = world.start(pages=2)
    zombie = claimed(world)
    zombie.deliver(1)
    zombie.run(2)
    zombie.heartbeat()
    world.sweep(61)
    follower = claimed(world, "worker-2")
    assert (follower.order.attempt, [page.page for page in follower.order.pages]) == (2, [2])
    assert zombie.send(zombie.report()).json["code"] == "stale_attempt"
    follower.deliver(2)
    follower.finish()
    assert world.view(job.id).status is JobStatus.SUCCESS


def test_pages_that_were_given_back_are_claimed_at_once(world: World) -> None:
    world.start(pages=2)
    first = claimed(world)
    first.deliver(1)
    assert first.finish().status == 200
    follower = claimed(world, "worker-2")
    assert (follower.order.attempt, [page.page for page in follower.order.pages]) == (2, [2])


def test_a_result_whose_callback_is_lost_is_not_done_again(world: World) -> None:
    job = world.start(pages=2)
    attempt = claimed(world)
    attempt.deliver(1)
    attempt.fail(2, PageErrorCode.DOWNLOAD_FAILED)
    attempt.heartbeat()
    attempt.result()
    world.platform.clock.forward(1)
    world.platform.kv._data[f"wait:{job.id}"] = ("1", "{}", None)
    assert claim(world, "worker-2").status == 204
    world.sweep()
    assert world.view(job.id).status is JobStatus.PARTIAL


def test_after_the_last_attempt_the_job_ends(world: World) -> None:
    job = world.start(pages=1)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert claimed(world, f"worker-{attempt}").order.attempt == attempt
        world.sweep(61)
    assert claim(world).status == 204
    assert world.view(job.id).status is JobStatus.ERROR


def test_a_canceled_job_is_nobodys(world: World) -> None:
    job = world.start(pages=1)
    world.call("POST", f"/jobs/{job.id}/cancel")
    assert claim(world).status == 204
    assert world.view(job.id).status is JobStatus.CANCELED


def test_a_job_of_urls_is_claimed_once_its_pages_are_there(world: World) -> None:
    page = "https://pages.test/1.png"
    world.platform.outside.pages[page] = Page(503)
    answer = world.call("POST", "/jobs", data={"pages": [{"url": page}], "chapter_id": "c"})
    assert claim(world).status == 204
    world.platform.outside.pages[page] = Page(body=b"\x89PNG\r\n\x1a\n a page")
    world.sweep(60)
    assert claimed(world).job_id == answer.json["id"]


def test_an_orchestrator_that_orders_itself_gives_nothing_away() -> None:
    world = World()
    world.start(pages=1)
    answer = claim(world)
    assert (answer.status, answer.json["code"]) == (409, "conflict")
    world.close()


@pytest.mark.parametrize("age_s", [301.0, -301.0])
def test_a_claim_with_a_wrong_clock_is_told_the_time(world: World, age_s: float) -> None:
    world.start(pages=1)
    answer = claim(world, age_s=age_s)
    assert (answer.status, answer.json["code"]) == (401, "bad_signature")
    assert answer.json["server_time"] == int(world.platform.now())
    assert claim(world, age_s=age_s / 2).status == 200


@pytest.mark.parametrize("value", ["pull", "PULL "])
def test_pulling_is_configured_and_pushing_is_the_default(value: str) -> None:
    assert Config.from_env({**ENV, "DISPATCH": value}).dispatch is Dispatch.PULL
    assert Config.from_env({**ENV, "DISPATCH": ""}).dispatch is Dispatch.PUSH
    with pytest.raises(ConfigError, match="DISPATCH"):
        Config.from_env({**ENV, "DISPATCH": "both"})
    with pytest.raises(ConfigError, match="ALLOW_PRIVATE_PAGES"):
        Config.from_env({**ENV, "ALLOW_PRIVATE_PAGES": "maybe"})


def test_a_replayed_claim_gets_nothing(world: World) -> None:
    world.start(pages=1, chapter_id="a")
    world.start(pages=1, chapter_id="b")
    sent = request(world)
    first, second = world.together(sent)[0], world.together(sent)[0]
    assert (first.status, second.status, second.json["code"]) == (200, 409, "replayed")


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"webhook-signature": "v1,AAAA"}, 401), ({"content-type": "text/plain"}, 415)],
)
def test_an_unsigned_claim_gets_nothing(world: World, headers: dict[str, str], status: int) -> None:
    world.start(pages=1)
    good = request(world)
    sent = {"content-type": "application/json"} if not headers else {**good.headers, **headers}
    body = ClaimRequest("worker-1").to_bytes()
    assert world.call("POST", "/work/claim", body=body, key="key-of-a", headers=sent).status == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"worker_id": "../x"}, 422),
        ({"worker_id": ""}, 422),
        ({"capacity": 0}, 422),
        ({"capacity": "many"}, 422),
        ({"extra": 1}, 422),
        ({"protocol": 99}, 400),
    ],
)
def test_a_malformed_claim_is_refused(world: World, changes: dict[str, Any], status: int) -> None:
    world.start(pages=1)
    assert claim(world, **changes).status == status


def test_a_job_that_breaks_does_not_stop_the_others(world: World) -> None:
    broken, sound = world.start(pages=1, chapter_id="a").id, world.start(pages=1, chapter_id="b").id
    world.platform.bucket.objects[world.key(broken, "job.json")] = world.platform.bucket.objects[
        world.key(sound, "start.json")
    ]
    assert claimed(world).job_id == sound


def test_a_result_of_a_claimed_attempt_is_kept_without_a_heartbeat(world: World) -> None:
    job = world.start(pages=1)
    attempt = claimed(world)
    attempt.deliver(1)
    assert attempt.send(attempt.report(ReportType.RESULT)).status == 200
    assert world.view(job.id).status is JobStatus.SUCCESS
