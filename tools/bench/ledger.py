"""Counting what the orchestrator's real code asks of KV and R2, step by step of a job's life."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from contract.grant import Grant
from edge.http import Request
from tests.edge.world import Answer, World
from tools.bench.prices import Kind

R2_CLASSES: Mapping[str, Kind] = {
    "put": Kind.R2_A,
    "list": Kind.R2_A,
    "head": Kind.R2_B,
    "read": Kind.R2_B,
    "open": Kind.R2_B,
    "delete": Kind.R2_FREE,
}
_KV_KINDS: Mapping[str, Kind] = {
    "get": Kind.KV_READ,
    "put": Kind.KV_WRITE,
    "delete": Kind.KV_DELETE,
    "list": Kind.KV_LIST,
}


class CountedWorld(World):
    """The orchestrator with its peers, presigned, whose bill is in ``steps``: by step, how much of what.

    An operation outside every step is an error: nothing is to be missed.
    """

    def __init__(self, **changes: Any) -> None:
        super().__init__(presigned=True, **changes)
        self.steps: dict[str, Counter[Kind]] = {}
        self._counts: Counter[Kind] = Counter()
        for name, kind in _KV_KINDS.items():
            setattr(self.platform.kv, name, self._counting(kind, getattr(self.platform.kv, name)))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        assert not self._taken(), "something was not counted"
        yield
        self.steps.setdefault(name, Counter()).update(self._taken())

    @property
    def total(self) -> Counter[Kind]:
        return sum(self.steps.values(), Counter())

    def together(self, *requests: Request) -> list[Answer]:
        self._counts[Kind.REQUEST] += len(requests)
        return super().together(*requests)

    def sweep(self, seconds: float = 0.0) -> None:
        # A cron's run is a request like any other.
        self._counts[Kind.REQUEST] += 1
        super().sweep(seconds)

    def use(self, grant: Grant, body: bytes = b"") -> Answer:
        # The bucket counts a presigned PUT itself; a presigned GET does not pass through it.
        self._counts[Kind.R2_B] += grant.method == "GET"
        return super().use(grant, body)

    def _taken(self) -> Counter[Kind]:
        """What was counted since the last time."""
        platform = self.platform
        self._counts.update(R2_CLASSES[operation] for operation, _ in platform.bucket.operations)
        self._counts.update({Kind.POINT: len(platform.points), Kind.LOG: len(platform.logs)})
        for held in (platform.bucket.operations, platform.points, platform.logs):
            held.clear()
        taken, self._counts = +self._counts, Counter()
        return taken

    def _counting(self, kind: Kind, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        def call(*args: Any, **options: Any) -> Awaitable[Any]:
            self._counts[kind] += 1
            return original(*args, **options)

        return call
