"""Where furigana stands: which characters of the base text a small line is beside. Pure geometry."""

from __future__ import annotations

from collections.abc import Sequence

from translator.pipeline.types import TextLine


def place_ruby(
    ruby: TextLine,
    lines: Sequence[TextLine],
    texts: Sequence[str],
    *,
    vertical: bool,
    separator: int = 0,
) -> tuple[int, int] | None:
    """``(start, end)`` in the joined ``texts`` of ``lines``, or None where the line beside it has no text.

    Characters are taken to be evenly spaced. Furigana explains kanji: the range shrinks to the kanji that it touches.
    """
    host = _host(ruby, lines, vertical)
    if host is None or not texts[host]:
        return None
    line, text = lines[host].box, texts[host]
    first, last = (line.y0, line.y1) if vertical else (line.x0, line.x1)
    low, high = (ruby.box.y0, ruby.box.y1) if vertical else (ruby.box.x0, ruby.box.x1)
    pitch = (last - first) / len(text)
    # Half a character more on each side: furigana of three kana is longer than its one kanji.
    touched = [i for i in range(len(text)) if first + (i + 0.7) * pitch > low and first + (i + 0.3) * pitch < high]
    kanji = _longest_run([i for i in touched if _is_kanji(text[i])])
    if not kanji:
        return None
    before = sum(len(other) + separator for other in texts[:host])
    return before + kanji[0], before + kanji[-1] + 1


def _host(ruby: TextLine, lines: Sequence[TextLine], vertical: bool) -> int | None:
    """The nearest line on the side where furigana has its base: left of it, or below."""
    best: tuple[float, int] | None = None
    for index, line in enumerate(lines):
        a, b = ruby.box, line.box
        beside = min(a.y1, b.y1) > max(a.y0, b.y0) if vertical else min(a.x1, b.x1) > max(a.x0, b.x0)
        gap = a.center[0] - b.center[0] if vertical else b.center[1] - a.center[1]
        if beside and gap > 0 and (best is None or gap < best[0]):
            best = (gap, index)
    return None if best is None else best[1]


def _longest_run(indices: Sequence[int]) -> list[int]:
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return max(runs, key=len, default=[])


def _is_kanji(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character in "々〆ヶヵ"
