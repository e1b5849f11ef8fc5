"""HTTP messages on their way through the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Message:
    """A request. ``headers`` have lower-case names."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """For traces: without the query, which may hold a secret."""
        return urlsplit(self.url).path


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class NoAnswer(Exception):
    """What a caller sees of a request that failed: the connection was refused, broke, or nothing came in time."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


REFUSED, BROKEN, LATE = "refused", "broken", "late"
