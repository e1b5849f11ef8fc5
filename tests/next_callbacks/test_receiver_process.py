"""``python -m next_callbacks`` as a process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from contract.event import ChapterFinished
from contract.signing import sign
from contract.status import JobStatus
from tests.support import secrets
from tests.support.processes import ROOT, ServerProcess

BODY = ChapterFinished("2026-11-22T01:00:00Z", "j", "c", JobStatus.SUCCESS, 1, 0, "https://x.example/jobs/j").to_bytes()


def start(folder: Path) -> ServerProcess:
    env = secrets.receiver_env(str(folder / "chapters.sqlite"))
    return ServerProcess.python("next_callbacks", env=env, log=folder / "log")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[ServerProcess]:
    receiver = start(tmp_path)
    yield receiver
    receiver.stop()


def deliver(url: str, event_id: str) -> httpx.Response:
    headers = sign(BODY, secrets.WEBHOOK_SECRETS, message_id=event_id, timestamp=int(time.time()))
    return httpx.post(url, content=BODY, headers=headers, timeout=30)


def test_it_takes_an_event_where_it_says_and_keeps_it_over_a_restart(tmp_path: Path) -> None:
    first = start(tmp_path)
    assert first.ready["webhook"] == f"{first.url}/webhook"
    assert deliver(first.ready["webhook"], "evt_1").json() == {"event_id": "evt_1", "duplicate": False}
    assert first.stop() == 0
    second = start(tmp_path)
    assert deliver(second.ready["webhook"], "evt_1").json() == {"event_id": "evt_1", "duplicate": True}
    [recorded] = httpx.get(f"{second.url}/results").json()["results"]
    assert (recorded["event_id"], recorded["deliveries"]) == ("evt_1", 2)
    assert second.stop() == 0


def test_of_twenty_deliveries_at_a_time_one_is_the_first(receiver: ServerProcess) -> None:
    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(lambda _: deliver(receiver.ready["webhook"], "evt_1"), range(20)))
    assert [response.status_code for response in responses] == [200] * 20
    assert sum(not response.json()["duplicate"] for response in responses) == 1
    [recorded] = httpx.get(f"{receiver.url}/results").json()["results"]
    assert recorded["deliveries"] == 20


@pytest.mark.parametrize(
    ("key", "value"), [("WEBHOOK_SECRETS", ""), ("PORT", "x"), ("RECEIVER_DB", "no/such/folder/db")]
)
def test_a_wrong_configuration_is_named_without_a_traceback(tmp_path: Path, key: str, value: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **secrets.receiver_env(str(tmp_path / "db")), key: value}
    command = [sys.executable, "-m", "next_callbacks"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("configuration: ")
    assert (key if key != "RECEIVER_DB" else "folder") in done.stderr
    assert "Traceback" not in done.stderr
