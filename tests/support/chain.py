"""The whole chain as processes: an orchestrator, the real translator, the real webhook receiver."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from contract.job import JobRequest, PageSpec
from contract.view import JobView
from fukidashi.client import Client
from tests.support import secrets
from tests.support.processes import ServerProcess


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Translator:
    """The real translator on a port of its own, so that it can die and come back."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: ServerProcess | None = None

    def start(self) -> None:
        env = {**secrets.translator_env(), "PORT": str(self._port)}
        self._process = ServerProcess.python("translator", env=env, log=self._folder / "translator.log")
        deadline = time.monotonic() + 120
        while httpx.get(f"{self.url}/healthz", timeout=10).status_code != 200:
            assert time.monotonic() < deadline, "the models did not load"
            time.sleep(0.2)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()

    def stop(self) -> int:
        return 0 if self._process is None else self._process.stop(timeout_s=40)

    @property
    def log(self) -> str:
        return (self._folder / "translator.log").read_text(errors="replace")


@dataclass
class Chain:
    """What a client needs of a running chain. ``sweep`` runs the cron handler where nothing else does."""

    name: str
    url: str
    receiver: ServerProcess
    folder: Path
    sweep: object

    def client(self) -> Client:
        return Client(self.url, secrets.API_KEY)

    def translate(self, pages: list[tuple[str, bytes]], **fields: object) -> JobView:
        """Sends pages ``(content type, bytes)`` through and waits for the end."""
        with self.client() as client:
            job = self.submit(client, pages, **fields)
            return self.end(client, job.id)

    def submit(self, client: Client, pages: list[tuple[str, bytes]], **fields: object) -> JobView:
        specs = tuple(PageSpec(content_type) for content_type, _ in pages)
        request = JobRequest(pages=specs, chapter_id="e2e", webhook_url=f"{self.receiver.url}/webhook", **fields)  # type: ignore[arg-type]
        job = client.create(request)
        for upload, (_, body) in zip(job.uploads, pages, strict=True):
            client.upload(upload.grant, body)
        return client.start(job.id)

    def end(self, client: Client, job_id: str, *, timeout_s: float = 120.0) -> JobView:
        deadline = time.monotonic() + timeout_s
        while True:
            view = client.get(job_id).view
            assert view is not None
            if view.status.is_terminal:
                return view
            assert time.monotonic() < deadline, view.to_json()
            self.tick()
            time.sleep(0.3)

    def tick(self) -> None:
        if callable(self.sweep):
            self.sweep()

    def recorded(self, job_id: str, *, timeout_s: float = 30.0) -> list[dict[str, object]]:
        """What the receiver recorded for a job, once it has recorded something."""
        deadline = time.monotonic() + timeout_s
        while True:
            rows = httpx.get(f"{self.receiver.url}/results", timeout=10).json()["results"]
            found = [row for row in rows if job_id in str(row)]
            if found:
                return found
            assert time.monotonic() < deadline, "the webhook did not arrive"
            self.tick()
            time.sleep(0.2)


@contextmanager
def stopping(process: ServerProcess) -> Iterator[ServerProcess]:
    try:
        yield process
    finally:
        process.stop()
