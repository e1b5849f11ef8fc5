"""``python -m next_callbacks``: the receiver as a process. Configured by the environment (:class:`Config`).

Prints one line of JSON, ``{"url": …, "webhook": …, "pid": …}``, once it answers. SIGTERM and SIGINT end it with exit
code 0.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys

import uvicorn

from next_callbacks.config import Config, ConfigError
from next_callbacks.receiver import create_app
from next_callbacks.results import Results, ResultsError

GRACE_S = 5


class AnnouncingServer(uvicorn.Server):
    """Writes a line to standard output once it listens."""

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(self._line + "\n")
            sys.stdout.flush()


def main() -> None:
    """Runs until a signal comes. Raises ``SystemExit`` naming what is wrong with the configuration."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    try:
        config = Config.from_env(os.environ)
        results = Results(config.database)
    except (ConfigError, ResultsError) as error:
        raise SystemExit(f"configuration: {error}") from None
    version_6 = ":" in config.host
    family = socket.AF_INET6 if version_6 else socket.AF_INET
    listener = socket.create_server((config.host, config.port), family=family)
    host = f"[{config.host}]" if version_6 else config.host
    url = f"http://{host}:{listener.getsockname()[1]}"
    line = json.dumps({"url": url, "webhook": f"{url}/webhook", "pid": os.getpid()})
    server = AnnouncingServer(_uvicorn(create_app(config, results)), line)
    # uvicorn raises a signal again when it has shut down: it meets this handler, and the exit code stays 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    server.run(sockets=[listener])


def _uvicorn(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type] # uvicorn's own union of ASGI versions
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )


if __name__ == "__main__":
    main()
