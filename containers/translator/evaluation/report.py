"""An evaluation as one HTML file that needs nothing else: figures, errors by kind, and every page, the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from translator.evaluation.figure import Figure
from translator.evaluation.report_page import anchor, kind_name, page_section, title
from translator.evaluation.report_style import STYLE
from translator.evaluation.result import Evaluation, PageResult, total
from translator.evaluation.table import kind_meanings

_MOST_CONFUSED = 40
_PLOT = 220


def report(evaluation: Evaluation) -> Iterator[str]:
    """The file, piece by piece: with the pages in it, it has megabytes. Raises :class:`TruthError`."""
    worst_first = sorted(evaluation.results, key=lambda result: result.badness, reverse=True)
    yield _head(evaluation)
    yield '<div class="cards"><div>'
    yield _card("Figures", _figures(evaluation))
    yield _card("Confidence", _confidence(evaluation))
    yield "</div><div>"
    yield _card("Errors by kind", _errors(evaluation))
    if len(evaluation.books) > 1:
        yield _card("By book", _books(evaluation))
    yield _card("Characters read as others", _confused(evaluation))
    yield "</div></div>"
    yield _controls()
    yield f'<div class="chips small" style="margin-top:14px">{"".join(_link(result) for result in worst_first)}</div>'
    for result in worst_first:
        yield page_section(result, evaluation.source)
    yield "</main></body></html>\n"


def _head(evaluation: Evaluation) -> str:
    name, score = escape(evaluation.name), evaluation.score
    engines = " · ".join(f"{escape(stage)} {escape(engine)}" for stage, engine in evaluation.engines.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reading quality: {name}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>Reading quality: {name}</h1>"
        f'<p class="meta">pages: {score.pages} · texts: {score.texts} · source {escape(evaluation.source)} '
        f"· {engines}</p>"
    )


def _card(name: str, inner: str) -> str:
    return f'<div class="card"><h2>{name}</h2>{inner}</div>'


def _figures(evaluation: Evaluation) -> str:
    rows = "".join(_figure(figure) for figure in evaluation.figures)
    return (
        f'<table><tr><th></th><th class="num">measured</th><th class="num">reach</th></tr>{rows}</table>'
        '<p class="soft small">Seconds and memory depend on the machine.</p>'
    )


def _figure(figure: Figure) -> str:
    tone = {True: " yes", False: " no", None: ""}[figure.reaches]
    return (
        f'<tr><td>{escape(figure.name)}</td><td class="num{tone}">{figure.text}</td>'
        f'<td class="num soft">{figure.target_text}</td></tr>'
    )


def _books(evaluation: Evaluation) -> str:
    books = evaluation.books
    columns = [total(evaluation.of_book(book)).figures() for book in books]
    head = "".join(f'<th class="num">{escape(book)}</th>' for book in books)
    rows = "".join(
        f"<tr><td>{escape(row[0].name)}</td>" + "".join(f'<td class="num">{one.text}</td>' for one in row) + "</tr>"
        for row in zip(*columns, strict=True)
    )
    return f"<table><tr><th></th>{head}</tr>{rows}</table>"


def _errors(evaluation: Evaluation) -> str:
    counts = evaluation.errors
    most = max(counts.values(), default=1)
    rows = "".join(
        f'<tr><td style="white-space:nowrap">{kind_name(kind)}</td><td class="num">{counts[kind]}</td>'
        f'<td style="width:100%"><div class="bar" style="width:{100 * counts[kind] / most:.0f}%"></div>'
        f'<span class="soft small">{escape(meaning)}</span></td></tr>'
        for kind, meaning in kind_meanings().items()
        if counts[kind]
    )
    return f"<table>{rows}</table>" if rows else "<p>None.</p>"


def _confused(evaluation: Evaluation) -> str:
    counts = evaluation.confused
    lang = escape(evaluation.source)
    chips = "".join(
        f'<span class="chip"><span lang="{lang}">{escape(wanted) or "∅"} → {escape(found) or "∅"}</span> '
        f"<b>{times}</b></span>"
        for (wanted, found), times in counts.most_common(_MOST_CONFUSED)
    )
    more = f'<p class="soft small">{counts.total()} in all; ∅ is no character.</p>'
    return f'<div class="chips">{chips}</div>{more}'


def _confidence(evaluation: Evaluation) -> str:
    rows = "".join(
        f'<tr><td>{one.low:.2f}–{one.high:.2f}</td><td class="num">{one.texts}</td>'
        f'<td class="num">{one.confidence:.3f}</td><td class="num">{one.share:.3f}</td></tr>'
        for one in evaluation.checks.bins
        if one.texts
    )
    table = (
        '<table><tr><th>confidence</th><th class="num">texts</th><th class="num">mean</th>'
        f'<th class="num">exactly right</th></tr>{rows}</table>'
    )
    return f'<div class="plot">{_plot(evaluation)}<div>{table}</div></div>'


def _plot(evaluation: Evaluation) -> str:
    """Share right over confidence; on the diagonal, a confidence is what it says."""
    dots = "".join(
        f'<circle cx="{_PLOT * one.confidence:.1f}" cy="{_PLOT * (1 - one.share):.1f}" '
        f'r="{3 + min(9.0, one.texts**0.5 / 2):.1f}"><title>{one.texts} texts</title></circle>'
        for one in evaluation.checks.bins
        if one.texts
    )
    return (
        f'<svg width="{_PLOT}" height="{_PLOT}" viewBox="0 0 {_PLOT} {_PLOT}" '
        'role="img" aria-label="share of texts exactly right, over confidence">'
        f'<rect width="{_PLOT}" height="{_PLOT}" fill="none" stroke="#dfe4ea"/>'
        f'<path d="M0 {_PLOT}L{_PLOT} 0" stroke="#9aa5b3" stroke-dasharray="4 4"/>{dots}</svg>'
    )


def _controls() -> str:
    boxes = (
        ("show-true", "annotated boxes", True, "var(--true)"),
        ("show-found", "found boxes", True, "var(--right)"),
        ("show-order", "reading order", False, ""),
        ("only-errors", "only pages with errors", False, ""),
        ("only-wrong", "only texts with errors", False, ""),
    )
    labels = "".join(
        f'<label><input type="checkbox" id="{name}"{" checked" if checked else ""}> {text}'
        + (f' <span class="key" style="border-color:{colour}"></span>' if colour else "")
        + "</label>"
        for name, text, checked, colour in boxes
    )
    wrong = '<span class="soft small"><span class="key" style="border-color:var(--wrong)"></span> found, wrong &nbsp; '
    aside = '<span class="key" style="border-color:var(--aside)"></span> found, not counted</span>'
    return f"<nav>{labels}{wrong}{aside}</nav>"


def _link(result: PageResult) -> str:
    wrong = sum(result.errors.counts.values())
    return f'<a class="chip" href="#{anchor(result)}">{title(result)}{f" <b>{wrong}</b>" if wrong else ""}</a>'
