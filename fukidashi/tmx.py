"""TMX 1.4b, the exchange format of translation memories: read without trusting it, and written.

https://www.gala-global.org/tmx-14b. Read with expat itself: a file that declares an entity is refused, and nothing is
fetched, whatever its DOCTYPE names, so that neither a billion laughs nor an external entity can do harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from fukidashi.errors import BadInput

MAX_UNITS = 200_000
MAX_SEGMENT = 2_000
_MAX_DEPTH = 32
_INLINE = frozenset({"bpt", "ept", "it", "ph", "ut"})
"""Codes of other programs' formats inside a segment: not a part of its text."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Unit:
    """A text in several languages, by language tag as the file has it."""

    segments: dict[str, str]


@dataclass(frozen=True, slots=True)
class Tmx:
    """``source`` is the file's own source language; empty, or ``*all*``, where it does not say."""

    source: str
    units: tuple[Unit, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tag for unit in self.units for tag in unit.segments))


@dataclass(slots=True)
class _Reader:
    """expat's events, put together."""

    units: list[Unit] = field(default_factory=list)
    source: str = ""
    _open: list[str] = field(default_factory=list)
    _segments: dict[str, str] = field(default_factory=dict)
    _language: str = ""
    _text: list[str] | None = None
    _inside_code: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name != "tmx":
            raise BadInput(f"its root is <{name[:40]}>, not <tmx>")
        self._open.append(name)
        if len(self._open) > _MAX_DEPTH:
            raise BadInput(f"nested more than {_MAX_DEPTH} deep")
        if name == "header":
            self.source = attributes.get("srclang", "")
        elif name == "tu":
            self._segments = {}
        elif name == "tuv":
            self._language = attributes.get("xml:lang", "") or attributes.get("lang", "")
        elif name == "seg":
            self._text = []
        elif name in _INLINE:
            self._inside_code += 1

    def end(self, name: str) -> None:
        self._open.pop()
        if name in _INLINE:
            self._inside_code -= 1
        elif name == "seg":
            self._keep("".join(self._text or ()).strip())
            self._text = None
        elif name == "tu" and len(self._segments) > 1:
            if len(self.units) >= MAX_UNITS:
                raise BadInput(f"more than {MAX_UNITS} units")
            self.units.append(Unit(self._segments))

    def characters(self, text: str) -> None:
        if self._text is not None and not self._inside_code:
            self._text.append(text)

    def _keep(self, segment: str) -> None:
        if self._language and segment and len(segment) <= MAX_SEGMENT:
            self._segments.setdefault(self._language, segment)


def read_tmx(body: bytes) -> Tmx:
    """Raises :class:`BadInput` for what is no TMX, or declares entities. Segments that are longer than a memory takes
    are left out."""
    reader, parser = _Reader(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters
    parser.EntityDeclHandler = _refuse_entity
    parser.ExternalEntityRefHandler = _refuse_reference
    parser.buffer_text = True
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise BadInput(f"not XML: {error}") from None
    except (LookupError, ValueError) as error:
        raise BadInput(f"not readable: {error}") from None
    return Tmx(reader.source, tuple(reader.units))


def write_tmx(pairs: Iterable[tuple[str, str]], *, source: str, target: str, version: str) -> bytes:
    """A memory of one language pair."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE tmx SYSTEM "tmx14.dtd">',
        '<tmx version="1.4">',
        f'  <header creationtool="fukidashi" creationtoolversion={quoteattr(version)} segtype="sentence" '
        f'o-tmf="fukidashi" adminlang="en" srclang={quoteattr(source)} datatype="plaintext"/>',
        "  <body>",
    ]
    for text, translation in pairs:
        lines.append("    <tu>")
        lines += [_tuv(tag, words) for tag, words in ((source, text), (target, translation))]
        lines.append("    </tu>")
    lines += ["  </body>", "</tmx>", ""]
    return "\n".join(lines).encode()


def _tuv(tag: str, text: str) -> str:
    # A line end in a segment means something in a balloon's text; as a reference, it is no one's indentation.
    words = escape(_UNWRITABLE.sub("", text), {"\n": "&#10;", "\r": "&#13;"})
    return f"      <tuv xml:lang={quoteattr(tag)}><seg>{words}</seg></tuv>"


def _refuse_entity(*_: Any) -> None:
    raise BadInput("it declares entities, which no translation memory needs")


def _refuse_reference(*_: Any) -> int:
    raise BadInput("it refers to another file")
