"""An evaluation as text: figures with their targets, by book, errors by kind, confidence."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from translator.evaluation.errors import Mistake, Verdict
from translator.evaluation.figure import Figure
from translator.evaluation.result import Evaluation, total

_MOST_CONFUSED = 15
_MOST_EXAMPLES = 4
_LONGEST = 40


def table(evaluation: Evaluation) -> str:
    """The whole table, ending in a newline."""
    lines = [
        *_head(evaluation),
        "",
        *_figures(evaluation),
        *_books(evaluation),
        *_errors(evaluation),
        *_confused(evaluation),
        *_confidence(evaluation),
    ]
    return "\n".join(lines) + "\n"


def kind_meanings() -> dict[str, str]:
    """Every kind of error, worst first, and what it means."""
    verdicts = {verdict.value: verdict.meaning for verdict in Verdict if verdict.is_error}
    return verdicts | {mistake.value: mistake.meaning for mistake in Mistake}


def examples(evaluation: Evaluation, kind: str) -> list[str]:
    """Where the errors of a kind are, with what was wanted and found."""
    out = []
    for result in evaluation.results:
        where = f"{result.truth.book} {result.truth.name}"
        errors = result.errors
        for n, verdict in enumerate(errors.verdicts):
            if verdict.value == kind:
                out.append(f"{where}: {_short(result.texts[n].wanted)} > {_short(result.texts[n].text) or '(nothing)'}")
        if kind == Mistake.FALSE:
            out += [f"{where}: {_short(result.found.texts[n].text)}" for n in errors.false]
        indices = {Mistake.SPLIT_BLOCK.value: errors.split_blocks, Mistake.ORDER.value: errors.misplaced}
        out += [f"{where}: {_short(result.texts[n].wanted)}" for n in indices.get(kind, ())]
    return out


def _head(evaluation: Evaluation) -> Iterator[str]:
    score = evaluation.score
    engines = ", ".join(f"{stage} {name}" for stage, name in evaluation.engines.items())
    yield f"{evaluation.name}: pages {score.pages}, texts {score.texts}, source {evaluation.source}"
    yield engines


def _figures(evaluation: Evaluation) -> Iterator[str]:
    width = max(len(figure.name) for figure in evaluation.figures)
    yield f"{'':{width}}  {'measured':>9}  {'reach':>9}"
    for figure in evaluation.figures:
        mark = {True: "  reached", False: "  MISSED", None: ""}[figure.reaches]
        yield f"{figure.name:{width}}  {figure.text:>9}  {figure.target_text:>9}{mark}".rstrip()
    yield "seconds depend on the machine; " + _stage_times(evaluation)


def _stage_times(evaluation: Evaluation) -> str:
    speed = evaluation.alone or evaluation.together
    stages = ", ".join(f"{stage} {value / max(1, speed.pages):.2f}" for stage, value in speed.stages_s.items())
    return f"by stage, of {speed.pages} pages {'alone' if evaluation.alone else 'together'}: {stages}"


def _books(evaluation: Evaluation) -> Iterator[str]:
    books = evaluation.books
    if len(books) < 2:
        return
    columns = [total(evaluation.of_book(book)).figures() for book in books]
    yield ""
    yield from _grid(["by book", *books], [[row[0].key, *(figure.text for figure in row)] for row in _rows(columns)])


def _rows(columns: Sequence[Sequence[Figure]]) -> list[tuple[Figure, ...]]:
    return list(zip(*columns, strict=True))


def _errors(evaluation: Evaluation) -> Iterator[str]:
    counts, score = evaluation.errors, evaluation.score
    yield ""
    yield f"errors by kind ({score.texts} texts)"
    for kind, meaning in kind_meanings().items():
        if counts[kind]:
            yield f"  {kind:12} {counts[kind]:4}  {meaning}"
            some = examples(evaluation, kind)
            yield from (f"                      {example}" for example in some[:_MOST_EXAMPLES])
            if len(some) > _MOST_EXAMPLES:
                yield f"                      and {len(some) - _MOST_EXAMPLES} more"


def _confused(evaluation: Evaluation) -> Iterator[str]:
    counts = evaluation.confused
    if counts:
        pairs = "  ".join(f"{a or '∅'}>{b or '∅'} {n}" for (a, b), n in counts.most_common(_MOST_CONFUSED))
        yield ""
        yield f"characters read as others (∅ is none), {counts.total()} in all"
        yield f"  {pairs}"


def _confidence(evaluation: Evaluation) -> Iterator[str]:
    yield ""
    rows = [
        [f"{one.low:.2f}-{one.high:.2f}", str(one.texts), f"{one.confidence:.3f}", f"{one.share:.3f}"]
        for one in evaluation.checks.bins
        if one.texts
    ]
    yield from _grid(["confidence", "texts", "mean", "right"], rows)


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    for row in (head, *rows):
        first = f"{row[0]:{widths[0]}}"
        yield "  ".join([first, *(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))])


def _short(text: str) -> str:
    one_line = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return one_line if len(one_line) <= _LONGEST else one_line[: _LONGEST - 1] + "…"
