"""Rotating the callback secret while jobs run, as an operator does: add the new one, restart the translators, drop the
old one. Nothing is to be lost by it, and nobody has to stop working."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace

from contract.signing import Secret
from tests.simulation.fleet import Fleet
from tests.simulation.location import Location
from tests.simulation.trace import Trace

Secrets = tuple[Secret, ...]


class Rotation:
    """``active`` are the secrets that a message may be signed with, by what the operator has done so far.

    Without ``overlaps`` the orchestrator gets the new secret in place of the old one, which is how it must not be done.
    """

    def __init__(
        self,
        locations: Sequence[Location],
        fleet: Fleet,
        trace: Trace,
        chance: random.Random,
        *,
        old: Secrets,
        new: Secrets,
        overlaps: bool,
    ) -> None:
        self._locations, self._fleet, self._trace, self._chance = locations, fleet, trace, chance
        self._old, self._new, self._overlaps = old, new, overlaps
        self.active: Secrets = old
        self.is_over = False

    async def run(self, *, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self._trace.note("operator", "adds a callback secret")
        await self._deploy((*self._new, *self._old) if self._overlaps else self._new)
        self.active = (*self._new, *self._old)
        self._trace.note("operator", "gives the translators the new secret")
        await self._fleet.rotate(self._new)
        self._trace.note("operator", "drops the old secret")
        self.active = self._new
        await self._deploy(self._new)
        self.is_over = True

    async def _deploy(self, secrets: Secrets) -> None:
        """A deployment reaches one location after the other."""
        for location in self._locations:
            location.deploy(replace(location.config, callback_secrets=secrets))
            await asyncio.sleep(self._chance.uniform(0.1, 20))
