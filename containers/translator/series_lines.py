"""The lines of a chapter, by their exact form: each is asked once, also where its pages go side by side."""

from __future__ import annotations

import threading

from translator.pipeline.types import Translation
from translator.series_lessons import teaches

AS_ON = "as on page"
"""How the note of a translation begins that was made for another page."""


class Line:
    """A line that ``page`` asks, or has asked; ``text`` is its translation, ``None`` where none can be used again."""

    def __init__(self, page: int) -> None:
        self.page, self.text = page, ""
        self._has_ended = threading.Event()

    def end(self, text: str) -> None:
        self.text = text
        self._has_ended.set()

    @property
    def is_said(self) -> bool:
        return bool(self.text)

    def wait(self) -> bool:
        """Whether it is said, once that is known."""
        self._has_ended.wait()
        return self.is_said


def is_repeatable(source: str, translation: Translation) -> bool:
    """Whether an attempt before has asked a line, or has had it of another page: it is not asked again."""
    return teaches(source, translation) or translation.note.startswith(AS_ON)


class ChapterLines:
    """Of one attempt. Safe to share by threads.

    Nobody waits for a line before having told of those that are their own: so two that wait for each other cannot be.
    """

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._lock = threading.Lock()

    def said(self, form: str) -> Line | None:
        """The line, where it is translated."""
        with self._lock:
            line = self._lines.get(form)
        return line if line is not None and line.is_said else None

    def know(self, form: str, page: int, text: str) -> None:
        """A line that an attempt before has asked."""
        line, is_new = self.begin(form, page)
        if is_new:
            line.end(text)

    def wait(self, form: str) -> bool:
        """Whether a line is translated, once that is known. Whoever asks it tells, however the asking ends."""
        with self._lock:
            line = self._lines.get(form)
        return line is not None and line.wait()

    def begin(self, form: str, page: int) -> tuple[Line, bool]:
        """The line, and whether it is for ``page`` to ask it: else another page does, or did."""
        with self._lock:
            held = self._lines.get(form)
            if held is not None:
                return held, False
            line = self._lines[form] = Line(page)
            return line, True

    def end(self, form: str, line: Line, text: str) -> None:
        """What became of a line: ``""`` where it may be asked again."""
        with self._lock:
            if not text and self._lines.get(form) is line:
                del self._lines[form]
        line.end(text)
