"""Japanese put into English word by word, offline, for a reader who has no better: a gloss, and it says so.

Nothing here understands a sentence. Each word gets the first sense of its dictionary entry, in the order of the
Japanese; particles are left out; names and unknown words are romanized.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass

from translator.engines.gloss_dictionary import Dictionary, JmDict
from translator.engines.gloss_phrase import UNREADABLE, Phrase
from translator.engines.gloss_romaji import romanize
from translator.engines.gloss_segment import Segment, calmed, cry, has_japanese, segments
from translator.engines.gloss_word import SudachiTokenizer, Tokenizer

SEPARATOR = ", "
"""Between two glossed words: keeps senses of several words apart. A dot or a slash between spaces reads as a list too,
but ends up alone at the start of lettered lines; a comma stays with its word."""
_DAMAGED = "the dictionary of jamdict-data cannot be read"


class GlossUnavailableError(Exception):
    """The gloss cannot work here: a package of the ``gloss`` extra is missing or damaged. ``detail`` says which."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the gloss looks things up in."""

    tokenizer: Tokenizer
    dictionary: Dictionary

    @classmethod
    def installed(cls) -> Lexicon:
        """The packages of the extra ``gloss``. Raises :class:`GlossUnavailableError` if one is missing or damaged."""
        try:
            return cls(SudachiTokenizer(), JmDict.installed())
        except (ImportError, OSError) as error:
            raise GlossUnavailableError(f"install the extra fukidashi[gloss] ({error})") from error
        except sqlite3.Error as error:
            raise GlossUnavailableError(f"{_DAMAGED} ({error})") from error


class Gloss:
    """Glosses Japanese texts in English. Loads nothing until the first text with words; safe to share by threads."""

    source, target = "ja", "en"

    def __init__(self, load: Callable[[], Lexicon] = Lexicon.installed) -> None:
        self._load = load
        self._lexicon: Lexicon | None = None
        self._failure: GlossUnavailableError | None = None
        # One lock for loading and for use: the tokenizer is not for several threads, and a text takes a millisecond.
        self._lock = threading.Lock()

    def gloss(self, text: str) -> str:
        """``text`` word by word in English, without Japanese characters; punctuation alone answers as punctuation.

        Raises :class:`GlossUnavailableError`, now and at every later call, where the lexicon cannot be loaded.
        """
        cut = segments(text)
        after_quote = [False, *(segment.marks.endswith("”") for segment in cut)]
        glossed = [(segment, self._segment(segment, quoted)) for segment, quoted in zip(cut, after_quote, strict=False)]
        if any(english for _, english in glossed):
            return _joined(glossed)
        # Nothing but particles: at least pronounced.
        return _joined([(segment, _pronounced(segment)) for segment in cut])

    def _segment(self, segment: Segment, after_quote: bool) -> str:
        if not has_japanese(segment.words):
            return segment.words
        # What follows a quotation is a particle of the sentence around it, not a cry that looks like one.
        if not after_quote and (shout := cry(segment.words)) is not None:
            return _stuttered(shout, segment)
        with self._lock:
            try:
                return _stuttered(self._words(segment), segment)
            except sqlite3.Error as error:
                raise GlossUnavailableError(f"{_DAMAGED} ({error})") from error

    def _words(self, segment: Segment) -> str:
        lexicon = self._loaded()
        phrase = Phrase(lexicon.tokenizer.words(calmed(segment.words)), lexicon.dictionary).read()
        english = SEPARATOR.join(map(str, phrase.chunks))
        return f"{english}?" if english and phrase.asks and "?" not in segment.marks else english

    def _loaded(self) -> Lexicon:
        if self._failure:
            raise self._failure
        try:
            self._lexicon = self._lexicon or self._load()
        except GlossUnavailableError as error:
            self._failure = error
            raise
        return self._lexicon


def _pronounced(segment: Segment) -> str:
    return romanize(segment.words) or (UNREADABLE if segment.words else "")


def _stuttered(english: str, segment: Segment) -> str:
    return f"{english[0]}-{english}" if segment.stutters and english[:1].isalpha() else english


def _joined(glossed: list[tuple[Segment, str]]) -> str:
    text = ""
    for segment, english in glossed:
        if text and text[-1].isalnum() and english:
            text += SEPARATOR
        text += english if text.strip() == "..." else f" {english}"
        text += segment.marks
    return _tight(text)


def _tight(text: str) -> str:
    """Spaces as English sets them around quotation marks and parentheses."""
    spaced = re.sub(r"([“(]) +", r"\1", re.sub(r" *([“(])", r" \1", text))
    spaced = re.sub(r"\?\.\.\.", "...?", re.sub(r" +([”),.!?~])", r"\1", spaced))
    spaced = re.sub(r"--(?=\w)", "-- ", spaced)
    return " ".join(spaced.translate({ord("“"): '"', ord("”"): '"'}).split())
