"""Real processes that are killed, cut off and starved: exactly one end a job, and nothing lost."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from contract.report import ReportType
from contract.status import JobStatus, PageErrorCode, PageStatus
from contract.view import JobView
from fukidashi.errors import ApiError
from tests.chaos.proxy import proxy
from tests.chaos.stack import FULL, PAGE, Stack, TinyTranslator, moments, pull_worker, stack, until
from tests.support.chain import free_port
from tests.support.peers import ScriptedTranslator, orders, serve_peer, signature

pytestmark = pytest.mark.chaos
SEEDS = range(10) if FULL else range(1)
COPIES = 20


@pytest.fixture
def translator(tmp_path: Path) -> Iterator[TinyTranslator]:
    made = TinyTranslator(tmp_path)
    made.start()
    yield made
    made.stop()


def some_pages_done(view: JobView) -> bool:
    return view.counts["done"] >= 1 or view.status.is_terminal


def only_poison_failed(view: JobView) -> bool:
    return all(page.error is None or page.error.code is PageErrorCode.POISON for page in view.pages)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_translator_that_is_killed_at_random_pages_loses_none(
    seed: int, tmp_path: Path, translator: TinyTranslator
) -> None:
    with stack(tmp_path, translator_url=translator.url) as running:
        job_id = running.submit(16)
        for moment in moments(seed, 2, longest_s=0.8):
            until(lambda: some_pages_done(running.view(job_id)), "a page is done")
            time.sleep(moment)
            before = {page.page for page in running.view(job_id).pages if page.status is PageStatus.DONE}
            translator.kill()
            translator.start()
            after = {page.page for page in running.view(job_id).pages if page.status is PageStatus.DONE}
            assert before <= after, "a finished page was lost"
        view = running.end(job_id)
        running.check_ended(view)
        assert view.status is JobStatus.SUCCESS or only_poison_failed(view)
        assert view.counts["done"] >= 15
        assert view.attempt >= 2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_translator_that_is_told_to_end_gives_its_pages_back(
    seed: int, tmp_path: Path, translator: TinyTranslator
) -> None:
    with stack(tmp_path, translator_url=translator.url) as running:
        job_id = running.submit(16)
        for moment in moments(seed + 100, 2, longest_s=0.4):
            until(lambda: some_pages_done(running.view(job_id)), "a page is done")
            time.sleep(moment)
            assert translator.stop() == 0
            translator.start()
        view = running.end(job_id)
        running.check_ended(view)
        assert view.status is JobStatus.SUCCESS
        assert len({page.attempt for page in view.pages}) >= 2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_network_that_cuts_and_stalls_loses_no_page(seed: int, tmp_path: Path, translator: TinyTranslator) -> None:
    port = free_port()
    with (
        proxy(port, seed=seed) as network,
        stack(tmp_path, translator_url=translator.url, PUBLIC_URL=network.url, PORT=str(port)) as running,
    ):
        job_id = running.submit(10)
        network.cuts, network.stalls = 0.1, 0.3
        view = running.end(job_id, timeout_s=90)
        network.cuts = 0.0
        assert network.cut > 3, f"{network.cut} of {network.connections} connections were cut"
        running.check_ended(view)
        assert view.status in (JobStatus.SUCCESS, JobStatus.PARTIAL)
        assert view.counts["done"] >= 9


def test_a_disk_that_is_full_for_a_while_loses_nothing(tmp_path: Path, translator: TinyTranslator) -> None:
    with stack(tmp_path, translator_url=translator.url) as running:
        job_id = running.submit(10)
        until(lambda: some_pages_done(running.view(job_id)), "a page is done")
        done = {page.page for page in running.view(job_id).pages if page.status is PageStatus.DONE}
        with running.full_disk():
            with pytest.raises(ApiError) as refusal:
                running.submit(1, chapter="no-room")
            assert refusal.value.status == 503
            refused = httpx.post(f"{running.server.url}/jobs", json={}, timeout=10)
            assert refused.status_code == 401, "what needs no disk goes on"
            time.sleep(1.5)
            assert {page.page for page in running.view(job_id).pages if page.status is PageStatus.DONE} >= done
        view = running.end(job_id, timeout_s=90)
        running.check_ended(view)
        assert view.status in (JobStatus.SUCCESS, JobStatus.PARTIAL)
        failed = [page.error.code for page in view.pages if page.error]
        assert set(failed) <= {PageErrorCode.UPLOAD_FAILED}, failed
        after = running.end(running.submit(1, chapter="room-again"))
        assert after.status is JobStatus.SUCCESS


def test_workers_that_pull_share_the_jobs_and_exit_when_there_are_none(tmp_path: Path) -> None:
    workers, jobs = (8, 50) if FULL else (3, 15)
    with stack(tmp_path, translator_url="http://127.0.0.1:9", DISPATCH="pull") as running:
        ids = [running.submit(1, chapter=f"chapter-{number}") for number in range(jobs)]
        processes = [pull_worker(tmp_path, number, running.server.url) for number in range(workers)]
        outputs = [process.communicate(timeout=120)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * workers
        assert all("no jobs available; exiting" in output for output in outputs), outputs
        views = [running.view(job_id) for job_id in ids]
        assert Counter(view.status for view in views) == {JobStatus.SUCCESS: jobs}
        for view in views:
            running.check_ended(view)
        claims = Counter((event["job_id"], event["attempt"]) for event in running.events("claimed"))
        assert claims == dict.fromkeys(((job_id, 1) for job_id in ids), 1)


def test_workers_that_are_killed_leave_no_job_behind(tmp_path: Path) -> None:
    chance = random.Random(5)
    with stack(tmp_path, translator_url="http://127.0.0.1:9", DISPATCH="pull") as running:
        ids = [running.submit(3, chapter=f"chapter-{number}") for number in range(6)]
        doomed = [pull_worker(tmp_path, number, running.server.url, PAUSE="0.3") for number in range(2)]
        until(lambda: len(running.events("claimed")) >= 2, "they have claimed")
        for process, how in zip(doomed, (signal.SIGKILL, signal.SIGTERM), strict=True):
            time.sleep(chance.uniform(0.1, 0.6))
            process.send_signal(how)
        output = [process.communicate(timeout=30)[0] for process in doomed]
        assert [process.returncode for process in doomed] == [-signal.SIGKILL, 0]
        assert "told to stop; exiting" in output[1]
        heir = pull_worker(tmp_path, 9, running.server.url, MAX_EMPTY_POLLS="25")
        assert "no jobs available" in heir.communicate(timeout=90)[0]
        views = [running.end(job_id) for job_id in ids]
        assert {view.status for view in views} == {JobStatus.SUCCESS}
        claims = Counter((event["job_id"], event["attempt"]) for event in running.events("claimed"))
        assert set(claims.values()) == {1}, "an attempt was claimed twice"


def test_twenty_copies_of_each_final_callback_end_a_job_once(tmp_path: Path) -> None:
    rounds = 20 if FULL else 4
    with (
        serve_peer() as translator,
        serve_peer() as consumer,
        stack(tmp_path, translator_url=translator.url) as running,
        httpx.Client(timeout=60) as client,
    ):
        consumer.status = 204
        for number in range(rounds):
            job_id = _submit_with_webhook(running, f"{consumer.url}/hook", f"chapter-{number}")
            until(lambda job_id=job_id: bool(orders(translator, job_id)), "the order comes")  # type: ignore[misc]
            scripted = ScriptedTranslator(orders(translator, job_id)[0], client)
            scripted.deliver(1, b"RIFF....WEBP")
            answers = _storm(scripted)
            assert {answer.status_code for answer in answers} <= {200, 409}
            first = [answer for answer in answers if answer.status_code == 200 and not answer.json()["duplicate"]]
            assert len(first) == 1, [answer.text for answer in answers]
            view = running.end(job_id)
            running.check_ended(view)
            assert view.status is JobStatus.SUCCESS
        until(lambda: len(consumer.requests) >= rounds, "the webhooks come")
        time.sleep(1)
        events = Counter(request.headers["webhook-id"] for request in consumer.requests)
        assert len(events) == rounds
        assert set(events.values()) == {1}, "a webhook that was answered came again"


def _submit_with_webhook(running: Stack, hook: str, chapter: str) -> str:
    from contract.job import JobRequest, PageSpec

    job = running.client.create(JobRequest(pages=(PageSpec("image/png"),), chapter_id=chapter, webhook_url=hook))
    running.client.upload(job.uploads[0].grant, PAGE)
    running.client.start(job.id)
    return job.id


def _storm(scripted: ScriptedTranslator) -> list[httpx.Response]:
    """The same result in copies that are signed anew, as honest retries are, all at the same moment."""
    report = scripted.report(ReportType.RESULT)
    body, gate = report.to_bytes(), threading.Barrier(COPIES)
    url = scripted.order.callback_url
    assert urlsplit(url).path == "/callbacks/container"

    def send(_: int) -> httpx.Response:
        headers = {**signature(body), "content-type": "application/json"}
        with httpx.Client(timeout=60) as client:
            gate.wait(30)
            return client.post(url, content=body, headers=headers)

    with ThreadPoolExecutor(COPIES) as pool:
        return list(pool.map(send, range(COPIES)))
