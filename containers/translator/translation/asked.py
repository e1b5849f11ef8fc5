"""The texts of one call, numbered. The number is the id that the model answers to, and the number on the page's
image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from translator.pipeline.protocols import SourceText, TranslateRequest
from translator.pipeline.types import Box

_SHORTEST_ECHO, _LONGEST_ECHO = 6, 24


@dataclass(frozen=True, slots=True)
class Asked:
    """One text under its number. ``index`` is its place on the page ``page``; ``text`` is as the model sees it;
    ``joined`` is the place on the page of the text before it that is known to be of the same speaker."""

    label: str
    page: int
    index: int
    region_id: str
    text: str
    kind: str
    speaker: str = ""
    box: Box | None = None
    joined: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A text that is not asked for, with its translation; ``before``: so many of the page's texts that are asked, in
    this call or one before, come before it."""

    page: int
    before: int
    text: str
    translation: str


def number(requests: Sequence[TranslateRequest], correct: Callable[[str], str] = str) -> tuple[Asked, ...]:
    """The texts of all pages, numbered from 1 through the call; ``correct`` mends what the recognizer gets wrong."""
    found: list[Asked] = []
    for request in requests:
        places = {text.region_id: index for index, text in enumerate(request.texts)}
        for index, text in enumerate(request.texts):
            one = _asked(str(len(found) + 1), request.page, index, text, correct)
            found.append(replace(one, joined=places.get(text.joined)))
    return tuple(found)


def _asked(label: str, page: int, index: int, text: SourceText, correct: Callable[[str], str]) -> Asked:
    # Line ends are where the balloon was narrow: they mean nothing, and an echo must not depend on them.
    words = " ".join((correct(text.text).strip() or text.text).split())
    return Asked(label, page, index, text.region_id, words, text.kind, text.speaker, text.box)


def told(request: TranslateRequest, correct: Callable[[str], str] = str) -> tuple[Told, ...]:
    """What needs no answer of a page."""
    return tuple(
        Told(request.page, one.before, " ".join((correct(one.text).strip() or one.text).split()), one.translation)
        for one in request.settled
    )


def echo_length(texts: Sequence[Asked]) -> int:
    """How many first characters tell the texts of a call apart: 6, or as many more as it takes, at most 24."""
    sources = {echo_form(asked.text) for asked in texts}
    for size in range(_SHORTEST_ECHO, _LONGEST_ECHO):
        if len({source[:size] for source in sources}) == len(sources):
            return size
    return _LONGEST_ECHO


def echo_form(text: str) -> str:
    """A text without its spaces: what echoes are compared in."""
    return "".join(text.split())
