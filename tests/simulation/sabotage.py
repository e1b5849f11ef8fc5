"""Safeguards taken out, one at a time: a simulation that then finds nothing would prove nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from enum import StrEnum
from typing import Any
from unittest.mock import patch

from contract.report import Report
from edge import callbacks, series, series_learning, signed, state, verify
from edge.series_store import Revision
from edge.state import JobState


class Safeguard(StrEnum):
    CREATE_ONCE = "create-once"
    """R2 replaces an object that should only have been created."""
    NONCES = "nonces"
    """A message is believed as often as it comes."""
    WORKER_FENCE = "worker-fence"
    """Any process may report an attempt."""
    ATTEMPT_FENCE = "attempt-fence"
    """An attempt that was taken over is believed like the newest."""
    VERIFICATION = "verification"
    """What translators report to have stored is believed."""
    SWAP = "swap"
    """A series' memory is written without looking whether it has changed since it was read."""
    LESSONS = "lessons"
    """Nobody notes the pages of attempts that died before they told what they had learned."""
    OVERLAP = "overlap"
    """While a secret is rotated, the orchestrator knows the new one alone."""


_ATTEMPT: ContextVar[int] = ContextVar("attempt", default=99)


@contextmanager
def without(safeguard: Safeguard | None) -> Iterator[None]:
    """The orchestrator lacks a safeguard. ``CREATE_ONCE`` is a switch of the store, ``OVERLAP`` one of the rotation."""
    match safeguard:
        case Safeguard.NONCES:
            with patch.object(signed, "spend", _nothing):
                yield
        case Safeguard.WORKER_FENCE:
            with patch.object(callbacks, "Report", _Anybodys):
                yield
        case Safeguard.ATTEMPT_FENCE:
            with _without_attempt_fence():
                yield
        case Safeguard.SWAP:
            with patch.object(series, "revise", _overwritten):
                yield
        case Safeguard.LESSONS:
            with patch.object(series_learning, "_is_untold", lambda *_: False):
                yield
        case Safeguard.VERIFICATION:
            with patch.object(verify, "verifies", lambda *_, **__: True):
                yield
        case _:
            yield


async def _nothing(*_: Any, **__: Any) -> None:
    pass


async def _overwritten(ctx: Any, key: str, change: Any) -> Revision:
    """As :func:`edge.series_store.revise`, with no condition, and slow enough for others to come between."""
    found = await ctx.platform.bucket.read(key)
    body = change(found[1] if found else None)
    await ctx.platform.sleep(2000)
    return Revision(body and await ctx.platform.bucket.put(key, body, content_type="application/json"), wrote=True)


class _Anybodys:
    """Every report is of one and the same process."""

    @staticmethod
    def parse(body: bytes) -> Report:
        return replace(Report.parse(body), worker_id="anybody")


@contextmanager
def _without_attempt_fence() -> Iterator[None]:
    """A callback sees no attempt that is newer than its own."""
    real_load, real_answer = state.load, callbacks._answer

    async def load(*args: Any, **kwargs: Any) -> JobState | None:
        loaded = await real_load(*args, **kwargs)
        return _blind(loaded) if loaded else None

    async def answer(ctx: Any, loaded: JobState, report: Report, **kwargs: Any) -> Any:
        _ATTEMPT.set(report.attempt)
        return await real_answer(ctx, _blind(loaded), report, **kwargs)

    with patch.object(callbacks, "load", load), patch.object(callbacks, "_answer", answer):
        yield


def _blind(loaded: JobState) -> JobState:
    return replace(loaded, attempts=tuple(attempt for attempt in loaded.attempts if attempt <= _ATTEMPT.get()))
