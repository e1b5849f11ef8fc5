"""The command with the real stack: orchestrator, translator and receiver as processes, a drawn page through it all."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from PIL import Image

from contract.document import PageDocument
from tests.fukidashi.command import Cli
from tests.fukidashi.waiting import eventually

SAMPLE = Path(__file__).parents[2] / "sample" / "chapter"


@pytest.fixture
def alone(environment: dict[str, str], tmp_path: Path) -> Cli:
    """The command with no server named."""
    return Cli({**environment, "FUKIDASHI_POLL_S": "0.2", "PYTHONWARNINGS": ""}, tmp_path, patience_s=240)


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """A drawn page with its memory, and a page that is none."""
    place = tmp_path / "chapter"
    place.mkdir()
    (place / "1.png").write_bytes((SAMPLE / "pages" / "0002.png").read_bytes())
    (place / "2.png").write_bytes(b"no image at all")
    (place / "memory.json").write_bytes((SAMPLE / "memory.json").read_bytes())
    return place


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def begin_up(alone: Cli, data: Path) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    up = alone.begin("up", "--port", "0", "--data", data)
    eventually(lambda: _is_running(data) or up.poll() is not None, seconds=120)
    assert up.poll() is None, up.communicate()[1]
    return up, psutil.Process(up.pid).children(recursive=True)


def _is_running(data: Path) -> bool:
    state = data / "state.json"
    return state.exists() and json.loads(state.read_bytes())["running"] is not None


def test_a_private_stack_translates_tells_its_receiver_and_leaves_nothing_behind(alone: Cli, chapter: Path) -> None:
    temporary = alone.cwd / "temporary"
    temporary.mkdir()
    done = alone.run("translate", chapter, "-o", "out", "--json", TMPDIR=str(temporary))
    assert done.returncode == 3, done.stderr
    result = json.loads(done.stdout)
    good, bad = result["pages"]
    assert (good["status"], bad["status"], bad["error"]["code"]) == ("done", "failed", "not_an_image")
    out = alone.cwd / "out"
    document = PageDocument.parse((out / good["document"]).read_bytes())
    assert "memory" in {region.origin for region in document.regions}
    with Image.open(out / good["image"]) as image, Image.open(chapter / "1.png") as original:
        assert image.size == original.size == (document.width, document.height)
    assert result["webhook"]["state"] == "delivered"
    assert sorted(path.name for path in (out / "logs").iterdir()) == [
        "orchestrator.log",
        "receiver.log",
        "translator.log",
        "up.log",
    ]
    assert list(temporary.glob("fukidashi-*")) == []
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(temporary) in " ".join(p.info["cmdline"] or ())]


def test_translate_finds_the_running_stack_and_sigterm_ends_it_whole(alone: Cli, chapter: Path) -> None:
    data = alone.cwd / "data"
    up, processes = begin_up(alone, data)
    try:
        assert len(processes) == 6
        done = alone.run("translate", chapter, "-o", "out", FUKIDASHI_DATA=str(data))
        assert done.returncode == 3, done.stderr
        assert "Server: http://127.0.0.1:" in done.stderr
        job = json.loads((alone.cwd / "out" / "result.json").read_bytes())["job_id"]
        assert job in alone.run("jobs", "get", job, FUKIDASHI_DATA=str(data)).stdout
        assert_it_can_be_had_again(alone, data, job)
        second = alone.run("up", "--port", "0", "--data", data)
        assert (second.returncode, "runs already" in second.stderr) == (1, True)
    finally:
        up.send_signal(signal.SIGTERM)
        _, said = up.communicate(timeout=40)
    assert up.returncode == 0, said
    assert gone(processes)
    assert not _is_running(data)
    secrets = json.loads((data / "state.json").read_bytes())["secrets"].values()
    logs = "".join(path.read_text() for path in (data / "logs").iterdir())
    assert not any(secret in said + logs for secret in secrets)


def assert_it_can_be_had_again(alone: Cli, data: Path, job: str) -> None:
    """Listed, downloaded, and what failed done once more: a page that is no image stays none."""
    listed = json.loads(alone.run("jobs", "list", "--json", FUKIDASHI_DATA=str(data)).stdout)
    assert [item["id"] for item in listed["jobs"]] == [job]
    again = alone.run("jobs", "download", job, "-o", "again", FUKIDASHI_DATA=str(data))
    assert again.returncode == 3, again.stderr
    first, second = (alone.cwd / out / "pages" / "0001.webp" for out in ("out", "again"))
    assert first.read_bytes() == second.read_bytes()
    retried = alone.run("jobs", "retry", job, "-o", "retried", "--json", FUKIDASHI_DATA=str(data))
    assert retried.returncode == 3, retried.stderr
    result = json.loads(retried.stdout)
    assert (result["job_id"] != job, result["counts"]["done"], result["counts"]["failed"]) == (True, 1, 1)


def test_a_stack_that_is_killed_leaves_no_process(alone: Cli) -> None:
    up, processes = begin_up(alone, alone.cwd / "data")
    up.kill()
    up.communicate()
    eventually(lambda: gone(processes), seconds=30)


def test_a_port_that_is_taken_is_an_error_that_says_so(alone: Cli) -> None:
    up, _ = begin_up(alone, alone.cwd / "data")
    try:
        url = json.loads((alone.cwd / "data" / "state.json").read_bytes())["running"]["orchestrator"]
        other = alone.run("up", "--port", url.rpartition(":")[2], "--data", alone.cwd / "other")
        assert other.returncode == 1
        assert "ddress already in use" in other.stderr
        assert "Traceback" not in other.stderr.splitlines()[0]
    finally:
        up.send_signal(signal.SIGINT)
        up.communicate(timeout=40)
