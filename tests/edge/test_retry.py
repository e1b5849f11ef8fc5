"""Retrying what failed: a new job that starts from the finished pages of the old one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.status import JobStatus, PageErrorCode, PageStatus
from contract.view import JobView
from tests.edge.world import CONSUMER, KEYS, PUBLIC, Attempt, World


def partial(world: World, *, pages: int = 3, failed: tuple[int, ...] = (2,), **asked: object) -> Attempt:
    """A job that ended with some pages failed."""
    attempt = world.attempt(pages, **asked)
    for page in range(1, pages + 1):
        if page in failed:
            attempt.fail(page, PageErrorCode.STAGE_FAILED)
        else:
            attempt.deliver(page)
    assert attempt.finish().status == 200
    return attempt


def retry(world: World, job_id: str, *, page: int | None = None, status: int = 202) -> JobView:
    path = f"/jobs/{job_id}/retry" if page is None else f"/jobs/{job_id}/pages/{page}/retry"
    answer = world.call("POST", path)
    assert answer.status == status, answer.body
    return JobView.parse(answer.body)


def test_a_retry_orders_only_what_failed_and_ends_with_every_page(any_world: World) -> None:
    old = partial(any_world)
    job = retry(any_world, old.job_id)
    assert (job.retry_of, job.status, job.uploads) == (old.job_id, JobStatus.PREPARING, ())
    assert [page.status for page in job.pages] == [PageStatus.DONE, PageStatus.QUEUED, PageStatus.DONE]
    order = any_world.orders[-1]
    assert (order.job_id, order.attempt, [page.page for page in order.pages]) == (job.id, 1, [2])
    assert any_world.use(order.pages[0].input).body == b"page 2"
    attempt = Attempt(any_world, order)
    attempt.deliver(2, image=b"the second page, at last")
    assert attempt.finish().status == 200
    view = any_world.view(job.id)
    assert (view.status, view.counts["done"], view.audit["carried_pages"]) == (JobStatus.SUCCESS, 3, 2)
    assert (view.audit["attempts"], view.audit["request_bytes_total"]) == (1, 100)
    for page in view.pages:
        assert page.image_url == f"{PUBLIC}/artifacts/{job.id}/pages/{page.page:04d}.webp"
        assert any_world.call("GET", page.image_url).status == 200
        assert any_world.call("GET", str(page.document_url)).status == 200
    assert any_world.call("GET", str(view.pages[1].image_url)).body == b"the second page, at last"


def test_the_old_job_names_its_successor_and_keeps_its_end(world: World) -> None:
    old = partial(world)
    assert world.view(old.job_id).retry_url == f"{PUBLIC}/jobs/{old.job_id}/retry"
    job = retry(world, old.job_id)
    view = world.view(old.job_id)
    assert (view.status, view.superseded_by, view.retry_url) == (JobStatus.PARTIAL, job.id, None)


def test_an_answer_to_a_retry_says_where_to_look(world: World) -> None:
    answer = world.call("POST", f"/jobs/{partial(world).job_id}/retry")
    assert answer.headers["location"] == answer.json["status_url"] == f"{PUBLIC}/jobs/{answer.json['id']}"
    assert world.call("GET", answer.json["poll_url"], key=None).status == 200


def test_no_input_and_no_output_is_copied(world: World) -> None:
    old = partial(world)
    before = {key for key in world.platform.bucket.objects if key.startswith(("inputs/", "outputs/"))}
    retry(world, old.job_id)
    assert {key for key in world.platform.bucket.objects if key.startswith(("inputs/", "outputs/"))} == before


def test_many_retries_at_once_are_one_job(world: World) -> None:
    old = partial(world)
    answers = world.together(*(world.request("POST", f"/jobs/{old.job_id}/retry") for _ in range(12)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert {(order.job_id, order.attempt) for order in world.orders[1:]} == {(answers[0].json["id"], 1)}
    assert retry(world, old.job_id).id == answers[0].json["id"]


@pytest.mark.parametrize("broken", ["successor.json", "carried.json", "job.json", "start.json"])
def test_a_retry_that_died_is_completed_by_the_next_one(world: World, broken: str) -> None:
    old = partial(world)
    world.platform.bucket.breaks = lambda operation, key: operation == "put" and key.endswith(broken)
    assert world.call("POST", f"/jobs/{old.job_id}/retry").status == 503
    world.platform.bucket.breaks = lambda operation, key: False
    job = retry(world, old.job_id)
    assert world.view(old.job_id).superseded_by == job.id
    assert [page.page for page in world.orders[-1].pages] == [2]


def test_one_page_is_retried_and_the_others_stay_as_they_ended(world: World) -> None:
    old = partial(world, pages=4, failed=(2, 4))
    job = retry(world, old.job_id, page=2)
    assert [page.status.value for page in job.pages] == ["done", "queued", "done", "failed"]
    attempt = Attempt(world, world.orders[-1])
    assert [page.page for page in attempt.order.pages] == [2]
    attempt.deliver(2)
    attempt.finish()
    view = world.view(job.id)
    assert (view.status, view.pages[3].error) == (JobStatus.PARTIAL, world.view(old.job_id).pages[3].error)
    last = retry(world, job.id)
    assert [page.page for page in world.orders[-1].pages] == [4]
    assert last.retry_of == job.id


def test_a_page_outside_the_retry_is_not_done_by_a_takeover_either(world: World) -> None:
    old = partial(world, pages=4, failed=(2, 4))
    retry(world, old.job_id, page=2)
    attempt = Attempt(world, world.orders[-1])
    attempt.run(2)
    attempt.heartbeat()
    world.sweep(61)
    assert (world.orders[-1].attempt, [page.page for page in world.orders[-1].pages]) == (2, [2])


def test_a_retry_of_a_retry_reads_the_first_jobs_inputs_and_every_jobs_outputs(any_world: World) -> None:
    first = partial(any_world, pages=3, failed=(2, 3))
    retry(any_world, first.job_id)
    second = Attempt(any_world, any_world.orders[-1])
    second.deliver(2)
    second.fail(3, PageErrorCode.STAGE_FAILED)
    second.finish()
    job = retry(any_world, second.job_id)
    third = Attempt(any_world, any_world.orders[-1])
    assert any_world.use(third.grants[3].input).body == b"page 3"
    third.deliver(3)
    third.finish()
    view = any_world.view(job.id)
    assert (view.status, view.audit["carried_pages"]) == (JobStatus.SUCCESS, 2)
    for page in view.pages:
        assert any_world.call("GET", str(page.image_url)).status == 200


def test_a_carried_page_that_is_not_stored_any_more_is_no_success(world: World) -> None:
    old = partial(world)
    job = retry(world, old.job_id)
    gone = next(key for key in world.platform.bucket.objects if key.endswith("/a1/pages/0003.webp"))
    del world.platform.bucket.objects[gone]
    attempt = Attempt(world, world.orders[-1])
    attempt.deliver(2)
    attempt.finish()
    view = world.view(job.id)
    assert (view.status, view.counts["done"]) == (JobStatus.PARTIAL, 2)
    assert view.pages[2].error is not None
    assert view.pages[2].error.code is PageErrorCode.OUTPUT_MISMATCH


def test_a_retry_that_fails_again_or_is_canceled_keeps_what_was_carried(world: World) -> None:
    old = partial(world)
    job = retry(world, old.job_id)
    world.call("POST", f"/jobs/{job.id}/cancel")
    world.sweep(61)
    view = world.view(job.id)
    assert (view.status, view.counts["done"]) == (JobStatus.CANCELED, 2)
    assert retry(world, job.id).retry_of == job.id


def test_a_canceled_job_of_which_nothing_was_done_can_be_retried(world: World) -> None:
    job = world.start(pages=2)
    world.call("POST", f"/jobs/{job.id}/cancel")
    world.sweep(61)
    retry(world, job.id)
    assert [page.page for page in world.orders[-1].pages] == [1, 2]


def test_a_retry_has_its_own_webhook(world: World) -> None:
    old = partial(world, webhook_url=CONSUMER)
    retry(world, old.job_id)
    attempt = Attempt(world, world.orders[-1])
    attempt.deliver(2)
    attempt.finish()
    assert len({delivery.headers["webhook-id"] for delivery in world.deliveries}) == 2


def test_what_has_not_ended_or_has_not_failed_is_not_retried(world: World) -> None:
    running = world.start()
    assert world.call("POST", f"/jobs/{running.id}/retry").json["code"] == "conflict"
    done = world.attempt(pages=2)
    done.deliver(1)
    done.deliver(2)
    done.finish()
    assert world.call("POST", f"/jobs/{done.job_id}/retry").json["code"] == "conflict"
    old = partial(world)
    assert world.call("POST", f"/jobs/{old.job_id}/pages/1/retry").json["code"] == "conflict"
    assert world.call("POST", f"/jobs/{old.job_id}/pages/4/retry").json["code"] == "not_found"
    assert world.call("POST", f"/jobs/{old.job_id}/pages/0/retry").json["code"] == "not_found"
    assert world.call("POST", f"/jobs/{old.job_id}/retry", key=KEYS["owner-b"]).status == 404
    assert world.view(old.job_id).superseded_by is None


def test_another_set_of_pages_of_a_job_that_is_superseded_is_a_conflict_that_names_the_successor(world: World) -> None:
    old = partial(world, pages=4, failed=(2, 4))
    job = retry(world, old.job_id, page=2)
    for path in ("retry", "pages/4/retry"):
        answer = world.call("POST", f"/jobs/{old.job_id}/{path}")
        assert (answer.status, answer.json["superseded_by"]) == (409, job.id)
    assert retry(world, old.job_id, page=2).id == job.id


def test_a_retry_whose_inputs_are_gone_supersedes_nothing(world: World) -> None:
    old = partial(world)
    for key in [key for key in world.platform.bucket.objects if key.startswith("inputs/")]:
        del world.platform.bucket.objects[key]
    answer = world.call("POST", f"/jobs/{old.job_id}/retry")
    assert (answer.status, answer.json["code"], answer.json["missing"]) == (410, "gone", [2])
    assert world.view(old.job_id).superseded_by is None


def foreign(attempt: Attempt, job_id: str) -> None:
    """Only a retry names other jobs' outputs: else any page of the chapter could pass for one of this job."""
    attempt.deliver(1)
    output = attempt.pages[1].output
    assert output is not None
    attempt.pages[1] = replace(attempt.pages[1], output=replace(output, job_id=job_id))


@pytest.mark.parametrize("name", ["job_other", "../x"])
def test_a_manifest_cannot_claim_another_jobs_output(world: World, name: str) -> None:
    attempt = world.attempt(pages=1)
    attempt.heartbeat()
    foreign(attempt, name)
    attempt.result()
    world.sweep(61)
    assert world.orders[-1].attempt == 2
    attempt = Attempt(world, world.orders[-1], worker_id="worker-2")
    attempt.deliver(1)
    attempt.finish()
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS


def test_a_translator_cannot_report_another_jobs_output(world: World) -> None:
    attempt = world.attempt(pages=1)
    foreign(attempt, "job_other")
    answer = attempt.send(attempt.report())
    assert (answer.status, answer.json["field"]) == (422, "pages[0].output.job_id")
