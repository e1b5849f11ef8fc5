"""The join of page tables obeys the laws that make order and repetition harmless."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from contract.image_format import ImageFormat
from contract.report import PageError, PageOutput, PageReport, Report, ReportType, StoredObject
from contract.status import PageErrorCode, PageStatus
from edge.merge import Entry, absorb, by_attempt, join, join_all, poisoned, table_of


def page_report(page: int, status: PageStatus, detail: int) -> PageReport:
    if status is PageStatus.DONE:
        stored = StoredObject(detail, hashlib.md5(str(detail).encode()).hexdigest())
        return PageReport(page, status, output=PageOutput(1, ImageFormat.WEBP, stored, stored, 1 + detail, 1))
    if status is PageStatus.FAILED:
        return PageReport(page, status, error=PageError.of(list(PageErrorCode)[detail], "x"))
    return PageReport(page, status, stage=str(detail))


entries = st.builds(
    lambda status, detail, attempt, seq: Entry(page_report(1, status, detail), attempt, seq),
    st.sampled_from(PageStatus),
    st.integers(0, 3),
    st.integers(1, 3),
    st.integers(0, 3),
)
tables = st.dictionaries(st.integers(1, 3), entries, max_size=3)


def report(attempt: int, seq: int, statuses: dict[int, PageStatus]) -> Report:
    return Report(
        type=ReportType.HEARTBEAT,
        event_id=f"e-{attempt}-{seq}",
        job_id="job_a",
        attempt=attempt,
        worker_id="w",
        seq=seq,
        pages=tuple(page_report(page, status, seq % 4) for page, status in statuses.items()),
    )


reports = st.builds(
    report,
    st.integers(1, 3),
    st.integers(0, 9),
    st.dictionaries(st.integers(1, 4), st.sampled_from(PageStatus), max_size=4),
)


@given(tables, tables)
def test_it_commutes(left: dict[int, Entry], right: dict[int, Entry]) -> None:
    assert join(left, right) == join(right, left)


@given(tables, tables, tables)
def test_it_associates(one: dict[int, Entry], two: dict[int, Entry], three: dict[int, Entry]) -> None:
    assert join(join(one, two), three) == join(one, join(two, three))


@given(tables, tables)
def test_repetition_changes_nothing(left: dict[int, Entry], right: dict[int, Entry]) -> None:
    assert join(left, left) == left
    assert join(join(left, right), right) == join(left, right)


@given(tables, tables)
def test_an_end_never_goes_back_and_done_beats_failed(left: dict[int, Entry], right: dict[int, Entry]) -> None:
    joined = join(left, right)
    for page, entry in left.items():
        before, after = entry.report.status, joined[page].report.status
        assert not (before is PageStatus.DONE and after is not PageStatus.DONE)
        assert not (before.is_terminal and not after.is_terminal)


@given(entries, entries)
def test_between_two_that_are_not_ended_the_newer_one_wins(one: Entry, two: Entry) -> None:
    if not one.report.status.is_terminal and not two.report.status.is_terminal:
        winner = join({1: one}, {1: two})[1]
        assert (winner.attempt, winner.seq) == max((one.attempt, one.seq), (two.attempt, two.seq))


@given(st.lists(reports, max_size=6), st.randoms())
def test_any_order_of_reports_gives_one_table(given_reports: list[Report], chance: object) -> None:
    shuffled = list(given_reports)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' Random
    assert join_all(shuffled) == join_all(given_reports)


@given(reports, reports)
def test_absorbing_loses_no_end(stored: Report, fresh: Report) -> None:
    from dataclasses import replace

    fresh = replace(fresh, attempt=stored.attempt)
    merged = table_of(absorb(stored, fresh))
    for page, entry in join(table_of(stored), table_of(fresh)).items():
        assert merged[page].report == entry.report
    assert merged == table_of(absorb(absorb(stored, fresh), fresh))


def test_a_page_is_poison_after_two_deaths_not_after_one_told_twice() -> None:
    running, done = {1: PageStatus.RUNNING, 2: PageStatus.RUNNING}, {1: PageStatus.RUNNING, 2: PageStatus.DONE}
    assert poisoned([report(1, 1, running)]) == set()
    assert poisoned(by_attempt([report(1, 1, running), report(1, 2, running)])) == set()
    assert poisoned(by_attempt([report(1, 1, running), report(2, 1, done)])) == {1}
