"""One seed: a few jobs among unreliable peers, a storm, then calm, and what must hold at the end."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import random
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from contract.signing import Secret
from edge import sweep
from edge.api_keys import ApiKey
from edge.config import Config, Dispatch, S3Access
from tests.simulation.ambient import EPOCH, ambient
from tests.simulation.client import Client, Order
from tests.simulation.consumer import Consumer
from tests.simulation.fleet import INTERNAL_TOKEN, Fleet, LogTap
from tests.simulation.kv import CentralKv, LocalKv
from tests.simulation.location import LocalPlatform, Location
from tests.simulation.loop import Owner, VirtualLoop
from tests.simulation.message import Answer, Message
from tests.simulation.network import Arrival, Network
from tests.simulation.oracle import Oracle
from tests.simulation.outside import Origin
from tests.simulation.sabotage import Safeguard, without
from tests.simulation.store import Binding, S3Door, Store
from tests.simulation.trace import Trace
from tests.simulation.weather import Fault, Weather

PUBLIC = "https://orchestrator.test"
TRANSLATOR = "http://translator.test:8080"
CONSUMER = "https://consumer.test/hook"
ORIGIN = "https://origin.test"
S3 = S3Access("https://account.r2.test", "pages", "AKIASIMULATION", "the-secret-access-key-of-the-simulation")
API_KEY = "the-api-key-of-the-simulation"
CALLBACK = (Secret(b"callback-secret-of-the-simulation"), Secret(b"callback-secret-before-that-one"))
WEBHOOK = (Secret(b"webhook-secret-of-the-simulation"), Secret(b"webhook-secret-before-that-one"))
TOKEN_SECRETS = ("token-secret-of-the-simulation-0001",)
CRON_S = 60.0
_SETTLING_SWEEPS = 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a seed."""

    seed: int
    violations: tuple[str, ...]
    digest: str
    lines: tuple[str, ...]
    faults: Counter[str]
    ends: Counter[str]
    facts: Counter[str]
    """``takeovers``, ``retranslated``, ``virtual_s`` and so on."""

    def without_lines(self) -> Outcome:
        return replace(self, lines=())


def tell(
    seed: int,
    *,
    lacking: Safeguard | None = None,
    only: frozenset[Fault] | None = None,
    show: Callable[[str], None] | None = None,
) -> Outcome:
    """Runs a seed. ``lacking`` takes out a safeguard; ``only`` lets some faults happen, always, and no others."""
    story = Story(seed, lacking=lacking, only=only, show=show)
    collecting = gc.isenabled()
    gc.disable()
    try:
        with ambient(story.loop.time, story.chance("ambient")), without(lacking), story.logs(), story.strides():
            return story.run()
    finally:
        if collecting:
            gc.enable()


class Story:
    """The world of one seed."""

    def __init__(
        self,
        seed: int,
        *,
        lacking: Safeguard | None,
        only: frozenset[Fault] | None,
        show: Callable[[str], None] | None,
    ) -> None:
        self.seed, self._was_fair, self._is_late = seed, False, False
        dice = self._dice = self.chance("story")
        self.loop = VirtualLoop(takes_s=lambda executor: self.fleet.takes_s(executor))
        self.loop.set_exception_handler(self._on_loop_error)
        self.loop.on_escape = lambda error: self.oracle.violated(f"escaped: {error}")
        self.trace = Trace(self.loop.time, show)
        self.weather = Weather(self.chance("weather"), only=only)
        self.owners: list[Owner] = []
        self.config = _config(dice)
        self.store = Store(self.loop.time, create_once=lacking is not Safeguard.CREATE_ONCE)
        self.consumer = Consumer(self.weather, self.chance("consumer"), WEBHOOK)
        self.oracle = Oracle(
            self.store, self.consumer, self.trace, self.loop.time, lease_s=self.config.lease_s, secrets=_secrets()
        )
        self.network = Network(self.loop, self.weather, self.chance("network"), self.trace)
        self.fleet = Fleet(
            self.loop,
            self.network,
            self.weather,
            self.chance("fleet"),
            self.trace,
            orchestrator=PUBLIC,
            pulls=self.config.dispatch is Dispatch.PULL,
            secrets=CALLBACK[:1],
            owners=self.owners,
            on_work=self.oracle.worked,
            on_answer=self.oracle.answered,
        )
        self._strides_are_small = dice.random() < 0.5
        self.locations = self._locations()
        self.door = S3Door(self.store, S3, self.weather, self.chance("s3"), self.loop.time)
        self.origin = Origin(ORIGIN, self.weather, self.chance("origin"))
        self.network.hosts = {
            PUBLIC: self._orchestrator,
            TRANSLATOR: self._translator,
            S3.endpoint: self._s3,
            CONSUMER: self.consumer.serve,
            ORIGIN: self.origin.serve,
        }
        self.orders = [self._order(number) for number in range(dice.choice((1, 2, 3)))]

    def chance(self, name: str) -> random.Random:
        """Everybody has chance of their own, so that one's rolls do not change another's."""
        return random.Random(f"{self.seed}/{name}")

    def _unix(self) -> float:
        return EPOCH + self.loop.time()

    def _locations(self) -> list[Location]:
        names = ("AMS", "NRT", "IAD")[: self._dice.choice((1, 2, 3))]
        central = CentralKv(names, self.chance("kv"), self.loop.time)
        return [self._location(name, central) for name in names]

    def _location(self, name: str, central: CentralKv) -> Location:
        chance = self.chance(name)
        platform = LocalPlatform(
            name,
            self.loop,
            kv=LocalKv(name, central, self.weather, chance, self.loop.time),
            bucket=Binding(self.store, self.weather, chance),
            network=self.network,
            weather=self.weather,
            entropy=self.chance(f"{name} entropy"),
            on_log=self.oracle.logged,
        )
        return Location(name, self.loop, self.config, platform, weather=self.weather, chance=chance, owners=self.owners)

    def _order(self, number: int) -> Order:
        dice = self._dice
        order = Order(
            number,
            pages=dice.choice((1, 2, 3, 4, 6)),
            image_format=dice.choice(("png", "png", "webp")),
            webhook=CONSUMER if dice.random() < 0.8 else None,
        )
        how = dice.choice(("uploads", "uploads", "urls", "mixed"))
        order.urls = {
            page: self.origin.url(number, page)
            for page in range(1, order.pages + 1)
            if how == "urls" or (how == "mixed" and dice.random() < 0.5)
        }
        if self.weather.poisons():
            self.fleet.poison.add((number, dice.randrange(1, order.pages + 1)))
        return order

    # Hosts

    async def _orchestrator(self, message: Message, arrival: Arrival | None) -> Answer:
        location, arrived_at = self._dice.choice(self.locations), self.loop.time()
        answer = await location.serve(message, arrival)
        self.oracle.answered("orchestrator", message, answer)
        if message.path == "/callbacks/container" and answer.status == 200:
            self.oracle.believed(message.body, arrived_at)
        if message.path == "/work/claim" and answer.status == 200:
            self.oracle.claimed(answer.body)
        return answer

    async def _translator(self, message: Message, arrival: Arrival | None) -> Answer:
        return await self.fleet.serve(message, arrival)

    async def _s3(self, message: Message, arrival: Arrival | None) -> Answer:
        return await self.door.serve(message.method, message.url, message.headers, message.body)

    # The plot

    def run(self) -> Outcome:
        try:
            self.loop.run_until_complete(self.loop.spawn(self._plot(), None))
            self.oracle.check_end(fair=self._was_fair)
        finally:
            self.oracle.is_over = True
            with warnings.catch_warnings():
                # Of what was killed before its first step.
                warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
                self.loop.bury(iter(self.owners))
            self.loop.close()
        return self._outcome()

    async def _plot(self) -> None:
        storm_s = self._dice.choice((200, 500, 1000)) * self._dice.uniform(0.5, 1.5)
        self.fleet.start()
        self.loop.spawn(self._cron(), None)
        client = Client(
            self.network,
            self.weather,
            self.chance("client"),
            self.oracle,
            url=PUBLIC,
            key=API_KEY,
            spawn=lambda work: self.loop.spawn(work, None),
            orders=self.orders,
        )
        for order in self.orders:
            self.loop.spawn(client.run(order, after_s=self._dice.uniform(0, storm_s / 2)), None)
        await asyncio.sleep(storm_s)
        self._calm()
        await self._until_ended()
        await self._until_settled(client)

    def _calm(self) -> None:
        self.trace.note("weather", "the storm is over")
        self.weather.storm = False
        self._was_fair = self.weather.was_fair
        self.fleet.calm()
        for owner in self.owners:
            owner.dies_at = None

    async def _cron(self) -> None:
        while not self._is_late:
            await asyncio.sleep(CRON_S + self._dice.uniform(-1, 1))
            if self.weather.strikes(Fault.CRON_SKIPPED):
                continue
            self.loop.spawn(self._dice.choice(self.locations).sweep(), None)
            if self.weather.strikes(Fault.CRON_DOUBLED):
                self.loop.spawn(self._dice.choice(self.locations).sweep(), None)

    async def _until_ended(self) -> None:
        """In calm, every job that was started ends soon."""
        deadline = self.loop.time() + self._patience_s
        while self.loop.time() < deadline:
            await asyncio.sleep(5)
            if all(order.is_over and self._has_ended(order) for order in self.orders):
                return
        late = [order.job_id or f"order {order.number}" for order in self.orders if not self._has_ended(order)]
        self.oracle.violated(f"{late} have no end {self._patience_s:.0f} s after the storm")

    @property
    def _patience_s(self) -> float:
        """What was paused may still hold a lease; poison may still kill; then everything is done once more."""
        pages = sum(order.pages for order in self.orders)
        return 3600 + 5 * (self.config.lease_s + 2 * CRON_S) + 3 * pages * self.fleet.slowest_page_s

    def _has_ended(self, order: Order) -> bool:
        if order.is_over and not order.is_started:
            return True
        return bool(order.job_id) and f"jobs/{order.job_id}/final.json" in self.store.objects

    async def _until_settled(self, client: Client) -> None:
        """The days after: what was never started expires, what was not heard is delivered or given up.

        The cron runs when there is something to do, and some minutes before and after.
        """
        self._is_late = client.is_late = self.fleet.is_late = True
        for _ in range(60):
            due_at = min(self._due(), default=None)
            if due_at is None:
                return
            await asyncio.sleep(max(0.0, due_at - self._unix()) + 1)
            await self._sweeps(due_at)
        self.oracle.violated("the job's affairs are never settled")

    async def _sweeps(self, due_at: float) -> None:
        for _ in range(_SETTLING_SWEEPS):
            await self._dice.choice(self.locations).sweep()
            if due_at not in self._due():
                return
            await asyncio.sleep(CRON_S)
        self.oracle.violated(f"what was due {self._unix() - due_at:.0f} s ago is not done")

    def _due(self) -> list[float]:
        """When something has to happen: a webhook's next delivery, a job's expiry."""
        due: list[float] = []
        for key in self.store.objects:
            if key.startswith("outbox/"):
                due += self._parcel_due(key)
            elif key.endswith("/job.json") and key.replace("job.json", "final.json") not in self.store.objects:
                due.append(self.oracle._json(key)["expires_at"])
        return due

    def _parcel_due(self, key: str) -> list[float]:
        parcel = self.oracle._json(key)
        return [parcel["next_at"]] if parcel["state"] == "pending" else []

    # What was logged, and what broke

    @contextmanager
    def logs(self) -> Iterator[None]:
        tap, logger = LogTap(self._on_line), logging.getLogger("translator")
        level, propagates = logger.level, logger.propagate
        logger.addHandler(tap)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(tap)
            logger.setLevel(level)
            logger.propagate = propagates

    @contextmanager
    def strides(self) -> Iterator[None]:
        """In some stories the sweep takes so small strides that it needs its cursors; in none are there 100 jobs."""
        if not self._strides_are_small:
            yield
            return
        walk = sweep._walk.__kwdefaults__
        with (
            patch.object(sweep, "JOBS_A_RUN", 2),
            patch.object(sweep, "_FOUND_A_RUN", 3),
            patch.dict(walk, limit=8),
        ):
            yield

    def _on_line(self, who: str, line: str) -> None:
        self.oracle.line(who, line)
        broke = "a stage broke" in line and not self.weather.counts[Fault.STAGE_BREAKS]
        if broke or "an attempt broke" in line or "a request broke" in line:
            self.oracle.violated(f"an exception escaped in {who}: {line}")

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.oracle.violated(f"escaped to the loop: {context['message']}: {error!r}")

    def _outcome(self) -> Outcome:
        oracle = self.oracle
        facts = Counter(
            takeovers=oracle.takeovers,
            retranslated=sum(times > 1 for times in oracle.translations().values()),
            translated=len(oracle.translations()),
            webhooks=len(self.consumer.deliveries),
            virtual_s=round(self.loop.time()),
            processes=len([owner for owner in self.owners if owner.name.startswith("translator")]),
            invocations=len(self.owners),
            r2_operations=self.store.operations,
            fair=int(self._was_fair),
        )
        return Outcome(
            self.seed,
            tuple(oracle.violations),
            self.trace.digest,
            tuple(self.trace.lines),
            Counter({fault.value: count for fault, count in self.weather.counts.items()}),
            oracle.ends,
            facts,
        )


def _config(dice: random.Random) -> Config:
    heartbeat_s, lease_s = dice.choice(((15.0, 60.0), (5.0, 20.0)))
    return Config(
        public_url=PUBLIC,
        translator_url=TRANSLATOR,
        api_keys=(ApiKey("owner-a", "default", hashlib.sha256(API_KEY.encode()).hexdigest()),),
        callback_secrets=CALLBACK,
        webhook_secrets=WEBHOOK,
        token_secrets=TOKEN_SECRETS,
        s3=S3 if dice.random() < 0.5 else None,
        heartbeat_s=heartbeat_s,
        lease_s=lease_s,
        grant_ttl_s=dice.choice((300, 600)),
        job_ttl_s=dice.choice((1800, 86_400)),
        max_active_jobs=dice.choice((1, 50)),
        dispatch=dice.choice((Dispatch.PUSH, Dispatch.PUSH, Dispatch.PULL)),
    )


def _secrets() -> list[str]:
    """What no log line may hold, as text."""
    keys = [secret.key.decode() for secret in (*CALLBACK, *WEBHOOK)]
    return [*keys, *TOKEN_SECRETS, API_KEY, S3.secret_access_key, INTERNAL_TOKEN]
