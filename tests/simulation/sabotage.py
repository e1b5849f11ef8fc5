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
from edge import callbacks, signed, state, verify
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


_ATTEMPT: ContextVar[int] = ContextVar("attempt", default=99)


@contextmanager
def without(safeguard: Safeguard | None) -> Iterator[None]:
    """The orchestrator lacks a safeguard. ``CREATE_ONCE`` is a switch of the store."""
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
        case Safeguard.VERIFICATION:
            with patch.object(verify, "verifies", lambda *_, **__: True):
                yield
        case _:
            yield


async def _nothing(*_: Any, **__: Any) -> None:
    pass


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
