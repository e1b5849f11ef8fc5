"""The chain in both transfer modes: the local platform (fallback uploads), the Worker in workerd (presigned URLs)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import secrets
from tests.support.chain import Chain, Translator, stopping
from tests.support.processes import ServerProcess
from tests.support.workerd import TRACKS, Workerd, missing


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Translator]:
    translator = Translator(tmp_path_factory.mktemp("translator"))
    translator.start()
    try:
        yield translator
    finally:
        translator.stop()


@pytest.fixture(scope="module", params=["local", *(pytest.param(track, marks=pytest.mark.workerd) for track in TRACKS)])
def chain(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, translator: Translator
) -> Iterator[Chain]:
    folder = tmp_path_factory.mktemp(f"chain-{request.param}")
    env = secrets.orchestrator_env(translator_url=translator.url)
    receiver_env = secrets.receiver_env(str(folder / "results.sqlite"))
    receiver = ServerProcess.python("next_callbacks", env=receiver_env, log=folder / "receiver.log")
    with stopping(receiver):
        if request.param == "local":
            yield from _local(folder, receiver, env)
        else:
            yield from _workerd(request, folder, receiver, env)


def _local(folder: Path, receiver: ServerProcess, env: dict[str, str]) -> Iterator[Chain]:
    arguments = ("--data", str(folder / "data"), "--port", "0", "--sweep-s", "0.5")
    with stopping(ServerProcess.python("local", *arguments, env=env, log=folder / "local.log")) as server:
        yield Chain("local", server.url, receiver, folder, None)


def _workerd(
    request: pytest.FixtureRequest, folder: Path, receiver: ServerProcess, env: dict[str, str]
) -> Iterator[Chain]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    bindings = {**env, **secrets.S3, "PUBLIC_URL": "$URL", "S3_ENDPOINT": "$S3"}
    worker: Path = request.getfixturevalue("worker_dist")
    server = Workerd(worker, str(request.param), bindings=bindings, log=folder / "workerd.log")
    with stopping(server):
        yield Chain(str(request.param), server.url, receiver, folder, server.sweep)
