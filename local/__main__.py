"""``python -m local --data DIR``: the orchestrator on this machine. The rest of its configuration is the environment's.

Prints one line of JSON, ``{"url": …, "pid": …}``, once it answers. SIGTERM and SIGINT end it with exit code 0.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import uvicorn

from edge.app import App
from edge.config import Config, ConfigError
from local.cron import DEFAULT_EVERY_S, Cron
from local.platform import LocalPlatform
from local.rate import RateLimit
from local.server import Server

GRACE_S = 10
"""How long open requests may go on after SIGTERM."""


class AnnouncingServer(uvicorn.Server):
    """Writes a line to standard output once it listens and the application has started."""

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(self._line + "\n")
            sys.stdout.flush()


def main(arguments: list[str] | None = None) -> None:
    """Runs until a signal comes. Raises ``SystemExit`` naming what is wrong with the configuration."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    version_6 = ":" in options.host
    family = socket.AF_INET6 if version_6 else socket.AF_INET
    listener = socket.create_server((options.host, options.port), family=family, backlog=128)
    host = f"[{options.host}]" if version_6 else options.host
    url = f"http://{host}:{listener.getsockname()[1]}"
    server = AnnouncingServer(
        uvicorn.Config(
            _application(options, {"PUBLIC_URL": url, **os.environ}),
            lifespan="on",
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
        ),
        json.dumps({"url": url, "pid": os.getpid()}),
    )
    # uvicorn raises a signal again when it has shut down: it meets this handler, and the exit code stays 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    server.run(sockets=[listener])


def _application(options: argparse.Namespace, environment: Mapping[str, str]) -> Server:
    try:
        config = Config.from_env(environment)
    except ConfigError as error:
        raise SystemExit(f"configuration: {error}") from None
    platform = LocalPlatform(options.data, rate_limit=_rate_limit(environment))
    app = App(config, platform)
    cron = Cron(app.sweep, every_s=options.sweep_s, log=platform.log)
    return Server(app, cron=cron, log=platform.log, close=platform.aclose)


def _rate_limit(environment: Mapping[str, str]) -> RateLimit | None:
    """``RATE_LIMIT``: requests a minute of an owner; without it there is no limit."""
    text = environment.get("RATE_LIMIT", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1_000_000):
        raise SystemExit("configuration: RATE_LIMIT: not between 1 and 1000000")
    return RateLimit(int(text))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The orchestrator, on this machine.")
    parser.add_argument("--data", type=Path, required=True, help="folder for everything that is stored")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8787, help="0 takes a free one")
    # A default that is a string is parsed, and refused, as an argument would be.
    default = os.environ.get("SWEEP_S", str(DEFAULT_EVERY_S))
    parser.add_argument("--sweep-s", type=_seconds, default=default, help="seconds between two sweeps (or SWEEP_S)")
    return parser


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 3600")
    return value


if __name__ == "__main__":
    main()
