"""A model's answer, read strictly: one JSON object, alone or in one code fence, of items with an id, an echo and a
text.

Nothing is guessed. Where an answer breaks off, the items before the break that are whole are still taken.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_FENCE = re.compile(r"\A[^{\[]*?```[a-zA-Z]*[ \t]*\r?\n(.*?)\r?\n?[ \t]*```\s*\Z", re.DOTALL)
_THOUGHT = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_LIST = re.compile(r'"translations"\s*:\s*\[')
_MOST_TEXT = 400_000
_UNWRITABLE = frozenset({"Cc", "Cs", "Co", "Cn"})


class NotAnAnswer(Exception):  # noqa: N818
    """The text is not the JSON that was asked for. ``prose``: it does not even try to be."""

    def __init__(self, detail: str, *, prose: bool = False) -> None:
        super().__init__(detail)
        self.detail, self.prose = detail, prose


@dataclass(frozen=True, slots=True)
class Item:
    """One answer: to which id, how its source begins according to the model, and the translation."""

    label: str
    echo: str
    text: str


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A name or term that the model proposes for the glossary; for a person to accept."""

    source: str
    translation: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """``malformed`` counts items that were no items; ``complete`` says whether the JSON came to its end."""

    items: tuple[Item, ...]
    terms: tuple[NewTerm, ...] = ()
    malformed: int = 0
    complete: bool = True


def read_answer(text: str) -> Answer:
    """Raises :class:`NotAnAnswer` for anything that is not the object asked for."""
    body = _bare(text)
    if not body.startswith(("{", "[")):
        raise NotAnAnswer("the answer is prose, not JSON", prose="{" not in body)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnAnswer("the answer is not JSON, or breaks off") from None
    entries = value.get("translations") if isinstance(value, dict) else value
    if not isinstance(entries, list):
        raise NotAnAnswer("the answer has no list of translations")
    items = [item for entry in entries if (item := _item(entry)) is not None]
    terms = _terms(value.get("new_terms")) if isinstance(value, dict) else ()
    return Answer(tuple(items), terms, malformed=len(entries) - len(items))


def salvage(text: str) -> Answer:
    """The whole items at the beginning of an answer that breaks off; none where nothing is whole."""
    body = _THOUGHT.sub("", text[:_MOST_TEXT])
    start = _LIST.search(body)
    entries = list(_objects(body, start.end())) if start else []
    items = [item for entry in entries if (item := _item(entry)) is not None]
    return Answer(tuple(items), malformed=len(entries) - len(items), complete=False)


def _bare(text: str) -> str:
    if len(text) > _MOST_TEXT:
        raise NotAnAnswer(f"the answer has {len(text)} characters, at most {_MOST_TEXT} are read")
    body = _THOUGHT.sub("", text.lstrip("\ufeff")).strip()
    fenced = _FENCE.match(body)
    return (fenced[1] if fenced else body).strip()


def _objects(body: str, at: int) -> Iterator[object]:
    """The JSON values from ``at`` on, separated by commas, until one is not whole."""
    decoder = json.JSONDecoder()
    while True:
        while at < len(body) and body[at] in " \t\r\n,":
            at += 1
        try:
            value, at = decoder.raw_decode(body, at)
        except (ValueError, RecursionError):
            return
        yield value


def _item(entry: object) -> Item | None:
    if not isinstance(entry, Mapping):
        return None
    label, echo, text = entry.get("id"), entry.get("echo", ""), entry.get("text")
    if isinstance(label, int) and not isinstance(label, bool):
        label = str(label)
    if not (isinstance(label, str) and isinstance(echo, str) and isinstance(text, str)):
        return None
    return Item(_clean(label), _clean(echo), _clean(text))


def _clean(text: str) -> str:
    """One paragraph of what can be written and lettered: no line ends, no control characters, no half of a pair that
    JSON's escapes can spell."""
    kept = "".join(
        char for char in text if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())


def _terms(value: Any) -> tuple[NewTerm, ...]:
    """What looks like a term; a proposal is worth no error."""
    found = []
    for entry in value if isinstance(value, list) else ():
        fields = entry if isinstance(entry, Mapping) else {}
        source, translation, kind = (fields.get(name, "") for name in ("source", "translation", "kind"))
        if isinstance(source, str) and isinstance(translation, str) and source.strip() and translation.strip():
            found.append(NewTerm(_clean(source), _clean(translation), _clean(kind) if isinstance(kind, str) else ""))
    return tuple(found)
