"""Ruby in a translation: written ``{漢字|かんじ}``, set small beside or above the letters that it explains.

``\\{`` is a brace. Inside the typesetter a text carries its ruby between noncharacters, which Unicode sets aside for a
program's own use, so that wording and line breaking see the base as it stands: a *marked* text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from translator.pipeline.types import Ruby

BASE, ABOVE, END, GAP = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
"""Before a base, between it and its ruby, after the ruby; a space inside either."""
MARKS = BASE + ABOVE + END + GAP
_WRITTEN = re.compile(r"\\\{|\{([^{}|]+)\|([^{}|]+)\}")
_UNIT = re.compile(f"{BASE}([^{MARKS[:3]}]*){ABOVE}([^{MARKS[:3]}]*){END}")
_ATOM = re.compile(f"{BASE}[^{END}]*{END}|.", re.DOTALL)
_NOT_MARKS = dict.fromkeys(map(ord, MARKS))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text with the ruby above it, ``""`` for none."""

    base: str
    ruby: str = ""


def marked(text: str) -> str:
    """A translation as a person writes it, with its ruby marked."""
    return _WRITTEN.sub(_unit_of, text.translate(_NOT_MARKS))


def _unit_of(written: re.Match[str]) -> str:
    if written[1] is None:
        return "{"
    base, ruby = " ".join(written[1].split()), " ".join(written[2].split())
    return _unit(base, ruby) if base and ruby else base


def _unit(base: str, ruby: str) -> str:
    return f"{BASE}{base.replace(' ', GAP)}{ABOVE}{ruby.replace(' ', GAP)}{END}"


def is_marked(text: str) -> bool:
    return BASE in text


def plain(text: str) -> str:
    """A marked text without its ruby."""
    return _UNIT.sub(lambda unit: unit[1].replace(GAP, " "), text) if BASE in text else text


def whole(text: str) -> str:
    """A marked text whose letters were taken away in part: ruby without a base goes, and a base without ruby stays."""
    return _UNIT.sub(lambda unit: unit[0] if unit[1] and unit[2] else unit[1].replace(GAP, " "), text)


def atoms(text: str) -> list[str]:
    """A marked text cut into characters, a base with its ruby as one."""
    return _ATOM.findall(text)


def stretches(text: str) -> Iterator[Stretch]:
    """What of a marked text has ruby, and what stands between."""
    at = 0
    for unit in _UNIT.finditer(text):
        if unit.start() > at:
            yield Stretch(text[at : unit.start()])
        yield Stretch(unit[1].replace(GAP, " "), unit[2].replace(GAP, " "))
        at = unit.end()
    if at < len(text):
        yield Stretch(text[at:])


def ruby_of(text: str) -> tuple[Ruby, ...]:
    """Where in the plain text of a marked one ruby stands."""
    found, at = [], 0
    for stretch in stretches(text):
        if stretch.ruby:
            found.append(Ruby(at, at + len(stretch.base), stretch.ruby))
        at += len(stretch.base)
    return tuple(found)


def with_ruby(text: str, ruby: Sequence[Ruby]) -> str:
    """The marked text of a plain one; the inverse of :func:`plain` and :func:`ruby_of`. Ruby beside no letters is left
    out."""
    text, parts, at = text.translate(_NOT_MARKS), [], 0
    for one in sorted(ruby, key=lambda one: one.start):
        if at <= one.start < one.end <= len(text):
            parts += [text[at : one.start], _unit(text[one.start : one.end], one.text.translate(_NOT_MARKS))]
            at = one.end
    return "".join((*parts, text[at:]))
