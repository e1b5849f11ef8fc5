"""Large arrays go back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.processes import PYTHON_PATH

_WORK = """
import sys, numpy as np
from translator.heap import give_back_early
if sys.argv[1] == "early" and not give_back_early():
    sys.exit(3)
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
before = resident()
for _ in range(3):
    held = [np.ones(20_000_000, np.uint8) for _ in range(8)]
    small = [np.ones(3_000, np.uint8) for _ in range(3000)]
    del held
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_a_strips_arrays_took_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WORK, "early"], env={"PYTHONPATH": PYTHON_PATH}, capture_output=True, text=True
    )
    if done.returncode == 3:
        pytest.skip("another C library than glibc")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 60_000_000
