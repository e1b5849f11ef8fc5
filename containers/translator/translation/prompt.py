"""A call put together: what the model is told of the job, of the pages before, of these pages, and what to answer.

The system part is the same for every call of a job (endpoints cache it, and a retry does not change it). The texts of
a page stand in reading order, those that are translated already among those that are asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.translation import Context
from translator.translation.asked import Asked, Told, echo_length
from translator.translation.checks import longest_answer
from translator.translation.glossary import Term
from translator.translation.model import ModelRequest, Part, TextPart
from translator.translation.style import Style
from translator.translation.views import View

VERSION = 2
"""Of the form of a call. It decides translations too, so a change is a new version."""
MOST_TERMS = 80
_MOST_CONTEXT = 8_000
_SLACK = 4_000
_MOST_OUTPUT = 65_536
"""Tokens, thoughts included; each model has a limit of its own below it."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What one call asks. ``settled`` are other texts of the same pages, in reading order, that are translated already;
    ``wrong`` says of a text that is asked again what was wrong with its answer."""

    texts: tuple[Asked, ...]
    views: tuple[View, ...] = ()
    context: tuple[Pairs, ...] = ()
    terms: tuple[Term, ...] = ()
    settled: tuple[Told, ...] = ()
    wrong: Mapping[str, str] | None = None
    propose_terms: bool = False


def compose(ask: Ask, style: Style, *, mode: Context, timeout_s: float) -> ModelRequest:
    """The request to a model."""
    parts: list[Part] = []
    if ask.context and mode is not Context.NONE:
        parts.append(TextPart(_context(ask.context, mode)))
    if ask.terms:
        parts.append(TextPart(_terms(ask.terms)))
    for view in ask.views:
        parts += [TextPart(view.title), view.image]
    parts.append(TextPart(_task(ask)))
    return ModelRequest(
        system=style.system,
        parts=tuple(parts),
        schema=schema(ask),
        max_output_tokens=_MOST_OUTPUT,
        most_characters=_SLACK + sum(2 * longest_answer(one.text, style.language) + 200 for one in ask.texts),
        timeout_s=timeout_s,
    )


def schema(ask: Ask) -> dict[str, Any]:
    """The answer's JSON schema. ``id`` and ``echo`` come before ``text``: models write members in the order in which
    they are required, so the translation is written right after its source was named."""
    item = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "enum": [one.label for one in ask.texts]},
            "echo": {"type": "string"},
            "text": {"type": "string"},
        },
        "required": ["id", "echo", "text"],
        "additionalProperties": False,
    }
    count = len(ask.texts)
    properties: dict[str, Any] = {
        "translations": {"type": "array", "items": item, "minItems": count, "maxItems": count}
    }
    if ask.propose_terms:
        properties["new_terms"] = {"type": "array", "items": _TERM, "maxItems": 20}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_TERM = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("source", "translation", "kind")},
    "required": ["source", "translation", "kind"],
    "additionalProperties": False,
}


def _context(pages: Sequence[Pairs], mode: Context) -> str:
    lines = [[_shown(pair, mode) for pair in page] for page in pages]
    while len(lines) > 1 and sum(len(line) for page in lines for line in page) > _MOST_CONTEXT:
        lines.pop(0)
    shown = "\n---\n".join("\n".join(page) for page in lines if page)
    what = {
        Context.BOTH: "source → translation",
        Context.SOURCE: "source texts",
        Context.TARGET: "translations",
    }[mode]
    return f"The pages before, oldest first ({what}). For consistency only, do not answer these:\n{shown}"


def _shown(pair: tuple[str, str], mode: Context) -> str:
    source, target = (" ".join(text.split()) for text in pair)
    return {Context.BOTH: f"{source} → {target}", Context.SOURCE: source}.get(mode, target)


def _terms(terms: Sequence[Term]) -> str:
    lines = "\n".join(json.dumps(term.to_json(), ensure_ascii=False) for term in terms[:MOST_TERMS])
    return f"Glossary of this series. Use these translations wherever the term occurs:\n{lines}"


def _task(ask: Ask) -> str:
    drawn = ask.views and any(one.box is not None for one in ask.texts)
    boxes = " Their ids are the numbers of the boxes in the pictures." if drawn else ""
    done = " Lines without an id are translated already: read them along, do not answer them." if ask.settled else ""
    terms = " In new_terms propose names and terms of the series that the glossary lacks." if ask.propose_terms else ""
    return (
        f"Translate these {len(ask.texts)} texts, in reading order.{boxes}{done}\n"
        + "\n".join(_lines(ask))
        + "\nAnswer with JSON only: one entry of translations for each id, no other ids, each id once. "
        f"echo is the first {echo_length(ask.texts)} characters of that id's text (all of a shorter one), copied "
        f"exactly; text is its translation.{terms}"
    )


def _lines(ask: Ask) -> Iterator[str]:
    """The texts page by page, each in a line of its own."""
    pages = dict.fromkeys(one.page for one in ask.texts)
    for page in pages:
        if len(pages) > 1:
            yield f"Page {page}:"
        told = [(one.before, 0, _told(one)) for one in ask.settled if one.page == page]
        here = {one.index: one.label for one in ask.texts if one.page == page}
        asked = [(one.index, 1, _line(one, here, ask.wrong or {})) for one in ask.texts if one.page == page]
        for _, _, line in sorted([*told, *asked], key=lambda found: found[:2]):
            yield json.dumps(line, ensure_ascii=False)


def _told(one: Told) -> dict[str, str]:
    return {"text": one.text, "translation": one.translation}


def _line(one: Asked, here: Mapping[int, str], wrong: Mapping[str, str]) -> dict[str, str]:
    """A text that is asked; ``here`` are the ids of its page in this call, by place."""
    members = {"id": one.label, "kind": one.kind, "speaker": _speaker(one, here), "text": one.text}
    members["note"] = f"asked again: {wrong[one.label]}" if one.label in wrong else ""
    return {name: value for name, value in members.items() if value}


def _speaker(one: Asked, here: Mapping[int, str]) -> str:
    """What is known of who says it. A text that has no id in this call cannot be referred to."""
    same = here.get(one.joined) if one.joined is not None else None
    return "; ".join(part for part in (one.speaker, f"same speaker as text {same}" if same else "") if part)
