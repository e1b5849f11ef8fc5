"""Where a story happens and who is in it: the locations, the storage, the translators, the consumer, the customers."""

from __future__ import annotations

import hashlib
import random

from contract.signing import Secret
from edge.api_keys import ApiKey
from edge.config import Config, Dispatch, S3Access
from tests.simulation.client import Customer, Order
from tests.simulation.consumer import Consumer
from tests.simulation.fleet import INTERNAL_TOKEN, Fleet
from tests.simulation.kv import CentralKv, LocalKv
from tests.simulation.location import LocalPlatform, Location
from tests.simulation.loop import Owner, VirtualLoop
from tests.simulation.message import Answer, Message
from tests.simulation.network import Arrival, Network
from tests.simulation.oracle import Oracle
from tests.simulation.outside import Origin
from tests.simulation.rotation import Rotation
from tests.simulation.sabotage import Safeguard
from tests.simulation.store import Binding, S3Door, Store
from tests.simulation.trace import Trace
from tests.simulation.weather import Weather

PUBLIC = "https://orchestrator.test"
TRANSLATOR = "http://translator.test:8080"
CONSUMER = "https://consumer.test/hook"
ORIGIN = "https://origin.test"
S3 = S3Access("https://account.r2.test", "pages", "AKIASIMULATION", "the-secret-access-key-of-the-simulation")
CUSTOMERS = (
    Customer("owner-a", "the-api-key-of-the-simulation"),
    Customer("owner-b", "the-other-api-key-of-the-simulation"),
)
CALLBACK = (Secret(b"callback-secret-of-the-simulation"),)
NEXT_CALLBACK = (Secret(b"callback-secret-after-that-one-00"),)
"""What the callback secret is rotated to."""
WEBHOOK = (Secret(b"webhook-secret-of-the-simulation"), Secret(b"webhook-secret-before-that-one"))
TOKEN_SECRETS = ("token-secret-of-the-simulation-0001",)


class Setting:
    """Everybody of one seed. ``lacking`` takes out a safeguard."""

    def __init__(
        self, seed: int, loop: VirtualLoop, trace: Trace, weather: Weather, *, lacking: Safeguard | None
    ) -> None:
        self._seed = seed
        dice = self.dice = self.chance("story")
        self.loop, self.trace, self.weather = loop, trace, weather
        self.owners: list[Owner] = []
        self.config = _config(dice)
        self.store = Store(self.loop.time, create_once=lacking is not Safeguard.CREATE_ONCE)
        self.consumer = Consumer(self.weather, self.chance("consumer"), WEBHOOK)
        self.oracle = Oracle(
            self.store, self.consumer, self.trace, self.loop.time, lease_s=self.config.lease_s, secrets=_secrets()
        )
        self.network = Network(self.loop, self.weather, self.chance("network"), self.trace)
        self.fleet = self._fleet()
        self.kv, self.locations = self._locations()
        self.rotation = Rotation(
            self.locations,
            self.fleet,
            self.trace,
            self.chance("rotation"),
            old=CALLBACK,
            new=NEXT_CALLBACK,
            overlaps=lacking is not Safeguard.OVERLAP,
        )
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
        return random.Random(f"{self._seed}/{name}")

    def _fleet(self) -> Fleet:
        return Fleet(
            self.loop,
            self.network,
            self.weather,
            self.chance("fleet"),
            self.trace,
            orchestrator=PUBLIC,
            pulls=self.config.dispatch is Dispatch.PULL,
            secrets=CALLBACK,
            owners=self.owners,
            on_work=self.oracle.attempts.worked,
            on_answer=self.oracle.correspondence.answered,
        )

    def _locations(self) -> tuple[CentralKv, list[Location]]:
        names = ("AMS", "NRT", "IAD")[: self.dice.choice((1, 2, 3))]
        central = CentralKv(names, self.chance("kv"), self.loop.time)
        return central, [self._location(name, central) for name in names]

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
            on_log=self.oracle.correspondence.logged,
        )
        return Location(name, self.loop, self.config, platform, weather=self.weather, chance=chance, owners=self.owners)

    def _order(self, number: int) -> Order:
        dice = self.dice
        order = Order(
            number,
            pages=dice.choice((1, 2, 3, 4, 6)),
            image_format=dice.choice(("png", "png", "webp")),
            webhook=CONSUMER if dice.random() < 0.8 else None,
            customer=dice.choice(CUSTOMERS),
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
        location, arrived_at = self.dice.choice(self.locations), self.loop.time()
        active = self.rotation.active
        answer = await location.serve(message, arrival)
        correspondence = self.oracle.correspondence
        correspondence.answered("orchestrator", message, answer)
        correspondence.refused(message, answer, [secret for secret in active if secret in self.rotation.active])
        if message.path == "/callbacks/container" and answer.status == 200:
            correspondence.believed(message.body, arrived_at)
        if message.path == "/work/claim" and answer.status == 200:
            self.oracle.attempts.claimed(answer.body)
        return answer

    async def _translator(self, message: Message, arrival: Arrival | None) -> Answer:
        return await self.fleet.serve(message, arrival)

    async def _s3(self, message: Message, arrival: Arrival | None) -> Answer:
        return await self.door.serve(message.method, message.url, message.headers, message.body)


def _config(dice: random.Random) -> Config:
    heartbeat_s, lease_s = dice.choice(((15.0, 60.0), (5.0, 20.0)))
    return Config(
        public_url=PUBLIC,
        translator_url=TRANSLATOR,
        api_keys=tuple(
            ApiKey(customer.owner, "default", hashlib.sha256(customer.key.encode()).hexdigest())
            for customer in CUSTOMERS
        ),
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
    keys = [secret.key.decode() for secret in (*CALLBACK, *NEXT_CALLBACK, *WEBHOOK)]
    return [*keys, *TOKEN_SECRETS, *(customer.key for customer in CUSTOMERS), S3.secret_access_key, INTERNAL_TOKEN]
