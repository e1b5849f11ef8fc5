"""A service of the local stack: one guarded process, its log file, and the line of JSON by which it says its URL."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from contract.errors import BadMessage
from contract.fields import Fields, load_object
from fukidashi.errors import StackFailed

_GUARD = Path(__file__).with_name("guard.py")
_TAIL_BYTES = 4000


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """How a service is started. ``environment`` is the whole one, and holds secrets.

    ``grace_s`` passes from SIGTERM to SIGKILL.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    logs: Path
    grace_s: float = 8.0


class Service:
    """A running service. Its process group ends with :meth:`stop`, or when this process dies in whatever way."""

    def __init__(self, spec: ServiceSpec, process: subprocess.Popen[bytes]) -> None:
        self.spec, self._process = spec, process

    @classmethod
    def start(cls, spec: ServiceSpec) -> Service:
        spec.logs.mkdir(parents=True, exist_ok=True)
        # Standard output goes to a file of its own: nobody has to read it for the service to go on.
        with _output(spec).open("wb") as output, _log(spec).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-I", str(_GUARD), str(spec.grace_s), *spec.command],
                env=dict(spec.environment),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=log,
                start_new_session=True,
            )
        return cls(spec, process)

    @property
    def pid(self) -> int:
        """Of the guard, which leads the group."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        return self._process.poll()

    def announced(self) -> Fields | None:
        """The line of JSON that the service wrote when it listened; ``None`` before. It holds ``url``, at least.

        Raises :class:`StackFailed` where the service has died.
        """
        for line in _output(self.spec).read_bytes().splitlines():
            try:
                fields = Fields(load_object(line))
                fields.text("url")
            except BadMessage:
                continue
            return fields
        self.check()
        return None

    def check(self) -> None:
        """Raises :class:`StackFailed`, with the end of its log, where the process has ended."""
        if not self.is_running:
            raise StackFailed(f"{self.spec.name} ended with status {self.exit_status}\n{tail(_log(self.spec))}")

    def stop(self) -> None:
        """Asks the guard to end it; returns when it is gone. Harmless where it has ended."""
        self.begin_stop()
        # The guard kills what outlives its grace; the seconds on top are for the guard.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self.spec.grace_s + 4)
        self._kill_group()
        self._process.wait()

    def begin_stop(self) -> None:
        """The first half of :meth:`stop`: several services can end at the same time."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()

    def _kill_group(self) -> None:
        """Where the guard hangs, or is gone before others of its group; one member keeps the id."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def is_healthy(url: str, *, timeout_s: float = 2.0) -> bool:
    """Whether ``/healthz`` answers 200. Never through a proxy: it is this machine."""
    try:
        with build_opener(ProxyHandler({})).open(f"{url}/healthz", timeout=timeout_s) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False


def tail(path: Path) -> str:
    """The last lines of a log."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - _TAIL_BYTES))
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(f"  | {line}" for line in lines[-12:])


def _output(spec: ServiceSpec) -> Path:
    return spec.logs / f"{spec.name}.out"


def _log(spec: ServiceSpec) -> Path:
    return spec.logs / f"{spec.name}.log"
