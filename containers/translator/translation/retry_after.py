"""The header ``Retry-After``: seconds, or a date, as HTTP allows."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST_S = 24 * 3600.0


def retry_after_s(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait, at most a day; None for no header, or one that makes no sense."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, now or datetime.now(UTC))
    return min(_LONGEST_S, max(0.0, seconds)) if seconds == seconds else None


def _until(value: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
