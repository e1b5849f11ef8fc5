"""What a chapter costs at Cloudflare, told: operations by step and by class, dollars for 1,000 pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tests.edge.world import CONSUMER, Attempt
from tools.bench.ledger import CountedWorld
from tools.bench.prices import DOLLARS_A_MILLION_CPU_MS, READ_ON, Kind, Usage, a_thousand, dollars
from tools.bench.scenario import LIFECYCLE_DAYS, Bill, Scenario, live_through

AIM = 0.03
"""Dollars for 1,000 pages: everything but compute and the language model."""
CHAPTERS = (Scenario(20), Scenario(40), Scenario(200))
EAGER_S = 0.5
"""Between two reports, of a translator that tells every stage of a page."""
_RUNS_A_MONTH = 30 * 24 * 60
_CPU_MS = 10
_SHOWN = tuple(kind for kind in Kind if kind is not Kind.LOG)


def run() -> list[str]:
    bills = [live_through(scenario) for scenario in CHAPTERS]
    eager = [live_through(replace(scenario, report_s=EAGER_S)) for scenario in CHAPTERS]
    middle = bills[1]
    return [
        *_introduced(),
        *_table(f"a chapter of {middle.scenario.pages} pages, by step", _steps(middle)),
        *_table("a chapter, by its pages", ((_name(bill), bill.usage, bill.scenario.pages) for bill in bills)),
        *(line for bill in (*bills, *eager) for line in _verdict(bill)),
        *_cron(),
        *_left_out(middle),
    ]


def cron_usage(jobs: int, *, runs: int = 5) -> Counter[Kind]:
    """What so many runs of the sweep take where so many jobs have ended in the last days, and none is open."""
    world = CountedWorld(max_active_jobs=jobs + 1)
    try:
        with world.step("before"):
            for _ in range(jobs):
                _end_one(world)
        with world.step("sweeps"):
            for _ in range(runs):
                world.sweep(60)
        return world.steps["sweeps"]
    finally:
        world.close()


def _end_one(world: CountedWorld) -> None:
    attempt: Attempt = world.attempt(pages=1, webhook_url=CONSUMER)
    attempt.heartbeat()
    attempt.deliver(1)
    assert attempt.finish().status == 200


def _introduced() -> list[str]:
    chapter, days = CHAPTERS[0], LIFECYCLE_DAYS
    kept = f"{chapter.input_bytes / 1000:.0f} kB in for {days['inputs/']} days"
    made = f"{(chapter.image_bytes + chapter.document_bytes) / 1000:.0f} kB out for {days['outputs/']}"
    return [
        f"operations and dollars, counted on the orchestrator's code; prices of {READ_ON}, nothing included free:",
        f"  {chapter.seconds_a_page} s a page, one attempt, no fault; reports every {chapter.report_s} s, polls as",
        f"  Retry-After and the client's pace have it, the sweep every {chapter.sweep_s:.0f} s; each page's image and",
        f"  document fetched once through the Worker; stored a page: {kept}, {made}; egress is free",
    ]


def _steps(bill: Bill) -> Iterable[tuple[str, Usage, int]]:
    yield from ((name, usage, bill.scenario.pages) for name, usage in bill.steps.items())
    yield "all", bill.usage, bill.scenario.pages


def _name(bill: Bill) -> str:
    calls = bill.calls
    return (
        f"{bill.scenario.pages} pages: {calls['heartbeats']} reports, {calls['polls']} polls, {calls['sweeps']} sweeps"
    )


def _table(title: str, rows: Iterable[tuple[str, Usage, int]]) -> list[str]:
    head = "".join(f"{kind.value:>12}" for kind in _SHOWN)
    lines = [f"  {title:<46}{head}   $/1,000 pages"]
    for name, usage, pages in rows:
        cells = "".join(f"{usage.get(kind, 0):>12,}" for kind in _SHOWN)
        lines.append(f"    {name:<44}{cells}{a_thousand(dollars(usage), pages=pages):>16.4f}")
    return lines


def _verdict(bill: Bill) -> list[str]:
    scenario, says = bill.scenario, "below" if bill.total_a_thousand < AIM else "ABOVE"
    parts = f"${bill.operations_a_thousand:.4f} of operations + ${bill.storage_a_thousand:.4f} of storage"
    return [
        f"  {scenario.pages:>4} pages, reports every {scenario.report_s:g} s: {parts} = ${bill.total_a_thousand:.4f} "
        f"for 1,000 pages, {says} the aim of ${AIM}"
    ]


def _cron() -> list[str]:
    lines = []
    for name, jobs in (("nothing stored", 0), ("200 chapters ended lately", 200)):
        runs = 5
        month = dollars(cron_usage(jobs, runs=runs)) / runs * _RUNS_A_MONTH
        lines.append(
            f"  the cron without an open job, every minute, {name}: ${month:.2f} a month, whatever is translated"
        )
    return lines


def _left_out(bill: Bill) -> list[str]:
    requests, pages = bill.usage[Kind.REQUEST], bill.scenario.pages
    cpu = a_thousand(requests * _CPU_MS * DOLLARS_A_MILLION_CPU_MS / 1e6, pages=pages)
    logs = a_thousand(bill.usage[Kind.LOG] + requests, pages=pages)
    return [
        f"  not in it: compute (every {_CPU_MS} ms of CPU a request would be ${cpu:.4f} for 1,000 pages), the",
        f"  language model, the plan's $5 a month, Workers Logs ({logs:,.0f} lines for 1,000 pages; 20 million a month",
        "  are included)",
    ]
