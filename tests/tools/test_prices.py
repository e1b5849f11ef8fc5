"""Dollars are counts times published prices, and nothing is lost on the way."""

from __future__ import annotations

from collections import Counter

import pytest

from tools.bench.prices import DOLLARS_A_MILLION, Kind, a_thousand, dollars, storage_dollars


@pytest.mark.parametrize(
    ("kind", "price"),
    [
        (Kind.R2_A, 4.50),
        (Kind.R2_B, 0.36),
        (Kind.R2_FREE, 0.0),
        (Kind.KV_READ, 0.50),
        (Kind.KV_WRITE, 5.0),
        (Kind.KV_DELETE, 5.0),
        (Kind.KV_LIST, 5.0),
        (Kind.REQUEST, 0.30),
        (Kind.POINT, 0.25),
    ],
)
def test_a_million_of_a_kind_costs_its_price(kind: Kind, price: float) -> None:
    assert dollars({kind: 1_000_000}) == pytest.approx(price)


def test_every_kind_but_the_log_lines_has_a_price() -> None:
    assert set(Kind) - set(DOLLARS_A_MILLION) == {Kind.LOG}


def test_kinds_add_up() -> None:
    usage = Counter({Kind.R2_A: 3, Kind.R2_B: 5, Kind.KV_WRITE: 2, Kind.LOG: 100})
    assert dollars(usage) == pytest.approx((3 * 4.5 + 5 * 0.36 + 2 * 5.0) / 1e6)
    assert dollars({}) == 0


def test_a_gigabyte_for_a_month_costs_what_two_cost_for_half_of_it() -> None:
    assert storage_dollars(1e9 * 30) == pytest.approx(0.015)
    assert storage_dollars(2e9 * 15) == pytest.approx(0.015)


def test_a_chapters_cost_is_told_for_1000_pages() -> None:
    assert a_thousand(0.002, pages=40) == pytest.approx(0.05)
