"""An evaluation as JSON, schema 1. Fields are only ever added; a field of another meaning gets another name.

``figures`` maps a stable key to ``name``, ``value`` (shares and percentages 0 to 1), ``unit``, ``better`` and
``target``. ``books`` has the figures of each book that do not depend on the machine. ``errors`` counts by kind,
``confused`` are ``[wanted, found, times]`` from the most frequent, ``confidence`` is the reliability table, ``speed``
what was timed. ``pages`` are in the order of the annotation, and hold each text with its verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from translator.evaluation.figure import Figure
from translator.evaluation.result import Evaluation, PageResult, Speed, total
from translator.evaluation.table import kind_meanings

SCHEMA = 1


def document(evaluation: Evaluation) -> dict[str, Any]:
    """The whole evaluation. Later measures (cleaning, typesetting, translation) stand beside ``reading``."""
    return {
        "schema": SCHEMA,
        "name": evaluation.name,
        "source": evaluation.source,
        "engines": dict(evaluation.engines),
        "pages": evaluation.score.pages,
        "texts": evaluation.score.texts,
        "figures": _figures(evaluation.figures),
        "reading": _reading(evaluation),
    }


def _reading(evaluation: Evaluation) -> dict[str, Any]:
    speeds = {"together": evaluation.together, "alone": evaluation.alone}
    return {
        "books": {book: _book(evaluation.of_book(book)) for book in evaluation.books},
        "errors": {kind: evaluation.errors[kind] for kind in kind_meanings()},
        "confused": [[wanted, found, times] for (wanted, found), times in evaluation.confused.most_common()],
        "confidence": [one.to_json() for one in evaluation.checks.bins],
        "speed": {name: _speed(speed) for name, speed in speeds.items() if speed},
        "pages": [_page(result) for result in evaluation.results],
    }


def _figures(figures: Sequence[Figure]) -> dict[str, Any]:
    return {figure.key: figure.to_json() for figure in figures}


def _book(results: tuple[PageResult, ...]) -> dict[str, Any]:
    score = total(results)
    return {"pages": score.pages, "texts": score.texts, "figures": _figures(score.figures())}


def _speed(speed: Speed) -> Mapping[str, Any]:
    return {
        "pages": speed.pages,
        "at_once": speed.at_once,
        "threads_a_page": speed.threads,
        "seconds_a_page": round(speed.seconds_a_page, 4),
        "processor_s_a_page": round(speed.processor_s_a_page, 4),
        "stages_s_a_page": {stage: round(value / max(1, speed.pages), 4) for stage, value in speed.stages_s.items()},
    }


def _page(result: PageResult) -> dict[str, Any]:
    return {
        "book": result.truth.book,
        "page": result.truth.name,
        "width": result.size[0],
        "height": result.size[1],
        "figures": {figure.key: round(figure.value, 6) for figure in result.score.figures()},
        "errors": dict(result.errors.counts),
        "texts": [
            {
                "box": text.box.to_json(),
                "wanted": read.wanted,
                "found": read.text,
                "verdict": verdict.value,
                "regions": [result.found.texts[n].id for n in parts],
                "in_order": index not in result.errors.misplaced,
            }
            for index, (text, read, verdict, parts) in enumerate(
                zip(result.truth.scored, result.texts, result.errors.verdicts, result.matching.parts, strict=True)
            )
        ],
        "regions": [
            {
                "id": text.id,
                "box": text.box.to_json(),
                "kind": text.kind.value,
                "text": text.text,
                "confidence": round(text.confidence, 4),
                "check": text.check,
                "false": n in result.errors.false,
            }
            for n, text in enumerate(result.found.texts)
        ],
        "unread": [{"id": text.id, "box": text.box.to_json()} for text in result.found.unread],
    }
