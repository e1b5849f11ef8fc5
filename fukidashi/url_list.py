"""A chapter as a list of URLs: a text file with a page a line. The server fetches them; nothing goes through here."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from contract.errors import BadMessage
from contract.job import ANY_TYPE, PageSpec
from fukidashi.chapter import Chapter, SourcePage
from fukidashi.errors import BadInput

MAX_BYTES = 4 * 2**20
_LONGEST_NAME = 255


def read_url_list(path: Path) -> Chapter:
    """In the order of the file; blank lines and those that begin with ``#`` do not count. Raises :class:`BadInput`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path.name} is larger than {MAX_BYTES >> 20} MiB: no list of page URLs")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is no text in UTF-8") from None
    pages = [_page(path, number, line.strip()) for number, line in enumerate(lines, start=1) if _counts(line)]
    return Chapter(path.stem, tuple(pages))


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _page(path: Path, number: int, url: str) -> SourcePage:
    """The URL is not repeated in an error: it may hold a token."""
    try:
        PageSpec.from_json({"url": url}, "page")
        name = PurePosixPath(unquote(urlsplit(url).path)).name
    except (BadMessage, ValueError):
        raise BadInput(f"{path.name}, line {number} is no http(s) URL: a page a line, and nothing else") from None
    return SourcePage(name[-_LONGEST_NAME:], ANY_TYPE, url=url)
