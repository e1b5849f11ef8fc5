"""Every platform, one after the other, as the suite sees it. To add one: write an opener and name it in ``OPENERS``."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from edge.platform import Platform
from local.platform import LocalPlatform
from tests.platforms.origin import Origin, serve_origin
from tests.platforms.places import Place

Opener = Callable[[pytest.FixtureRequest, Path], AbstractAsyncContextManager[Place]]


class Clock:
    """The system's time, moved by ``advance``."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


@asynccontextmanager
async def _open_local(_: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Place]:
    clock = Clock()
    platform = LocalPlatform(folder, now=clock.now)
    yield Place(platform, clock.advance, takes_any_body=True)
    await platform.aclose()


OPENERS: dict[str, Opener] = {"local": _open_local}


@pytest.fixture(params=OPENERS)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with OPENERS[request.param](request, tmp_path) as place:
        yield place


@pytest.fixture
def platform(place: Place) -> Platform:
    return place.platform


@pytest.fixture
def space() -> str:
    """A prefix of this test's own: a platform may be shared by all tests."""
    return f"test-{secrets.token_hex(6)}/"


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with serve_origin() as origin:
        yield origin
