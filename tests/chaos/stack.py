"""The orchestrator and translators as processes that tests kill, cut off and starve."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from contract.job import JobRequest, PageSpec
from contract.view import JobView
from fukidashi.client import Client
from tests.support import secrets
from tests.support.chain import free_port
from tests.support.processes import PYTHON_PATH, ROOT, ServerProcess
from tests.translator.tiny_stages import image

TRANSLATOR = "tests.translator.process_main"
FULL = os.environ.get("CHAOS") == "full"
"""``make test`` runs the small version; ``CHAOS=full`` more of everything."""
TIMING = {"HEARTBEAT_S": "0.3", "LEASE_S": "1.5"}
PAGE = image()


def until(condition: Callable[[], bool], what: str, *, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to pass: {what}"
        time.sleep(0.05)


class TinyTranslator:
    """The real translator on tiny stages, on one port over all its lives."""

    def __init__(self, folder: Path, *, pause_s: float = 0.15) -> None:
        self._folder, self._pause_s, self._port = folder, pause_s, free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: ServerProcess | None = None

    def start(self) -> None:
        env = {**secrets.translator_env(), "PORT": str(self._port), "PAUSE": str(self._pause_s), "DRAIN_S": "4"}
        self._process = ServerProcess.python(TRANSLATOR, env=env, log=self._folder / "translator.log")
        until(lambda: httpx.get(f"{self.url}/healthz", timeout=10).status_code == 200, "the models load")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()

    def stop(self) -> int:
        return self._process.stop() if self._process else 0


@dataclass
class Stack:
    """A local orchestrator, and who asks it."""

    server: ServerProcess
    folder: Path
    client: Client
    jobs: list[str] = field(default_factory=list)

    def submit(self, pages: int, *, chapter: str = "chaos") -> str:
        job = self.client.create(JobRequest(pages=(PageSpec("image/png"),) * pages, chapter_id=chapter))
        for upload in job.uploads:
            self.client.upload(upload.grant, PAGE)
        self.client.start(job.id)
        self.jobs.append(job.id)
        return job.id

    def view(self, job_id: str) -> JobView:
        view = self.client.get(job_id).view
        assert view is not None
        return view

    def end(self, job_id: str, *, timeout_s: float = 60.0) -> JobView:
        until(lambda: self.view(job_id).status.is_terminal, f"{job_id} ends", timeout_s=timeout_s)
        return self.view(job_id)

    def events(self, name: str) -> list[dict[str, Any]]:
        """What the orchestrator has logged."""
        lines = self.server.log.read_text(errors="replace").splitlines()
        found = (json.loads(line) for line in lines if line.startswith("{") and f'"event": "{name}"' in line)
        return [event for event in found if event["event"] == name]

    def check_ended(self, view: JobView) -> None:
        """One final; every page has ended; what is called done can be had, and is what was verified."""
        finals = [event for event in self.events("final") if event["job_id"] == view.id]
        assert len(finals) <= 1, "two finals of one job"
        assert all(page.status.is_terminal for page in view.pages)
        for page in view.pages:
            if page.image_url is not None:
                answer = self._get(page.image_url)
                assert answer.status_code == 200
                assert answer.content[:4] == b"RIFF"

    def _get(self, url: str) -> httpx.Response:
        path = url.partition("/jobs/")[2] or url.partition("/artifacts/")[2]
        place = f"{self.server.url}/artifacts/{path}"
        return httpx.get(place, headers={"authorization": f"Bearer {secrets.API_KEY}"}, timeout=20)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """No file of the orchestrator's can grow: every write fails, as on a full disk."""
        soft, hard = resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def stack(folder: Path, *, translator_url: str, **env: str) -> Iterator[Stack]:
    settings = {**secrets.orchestrator_env(translator_url=translator_url), **TIMING, **env}
    arguments = ("--data", str(folder / "data"), "--port", env.pop("PORT", "0"), "--sweep-s", "0.3")
    server = ServerProcess.python("local", *arguments, env=settings, log=folder / "local.log")
    try:
        with Client(server.url, secrets.API_KEY) as client:
            yield Stack(server, folder, client)
    finally:
        server.stop()


def pull_worker(folder: Path, number: int, url: str, **env: str) -> subprocess.Popen[str]:
    """A translator that asks for work until there is none."""
    settings = {
        **os.environ,
        **secrets.translator_env(),
        "PYTHONPATH": PYTHON_PATH,
        "WORKER_MODE": "job",
        "ORCHESTRATOR_URL": url,
        "MAX_JOBS": "1000",
        "POLL_INTERVAL_MS": "200",
        "MAX_EMPTY_POLLS": "10",
        "DRAIN_S": "4",
        **env,
    }
    log = (folder / f"worker-{number}.log").open("ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", TRANSLATOR], env=settings, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        )


def moments(seed: int, count: int, *, longest_s: float) -> list[float]:
    chance = random.Random(seed)
    return [chance.uniform(0.05, longest_s) for _ in range(count)]
