"""No clock, no chance and no thread but the simulation's: whoever reaches for the machine's own is caught."""

from __future__ import annotations

import io
import os
import random
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import anyio.to_thread

from translator import job_mode

EPOCH = 1_790_000_000.0
"""Unix seconds at which every story begins."""
_ONLOOKERS = ("logging", "http.cookiejar", "prometheus_client")
"""May ask for the time of day (and get the virtual one): log records, an unused cookie jar, metrics' creation times."""
_CHANCE = ("random", "randint", "randrange", "choice", "choices", "shuffle", "sample", "getrandbits", "randbytes")


class Escape(BaseException):
    """The code under test reached for a real clock, for real chance, or for a thread. No handler hides it."""


@contextmanager
def ambient(now: Callable[[], float], chance: random.Random) -> Iterator[None]:
    """``now`` in seconds since the story's beginning. ``random.uniform`` and ``secrets.token_hex`` are ``chance``'s."""

    def time_of_day() -> float:
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if not caller.startswith(_ONLOOKERS):
            raise Escape(f"{caller} asks for the real time")
        return EPOCH + now()

    async def inline(func: Callable[..., Any], *args: Any, **_: Any) -> Any:
        return func(*args)

    patches: list[tuple[Any, str, Any]] = [
        (time, "time", time_of_day),
        (time, "monotonic", now),
        (time, "perf_counter", now),
        (random, "uniform", chance.uniform),
        (secrets, "token_hex", lambda count=16: chance.randbytes(count).hex()),
        (anyio.to_thread, "run_sync", inline),
        (job_mode, "sys", SimpleNamespace(stdout=io.StringIO())),
        *((time, name, _forbidden(f"time.{name}")) for name in ("time_ns", "monotonic_ns", "sleep")),
        *((random, name, _forbidden(f"random.{name}")) for name in _CHANCE),
        *((secrets, name, _forbidden(f"secrets.{name}")) for name in ("token_bytes", "token_urlsafe", "randbelow")),
        (os, "urandom", _forbidden("os.urandom")),
        (threading.Thread, "start", _forbidden("a thread")),
    ]
    with ExitStack() as stack:
        for owner, name, value in patches:
            stack.enter_context(patch.object(owner, name, value))
        yield


def _forbidden(what: str) -> Callable[..., Any]:
    def reached(*_: Any, **__: Any) -> Any:
        raise Escape(f"{what} was reached")

    return reached
