"""Translators behind one URL: the real container application, in processes that are killed, paused, drained, restarted.

Real are the application with its routes, the runner, the attempts, reports, grants, transfers and the page pipeline.
Simulated are what is around them: the network, the clock, the threads (a call in a lane takes virtual time), and the
engines of the pipeline.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import httpx

from contract.signing import Secret
from tests.simulation.ambient import EPOCH
from tests.simulation.engines import Engines, failed
from tests.simulation.loop import OWNER, Owner, VirtualLoop, settle
from tests.simulation.message import BROKEN, REFUSED, Answer, Message, NoAnswer
from tests.simulation.network import Arrival, Network, Transport
from tests.simulation.trace import Trace
from tests.simulation.weather import Fault, Weather
from translator import log
from translator.app import Container, create_container, create_worker
from translator.callbacks import OrchestratorClock
from translator.config import Config, WorkerMode
from translator.job_mode import work

INTERNAL_TOKEN = "internal-token-of-the-simulation"
_MAX_SKEW_S = 200.0
_STEPS_TO_LIVE = 600
_LOADING_S = (1.0, 8.0)


@dataclass(frozen=True, slots=True)
class Worked:
    """A stage began on a page."""

    stage: str
    job_id: str
    page: int
    attempt: int
    process: str


class Process:
    """One life of a translator, from its start to its death."""

    def __init__(self, name: str, number: int, fleet: Fleet) -> None:
        self.name, self._number, self._fleet = name, number, fleet
        self.secrets = fleet.secrets
        self.owner = Owner(name)
        self.transport = Transport(name, fleet.network, fleet.weather, fleet.chance)
        self.skew_s = 0.0
        self._clock = OrchestratorClock(lambda: EPOCH + fleet.loop.time() + self.skew_s)
        self._sigterm = asyncio.Event()
        self._container: Container | None = None

    async def live(self) -> None:
        if self._fleet.pulls:
            await self._ask()
        else:
            await self._listen()
        self.owner.kill()

    async def _listen(self) -> None:
        """``WORKER_MODE=serve``, under a server that ends the application at SIGTERM."""
        fleet = self._fleet
        config = Config(
            callback_secrets=self.secrets, internal_token=INTERNAL_TOKEN, max_jobs=fleet.max_jobs, threads=2
        )
        container = create_container(config, self._load, client=self._client, clock=self._clock)
        async with container.app.router.lifespan_context(container.app):
            self._container = container
            await self._sigterm.wait()
            fleet.trace.note(self.name, "drains")

    async def _ask(self) -> None:
        """``WORKER_MODE=job``."""
        fleet = self._fleet
        config = Config(
            callback_secrets=self.secrets,
            mode=WorkerMode.JOB,
            orchestrator_url=fleet.orchestrator,
            max_jobs=fleet.chance.choice((1, 2, 5)),
            max_empty_polls=fleet.chance.choice((1, 3, 8)),
            poll_interval_s=fleet.chance.choice((2.0, 10.0)),
            threads=2,
        )
        worker = create_worker(config, self._load, client=self._client, clock=self._clock)
        code = await work(worker, grace_s=config.drain_s)
        fleet.trace.note(self.name, f"exits with {code}")

    def _load(self) -> Engines:
        return Engines(self._number, self._works)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport, trust_env=False)

    def terminate(self) -> None:
        """SIGTERM."""
        if not self._fleet.loop.signal(self.owner, signal.SIGTERM):
            self._sigterm.set()

    async def serve(self, message: Message) -> Answer:
        if not self.owner.alive or self._container is None:
            raise NoAnswer(REFUSED)
        done: asyncio.Future[Answer | NoAnswer] = self._fleet.loop.create_future()
        self.owner.mourners.append(lambda: settle(done, NoAnswer(BROKEN)))
        self._fleet.loop.spawn(self._answer(message, self._container, done), self.owner)
        outcome = await done
        if isinstance(outcome, NoAnswer):
            raise outcome
        self._fleet.on_answer(self.name, message, outcome)
        return outcome

    async def _answer(self, message: Message, container: Container, done: asyncio.Future[Answer | NoAnswer]) -> None:
        transport = httpx.ASGITransport(container.app, raise_app_exceptions=False)
        request = httpx.Request(message.method, message.url, headers=dict(message.headers), content=message.body)
        response = await transport.handle_async_request(request)
        answer = Answer(response.status_code, dict(response.headers), await response.aread())
        settle(done, answer)

    def _works(self, stage: str, job: int, page: int) -> None:
        """In the middle of a stage: the page may kill the process, the stage may fail."""
        fleet = self._fleet
        job_id, attempt = log._JOB.get() or ("", 0)
        fleet.on_work(Worked(stage, job_id, page, attempt, self.name))
        if stage == "detect" and fleet.is_poison(job, page):
            fleet.weather.happened(Fault.POISONED)
            fleet.loop.call_later(fleet.chance.uniform(0.2, 30), self.owner.kill)
        if fleet.weather.strikes(Fault.STAGE_FAILS):
            raise failed(stage, page)
        if fleet.weather.strikes(Fault.STAGE_BREAKS):
            raise ZeroDivisionError("a defect, put there by the simulation")


class Fleet:
    """Some translators; each is restarted some time after it died. They listen, or ask for work where it ``pulls``."""

    def __init__(
        self,
        loop: VirtualLoop,
        network: Network,
        weather: Weather,
        chance: random.Random,
        trace: Trace,
        *,
        orchestrator: str,
        pulls: bool,
        secrets: tuple[Secret, ...],
        owners: list[Owner],
        on_work: Callable[[Worked], None],
        on_answer: Callable[[str, Message, Answer], None],
    ) -> None:
        self.loop, self.network, self.weather, self.chance, self.trace = loop, network, weather, chance, trace
        self.orchestrator, self.pulls = orchestrator, pulls
        self.secrets, self.on_work, self.on_answer = secrets, on_work, on_answer
        self.max_jobs = chance.choice((1, 1, 2))
        self.is_late = False
        """The days after the storm: who ends is not replaced."""
        self.poison: set[tuple[int, int]] = set()
        self._owners = owners
        self._pace_s = chance.choice((0.3, 2.0, 8.0, 40.0))
        self._numbers = itertools.count(1)
        self._slots: list[Process | None] = [None] * chance.choice((2, 3, 4) if pulls else (1, 2, 3))

    @property
    def slowest_page_s(self) -> float:
        """About what a page takes at most, all stages together."""
        return 10.0 + 3 * 1.5 * self._pace_s

    def start(self) -> None:
        for slot in range(len(self._slots)):
            self.loop.spawn(self._keep_alive(slot), None)
            self.loop.spawn(self._fate(slot), None)

    def takes_s(self, executor: object) -> float:
        """How long a call in a lane takes; without an executor, it is the models' loading."""
        if executor is None:
            return self.chance.uniform(*_LOADING_S)
        slow = self.chance.uniform(60, 200) if self.weather.strikes(Fault.STAGE_SLOW) else 0.0
        return self._pace_s * self.chance.uniform(0.3, 1.5) + slow

    def is_poison(self, job: int, page: int) -> bool:
        return (job, page) in self.poison

    async def serve(self, message: Message, arrival: Arrival | None) -> Answer:
        """Whichever translator the load balancer picks."""
        process = self.chance.choice(self._slots)
        if process is None:
            raise NoAnswer(REFUSED)
        return await process.serve(message)

    def calm(self) -> None:
        """Nobody dies from now on, and who was paused goes on some time."""
        for process in self._slots:
            if process:
                process.owner.dies_at = None

    async def _keep_alive(self, slot: int) -> None:
        while not self.is_late:
            number = next(self._numbers)
            process = Process(f"translator-{slot}.{number}", number, self)
            if self.weather.strikes(Fault.CLOCK_SKEWED):
                process.skew_s = self.chance.uniform(-_MAX_SKEW_S, _MAX_SKEW_S)
            self._slots[slot] = process
            self._owners.append(process.owner)
            dead = self.loop.create_future()
            process.owner.mourners.append(partial(settle, dead, None))
            self.trace.note(process.name, f"starts, its clock {process.skew_s:+.0f} s")
            self.loop.spawn(process.live(), process.owner)
            await dead
            self.trace.note(process.name, f"is dead after {process.owner.steps} steps")
            self._slots[slot] = None
            await asyncio.sleep(self.chance.uniform(5, 90) if self.pulls else self.chance.uniform(0.5, 60))

    async def _fate(self, slot: int) -> None:
        while self.weather.storm:
            await asyncio.sleep(self.chance.uniform(2, 90))
            process = self._slots[slot]
            if process is None or process.owner.paused:
                continue
            if self.weather.strikes(Fault.KILLED):
                process.owner.dies_at = process.owner.steps + self.chance.randrange(1, _STEPS_TO_LIVE)
            elif self.weather.strikes(Fault.PAUSED):
                self.loop.spawn(self._pause(process), None)
            elif self.weather.strikes(Fault.CUT_OFF):
                self.loop.spawn(self._cut_off(process), None)
            elif self.weather.strikes(Fault.DRAINED):
                process.terminate()
            elif self.weather.strikes(Fault.CLOCK_STEPPED):
                process.skew_s += self.chance.choice((-1, 1)) * self.chance.uniform(300, 4000)
                self.trace.note(process.name, f"its clock jumps to {process.skew_s:+.0f} s")

    async def rotate(self, secrets: tuple[Secret, ...]) -> None:
        """Every translator is restarted with other secrets, in its own time; returns once no other is left."""
        self.secrets = secrets
        while any(process and process.secrets != secrets for process in self._slots):
            for process in self._slots:
                if process and process.secrets != secrets:
                    process.terminate()
            await asyncio.sleep(30)

    async def _cut_off(self, process: Process) -> None:
        """It works on and can store what it makes, and its reports do not arrive."""
        self.trace.note(process.name, "does not reach the orchestrator")
        process.transport.walls.add(self.orchestrator)
        await asyncio.sleep(self.chance.uniform(10, 400))
        self.trace.note(process.name, "reaches the orchestrator again")
        process.transport.walls.clear()

    async def _pause(self, process: Process) -> None:
        self.trace.note(process.name, "is paused")
        process.owner.pause()
        await asyncio.sleep(self.chance.choice((self.chance.uniform(1, 60), self.chance.uniform(60, 500))))
        self.trace.note(process.name, "goes on")
        process.owner.resume(self.loop)


class LogTap(logging.Handler):
    """Every log line of the translators, as their formatter writes it."""

    def __init__(self, on_line: Callable[[str, str], None]) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(log.JsonFormatter())
        self._on_line = on_line

    def emit(self, record: logging.LogRecord) -> None:
        owner = OWNER.get()
        self._on_line(owner.name if owner else "", self.format(record))
