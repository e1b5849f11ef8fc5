"""A vertical line's text cut into what stands upright, what shares a cell (tate-chu-yoko) and what lies on its side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_WIDE_FORM = 0xFEE0
_LATIN = r"A-Za-zÀ-ÖØ-öø-ɏ"
_PART = re.compile(
    rf"(?P<digits>(?<![0-9.,])[0-9]{{2,3}}(?![0-9.,]))"
    rf"|(?P<marks>(?<![!?！？])[!?！？]{{2,3}}(?![!?！？]))"
    rf"|(?P<initials>(?<![{_LATIN}0-9])[A-Z]{{1,3}}(?![{_LATIN}0-9'’.-]))"
    rf"|(?P<latin>[{_LATIN}0-9][{_LATIN}0-9 .,:'’&%/-]*[{_LATIN}0-9%]|[{_LATIN}](?=['’.]))"
)


class Way(Enum):
    """How a part of a vertical line is set."""

    UPRIGHT = "upright"
    """Character under character, with the font's vertical forms."""
    TOGETHER = "together"
    """Side by side in one cell: short numbers, and marks such as !?"""
    TURNED = "turned"
    """A Latin word or a long number, turned by 90 degrees clockwise."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a vertical line."""

    text: str
    way: Way


def parts_of(line: str) -> Iterator[Part]:
    """The parts of a vertical line, from top to bottom. Single letters and digits stand upright in their wide forms."""
    at = 0
    for match in _PART.finditer(line):
        if match["initials"]:
            continue
        if match.start() > at:
            yield Part(_wide(line[at : match.start()]), Way.UPRIGHT)
        at = match.end()
        if match["latin"]:
            yield Part(match[0], Way.TURNED)
        else:
            yield Part(_narrow(match[0]), Way.TOGETHER)
    if at < len(line):
        yield Part(_wide(line[at:]), Way.UPRIGHT)


def _wide(text: str) -> str:
    return "".join(chr(ord(char) + _WIDE_FORM) if "!" <= char <= "~" else char for char in text)


def _narrow(text: str) -> str:
    return "".join(chr(ord(char) - _WIDE_FORM) if "！" <= char <= "～" else char for char in text)
