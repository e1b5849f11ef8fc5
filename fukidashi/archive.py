"""Reading a chapter out of a ``.cbz`` or ``.zip``. Nothing is written to disk, no claimed size is believed."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from functools import partial
from pathlib import Path

from fukidashi.chapter import MAX_PAGE_BYTES, Chapter, Skipped, SourcePage, content_type_of, is_hidden
from fukidashi.errors import BadInput
from fukidashi.natural import natural_key

MAX_ENTRIES = 20_000
MAX_TOTAL_BYTES = 4 * 2**30
"""All pages of one archive, unpacked."""
MAX_COMIC_INFO_BYTES = 2**20
_CHUNK = 2**20
_DRIVE = re.compile(r"[A-Za-z]:")
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What :mod:`zipfile` raises for hostile or damaged entries (RuntimeError: encrypted)."""


def read_archive(path: Path) -> Chapter:
    """Raises :class:`BadInput` where it is no archive or unpacks to too much. Every entry is read once, to be sure."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _Reader(path, archive).chapter()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadInput(f"{path.name} is no readable zip archive: {error}") from None


class _Reader:
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._archive = path, archive
        self._skipped: list[Skipped] = []
        self._left = MAX_TOTAL_BYTES

    def chapter(self) -> Chapter:
        entries = self._archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise BadInput(f"{self._path.name} holds {len(entries)} entries; a chapter has at most {MAX_ENTRIES}")
        comic_info = self._comic_info(entries)
        wanted = [entry for entry in self._last_of_each(entries) if self._is_page(entry)]
        pages = [self._page(entry) for entry in sorted(wanted, key=lambda entry: natural_key(entry.filename))]
        found = tuple(page for page in pages if page is not None)
        return Chapter(self._path.stem, found, tuple(self._skipped), comic_info)

    def _last_of_each(self, entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
        """Of two entries of one name the later one counts, as in every zip program."""
        last: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            if entry.filename in last:
                self._skip(entry.filename, "stands in the archive twice; the later one is used")
            last[entry.filename] = entry
        return list(last.values())

    def _is_page(self, entry: zipfile.ZipInfo) -> bool:
        if entry.is_dir() or entry.filename == "ComicInfo.xml":
            return False
        reason = _why_not(entry)
        if reason is not None:
            self._skip(entry.filename, reason)
        return reason is None

    def _page(self, entry: zipfile.ZipInfo) -> SourcePage | None:
        try:
            size = _size(self._archive, entry)
        except _ZIP_ERRORS as error:
            self._skip(entry.filename, f"cannot be unpacked: {error or type(error).__name__}")
            return None
        if size > MAX_PAGE_BYTES:
            self._skip(entry.filename, f"unpacks to more than {MAX_PAGE_BYTES >> 20} MiB")
            return None
        self._left -= size
        if self._left < 0:
            raise BadInput(f"{self._path.name} unpacks to more than {MAX_TOTAL_BYTES >> 30} GiB")
        content_type = content_type_of(entry.filename) or "application/octet-stream"
        return SourcePage(entry.filename, content_type, partial(_read_entry, self._path, entry))

    def _comic_info(self, entries: list[zipfile.ZipInfo]) -> bytes | None:
        found = [entry for entry in entries if entry.filename == "ComicInfo.xml"]
        if not found:
            return None
        try:
            with self._archive.open(found[-1]) as stream:
                content = stream.read(MAX_COMIC_INFO_BYTES + 1)
        except _ZIP_ERRORS as error:
            self._skip("ComicInfo.xml", f"cannot be unpacked: {error or type(error).__name__}")
            return None
        if len(content) > MAX_COMIC_INFO_BYTES:
            self._skip("ComicInfo.xml", f"larger than {MAX_COMIC_INFO_BYTES >> 20} MiB")
            return None
        return content

    def _skip(self, name: str, reason: str) -> None:
        self._skipped.append(Skipped(name, reason))


def _why_not(entry: zipfile.ZipInfo) -> str | None:
    name = entry.filename
    if name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in re.split(r"[/\\]", name):
        return "its path leaves the archive"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a symbolic link"
    if is_hidden(name):
        return "hidden"
    return None if content_type_of(name) else "no image"


def _size(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Bytes that really come out, counted up to just over the limit."""
    total = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            if total > MAX_PAGE_BYTES:
                break
    return total


def _read_entry(path: Path, entry: zipfile.ZipInfo) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(entry) as stream:
            return stream.read(MAX_PAGE_BYTES)
    except _ZIP_ERRORS as error:
        raise BadInput(f"{entry.filename} in {path.name} can no longer be read: {error}") from None
