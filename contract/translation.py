"""How a job wants its texts translated by a language model: the context, the pages a call, the style, and a cap."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields, text_item

MOST_CONTEXT_PAGES, MOST_PAGES_PER_CALL, MOST_STYLES = 10, 8, 8
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_STYLE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Context(StrEnum):
    """What a page is shown of the pages before it."""

    BOTH = "both"
    SOURCE = "source"
    """Their texts only: no page waits for the translation of another."""
    TARGET = "target"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class BudgetWish:
    """A cap on a job, ``None`` for no cap of that kind: ``cost`` in US dollars, tokens in and out, calls."""

    cost: float | None = None
    tokens: int | None = None
    calls: int | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> BudgetWish:
        fields = Fields(value, path)
        fields.only("cost", "tokens", "calls")
        cost = fields.number("cost") if fields.has("cost") else None
        if cost is not None and not 0 <= cost <= 1_000_000:
            raise BadMessage(fields.at("cost"), "not between 0 and 1000000")
        return cls(
            cost=cost,
            tokens=fields.integer("tokens") if fields.has("tokens") else None,
            calls=fields.integer("calls") if fields.has("calls") else None,
        )

    @classmethod
    def from_words(cls, words: str, path: str) -> BudgetWish:
        """Reads ``cost=0.5,calls=20``. Raises :class:`BadMessage`, naming ``path``."""
        given: dict[str, float | int] = {}
        for word in filter(None, (word.strip() for word in words.split(","))):
            name, equals, amount = word.partition("=")
            if not equals or name in given or not _AMOUNT.fullmatch(amount):
                raise BadMessage(path, f"{word[:64]!r} is not NAME=AMOUNT, each name once")
            given[name] = float(amount) if "." in amount else int(amount)
        return cls.from_json(given, path)

    def to_json(self) -> dict[str, Any]:
        caps = {"cost": self.cost, "tokens": self.tokens, "calls": self.calls}
        return {name: cap for name, cap in caps.items() if cap is not None}


@dataclass(frozen=True, slots=True)
class TranslationWish:
    """What a job asks of the model; ``None`` leaves it to the deployment. ``styles`` are names of ``dict/styles``."""

    context_pages: int | None = None
    context: Context | None = None
    pages_per_call: int | None = None
    styles: tuple[str, ...] | None = None
    budget: BudgetWish = field(default_factory=BudgetWish)

    @classmethod
    def from_json(cls, value: Any, path: str) -> TranslationWish:
        """Raises :class:`BadMessage`, naming the field."""
        fields = Fields(value, path)
        fields.only("context_pages", "context", "pages_per_call", "styles", "budget")
        return cls(
            context_pages=_count(fields, "context_pages", low=0, high=MOST_CONTEXT_PAGES),
            context=fields.choice("context", Context) if fields.has("context") else None,
            pages_per_call=_count(fields, "pages_per_call", low=1, high=MOST_PAGES_PER_CALL),
            styles=_styles(fields) if fields.has("styles") else None,
            budget=BudgetWish.from_json(fields.raw_object("budget", default={}), fields.at("budget")),
        )

    def to_json(self) -> dict[str, Any]:
        wishes: dict[str, Any] = {
            "context_pages": self.context_pages,
            "context": self.context.value if self.context else None,
            "pages_per_call": self.pages_per_call,
            "styles": None if self.styles is None else list(self.styles),
            "budget": self.budget.to_json() or None,
        }
        return {name: wish for name, wish in wishes.items() if wish is not None}


NO_WISH = TranslationWish()


def _count(fields: Fields, name: str, *, low: int, high: int) -> int | None:
    return fields.integer(name, low=low, high=high) if fields.has(name) else None


def _styles(fields: Fields) -> tuple[str, ...]:
    names = fields.list("styles", text_item)
    if len(names) > MOST_STYLES:
        raise BadMessage(fields.at("styles"), f"more than {MOST_STYLES}")
    for index, name in enumerate(names):
        if not _STYLE.fullmatch(name):
            raise BadMessage(f"{fields.at('styles')}[{index}]", "not a style's name: small letters, digits, hyphens")
    return names
