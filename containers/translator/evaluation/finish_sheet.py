"""A contact sheet: every page before and after, beside each other, in one HTML file that needs nothing else."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape

from translator.evaluation.figure import Figure
from translator.evaluation.finish import Finishing
from translator.evaluation.finish_shot import Shot
from translator.evaluation.report_style import STYLE

_SHEET_STYLE = """
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
.pair img { width: 100%; height: auto; border: 1px solid var(--line); }
"""


def contact_sheet(finishing: Finishing) -> Iterator[str]:
    """The file, piece by piece."""
    name, measure = escape(finishing.name), escape(finishing.measure.capitalize())
    engines = " · ".join(f"{escape(stage)} {escape(engine)}" for stage, engine in finishing.engines.items())
    yield (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{measure}: {name}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}{_SHEET_STYLE}</style></head><body><main><h1>{measure}: {name}</h1>"
        f'<p class="meta">pages: {len(finishing.pages)} · texts: {finishing.done} of {finishing.texts} · {engines}</p>'
    )
    rows = "".join(_figure(figure) for figure in finishing.figures)
    yield (
        '<div class="card"><h2>Figures</h2><table><tr><th></th><th class="num">measured</th>'
        f'<th class="num">reach</th></tr>{rows}</table></div>'
    )
    flawed = [(number, one) for number, one in enumerate(finishing.shots) if one.notes]
    links = "".join(
        f'<a class="chip" href="#p{number}">{escape(one.title)} <b>{len(one.notes)}</b></a>' for number, one in flawed
    )
    yield f'<div class="chips small" style="margin-top:14px">{links}</div>'
    for number, one in enumerate(finishing.shots):
        yield _section(number, one)
    yield "</main></body></html>\n"


def _figure(figure: Figure) -> str:
    tone = {True: " yes", False: " no", None: ""}[figure.reaches]
    return (
        f'<tr><td>{escape(figure.name)}</td><td class="num{tone}">{figure.text}</td>'
        f'<td class="num soft">{figure.target_text}</td></tr>'
    )


def _section(number: int, one: Shot) -> str:
    notes = "".join(f'<span class="chip small">{escape(note)}</span>' for note in one.notes)
    pictures = "".join(
        f'<img alt="{alt}" loading="lazy" src="data:image/webp;base64,{base64.b64encode(data).decode()}">'
        for alt, data in (("before", one.before), ("after", one.after))
    )
    return (
        f'<section class="page" id="p{number}"><header><h3>{escape(one.title)}</h3>{notes}</header>'
        f'<div class="pair">{pictures}</div></section>\n'
    )
