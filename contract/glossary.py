"""A series' glossary: names and terms with their translations, which people accept and models propose."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields, load_object
from contract.source_form import exact_form
from contract.tag import is_tag

SCHEMA = 1
MAX_TERMS = 5_000
MAX_PROPOSED = 1_000
"""Terms that wait for a person. More proposals are not taken until some are decided."""
MAX_BYTES = 4_000_000
MAX_TERM, MAX_NOTES, MAX_HINT = 200, 1_000, 60
MAX_ALIASES, MAX_LANGUAGES = 20, 32


class TermKind(StrEnum):
    CHARACTER = "character"
    PLACE = "place"
    TECHNIQUE = "technique"
    ORGANISATION = "organisation"
    OTHER = "other"

    @classmethod
    def of(cls, text: str) -> TermKind:
        """What a model calls the kind; what is none of them is another."""
        try:
            return cls(text.strip().lower())
        except ValueError:
            return cls.OTHER


class TermStatus(StrEnum):
    ACCEPTED = "accepted"
    """Translators are told to use it."""
    PROPOSED = "proposed"
    REJECTED = "rejected"
    """Kept, so that it is not proposed again."""


class TermOrigin(StrEnum):
    USER = "user"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Rendering:
    """A term's translation into one language."""

    text: str
    status: TermStatus = TermStatus.ACCEPTED
    origin: TermOrigin = TermOrigin.USER

    @classmethod
    def from_json(cls, value: Any, path: str) -> Rendering:
        """From its JSON; a plain string is a person's accepted translation."""
        if isinstance(value, str):
            value = {"text": value}
        fields = Fields(value, path)
        fields.only("text", "status", "origin")
        return cls(
            text=_phrase(fields.text("text", longest=MAX_TERM), fields.at("text")),
            status=fields.choice("status", TermStatus, default=TermStatus.ACCEPTED),
            origin=fields.choice("origin", TermOrigin, default=TermOrigin.USER),
        )

    def to_json(self) -> dict[str, str]:
        return {"text": self.text, "status": self.status.value, "origin": self.origin.value}


NO_RENDERINGS: Mapping[str, Rendering] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Term:
    """A term in the source language. ``translations`` are by BCP 47 tag of the target language, in lower case."""

    term: str
    kind: TermKind = TermKind.OTHER
    aliases: tuple[str, ...] = ()
    gender: str = ""
    register: str = ""
    notes: str = ""
    translations: Mapping[str, Rendering] = field(default_factory=lambda: NO_RENDERINGS)

    @property
    def id(self) -> str:
        """The same for everybody who writes the term, however its marks and spaces are typed."""
        return f"t-{hashlib.sha256(exact_form(self.term).encode()).hexdigest()[:20]}"

    @classmethod
    def from_json(cls, value: Any, path: str) -> Term:
        fields = Fields(value, path)
        fields.only("id", "term", "kind", "aliases", "gender", "register", "notes", "translations")
        term = cls(
            term=_phrase(fields.text("term", longest=MAX_TERM), fields.at("term")),
            kind=fields.choice("kind", TermKind, default=TermKind.OTHER),
            aliases=fields.list("aliases", _alias, default=[]),
            gender=fields.text("gender", default="", longest=MAX_HINT),
            register=fields.text("register", default="", longest=MAX_HINT),
            notes=fields.text("notes", default="", longest=MAX_NOTES),
            translations=_renderings(fields),
        )
        if len(term.aliases) > MAX_ALIASES:
            raise BadMessage(fields.at("aliases"), f"more than {MAX_ALIASES}")
        if fields.has("id") and fields.text("id") != term.id:
            raise BadMessage(fields.at("id"), "another term's; leave it out")
        return term

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {"id": self.id, "term": self.term, "kind": self.kind.value}
        members = {
            "aliases": list(self.aliases),
            "gender": self.gender,
            "register": self.register,
            "notes": self.notes,
            "translations": {tag: rendering.to_json() for tag, rendering in sorted(self.translations.items())},
        }
        return document | {name: value for name, value in members.items() if value}

    def has(self, status: TermStatus) -> bool:
        return any(rendering.status is status for rendering in self.translations.values())

    def merged(self, other: Term) -> Term:
        """What a person says replaces what is there; a proposal only fills a language that has nothing yet."""
        said = {tag: one for tag, one in other.translations.items() if one.status is not TermStatus.PROPOSED}
        proposed = {tag: one for tag, one in other.translations.items() if tag not in said}
        translations = {**proposed, **self.translations, **said}
        if proposed and not said:
            return replace(self, translations=translations)
        aliases = dict.fromkeys((*self.aliases, *other.aliases))
        return Term(
            term=self.term,
            kind=self.kind if other.kind is TermKind.OTHER else other.kind,
            aliases=tuple(aliases)[:MAX_ALIASES],
            gender=other.gender or self.gender,
            register=other.register or self.register,
            notes=other.notes or self.notes,
            translations=translations,
        )

    def decided(self, status: TermStatus, target: str | None) -> Term:
        """The proposals (into ``target``, or all) accepted or rejected; what a person had accepted before stays."""

        def decide(tag: str, one: Rendering) -> Rendering:
            asked = target is None or tag == target.lower()
            return replace(one, status=status) if asked and one.status is not TermStatus.ACCEPTED else one

        return replace(self, translations={tag: decide(tag, one) for tag, one in self.translations.items()})


@dataclass(frozen=True, slots=True)
class Glossary:
    """``glossary.json``. Each term stands in it once."""

    terms: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, body: bytes) -> Glossary:
        """Raises :class:`BadMessage`, naming the field."""
        fields = Fields(load_object(body))
        fields.only("schema", "terms")
        if fields.integer("schema") != SCHEMA:
            raise BadMessage("schema", f"not {SCHEMA}")
        glossary = cls(terms_of(fields))
        known: dict[str, int] = {}
        for index, term in enumerate(glossary.terms):
            if known.setdefault(term.id, index) != index:
                raise BadMessage(f"terms[{index}].term", f"the same as terms[{known[term.id]}]")
        return glossary

    def to_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, "terms": [term.to_json() for term in self.terms]}

    def to_bytes(self) -> bytes:
        return json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":")).encode()

    def find(self, term_id: str) -> Term | None:
        return next((term for term in self.terms if term.id == term_id), None)

    def merged(self, terms: Iterable[Term]) -> Glossary:
        """With the terms merged in; repeated, it changes nothing. Proposals that there is no room for are left out.

        Raises :class:`BadMessage` where a person's terms are too many.
        """
        known = {term.id: term for term in self.terms}
        waiting = sum(term.has(TermStatus.PROPOSED) for term in self.terms)
        for term in terms:
            before, proposal = known.get(term.id), _is_proposal(term)
            after = before.merged(term) if before else term
            if proposal and after != before:
                if waiting >= MAX_PROPOSED or len(known) >= MAX_TERMS:
                    continue
                waiting += 1
            known[term.id] = after
        if len(known) > MAX_TERMS:
            raise BadMessage("terms", f"{len(known)} terms, at most {MAX_TERMS} are kept")
        return Glossary(tuple(known.values()))

    def decided(self, term_id: str, status: TermStatus, target: str | None = None) -> Glossary | None:
        """With a term's proposals accepted or rejected; None where there is no such term."""
        if self.find(term_id) is None:
            return None
        decided = (term.decided(status, target) if term.id == term_id else term for term in self.terms)
        return Glossary(tuple(decided))

    def without(self, term_id: str) -> Glossary | None:
        """Without a term; None where there is no such term."""
        left = tuple(term for term in self.terms if term.id != term_id)
        return Glossary(left) if len(left) < len(self.terms) else None


def parse_terms(body: bytes) -> tuple[Term, ...]:
    """The body of ``POST …/glossary/terms``. Raises :class:`BadMessage`."""
    fields = Fields(load_object(body))
    fields.only("terms")
    return terms_of(fields)


def terms_of(fields: Fields) -> tuple[Term, ...]:
    terms = fields.list("terms", Term.from_json)
    if len(terms) > MAX_TERMS:
        raise BadMessage(fields.at("terms"), f"more than {MAX_TERMS}")
    return terms


def _is_proposal(term: Term) -> bool:
    return bool(term.translations) and all(one.status is TermStatus.PROPOSED for one in term.translations.values())


def _renderings(fields: Fields) -> dict[str, Rendering]:
    found: dict[str, Rendering] = {}
    for tag, value in fields.raw_object("translations", default={}).items():
        place = f"{fields.at('translations')}.{tag[:40]}"
        if not is_tag(tag):
            raise BadMessage(place, "not a BCP 47 language tag such as en or zh-Hant")
        if tag.lower() in found:
            raise BadMessage(place, "one language twice")
        found[tag.lower()] = Rendering.from_json(value, place)
    if len(found) > MAX_LANGUAGES:
        raise BadMessage(fields.at("translations"), f"more than {MAX_LANGUAGES} languages")
    return found


def _alias(value: Any, path: str) -> str:
    return _phrase(Fields({"alias": value}, path).text("alias", longest=MAX_TERM), path)


def _phrase(text: str, path: str) -> str:
    """One line, trimmed."""
    phrase = " ".join(text.split())
    if not phrase:
        raise BadMessage(path, "blank")
    if not phrase.isprintable():
        raise BadMessage(path, "holds control characters")
    return phrase
