"""The network between everybody: messages are refused, lost, doubled, delayed by minutes, and so reordered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import httpx

from tests.simulation.loop import VirtualLoop, settle
from tests.simulation.message import BROKEN, LATE, REFUSED, Answer, Message, NoAnswer
from tests.simulation.trace import Trace
from tests.simulation.weather import Fault, Weather

Arrival = asyncio.Future[Answer | NoAnswer]
Host = Callable[[Message, Arrival | None], Awaitable[Answer]]
"""Serves a message, or raises :class:`NoAnswer`. The future, if there is one, is cancelled when the caller leaves."""


class Network:
    """``hosts`` by URL prefix. What is under way belongs to nobody: a killed caller's request still arrives."""

    def __init__(self, loop: VirtualLoop, weather: Weather, chance: random.Random, trace: Trace) -> None:
        self._loop, self._weather, self._chance, self._trace = loop, weather, chance, trace
        self.hosts: dict[str, Host] = {}

    async def exchange(self, who: str, message: Message, *, timeout_s: float) -> Answer:
        """One request, as its caller sees it. Raises :class:`NoAnswer`."""
        arrival: Arrival = self._loop.create_future()
        self._loop.spawn(self._carry(who, message, arrival), None)
        try:
            async with asyncio.timeout(timeout_s):
                outcome = await arrival
        except TimeoutError:
            raise NoAnswer(LATE) from None
        if isinstance(outcome, NoAnswer):
            raise outcome
        return outcome

    async def _carry(self, who: str, message: Message, arrival: Arrival) -> None:
        await asyncio.sleep(self._latency())
        if self._weather.strikes(Fault.REFUSED):
            self._settle(who, message, arrival, NoAnswer(REFUSED))
        elif self._weather.strikes(Fault.REQUEST_LOST):
            self._lose(who, message, arrival, "the request is lost")
        else:
            await self._bring(who, self._damaged(message), arrival)

    async def _bring(self, who: str, message: Message, arrival: Arrival) -> None:
        """There, perhaps late, perhaps twice; and back."""
        if self._weather.strikes(Fault.DUPLICATED):
            self._loop.spawn(self._again(who, message), None)
        if self._weather.strikes(Fault.DELAYED):
            await asyncio.sleep(self._chance.uniform(5, 250))
        outcome = await self._deliver(who, message, arrival)
        if self._weather.strikes(Fault.REPLY_LOST):
            self._lose(who, message, arrival, f"the reply is lost ({_short(outcome)})")
            return
        await asyncio.sleep(self._latency())
        self._settle(who, message, arrival, outcome)

    def _damaged(self, message: Message) -> Message:
        is_put = message.method == "PUT" and len(message.body) > 1
        is_damaged = is_put and self._weather.strikes(Fault.BODY_CORRUPTED)
        return replace(message, body=message.body[:-1]) if is_damaged else message

    async def _again(self, who: str, message: Message) -> None:
        await asyncio.sleep(self._chance.choice((self._chance.uniform(0, 0.2), self._chance.uniform(1, 400))))
        outcome = await self._deliver(who, message, None)
        self._note(who, message, f"a second time: {_short(outcome)}")

    async def _deliver(self, who: str, message: Message, arrival: Arrival | None) -> Answer | NoAnswer:
        host = next((host for prefix, host in self.hosts.items() if message.url.startswith(prefix)), None)
        if host is None:
            return NoAnswer(REFUSED)
        try:
            return await host(message, arrival)
        except NoAnswer as error:
            return error

    def _lose(self, who: str, message: Message, arrival: Arrival, how: str) -> None:
        """The caller sees a broken connection, or nothing until it has waited long enough."""
        if self._chance.random() < 0.5:
            self._note(who, message, how)
        else:
            self._settle(who, message, arrival, NoAnswer(BROKEN), how=f"{how}: ")

    def _settle(self, who: str, message: Message, arrival: Arrival, outcome: Answer | NoAnswer, how: str = "") -> None:
        self._note(who, message, f"{how}{_short(outcome)}{' to nobody' if arrival.done() else ''}")
        settle(arrival, outcome)

    def _note(self, who: str, message: Message, what: str) -> None:
        self._trace.note(who, f"{message.method} {message.path}: {what}")

    def _latency(self) -> float:
        return self._chance.uniform(0.005, 0.15)


def _short(outcome: Answer | NoAnswer) -> str:
    return str(outcome.status) if isinstance(outcome, Answer) else outcome.how


class Transport(httpx.AsyncBaseTransport):
    """What an ``httpx`` client stands on in the simulation: its requests go through the network."""

    def __init__(self, who: str, network: Network, weather: Weather, chance: random.Random) -> None:
        self._who, self._network, self._weather, self._chance = who, network, weather, chance
        self.walls: set[str] = set()
        """Prefixes of URLs that are out of reach at the moment."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if any(str(request.url).startswith(wall) for wall in self.walls):
            await asyncio.sleep(self._chance.uniform(0.1, 10))
            raise httpx.ConnectTimeout(LATE, request=request)
        message = Message(request.method, str(request.url), dict(request.headers), await request.aread())
        timeout_s = request.extensions["timeout"]["read"]
        try:
            answer = await self._network.exchange(self._who, message, timeout_s=timeout_s)
        except NoAnswer as error:
            raise _ERRORS[error.how](error.how, request=request) from None
        return httpx.Response(answer.status, headers=dict(answer.headers), stream=_Stream(self._cut(message, answer)))

    def _cut(self, message: Message, answer: Answer) -> bytes:
        is_cut = message.method == "GET" and answer.body and self._weather.strikes(Fault.BODY_CUT)
        return answer.body[: self._chance.randrange(len(answer.body))] if is_cut else answer.body


_ERRORS = {REFUSED: httpx.ConnectError, BROKEN: httpx.ReadError, LATE: httpx.ReadTimeout}


class _Stream(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data
