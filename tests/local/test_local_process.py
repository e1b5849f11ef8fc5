"""``python -m local`` as a process: start, stop, restart, and large bodies through it."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from contract import PROTOCOL
from contract.view import JobView
from tests.support import secrets
from tests.support.processes import ROOT, ServerProcess

LARGE = 95_000_000
CHUNK = b"manga page " * 5000


def environment(**more: str) -> dict[str, str]:
    env = secrets.orchestrator_env(translator_url="http://127.0.0.1:9")
    return {**env, "SWEEP_S": "3600", "MAX_PAGE_BYTES": str(LARGE), **more}


def start(folder: Path, **more: str) -> ServerProcess:
    arguments = ("--data", str(folder / "data"), "--port", "0")
    return ServerProcess.python("local", *arguments, env=environment(**more), log=folder / "log")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    server = start(tmp_path)
    yield server
    server.stop()


def kill(server: ServerProcess) -> None:
    server.kill()
    for pipe in (server._process.stdin, server._process.stdout):
        assert pipe
        pipe.close()


def create(client: httpx.Client, url: str) -> JobView:
    body = {"pages": [{"upload": "image/png"}], "chapter_id": "chapter-1"}
    headers = {"authorization": f"Bearer {secrets.API_KEY}"}
    response = client.post(f"{url}/jobs", json=body, headers=headers)
    assert response.status_code == 202, response.text
    return JobView.parse(response.content)


def pieces(size: int) -> Iterator[bytes]:
    while size:
        piece = CHUNK[:size]
        size -= len(piece)
        yield piece


def peak_bytes(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


def test_it_says_where_it_is_and_answers_there(server: ServerProcess) -> None:
    assert server.ready["pid"] == server.pid
    response = httpx.get(f"{server.url}/healthz")
    assert response.json() == {"status": "ok", "protocol": PROTOCOL}


@pytest.mark.parametrize("_", range(2))
def test_sigterm_ends_it_with_exit_code_0(tmp_path: Path, _: int) -> None:
    assert start(tmp_path).stop() == 0


def test_a_job_outlives_a_killed_server(tmp_path: Path) -> None:
    first = start(tmp_path)
    with httpx.Client() as client:
        job = create(client, first.url)
        kill(first)
        second = start(tmp_path)
        headers = {"authorization": f"Bearer {secrets.API_KEY}"}
        response = client.get(f"{second.url}/jobs/{job.id}", headers=headers)
        assert JobView.parse(response.content).status == job.status
    assert second.stop() == 0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak memory is read from /proc")
def test_a_large_upload_is_never_in_memory_whole(server: ServerProcess) -> None:
    with httpx.Client(timeout=120) as client:
        grant = create(client, server.url).uploads[0].grant
        before = peak_bytes(server.pid)
        headers = {**grant.headers, "content-length": str(LARGE)}
        response = client.request(grant.method, grant.url, headers=headers, content=pieces(LARGE))
        assert response.status_code == 200, response.text
        md5 = hashlib.md5()
        for piece in pieces(LARGE):
            md5.update(piece)
        assert response.json() == {"size": LARGE, "etag": md5.hexdigest()}
        assert peak_bytes(server.pid) - before < LARGE / 4


def test_a_second_upload_is_refused_at_once_and_the_connection_goes_on(server: ServerProcess) -> None:
    with httpx.Client(timeout=60) as client:
        grant = create(client, server.url).uploads[0].grant
        statuses = [
            client.request(grant.method, grant.url, headers=grant.headers, content=CHUNK * 40).status_code
            for _ in range(3)
        ]
        assert statuses == [200, 412, 412]
        assert client.get(f"{server.url}/healthz").status_code == 200


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"API_KEYS": ""}, "API_KEYS"),
        ({"CALLBACK_SECRETS": "whsec_short"}, "CALLBACK_SECRETS"),
        ({"SWEEP_S": "often"}, "sweep-s"),
        ({"SWEEP_S": "0"}, "sweep-s"),
        ({"S3_BUCKET": "only-this"}, "S3_"),
    ],
)
def test_a_wrong_configuration_is_named_and_no_secret_shown(tmp_path: Path, more: dict[str, str], named: str) -> None:
    command = [sys.executable, "-m", "local", "--data", str(tmp_path), "--port", "0"]
    env = {"PYTHONPATH": f"{ROOT}:{ROOT / 'orchestrator'}", **environment(**more)}
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert secrets.TOKEN not in done.stderr
    assert done.stdout == ""
