"""A page in the report: its image with the boxes over it, and its texts, wanted and found."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape
from io import BytesIO

from PIL import Image

from translator.evaluation.compare import differences, plain
from translator.evaluation.errors import Verdict
from translator.evaluation.found import FoundText
from translator.evaluation.result import PageResult
from translator.evaluation.runner import open_page
from translator.evaluation.truth import TruthError
from translator.pipeline.types import Box

_WIDEST = 1000
_WEBP_TALLEST = 16_383
_QUALITY = 72


def page_section(result: PageResult, source: str) -> str:
    """One ``<section>``; its id is :func:`anchor`. Raises :class:`TruthError` where the image cannot be read."""
    clean = "" if result.errors.counts else " clean"
    counts = "".join(_chip(kind, times) for kind, times in result.errors.counts.most_common())
    return (
        f'<section class="page{clean}" id="{anchor(result)}"><header><h3>{title(result)}</h3>{counts}'
        f"{_summary(result)}</header>"
        f'<div class="sheet"><div class="view">{_image(result)}{_overlay(result)}</div>'
        f"<div>{_texts(result, source)}</div></div></section>\n"
    )


def anchor(result: PageResult) -> str:
    return f"p-{escape(result.truth.book, quote=True)}-{escape(result.truth.name, quote=True)}".replace(" ", "_")


def title(result: PageResult) -> str:
    return f"{escape(result.truth.book)} · {escape(result.truth.name)}"


def kind_name(kind: str) -> str:
    """``kana_size`` as people read it."""
    return kind.replace("_", " ")


def _chip(kind: str, times: int) -> str:
    return f'<span class="chip small">{escape(kind_name(kind))} <b>{times}</b></span>'


def _summary(result: PageResult) -> str:
    score = result.score
    rate = score.edits / score.length if score.length else 0.0
    return (
        f'<span class="soft small">{score.texts} texts · {score.exact}/{score.readable} right · '
        f"CER {100 * rate:.1f} %</span>"
    )


def _image(result: PageResult) -> str:
    if result.truth.path is None:
        raise TruthError(f"{result.truth.book} {result.truth.name}: it has no image file")
    image = Image.fromarray(open_page(result.truth.path).rgb)
    if image.width > _WIDEST:
        height = max(1, round(image.height * _WIDEST / image.width))
        image = image.resize((_WIDEST, height), Image.Resampling.LANCZOS)
    form = "WEBP" if image.height <= _WEBP_TALLEST else "JPEG"
    out = BytesIO()
    image.save(out, form, quality=_QUALITY)
    data = base64.b64encode(out.getvalue()).decode("ascii")
    width, height = result.size
    return (
        f'<img alt="{title(result)}" width="{width}" height="{height}" src="data:image/{form.lower()};base64,{data}">'
    )


def _overlay(result: PageResult) -> str:
    width, height = result.size
    unit = max(width, 400) / 830
    layers = (
        ("order", _trail(result, unit)),
        ("found", "".join(_found_box(result, n, unit) for n in range(len(result.found.texts)))),
        ("true", "".join(_true_box(result, n, unit) for n in range(len(result.truth.scored)))),
    )
    groups = "".join(f'<g class="layer-{name}">{inner}</g>' for name, inner in layers)
    return f'<svg viewBox="0 0 {width} {height}" aria-hidden="true">{groups}</svg>'


def _true_box(result: PageResult, index: int, unit: float) -> str:
    box = result.truth.scored[index].box
    # Numbers of the annotation stand right above a box, those of what was found left below it.
    return _rect(box, "true", 1.6 * unit, "") + _tag(index + 1, box.x1 - 9 * unit, box.y0 - 9 * unit, "true", unit)


def _found_box(result: PageResult, index: int, unit: float) -> str:
    text, tone = result.found.texts[index], _tone(result, index)
    dashes = f' stroke-dasharray="{7 * unit:.1f} {4 * unit:.1f}"'
    return _rect(text.box, f"found {tone}", 2.2 * unit, dashes) + _tag(
        index + 1, text.box.x0 + 9 * unit, text.box.y1 + 9 * unit, tone, unit
    )


def _rect(box: Box, tone: str, stroke: float, more: str) -> str:
    return (
        f'<rect class="box {tone}" x="{box.x0}" y="{box.y0}" width="{box.width}" height="{box.height}" '
        f'stroke-width="{stroke:.1f}"{more}/>'
    )


def _tag(number: int, x: float, y: float, tone: str, unit: float) -> str:
    half = (7 + 4.5 * len(str(number))) * unit
    return (
        f'<rect class="tag {tone}" x="{x - half:.1f}" y="{y - 10 * unit:.1f}" width="{2 * half:.1f}" '
        f'height="{20 * unit:.1f}" rx="{10 * unit:.1f}" stroke-width="{1.5 * unit:.1f}"/>'
        f'<text x="{x:.1f}" y="{y + 5 * unit:.1f}" font-size="{14 * unit:.1f}">{number}</text>'
    )


def _trail(result: PageResult, unit: float) -> str:
    """A line through the found texts, in the order in which they are read."""
    points = " ".join(
        f"{text.box.center[0]:.0f},{text.box.center[1]:.0f}"
        for n, text in enumerate(result.found.texts)
        if n in result.matching.counted
    )
    return f'<polyline class="trail" points="{points}" stroke-width="{2 * unit:.1f}"/>'


def _tone(result: PageResult, index: int) -> str:
    if index not in result.matching.counted:
        return "aside"
    owner = result.matching.owners[index]
    if owner is None:
        return "wrong"
    return "wrong" if result.errors.verdicts[owner].is_error else "right"


def _texts(result: PageResult, source: str) -> str:
    rows = "".join((*_true_rows(result, source), *_other_rows(result, source)))
    head = '<tr><th class="num">true</th><th class="num">found</th><th>text</th><th>verdict</th></tr>'
    return f'<table class="texts">{head}{rows}</table>'


def _true_rows(result: PageResult, source: str) -> Iterator[str]:
    for index, text in enumerate(result.texts):
        verdict, parts = result.errors.verdicts[index], result.matching.parts[index]
        misplaced = index in result.errors.misplaced
        bad = verdict.is_error or misplaced or index in result.errors.split_blocks
        notes = [f"<b>{escape(kind_name(verdict.value))}</b>" if verdict.is_error else "right"]
        notes += ["<b>order</b>"] if misplaced else []
        notes += ["<b>split block</b>"] if index in result.errors.split_blocks else []
        yield _row(
            str(index + 1),
            "+".join(str(n + 1) for n in parts) or "–",
            _words(text.wanted, text.text, verdict, source),
            "<br>".join([*notes, *_claims([result.found.texts[n] for n in parts])]),
            bad=bad,
        )


def _other_rows(result: PageResult, source: str) -> Iterator[str]:
    """What was found and belongs to no annotated text: false alarms, and what no figure counts."""
    for n, text in enumerate(result.found.texts):
        if result.matching.owners[n] is None:
            false = n in result.errors.false
            note = "<b>false</b>" if false else f"not counted ({escape(kind_name(text.kind.value))})"
            words = f'<div><small>found</small><span lang="{escape(source)}">{escape(text.text)}</span></div>'
            yield _row("–", str(n + 1), words, "<br>".join([note, *_claims([text])]), bad=false)


def _row(true: str, found: str, words: str, verdict: str, *, bad: bool) -> str:
    return (
        f'<tr{" class=bad" if bad else ""}><td class="num">{true}</td><td class="num">{found}</td>'
        f'<td class="words">{words}</td><td class="kind">{verdict}</td></tr>'
    )


def _claims(texts: list[FoundText]) -> Iterator[str]:
    for text in texts:
        flag = ' <span class="flag">check</span>' if text.check else ""
        yield f'<span class="soft">{text.confidence:.2f}</span>{flag}'


def _words(wanted: str, found: str, verdict: Verdict, source: str) -> str:
    lang = escape(source)
    if not verdict.is_error:
        return f'<div><small>both</small><span lang="{lang}">{escape(wanted or found)}</span></div>'
    lost, added = _marked(plain(wanted, source=source), plain(found, source=source))
    return (
        f'<div><small>wanted</small><span lang="{lang}">{lost}</span></div>'
        f'<div><small>found</small><span lang="{lang}">{added or "–"}</span></div>'
    )


def _marked(wanted: str, found: str) -> tuple[str, str]:
    lost, added = "", ""
    for run in differences(wanted, found):
        lost += (
            escape(run.wanted) if run.is_same or not run.wanted else f'<mark class="lost">{escape(run.wanted)}</mark>'
        )
        added += (
            escape(run.found) if run.is_same or not run.found else f'<mark class="added">{escape(run.found)}</mark>'
        )
    return lost, added
