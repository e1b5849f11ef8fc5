"""Polling a job: long polls, summaries, what is known after its time, and the owner's list of jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

import pytest

from contract.listing import JobItem, JobList
from contract.status import JobStatus, PageStatus
from edge.polling import STEP_S
from tests.edge.world import KEYS, PUBLIC, Answer, Attempt, World


def later(world: World, *requests: object) -> list[Callable[[], Awaitable[object]]]:
    """What a request does while another one sleeps."""
    return [lambda request=request: world.app.handle(request) for request in requests]  # type: ignore[misc]


def poll(world: World, job_id: str, query: str, *, etag: str | None = None) -> Answer:
    return world.call("GET", f"/jobs/{job_id}?{query}", headers={"if-none-match": etag} if etag else {})


def test_a_long_poll_answers_as_soon_as_something_has_changed(world: World) -> None:
    attempt = world.attempt()
    etag = world.call("GET", f"/jobs/{attempt.job_id}").headers["etag"]
    began = world.platform.now()
    attempt.run(1)
    world.platform.naps = later(world, attempt.request(attempt.report()))
    answer = poll(world, attempt.job_id, "wait=25", etag=etag)
    assert (answer.status, answer.json["status"]) == (200, "running")
    assert world.platform.now() - began == STEP_S


def test_a_long_poll_without_an_etag_waits_for_a_change_since_it_came(world: World) -> None:
    attempt = world.attempt()
    world.platform.naps = [nothing, *later(world, attempt.request(attempt.report()))]
    began = world.platform.now()
    assert poll(world, attempt.job_id, "wait=25").json["status"] == "running"
    assert world.platform.now() - began == 2 * STEP_S


async def nothing() -> None:
    pass


def test_a_long_poll_in_which_nothing_happens_ends_with_304_or_the_same_again(world: World) -> None:
    job = world.start()
    etag = world.call("GET", f"/jobs/{job.id}").headers["etag"]
    began = world.platform.now()
    assert poll(world, job.id, "wait=25", etag=etag).status == 304
    assert world.platform.now() - began == 25
    again = poll(world, job.id, "wait=3")
    assert (again.status, again.headers["etag"]) == (200, etag)
    assert world.platform.now() - began == 28


def test_a_long_poll_that_knows_an_older_state_is_answered_at_once(world: World) -> None:
    job = world.start()
    began = world.platform.now()
    assert poll(world, job.id, "wait=25", etag='"older"').status == 200
    assert world.platform.now() == began


def test_a_long_poll_of_a_job_that_has_ended_is_answered_at_once(world: World) -> None:
    job = world.create()
    world.call("POST", f"/jobs/{job.id}/cancel")
    etag = world.call("GET", f"/jobs/{job.id}").headers["etag"]
    began = world.platform.now()
    assert poll(world, job.id, "wait=25", etag=etag).status == 304
    assert world.platform.now() == began


def test_a_change_between_the_look_and_the_wait_is_not_missed(world: World) -> None:
    attempt = world.attempt()
    request = attempt.request(attempt.report())
    etag = world.call("GET", f"/jobs/{attempt.job_id}").headers["etag"]
    # Both at once: whichever comes first, the poll must not sleep through the report.
    began = world.platform.now()
    waiting = world.request("GET", f"/jobs/{attempt.job_id}?wait=25", headers={"if-none-match": etag})
    answer = world.together(waiting, request)[0]
    assert answer.json["status"] == "running"
    assert world.platform.now() - began < 25


def test_a_long_poll_stays_below_the_subrequests_of_the_free_plan(world: World) -> None:
    """Five attempts, and a heartbeat that says nothing new in every step."""
    attempt = world.attempt()
    for _ in range(4):
        attempt.heartbeat()
        world.sweep(61)
        attempt = Attempt(world, world.orders[-1])
    attempt.heartbeat()
    assert attempt.order.attempt == 5
    etag = world.call("GET", f"/jobs/{attempt.job_id}").headers["etag"]
    world.platform.bucket.operations.clear()
    beats = [attempt.request(attempt.report()) for _ in range(20)]
    key = f"jobs/{attempt.job_id}/heartbeats/5.json"

    def beat(number: int) -> Callable[[], Awaitable[object]]:
        async def change() -> None:
            _, body = world.platform.bucket.objects[key]
            await world.platform.bucket.put(key, body.replace(b'"seq":', b'"seq": ' + b" " * number), content_type="x")
            world.platform.bucket.operations.pop()

        return change

    world.platform.naps = [beat(number) for number in range(len(beats))]
    assert poll(world, attempt.job_id, "wait=25", etag=etag).status == 304
    assert 20 < len(world.platform.bucket.operations) <= 45


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("wait=26", "wait"),
        ("wait=-1", "wait"),
        ("wait=1.5", "wait"),
        ("wait=", "wait"),
        ("wait=%D9%A3", "wait"),
        ("wait=99999999999999999999", "wait"),
        ("fields=all", "fields"),
        ("fields=", "fields"),
    ],
)
def test_a_wrong_parameter_is_named(world: World, query: str, field: str) -> None:
    job = world.create()
    answer = poll(world, job.id, query)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (422, "invalid", field)


def test_a_summary_is_the_job_without_its_pages(world: World) -> None:
    job = world.start(pages=3)
    whole, summary = poll(world, job.id, ""), poll(world, job.id, "fields=summary")
    expected = whole.json
    del expected["pages"]
    assert summary.json == expected
    assert summary.json["counts"] == {"total": 3, "queued": 3, "running": 0, "failed": 0, "done": 0}
    assert summary.headers["etag"] != whole.headers["etag"]
    assert poll(world, job.id, "fields=summary", etag=summary.headers["etag"]).status == 304


def test_a_job_that_was_kept_long_enough_is_gone_and_says_what_is_known(world: World) -> None:
    attempt = world.attempt()
    attempt.deliver(1)
    attempt.fail(2)
    attempt.finish()
    world.platform.clock.forward(world.config.result_ttl_s - 1)
    assert world.view(attempt.job_id).status is JobStatus.PARTIAL
    world.platform.clock.forward(1)
    for method, path in [("GET", ""), ("POST", "/start"), ("POST", "/cancel"), ("POST", "/retry")]:
        answer = world.call(method, f"/jobs/{attempt.job_id}{path}")
        assert (answer.status, answer.json["code"], answer.json["job_status"]) == (410, "gone", "partial")
        assert answer.json["counts"] == {"total": 2, "done": 1, "failed": 1}
    assert world.call("GET", f"/artifacts/{attempt.job_id}/pages/0001.webp").status == 410
    assert world.call("GET", f"/jobs/{attempt.job_id}", key=KEYS["owner-b"]).status == 404


def test_a_job_that_ends_says_until_when_it_can_be_asked_for(world: World) -> None:
    job = world.create()
    assert job.expires_at == "2026-09-22T14:13:20.000Z"
    world.call("POST", f"/jobs/{job.id}/cancel")
    assert world.view(job.id).expires_at == "2026-09-28T14:13:20.000Z"


def test_the_poll_token_of_the_answer_reads_the_job_and_its_pages_and_nothing_else(world: World) -> None:
    answer = world.call("POST", "/jobs", data={"pages": [{"upload": "image/png"}], "chapter_id": "c"})
    token, job_id = answer.json["poll_token"], answer.json["id"]
    assert answer.json["poll_url"] == f"{PUBLIC}/jobs/{job_id}?t={token}"
    assert world.call("GET", answer.json["poll_url"], key=None).status == 200
    assert world.call("GET", f"/jobs/{job_id}?fields=summary&t={token}", key=None).status == 200
    assert world.call("GET", f"/jobs?t={token}", key=None).status == 401
    for path in ("start", "cancel", "retry", "pages/1/retry", "webhooks/evt_1/redeliver"):
        assert world.call("POST", f"/jobs/{job_id}/{path}?t={token}", key=None).status == 401
    assert "poll_token" not in world.call("GET", f"/jobs/{job_id}").json


def listed(world: World, query: str = "", *, key: str = KEYS["owner-a"]) -> JobList:
    answer = world.call("GET", f"/jobs?{query}", key=key)
    assert answer.status == 200, answer.body
    return JobList.parse(answer.body)


def test_a_listing_shows_the_callers_own_jobs_the_newest_first(world: World) -> None:
    ids = []
    for _ in range(3):
        ids.append(world.create().id)
        world.platform.clock.forward(1)
    theirs = world.call("POST", "/jobs", data={"pages": [{"upload": "image/png"}], "chapter_id": "c"}, key="key-of-b")
    assert [job.id for job in listed(world).jobs] == ids[::-1]
    assert [job.id for job in listed(world, key=KEYS["owner-b"]).jobs] == [theirs.json["id"]]


def test_a_listed_job_shows_how_it_ended(world: World) -> None:
    attempt = world.attempt()
    attempt.deliver(1)
    attempt.fail(2)
    attempt.finish()
    (job,) = listed(world).jobs
    expected = JobItem(
        id=attempt.job_id,
        status=JobStatus.PARTIAL,
        chapter_id="ch-1",
        created_at="2026-09-21T14:13:20.000Z",
        status_url=f"{PUBLIC}/jobs/{attempt.job_id}",
        pages=2,
        done=1,
        failed=1,
    )
    assert job == expected


def test_a_listing_goes_on_where_its_last_part_ended(world: World) -> None:
    ids = set()
    for _ in range(7):
        ids.add(world.create().id)
        world.platform.clock.forward(1)
    seen: list[str] = []
    part = listed(world, "limit=3")
    while True:
        seen += [job.id for job in part.jobs]
        if part.cursor is None:
            break
        part = listed(world, f"limit=3&cursor={quote(part.cursor)}")
    assert (len(seen), set(seen)) == (7, ids)


def test_a_listing_of_one_status_leaves_the_others_out(world: World) -> None:
    canceled = world.create()
    world.call("POST", f"/jobs/{canceled.id}/cancel")
    for _ in range(30):
        world.platform.clock.forward(1)
        world.create()
    assert [job.id for job in listed(world, "status=canceled&limit=5").jobs] == []
    found: list[JobItem] = []
    part = listed(world, "status=canceled&limit=5")
    while part.cursor is not None:
        part = listed(world, f"status=canceled&limit=5&cursor={quote(part.cursor)}")
        found += part.jobs
    assert [job.id for job in found] == [canceled.id]
    assert listed(world, "status=success").jobs == ()


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "status=done", "cursor=", "cursor=abc", "cursor=..%2F..", "status="]
)
def test_a_wrong_listing_is_refused(world: World, query: str) -> None:
    answer = world.call("GET", f"/jobs?{query}")
    assert (answer.status, answer.json["field"]) == (422, query.partition("=")[0])


def test_a_cursor_of_anothers_listing_and_a_token_of_another_role_are_refused(world: World) -> None:
    for _ in range(3):
        world.create()
        world.platform.clock.forward(1)
    cursor = listed(world, "limit=1").cursor
    assert cursor is not None
    assert world.call("GET", f"/jobs?cursor={quote(cursor)}", key=KEYS["owner-b"]).status == 422
    token = world.call("POST", "/jobs", data={"pages": [{"upload": "image/png"}], "chapter_id": "c"}).json["poll_token"]
    assert world.call("GET", f"/jobs?cursor={token}").status == 422
    world.platform.clock.forward(2 * 86_400)
    assert world.call("GET", f"/jobs?cursor={quote(cursor)}").status == 422


def test_a_final_snapshot_that_kv_refused_is_made_up_for(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.deliver(1)
    attempt.heartbeat()
    result = attempt.result()
    world.platform.kv.broken = True
    attempt.send(result)
    world.platform.kv.broken = False
    assert [job.status for job in listed(world).jobs] == [JobStatus.RUNNING]
    world.sweep(60)
    assert [job.status for job in listed(world).jobs] == [JobStatus.SUCCESS]
    assert world.platform.kv.names("open:") == []


def test_a_page_shows_in_the_view_as_soon_as_it_was_reported(world: World) -> None:
    attempt = world.attempt()
    attempt.deliver(2)
    attempt.heartbeat()
    assert [page.status for page in world.view(attempt.job_id).pages] == [PageStatus.QUEUED, PageStatus.DONE]
