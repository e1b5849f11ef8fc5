"""One orchestrator after the other: the local platform, and the Worker in workerd, as processes that speak HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import secrets
from tests.support.orchestrator import Orchestrator
from tests.support.peers import serve_peer
from tests.support.processes import ServerProcess
from tests.support.workerd import TRACKS, Workerd, missing


@pytest.fixture(
    scope="session", params=["local", *(pytest.param(track, marks=pytest.mark.workerd) for track in TRACKS)]
)
def orchestrator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    folder = tmp_path_factory.mktemp(f"api-{request.param}")
    # Each request its own connection: workerd resets one whose request body the Worker did not want to read.
    limits = httpx.Limits(max_keepalive_connections=0)
    with serve_peer() as translator, serve_peer() as consumer, httpx.Client(timeout=60, limits=limits) as client:
        env = secrets.orchestrator_env(translator_url=translator.url)
        server, sweep = _start(request, folder, env)
        try:
            yield Orchestrator(request.param, server.url, translator, consumer, client, sweep)
        finally:
            server.stop()


def _start(
    request: pytest.FixtureRequest, folder: Path, env: dict[str, str]
) -> tuple[ServerProcess, Callable[[], object]]:
    log = folder / "server.log"
    if request.param == "local":
        local = ServerProcess.python(
            "local", "--data", str(folder / "data"), "--port", "0", env={**env, "SWEEP_S": "0.3"}, log=log
        )
        return local, lambda: None
    if (reason := missing()) is not None:
        pytest.skip(reason)
    worker: Path = request.getfixturevalue("worker_dist")
    bindings = {**env, **secrets.S3, "PUBLIC_URL": "$URL", "S3_ENDPOINT": "$S3"}
    workerd = Workerd(worker, str(request.param), bindings=bindings, log=log)
    return workerd, workerd.sweep


@pytest.fixture(autouse=True)
def _well_behaved_peers(orchestrator: Orchestrator) -> None:
    """Each test starts with peers that answer success and have got nothing."""
    for peer, status in ((orchestrator.translator, 202), (orchestrator.consumer, 204)):
        peer.status = status
        peer.requests.clear()
