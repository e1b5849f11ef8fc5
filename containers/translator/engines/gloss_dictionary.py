"""The first English sense of a Japanese word, from JMdict in the SQLite file of the ``jamdict-data`` package.

JMdict is the property of the Electronic Dictionary Research and Development Group, used under its licence (CC BY-SA),
see NOTICE. The file is opened read-only and read by page: little of its 325 MB is ever in memory.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Protocol

from translator.engines.gloss_word import Part

_NOUNS = ("noun", "counter", "numeric", "suffix", "prefix", "pronoun")
_FITTING = {
    Part.NOUN: _NOUNS,
    Part.PRONOUN: ("pronoun", "noun"),
    Part.VERB: ("Ichidan", "Godan", "Kuru", "suru verb", "transitive", "intransitive"),
    Part.ADJECTIVE: ("adjective", "auxiliary adjective"),
    Part.ADJECTIVAL_NOUN: ("adjectival", "noun", "'taru'"),
    Part.ADVERB: ("adverb",),
    Part.ADNOMINAL: ("pre-noun", "noun or verb acting"),
    Part.CONJUNCTION: ("conjunction", "adverb"),
    Part.INTERJECTION: ("interjection", "expressions"),
    Part.SUFFIX: ("suffix", "noun, used as a suffix", "counter"),
    Part.PREFIX: ("prefix", "noun, used as a prefix"),
    Part.OTHER: ("expressions", "interjection", "adverb", "noun", "adjective", "conjunction"),
}
_DATED = {
    "archaism",
    "obsolete term",
    "obscure term",
    "rare",
    "poetical term",
    "vulgar expression or word",
    "dated term",
}
_KANA_ALONE = "word usually written using kana alone"
_COMMON = {"ichi1", "news1", "spec1", "gai1"}
_ASIDE = re.compile(r"\s*\([^)]*\)|\s*\[[^]]*\]|;.*$")
_OPENING = re.compile(r"^(?:to be|to|an?|the|being|one's|something) (?=\w)")
# Glosses that speak about the word instead of giving one, and the halves of English words.
_NO_WORD = re.compile(
    r"^-|-$|^(?:prefix|suffix|indicat|honorific|used|particle|adds|counter|form|express|after the)", re.I
)
_MOST_WORDS = 3


class Dictionary(Protocol):
    """Answers with a few English words."""

    def meaning(self, spelling: str, part: Part, reading: str = "") -> str | None: ...

    def has_phrase(self, spelling: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Sense:
    parts: tuple[str, ...]
    usage: frozenset[str]
    glosses: tuple[str, ...]


class JmDict:
    """Looks words up in ``path``. Raises ``sqlite3.Error`` if that is no such database."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._db.execute("SELECT text FROM SenseGloss LIMIT 1").fetchone()
        self.meaning = lru_cache(maxsize=20_000)(self._meaning)
        self.has_phrase = lru_cache(maxsize=20_000)(self._has_phrase)

    @classmethod
    def installed(cls) -> JmDict:
        """The dictionary of the ``jamdict-data`` package. Raises ``ImportError`` where it is not installed."""
        return cls(Path(import_module("jamdict_data").JAMDICT_DB_PATH))

    def close(self) -> None:
        """Closes the file; a look-up after that raises ``sqlite3.ProgrammingError``."""
        self._db.close()

    def _meaning(self, spelling: str, part: Part, reading: str = "") -> str | None:
        """A few English words for ``spelling``, or None; ``reading`` (hiragana) tells words of one spelling apart."""
        ranked = [(self._rank(entry, spelling, part, reading), -entry) for entry in self._entries(spelling)]
        for _, entry in sorted(ranked, reverse=True):
            if short := shortened(_by_fit(self._senses(-entry), part)):
                return short
        return None

    def _has_phrase(self, spelling: str) -> bool:
        """Whether several words together are one entry worth more than its words: common, or a set expression."""
        for entry in self._entries(spelling):
            senses = self._senses(entry)
            expression = any(p.startswith(("expressions", "interjection")) for s in senses[:1] for p in s.parts)
            if (expression and len(spelling) > 2) or (self._commonness(entry) and len(spelling) > 3):
                return True
        return False

    def _entries(self, spelling: str) -> list[int]:
        rows = self._all("SELECT idseq FROM Kanji WHERE text=?1 UNION SELECT idseq FROM Kana WHERE text=?1", spelling)
        return [entry for (entry,) in rows if isinstance(entry, int)]

    def _rank(self, entry: int, spelling: str, part: Part, reading: str) -> float:
        senses = self._senses(entry)
        fits = any(_fits(sense, part) for sense in senses)
        dated = all(sense.usage & _DATED for sense in senses)
        readings = {str(row[0]) for row in self._all("SELECT text FROM Kana WHERE idseq=?", entry)}
        has_kanji = bool(self._all("SELECT 1 FROM Kanji WHERE idseq=? LIMIT 1", entry))
        in_kana = spelling in readings
        kana_usual = not has_kanji or any(_KANA_ALONE in sense.usage for sense in senses[:1])
        score = 4.0 * fits - 4.0 * dated + self._commonness(entry)
        return score + 2.0 * (in_kana and kana_usual) + 2.0 * (reading in readings)

    def _commonness(self, entry: int) -> float:
        tags = self._all(
            "SELECT p.text FROM KJP p JOIN Kanji k ON p.kid=k.ID WHERE k.idseq=?1"
            " UNION SELECT p.text FROM KNP p JOIN Kana k ON p.kid=k.ID WHERE k.idseq=?1",
            entry,
        )
        names = {str(row[0]) for row in tags}
        frequency = min((int(name[2:]) for name in names if name.startswith("nf")), default=50)
        return (2.0 if names & _COMMON else 0.0) + (50 - frequency) / 50

    def _senses(self, entry: int) -> list[_Sense]:
        senses: list[_Sense] = []
        for (sense,) in self._all("SELECT ID FROM Sense WHERE idseq=? ORDER BY ID", entry):
            parts = self._texts("pos", sense) or (senses[-1].parts if senses else ())
            glosses = self._texts("SenseGloss", sense)
            senses.append(_Sense(parts=parts, usage=frozenset(self._texts("misc", sense)), glosses=glosses))
        return senses

    def _texts(self, table: str, sense: object) -> tuple[str, ...]:
        # The table is one of three literals above, never data.
        rows = self._all(f"SELECT text FROM {table} WHERE sid=? ORDER BY rowid", sense)  # noqa: S608
        return tuple(str(row[0]) for row in rows)

    def _all(self, query: str, value: object) -> Sequence[tuple[object, ...]]:
        return self._db.execute(query, (value,)).fetchall()


def shortened(senses: Iterable[Sequence[str]]) -> str:
    """The first gloss of at most three words, sense by sense; else the first gloss, cut; "" where there is none."""
    cleaned = [text for glosses in senses for gloss in glosses if (text := _cleaned(gloss))]
    brief = next((text for text in cleaned if len(text.split()) <= _MOST_WORDS), "")
    return brief or " ".join(cleaned[0].split()[: _MOST_WORDS + 1]) if cleaned else ""


def _cleaned(gloss: str) -> str:
    plain = _OPENING.sub("", _ASIDE.sub("", gloss).strip()).strip(" .!?,")
    return plain if plain.isascii() and not _NO_WORD.search(plain) else ""


def _fits(sense: _Sense, part: Part) -> bool:
    return any(name.startswith(_FITTING.get(part, ())) for name in sense.parts)


def _by_fit(senses: list[_Sense], part: Part) -> list[Sequence[str]]:
    usable = [sense for sense in senses if not sense.usage & _DATED] or senses
    return [sense.glosses for sense in sorted(usable, key=lambda sense: not _fits(sense, part))]
