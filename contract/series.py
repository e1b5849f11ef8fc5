"""What a chapter adds to its series: the object that a translator leaves when an attempt ends."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields, load_object, text_item
from contract.glossary import MAX_TERM, Rendering, Term, TermKind, TermOrigin, TermStatus
from contract.memory import MAX_TEXT, MemoryUpdate, Pair, PairOrigin

SCHEMA = 1
MAX_PAIRS, MAX_USED, MAX_NEW_TERMS = 20_000, 20_000, 200
MAX_UPDATE_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A term that a model proposes."""

    term: str
    translation: str
    kind: str = ""

    @classmethod
    def from_json(cls, value: Any, path: str) -> NewTerm:
        fields = Fields(value, path)
        return cls(
            term=fields.text("term", longest=MAX_TERM, empty=False),
            translation=fields.text("translation", longest=MAX_TERM, empty=False),
            kind=fields.text("kind", default="", longest=60),
        )

    def to_json(self) -> dict[str, str]:
        return {"term": self.term, "translation": self.translation, "kind": self.kind}

    def proposed(self, target: str) -> Term | None:
        """As a glossary's term, into the language ``target``; None where it cannot be one."""
        rendering = Rendering(" ".join(self.translation.split()), TermStatus.PROPOSED, TermOrigin.MODEL)
        term = Term(" ".join(self.term.split()), TermKind.of(self.kind), translations={target.lower(): rendering})
        fits = all(text and text.isprintable() for text in (term.term, rendering.text))
        return term if fits else None


@dataclass(frozen=True, slots=True)
class SeriesUpdate:
    """What was translated, which source texts of the memory were of use, and the terms that a model proposes.

    Whose series it is, which one, and in which languages is not in it: the job says that.
    """

    pairs: tuple[Pair, ...] = ()
    used: tuple[str, ...] = ()
    terms: tuple[NewTerm, ...] = ()

    @property
    def size(self) -> int:
        return len(self.pairs) + len(self.used) + len(self.terms)

    def memory(self, *, source: str, target: str) -> MemoryUpdate:
        """For the memory. Whatever it says of itself, it is a model's: a person's word is never replaced by it."""
        pairs = tuple(replace(pair, origin=PairOrigin.MODEL) for pair in self.pairs)
        return MemoryUpdate(source, target, pairs, self.used)

    def proposals(self, *, target: str) -> tuple[Term, ...]:
        terms = (term.proposed(target) for term in self.terms)
        return tuple(term for term in terms if term is not None)

    @classmethod
    def parse(cls, body: bytes) -> SeriesUpdate:
        """Raises :class:`BadMessage`."""
        fields = Fields(load_object(body))
        if fields.integer("schema") != SCHEMA:
            raise BadMessage("schema", f"not {SCHEMA}")
        update = cls(
            pairs=fields.list("pairs", Pair.from_json, default=[]),
            used=fields.list("used", _source, default=[]),
            terms=fields.list("terms", NewTerm.from_json, default=[]),
        )
        for name, size, most in (
            ("pairs", len(update.pairs), MAX_PAIRS),
            ("used", len(update.used), MAX_USED),
            ("terms", len(update.terms), MAX_NEW_TERMS),
        ):
            if size > most:
                raise BadMessage(name, f"more than {most}")
        return update

    def to_bytes(self) -> bytes:
        document = {
            "schema": SCHEMA,
            "pairs": [pair.to_json() for pair in self.pairs],
            "used": list(self.used),
            "terms": [term.to_json() for term in self.terms],
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class UnlearnedPages:
    """Pages whose attempt died before it left an update: their documents say what was translated. ``(page, attempt)``.

    The orchestrator writes it before the job's end is committed, so that nothing is forgotten.
    """

    pages: tuple[tuple[int, int], ...]

    @classmethod
    def from_json(cls, value: Any) -> UnlearnedPages:
        return cls(Fields(value).list("pages", _place))

    def to_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, "pages": [list(place) for place in self.pages]}


def _place(value: Any, path: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise BadMessage(path, "not [page, attempt]")
    fields = Fields({"page": value[0], "attempt": value[1]}, path)
    return fields.integer("page", low=1, high=9999), fields.integer("attempt", low=1, high=99)


def _source(value: Any, path: str) -> str:
    text = text_item(value, path)
    if len(text) > MAX_TEXT:
        raise BadMessage(path, f"longer than {MAX_TEXT} characters")
    return text
