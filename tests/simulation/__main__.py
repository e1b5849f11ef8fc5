"""``python -m tests.simulation``: seeds on every core, or one seed with its trace.

Exit code 0 where every seed held, 1 where one did not: its number, its violations, and how to see its trace.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

from tests.simulation.many import told
from tests.simulation.sabotage import Safeguard
from tests.simulation.story import Outcome, tell
from tests.simulation.weather import Fault

_SHOWN = 5
"""Seeds that failed of which the violations are printed."""


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    lacking = Safeguard(asked.without) if asked.without else None
    if asked.replay is not None:
        return _replay(asked.replay, lacking)
    seeds = range(asked.first, asked.first + asked.seeds)
    return _survey(seeds, lacking, jobs=asked.jobs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many (300)")
    parser.add_argument("--first", type=int, default=0, help="the first one (0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (one a core)")
    parser.add_argument("--replay", type=int, metavar="SEED", help="tell this one seed, line by line")
    parser.add_argument("--without", choices=list(Safeguard), help="take out a safeguard: violations are to be found")
    return parser


def _replay(seed: int, lacking: Safeguard | None) -> int:
    outcome = tell(seed, lacking=lacking, show=_say)
    _say(f"\ntrace {outcome.digest}")
    _say(f"ends: {_listed(outcome.ends)}")
    _say(f"faults: {_listed(outcome.faults)}")
    for violation in outcome.violations:
        _say(f"VIOLATION  {violation}")
    return 1 if outcome.violations else 0


def _survey(seeds: range, lacking: Safeguard | None, *, jobs: int) -> int:
    began = time.perf_counter()
    faults: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    facts: Counter[str] = Counter()
    failed: list[Outcome] = []
    for outcome in told(seeds, lacking=lacking, jobs=jobs):
        faults += outcome.faults
        ends += outcome.ends
        facts += outcome.facts
        if outcome.violations:
            failed.append(outcome)
    seconds = time.perf_counter() - began
    _say(f"{len(seeds)} seeds in {seconds:.1f} s, {len(seeds) / seconds:.1f} a second, {len(failed)} with violations")
    _say(f"jobs: {_listed(ends)}")
    _say(f"also: {_listed(facts)}")
    _say("faults:")
    for fault in Fault:
        _say(f"{faults[fault.value]:9,}  {fault.value}")
    for outcome in failed[:_SHOWN]:
        _tell_failure(outcome, lacking)
    return 1 if failed else 0


def _tell_failure(outcome: Outcome, lacking: Safeguard | None) -> None:
    _say(f"\nseed {outcome.seed}, trace {outcome.digest[:16]}:")
    for violation in outcome.violations[:_SHOWN]:
        _say(f"  {violation}")
    option = f" --without {lacking}" if lacking else ""
    _say(f"  its story: python -m tests.simulation --replay {outcome.seed}{option}")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
