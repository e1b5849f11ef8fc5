"""A chapter as the user has it: pages in natural order, from a folder, an image or an archive."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from contract.job import MAX_PAGES
from fukidashi.errors import BadInput

MAX_PAGE_BYTES = 64 * 2**20
"""More than this in one page is no page (the server's own limit is lower and answers by itself)."""
CONTENT_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
}
"""What an extension promises. What the file really is, the translator finds out and reports page by page."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class SourcePage:
    """``name`` is the page's own in its folder or archive; ``read`` answers its bytes and raises ``BadInput``.

    A page with a ``url`` is fetched by the server. Without ``read``, its original is not at hand here.
    """

    name: str
    content_type: str
    read: Callable[[], bytes] | None = field(default=None, repr=False, compare=False)
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the input that is no page, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """``comic_info`` is the input's ComicInfo.xml; ``memory`` a translation memory that lies with the pages."""

    name: str
    pages: tuple[SourcePage, ...]
    skipped: tuple[Skipped, ...] = ()
    comic_info: bytes | None = None
    memory: Path | None = None

    def __post_init__(self) -> None:
        if not self.pages:
            seen = "; ".join(f"{skip.name}: {skip.reason}" for skip in self.skipped[:3])
            raise BadInput(f"{self.name} holds no page{f' ({seen})' if seen else ''}")
        if len(self.pages) > MAX_PAGES:
            raise BadInput(f"{self.name} holds {len(self.pages)} pages; a chapter has at most {MAX_PAGES}")

    @property
    def id(self) -> str:
        """The name as an id that the orchestrator accepts."""
        return chapter_id(self.name)


def chapter_id(name: str) -> str:
    """``Vol. 3 第2話`` becomes ``Vol.-3-2-`` and a short hash, since letters were lost."""
    plain = unicodedata.normalize("NFKC", name)
    safe = _UNSAFE.sub("-", plain).replace("..", "-").strip("-._")[:100]
    if safe and safe == name:
        return safe
    return f"{safe or 'chapter'}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def content_type_of(name: str) -> str | None:
    """By extension; ``None`` where it is none of an image that we take."""
    return CONTENT_TYPES.get(PurePosixPath(name).suffix.lower())


def is_hidden(name: str) -> bool:
    """Dot files, and what macOS and Windows leave in folders and archives."""
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or parts[-1:] in (
        ("Thumbs.db",),
        ("desktop.ini",),
    )
