"""``--min NAME=VALUE`` and ``--max NAME=VALUE``: figures that must not get worse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from translator.evaluation.figure import Figure


class LimitError(ValueError):
    """A limit that is no ``NAME=VALUE``, or that names no figure."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound of a figure: it is to be no less (``is_floor``) or no more than ``value``."""

    key: str
    value: float
    is_floor: bool

    @classmethod
    def parse(cls, text: str, *, is_floor: bool) -> Limit:
        """Raises :class:`LimitError`."""
        key, equals, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not key or not equals or number != number:
            raise LimitError(f"{text!r} is not NAME=VALUE with a number")
        return cls(key, number, is_floor)

    def is_kept_by(self, value: float) -> bool:
        return value >= self.value if self.is_floor else value <= self.value


def check_names(limits: Iterable[Limit], known: Sequence[str]) -> None:
    """Raises :class:`LimitError` for a limit of a figure that is not measured: it would never fail."""
    for limit in limits:
        if limit.key not in known:
            raise LimitError(f"no figure {limit.key!r}; there are {', '.join(known)}")


def broken(limits: Iterable[Limit], figures: Sequence[Figure]) -> tuple[str, ...]:
    """A sentence for each limit that does not hold. A figure that could not be measured keeps none."""
    value_of = {figure.key: figure.value for figure in figures}
    return tuple(sentence for limit in limits if (sentence := _complaint(limit, value_of.get(limit.key))) is not None)


def _complaint(limit: Limit, value: float | None) -> str | None:
    if value is None:
        return f"{limit.key} was not measured"
    if limit.is_kept_by(value):
        return None
    return f"{limit.key} is {value:.4f}, {'less' if limit.is_floor else 'more'} than {limit.value:g}"
