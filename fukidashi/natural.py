"""Natural order: ``page2`` before ``page10``, folder by folder."""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"[0-9]+|[^0-9]+")
Key = tuple[tuple[tuple[int, int, str], ...], ...]


def natural_key(name: str) -> tuple[Key, str]:
    """A sort key for a name with ``/`` between folders. Fullwidth digits count as digits; ties go by the raw name."""
    return tuple(_part_key(part) for part in name.split("/")), name


def _part_key(part: str) -> tuple[tuple[int, int, str], ...]:
    folded = unicodedata.normalize("NFKC", part).casefold()
    return tuple(_run_key(run) for run in _RUN.findall(folded))


def _run_key(run: str) -> tuple[int, int, str]:
    if not run[0].isdigit():
        return 1, 0, run
    # Compared as text, the shorter first: int() refuses, and is slow on, a name of thousands of digits.
    digits = run.lstrip("0")
    return 0, len(digits), digits
