"""Times as the outside sees them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(seconds: float) -> str:
    """ISO 8601 in UTC, milliseconds: ``2026-11-22T01:02:03.456Z``."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hour_of(seconds: float) -> str:
    """``yyyymmddhh`` in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H")
