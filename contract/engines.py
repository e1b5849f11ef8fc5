"""The engines that a job may name, what they are for and what they read.

Known to whoever takes jobs and to whoever does them, so that a job that cannot be done is refused when it is created.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contract.errors import BadMessage
from contract.languages import SETTABLE, reading_language, script_of

DEFAULT_ENGINE = "default"
KEYLESS = "keyless"
"""The translator that asks no model: series memory, then a word-by-word gloss. Every deployment has it."""


class EngineRole(StrEnum):
    """The field of a job's options that names an engine."""

    DETECTOR = "detector"
    READER = "reader"
    TRANSLATOR = "translator"
    CLEANER = "cleaner"


@dataclass(frozen=True, slots=True)
class Engine:
    """``languages`` are those that a reader reads, as :func:`contract.languages.reading_language` names them."""

    role: EngineRole
    languages: tuple[str, ...] = ()


READABLE = ("ja", "zh", "zh-Hans", "zh-Hant", "en")
"""What the default reader reads: PP-OCR's recognizer as the rapidocr package ships it, which has no Korean."""
OPTIONAL: Mapping[str, Engine] = {
    "comic-detr": Engine(EngineRole.DETECTOR),
    "manga-ocr": Engine(EngineRole.READER, ("ja",)),
    "gemini": Engine(EngineRole.READER, (*READABLE, "ko")),
    "gemini_hq": Engine(EngineRole.TRANSLATOR),
    "openai": Engine(EngineRole.TRANSLATOR),
    "lama": Engine(EngineRole.CLEANER),
}
"""Engines that a translator has only if its ``ENGINES`` names them."""


@dataclass(frozen=True, slots=True)
class EngineSet:
    """What a deployment's translators have: the default engines, and ``optional`` ones by name."""

    optional: tuple[str, ...] = ()

    @classmethod
    def parse(cls, words: str) -> EngineSet:
        """Reads names between blanks or commas. Raises ``ValueError`` for one that is not known."""
        names = tuple(dict.fromkeys(words.replace(",", " ").split()))
        for name in names:
            if name not in OPTIONAL:
                raise ValueError(f"{name[:64]!r} is not one of {', '.join(OPTIONAL)}")
        return cls(names)

    def names(self, role: EngineRole) -> tuple[str, ...]:
        """What a job may choose from."""
        always = (DEFAULT_ENGINE, KEYLESS) if role is EngineRole.TRANSLATOR else (DEFAULT_ENGINE,)
        return (*always, *(name for name in self.optional if OPTIONAL[name].role is role))

    def check(self, role: EngineRole, name: str) -> None:
        """Raises :class:`BadMessage` where a job names an engine that is not there."""
        if name not in self.names(role):
            known = ", ".join(self.names(role))
            raise BadMessage(f"options.{role}", f"{name!r} is not configured; what is: {known}")

    def check_source(self, source: str, reader: str) -> None:
        """Raises :class:`BadMessage` where the reader that a job names cannot read its language."""
        if reading_language(source) in languages_of(reader):
            return
        others = [name for name in self.names(EngineRole.READER) if reading_language(source) in languages_of(name)]
        hint = f"; options.reader {' or '.join(others)} can" if others else ""
        able = ", ".join(languages_of(reader))
        raise BadMessage("source", f"{source} cannot be read by the reader {reader}, which reads {able}{hint}")


def languages_of(reader: str) -> tuple[str, ...]:
    """What a reader reads."""
    return READABLE if reader == DEFAULT_ENGINE else OPTIONAL[reader].languages


def check_target(target: str) -> None:
    """Raises :class:`BadMessage` for a language whose script no font of the project has."""
    script = script_of(target)
    if script not in SETTABLE:
        able = ", ".join(SETTABLE.values())
        raise BadMessage(
            "target", f"{target} cannot be set: there is no font for its script {script}; there are for {able}"
        )
