"""The command as a process, the fake orchestrator, and a folder of pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fukidashi.command import Cli
from tests.fukidashi.fake_orchestrator import API_KEY, FakeOrchestrator
from tests.fukidashi.pages import png

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fake() -> Iterator[FakeOrchestrator]:
    orchestrator = FakeOrchestrator()
    orchestrator.start()
    yield orchestrator
    orchestrator.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pages whose alphabetical order is not their natural one."""
    place = tmp_path / "my chapter"
    place.mkdir()
    for number in (1, 2, 10):
        (place / f"p{number}.png").write_bytes(png(text=str(number)))
    return place


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "SYSTEMROOT") if key in os.environ}
    path = os.pathsep.join(str(ROOT / part) for part in (".", "orchestrator", "containers"))
    return {**kept, "PYTHONPATH": path, "XDG_DATA_HOME": str(tmp_path / "xdg"), "PYTHONWARNINGS": "error"}


@pytest.fixture
def cli(tmp_path: Path, environment: dict[str, str], fake: FakeOrchestrator) -> Cli:
    return Cli(
        {**environment, "FUKIDASHI_SERVER": fake.url, "FUKIDASHI_API_KEY": API_KEY, "FUKIDASHI_POLL_S": "0.03"},
        tmp_path,
    )
