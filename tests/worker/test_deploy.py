"""What `wrangler deploy` would ship, and that it has nothing to warn of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import workerd
from tests.support.processes import ROOT

pytestmark = [
    pytest.mark.workerd,
    pytest.mark.skipif(workerd.missing() is not None, reason=workerd.missing() or ""),
]
VENDORED = {"itsdangerous", "workers", "contract"}


def python_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.py") if "__pycache__" not in path.parts}


def test_a_deploy_ships_exactly_the_workers_modules(worker_dist: Path) -> None:
    shipped = python_files(worker_dist)
    own = {name for name in shipped if not name.startswith("python_modules/")}
    assert own == {"entry.py", *(f"edge/{name}" for name in python_files(ROOT / "orchestrator" / "edge"))}
    contract = {name.removeprefix("python_modules/") for name in shipped if name.startswith("python_modules/contract/")}
    assert contract == {f"contract/{name}" for name in python_files(ROOT / "contract")}


def test_nothing_else_is_vendored_than_what_the_worker_needs(worker_dist: Path) -> None:
    folders = {path.name for path in (worker_dist / "python_modules").iterdir() if path.is_dir()}
    assert folders == VENDORED
    files = [path for path in worker_dist.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix in {".pyc", ".pth.bak"} or "dist-info" in str(path)]
    assert sum(path.stat().st_size for path in files) < 1_500_000


def test_a_deploy_has_no_warning(worker_dry_run: str) -> None:
    assert not re.search(r"warning", worker_dry_run, re.IGNORECASE), worker_dry_run


def test_a_warning_would_be_seen(tmp_path: Path) -> None:
    """The check above can fail: a field that wrangler does not know is a warning in the same output."""
    config = ROOT / "wrangler.toml"
    broken = ROOT / "wrangler.broken-test.toml"
    broken.write_text("not_a_field = 1\n" + config.read_text())
    try:
        result = workerd.dry_run(tmp_path, "--config", str(broken))
    finally:
        broken.unlink()
    assert re.search(r"warning", result.stdout + result.stderr, re.IGNORECASE)


def test_the_bindings_are_those_that_the_code_asks_for(worker_dry_run: str) -> None:
    for binding in ("env.KV", "env.BUCKET", "env.PUBLIC_URL", "env.TRANSLATOR_URL", "env.S3_ENDPOINT"):
        assert binding in worker_dry_run
