"""The translator as a process: where it listens, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.processes import PYTHON_PATH, ROOT, ServerProcess
from tests.support.secrets import translator_env
from tests.translator.fake_orchestrator import FakeOrchestrator, served
from tests.translator.tiny_stages import image

MODULE = "tests.translator.process_main"


@contextmanager
def process(log: Path, **env: str) -> Iterator[ServerProcess]:
    server = ServerProcess.python(MODULE, env={**translator_env(), "DRAIN_S": "6", **env}, log=log)
    try:
        wait_until(lambda: httpx.get(f"{server.url}/healthz").status_code == 200)
        yield server
    finally:
        server.stop()


def wait_until(condition: Callable[[], bool], *, timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def dispatch(server: ServerProcess, orchestrator: FakeOrchestrator, pages: int) -> None:
    order = orchestrator.order(dict.fromkeys(range(1, pages + 1), image()))
    request = orchestrator.dispatch(order)
    answer = httpx.put(server.url + request.pop("url"), **request)
    assert answer.status_code == 202, answer.text


def test_a_chapter_goes_through_over_real_http(tmp_path: Path) -> None:
    with served() as orchestrator, process(tmp_path / "log") as server:
        dispatch(server, orchestrator, 3)
        wait_until(lambda: bool(orchestrator.results))
        assert orchestrator.verified_pages() == [1, 2, 3]


def test_the_log_is_json_names_the_job_and_holds_no_grant(tmp_path: Path) -> None:
    with served() as orchestrator, process(tmp_path / "log") as server:
        orchestrator.fault("GET", "/job-1/in/1", 404)
        dispatch(server, orchestrator, 2)
        wait_until(lambda: bool(orchestrator.results))
        server.stop()
    text = (tmp_path / "log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert "secret-" not in text
    failed = next(line for line in lines if line["event"] == "page failed")
    assert (failed["job_id"], failed["attempt"], failed["page"], failed["code"]) == ("job-1", 1, 1, "input_missing")


def test_an_idle_process_ends_at_once_on_sigterm(tmp_path: Path) -> None:
    with process(tmp_path / "log") as server:
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 4


def test_sigterm_finishes_the_pages_in_work_reports_and_exits_0(tmp_path: Path) -> None:
    with served() as orchestrator, process(tmp_path / "log", PAUSE="0.3") as server:
        dispatch(server, orchestrator, 40)
        wait_until(lambda: any(page.output for report in orchestrator.reports for page in report.pages))
        assert server.stop() == 0
        statuses = [page.status.value for page in orchestrator.result.pages]
        done = orchestrator.verified_pages()
    assert statuses[: len(done)] == ["done"] * len(done)
    assert set(statuses[len(done) :]) == {"queued"}
    assert 1 <= len(done) < 20


def ended(**env: str) -> subprocess.CompletedProcess[str]:
    """The process, which is to end by itself."""
    whole = {**os.environ, **translator_env(), "PYTHONPATH": PYTHON_PATH, **env}
    command = [sys.executable, "-m", MODULE]
    return subprocess.run(command, env=whole, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_models_that_cannot_be_loaded_end_the_process_with_1() -> None:
    end = ended(BROKEN="1")
    assert end.returncode == 1
    assert "there is no such model" in end.stderr


def test_a_wrong_configuration_is_named_and_ends_with_2() -> None:
    end = ended(MAX_JOBS="many")
    assert (end.returncode, end.stdout, end.stderr) == (2, "", "MAX_JOBS: not a whole number\n")
