"""The consumer of webhooks: verifies each, and answers as it pleases."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from contract.errors import BadSignature
from contract.event import ChapterFinished
from contract.signing import Secret, verify
from tests.simulation.ambient import EPOCH
from tests.simulation.message import Answer, Message
from tests.simulation.network import Arrival
from tests.simulation.weather import Fault, Weather


@dataclass(frozen=True, slots=True)
class Delivery:
    event_id: str
    body: bytes
    event: ChapterFinished
    answered: int


class Consumer:
    """``problems`` are deliveries that were not to be believed."""

    def __init__(self, weather: Weather, chance: random.Random, secrets: tuple[Secret, ...]) -> None:
        self._weather, self._chance, self._secrets = weather, chance, secrets
        self.deliveries: list[Delivery] = []
        self.problems: list[str] = []

    async def serve(self, message: Message, arrival: Arrival | None) -> Answer:
        answer = self._answer()
        try:
            # A delivery may have been delayed by minutes on its way: what is old is refused, as it should be.
            envelope = verify(
                message.headers, message.body, self._secrets, now=EPOCH + asyncio.get_running_loop().time()
            )
        except BadSignature as error:
            if error.code != "timestamp_too_old":
                self.problems.append(f"a webhook does not verify: {error.code}")
            return Answer(400)
        event = ChapterFinished.parse(message.body)
        self.deliveries.append(Delivery(envelope.id, message.body, event, answer.status))
        if self._weather.strikes(Fault.HOOK_SLOW):
            await asyncio.sleep(self._chance.uniform(16, 60))
        return answer

    def _answer(self) -> Answer:
        if self._weather.strikes(Fault.HOOK_FAILS):
            return Answer(self._chance.choice((500, 503, 302, 404, 401)), {"location": "https://elsewhere.test/"})
        if self._weather.strikes(Fault.HOOK_BUSY):
            return Answer(429, {"retry-after": str(self._chance.choice((1, 60, 4000)))})
        if self._weather.strikes(Fault.HOOK_GONE):
            return Answer(410)
        return Answer(self._chance.choice((200, 202, 204)))
