"""Fixtures that several folders share."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support import workerd


def pytest_configure() -> None:
    # A run in a shell's background ignores SIGINT, and so would every process under test, also the one that is to be
    # ended by it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def _dry_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    outdir = tmp_path_factory.mktemp("worker")
    result = workerd.dry_run(outdir)
    assert result.returncode == 0, result.stdout + result.stderr
    return outdir, result.stdout + result.stderr


@pytest.fixture(scope="session")
def worker_dist(_dry_run: tuple[Path, str]) -> Path:
    """The Worker as `wrangler deploy` would upload it."""
    return _dry_run[0]


@pytest.fixture(scope="session")
def worker_dry_run(_dry_run: tuple[Path, str]) -> str:
    """What `wrangler deploy --dry-run` printed."""
    return _dry_run[1]
