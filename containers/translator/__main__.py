"""``python -m translator``: serves until it is told to end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

import uvicorn

from translator import log
from translator.app import create_container
from translator.build import load_engines
from translator.config import Config, ConfigError
from translator.signals import DrainingServer
from translator.stages import StageFactory

EXIT_CONFIG, EXIT_MODELS = 2, 1


def main(env: Mapping[str, str], load: Callable[[Config], StageFactory] = load_engines) -> int:
    """The exit code: 0 after a signal, 1 where the models cannot be loaded, 2 for a wrong configuration."""
    log.configure()
    try:
        config = Config.from_env(env)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIG
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
