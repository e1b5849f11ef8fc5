"""``fukidashi eval``: how well engines read, clean, typeset and translate. The translator measures, as a process."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from fukidashi.errors import BadInput, NotInstalled
from fukidashi.exit_code import ExitCode

COMMAND: Sequence[str] = (sys.executable, "-m", "translator.evaluation")
_GUARD = Path(__file__).with_name("guard.py")
_GRACE_S = 3.0
_ANNOTATIONS = ("annotation.json", "truth.json")
_CODES = {code.value: code for code in (ExitCode.SUCCESS, ExitCode.ERROR, ExitCode.USAGE, ExitCode.INTERRUPTED)}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "eval",
        help="measure quality on annotated pages",
        description="Reads the annotated pages of a folder (annotation.json, or truth.json of the sample generator) "
        "with the default engines, and prints how well: blocks, characters, order, seconds a page, errors by kind. "
        "With --clean or --typeset, what is measured is the clean plates, or the pages with the translations set. "
        "With --translate, it is the language model that is configured, as for a translator. "
        "Exit code 0; 1 where a --min or --max does not hold; 2 for a folder that is not annotated or cannot be read.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    measures = parser.add_mutually_exclusive_group()
    measures.add_argument(
        "--clean", action="store_true", help="measure cleaning instead: what is left, what was harmed"
    )
    measures.add_argument(
        "--typeset",
        action="store_true",
        help="measure typesetting instead, with the translations beside the annotation",
    )
    measures.add_argument(
        "--translate",
        action="store_true",
        help="measure the configured model instead, on the annotated texts and the translations beside them",
    )
    parser.add_argument(
        "--end-to-end", action="store_true", help="--translate what is read from the pages, not the annotated texts"
    )
    parser.add_argument("--glossary", type=Path, metavar="FILE", help="a series' glossary (JSON) for --translate")
    parser.add_argument(
        "--target",
        default="en",
        metavar="LANG",
        help="the language that --typeset sets and --translate translates into (default en)",
    )
    parser.add_argument("--html", type=Path, metavar="REPORT", help="write a report with every page into this file")
    parser.add_argument("--json", action="store_true", help="everything measured as one JSON document")
    parser.add_argument("--every", type=_count, default=1, metavar="N", help="each N-th page only")
    parser.add_argument("--book", metavar="NAME", help="this book only")
    parser.add_argument("--source", default="ja", metavar="LANG", help="the language of the pages (default ja)")
    parser.add_argument("--direction", choices=("auto", "rtl", "ltr", "webtoon"), default="auto")
    parser.add_argument(
        "--alone", type=_number, default=12, metavar="N", help="time N pages one by one as well (default 12; 0: none)"
    )
    for name, bad in (("--min", "less"), ("--max", "more")):
        text = f"exit 1 where this figure is {bad}; may be repeated (names: keys of `figures` in --json)"
        parser.add_argument(name, action="append", default=[], metavar="NAME=VALUE", help=text)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Mapping[str, str], command: Sequence[str] = COMMAND) -> ExitCode:
    """Raises :class:`BadInput` for a folder without annotation, :class:`NotInstalled` without the translator."""
    folder: Path = options.folder
    if not any((folder / name).is_file() for name in _ANNOTATIONS):
        raise BadInput(f"{folder}: no folder of annotated pages: it has neither {' nor '.join(_ANNOTATIONS)}")
    if find_spec("translator") is None:
        raise NotInstalled("the translator is not installed: pip install 'fukidashi[all]'")
    with _guarded([*command, *_arguments(options, environment)], environment) as process:
        return _CODES.get(process.wait(), ExitCode.ERROR)


def _arguments(options: argparse.Namespace, environment: Mapping[str, str]) -> Iterator[str]:
    # As one word each: what begins with a dash is a value all the same.
    yield f"--every={options.every}"
    yield f"--source={options.source}"
    yield f"--target={options.target}"
    yield f"--direction={options.direction}"
    yield f"--alone={options.alone}"
    yield from (f"--min={limit}" for limit in options.min)
    yield from (f"--max={limit}" for limit in options.max)
    if environment.get("THREADS"):
        yield f"--threads={environment['THREADS']}"
    if options.html is not None:
        yield f"--html={options.html}"
    if options.glossary is not None:
        yield f"--glossary={options.glossary}"
    if options.book is not None:
        yield f"--book={options.book}"
    for flag in ("json", "clean", "typeset", "translate", "end_to_end"):
        if getattr(options, flag):
            yield f"--{flag.replace('_', '-')}"
    yield from ("--", str(options.folder))


@contextlib.contextmanager
def _guarded(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The process, with this one's output. It ends with the block, or when this process dies in whatever way."""
    process = subprocess.Popen(
        [sys.executable, "-I", str(_GUARD), str(_GRACE_S), *command],
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S + 4)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _count(text: str) -> int:
    value = _number(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not 1 or more")
    return value


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)
