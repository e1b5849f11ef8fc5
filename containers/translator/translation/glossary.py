"""The series' names and terms: which of them occur in given texts, and whether a translation uses them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from translator.translation.scripts import HAN, HANGUL, KANA, THAI, script_of

_UNSPACED = frozenset({HAN, KANA, HANGUL, THAI})
_SHORTEST_CHECKED = 2
"""A term of one character occurs inside other words too often for its absence to mean anything."""


@dataclass(frozen=True, slots=True)
class Term:
    """A name or term as the series writes it. ``aliases`` are other forms in the source language."""

    source: str
    translation: str
    aliases: tuple[str, ...] = ()
    kind: str = ""
    gender: str = ""
    register: str = ""
    notes: str = ""

    def to_json(self) -> dict[str, str | list[str]]:
        """What a model is told of it; empty members are left out."""
        members: dict[str, str | list[str]] = {
            "source": self.source,
            "translation": self.translation,
            "aliases": list(self.aliases),
            "kind": self.kind,
            "gender": self.gender,
            "register": self.register,
            "notes": self.notes,
        }
        return {name: value for name, value in members.items() if value}


class Glossary:
    """The terms of a series. Immutable, so it may be shared by threads."""

    def __init__(self, terms: Iterable[Term] = ()) -> None:
        self.terms = tuple(terms)
        self._forms = tuple((term, tuple(_form(word) for word in (term.source, *term.aliases))) for term in self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def matched(self, texts: Sequence[str]) -> tuple[Term, ...]:
        """The terms that occur in at least one of ``texts``, in the glossary's order."""
        whole = "\n".join(_form(text) for text in texts)
        return tuple(term for term, forms in self._forms if any(_occurs(form, whole) for form in forms))

    def missed(self, text: str, translation: str) -> tuple[Term, ...]:
        """The terms that ``text`` has and that ``translation`` does not use."""
        answer = _form(translation)
        return tuple(
            term
            for term in self.matched((text,))
            if len(_form(term.source)) >= _SHORTEST_CHECKED and not _used(term.translation, answer)
        )

    @classmethod
    def of(cls, pairs: Mapping[str, str]) -> Glossary:
        """From plain ``{source: translation}``."""
        return cls(Term(source, translation) for source, translation in pairs.items())


def _form(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _occurs(form: str, text: str) -> bool:
    if not form or form not in text:
        return False
    if any(script_of(char) in _UNSPACED for char in form):
        return True
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None


def _used(translation: str, answer: str) -> bool:
    """Whether the answer has the term, in an inflected form too: a word may change its end, so its stem is enough."""
    return all(_stem(word) in answer for word in _form(translation).split())


def _stem(word: str) -> str:
    return word if len(word) < 5 else word[: max(4, len(word) - 2)]
