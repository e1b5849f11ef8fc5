"""A line's text cut into what one font draws at a time, each letter in the form that the font has for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from translator.pipeline.crossbar import is_capital_i, plain_places
from translator.pipeline.fonts import FontChain, FontFace


@dataclass(frozen=True, slots=True)
class Run:
    """What one face draws at a time: ``text`` as the font has it, with an OpenType ``feature`` or none."""

    face: FontFace
    text: str
    feature: str | None = None

    @property
    def features(self) -> list[str] | None:
        return None if self.feature is None else [self.feature]


def runs_of(text: str, chain: FontChain, *, language: str) -> Iterator[Run]:
    """``text``, in the language ``language``, cut where the face changes, or what its letters need of it."""
    runs, at = list(chain.runs(text)), 0
    plain = plain_places("".join(run for _, run in runs), target=language)
    for face, run in runs:
        yield from _formed(face, run, plain, at)
        at += len(run)


def _formed(face: FontFace, run: str, plain: frozenset[int], at: int) -> Iterator[Run]:
    """A run whose first character is ``text[at]``, each capital I in the form that the font has for its place."""
    if face.letter_i is None:
        yield Run(face, run)
        return
    drawn, since = "", None
    for place, char in enumerate(run, start=at):
        form, feature = face.letter_i.set_as(char, plain=place in plain) if is_capital_i(char) else (char, None)
        if feature != since and drawn:
            yield Run(face, drawn, since)
            drawn = ""
        drawn, since = drawn + (form if face.covers(form) else char), feature
    if drawn:
        yield Run(face, drawn, since)
