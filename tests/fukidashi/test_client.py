"""The same tests for both clients: what one can do the other can."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from contract.job import JobRequest, PageSpec
from contract.status import JobStatus, PageErrorCode
from contract.view import JobView
from fukidashi import ApiError, BadAnswer, Client, ConnectionFailed, NotFound, Timeout, Unauthorized
from fukidashi.errors import UsageError
from fukidashi.polling import Pace
from fukidashi.retry import RetryPolicy
from tests.fukidashi.clients import KINDS, AnyClient, Connect
from tests.fukidashi.fake_orchestrator import API_KEY, FakeOrchestrator
from tests.fukidashi.pages import png, webp

FAST = RetryPolicy(attempts=4, first_s=0.001)
REQUEST = JobRequest(pages=(PageSpec("image/png", "a.png"), PageSpec("image/png", "b.png")), chapter_id="ch1")


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    opened: list[AnyClient] = []

    def make(url: str, key: str | None = API_KEY, **options: Any) -> AnyClient:
        client = KINDS[request.param](
            url, key, **{"policy": FAST, "pace": Pace(first_s=0.01, longest_s=0.02), **options}
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


def submitted(client: AnyClient) -> JobView:
    job = client.create(REQUEST)
    for upload in job.uploads:
        assert client.upload(upload.grant, png())
    return client.start(job.id)


def test_a_chapter_goes_through(connect: Connect, fake: FakeOrchestrator, tmp_path: Path) -> None:
    client = connect(fake.url)
    job = client.create(REQUEST)
    path = tmp_path / "a.png"
    path.write_bytes(png(text="from a file"))
    client.upload(job.uploads[0].grant, path)
    client.upload(job.uploads[1].grant, b"bytes")
    client.start(job.id)
    views = list(client.wait(job.id))
    assert fake.job.inputs == {1: path.read_bytes(), 2: b"bytes"}
    assert views[-1].status is JobStatus.SUCCESS
    assert not any(view.status.is_terminal for view in views[:-1])
    assert client.download(views[-1].pages[0].image_url or "") == webp()


def test_waiting_shows_each_state_once(connect: Connect, fake: FakeOrchestrator) -> None:
    client = connect(fake.url)
    views = list(client.wait(submitted(client).id))
    assert all(before != after for before, after in pairwise(views))
    assert fake.count("GET", "/jobs/job1", 304) == fake.script.steps
    assert fake.count("GET", "/jobs/job1", 200) == len(views)


def test_an_etag_saves_the_body(connect: Connect, fake: FakeOrchestrator) -> None:
    client = connect(fake.url)
    job = submitted(client)
    first = client.get(job.id)
    assert first.view is not None
    assert client.get(job.id, first.etag).view is None


def test_waiting_ends_at_its_deadline(connect: Connect, fake: FakeOrchestrator) -> None:
    fake.script.never_ends = True
    client = connect(fake.url)
    with pytest.raises(Timeout, match="job1 has not ended"):
        list(client.wait(submitted(client).id, timeout_s=0.2))


def test_not_ready_is_waited_out(connect: Connect, fake: FakeOrchestrator) -> None:
    fake.script.not_ready = 3
    assert connect(fake.url).create(REQUEST).id == "job1"
    assert fake.count("POST", "/jobs") == 4


def test_waiting_out_has_an_end_and_tells_the_problem(connect: Connect, fake: FakeOrchestrator) -> None:
    fake.script.not_ready = 100
    with pytest.raises(ApiError) as caught:
        connect(fake.url).create(REQUEST)
    assert (caught.value.code, caught.value.status, caught.value.retryable) == ("unavailable", 503, True)
    assert caught.value.detail == "starting"
    assert fake.count("POST", "/jobs") == FAST.attempts


def test_an_upload_whose_answer_was_lost_is_found_stored(connect: Connect, fake: FakeOrchestrator) -> None:
    fake.script.cut_off = 1
    client = connect(fake.url)
    job = client.create(REQUEST)
    assert client.upload(job.uploads[0].grant, b"once") is False
    assert fake.job.inputs == {1: b"once"}


def test_a_creation_whose_answer_was_lost_leads_to_one_job(connect: Connect, fake: FakeOrchestrator) -> None:
    fake.script.cut_off_creation = 1
    assert connect(fake.url).create(REQUEST).id == "job1"
    assert len(fake.jobs) == 1


def test_starting_without_the_pages_names_them(connect: Connect, fake: FakeOrchestrator) -> None:
    client = connect(fake.url)
    job = client.create(REQUEST)
    with pytest.raises(ApiError, match=r"pages \[1, 2\] are missing \(conflict\)") as caught:
        client.start(job.id)
    assert caught.value.retryable is False


def test_a_refused_request_names_the_field(connect: Connect, fake: FakeOrchestrator) -> None:
    with pytest.raises(ApiError) as caught:
        connect(fake.url).create(replace(REQUEST, chapter_id="../up"))
    assert (caught.value.code, caught.value.field, caught.value.request_id) == ("invalid", "chapter_id", "req-1")


def test_no_key_and_no_job_have_errors_of_their_own(connect: Connect, fake: FakeOrchestrator) -> None:
    with pytest.raises(Unauthorized):
        connect(fake.url, None).create(REQUEST)
    with pytest.raises(NotFound, match="no such job"):
        connect(fake.url).get("job9")


def test_an_id_cannot_leave_its_place_in_the_path(connect: Connect, fake: FakeOrchestrator) -> None:
    with pytest.raises(NotFound):
        connect(fake.url).get("../series/x/memory")
    assert fake.seen[-1][1] == "/jobs/..%2Fseries%2Fx%2Fmemory"


def test_canceling_is_repeatable(connect: Connect, fake: FakeOrchestrator) -> None:
    client = connect(fake.url)
    job = submitted(client)
    assert client.cancel(job.id).status is client.cancel(job.id).status is JobStatus.CANCELED


def test_a_memory_is_created_read_and_replaced_only_by_its_etag(connect: Connect, fake: FakeOrchestrator) -> None:
    client = connect(fake.url)
    client.put_memory("s1", {"a": 1})
    stored = client.get_memory("s1")
    with pytest.raises(ApiError, match="already_exists"):
        client.put_memory("s1", {"a": 2})
    client.put_memory("s1", {"a": 3}, etag=stored.etag)
    with pytest.raises(ApiError, match="already_exists"):
        client.put_memory("s1", {"a": 4}, etag=stored.etag)
    assert client.get_memory("s1").document == {"a": 3}


def test_failed_pages_carry_their_error(connect: Connect, fake: FakeOrchestrator) -> None:
    fake.script.failing = {2: PageErrorCode.TRUNCATED_IMAGE}
    client = connect(fake.url)
    *_, last = client.wait(submitted(client).id)
    assert last.status is JobStatus.PARTIAL
    assert last.pages[1].error is not None
    assert last.pages[1].error.code is PageErrorCode.TRUNCATED_IMAGE


def test_the_key_never_goes_to_another_origin(connect: Connect, fake: FakeOrchestrator) -> None:
    other = FakeOrchestrator()
    other.start()
    try:
        with pytest.raises(Unauthorized):
            connect(fake.url).download(f"{other.url}/artifacts/job1/pages/0001.webp")
        assert other.keys == [None]
    finally:
        other.stop()


def test_uploads_carry_the_grant_and_not_the_key(connect: Connect, fake: FakeOrchestrator) -> None:
    client = connect(fake.url)
    job = client.create(REQUEST)
    fake.keys.clear()
    client.upload(job.uploads[0].grant, b"x")
    assert fake.keys == [None]


def test_a_token_in_a_url_is_in_no_message(connect: Connect, fake: FakeOrchestrator) -> None:
    client = connect(fake.url)
    grant = client.create(REQUEST).uploads[0].grant
    wrong = replace(grant, headers={"content-type": "image/gif"})
    with pytest.raises(Unauthorized) as caught:
        client.upload(wrong, b"x")
    assert "secret-token" not in str(caught.value) + repr(caught.value) + repr(grant)


def test_nobody_there_is_a_failed_connection(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionFailed) as caught:
        connect(f"http://127.0.0.1:{port}").get("job1")
    assert caught.value.unsent


def test_an_answer_that_is_no_job_is_said_to_be_none(connect: Connect, fake: FakeOrchestrator) -> None:
    client = connect(fake.url)
    fake.script.garbage = b"<html>a portal</html>"
    with pytest.raises(BadAnswer, match="no job: not JSON"):
        client.create(REQUEST)


@pytest.mark.parametrize("url", ["", "localhost:8787", "ftp://x", "http://", "http://[", "//x", "http://x:99999"])
def test_a_server_that_is_no_url_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        Client(url)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_would_break_a_header_is_refused_unseen(key: str) -> None:
    with pytest.raises(UsageError) as caught:
        Client("http://localhost", key)
    assert key not in str(caught.value)
