"""What may be wrong with answers, each by its name. What passes here is believed; nothing else is.

**Why an echo.** Ids alone cannot show that a model gave text 3 the translation of text 4: both ids are there, once.
So each answer repeats the first characters of its source. A token made up for the purpose would be copied along with
the id and prove nothing about the text beside it; the source's own beginning has to be looked up where the source is,
right before the translation is written, and it names the text that the model was looking at. What this cannot show: a
model that copies one source and then translates another, and two texts that begin with the same 24 characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from translator.translation.answer import Item
from translator.translation.asked import Asked, echo_form, echo_length
from translator.translation.glossary import Glossary
from translator.translation.scripts import (
    CYRILLIC,
    GREEK,
    HAN,
    KANA,
    LATIN,
    OTHER,
    letters,
    simplified_only,
    traditional_only,
)
from translator.translation.small_words import balance, is_of_another_language, words_of
from translator.translation.style import Language

_CONSTANT_LENGTH = 30
"""So many characters an answer may have however short its source: 一期一会 is A ONCE-IN-A-LIFETIME ENCOUNTER."""
_ALIKE = 0.45
"""How much of an echo has to agree: a model that mends a misread character still echoes the rest."""
_NAME_WORDS = 3
"""So many words may be the same in two languages of one script: names and loanwords."""
_STRAY_KANA = 0.15
"""Chinese uses の for flavour, but not more kana than this."""
_ORNAMENTS = frozenset({GREEK, CYRILLIC, OTHER})
_MOST_ORNAMENTS = 3
"""Emoticons such as (´Д`) and (・ω・) use letters of these scripts in every language."""
_DOTS = re.compile(r"[.・]{2,}|[…‥]+")
_ENGLISH_WORDS = """
the you your you're you've you'll what what's that that's this these those they they're we we're i'm i'll i've i'd it
it's he's she she's him his there there's here here's let's don't doesn't didn't can't won't isn't aren't wasn't
couldn't is with have and why how who who's where when if would could should know just of for not been were from
because really out about get going want think right never now then than only even
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
"""Words that other languages in Latin letters do not have: models that lose their way end up in English."""
_LEAST_ENGLISH, _ENGLISH_SHARE = 2, 0.3
_WORDS, _LETTERS = 2, 8
"""A Latin answer to a text for another script is an acronym or a name below these, another language above."""


class FaultKind(StrEnum):
    """The name of what is wrong with an answer."""

    MISSING = "missing"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"
    EMPTY = "empty"
    SOURCE_COPIED = "source_copied"
    WRONG_LANGUAGE = "wrong_language"
    RUNAWAY = "runaway"
    SWAPPED = "swapped"
    NO_ECHO = "no_echo"
    REPEATED = "repeated"
    TERM_MISSED = "term_missed"

    @property
    def keeps_the_answer(self) -> bool:
        """Whether the answer is used all the same, when asking again did not help."""
        return self is FaultKind.TERM_MISSED


WHY = {
    FaultKind.MISSING: "no answer to this id",
    FaultKind.DUPLICATE: "two different answers to this id",
    FaultKind.UNKNOWN: "an answer to an id that was not asked",
    FaultKind.EMPTY: "the answer was empty",
    FaultKind.SOURCE_COPIED: "the answer was the source text",
    FaultKind.WRONG_LANGUAGE: "the answer was in the wrong language or script",
    FaultKind.RUNAWAY: "the answer was far too long",
    FaultKind.SWAPPED: "the answer belongs to another text",
    FaultKind.NO_ECHO: "the answer does not show which text it translates",
    FaultKind.REPEATED: "the same long answer was given to different texts",
    FaultKind.TERM_MISSED: "a glossary term was not used",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the answer to ``label``."""

    label: str
    kind: FaultKind
    detail: str = ""

    @property
    def why(self) -> str:
        return f"{WHY[self.kind]}: {self.detail}" if self.detail else WHY[self.kind]


@dataclass(frozen=True, slots=True)
class Checked:
    """``good`` are the answers without fault, ``doubtful`` those that will do where no better comes; by label."""

    good: dict[str, str]
    doubtful: dict[str, str]
    faults: tuple[Fault, ...]

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong, of the labels that were asked."""
        return {fault.label: fault.why for fault in self.faults if fault.kind is not FaultKind.UNKNOWN}


def check(asked: Sequence[Asked], items: Iterable[Item], language: Language, glossary: Glossary) -> Checked:
    """Sorts a model's items into good answers and faults; every text asked for is in one of them."""
    texts = {one.label: one for one in asked}
    given: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        given[item.label].append(item)
    faults = [Fault(label, FaultKind.UNKNOWN) for label in given if label not in texts]
    repeated = _repeated(texts, given)
    good: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    for label, one in texts.items():
        fault = _fault(one, given[label], asked, language, glossary, repeated)
        if fault is not None:
            faults.append(fault)
        if fault is None:
            good[label] = given[label][0].text
        elif fault.kind.keeps_the_answer:
            doubtful[label] = given[label][0].text
    foreign = {fault.label for fault in faults if fault.kind is FaultKind.WRONG_LANGUAGE}
    answers = {label: given[label][0].text for label in (*good, *doubtful, *foreign)}
    for label in sorted(_of_another_language(texts, answers, language) - foreign):
        good.pop(label, None)
        doubtful.pop(label, None)
        faults.append(Fault(label, FaultKind.WRONG_LANGUAGE, "the answers together are of another one"))
    return Checked(good, doubtful, tuple(faults))


def _of_another_language(texts: Mapping[str, Asked], answers: Mapping[str, str], language: Language) -> set[str]:
    """The answers that are to be asked again because all of a call, taken together, are in another language of the
    same script: a short one alone does not show it. Those that are in the right one stay."""
    if LATIN not in language.scripts:
        return set()
    words = {label: _own_words(answer, texts[label].text) for label, answer in answers.items()}
    if not is_of_another_language([word for found in words.values() for word in found], language.tag, many=True):
        return set()
    return {label for label, found in words.items() if balance(found, language.tag) <= 0}


def _own_words(answer: str, source: str) -> list[str]:
    """The answer's words without those that the source has, too: what is quoted stays as it is."""
    quoted = set(words_of(source))
    return [word for word in words_of(answer) if word not in quoted]


def longest_answer(source: str, language: Language) -> int:
    """More characters than this are no translation of ``source``."""
    return _CONSTANT_LENGTH + round(language.expansion * len(source))


def _fault(
    one: Asked,
    items: Sequence[Item],
    asked: Sequence[Asked],
    language: Language,
    glossary: Glossary,
    repeated: frozenset[str],
) -> Fault | None:
    if not items:
        return Fault(one.label, FaultKind.MISSING)
    item = items[0]
    if any(other.text != item.text for other in items):
        return Fault(one.label, FaultKind.DUPLICATE)
    if not _has_content(item.text):
        return Fault(one.label, FaultKind.EMPTY)
    if (echo := _echo_fault(one, item.echo, asked)) is not None:
        return Fault(one.label, echo)
    if len(item.text) > longest_answer(one.text, language):
        return Fault(one.label, FaultKind.RUNAWAY, f"{len(item.text)} characters for {len(one.text)}")
    if _is_copied(one.text, item.text, language):
        return Fault(one.label, FaultKind.SOURCE_COPIED)
    if is_wrong_language(item.text, one.text, language):
        return Fault(one.label, FaultKind.WRONG_LANGUAGE)
    if item.text in repeated:
        return Fault(one.label, FaultKind.REPEATED)
    if missed := glossary.missed(one.text, item.text):
        return Fault(one.label, FaultKind.TERM_MISSED, f"{missed[0].source} is {missed[0].translation}")
    return None


def _has_content(text: str) -> bool:
    """Whether anything of it can be lettered."""
    return any(not char.isspace() and unicodedata.category(char)[0] != "C" for char in text)


def _echo_fault(one: Asked, echo: str, asked: Sequence[Asked]) -> FaultKind | None:
    """Whether the echo is another text's, or nobody's."""
    size = echo_length(asked)
    shown = echo_form(echo)[: 2 * size]
    own = _agreement(shown, one, size)
    others = max((_agreement(shown, other, size) for other in asked if not _same(other, one)), default=0.0)
    if own == 1.0:
        return None
    if others > own and others >= _ALIKE:
        return FaultKind.SWAPPED
    return None if own >= _ALIKE else FaultKind.NO_ECHO


def _same(one: Asked, other: Asked) -> bool:
    return one.label == other.label or echo_form(one.text) == echo_form(other.text)


def _agreement(shown: str, one: Asked, size: int) -> float:
    """How much an echo agrees with the beginning of a text, 0.0 to 1.0. The model may have copied more, or less."""
    source = _plain(echo_form(one.text))
    begins, echo = source[:size], _plain(shown)
    if not begins or not echo:
        return 0.0
    if source.startswith(echo[:size]) and len(echo) >= min(size, len(begins)):
        return 1.0
    return SequenceMatcher(None, echo[:size], begins, autojunk=False).ratio() * 0.99


def _plain(text: str) -> str:
    """Full-width and half-width forms as one, and any row of dots as one: models type as they like."""
    return _DOTS.sub("…", unicodedata.normalize("NFKC", text)).casefold()


def _bare(text: str) -> str:
    return "".join(char for char in _plain(text) if char.isalnum())


def _is_copied(source: str, answer: str, language: Language) -> bool:
    """Whether the answer only repeats a source that cannot mean the same in the target language.

    Numbers, names and acronyms may; so may Han characters between Chinese and Japanese, unless kana say that it is
    Japanese.
    """
    found = _lettered(source, language)
    if _bare(source) != _bare(answer) or not found:
        return False
    foreign = set(found) - language.scripts if language.scripts else set()
    if foreign - {LATIN}:
        return True
    return LATIN in found and len(source.split()) > _NAME_WORDS


def is_wrong_language(answer: str, source: str, language: Language) -> bool:
    """Whether the answer's letters are of scripts that the language does not use, or its small words another's."""
    if not language.scripts:
        return False
    found = _lettered(answer, language)
    own = sum(found[script] for script in language.scripts)
    if LATIN not in language.scripts:
        return _wrong_beside_latin(found, own, answer, source, language)
    # A font for Latin has no ideographs, so one that was left over is one too many.
    if own < sum(found.values()):
        return True
    words = _own_words(answer, source)
    return (language.tag.split("-")[0] != "en" and _is_english(words)) or is_of_another_language(words, language.tag)


def _is_english(words: Sequence[str]) -> bool:
    """Whether words for another language in Latin letters are English: of any language, those without a table, too."""
    hits = [word for word in words if word in _ENGLISH]
    return len(set(hits)) >= _LEAST_ENGLISH and len(hits) >= _ENGLISH_SHARE * len(words)


def _lettered(text: str, language: Language) -> Counter[str]:
    """The letters of a text by their scripts, the few left out that are part of a face."""
    found = letters(text)
    for script in _ORNAMENTS - language.scripts:
        if found[script] <= _MOST_ORNAMENTS:
            del found[script]
    return found


def _wrong_beside_latin(found: Counter[str], own: int, answer: str, source: str, language: Language) -> bool:
    """For languages that quote names and acronyms in Latin letters."""
    latin, total = found[LATIN], sum(found.values())
    foreign = total - own - latin
    stray = found[KANA] if HAN in language.scripts else 0
    if stray and stray <= _STRAY_KANA * total:
        foreign -= stray
    if foreign:
        return True
    if not own and latin:
        words = len(answer.split())
        return not letters(source)[LATIN] and words >= _WORDS and latin > _LETTERS
    return _other_chinese(answer, language)


def _other_chinese(answer: str, language: Language) -> bool:
    simplified, traditional = simplified_only(answer), traditional_only(answer)
    if language.tag == "zh-Hant":
        return simplified >= 2 and simplified > traditional
    return language.tag == "zh-Hans" and traditional >= 2 and traditional > simplified


def _repeated(texts: dict[str, Asked], given: dict[str, list[Item]]) -> frozenset[str]:
    """Long answers that three or more different texts got: a model that turns in circles, or refuses one by one."""
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for label, one in texts.items():
        for item in given.get(label, ()):
            sources[item.text].add(_bare(one.text))
    return frozenset(text for text, of in sources.items() if len(of) >= 3 and len(text) > 15)
