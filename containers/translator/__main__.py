"""``python -m translator``: serves until it is told to end, or asks for work until there is none."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping

import uvicorn

from translator import log
from translator.app import create_container, create_worker
from translator.build import load_engines
from translator.config import Config, ConfigError, WorkerMode
from translator.heap import give_back_early
from translator.job_mode import work
from translator.signals import DrainingServer
from translator.stages import StageFactory

EXIT_CONFIG, EXIT_MODELS = 2, 1


def main(env: Mapping[str, str], load: Callable[[Config], StageFactory] = load_engines) -> int:
    """The exit code: 0 after a signal or with no work left, 1 without models or orchestrator, 2 if misconfigured."""
    log.configure()
    give_back_early()
    try:
        config = Config.from_env(env)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIG
    if config.mode is WorkerMode.JOB:
        return asyncio.run(_work(config, load))
    return _serve(config, load)


async def _work(config: Config, load: Callable[[Config], StageFactory]) -> int:
    return await work(create_worker(config, lambda: load(config)), grace_s=config.drain_s)


def _serve(config: Config, load: Callable[[Config], StageFactory]) -> int:
    container = create_container(config, lambda: load(config))
    server = DrainingServer(
        uvicorn.Config(
            container.app,
            host=config.host,
            port=config.port,
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=5,
            server_header=False,
        ),
        container,
        grace_s=config.drain_s,
    )
    server.run()
    return EXIT_MODELS if server.failed else 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
