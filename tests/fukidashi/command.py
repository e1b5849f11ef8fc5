"""The command ``fukidashi`` as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Cli:
    """Runs the command as a process of its own, in an environment without anybody's local stack."""

    environment: dict[str, str]
    cwd: Path
    patience_s: float = 60.0

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "fukidashi", *map(str, arguments)]

    def run(self, *arguments: object, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env={**self.environment, **extra},
            cwd=self.cwd,
            capture_output=True,
            text=True,
            timeout=self.patience_s,
        )

    def begin(self, *arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            cwd=self.cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def interrupt(self, process: subprocess.Popen[str]) -> None:
        """Ctrl-C."""
        process.send_signal(signal.SIGINT)
