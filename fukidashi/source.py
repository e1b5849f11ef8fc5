"""From a path to a chapter: a folder of pages, one image, a ``.cbz``, a ``.zip``, or a ``.txt`` of page URLs."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from fukidashi.archive import read_archive
from fukidashi.chapter import MAX_PAGE_BYTES, Chapter, Skipped, SourcePage, content_type_of, is_hidden
from fukidashi.errors import BadInput
from fukidashi.natural import natural_key
from fukidashi.url_list import read_url_list

MEMORY_NAME = "memory.json"
_BESIDE_PAGES = frozenset({MEMORY_NAME, "ComicInfo.xml"})


def open_chapter(path: Path) -> Chapter:
    """Raises :class:`BadInput` for what is none of these, cannot be read, or holds no page."""
    try:
        if path.is_dir():
            return _folder(path)
        if path.suffix.lower() in (".cbz", ".zip"):
            return read_archive(path)
        if path.suffix.lower() == ".txt":
            return read_url_list(path)
        return _single(path)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None


def _single(path: Path) -> Chapter:
    if not path.is_file():
        raise BadInput(f"{path}: there is no such file or folder")
    content_type = content_type_of(path.name)
    if content_type is None:
        raise BadInput(f"{path.name} is no folder, .cbz, .zip, image, or .txt of URLs")
    page = SourcePage(path.name, content_type, partial(_read_file, path))
    return Chapter(path.stem, (page,), memory=_memory(path.parent, above=False))


def _folder(path: Path) -> Chapter:
    place = _place_of_pages(path)
    pages: list[SourcePage] = []
    skipped: list[Skipped] = []
    for item in sorted(place.iterdir(), key=lambda item: natural_key(item.name)):
        content_type = content_type_of(item.name)
        reason = _why_not(item)
        if reason is not None:
            skipped.append(Skipped(item.name, reason))
        elif content_type is not None:
            pages.append(SourcePage(item.name, content_type, partial(_read_file, item)))
    comic_info = place / "ComicInfo.xml"
    return Chapter(
        name=_name(path.resolve()),
        pages=tuple(pages),
        skipped=tuple(skipped),
        comic_info=comic_info.read_bytes() if comic_info.is_file() else None,
        memory=_memory(place, above=True),
    )


def _name(path: Path) -> str:
    """``pages`` says nothing: then it is the folder above that has the chapter's name."""
    named = path.parent if path.name == "pages" else path
    return named.name or "chapter"


def _place_of_pages(path: Path) -> Path:
    """The folder itself, or its only sub-folder with images where it has none of its own."""
    if _has_image(path):
        return path
    below = [item for item in sorted(path.iterdir()) if item.is_dir() and not is_hidden(item.name) and _has_image(item)]
    if len(below) > 1:
        names = ", ".join(item.name for item in below[:5])
        raise BadInput(f"{path} holds several folders of pages ({names}): name one of them")
    return below[0] if below else path


def _has_image(path: Path) -> bool:
    return any(_why_not(item) is None and content_type_of(item.name) for item in path.iterdir())


def _why_not(item: Path) -> str | None:
    if item.name in _BESIDE_PAGES:
        return None
    if is_hidden(item.name):
        return "hidden"
    if item.is_dir():
        return "a folder within the chapter's folder"
    if content_type_of(item.name) is None:
        return "no image"
    if not item.is_file():
        return "no regular file"
    return f"larger than {MAX_PAGE_BYTES >> 20} MiB" if item.stat().st_size > MAX_PAGE_BYTES else None


def _memory(place: Path, *, above: bool) -> Path | None:
    """``memory.json`` next to the pages, or, for a folder of pages, one level above it."""
    places = (place, place.resolve().parent) if above else (place,)
    return next((found for folder in places if (found := folder / MEMORY_NAME).is_file()), None)


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path.name} can no longer be read: {error.strerror or os.fspath(path)}") from None
