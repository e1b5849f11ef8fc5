"""The sample chapter and its strip: their pages, and how they are written to a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from sample import story, story_end, strip
from sample.memory import SCHEMA, memory
from sample.page import PageSpec, Rgb, draw_page
from sample.script import CHAPTER, STRIP, Line

PageMaker = Callable[[], PageSpec]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Pages in order, and the script they are lettered from."""

    name: str
    pages: tuple[PageMaker, ...]
    script: Mapping[str, Line]


def chapters() -> tuple[Chapter, ...]:
    """All that the sample holds: a chapter of pages and a strip."""
    pages = (
        story.page_1,
        story.page_2,
        story.page_3,
        story.page_4,
        story_end.page_5,
        story_end.page_6,
        story_end.page_7,
    )
    return Chapter("chapter", pages, CHAPTER), Chapter("webtoon", (strip.strip,), STRIP)


def write_chapter(chapter: Chapter, folder: Path) -> tuple[Path, ...]:
    """Writes ``pages/0001.png`` and on, ``memory.json`` and ``truth.json`` under ``folder``; returns what it wrote."""
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    written, truths = [], []
    for number, make in enumerate(chapter.pages, 1):
        rgb, truth = draw_page(make())
        written.append(_write(folder / "pages" / f"{number:04}.png", png(rgb)))
        truths.append({"page": number, **truth.to_json()})
    written.append(_write(folder / "memory.json", to_json(memory(chapter.script.values()))))
    written.append(_write(folder / "truth.json", to_json({"schema": SCHEMA, "pages": truths})))
    return tuple(written)


def png(rgb: Rgb) -> bytes:
    """A grey PNG; the three channels of a drawn page are equal."""
    out = BytesIO()
    Image.fromarray(rgb[:, :, 0]).save(out, "PNG", optimize=True)
    return out.getvalue()


def to_json(value: Mapping[str, object]) -> bytes:
    """JSON as a person can read it, numbers of one list on one line."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for before, after in (('{"page"', '\n{"page"'), ('{"order"', '\n{"order"'), ('{"source"', '\n{"source"')):
        text = text.replace(before, after)
    return text.encode() + b"\n"


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
