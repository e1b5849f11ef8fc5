"""The command ``fukidashi``. Each sub-command has a file of its own; here its errors become messages and exit codes."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence

from fukidashi import __version__, cmd_eval, cmd_jobs, cmd_render, cmd_series, cmd_translate, cmd_up
from fukidashi.errors import FukidashiError, Unauthorized, UsageError
from fukidashi.exit_code import ExitCode
from fukidashi.help_text import Verbs


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = _parser().parse_args(arguments)
    # A SIGTERM cancels as Ctrl-C does: what was begun on a server is not left running there.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        return int(options.run(options, os.environ if environment is None else environment))
    except FukidashiError as error:
        _tell(error, as_json=getattr(options, "json", False))
        return int(ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.ERROR)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)


def _tell(error: FukidashiError, *, as_json: bool) -> None:
    hint = " (the key is read from FUKIDASHI_API_KEY)" if isinstance(error, Unauthorized) else ""
    sys.stderr.write(f"fukidashi: {error}{hint}\n")
    if as_json:
        document = {"schema": 1, "status": "error", "error": {"code": error.code, "detail": str(error)}}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fukidashi",
        description="A manga chapter in, the same chapter translated and typeset out.",
        formatter_class=Verbs,
    )
    parser.add_argument("--version", action="version", version=f"fukidashi {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (cmd_translate, cmd_up, cmd_jobs, cmd_series, cmd_render, cmd_eval):
        command.add_parser(commands)
    return parser
