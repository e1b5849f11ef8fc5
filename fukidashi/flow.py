"""The client's logic without I/O: generators that yield what to do and are sent what came of it.

An operation is written once, as a :data:`Flow`; :class:`~fukidashi.client.Client` and
:class:`~fukidashi.client.AsyncClient` only carry out its steps. httpx's ``auth_flow`` is built alike.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from fukidashi.errors import ConnectionFailed, Timeout

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. ``repeatable``: sending it twice does no harm. The URL may hold a token and never prints."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    repeatable: bool = True

    @property
    def place(self) -> str:
        """Method and URL without the query: fit for a message."""
        return f"{self.method} {self.url.partition('?')[0]}"


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before the next step."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer of whatever status; ``headers`` compares names without case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The call ended without an answer."""

    error: ConnectionFailed | Timeout

    @property
    def unsent(self) -> bool:
        return isinstance(self.error, ConnectionFailed) and self.error.unsent


Step = Call | Pause
Outcome = Answer | NoAnswer | None
Flow = Generator[Step, Outcome, T]


def perform(call: Call) -> Flow[Answer | NoAnswer]:
    """One step that calls."""
    outcome = yield call
    if outcome is None:
        raise RuntimeError("a call was sent no outcome")
    return outcome


def pause(seconds: float) -> Flow[None]:
    """One step that waits."""
    yield Pause(seconds)
