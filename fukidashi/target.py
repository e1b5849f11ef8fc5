"""Which orchestrator a command speaks to: a named one, the local stack that runs, or one of its own for the while."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from fukidashi.errors import StackFailed, UsageError
from fukidashi.polling import Pace
from fukidashi.service import Service, ServiceSpec, is_healthy
from fukidashi.stack import START_S
from fukidashi.state import Running, State, default_data
from fukidashi.wire import is_this_machine

_UP_GRACE_S = 20.0
"""``up`` ends its own services within this."""


@dataclass(frozen=True, slots=True)
class Target:
    """An orchestrator. ``webhook`` is the local stack's own receiver; ``logs`` are those of a private stack."""

    url: str
    api_key: str | None = field(repr=False)
    webhook: str | None = None
    logs: Path | None = None

    def paced(self, pace: Pace) -> Pace:
        """A server on this machine costs nothing to look at, and its bar moves with every look: none is held there."""
        return replace(pace, hold_s=0) if is_this_machine(self.url) else pace


def find_target(server: str | None, environment: Mapping[str, str]) -> Target | None:
    """The server that was named, else the local stack if one runs; ``None`` where there is neither."""
    named = server or environment.get("FUKIDASHI_SERVER") or None
    state = State.read(default_data(environment))
    running = state.running if state else None
    if named is None:
        return _local(state, running) if state and running and is_healthy(running.orchestrator) else None
    if state and running and named.rstrip("/") == running.orchestrator:
        return _local(state, running)
    return Target(named, environment.get("FUKIDASHI_API_KEY") or None)


def require_target(server: str | None, environment: Mapping[str, str]) -> Target:
    """As :func:`find_target`; raises :class:`UsageError` where there is none."""
    target = find_target(server, environment)
    if target is None:
        raise UsageError("no local stack runs: name a server (--server or FUKIDASHI_SERVER), or start `fukidashi up`")
    return target


@contextmanager
def reach(server: str | None, environment: Mapping[str, str], say: Callable[[str], None]) -> Iterator[Target]:
    """As :func:`find_target`, with a private stack for the time of the block where there is none."""
    target = find_target(server, environment)
    if target is None:
        say("No local stack runs: starting one for this chapter …")
        with private_stack(environment) as target:
            yield target
        return
    if target.url.startswith("http://") and target.api_key and not is_this_machine(target.url):
        say(f"Careful: {target.url} is plain http, so the API key and the pages can be read on the way.")
    say(f"Server: {target.url}")
    yield target


@contextmanager
def private_stack(environment: Mapping[str, str]) -> Iterator[Target]:
    """``fukidashi up`` in a temporary folder, which is removed with everything in it at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="fukidashi-") as folder:
        data = Path(folder)
        command = (sys.executable, "-m", "fukidashi", "up", "--port", "0", "--data", folder)
        service = Service.start(ServiceSpec("up", command, environment, data / "logs", grace_s=_UP_GRACE_S))
        try:
            yield _await(service, data)
        finally:
            service.stop()


def _await(service: Service, data: Path) -> Target:
    deadline = time.monotonic() + START_S + 5
    while time.monotonic() < deadline:
        state = State.read(data)
        if state and state.running:
            return _local(state, state.running, data / "logs")
        service.check()
        time.sleep(0.1)
    raise StackFailed("the local stack did not become ready")


def _local(state: State, running: Running, logs: Path | None = None) -> Target:
    return Target(running.orchestrator, state.secrets.api_key, running.webhook, logs)
