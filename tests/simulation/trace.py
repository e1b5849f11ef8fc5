"""What happened in a story, line by line: for people to read, and hashed, to see that a replay is one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable


class Trace:
    """``now`` in seconds since the story's beginning. ``show`` gets every line as it is written."""

    def __init__(self, now: Callable[[], float], show: Callable[[str], None] | None = None) -> None:
        self._now, self._show = now, show
        self._hash = hashlib.sha256()
        self.lines: list[str] = []

    def note(self, who: str, what: str) -> None:
        line = f"{self._now():10.3f}  {who:<16} {what}"
        self._hash.update(line.encode())
        self.lines.append(line)
        if self._show:
            self._show(line)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()
