"""The fonts of the project: ``fonts/manifest.json`` read once, and the chain of faces for a role and a language."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uharfbuzz as hb
from PIL import features

from contract.languages import script_of as script_of  # what sets text asks here
from translator.pipeline.crossbar import LetterI
from translator.pipeline.rubied import MARKS

_EXEMPLARS: Mapping[str, str] = {
    "Latn": "AEIOUaeiou",
    "Viet": "ăâđêôơưấềỗựẬỘ",
    "Cyrl": "бгджзийщъыэюя",
    "Jpan": "かなカナ漢字",
    "Hans": "汉语这边们",
    "Hant": "漢語這邊們",
    "Kore": "한국어을를",
    "Thai": "ภาษาไทย",
    "Arab": "العربية",
    "Hebr": "עברית",
    "Grek": "ελληνικά",
}


_BLANKS = frozenset(f"\u200b\u200c\u200d\u2060\ufe0f\ufeff{MARKS}")


class FontBookError(Exception):
    """The font folder cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True)
class FontFace:
    """One font file. ``caps``: Latin text is set in capitals. ``leading`` is the line distance in em. ``letter_i``: how
    it has a capital I with and without crossbars, ``None`` where it has one form."""

    name: str
    path: Path
    sha256: str
    roles: tuple[str, ...]
    scripts: tuple[str, ...]
    caps: bool
    leading: float
    letter_i: LetterI | None = None

    @functools.cached_property
    def coverage(self) -> frozenset[int]:
        """The code points that the font has a glyph for."""
        return frozenset(hb.Face(hb.Blob.from_file_path(str(self.path))).unicodes)

    def covers(self, text: str) -> bool:
        return all(_is_blank(char) or ord(char) in self.coverage for char in text)


@dataclass(frozen=True)
class FontChain:
    """Faces by preference; the first one sets what it can, the others what it lacks."""

    faces: tuple[FontFace, ...]

    @property
    def first(self) -> FontFace:
        return self.faces[0]

    def face_for(self, char: str) -> FontFace | None:
        return next((face for face in self.faces if ord(char) in face.coverage), None)

    def missing(self, text: str) -> str:
        """The characters that no face has, each once, in order of appearance."""
        return "".join(dict.fromkeys(c for c in text if not _is_blank(c) and self.face_for(c) is None))

    def runs(self, text: str) -> Iterator[tuple[FontFace, str]]:
        """``text`` cut where the face changes; a blank stays with its run, a character that no face has is left out."""
        face, run = self.first, ""
        for char in text:
            wanted = face if _is_blank(char) else self.face_for(char)
            if wanted is None:
                continue
            if wanted is not face and run:
                yield face, run
                run = ""
            face, run = wanted, run + char
        if run:
            yield face, run


class FontBook:
    """The fonts of a folder. Opening it reads the manifest and checks that each file is there."""

    def __init__(self, fonts_dir: Path) -> None:
        if not features.check("raqm"):  # Pillow would fall back to unshaped text without a word
            raise FontBookError("this build of Pillow has no Raqm, so no HarfBuzz shaping; use its wheel")
        self.fonts_dir = fonts_dir
        self.faces = tuple(_faces(fonts_dir))
        self._chains: dict[tuple[str, str], FontChain] = {}

    def chain(self, role: str, target: str) -> FontChain:
        """The faces for a role (a :class:`~translator.pipeline.types.Kind` value or ``shout``) in a language."""
        key = (role, script_of(target))
        if key not in self._chains:
            self._chains[key] = FontChain(tuple(sorted(self.faces, key=lambda face: _distance(face, *key))))
        return self._chains[key]

    def pinned(self, name: str, chain: FontChain) -> FontChain | None:
        """``chain`` with the font of that name first; ``None`` where there is no such font."""
        face = next((face for face in self.faces if face.name == name), None)
        return None if face is None else FontChain((face, *(other for other in chain.faces if other is not face)))

    def can_set(self, script: str) -> bool:
        """Whether a font has the letters that a script (ISO 15924) is told by."""
        return script in _EXEMPLARS and any(face.covers(_EXEMPLARS[script]) for face in self.faces)


def _distance(face: FontFace, role: str, script: str) -> tuple[bool, bool, bool, int]:
    """Sort key: fonts that can write the language come first, then those for the role, then for dialogue; then those
    made for the script; the manifest's order decides the rest."""
    other_role = role not in face.roles
    place = face.scripts.index(script) if script in face.scripts else len(face.scripts)
    return not face.covers(_EXEMPLARS.get(script, "")), other_role, other_role and "dialogue" not in face.roles, place


def _faces(fonts_dir: Path) -> Iterator[FontFace]:
    manifest = fonts_dir / "manifest.json"
    try:
        entries = json.loads(manifest.read_text(encoding="utf-8"))["fonts"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise FontBookError(f"{manifest}: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise FontBookError(f"{manifest}: no list of fonts")
    for entry in entries:
        yield _face(fonts_dir, entry)


def _face(fonts_dir: Path, entry: Any) -> FontFace:
    try:
        face = FontFace(
            name=str(entry["name"]),
            path=fonts_dir / str(entry["file"]),
            sha256=str(entry["sha256"]),
            roles=tuple(entry["roles"]),
            scripts=tuple(entry["coverage"]),
            caps=bool(entry["caps"]),
            leading=float(entry["leading"]),
            letter_i=LetterI(**entry["letter_i"]) if "letter_i" in entry else None,
        )
    except (LookupError, TypeError, ValueError) as error:
        raise FontBookError(f"manifest entry {entry!r:.200}: {error!r}") from error
    if not face.path.is_file():
        raise FontBookError(f"{face.path}: named in the manifest, but there is no such file")
    return face


def _is_blank(char: str) -> bool:
    return char.isspace() or char in _BLANKS
