"""Every platform, one after the other, as the suite sees it. To add one: write an opener and name it in ``OPENERS``."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from _pytest.mark import ParameterSet

from edge.platform import Platform
from local.platform import LocalPlatform
from local.rate import RateLimit
from tests.platforms.origin import Origin, serve_origin
from tests.platforms.places import Place
from tests.support import secrets as peer_secrets
from tests.support.remote_platform import RemotePlatform, probe_dist
from tests.support.workerd import TRACKS, Workerd, missing

RATE_LIMIT = 3
"""Requests a minute of a key."""
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
    platform = LocalPlatform(folder, now=clock.now, rate_limit=RateLimit(RATE_LIMIT))
    yield Place(platform, clock.advance, takes_any_body=True)
    await platform.aclose()


@asynccontextmanager
async def _open_workerd(request: pytest.FixtureRequest, _: Path) -> AsyncIterator[Place]:
    start: Callable[[str], Workerd] = request.getfixturevalue("workerd_probe")
    async with httpx.AsyncClient(timeout=60) as client:
        yield Place(RemotePlatform(start(request.param).url, client), None, takes_any_body=False)


OPENERS: dict[str, Opener] = {"local": _open_local, **dict.fromkeys(TRACKS, _open_workerd)}


@pytest.fixture(scope="session")
def workerd_probe(worker_dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Workerd]]:
    """Starts the Cloudflare adapter in workerd, each track once, on first use."""
    folder = tmp_path_factory.mktemp("probe")
    worker = probe_dist(worker_dist, folder / "worker")
    running: dict[str, Workerd] = {}
    env = {**peer_secrets.orchestrator_env(translator_url="http://127.0.0.1:9"), **peer_secrets.S3}

    def start(track: str) -> Workerd:
        if track not in running:
            bindings = {**env, "PUBLIC_URL": "$URL", "S3_ENDPOINT": "$S3"}
            running[track] = Workerd(
                worker, track, bindings=bindings, log=folder / f"{track}.log", rate_limit=RATE_LIMIT
            )
        return running[track]

    yield start
    for workerd in running.values():
        workerd.stop()


def _parameter(name: str) -> ParameterSet:
    return pytest.param(name, marks=pytest.mark.workerd if name in TRACKS else ())


@pytest.fixture(params=[_parameter(name) for name in OPENERS])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param in TRACKS and (reason := missing()) is not None:
        pytest.skip(reason)
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
