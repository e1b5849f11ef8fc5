"""Workers KV as it is said to be: each location reads through a cache of its own, look-ups of what is not there too.

https://developers.cloudflare.com/kv/concepts/how-kv-works/
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.platform import MIN_TTL_S, KvKey, KvPage, PlatformError
from tests.simulation.weather import Fault, Weather

_WRITES_S = 1.0
"""A key takes one write a second."""


@dataclass(frozen=True, slots=True)
class _Entry:
    value: str
    metadata: str
    ends_at: float | None


@dataclass(frozen=True, slots=True)
class _Version:
    """A write, or a deletion (``None``), and from when on each location can see it."""

    entry: _Entry | None
    visible_at: Mapping[str, float]


class CentralKv:
    """What every location comes to see in the end: its own writes at once, those of others up to a minute later."""

    def __init__(self, locations: Sequence[str], chance: random.Random, now: Callable[[], float]) -> None:
        self._locations, self._chance, self._now = locations, chance, now
        self._versions: dict[str, list[_Version]] = {}
        self._written_at: dict[str, float] = {}
        self.forgotten_at: float | None = None
        """When everything was lost the last time."""

    def get(self, key: str, location: str) -> _Entry | None:
        """The newest write that the location can see."""
        now = self._now()
        for version in reversed(self._versions.get(key, [])):
            if version.visible_at[location] <= now:
                entry = version.entry
                return entry if entry and (entry.ends_at is None or entry.ends_at > now) else None
        return None

    def newest(self, key: str) -> _Entry | None:
        versions = self._versions.get(key)
        return versions[-1].entry if versions else None

    def put(self, key: str, entry: _Entry | None, origin: str) -> None:
        now = self._now()
        visible_at = {
            location: now if location == origin else now + self._chance.uniform(0, 60) for location in self._locations
        }
        self._versions.setdefault(key, []).append(_Version(entry, visible_at))

    def names(self, prefix: str, location: str) -> list[str]:
        return sorted(name for name in self._versions if name.startswith(prefix) and self.get(name, location))

    def truth(self, prefix: str) -> list[str]:
        """What is there, once everybody sees everything."""
        now = self._now()
        newest = {name: versions[-1].entry for name, versions in self._versions.items() if name.startswith(prefix)}
        return sorted(name for name, one in newest.items() if one and (one.ends_at is None or one.ends_at > now))

    def forget(self) -> None:
        self._versions.clear()
        self.forgotten_at = self._now()

    def is_hurried(self, key: str) -> bool:
        """Whether the key was written less than a second ago; takes note of this write."""
        before, self._written_at[key] = self._written_at.get(key, -_WRITES_S), self._now()
        return self._now() - before < _WRITES_S


class LocalKv:
    """KV as one location sees it: what it has read, it reads again for 30 to 60 s."""

    def __init__(
        self, name: str, central: CentralKv, weather: Weather, chance: random.Random, now: Callable[[], float]
    ) -> None:
        self._name, self._central, self._weather, self._chance, self._now = name, central, weather, chance, now
        self._read: dict[str, tuple[float, _Entry | None]] = {}
        self._listed: dict[tuple[str, str | None, int], tuple[float, KvPage]] = {}

    async def get(self, key: str) -> str | None:
        await self._step()
        entry = self._look(key)
        return entry.value if entry else None

    async def put(
        self, key: str, value: str, *, ttl_s: int | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        text = json.dumps(dict(metadata or {}), ensure_ascii=False, separators=(",", ":"))
        assert ttl_s is None or ttl_s >= MIN_TTL_S
        assert len(text.encode()) <= 1024
        assert len(key.encode()) <= 512
        await self._step()
        if self._central.is_hurried(key):
            raise PlatformError("KV PUT failed: 429 Too Many Requests")
        ends_at = None if ttl_s is None else self._now() + ttl_s
        self._central.put(key, _Entry(value, text, ends_at), self._name)
        self._wrote(key)

    async def delete(self, key: str) -> None:
        await self._step()
        self._central.put(key, None, self._name)
        self._wrote(key)

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> KvPage:
        assert 1 <= limit <= 1000
        await self._step()
        key = (prefix, cursor, limit)
        until, page = self._listed.get(key, (-1.0, KvPage((), None)))
        if until <= self._now():
            page = self._list(prefix, cursor, limit)
            self._listed[key] = (self._until(), page)
        # As far as one can tell from the names: what is listed and is gone, or is there and is not listed.
        if cursor is None and page.cursor is None and [item.name for item in page.keys] != self._central.truth(prefix):
            self._weather.happened(Fault.KV_STALE_LIST)
        return page

    def _list(self, prefix: str, cursor: str | None, limit: int) -> KvPage:
        names = [name for name in self._central.names(prefix, self._name) if name > (cursor or "")]
        entries = [(name, self._central.get(name, self._name)) for name in names[:limit]]
        keys = tuple(KvKey(name, json.loads(entry.metadata)) for name, entry in entries if entry)
        return KvPage(keys, names[limit - 1] if len(names) > limit else None)

    def _look(self, key: str) -> _Entry | None:
        until, entry = self._read.get(key, (-1.0, None))
        if until <= self._now():
            entry = self._central.get(key, self._name)
            self._read[key] = (self._until(), entry)
        if entry != self._central.newest(key):
            self._weather.happened(Fault.KV_STALE if entry else Fault.KV_STALE_ABSENT)
        return entry

    def _wrote(self, key: str) -> None:
        """A location sees its own write at once, as a rule, which is no promise."""
        if self._chance.random() < 0.7:
            self._read.pop(key, None)
        if self._weather.strikes(Fault.KV_LOSES_REPLY):
            raise PlatformError("KV: network connection lost")

    def _until(self) -> float:
        return self._now() + self._chance.uniform(30, 60)

    async def _step(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.001, 0.02))
        if self._weather.strikes(Fault.KV_FORGETS):
            self._central.forget()
        if self._weather.strikes(Fault.KV_FAILS):
            raise PlatformError("KV: internal error")
