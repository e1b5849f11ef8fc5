"""A translator that asks for work: what it claims, when it ends, and how."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.attempt import AttemptOrder
from contract.status import PageErrorCode, PageStatus
from tests.support.processes import PYTHON_PATH, ROOT
from tests.support.secrets import CALLBACK_SECRETS, translator_env
from tests.translator.containers import QUICK, until
from tests.translator.fake_orchestrator import LOST, FakeOrchestrator, served
from tests.translator.test_process import wait_until
from tests.translator.tiny_stages import Script, TinyFactory, image
from translator.app import Worker, create_worker
from translator.config import Config, ConfigError, WorkerMode
from translator.job_mode import work
from translator.pull import NO_JOBS, ClaimLost, ClaimRefused
from translator.stages import StageFactory

MODULE = "tests.translator.process_main"


def worker(fake: FakeOrchestrator, script: Script | None = None, **settings: Any) -> Worker:
    config = Config(
        callback_secrets=CALLBACK_SECRETS,
        mode=WorkerMode.JOB,
        orchestrator_url=fake.base,
        **{"max_jobs": 100, "poll_interval_s": 0.01, "max_empty_polls": 3, **settings},
    )
    return create_worker(config, lambda: TinyFactory(script), client=fake.client, tempo=QUICK)


async def run(made: Worker) -> str:
    made.models.start()
    await made.models.loaded()
    try:
        return await made.puller.run()
    finally:
        await made.aclose()


def jobs(fake: FakeOrchestrator, count: int) -> list[AttemptOrder]:
    return [fake.order({1: image()}, job_id=f"job-{number}") for number in range(count)]


async def test_no_jobs_end_the_process_after_the_empty_polls() -> None:
    fake = FakeOrchestrator()
    assert await run(worker(fake, max_empty_polls=4)) == NO_JOBS
    assert len(fake.claims) == 4
    assert len({claim.worker_id for claim in fake.claims}) == 1


async def test_jobs_are_done_one_after_the_other_until_there_are_none() -> None:
    fake = FakeOrchestrator()
    fake.waiting = jobs(fake, 3)
    assert await run(worker(fake)) == NO_JOBS
    assert [report.job_id for report in fake.results] == ["job-0", "job-1", "job-2"]
    assert {page.status for report in fake.results for page in report.pages} == {PageStatus.DONE}
    assert {report.worker_id for report in fake.results} == {fake.claims[0].worker_id}


async def test_no_more_jobs_are_taken_than_may_be() -> None:
    fake = FakeOrchestrator()
    fake.waiting = jobs(fake, 3)
    assert await run(worker(fake, max_jobs=2)) == "2 jobs taken; exiting"
    assert (len(fake.results), len(fake.waiting), len(fake.claims)) == (2, 1, 2)


async def test_an_order_that_was_done_before_counts_as_none() -> None:
    fake = FakeOrchestrator()
    [order] = jobs(fake, 1)
    fake.waiting = [order, order]
    assert await run(worker(fake)) == NO_JOBS
    assert len(fake.results) == 1


@pytest.mark.parametrize("offset_s", [-1000.0, 1000.0])
async def test_a_worker_whose_clock_differs_learns_the_time_with_its_first_claim(offset_s: float) -> None:
    fake = FakeOrchestrator()
    fake.clock_offset_s = offset_s
    fake.waiting = jobs(fake, 1)
    assert await run(worker(fake)) == NO_JOBS
    assert len(fake.results) == 1


@pytest.mark.parametrize("fault", [500, 503, 429, LOST])
async def test_an_orchestrator_that_stumbles_is_asked_again(fault: int | str) -> None:
    fake = FakeOrchestrator()
    fake.waiting = jobs(fake, 2)
    fake.fault("POST", "/work/claim", fault, times=2)
    assert await run(worker(fake)) == NO_JOBS
    assert fake.results if fault != LOST else not fake.waiting


async def test_an_orchestrator_that_is_gone_is_an_error() -> None:
    fake = FakeOrchestrator()
    fake.fault("POST", "/work/claim", 503, times=1000)
    with pytest.raises(ClaimLost):
        await run(worker(fake))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 200])
async def test_an_orchestrator_that_refuses_or_talks_nonsense_is_an_error(status: int) -> None:
    fake = FakeOrchestrator()
    fake.fault("POST", "/work/claim", status, times=1000)
    with pytest.raises(ClaimRefused):
        await run(worker(fake))


async def test_being_told_to_stop_between_jobs_ends_at_once() -> None:
    fake = FakeOrchestrator()
    made = worker(fake, poll_interval_s=60, max_empty_polls=100)
    running = asyncio.create_task(run(made))
    await until(lambda: bool(fake.claims))
    await made.puller.stop(5)
    assert await asyncio.wait_for(running, 5) == "told to stop; exiting"
    assert len(fake.claims) == 1


async def test_being_told_to_stop_in_a_job_finishes_its_pages_and_gives_back_the_rest() -> None:
    fake, script = FakeOrchestrator(), Script(pauses={"detect": 0.05})
    fake.waiting = [fake.order(dict.fromkeys(range(1, 31), image()), job_id="job-0"), *jobs(fake, 1)]
    made = worker(fake, script)
    running = asyncio.create_task(run(made))
    await until(lambda: any(page.output for report in fake.reports for page in report.pages))
    await made.puller.stop(5)
    assert await asyncio.wait_for(running, 10) == "told to stop; exiting"
    statuses = {page.status for page in fake.result.pages}
    assert statuses == {PageStatus.DONE, PageStatus.QUEUED}
    assert len(fake.waiting) == 1, "it claims nothing more"


async def test_a_job_that_the_engines_cannot_do_ends_and_says_why() -> None:
    fake = FakeOrchestrator()
    fake.waiting = [fake.order({1: image(), 2: image()}, source="tlh")]
    assert await run(worker(fake)) == NO_JOBS
    errors = [page.error for page in fake.result.pages]
    assert {(error.code, error.retryable) for error in errors if error} == {(PageErrorCode.STAGE_FAILED, False)}
    assert all(error and "Klingon" in error.detail for error in errors)


async def test_models_that_cannot_be_loaded_claim_nothing() -> None:
    def load() -> StageFactory:
        raise FileNotFoundError("there is no such model")

    fake = FakeOrchestrator()
    config = Config(callback_secrets=CALLBACK_SECRETS, mode=WorkerMode.JOB, orchestrator_url=fake.base)
    made = create_worker(config, load, client=fake.client)
    assert await work(made, grace_s=1) == 1
    assert not fake.claims
    await made.aclose()


async def test_pages_that_must_be_alone_are_alone_and_come_last() -> None:
    fake, script = FakeOrchestrator(), Script(pauses={"detect": 0.03, "typeset": 0.03})
    order = fake.order(dict.fromkeys(range(1, 7), image()), alone=(2, 3))
    fake.waiting = [order]
    said: list[set[int]] = []
    fake.on_report = lambda report: said.append(
        {page.page for page in report.pages if page.status is PageStatus.RUNNING}
    )
    await run(worker(fake, script))
    assert fake.verified_pages() == [1, 2, 3, 4, 5, 6]
    assert {2} in said, "before a page is begun alone, that was said"
    assert {3} in said
    spans = {page: [call for call in script.calls if call.page == page] for page in range(1, 7)}
    for page in (2, 3):
        began, ended = min(call.began for call in spans[page]), max(call.ended for call in spans[page])
        others = [call for number, calls in spans.items() if number != page for call in calls]
        assert not [call for call in others if call.began < ended and call.ended > began]
    assert min(call.began for call in spans[2]) > max(call.ended for call in spans[6])


@pytest.mark.parametrize(
    ("env", "key"),
    [
        ({"WORKER_MODE": "sometimes"}, "WORKER_MODE"),
        ({"WORKER_MODE": "job"}, "ORCHESTRATOR_URL"),
        ({"WORKER_MODE": "job", "ORCHESTRATOR_URL": "orchestrator.test"}, "ORCHESTRATOR_URL"),
        ({"WORKER_MODE": "job", "ORCHESTRATOR_URL": "https://x.test/?a=1"}, "ORCHESTRATOR_URL"),
        ({"WORKER_MODE": "job", "ORCHESTRATOR_URL": "https://x.test", "CALLBACK_SECRETS": ""}, "CALLBACK_SECRETS"),
        ({"WORKER_MODE": "job", "ORCHESTRATOR_URL": "https://x.test", "POLL_INTERVAL_MS": "0"}, "POLL_INTERVAL_MS"),
        ({"WORKER_MODE": "job", "ORCHESTRATOR_URL": "https://x.test", "MAX_EMPTY_POLLS": "0"}, "MAX_EMPTY_POLLS"),
        ({"MAX_JOBS": "65"}, "MAX_JOBS"),
    ],
)
def test_a_wrong_configuration_names_its_key(env: dict[str, str], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({**translator_env(), **env})
    assert caught.value.key == key


def start(log: Path, url: str, **env: str) -> subprocess.Popen[str]:
    whole = {**os.environ, **translator_env(), "PYTHONPATH": PYTHON_PATH, "WORKER_MODE": "job", **env}
    whole |= {"ORCHESTRATOR_URL": url, "POLL_INTERVAL_MS": "50", "DRAIN_S": "5"}
    with log.open("ab") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", MODULE], env=whole, cwd=ROOT, stdout=subprocess.PIPE, stderr=sink, text=True
        )


def test_the_process_works_says_that_there_is_no_more_and_exits_0(tmp_path: Path) -> None:
    with served() as fake:
        fake.waiting = jobs(fake, 2)
        process = start(tmp_path / "log", fake.base, MAX_JOBS="10")
        output, _ = process.communicate(timeout=60)
        assert (process.returncode, output) == (0, "no jobs available; exiting\n")
        assert len(fake.results) == 2


def _sigterm(process: subprocess.Popen[str], ready: Callable[[], bool]) -> str:
    wait_until(ready, timeout_s=40)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    return output


def test_sigterm_drains_the_process_and_exits_0(tmp_path: Path) -> None:
    with served() as fake:
        fake.waiting = [fake.order(dict.fromkeys(range(1, 41), image()))]
        process = start(tmp_path / "log", fake.base, PAUSE="0.2", MAX_JOBS="10")
        output = _sigterm(process, lambda: any(page.output for report in fake.reports for page in report.pages))
        assert (process.returncode, output) == (0, "told to stop; exiting\n")
        assert {page.status for page in fake.result.pages} == {PageStatus.DONE, PageStatus.QUEUED}


def test_the_process_exits_1_where_its_claims_are_refused(tmp_path: Path) -> None:
    with served() as fake:
        fake.fault("POST", "/work/claim", 401, times=1000)
        process = start(tmp_path / "log", fake.base)
        assert process.wait(60) == 1
        assert process.stdout is not None
        process.stdout.close()
    assert "claiming failed" in (tmp_path / "log").read_text()
