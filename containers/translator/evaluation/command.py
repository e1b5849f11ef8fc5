"""The evaluation as a command: its options, and where what it finds goes.

Figures go to standard output, progress and errors to standard error. Exit codes: 0; 1 where a limit is broken; 2 for
wrong usage, and for a folder that is not annotated or cannot be read.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from translator.evaluation.document import document
from translator.evaluation.figure import Figure
from translator.evaluation.finish import (
    Finishing,
    FinishPlan,
    cleaning_figures,
    evaluate_cleaning,
    evaluate_typesetting,
    typesetting_figures,
)
from translator.evaluation.finish_sheet import contact_sheet
from translator.evaluation.limits import Limit, LimitError, broken, check_names
from translator.evaluation.report import report
from translator.evaluation.result import Evaluation, Speed
from translator.evaluation.runner import Plan, evaluate
from translator.evaluation.table import table
from translator.evaluation.translate import (
    NoModel,
    TranslatePlan,
    evaluate_translation,
    load_model,
    translation_figures,
)
from translator.evaluation.truth import TruePage, TruthError, read_truth, select
from translator.pipeline.types import ReadingDirection
from translator.stages import Unsupported

EXIT_OK, EXIT_LIMIT, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """The command cannot do what it was asked for."""


def run(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        return _run(options)
    except (TruthError, LimitError, Unsupported, NoModel, UsageError) as error:
        sys.stderr.write(f"error: {error}\n")
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """The options; ``fukidashi eval`` hands them on as they are."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    made = argparse.ArgumentParser(prog="translator.evaluation", description=__doc__)
    made.add_argument("folder", type=Path)
    made.add_argument("--clean", action="store_true")
    made.add_argument("--typeset", action="store_true")
    made.add_argument("--translate", action="store_true")
    made.add_argument("--end-to-end", action="store_true")
    made.add_argument("--glossary", type=Path)
    made.add_argument("--target", default="en")
    made.add_argument("--html", type=Path)
    made.add_argument("--json", action="store_true")
    made.add_argument("--every", type=_count, default=1)
    made.add_argument("--book")
    made.add_argument("--source", default="ja")
    made.add_argument("--direction", type=ReadingDirection, default=ReadingDirection.AUTO)
    made.add_argument("--alone", type=_number, default=12)
    made.add_argument("--threads", type=_count, default=cpus)
    made.add_argument("--min", action="append", default=[], metavar="NAME=VALUE")
    made.add_argument("--max", action="append", default=[], metavar="NAME=VALUE")
    return made


def _run(options: argparse.Namespace) -> int:
    if options.clean + options.typeset + options.translate > 1:
        raise UsageError("--clean, --typeset and --translate are evaluations of their own: one at a time")
    if (options.glossary is not None or options.end_to_end) and not options.translate:
        raise UsageError("--glossary and --end-to-end are for --translate")
    if options.translate:
        _check_translating(options)
    limits = _limits(options)
    pages = read_truth(options.folder, source=options.source)
    chosen = select(pages, book=options.book, every=options.every)
    _check_report(options.html)
    if options.clean or options.typeset:
        return _finish(options, chosen, limits)
    if options.translate:
        return _translate(options, chosen, limits)
    plan = Plan(options.source, options.direction, options.threads, options.alone)
    evaluation = evaluate(options.folder.resolve().name, chosen, plan, _progress)
    _write_report(options.html, lambda: report(evaluation))
    sys.stdout.write(_json(document(evaluation)) if options.json else table(evaluation))
    return _kept(limits, evaluation.figures)


def _finish(options: argparse.Namespace, pages: tuple[TruePage, ...], limits: list[Limit]) -> int:
    """Cleaning, or typesetting."""
    plan = FinishPlan(options.source, options.target, options.threads, shots=options.html is not None)
    if options.clean:
        finishing = evaluate_cleaning(options.folder.resolve().name, pages, plan, _progress)
    else:
        finishing = evaluate_typesetting(options.folder, pages, plan, _progress)
    _write_report(options.html, lambda: contact_sheet(finishing))
    return _told(options, finishing, limits)


def _translate(options: argparse.Namespace, pages: tuple[TruePage, ...], limits: list[Limit]) -> int:
    """The model that is configured, or exit code 2."""
    reading = Plan(options.source, options.direction, options.threads, alone=0) if options.end_to_end else None
    plan = TranslatePlan(options.source, options.target, options.glossary, reading)
    service = load_model(os.environ)
    try:
        finishing = evaluate_translation(options.folder, pages, plan, service, _progress)
    finally:
        service.close()
    if all(figure.key != "cost_page" for figure in finishing.figures):
        sys.stderr.write("the cost is not known: dict/prices.toml has no price for a model that was asked\n")
    return _told(options, finishing, limits)


def _check_translating(options: argparse.Namespace) -> None:
    if options.html is not None:
        raise UsageError("--html draws pages, and --translate has none: use --json for every text")
    if find_spec("sacrebleu") is None:
        raise UsageError("--translate needs the package sacrebleu: pip install 'fukidashi[eval]'")


def _told(options: argparse.Namespace, finishing: Finishing, limits: list[Limit]) -> int:
    sys.stdout.write(_json(finishing.document()) if options.json else finishing.table())
    return _kept(limits, finishing.figures)


def _kept(limits: list[Limit], figures: Sequence[Figure]) -> int:
    failures = broken(limits, figures)
    sys.stderr.writelines(f"{failure}\n" for failure in failures)
    return EXIT_LIMIT if failures else EXIT_OK


def _limits(options: argparse.Namespace) -> list[Limit]:
    limits = [Limit.parse(text, is_floor=True) for text in options.min]
    limits += [Limit.parse(text, is_floor=False) for text in options.max]
    if options.translate:
        check_names(limits, list(translation_figures(has_terms=options.glossary is not None)))
    else:
        check_names(limits, [figure.key for figure in _unmeasured(options)])
    return limits


def _unmeasured(options: argparse.Namespace) -> tuple[Figure, ...]:
    """The figures that there will be."""
    if options.clean:
        return cleaning_figures()
    if options.typeset:
        return typesetting_figures()
    nothing = Speed(0, 1, 1, 0.0, {})
    return Evaluation("", "", {}, (), nothing, nothing if options.alone else None).figures


def _check_report(path: Path | None) -> None:
    """Before minutes of work, not after them."""
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise UsageError(f"{path}: no file can be written there")


def _write_report(path: Path | None, pieces: Callable[[], Iterator[str]]) -> None:
    if path is None:
        return
    try:
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(pieces())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    sys.stderr.write(f"report: {path}\n")


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _progress(done: int, pages: int, name: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{done}/{pages} {name}" + ("\r\x1b[K" if done == pages else ""))
    elif done == pages or done % 10 == 0:
        sys.stderr.write(f"{done}/{pages} pages\n")
    sys.stderr.flush()


def _count(text: str) -> int:
    value = _number(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not 1 or more")
    return value


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)
