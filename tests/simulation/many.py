"""Many seeds, on several processes.

Apart from ``__main__``: what a spawned process is to call, it must be able to import.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable
from functools import partial

from tests.simulation.sabotage import Safeguard
from tests.simulation.story import Outcome, tell


def told(seeds: Iterable[int], *, lacking: Safeguard | None = None, jobs: int = 1) -> Iterable[Outcome]:
    """The seeds' outcomes, in their order."""
    if jobs == 1:
        yield from map(partial(_quietly, lacking=lacking), seeds)
        return
    # Fresh processes, not forks: whoever asks may have threads.
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(partial(_quietly, lacking=lacking), seeds, chunksize=4)


def _quietly(seed: int, *, lacking: Safeguard | None) -> Outcome:
    """Without its trace, which is long and can be had again."""
    outcome = tell(seed, lacking=lacking)
    return outcome if outcome.violations else outcome.without_lines()
