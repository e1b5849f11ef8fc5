"""The one place that catches everything: a job, a delivery or a request that breaks must not take others with it."""

from __future__ import annotations

import re
import traceback
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from edge.platform import Platform

T = TypeVar("T")
_QUERY = re.compile(r"\?\S+")
_FRAMES = 6


async def contain(platform: Platform, event: str, work: Awaitable[T], fields: Mapping[str, Any]) -> T | None:
    """The result of ``work``, or ``None`` after logging what broke."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001 - the boundary
        platform.log(event, {**fields, **describe(error)})
        return None


def describe(error: Exception) -> dict[str, str]:
    """For the log: type, place and message, the latter without what a URL's query may hold."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return {
        "error": type(error).__name__,
        "message": _QUERY.sub("?…", str(error))[:300],
        "at": " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames)),
    }
