"""The header ``Retry-After`` as servers send it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from translator.translation.retry_after import retry_after_s

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("17", 17.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("1e9", 86_400.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 13:00:30 +0100", 30.0),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("99 Foo 2026", None),
    ],
)
def test_seconds_dates_and_nonsense(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOW) == seconds
