"""What a job wants done with each kind of text on its pages, and what was done with a text."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields


class Policy(StrEnum):
    """What to do with the texts of a kind."""

    TRANSLATE = "translate"
    """The lettering is removed and the translation set in its place."""
    KEEP = "keep"
    """It stays as it was drawn."""
    ERASE = "erase"
    """The lettering is removed and nothing set."""
    ANNOTATE = "annotate"
    """It stays as it was drawn, and the translation is set small beside it."""


class Handling(StrEnum):
    """What was done with a text, which may be less than its policy asks: the document's note says why."""

    TRANSLATED = "translated"
    KEPT = "kept"
    ERASED = "erased"
    ANNOTATED = "annotated"


@dataclass(frozen=True, slots=True)
class Policies:
    """One policy for each kind of text."""

    dialogue: Policy = Policy.TRANSLATE
    narration: Policy = Policy.TRANSLATE
    thought: Policy = Policy.TRANSLATE
    sfx: Policy = Policy.KEEP
    sign: Policy = Policy.KEEP
    page_number: Policy = Policy.KEEP

    def of(self, kind: str) -> Policy:
        """Raises ``ValueError`` for a kind that is none."""
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is not one of {', '.join(KINDS)}")
        policy: Policy = getattr(self, kind)
        return policy

    @classmethod
    def from_json(cls, value: Any, path: str) -> Policies:
        """What is left out has its default. Raises :class:`BadMessage`, naming the field."""
        given = Fields(value, path)
        given.only(*KINDS)
        return cls(**{kind: given.choice(kind, Policy) for kind in KINDS if given.has(kind)})

    def to_json(self) -> dict[str, str]:
        """What is not the default."""
        return {kind: self.of(kind).value for kind in KINDS if self.of(kind) is not DEFAULT.of(kind)}

    @classmethod
    def from_words(cls, words: str, path: str) -> Policies:
        """Reads ``sfx=annotate,sign=translate``. Raises :class:`BadMessage`, naming ``path``."""
        given: dict[str, str] = {}
        for word in filter(None, (word.strip() for word in words.split(","))):
            kind, equals, policy = word.partition("=")
            if not equals or kind in given:
                raise BadMessage(path, f"{word[:64]!r} is not KIND=POLICY, each kind once")
            given[kind] = policy
        return cls.from_json(given, path)


KINDS = tuple(field.name for field in fields(Policies))
"""The kinds of text, as the page document has them."""
DEFAULT = Policies()
