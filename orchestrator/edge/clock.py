"""Times as the outside sees them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII)


def iso(seconds: float) -> str:
    """ISO 8601 in UTC, milliseconds: ``2026-11-22T01:02:03.456Z``."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hour_of(seconds: float) -> str:
    """``yyyymmddhh`` in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H")


def http_date(text: str) -> float | None:
    """Unix seconds of an HTTP date as all senders have to write it (RFC 9110 §5.6.7), ``None`` for anything else."""
    match = _HTTP_DATE.fullmatch(text.strip())
    if match is None or match[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    try:
        return datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None
