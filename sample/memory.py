"""The translation memory that goes with a set of pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sample.script import Line

SCHEMA = 1


def memory(lines: Iterable[Line]) -> Mapping[str, object]:
    """Each text once, in the script's order: what a keyless translator can answer from."""
    entries = {line.source: line.en for line in lines}
    return {
        "schema": SCHEMA,
        "source": "ja",
        "target": "en",
        "entries": [{"source": source, "target": target} for source, target in entries.items()],
    }
