"""``chapter.cbz``: a zip of the pages, stored (images are compressed already), in reading order."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""One time for all entries: the same pages make the same archive, byte for byte."""


@dataclass(frozen=True, slots=True)
class CbzEntry:
    name: str
    content: bytes | Path


def write_cbz(path: Path, entries: Sequence[CbzEntry]) -> None:
    """Writes beside the target first, so that there is a whole archive or none."""
    part = path.with_name(f".part-{path.name}")
    try:
        with zipfile.ZipFile(part, "w", compression=zipfile.ZIP_STORED) as archive:
            for entry in entries:
                content = entry.content if isinstance(entry.content, bytes) else entry.content.read_bytes()
                archive.writestr(_info(entry.name), content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.external_attr = 0o644 << 16
    return info
