"""A chapter whose texts a slow model translates: wall time by how its pages are asked for, against what there is to do.

The real container, engines and model client; the model is a server that speaks the real HTTP and takes its time over
each call. Each way of asking is a job of its own, so that none knows another's answers.
"""

from __future__ import annotations

import asyncio
import io
import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from PIL import Image

from contract.job import Options
from contract.report import Report
from contract.status import PageStatus
from contract.translation import Context, TranslationWish
from sample.page import draw_page
from sample.random_page import random_page
from tests.support.llm_server import ModelServer, openai_server
from tests.support.llm_wire import Hang, Outcome, WireCall, good
from tests.translator.containers import Running, running, until
from translator.attempt import Tempo
from translator.build import Engines, load_engines
from translator.config import Config
from translator.lanes import TRANSLATED_AT_ONCE
from translator.translation.model import ApiKey, ModelSettings
from translator.translation.settings import Endpoint, TranslationSettings

PAGES, CALL_S = 10, 3.0
TOGETHER = 4
WAYS: Mapping[str, TranslationWish] = {
    "context of both": TranslationWish(context=Context.BOTH, context_pages=3),
    "context of sources": TranslationWish(context=Context.SOURCE, context_pages=3),
    "no context": TranslationWish(context=Context.NONE),
    f"{TOGETHER} pages a call": TranslationWish(context=Context.BOTH, context_pages=3, pages_per_call=TOGETHER),
}
_WAITING = frozenset({Context.BOTH, Context.TARGET})
_READ, _FINISH = frozenset({"decode", "detect", "read", "order"}), frozenset({"clean", "typeset", "encode"})
_LONGEST_S = 600.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A job. ``read_s`` and ``finish_s`` are all of its pages' own stages, before and after the model."""

    way: str
    wish: TranslationWish
    wall_s: float
    calls: int
    done: int
    read_s: float
    finish_s: float

    @property
    def in_turn_s(self) -> float:
        """One thing after the other: every stage of every page, and every call."""
        return self.read_s + self.finish_s + self.calls * CALL_S

    def ideal_s(self, readers: int) -> float:
        """The busiest part with nothing to wait for, and what must be before and after it: a call's pages are read
        first and its last page is finished last."""
        at_once = 1 if self.wish.context in _WAITING else TRANSLATED_AT_ONCE
        together, pages = self.wish.pages_per_call or 1, max(1, self.done)
        first_s, last_s = together * self.read_s / pages / min(readers, together), self.finish_s / pages
        calls_s = math.ceil(self.calls / at_once) * CALL_S
        reading_s = self.read_s / readers + CALL_S + last_s
        finishing_s = first_s + CALL_S + self.finish_s
        return max(first_s + calls_s + last_s, reading_s, finishing_s)

    def told(self, readers: int) -> str:
        ideal_s = self.ideal_s(readers)
        return (
            f"  {self.way:<20}{self.wall_s:6.1f} s  {self.calls:2} calls  "
            f"in turn {self.in_turn_s:5.1f} s ({self.wall_s / self.in_turn_s:4.2f} of it)  "
            f"ideal {ideal_s:5.1f} s ({self.wall_s / ideal_s:4.2f} times)  "
            f"read {self.read_s:4.1f} s, finish {self.finish_s:4.1f} s"
        )


def run() -> Iterator[str]:
    """The lines that tell it, as they come."""
    pages = dict(enumerate(_drawn(), start=1))
    with openai_server() as server:
        server.rule = _slow
        config = _config(server)
        engines = load_engines(config)
        yield f"{PAGES} drawn pages, {CALL_S:g} s a call, {config.readers} readers, {os.cpu_count()} CPUs"
        yield from _jobs(server, engines, config, pages)


def _jobs(server: ModelServer, engines: Engines, config: Config, pages: Mapping[int, bytes]) -> Iterator[str]:
    # The first pages of a process are slower than the others.
    asyncio.run(_measured("warm-up", WAYS["no context"], server, engines, dict(list(pages.items())[:2])))
    for way, wish in WAYS.items():
        measured = asyncio.run(_measured(way, wish, server, engines, pages))
        yield measured.told(config.readers)
        if measured.done != len(pages):
            yield f"  {measured.done} of {len(pages)} pages were done: the figures above mean nothing"


async def _measured(
    way: str, wish: TranslationWish, server: ModelServer, engines: Engines, pages: Mapping[int, bytes]
) -> Measured:
    before = len(server.calls)
    async with running(load=lambda: engines, tempo=Tempo(report_s=1.0), threads=_threads()) as it:
        started = time.perf_counter()
        result = await _result(it, wish, pages)
        wall_s = time.perf_counter() - started
    stages: Counter[str] = Counter()
    for page in result.pages:
        stages.update(page.timings_ms)
    done = sum(page.status is PageStatus.DONE for page in result.pages)
    read_s, finish_s = (sum(stages[name] for name in names) / 1000 for names in (_READ, _FINISH))
    return Measured(way, wish, wall_s, len(server.calls) - before, done, read_s, finish_s)


async def _result(it: Running, wish: TranslationWish, pages: Mapping[int, bytes]) -> Report:
    order = it.orchestrator.order(pages, options=Options(translation=wish), heartbeat_s=5.0, lease_s=60.0)
    answer = await it.dispatch(order)
    if answer.status_code != 202:
        raise SystemExit(f"the translator did not take the chapter: {answer.status_code} {answer.text}")
    await until(lambda: bool(it.orchestrator.results), timeout_s=_LONGEST_S)
    await it.idle()
    return it.orchestrator.result


def _slow(call: WireCall) -> Outcome:
    return Hang(CALL_S, then=good(call))


def _config(server: ModelServer) -> Config:
    model = ModelSettings("test-model", f"{server.origin}/v1", vision=False, stream=False)
    endpoint = Endpoint("openai", model, (ApiKey("", "no key"),))
    return Config(threads=_threads(), translation=TranslationSettings(endpoint, Config().dict_dir))


def _threads() -> int:
    return os.cpu_count() or 1


def _drawn() -> Iterator[bytes]:
    for seed in range(1, PAGES + 1):
        out = io.BytesIO()
        Image.fromarray(draw_page(random_page(seed))[0]).save(out, "PNG")
        yield out.getvalue()
