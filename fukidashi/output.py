"""The output folder: ``pages/0001.webp`` and ``pages/0001.json``, ``plates/0001.webp`` where they were asked for,
``chapter.cbz``, contact sheets, ``result.json``.

Pages are numbered in natural order, so that any program lists them as the chapter goes; ``result.json`` has the names
that they had.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from contract.keys import page_name
from contract.view import PageView
from fukidashi.errors import BadAnswer, UsageError

RESULT_NAME = "result.json"
_OURS = re.compile(r"[0-9]{4}\.(webp|png|jpg|json)|\.part-.*")
_SHEETS = re.compile(r"contact_sheet(-[0-9]{2})?\.webp")
_SIGNATURES = {".webp": b"RIFF", ".png": b"\x89PNG", ".jpg": b"\xff\xd8"}


@dataclass(frozen=True, slots=True)
class Output:
    """Where a chapter's results are put."""

    root: Path

    @classmethod
    def prepare(cls, root: Path, *, source: Path | None) -> Output:
        """Makes the folder and clears what an earlier run left in it; refuses a ``pages/`` that is not ours, or that is
        the ``source`` itself."""
        output = cls(root)
        try:
            output._check(source)
            output.pages.mkdir(parents=True, exist_ok=True)
            output._clear()
            output.write(RESULT_NAME, b'{"schema": 1, "status": "running"}\n')
        except OSError as error:
            raise UsageError(f"{root} cannot be written to: {error.strerror or error}") from None
        return output

    @property
    def pages(self) -> Path:
        return self.root / "pages"

    @property
    def plates(self) -> Path:
        return self.root / "plates"

    def image(self, page: PageView, content: bytes) -> Path:
        """Stores a page; raises :class:`BadAnswer` for what is no image of the format its URL says."""
        suffix = _suffix(page.image_url or "")
        if not content.startswith(_SIGNATURES[suffix]):
            raise BadAnswer(f"page {page.page} came as something else than {suffix[1:]}")
        return self.write(f"pages/{page_name(page.page)}{suffix}", content)

    def plate(self, page: PageView, content: bytes) -> Path:
        """Stores a clean plate; raises as :meth:`image` does."""
        suffix = _suffix(page.plate_url or "")
        if not content.startswith(_SIGNATURES[suffix]):
            raise BadAnswer(f"the plate of page {page.page} came as something else than {suffix[1:]}")
        self.plates.mkdir(exist_ok=True)
        return self.write(f"plates/{page_name(page.page)}{suffix}", content)

    def document(self, page: PageView, content: bytes) -> Path:
        return self.write(f"pages/{page_name(page.page)}.json", content)

    def write(self, name: str, content: bytes) -> Path:
        """Whole or not at all, so that an interrupted run leaves no half page."""
        target = self.root / name
        handle, part = tempfile.mkstemp(prefix=".part-", dir=target.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(part).chmod(0o644)
        return Path(part).replace(target)

    def _check(self, source: Path | None) -> None:
        if self.root.exists() and not self.root.is_dir():
            raise UsageError(f"{self.root} is not a folder")
        if source is not None and self.pages.exists() and self.pages.resolve() == source.resolve():
            raise UsageError(f"{self.pages} is the input: the originals would be written over")
        if (self.root / RESULT_NAME).is_file():
            return
        for folder in (self.pages, self.plates):
            if folder.is_dir() and any(folder.iterdir()):
                raise UsageError(f"{folder} holds files and no run of ours left them: choose another folder")

    def _clear(self) -> None:
        for path in (*self.pages.iterdir(), *(self.plates.iterdir() if self.plates.is_dir() else ())):
            if _OURS.fullmatch(path.name):
                path.unlink()
        for path in self.root.iterdir():
            if _SHEETS.fullmatch(path.name) or path.name in ("chapter.cbz", RESULT_NAME):
                path.unlink()


def _suffix(url: str) -> str:
    suffix = os.path.splitext(url.partition("?")[0])[1]
    if suffix not in _SIGNATURES:
        raise BadAnswer("a page's image_url ends in no known image format")
    return suffix
