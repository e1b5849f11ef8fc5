"""What an attempt's translations cost: every call with its tokens, by model, page and key, and a cap that holds.

A call is reserved before it is made, at what it is expected to cost, and entered at what it did cost: calls under way
at once cannot pass the cap together. The estimate is deliberately high; the cap can be passed by no more than one
call's error of estimate. A call that only estimates stand in the way of waits for what they come to.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from translator.translation.model import NO_USAGE, ModelRequest, Usage
from translator.translation.prices import Prices

Name = TypeVar("Name")
_TOKENS_AN_IMAGE = 1_600
_CHARACTERS_A_TOKEN = 1.5
"""Japanese takes about one token for 1.5 characters; other languages take fewer."""
_TOKENS_AN_ANSWER = 90
_LOOK_AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Budget:
    """A cap on a job. None: no cap of that kind. ``cost`` is in the currency of the prices."""

    cost: float | None = None
    tokens: int | None = None
    calls: int | None = None

    def __str__(self) -> str:
        parts = [f"{value:g} {name}" for name, value in self._caps() if value is not None]
        return " and ".join(parts) or "no cap"

    def _caps(self) -> tuple[tuple[str, float | None], ...]:
        return (("cost", self.cost), ("tokens", self.tokens), ("calls", self.calls))


NO_CAP = Budget()


class BudgetSpent(Exception):  # noqa: N818
    """The next call would go past the job's cap."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. ``cost`` is None where the model has no price; ``outcome`` is ``answered`` or an error's name."""

    pages: tuple[int, ...]
    model: str
    key: str
    usage: Usage
    cost: float | None
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Total:
    """Calls added up. ``cost`` counts what has a price; ``unpriced`` are the calls that have none."""

    calls: int = 0
    usage: Usage = NO_USAGE
    cost: float = 0.0
    unpriced: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "input_tokens": self.usage.input,
            "output_tokens": self.usage.output,
            "cost": round(self.cost, 6),
            "unpriced_calls": self.unpriced,
        }


NOTHING_SPENT = Total()


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a call that is about to be made may cost."""

    usage: Usage
    cost: float


class Ledger:
    """The account of one attempt at a job. Safe to share by threads.

    ``before`` is what the attempts before have spent: it counts against the cap, and in no sum.
    """

    def __init__(self, prices: Prices, budget: Budget = NO_CAP, before: Total = NOTHING_SPENT) -> None:
        self._prices, self._budget, self._before = prices, budget, before
        self._records: list[CallRecord] = []
        self._open: list[Reservation] = []
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)

    @property
    def budget(self) -> Budget:
        return self._budget

    @property
    def records(self) -> tuple[CallRecord, ...]:
        with self._lock:
            return tuple(self._records)

    def reserve(self, model: str, usage: Usage, *, patiently: Callable[[], None] | None = None) -> Reservation:
        """Raises :class:`BudgetSpent`. A cap on cost and a model without a price do not go together: that raises,
        too.

        ``patiently``: waits for calls under way, where it is their estimates that the cap has no room for; it is called
        now and then, and may raise.
        """
        price = self._prices.cost(model, usage)
        if price is None and self._budget.cost is not None:
            raise BudgetSpent(f"{model} has no price, so a cap on cost cannot be kept")
        reservation = Reservation(usage, price or 0.0)
        while not self._reserved(reservation, waits=patiently is not None):
            if patiently is not None:
                patiently()
        return reservation

    def _reserved(self, reservation: Reservation, *, waits: bool) -> bool:
        """Whether there is room, after a moment's wait where there may be soon. Raises :class:`BudgetSpent`."""
        with self._settled:
            if self._has_room([*self._open, reservation]):
                self._open.append(reservation)
                return True
            if not (waits and self._open and self._has_room([reservation])):
                raise BudgetSpent(f"the job's budget is spent ({self._budget})")
            self._settled.wait(_LOOK_AGAIN_S)
            return False

    def enter(
        self,
        reservation: Reservation,
        *,
        pages: Sequence[int],
        model: str,
        key: str,
        usage: Usage,
        outcome: str,
        seconds: float,
    ) -> None:
        """The call was made."""
        cost = self._prices.cost(model, usage)
        with self._lock:
            self._open.remove(reservation)
            self._records.append(CallRecord(tuple(pages), model, key, usage, cost, outcome, seconds))
            self._settled.notify_all()

    def drop(self, reservation: Reservation) -> None:
        """The call was not made."""
        with self._lock:
            self._open.remove(reservation)
            self._settled.notify_all()

    @property
    def total(self) -> Total:
        return _added(self.records)

    def by_model(self) -> dict[str, Total]:
        return _grouped((record.model, record) for record in self.records)

    def by_key(self) -> dict[str, Total]:
        """By the keys' labels."""
        return _grouped((record.key, record) for record in self.records)

    def by_page(self) -> dict[int, Total]:
        """A call for several pages counts for each of them with its share of tokens and cost."""
        return _grouped((page, _share(record)) for record in self.records for page in record.pages)

    def to_json(self) -> dict[str, Any]:
        """For reports: totals only, no text, no key."""
        return {
            "currency": self._prices.currency,
            "total": self.total.to_json(),
            "by_model": {name: total.to_json() for name, total in self.by_model().items()},
            "by_page": {str(page): total.to_json() for page, total in sorted(self.by_page().items())},
            "by_key": {label: total.to_json() for label, total in self.by_key().items()},
        }

    def _has_room(self, coming: Sequence[Reservation]) -> bool:
        """For what these are expected to take. Calls under way are calls, whatever they come to."""
        spent, before, cap = _added(self._records), self._before, self._budget
        tokens = before.usage.total + spent.usage.total + sum(one.usage.total for one in coming)
        cost = before.cost + spent.cost + sum(one.cost for one in coming)
        calls = before.calls + spent.calls + len(self._open) + 1
        return (
            (cap.cost is None or cost <= cap.cost)
            and (cap.tokens is None or tokens <= cap.tokens)
            and (cap.calls is None or calls <= cap.calls)
        )


def estimate(request: ModelRequest, answers: int) -> Usage:
    """About what a call takes, rather too much than too little."""
    characters = len(request.system) / 3 + len(request.text)
    tokens = round(characters / _CHARACTERS_A_TOKEN) + request.images * _TOKENS_AN_IMAGE
    return Usage(tokens, min(request.max_output_tokens, answers * _TOKENS_AN_ANSWER))


def _added(records: Iterable[CallRecord]) -> Total:
    total = Total()
    for record in records:
        total = Total(
            total.calls + 1,
            total.usage + record.usage,
            total.cost + (record.cost or 0.0),
            total.unpriced + (record.cost is None),
        )
    return total


def _grouped(pairs: Iterable[tuple[Name, CallRecord]]) -> dict[Name, Total]:
    groups: defaultdict[Name, list[CallRecord]] = defaultdict(list)
    for name, record in pairs:
        groups[name].append(record)
    return {name: _added(records) for name, records in groups.items()}


def _share(record: CallRecord) -> CallRecord:
    count = len(record.pages)
    usage = Usage(round(record.usage.input / count), round(record.usage.output / count))
    cost = None if record.cost is None else record.cost / count
    return CallRecord(record.pages, record.model, record.key, usage, cost, record.outcome, record.seconds / count)
