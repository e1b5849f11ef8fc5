"""The token bucket."""

from __future__ import annotations

from local.rate import RateLimit
from tests.edge.memory_platform import Clock


def limit(a_minute: int = 6) -> tuple[RateLimit, Clock]:
    clock = Clock()
    return RateLimit(a_minute, clock=clock), clock


def test_a_burst_is_allowed_up_to_the_minutes_requests() -> None:
    bucket, _ = limit()
    assert [bucket.allow("a") for _ in range(8)] == [True] * 6 + [False] * 2


def test_it_fills_up_steadily_and_not_beyond_its_size() -> None:
    bucket, clock = limit()
    while bucket.allow("a"):
        pass
    clock.forward(9.9)
    assert not bucket.allow("a")
    clock.forward(0.2)
    assert [bucket.allow("a"), bucket.allow("a")] == [True, False]
    clock.forward(1000)
    assert [bucket.allow("a") for _ in range(8)].count(True) == 6


def test_being_refused_costs_nothing() -> None:
    bucket, clock = limit()
    for _ in range(100):
        bucket.allow("a")
    clock.forward(10.1)
    assert bucket.allow("a")


def test_keys_are_apart() -> None:
    bucket, _ = limit(1)
    assert [bucket.allow("a"), bucket.allow("b"), bucket.allow("a")] == [True, True, False]


def test_what_was_not_used_for_a_minute_is_forgotten_and_a_flood_of_keys_is_bounded() -> None:
    bucket, clock = limit()
    for number in range(25_000):
        bucket.allow(str(number))
    assert len(bucket._buckets) <= 10_001
    clock.forward(60)
    bucket.allow("last")
    assert list(bucket._buckets) == ["last"]
