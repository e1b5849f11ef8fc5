"""What happens: a storm over some jobs, then calm until they have ended, then the days until all is settled."""

from __future__ import annotations

import asyncio

from tests.simulation.ambient import EPOCH
from tests.simulation.client import Client, Order
from tests.simulation.setting import CUSTOMERS, PUBLIC, Setting
from tests.simulation.weather import Fault

CRON_S = 60.0
_SETTLING_SWEEPS = 40
_QUIET_S = 180.0
"""After this, every location sees in KV what was written: 60 s on its way, and 60 s in a cache of what was read."""


class Plot:
    """:meth:`run` is the whole of it. ``was_fair``: nothing went wrong in the storm."""

    def __init__(self, setting: Setting) -> None:
        self._setting, self._dice, self._loop = setting, setting.dice, setting.loop
        self._weather, self._oracle = setting.weather, setting.oracle
        self._is_late, self.was_fair = False, False
        self._client = Client(
            setting.network,
            setting.weather,
            setting.chance("client"),
            setting.oracle,
            url=PUBLIC,
            customers=CUSTOMERS,
            spawn=lambda work: self._loop.spawn(work, None),
            orders=setting.orders,
        )

    async def run(self) -> None:
        storm_s = self._dice.choice((200, 500, 1000)) * self._dice.uniform(0.5, 1.5)
        self._setting.fleet.start()
        self._loop.spawn(self._cron(), None)
        for order in self._setting.orders:
            self._loop.spawn(self._client.run(order, after_s=self._dice.uniform(0, storm_s / 2)), None)
        for customer in CUSTOMERS:
            self._loop.spawn(self._client.look_around(customer), None)
        if self._weather.strikes(Fault.ROTATED):
            self._loop.spawn(self._setting.rotation.run(after_s=self._dice.uniform(0, storm_s)), None)
        await asyncio.sleep(storm_s)
        self._calm()
        await self._until_ended()
        await self._until_settled()
        await self._look_at_listings()

    def _calm(self) -> None:
        self._setting.trace.note("weather", "the storm is over")
        self._weather.storm = False
        self.was_fair = self._weather.was_fair
        self._setting.fleet.calm()
        for owner in self._setting.owners:
            owner.dies_at = None

    async def _cron(self) -> None:
        while not self._is_late:
            await asyncio.sleep(CRON_S + self._dice.uniform(-1, 1))
            if self._weather.strikes(Fault.CRON_SKIPPED):
                continue
            self._loop.spawn(self._dice.choice(self._setting.locations).sweep(), None)
            if self._weather.strikes(Fault.CRON_DOUBLED):
                self._loop.spawn(self._dice.choice(self._setting.locations).sweep(), None)

    async def _until_ended(self) -> None:
        """In calm, every job that was started ends soon."""
        deadline = self._loop.time() + self._patience_s
        while self._loop.time() < deadline:
            await asyncio.sleep(5)
            if all(order.is_over and self._has_ended(order) for order in self._setting.orders):
                return
        late = [order.job_id or f"order {order.number}" for order in self._setting.orders if not self._has_ended(order)]
        self._oracle.violated(f"{late} have no end {self._patience_s:.0f} s after the storm")

    @property
    def _patience_s(self) -> float:
        """What was paused may still hold a lease; poison may still kill; then everything is done once more."""
        pages = sum(order.pages for order in self._setting.orders)
        return 3600 + 5 * (self._setting.config.lease_s + 2 * CRON_S) + 3 * pages * self._setting.fleet.slowest_page_s

    def _has_ended(self, order: Order) -> bool:
        if order.is_over and not order.is_started:
            return True
        return bool(order.job_id) and f"jobs/{order.job_id}/final.json" in self._setting.store.objects

    async def _until_settled(self) -> None:
        """The days after: what was never started expires, what was not heard is delivered or given up.

        The cron runs when there is something to do, and some minutes before and after.
        """
        self._is_late = self._client.is_late = self._setting.fleet.is_late = True
        for _ in range(60):
            due_at = min(self._due(), default=None)
            if due_at is None:
                return
            await asyncio.sleep(max(0.0, due_at - EPOCH + self._loop.time()) + 1)
            await self._sweeps(due_at)
        self._oracle.violated("the job's affairs are never settled")

    async def _sweeps(self, due_at: float) -> None:
        for _ in range(_SETTLING_SWEEPS):
            await self._dice.choice(self._setting.locations).sweep()
            if due_at not in self._due():
                return
            await asyncio.sleep(CRON_S)
        self._oracle.violated(f"what was due {EPOCH + self._loop.time() - due_at:.0f} s ago is not done")

    def _due(self) -> list[float]:
        """When something has to happen: a webhook's next delivery, a job's expiry."""
        due: list[float] = []
        for key in self._setting.store.objects:
            if key.startswith("outbox/"):
                due += self._parcel_due(key)
            elif key.startswith("series_updates/"):
                due.append(self._setting.store.objects[key][0].uploaded.timestamp())
            elif key.endswith("/job.json") and key.replace("job.json", "final.json") not in self._setting.store.objects:
                due.append(self._oracle.evidence.json(key)["expires_at"])
        return due

    def _parcel_due(self, key: str) -> list[float]:
        parcel = self._oracle.evidence.json(key)
        return [parcel["next_at"]] if parcel["state"] == "pending" else []

    async def _until_closed(self) -> None:
        """The cron goes on until no job is left in its index: each is listed as it ended before it leaves that."""
        for _ in range(_SETTLING_SWEEPS):
            if not self._setting.kv.truth("open:"):
                return
            await asyncio.sleep(CRON_S)
            await self._dice.choice(self._setting.locations).sweep()
        self._oracle.violated(f"{self._setting.kv.truth('open:')} are never closed")

    async def _look_at_listings(self) -> None:
        """It is quiet: each location shows each owner's jobs."""
        await self._until_closed()
        await asyncio.sleep(_QUIET_S)
        for _ in self._setting.locations * 2:
            for customer in CUSTOMERS:
                items = await self._client.list(customer, limit=self._dice.choice((1, 2, 20)))
                if items is None:
                    self._oracle.violated(f"{customer.owner} gets no listing, and it is quiet")
                else:
                    forgotten_at = self._setting.kv.forgotten_at
                    self._oracle.listings.listed_when_quiet(customer.owner, items, forgotten_at=forgotten_at)
