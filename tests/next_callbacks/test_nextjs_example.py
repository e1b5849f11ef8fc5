"""Runs the Next.js example's tests under Node."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).with_name("nextjs_example.test.mjs")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js 20 or newer")
def test_the_nextjs_example_passes_its_tests_under_node() -> None:
    command = ["node", "--test", "--test-reporter=tap", str(TESTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed
    assert int(passed[1]) > 40
