"""A chapter's bill: known counts, the same every time, no more a page than was promised."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from edge.config import Config
from tools.bench.costs import AIM, EAGER_S, cron_usage
from tools.bench.ledger import CountedWorld
from tools.bench.prices import Kind, dollars, storage_dollars
from tools.bench.scenario import LIFECYCLE_DAYS, REPORT_S, Bill, Scenario, live_through
from translator.reporter import LEAST_INTERVAL_S, interval_s

LAYOUT = (Path(__file__).resolve().parents[2] / "r2_layout.md").read_text()
PAGES_ALONE_A = 3
"""Class A operations that no orchestrator can save: a page's input, image and document are put."""
MOST_EAGER = 0.055
"""Dollars for 1,000 pages with a translator that reports twice a second: above the aim, and not to get worse."""


@pytest.fixture(scope="module")
def small() -> Bill:
    return live_through(Scenario(10))


def test_the_bill_of_a_known_chapter(small: Bill) -> None:
    """8.8 s: a first report and one after 5 s, polls after 1, 3, 6 and 8 s and at the end; no sweep."""
    assert small.calls == {"heartbeats": 2, "polls": 5, "downloads": 20}
    assert small.steps["uploads (client)"] == {Kind.R2_A: 10}
    assert small.steps["inputs (translator)"] == {Kind.R2_B: 10}
    assert small.steps["outputs (translator)"] == {Kind.R2_A: 20}
    assert small.steps["create"] == {Kind.R2_A: 1, Kind.KV_WRITE: 2, Kind.REQUEST: 1, Kind.LOG: 1}
    assert small.usage[Kind.R2_A] == PAGES_ALONE_A * 10 + 19
    assert (small.usage[Kind.KV_WRITE], small.usage[Kind.KV_DELETE], small.usage[Kind.KV_LIST]) == (4, 1, 0)
    assert small.usage[Kind.REQUEST] == 1 + 1 + 2 + 5 + 1 + 20


def test_the_same_chapter_has_the_same_bill(small: Bill) -> None:
    again = live_through(small.scenario)
    assert (again.usage, again.calls) == (small.usage, small.calls)
    assert again.total_a_thousand == small.total_a_thousand


def test_a_bill_is_its_operations_and_its_storage(small: Bill) -> None:
    assert small.operations_a_thousand == pytest.approx(100 * dollars(small.usage))
    assert small.storage_a_thousand == pytest.approx(100 * storage_dollars(small.byte_days))
    assert small.total_a_thousand == small.operations_a_thousand + small.storage_a_thousand
    pages = 10 * (155_000 * 10 + (154_000 + 10_400) * 30)
    assert pages < small.byte_days < 1.2 * pages


@pytest.mark.parametrize("pages", [20, 40, 100])
def test_1000_pages_cost_less_than_3_cents(pages: int) -> None:
    assert live_through(Scenario(pages)).total_a_thousand < AIM


def test_a_translator_that_reports_as_often_as_it_may_costs_no_more_than_it_did() -> None:
    assert live_through(Scenario(20, report_s=EAGER_S)).total_a_thousand < MOST_EAGER


def test_reports_are_as_frequent_as_the_translators() -> None:
    heartbeat_s = next(field.default for field in fields(Config) if field.name == "heartbeat_s")
    assert isinstance(heartbeat_s, float)
    assert interval_s(heartbeat_s) == REPORT_S
    assert interval_s(0.05) == EAGER_S == LEAST_INTERVAL_S


def test_a_slower_translator_costs_more() -> None:
    slow = live_through(Scenario(10, seconds_a_page=5.0))
    fast = live_through(Scenario(10, seconds_a_page=0.5))
    assert slow.calls["heartbeats"] > fast.calls["heartbeats"]
    assert slow.calls["sweeps"] == 1
    assert slow.operations_a_thousand > fast.operations_a_thousand


@pytest.mark.parametrize("pages", [10, 200, 500])
def test_a_poll_asks_the_stores_as_often_whatever_the_chapters_length(pages: int) -> None:
    world = CountedWorld()
    with world.step("before"):
        attempt = world.attempt(pages=pages)
        attempt.heartbeat()
    with world.step("poll"):
        etag = world.call("GET", f"/jobs/{attempt.job_id}").headers["etag"]
    with world.step("unchanged"):
        assert world.call("GET", f"/jobs/{attempt.job_id}", headers={"if-none-match": etag}).status == 304
    expected = {Kind.R2_B: 9, Kind.REQUEST: 1, Kind.LOG: 1}
    assert (world.steps["poll"], world.steps["unchanged"]) == (expected, expected)
    world.close()


def test_the_cron_has_its_price_also_where_nothing_is_to_be_done() -> None:
    assert cron_usage(0, runs=1) == {Kind.R2_A: 2, Kind.KV_READ: 3, Kind.KV_LIST: 1, Kind.REQUEST: 1}
    assert dollars(cron_usage(3, runs=1)) > dollars(cron_usage(0, runs=1))


def test_what_is_stored_is_kept_as_long_as_the_layout_says() -> None:
    section = LAYOUT.partition("## Lifecycle rules")[2]
    documented = {
        prefix: int(days)
        for prefixes, days in re.findall(r"^\| (`.*?`) \| (\d+) days? \|", section, re.MULTILINE)
        for prefix in re.findall(r"`([^`]+)`", prefixes)
    }
    assert documented == LIFECYCLE_DAYS
