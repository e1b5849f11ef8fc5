"""The end of a job: verified, computed, committed once."""

from __future__ import annotations

from contract.image_format import ImageFormat
from contract.keys import ChapterKeys
from contract.report import ReportType
from contract.status import JobStatus, PageErrorCode, PageStatus
from tests.edge.world import CONSUMER, IMAGE, MEMORY, Attempt, World


def image_key(attempt: Attempt, page: int) -> str:
    keys = ChapterKeys("owner-a", attempt.order.chapter_id, attempt.job_id)
    return keys.image(attempt.order.attempt, page, ImageFormat.WEBP)


def page_codes(world: World, job_id: str) -> list[PageErrorCode | None]:
    return [page.error.code if page.error else None for page in world.view(job_id).pages]


def test_some_failed_pages_make_a_partial_chapter(world: World) -> None:
    attempt = world.attempt(pages=3)
    attempt.deliver(1)
    attempt.deliver(2)
    attempt.fail(3)
    attempt.finish()
    view = world.view(attempt.job_id)
    assert (view.status, view.counts["done"], view.counts["failed"]) == (JobStatus.PARTIAL, 2, 1)
    assert page_codes(world, attempt.job_id) == [None, None, PageErrorCode.NOT_AN_IMAGE]


def test_only_failed_pages_make_an_error(world: World) -> None:
    attempt = world.attempt(pages=2)
    attempt.fail(1)
    attempt.fail(2, PageErrorCode.STAGE_FAILED)
    attempt.finish()
    assert world.view(attempt.job_id).status is JobStatus.ERROR


def test_a_page_that_was_only_claimed_is_an_output_mismatch(any_world: World) -> None:
    attempt = any_world.attempt(pages=2)
    attempt.deliver(1)
    attempt.deliver(2, put=False)
    attempt.finish()
    assert any_world.view(attempt.job_id).status is JobStatus.PARTIAL
    assert page_codes(any_world, attempt.job_id) == [None, PageErrorCode.OUTPUT_MISMATCH]


def test_an_image_of_other_bytes_than_reported_is_an_output_mismatch(world: World) -> None:
    attempt = world.attempt(pages=2)
    attempt.deliver(1)
    attempt.deliver(2)
    info, _ = world.platform.bucket.objects[image_key(attempt, 2)]
    tampered = bytes(reversed(IMAGE))
    put = world.platform.bucket.put(info.key, tampered, content_type="image/webp")

    async def run() -> None:
        await put

    world.runner.run(run())
    attempt.finish()
    assert page_codes(world, attempt.job_id) == [None, PageErrorCode.OUTPUT_MISMATCH]


def test_a_missing_document_is_an_output_mismatch(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.deliver(1)
    del world.platform.bucket.objects[image_key(attempt, 1).replace(".webp", ".json")]
    attempt.finish()
    assert world.view(attempt.job_id).status is JobStatus.ERROR


def test_twenty_concurrent_results_commit_and_announce_once(world: World) -> None:
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.deliver(1)
    result = attempt.result()
    answers = world.together(*(attempt.request(result) for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    assert sum(not answer.json["duplicate"] for answer in answers) == 1
    assert len(world.platform.events("final")) == 1
    assert len(world.deliveries) == 1


def test_a_result_and_a_sweep_that_race_commit_once(world: World) -> None:
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.deliver(1)
    request = attempt.request(attempt.result())

    async def race() -> int:
        import asyncio

        response, _, _ = await asyncio.gather(world.app.handle(request), world.app.sweep(), world.app.sweep())
        await world.platform.settle()
        return response.status

    assert world.runner.run(race()) == 200
    assert len(world.platform.events("final")) == 1
    assert len(world.deliveries) == 1


def test_a_finalizer_that_died_before_the_commit_is_followed_by_another(world: World) -> None:
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.deliver(1)
    world.platform.bucket.breaks = lambda operation, key: operation == "put" and key.endswith("final.json")
    result = attempt.result()
    assert attempt.send(result).status == 503
    world.sweep()
    assert not world.deliveries, "nothing is announced before the commit"
    world.platform.bucket.breaks = lambda operation, key: False
    assert attempt.send(result).status == 200
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS
    assert len(world.deliveries) == 1


def test_nothing_is_committed_whose_webhook_could_be_lost(world: World) -> None:
    attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.deliver(1)
    world.platform.bucket.breaks = lambda operation, key: operation == "put" and key.startswith("outbox/")
    assert attempt.finish().status == 503
    assert not world.has(attempt.job_id, "final.json")


def test_what_follows_the_commit_may_fail(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.deliver(1)
    world.platform.kv.broken = True
    assert attempt.finish().status == 200
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS


def test_a_commit_between_two_reads_of_a_poll_is_seen(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.deliver(1)
    attempt.finish()
    objects = world.platform.bucket.objects
    key = world.key(attempt.job_id, "final.json")
    final = objects.pop(key)

    def commit(_: str, asked: str) -> bool:
        if asked.endswith("/start.json"):
            objects[key] = final
        return False

    world.platform.bucket.breaks = commit
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS


def test_an_ended_job_never_changes(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.fail(1)
    attempt.finish()
    before = world.view(attempt.job_id)
    attempt.deliver(1)
    assert attempt.send(attempt.report(ReportType.HEARTBEAT)).status == 409
    world.call("POST", f"/jobs/{attempt.job_id}/cancel")
    world.sweep(100_000)
    assert world.view(attempt.job_id) == before


def test_a_worker_that_gives_pages_back_is_followed_by_the_next_attempt(world: World) -> None:
    attempt = world.attempt(pages=3)
    attempt.deliver(1)
    attempt.fail(2)
    assert attempt.finish().status == 200
    assert [(order.attempt, [page.page for page in order.pages]) for order in world.orders[1:]] == [(2, [3])]
    second = Attempt(world, world.orders[-1], worker_id="worker-2")
    second.deliver(3)
    second.finish()
    view = world.view(attempt.job_id)
    assert (view.status, [page.attempt for page in view.pages]) == (JobStatus.PARTIAL, [1, 1, 2])


def test_a_series_memory_is_granted_where_there_is_one(any_world: World) -> None:
    assert any_world.attempt(series_id="s-1").order.memory is None
    any_world.call("PUT", "/series/s-1/memory", data=MEMORY)
    memory = any_world.attempt(series_id="s-1").order.memory
    assert memory is not None
    assert any_world.use(memory).json == MEMORY


def test_a_series_glossary_is_granted_where_there_is_one(any_world: World) -> None:
    assert any_world.attempt(series_id="s-1").order.glossary is None
    assert any_world.call("PUT", "/series/s-1/glossary", data={"schema": 1, "terms": [{"term": "光"}]}).status == 200
    glossary = any_world.attempt(series_id="s-1").order.glossary
    assert glossary is not None
    assert [term["term"] for term in any_world.use(glossary).json["terms"]] == ["光"]
    assert any_world.attempt().order.learn is None, "a chapter without a series teaches none"


def test_pages_left_over_by_the_last_attempt_are_not_reached(world: World) -> None:
    world.start(pages=2)
    for number in range(1, 6):
        attempt = Attempt(world, world.orders[-1], worker_id=f"worker-{number}")
        assert attempt.order.attempt == number
        if number == 1:
            attempt.deliver(1)
        attempt.heartbeat()
        world.sweep(61)
    assert len(world.orders) == 5
    view = world.view(world.orders[0].job_id)
    assert (view.status, view.pages[0].status) == (JobStatus.PARTIAL, PageStatus.DONE)
    assert page_codes(world, view.id) == [None, PageErrorCode.NOT_REACHED]
