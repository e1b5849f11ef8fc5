"""The simulation holds for some hundred seeds, finds what is wrong once a safeguard is missing, and can be replayed."""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulation.__main__ import main
from tests.simulation.ambient import Escape, ambient
from tests.simulation.many import told
from tests.simulation.sabotage import Safeguard
from tests.simulation.story import Outcome, tell
from tests.simulation.weather import Fault

SEEDS = range(200)
ROOT = Path(__file__).resolve().parents[2]
SEARCHED = 60
"""So many seeds at most are looked through for what a missing safeguard breaks."""
WHAT_BREAKS = {
    Safeguard.CREATE_ONCE: ("has two finals", "led to two jobs", "its final changed", "was claimed twice"),
    Safeguard.NONCES: ("was believed twice",),
    Safeguard.WORKER_FENCE: ("two processes were believed", "was translated twice in attempt"),
    Safeguard.ATTEMPT_FENCE: ("has the job", "stale attempt"),
    Safeguard.VERIFICATION: ("is called done and is not there",),
    Safeguard.SWAP: ("is not in the series' memory",),
    Safeguard.LESSONS: ("is not in the series' memory",),
    Safeguard.OVERLAP: ("that an active secret signs was refused",),
}


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return list(told(SEEDS, jobs=os.cpu_count() or 1))


def test_every_story_goes_as_it_must(outcomes: list[Outcome]) -> None:
    broken = {outcome.seed: outcome.violations for outcome in outcomes if outcome.violations}
    assert not broken, "python -m tests.simulation --replay SEED tells its story"


def test_every_fault_happens(outcomes: list[Outcome]) -> None:
    faults = sum((outcome.faults for outcome in outcomes), Counter())
    assert [fault for fault in Fault if not faults[fault.value]] == []


def test_jobs_end_in_every_way_and_attempts_are_taken_over(outcomes: list[Outcome]) -> None:
    ends = sum((outcome.ends for outcome in outcomes), Counter())
    facts = sum((outcome.facts for outcome in outcomes), Counter())
    assert set(ends) == {"success", "partial", "error", "canceled", "expired"}
    assert facts["takeovers"] > 20
    assert facts["retranslated"] > 20
    assert facts["fair"] > 3
    assert facts["rotated"] > 20
    assert facts["listed"] > 1000
    assert facts["learned"] > 300


@pytest.mark.parametrize("safeguard", Safeguard)
def test_without_a_safeguard_the_simulation_finds_what_it_was_for(safeguard: Safeguard) -> None:
    for seed in range(SEARCHED):
        found = tell(seed, lacking=safeguard).violations
        if any(sign in violation for violation in found for sign in WHAT_BREAKS[safeguard]):
            return
    pytest.fail(f"{SEARCHED} seeds without {safeguard}, and nothing broke")


def test_a_seed_is_the_same_story_in_another_process_with_other_hashes() -> None:
    digests = {_digest_elsewhere(hash_seed) for hash_seed in ("1", "2")}
    assert digests == {_digest(7)}


def test_two_seeds_are_two_stories() -> None:
    assert _digest(7) != _digest(8)


def test_a_failing_seed_tells_its_story_and_how_to_hear_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    seed = next(seed for seed in range(SEARCHED) if tell(seed, lacking=Safeguard.NONCES).violations)
    assert main(["--first", str(seed), "--seeds", "1", "--jobs", "1", "--without", "nonces"]) == 1
    assert f"--replay {seed} --without nonces" in capsys.readouterr().out
    assert main(["--replay", str(seed), "--without", "nonces"]) == 1
    told_again = capsys.readouterr().out
    assert "VIOLATION        message msg_" in told_again
    assert "POST /callbacks/container: a second time: 200" in told_again


@pytest.mark.parametrize(
    "reach",
    [
        lambda: time.time(),
        lambda: time.time_ns(),
        lambda: time.sleep(1),
        lambda: random.random(),
        lambda: os.urandom(4),
        lambda: secrets.token_urlsafe(),
        lambda: threading.Thread(target=int).start(),
    ],
)
def test_who_reaches_for_the_machines_own_clock_chance_or_threads_is_caught(reach: Callable[[], object]) -> None:
    with ambient(lambda: 0.0, random.Random(1)), pytest.raises(Escape):
        reach()


def _digest(seed: int) -> str:
    return tell(seed).digest


def _environment() -> dict[str, str]:
    path = os.pathsep.join(str(ROOT / part) for part in ("", "orchestrator", "containers"))
    return {**os.environ, "PYTHONPATH": path}


def _digest_elsewhere(hash_seed: str) -> str:
    code = "from tests.simulation.story import tell; print(tell(7).digest)"
    env = {**_environment(), "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_command_runs_seeds_on_two_processes() -> None:
    command = [sys.executable, "-m", "tests.simulation", "--seeds", "6", "--jobs", "2"]
    ran = subprocess.run(
        command, cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
