"""The local stack: real processes. Small services stand in for ours, so that each test takes a second or two."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fukidashi.errors import StackFailed
from fukidashi.service import Service, ServiceSpec
from fukidashi.stack import Stack, StackPlan
from fukidashi.state import StackSecrets, State, default_data, only_one
from tests.fukidashi.waiting import eventually

SERVICE = """
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class H(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{}")
    def log_message(self, *a): pass
port = int(os.environ.get("PORT") or 0)
if "--port" in sys.argv: port = int(sys.argv[sys.argv.index("--port") + 1])
server = HTTPServer(("127.0.0.1", port), H)
print("not json", flush=True)
print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}", "pid": os.getpid()}), flush=True)
server.serve_forever()
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('{"url": "x"}', flush=True)
time.sleep(99)
"""
FAMILY = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); time.sleep(99)"
STARTER = """
import sys, time
from pathlib import Path
from fukidashi.service import Service, ServiceSpec
import os
command = [sys.executable, "-c", sys.argv[1]]
service = Service.start(ServiceSpec("child", command, dict(os.environ), Path(sys.argv[2]), grace_s=0.5))
time.sleep(99)
"""


def spec(code: str, logs: Path, *, grace_s: float = 0.5) -> ServiceSpec:
    return ServiceSpec("child", [sys.executable, "-c", code], dict(os.environ), logs, grace_s=grace_s)


def group(leader: int) -> list[int]:
    """The living processes of a group (a zombie is none)."""
    found = []
    for process in psutil.process_iter(["pid", "status"]):
        try:
            if process.info["status"] != psutil.STATUS_ZOMBIE and os.getpgid(process.pid) == leader:
                found.append(process.pid)
        except ProcessLookupError:
            continue
    return found


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Service]]:
    services: list[Service] = []
    yield services
    for service in services:
        service.stop()


def test_a_stopped_service_leaves_no_process(tmp_path: Path, started: list[Service]) -> None:
    service = Service.start(spec(SERVICE, tmp_path))
    started.append(service)
    eventually(lambda: service.announced() is not None)
    assert len(group(service.pid)) == 2
    service.stop()
    assert group(service.pid) == []


@pytest.mark.parametrize("code", [STUBBORN, FAMILY])
def test_what_ignores_sigterm_is_killed_with_its_children(tmp_path: Path, started: list[Service], code: str) -> None:
    service = Service.start(spec(code, tmp_path))
    started.append(service)
    eventually(lambda: len(group(service.pid)) == (2 if code is STUBBORN else 3))
    eventually(lambda: b"url" in (tmp_path / "child.out").read_bytes())
    service.stop()
    eventually(lambda: group(service.pid) == [])


@pytest.mark.parametrize("code", [SERVICE, STUBBORN])
def test_a_starter_that_is_killed_leaves_no_orphan(tmp_path: Path, environment: dict[str, str], code: str) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, code, str(tmp_path)], env=environment)
    eventually(lambda: b"url" in (tmp_path / "child.out").read_bytes() if (tmp_path / "child.out").exists() else False)
    (guard,) = psutil.Process(starter.pid).children()
    assert len(group(guard.pid)) == 2
    starter.kill()
    starter.wait()
    eventually(lambda: group(guard.pid) == [])


def test_a_guard_that_is_killed_leaves_no_orphan_behind_stop(tmp_path: Path, started: list[Service]) -> None:
    service = Service.start(spec(SERVICE, tmp_path))
    started.append(service)
    eventually(lambda: service.announced() is not None)
    os.kill(service.pid, signal.SIGKILL)
    eventually(lambda: not service.is_running)
    service.stop()
    eventually(lambda: group(service.pid) == [])


def test_a_service_that_dies_is_reported_with_the_end_of_its_log(tmp_path: Path, started: list[Service]) -> None:
    service = Service.start(spec("raise SystemExit('configuration: PORT: no number')", tmp_path))
    started.append(service)
    eventually(lambda: not service.is_running)
    with pytest.raises(StackFailed, match=r"child ended with status 1\n.*configuration: PORT: no number"):
        service.announced()


def plan(tmp_path: Path, environment: dict[str, str], **codes: str) -> StackPlan:
    names = ("translator", "receiver", "orchestrator")
    commands = {name: [sys.executable, "-c", codes.get(name, SERVICE)] for name in names}
    return StackPlan(tmp_path, 0, StackSecrets.generate(), environment, commands)


def test_a_crashed_translator_comes_back_on_its_old_port(tmp_path: Path, environment: dict[str, str]) -> None:
    said: list[str] = []
    stack = Stack(plan(tmp_path, environment), log=said.append)
    try:
        running = stack.start()
        assert running is not None
        first = json.loads((tmp_path / "logs" / "translator.out").read_text().splitlines()[1])
        os.kill(first["pid"], signal.SIGKILL)
        deadline = time.monotonic() + 15

        def back() -> bool:
            lines = (tmp_path / "logs" / "translator.out").read_text().splitlines()
            return len(lines) == 2 and json.loads(lines[1])["pid"] != first["pid"]

        watching = Stack.supervise
        stack._stopping = lambda: back() or time.monotonic() > deadline
        watching(stack)
        again = json.loads((tmp_path / "logs" / "translator.out").read_text().splitlines()[1])
        assert again["url"] == first["url"] == running.translator
        assert said == ["translator ended with status 137; it starts again in 1 s"]
    finally:
        stack.stop()


def test_a_stack_whose_service_cannot_start_says_why_and_ends_the_others(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    stack = Stack(plan(tmp_path, environment, receiver="raise SystemExit('no disk')"), log=lambda _: None)
    children = psutil.Process().children
    before = {child.pid for child in children()}
    try:
        with pytest.raises(StackFailed, match="no disk"):
            stack.start()
    finally:
        stack.stop()
    assert {child.pid for child in children()} <= before


def test_services_get_their_secrets_by_environment_and_none_of_the_users_configuration(tmp_path: Path) -> None:
    user = {"PATH": "/bin", "S3_BUCKET": "mine", "PUBLIC_URL": "x", "FUKIDASHI_API_KEY": "theirs", "NO_PROXY": "a.test"}
    secrets = StackSecrets.generate()
    specs = StackPlan(tmp_path, 8787, secrets, user)
    made = [specs.translator(), specs.receiver(), specs.orchestrator("http://127.0.0.1:1")]
    for one in made:
        assert not {"S3_BUCKET", "PUBLIC_URL", "FUKIDASHI_API_KEY"} & set(one.environment)
        assert one.environment["NO_PROXY"] == "a.test,127.0.0.1,localhost"
        assert not any(secret in " ".join(one.command) for secret in secrets.to_json().values())
        assert secrets.api_key not in one.environment.values()


def test_no_secret_shows_in_a_repr(tmp_path: Path) -> None:
    secrets = StackSecrets.generate()
    shown = repr(StackPlan(tmp_path, 0, secrets, {"A": "value"})) + repr(State(secrets))
    assert not any(secret in shown for secret in (*secrets.to_json().values(), "value"))


def test_the_state_file_is_for_its_owner_alone_and_comes_back_whole(tmp_path: Path) -> None:
    state = State(StackSecrets.generate())
    state.write(tmp_path)
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    assert State.read(tmp_path) == state
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"secrets": {}}', b'{"secrets": {"api_key": ""}}', b"\xff"])
def test_a_damaged_state_file_is_an_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.json").write_bytes(content)
    with pytest.raises(StackFailed, match=r"state\.json cannot be read"):
        State.read(tmp_path)


def test_two_stacks_do_not_share_a_data_folder(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(StackFailed, match="runs already"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_the_data_folder_is_chosen_by_the_environment() -> None:
    assert default_data({"XDG_DATA_HOME": "/x"}) == Path("/x/fukidashi")
    assert default_data({"XDG_DATA_HOME": "/x", "FUKIDASHI_DATA": "/y"}) == Path("/y")
