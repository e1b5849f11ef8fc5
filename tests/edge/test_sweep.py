"""The cron: what got stuck goes on."""

from __future__ import annotations

import asyncio

import pytest

from contract.report import ReportType
from contract.status import JobStatus, PageErrorCode, PageStatus
from tests.edge.world import CONSUMER, Attempt, World


def second(world: World, worker_id: str = "worker-2") -> Attempt:
    return Attempt(world, world.orders[-1], worker_id=worker_id)


@pytest.mark.parametrize("refusal", [0, 429, 503, 500, 401, 422])
def test_a_job_waits_for_its_translator_and_then_runs(world: World, refusal: int) -> None:
    world.translator_answers = [refusal, refusal]
    job = world.start()
    assert (job.status, len(job.warnings)) == (JobStatus.QUEUED, 1)
    assert "translator" in job.warnings[0]
    world.sweep(60)
    assert not world.orders
    world.sweep(60)
    view = world.view(job.id)
    assert (view.status, view.warnings, view.attempt) == (JobStatus.PREPARING, (), 1)


def test_a_translator_that_is_down_is_asked_once_a_run(world: World) -> None:
    world.translator_answers = [0] * 100
    for _ in range(5):
        world.start(pages=1)
    asked = len(world.platform.events("dispatch"))
    world.sweep(60)
    assert len(world.platform.events("dispatch")) == asked + 1


def test_the_job_that_waits_longest_is_ordered_first(world: World) -> None:
    world.translator_answers = [429] * 3
    jobs = []
    for _ in range(3):
        jobs.append(world.start(pages=1).id)
        world.platform.clock.forward(1)
    world.sweep()
    assert [order.job_id for order in world.orders] == jobs


def test_an_order_that_its_translator_forgot_is_repeated_as_the_same_attempt(any_world: World) -> None:
    job = any_world.start()
    any_world.sweep(30)
    assert len(any_world.orders) == 1
    any_world.sweep(31)
    assert [(order.attempt, len(order.pages)) for order in any_world.orders] == [(1, 2), (1, 2)]
    attempt = second(any_world)
    attempt.deliver(1)
    attempt.deliver(2)
    attempt.finish()
    assert any_world.view(job.id).status is JobStatus.SUCCESS


def test_a_lost_callback_is_made_up_for_from_the_manifest(any_world: World) -> None:
    attempt = any_world.attempt(webhook_url=CONSUMER)
    attempt.deliver(1)
    attempt.deliver(2)
    attempt.result()
    any_world.sweep()
    assert any_world.view(attempt.job_id).status is JobStatus.SUCCESS
    assert len(any_world.deliveries) == 1


def test_a_manifest_that_gives_pages_back_leads_to_the_next_attempt(world: World) -> None:
    attempt = world.attempt(pages=2)
    attempt.deliver(1)
    attempt.result()
    world.sweep()
    assert [page.page for page in world.orders[-1].pages] == [2]


def test_a_killed_translator_is_taken_over_and_its_pages_are_kept(any_world: World) -> None:
    attempt = any_world.attempt(pages=3)
    attempt.deliver(1)
    attempt.fail(2)
    attempt.run(3)
    attempt.heartbeat()
    any_world.sweep(59)
    assert len(any_world.orders) == 1
    any_world.sweep(2)
    assert [page.page for page in any_world.orders[-1].pages] == [3]
    follower = second(any_world)
    follower.deliver(3)
    follower.finish()
    view = any_world.view(attempt.job_id)
    assert (view.status, view.attempt, [page.attempt for page in view.pages]) == (JobStatus.PARTIAL, 2, [1, 1, 2])


def test_a_page_whose_failure_may_pass_is_tried_again(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.fail(1, PageErrorCode.DOWNLOAD_FAILED)
    attempt.heartbeat()
    world.sweep(61)
    follower = second(world)
    follower.deliver(1)
    follower.finish()
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS


def test_two_concurrent_sweeps_take_over_once(world: World) -> None:
    world.attempt().heartbeat()
    world.platform.clock.forward(61)

    async def both() -> None:
        await asyncio.gather(*(world.app.sweep() for _ in range(5)))

    world.runner.run(both())
    assert [order.attempt for order in world.orders] == [1, 2]


def test_a_zombie_has_to_stop(world: World) -> None:
    zombie = world.attempt()
    zombie.deliver(1)
    zombie.heartbeat()
    world.sweep(61)
    assert zombie.send(zombie.report()).json["code"] == "stale_attempt"
    zombie.fail(2)
    assert zombie.send(zombie.report(ReportType.RESULT)).status == 409
    follower = second(world)
    follower.heartbeat()
    assert world.view(zombie.job_id).status is JobStatus.RUNNING


def test_a_zombie_may_still_bring_a_fully_verified_success(world: World) -> None:
    zombie = world.attempt(pages=2)
    zombie.deliver(1)
    zombie.heartbeat()
    world.sweep(61)
    follower = second(world)
    follower.run(2)
    follower.heartbeat()
    zombie.deliver(2)
    assert zombie.finish().status == 200
    assert world.view(zombie.job_id).status is JobStatus.SUCCESS
    assert follower.send(follower.report()).json["code"] == "stale_attempt"


def test_a_zombie_that_only_claims_its_success_commits_nothing(world: World) -> None:
    zombie = world.attempt(pages=1)
    zombie.heartbeat()
    world.sweep(61)
    zombie.deliver(1, put=False)
    assert zombie.send(zombie.result()).status == 409
    assert world.view(zombie.job_id).status is JobStatus.RUNNING


def test_a_page_in_work_in_two_dead_attempts_is_poison(world: World) -> None:
    first = world.attempt(pages=2)
    first.run(1)
    first.heartbeat()
    world.sweep(61)
    follower = second(world)
    follower.run(1)
    follower.heartbeat()
    world.sweep(61)
    assert [page.page for page in world.orders[-1].pages] == [2]
    error = world.view(first.job_id).pages[0].error
    assert error is not None
    assert error.code is PageErrorCode.POISON
    third = second(world, "worker-3")
    third.deliver(2)
    third.finish()
    view = world.view(first.job_id)
    assert view.status is JobStatus.PARTIAL
    assert view.pages[0].error == error


def test_an_attempt_that_died_after_its_last_page_is_finalized_without_another(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.deliver(1)
    attempt.heartbeat()
    world.sweep(61)
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS
    assert len(world.orders) == 1


def test_a_garbled_manifest_counts_as_silence(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.heartbeat()
    assert world.use(attempt.order.result, b"{garbage").status == 200
    world.sweep()
    assert len(world.orders) == 1
    world.sweep(61)
    assert world.orders[-1].attempt == 2


def test_a_garbled_manifest_keeps_no_job_open(world: World) -> None:
    attempt = world.attempt(pages=1)
    world.use(attempt.order.result, b"{garbage")
    world.sweep(61)
    assert [order.attempt for order in world.orders] == [1, 1]
    world.sweep(86_400)
    assert world.view(attempt.job_id).status is JobStatus.EXPIRED


def test_a_zombies_result_after_the_end_is_stale(world: World) -> None:
    zombie = world.attempt(pages=1)
    zombie.heartbeat()
    world.sweep(61)
    follower = second(world)
    follower.deliver(1)
    follower.finish()
    assert zombie.send(zombie.report(ReportType.RESULT)).json["code"] == "stale_attempt"


def test_a_page_in_work_is_no_poison_while_its_second_attempt_lives(world: World) -> None:
    first = world.attempt(pages=1)
    first.run(1)
    first.heartbeat()
    world.sweep(61)
    follower = second(world)
    follower.run(1)
    follower.heartbeat()
    assert world.view(first.job_id).pages[0].status is PageStatus.RUNNING


@pytest.mark.parametrize("stage", ["created", "started", "running"])
def test_a_job_past_its_ttl_expires(world: World, stage: str) -> None:
    if stage == "created":
        job_id = world.create(webhook_url=CONSUMER).id
    else:
        attempt = world.attempt(webhook_url=CONSUMER)
        job_id = attempt.job_id
        if stage == "running":
            attempt.deliver(1)
            attempt.heartbeat()
    world.sweep(86_401)
    view = world.view(job_id)
    assert (view.status, view.counts["done"]) == (JobStatus.EXPIRED, 1 if stage == "running" else 0)
    assert len(world.deliveries) == 1
    assert world.platform.kv.names("open:") == []


@pytest.mark.parametrize("webhook_url", [None, CONSUMER])
def test_losing_all_of_kv_loses_nothing(world: World, webhook_url: str | None) -> None:
    world.translator_answers = [0]
    job = world.start(webhook_url=webhook_url)
    world.platform.kv.lose_everything()
    world.sweep(60)
    attempt = second(world, "worker-1")
    attempt.deliver(1)
    attempt.deliver(2)
    attempt.result()
    world.platform.kv.lose_everything()
    world.consumer_answers = [(500, {})]
    world.sweep()
    assert world.view(job.id).status is JobStatus.SUCCESS
    world.platform.kv.lose_everything()
    world.sweep(3600)
    assert len(world.deliveries) == (2 if webhook_url else 0)


def test_a_kv_that_is_down_stops_neither_requests_nor_the_rest_of_the_sweep(world: World) -> None:
    world.platform.kv.broken = True
    job = world.start()
    assert world.view(job.id).status is JobStatus.PREPARING
    world.sweep()
    assert {event for event, _ in world.platform.logs} >= {"projection_failed", "sweep_index_broke"}


def test_a_job_that_breaks_does_not_stop_the_others(world: World) -> None:
    world.translator_answers = [0, 0]
    broken, fine = world.start(), world.start()
    key = world.key(broken.id, "job.json")
    info, _ = world.platform.bucket.objects[key]
    world.platform.bucket.objects[key] = (info, b'{"schema": 1}')
    world.sweep(60)
    assert world.view(fine.id).status is JobStatus.PREPARING
    assert [fields["error"] for fields in world.platform.events("sweep_job_broke")] == ["CorruptObject"]


def test_an_idle_sweep_costs_a_handful_of_operations(world: World) -> None:
    for _ in range(3):
        attempt = world.attempt(pages=1)
        attempt.deliver(1)
        attempt.finish()
    world.platform.bucket.operations.clear()
    world.sweep(60)
    assert len(world.platform.bucket.operations) == 2


def test_a_run_is_bounded_and_the_next_one_goes_on() -> None:
    world = World(max_active_jobs=200)
    world.translator_answers = [429]
    for _ in range(120):
        world.start(pages=1)
        world.translator_answers = [429]
    world.translator_answers = []
    world.sweep()
    assert len(world.orders) <= 150
    world.sweep()
    assert len({order.job_id for order in world.orders}) == 120
    world.close()
