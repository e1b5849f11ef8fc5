"""What the verbs of ``fukidashi series`` have in common: their options, what they say, which files they take."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console

from contract.tag import is_tag
from fukidashi.client import Client
from fukidashi.errors import UsageError
from fukidashi.exit_code import ExitCode
from fukidashi.target import Target, require_target

Verb = Callable[[argparse.Namespace, Client], None]
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_verb(verbs: Verbs, name: str, verb: Verb, text: str) -> argparse.ArgumentParser:
    """A verb on a series, with the options that all have."""
    parser = verbs.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("series", metavar="SERIES", help="the series' id")
    parser.add_argument("--server", metavar="URL", help="an orchestrator (default: FUKIDASHI_SERVER, else the local "
                        "stack). Its API key: FUKIDASHI_API_KEY")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout, all else on stderr")
    parser.set_defaults(run=run, verb=verb)
    return parser


def run(options: argparse.Namespace, environment: Mapping[str, str]) -> ExitCode:
    """Raises the tree of :mod:`fukidashi.errors`."""
    target: Target = require_target(options.server, environment)
    verb: Verb = options.verb
    with Client(target.url, target.api_key) as client:
        verb(options, client)
    return ExitCode.SUCCESS


def save(options: argparse.Namespace, body: bytes, what: str) -> None:
    """Writes a file that was asked for, and says ``what`` is in it. Raises :class:`UsageError`."""
    try:
        options.file.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{options.file}: {error.strerror or error}") from None
    if options.json:
        write({"schema": 1, "file": str(options.file)})
    else:
        say(f"{options.file}: {what}")


def kind_of(path: Path, *kinds: str) -> str:
    """The file's ending, which must be one of ``kinds``. Raises :class:`UsageError`."""
    if path.suffix.lower() not in kinds:
        raise UsageError(f"{path}: its name must end with {' or '.join(kinds)}")
    return path.suffix.lower()


def tag(text: str) -> str:
    """For argparse: a language tag."""
    if not is_tag(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no language tag such as en or zh-Hant")
    return text


def out() -> Console:
    """Where people read."""
    return Console(highlight=False)


def say(text: str) -> None:
    """A line for people."""
    out().print(text, markup=False, soft_wrap=True)


def write(document: dict[str, Any]) -> None:
    """The document of ``--json``."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
