"""The join of page tables: reports may come late, twice and out of order, and the result is the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contract.report import PageError, PageReport, Report
from contract.status import PageErrorCode, PageStatus

Table = Mapping[int, "Entry"]
_DEATHS_OF_POISON = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """What one report, the ``seq``-th of an attempt, says about a page."""

    report: PageReport
    attempt: int
    seq: int

    @property
    def precedence(self) -> tuple[int, int, int, int, str]:
        """A total order, so that the join is the maximum: ends before the rest, done before failed, then the newer."""
        status = self.report.status
        end = {PageStatus.DONE: 2, PageStatus.FAILED: 1}.get(status, 0)
        return end, self.attempt, self.seq, status.rank, json.dumps(self.report.to_json(), sort_keys=True)


def join(left: Table, right: Table) -> dict[int, Entry]:
    """Commutative, associative, idempotent; a page that is done or failed never goes back."""
    joined = dict(left)
    for page, entry in right.items():
        held = joined.get(page)
        if held is None or entry.precedence > held.precedence:
            joined[page] = entry
    return joined


def table_of(report: Report) -> dict[int, Entry]:
    return {page.page: Entry(page, report.attempt, report.seq) for page in report.pages}


def join_all(reports: Iterable[Report]) -> dict[int, Entry]:
    table: dict[int, Entry] = {}
    for report in reports:
        table = join(table, table_of(report))
    return table


def absorb(stored: Report, fresh: Report) -> Report:
    """The newer report of an attempt, without losing what the stored one knew. Both have the same attempt."""
    older, newer = (stored, fresh) if fresh.seq >= stored.seq else (fresh, stored)
    table = join(table_of(older), table_of(newer))
    pages = tuple(table[page].report for page in sorted(table))
    return Report(
        type=newer.type,
        event_id=newer.event_id,
        job_id=newer.job_id,
        attempt=newer.attempt,
        worker_id=stored.worker_id,
        seq=newer.seq,
        pages=pages,
        transport=newer.transport,
        engines=newer.engines,
        learned=newer.learned if newer.learned is not None else older.learned,
        usage=newer.usage if newer.usage.calls >= older.usage.calls else older.usage,
        protocol=newer.protocol,
    )


def by_attempt(reports: Iterable[Report]) -> list[Report]:
    """One report an attempt: all that its reports knew."""
    merged: dict[int, Report] = {}
    for report in reports:
        held = merged.get(report.attempt)
        merged[report.attempt] = absorb(held, report) if held else report
    return [merged[attempt] for attempt in sorted(merged)]


def poisoned(dead: Iterable[Report]) -> frozenset[int]:
    """Pages that two attempts died with, one of them with nothing else in work; one report an attempt.

    A machine that is taken away twice would else condemn every page that happened to be in work.
    """
    dead = tuple(dead)
    convicted = {pages[0] for pages in map(_in_work, dead) if len(pages) == 1}
    return frozenset(page for page in _repeated(dead) if page in convicted)


def suspects(dead: Iterable[Report]) -> frozenset[int]:
    """Pages that two attempts died with, always among others: the next attempt has to do them alone."""
    dead = tuple(dead)
    return _repeated(dead) - poisoned(dead)


def _repeated(dead: Iterable[Report]) -> frozenset[int]:
    deaths = Counter(page for report in dead for page in _in_work(report))
    return frozenset(page for page, count in deaths.items() if count >= _DEATHS_OF_POISON)


def _in_work(report: Report) -> tuple[int, ...]:
    """The pages in work in an attempt's last words."""
    return tuple(page.page for page in report.pages if page.status is PageStatus.RUNNING)


def poison_entry(page: int) -> Entry:
    error = PageError.of(PageErrorCode.POISON, "attempts died with this page in work, one of them with no other")
    return Entry(PageReport(page=page, status=PageStatus.FAILED, error=error), attempt=0, seq=0)
