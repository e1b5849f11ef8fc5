"""Real processes for end-to-end tests: started, asked for their URL, stopped, and their output kept for the failure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PYTHON_PATH = os.pathsep.join(str(ROOT / part) for part in ("", "orchestrator", "containers"))
START_TIMEOUT_S = 120.0


class ServerProcess:
    """A process that prints one JSON line with its ``url`` when it is ready, and stops on SIGTERM (or stdin's end)."""

    def __init__(self, command: list[str], *, env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env={**os.environ, "PYTHONPATH": PYTHON_PATH, "PYTHONUNBUFFERED": "1", **env},
                cwd=ROOT,
            )
        self.ready = self._read_ready()

    @classmethod
    def python(cls, module: str, *args: str, env: Mapping[str, str], log: Path) -> ServerProcess:
        return cls([sys.executable, "-m", module, *args], env=env, log=log)

    @property
    def url(self) -> str:
        return str(self.ready["url"]).rstrip("/")

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._process.kill()
        self._process.wait(10)
        self._close_pipes()

    def stop(self, *, timeout_s: float = 20.0) -> int:
        """SIGTERM, and the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            if self._process.stdin:
                self._process.stdin.close()
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()
        self._close_pipes()
        return self._process.returncode

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()

    def _read_ready(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        for raw in self._process.stdout:
            line = raw.decode(errors="replace").strip()
            if line.startswith("{") and '"url"' in line:
                return dict(json.loads(line))
            if time.monotonic() > deadline:
                break
        self.kill()
        raise AssertionError(f"process did not become ready:\n{self.log.read_text(errors='replace')[-4000:]}")
