"""A chapter through a private stack, and what it took: seconds a page by stage, wall time, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from fukidashi.target import Target, private_stack

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = (ROOT.parent / "shared" / "manga-dev" / "tencho_isoro", ROOT / "sample" / "chapter")
"""The first of these that is there, where none is named."""


def run(chapter: Path | None) -> tuple[list[str], int]:
    """Lines that tell it, and the exit code of ``fukidashi translate``."""
    chapter = chapter or next(path for path in CHAPTERS if path.is_dir())
    with tempfile.TemporaryDirectory() as out, private_stack(os.environ) as target:
        translator = _translator()
        code = _translate(chapter, Path(out), target)
        peak_mib = _peak_mib(translator)
        result = json.loads((Path(out) / "result.json").read_bytes())
    return _told(chapter, result, peak_mib), code


def _translator() -> psutil.Process:
    """The process of the private stack that runs ``python -m translator`` itself, not its guard."""
    for process in psutil.Process().children(recursive=True):
        if process.cmdline()[1:] == ["-m", "translator"]:
            return process
    raise SystemExit("the private stack has no translator")


def _translate(chapter: Path, out: Path, target: Target) -> int:
    command = [sys.executable, "-m", "fukidashi", "translate", str(chapter), "-o", str(out), "--server", target.url]
    environment = {**os.environ, "FUKIDASHI_API_KEY": target.api_key or ""}
    return subprocess.run([*command, "--json"], env=environment, stdout=subprocess.DEVNULL).returncode


def _peak_mib(process: psutil.Process) -> float:
    """The high-water mark of the resident set, as the kernel kept it."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _told(chapter: Path, result: dict[str, Any], peak_mib: float) -> list[str]:
    done = [page for page in result["pages"] if page["status"] == "done"]
    stages: Counter[str] = Counter()
    for page in done:
        stages.update(page["timings_ms"])
    pages = max(1, len(done))
    lines = [f"{chapter.name}: {result['status']}, {len(done)} of {len(result['pages'])} pages, {os.cpu_count()} CPUs"]
    lines += [f"  {stage:<12}{total / pages / 1000:7.3f} s a page" for stage, total in stages.items()]
    lines.append(f"  {'wall':<12}{result['elapsed_s'] / pages:7.3f} s a page, {result['elapsed_s']:.1f} s the chapter")
    lines.append(f"  {'peak RSS':<12}{peak_mib:7.0f} MiB (translator)")
    return lines
