"""What models cost, from ``dict/prices.toml``: dated, because prices change, and never guessed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from translator.translation.model import Usage
from translator.translation.style import FORMAT, DictionaryError, read_text

_FILE = "prices.toml"
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """A model's price for a million tokens. ``model`` may have ``*`` at its end; ``as_of`` is when it was looked up."""

    model: str
    input: float
    output: float
    as_of: date

    def of(self, usage: Usage) -> float:
        return (usage.input * self.input + usage.output * self.output) / _MILLION


@dataclass(frozen=True, slots=True)
class Prices:
    """The price list; the first entry that fits a model counts."""

    entries: tuple[Price, ...] = ()
    currency: str = "USD"

    @classmethod
    def load(cls, folder: Path) -> Prices:
        """Reads ``prices.toml``; none there is an empty list. Raises :class:`DictionaryError`."""
        path = folder / _FILE
        if not path.exists():
            return cls()
        try:
            document = tomllib.loads(read_text(path, _FILE))
        except tomllib.TOMLDecodeError as error:
            raise DictionaryError(_FILE, "", f"is not TOML: {error}") from None
        if document.get("format") != FORMAT:
            raise DictionaryError(_FILE, "format", f"must be {FORMAT}")
        currency = document.get("currency")
        if not isinstance(currency, str) or not currency:
            raise DictionaryError(_FILE, "currency", "must be a text")
        entries = document.get("price", [])
        if not isinstance(entries, list):
            raise DictionaryError(_FILE, "price", "must be tables [[price]]")
        return cls(tuple(_price(entry, f"price {number}") for number, entry in enumerate(entries, 1)), currency)

    def price(self, model: str) -> Price | None:
        """None where the model has no price: then nothing is known, which is not the same as nothing to pay."""
        return next((entry for entry in self.entries if fnmatchcase(model, entry.model)), None)

    def cost(self, model: str, usage: Usage) -> float | None:
        """What ``usage`` costs with ``model``, in ``currency``."""
        price = self.price(model)
        return None if price is None else price.of(usage)


def _price(entry: Any, place: str) -> Price:
    if not isinstance(entry, Mapping):
        raise DictionaryError(_FILE, place, "must be a table")
    model, as_of = entry.get("model"), entry.get("as_of")
    if not isinstance(model, str) or not model:
        raise DictionaryError(_FILE, f"{place}, model", "must be a text")
    if not isinstance(as_of, date):
        raise DictionaryError(_FILE, f"{place}, as_of", "must be a date such as 2026-07-04")
    return Price(model, _amount(entry, "input", place), _amount(entry, "output", place), as_of)


def _amount(entry: Mapping[str, Any], name: str, place: str) -> float:
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 100_000:
        raise DictionaryError(_FILE, f"{place}, {name}", "must be a price for a million tokens")
    return float(value)
