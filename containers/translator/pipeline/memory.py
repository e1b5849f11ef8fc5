"""The translation memory of a series: sentences already translated, found again in spite of recognition errors.

A wrong match is worse than none, because nobody sees it, so every doubt ends in no match. The limits were measured on
625 texts of two manga, see :func:`_edits_allowed` and :func:`_same_sense`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from translator.pipeline.memory_form import bare_form, exact_form, loose_form

SCHEMA = 1
MAX_ENTRIES = 50_000
MAX_TEXT = 2_000
_PUNCTUATION_DIFFERS, _QUESTION_LOST, _LOOK_ALIKES_DIFFER = 0.99, 0.97, 0.95
_RIVAL_MARGIN = 1
_NUMBER = re.compile(r"\d+")
_NEGATION = re.compile(r"ない|なかつ|なく|なき|ません|ねえ|[ずぬ]")
_ASSERTION = re.compile(r"ました|ましよ")
# What people say all day, in the loose form: so near to each other that a text which is one is no misread other.
_SET_PHRASE_LIST = """
いただきます いつてきます 行つてきます いつてらつしやい 行つてらつしやい いらつしやい いらつしやいませ ごちそうさま
ごちそうさまでした おかえりなさい お帰りなさい おやすみなさい お休みなさい ありがとうございます
ありがとうございました おはようございます おめでとうございます よろしくおねがいします よろしくお願いします
おねがいします お願いします お疲れ様です お疲れ様でした おつかれさまです おつかれさまでした ごめんなさい もうしわけない
申し訳ない しつれいします 失礼します 失礼しました おじやまします お邪魔します おじやましました お邪魔しました
分かりました 分かりません わかりました わかりません 知りません ありました ありません どうしたの どうするの
"""
_SET_PHRASES = frozenset(_SET_PHRASE_LIST.split())


class MemoryFormatError(ValueError):
    """A memory document that cannot be used. ``place`` is a JSON pointer to the fault."""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(f"translation memory: {place or '/'}: {detail}")
        self.place, self.detail = place, detail


@dataclass(frozen=True, slots=True)
class MemoryEntry:
    """One sentence and its translation."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class MemoryMatch:
    """An entry and how sure it is: 1.0 the same text, 0.99 other punctuation, 0.97 a "?" lost, below that others."""

    entry: MemoryEntry
    score: float


class TranslationMemory:
    """Finds the entry for a text. Immutable, so it may be shared by threads."""

    def __init__(self, entries: Iterable[MemoryEntry], *, source: str, target: str) -> None:
        self.source, self.target = source, target
        self._exact: dict[str, MemoryEntry] = {}
        self._bare: defaultdict[str, list[MemoryEntry]] = defaultdict(list)
        self._loose: defaultdict[str, list[MemoryEntry]] = defaultdict(list)
        for entry in entries:
            # The later entry corrects the earlier one of the same text.
            self._exact[exact_form(entry.source)] = entry
        for entry in self._exact.values():
            self._bare[bare_form(entry.source)].append(entry)
            self._loose[loose_form(entry.source)].append(entry)
        self._loose_forms = [form for form in self._loose if _size(form)]

    def __len__(self) -> int:
        return len(self._exact)

    @classmethod
    def from_json(cls, document: object) -> TranslationMemory:
        """The memory in a parsed JSON document; members it does not know are left alone.

        Raises :class:`MemoryFormatError` for anything that is not schema 1.
        """
        members = _object(document, "")
        if members.get("schema") is True or members.get("schema") != SCHEMA:
            raise MemoryFormatError("/schema", f"must be {SCHEMA}")
        entries = members.get("entries")
        if not isinstance(entries, list):
            raise MemoryFormatError("/entries", "must be an array")
        if len(entries) > MAX_ENTRIES:
            raise MemoryFormatError("/entries", f"has {len(entries)} entries, at most {MAX_ENTRIES} are read")
        parsed = [_entry(entry, f"/entries/{i}") for i, entry in enumerate(entries)]
        source, target = (_text(members, name, "") for name in ("source", "target"))
        return cls(parsed, source=source, target=target)

    @classmethod
    def for_languages(cls, document: object, *, source: str, target: str) -> TranslationMemory:
        """All that a parsed memory has from ``source`` into ``target``, in whatever part of it that stands.

        Raises :class:`MemoryFormatError`.
        """
        whole = cls.from_json(document)
        also = _object(document, "").get("also", [])
        if not isinstance(also, list):
            raise MemoryFormatError("/also", "must be an array")
        parts = [whole, *(cls.from_json({"schema": SCHEMA, **_object(part, "/also")}) for part in also)]
        entries = [
            entry for part in parts if part.serves(source=source, target=target) for entry in part._exact.values()
        ]
        return cls(entries, source=source, target=target)

    def serves(self, *, source: str, target: str) -> bool:
        """Whether this memory's language pair is the given one (BCP 47; a region that one side leaves out is equal)."""
        return same_language(self.source, source) and same_language(self.target, target)

    def find(self, text: str, *, source: str, target: str) -> MemoryMatch | None:
        """The one entry that ``text`` can be, or None: no such text, another language pair, or several answers."""
        exact = exact_form(text)
        if not exact or not self.serves(source=source, target=target):
            return None
        if exact in self._exact:
            return MemoryMatch(self._exact[exact], 1.0)
        bare = bare_form(text)
        if not bare:
            return None
        if same := self._bare.get(bare):
            return _one_answer(same, _PUNCTUATION_DIFFERS)
        # "!?" in one cell is read as "!". The other way round nothing is lost: a "?" that was read is there.
        if not bare.endswith("?") and (asked := self._bare.get(f"{bare}?")) and _asks_at_its_end(asked):
            return _one_answer(asked, _QUESTION_LOST)
        return self._find_loose(loose_form(text), _size(bare))

    def _find_loose(self, form: str, size: int) -> MemoryMatch | None:
        if size < 4:
            return None
        if same := self._loose.get(form):
            return _one_answer(same, _LOOK_ALIKES_DIFFER)
        limit = _edits_allowed(size)
        if not limit or form.removesuffix("?") in _SET_PHRASES:
            return None
        near = process.extract(form, self._loose_forms, scorer=Levenshtein.distance, score_cutoff=limit, limit=None)
        return self._nearest([(candidate, int(edits)) for candidate, edits, _ in near], form)

    def _nearest(self, near: list[tuple[str, int]], form: str) -> MemoryMatch | None:
        if not near:
            return None
        best, edits = min(near, key=lambda found: found[1])
        rivals = [entry for other, n in near if n <= edits + _RIVAL_MARGIN for entry in self._loose[other]]
        if not _same_sense(form, best):
            return None
        # Scaled under what only look-alikes reach, so that scores order as the evidence does.
        score = _LOOK_ALIKES_DIFFER * (1 - edits / max(len(form), len(best)))
        return _one_answer(rivals, score, self._loose[best][-1])


def _edits_allowed(size: int) -> int:
    """How many wrong characters a text of ``size`` letters may have: 2 from 6 letters, a fifth from 15, at most 6.

    Among 559 different texts of real manga, 9 pairs of 5 letters lie within 2 edits of each other ("ありました",
    "ありません"), 4 pairs of 6 letters (set phrases but one), and 2 of all longer ones.
    """
    return 0 if size < 6 else max(2, min(6, size // 5))


def _same_sense(form: str, other: str) -> bool:
    """Whether the edits look like misread characters rather than like another word in the same frame.

    Refused: another number; a negation gained, or lost together with a change of length ("行きません", "行きます"); a
    length that differs by 2 or more, or by 1 with a second edit in a text under 8 letters ("よかったのか?" and
    "何かあったのか?").
    """
    longer, edits = abs(len(form) - len(other)), Levenshtein.distance(form, other)
    if _NUMBER.findall(form) != _NUMBER.findall(other) or longer > 1:
        return False
    gained = len(_NEGATION.findall(form)) - len(_NEGATION.findall(other))
    if gained > 0 or (gained < 0 and (longer or _ASSERTION.search(form))):
        return False
    return not (longer and edits > 1 and min(_size(form), _size(other)) < 8)


def _one_answer(entries: list[MemoryEntry], score: float, entry: MemoryEntry | None = None) -> MemoryMatch | None:
    return MemoryMatch(entry or entries[-1], score) if len({e.target for e in entries}) == 1 else None


def _asks_at_its_end(entries: list[MemoryEntry]) -> bool:
    """Whether all of the entries lose their "?" with their last marks."""
    return all("?" not in exact_form(entry.source).rstrip("!?…ー〜。」』") for entry in entries)


def _size(form: str) -> int:
    return len(form) - form.endswith("?")


def same_language(a: str, b: str) -> bool:
    """Whether two BCP 47 tags name one language in one script; a region that one of them leaves out is equal."""
    (language_a, script_a, region_a), (language_b, script_b, region_b) = _subtags(a), _subtags(b)
    return (language_a, script_a) == (language_b, script_b) and (not region_a or not region_b or region_a == region_b)


def _subtags(tag: str) -> tuple[str, str, str]:
    language, *rest = tag.replace("_", "-").lower().split("-")
    script = next((part for part in rest if len(part) == 4), "")
    return language, script, next((part for part in rest if len(part) in (2, 3)), "")


def _object(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise MemoryFormatError(place, "must be an object")
    return value


def _text(members: Mapping[str, Any], name: str, place: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value.strip():
        raise MemoryFormatError(f"{place}/{name}", "must be a string that is not blank")
    if len(value) > MAX_TEXT:
        raise MemoryFormatError(f"{place}/{name}", f"has {len(value)} characters, at most {MAX_TEXT} are read")
    return value


def _entry(value: object, place: str) -> MemoryEntry:
    members = _object(value, place)
    return MemoryEntry(source=_text(members, "source", place), target=_text(members, "target", place))
