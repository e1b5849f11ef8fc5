"""The Worker in the real workerd: built by ``wrangler deploy --dry-run``, served by ``tests/workerd/serve.mjs``."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.processes import ROOT, ServerProcess

TRACKS = ("embedded", "pyodide", "pyodide-314")
"""Python 3.12 inside workerd 1.20241106; Python 3.13 and 3.14 from npm in workerd 1.20260426."""


def missing() -> str | None:
    """Why workerd cannot run here; ``None`` where it can."""
    if shutil.which("node") is None:
        return "Node.js is not installed"
    if not (ROOT / "node_modules" / "miniflare").is_dir():
        return "npm packages are not installed (npm ci --ignore-scripts)"
    return None


def dry_run(outdir: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """``wrangler deploy --dry-run`` into ``outdir``; nothing leaves the machine."""
    wrangler = ROOT / "node_modules" / "wrangler" / "bin" / "wrangler.js"
    command = ["node", str(wrangler), "deploy", "--dry-run", "--outdir", str(outdir), *args]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, env={**_quiet_env()}, check=False
    )


def _quiet_env() -> dict[str, str]:
    import os

    return {**os.environ, "WRANGLER_SEND_METRICS": "false", "CI": "true", "NO_COLOR": "1"}


class Workerd(ServerProcess):
    """One Worker with its own KV, R2 and S3 endpoint."""

    def __init__(
        self, worker: Path, track: str, *, bindings: Mapping[str, str], log: Path, rate_limit: int = 0
    ) -> None:
        """``rate_limit``, in requests a minute, brings the optional bindings, the data set too."""
        env = {"RUNTIME": track, "BINDINGS": json.dumps(dict(bindings)), "RATE_LIMIT": str(rate_limit)}
        super().__init__(["node", str(ROOT / "tests" / "workerd" / "serve.mjs"), str(worker)], env=env, log=log)

    @property
    def s3(self) -> str:
        return str(self.ready["s3"])

    def sweep(self) -> bool:
        """Runs the cron handler once."""
        return bool(self.control("POST", "/sweep"))

    def control(self, method: str, path: str, key: str = "", body: bytes | None = None) -> Any:
        url = f"{self.ready['control']}{path}?{urllib.parse.urlencode({'key': key})}"
        request = urllib.request.Request(url, data=body, method=method)
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.loads(response.read())
