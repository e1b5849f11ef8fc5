"""Words of one segment, put into English one after the other. The order stays Japanese: this is no translation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from translator.engines.gloss_dictionary import Dictionary
from translator.engines.gloss_romaji import romanize
from translator.engines.gloss_segment import has_japanese
from translator.engines.gloss_table import HONORIFICS, MEANINGS, PARTICLES, POSSESSIVE
from translator.engines.gloss_word import Part, Word

UNREADABLE = "(?)"
_NEGATIONS = frozenset({"ない", "ず", "ぬ", "まい", "無い", "ん"})
_AFTER_TE = frozenset(
    {"居る", "有る", "置く", "来る", "行く", "仕舞う", "貰う", "頂く", "上げる", "遣る", "呉れる", "下さる", "見る"}
    | {"欲しい"}
)
_AFTER_NO = frozenset({"様", "よう", "為"})
_LONGEST_PHRASE = 6
_MUST = frozenset(
    first + last
    for first in ("なければ", "なきゃ", "なくては", "なくちゃ", "ないと")
    for last in ("ならない", "なりません", "ならねえ", "いけない", "いけません", "だめ", "ダメ")
)
_MUST_AT_END = frozenset({"なきゃ", "なくちゃ"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """One glossed word, with what its inflection adds in front ("not", "want to")."""

    text: str
    part: Part
    hints: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((*self.hints, self.text))

    def hinted(self, hint: str) -> Chunk:
        """With ``hint`` outermost; said once. What is not there is none."""
        if (hint, self.text) == ("not", "there is"):
            return replace(self, text="none")
        return self if hint in self.hints else replace(self, hints=(hint, *self.hints))


@dataclass(slots=True)
class Phrase:
    """Reads a segment's words from left to right: ``chunks`` is what came of them, ``asks`` whether they ask."""

    words: Sequence[Word]
    dictionary: Dictionary
    chunks: list[Chunk] = field(default_factory=list)
    asks: bool = False

    def read(self) -> Phrase:
        at = 0
        while at < len(self.words):
            at += self._obligation(at) or self._set_expression(at) or self._word(at)
        return self

    def _obligation(self, at: int) -> int:
        """Takes the words of "not to do will not do", which is how Japanese says must."""
        if not self.chunks or self.words[at].part is not Part.AUXILIARY:
            return 0
        for size in range(min(_LONGEST_PHRASE, len(self.words) - at), 0, -1):
            spelling = "".join(word.surface for word in self.words[at : at + size])
            if spelling in _MUST or (spelling in _MUST_AT_END and self._ends(at + size)):
                self._hint("must")
                return size
        return 0

    def _ends(self, at: int) -> bool:
        return all(word.part is Part.PARTICLE for word in self.words[at:])

    def _set_expression(self, at: int) -> int:
        """Takes the longest run of words that is one entry of the dictionary; answers how many words it took."""
        for size in range(min(_LONGEST_PHRASE, len(self.words) - at), 1, -1):
            run = self.words[at : at + size]
            stem = "".join(word.surface for word in run[:-1])
            for last in dict.fromkeys((run[-1].surface, run[-1].lemma)):
                if (meaning := self._phrase(stem + last, run)) is not None:
                    self._append(meaning, run[-1].part if run[-1].part.stands_alone else run[0].part)
                    if last != run[-1].surface:
                        self._inflect(run[-1])
                    return size
        return 0

    def _phrase(self, spelling: str, run: Sequence[Word]) -> str | None:
        # "na n da" after a noun is grammar; the same sounds at the start ask what something is.
        if spelling in MEANINGS and not (run[0].part is Part.AUXILIARY and spelling.startswith("なん")):
            return MEANINGS[spelling]
        if self._may_be_entry(run) and self.dictionary.has_phrase(spelling):
            return self.dictionary.meaning(spelling, Part.OTHER)
        return None

    def _may_be_entry(self, run: Sequence[Word]) -> bool:
        first, last = run[0], run[-1]
        if not (first.part.stands_alone or first.part is Part.PREFIX) or first.is_name:
            return False
        if last.part is Part.AUXILIARY:
            return last.normal in _NEGATIONS
        return last.part not in (Part.PARTICLE, Part.OTHER) and not self._is_honorific(last)

    def _word(self, at: int) -> int:
        word = self.words[at]
        before = self.words[at - 1] if at else None
        if word.part is Part.PARTICLE:
            self._particle(word, before, self.words[at + 1] if at + 1 < len(self.words) else None)
        elif word.part is Part.AUXILIARY:
            self._auxiliary(word)
        elif self._is_honorific(word) and self._after_name(before):
            self.chunks[-1] = replace(self.chunks[-1], text=f"{self.chunks[-1].text}-{romanize(word.reading)}")
        elif not self._helps(word, before):
            self._content(word)
        return 1

    def _particle(self, word: Word, before: Word | None, after: Word | None) -> None:
        if word.kind == "終助詞" and word.normal == "か":
            self.asks = True
        elif word.kind == "終助詞" and word.surface == "な" and before and _is_plain_verb(before) and not after:
            self._hint("don't")
        elif word.kind == "接続助詞" and word.normal == "ば":
            self._hint("if")
        elif word.surface == "の" and word.kind == "格助詞" and (after is None or after.normal not in _AFTER_NO):
            self._possess()
        elif word.kind == "接続助詞" and word.normal in PARTICLES and self.chunks:
            self._append(PARTICLES[word.normal], word.part)
        elif word.normal in MEANINGS and word.kind == "副助詞":
            self._append(MEANINGS[word.normal], word.part)

    def _possess(self) -> None:
        if self.chunks and self.chunks[-1].part is Part.PRONOUN:
            text = self.chunks[-1].text
            self.chunks[-1] = replace(self.chunks[-1], text=POSSESSIVE.get(text, text))

    def _auxiliary(self, word: Word) -> None:
        if word.normal in _NEGATIONS:
            self._hint("not")
        elif word.normal == "たい":
            self._hint("want to")
        elif word.normal in ("せる", "させる"):
            self._hint("make")
        elif word.normal in ("だ", "です") and word.form == "意志推量形":
            self._append("right" if word.surface in ("だろ", "でしょ") else "probably", word.part)
        elif word.normal in ("らしい", "みたい"):
            self._append(MEANINGS[word.normal], word.part)
        elif word.normal in ("た", "だ") and word.form.startswith("仮定形"):
            self._hint("if")

    def _helps(self, word: Word, before: Word | None) -> bool:
        """Whether ``word`` only helps the word before it ("-te iru", "-te kudasai", "ja nai")."""
        if before is None or not self.chunks:
            return False
        if word.normal == "無い":
            return self._denies(before)
        if word.normal == "為る" and "サ変可能" in before.kind:
            self._inflect(word)
            return True
        if before.surface in ("て", "で") and before.kind == "接続助詞" and word.normal in _AFTER_TE:
            self._favour(word)
            return True
        return word.normal in ("為さる", "御座る") and word.kind.startswith("非自立")

    def _favour(self, word: Word) -> None:
        if word.normal in ("下さる", "呉れる") and (word.form == "命令形" or word.normal == "下さる"):
            self._hint("please")
        elif word.normal == "見る":
            self._hint("try to")
        elif word.normal == "欲しい":
            self._hint("want you to")
        if word.form == "意志推量形":
            self._hint("let's")

    def _denies(self, before: Word) -> bool:
        if before.part in (Part.AUXILIARY, Part.ADJECTIVE) or before.surface in ("じゃ", "では", "で"):
            self._hint("not")
            return True
        topic = before.part is Part.NOUN or (before.part is Part.PARTICLE and before.normal in ("が", "は", "も"))
        if topic and self.chunks[-1].part is Part.NOUN:
            self._hint("no")
            return True
        return False

    def _content(self, word: Word) -> None:
        if text := self._english(word):
            repeats = self.chunks and self.chunks[-1].text == text and not self.chunks[-1].hints
            if not repeats:
                self._append(text, word.part)
            self._inflect(word)

    def _english(self, word: Word) -> str:
        if word.surface.isascii():
            return word.surface
        if "数詞" in word.kind and word.normal.isascii():
            return word.normal
        if word.part is Part.ADJECTIVAL_NOUN and word.lemma == "そう":
            return "seems"
        for spelling in (word.normal, word.lemma, word.surface):
            if spelling in MEANINGS:
                return MEANINGS[spelling]
        if word.is_person:
            return self._name(word)
        known = self._looked_up(word) or self._in_pieces(word)
        # An affix that no dictionary puts in English says nothing to the reader; a word is at least pronounced.
        return known or ("" if word.part in (Part.PREFIX, Part.SUFFIX) else self._name(word))

    def _looked_up(self, word: Word) -> str | None:
        # The tokenizer's reading is that of the inflected surface, so it identifies only what stands uninflected.
        reading = _hiragana(word.reading) if word.surface == word.lemma else ""
        # The tokenizer unites a potential verb with its verb ("can take" with "take"), which reads better here.
        as_written = has_kanji(word.lemma) and word.part is not Part.VERB
        spellings = (word.lemma, word.normal) if as_written else (word.normal, word.lemma)
        found = (self.dictionary.meaning(spelling, word.part, reading) for spelling in dict.fromkeys(spellings))
        return next((meaning for meaning in found if meaning), None)

    def _in_pieces(self, word: Word) -> str:
        if len(word.pieces) < 2 or word.is_name:
            return ""
        return " ".join(filter(None, (self._english(piece) for piece in word.pieces)))

    def _name(self, word: Word) -> str:
        roman = romanize(word.reading) or romanize(word.surface)
        if not roman:
            return UNREADABLE if has_kanji(word.surface) else romanize(word.surface)
        return roman.capitalize() if word.part is Part.NOUN else roman

    def _inflect(self, word: Word) -> None:
        if word.form == "意志推量形" and word.part is Part.VERB:
            self._hint("let's")

    def _hint(self, hint: str) -> None:
        if self.chunks:
            self.chunks[-1] = self.chunks[-1].hinted(hint)

    def _append(self, text: str, part: Part) -> None:
        if text:
            self.chunks.append(Chunk(text, part))

    def _after_name(self, before: Word | None) -> bool:
        return bool(self.chunks) and before is not None and before.is_name

    @staticmethod
    def _is_honorific(word: Word) -> bool:
        return word.part is Part.SUFFIX and word.surface in HONORIFICS


def has_kanji(text: str) -> bool:
    """Whether ``text`` has a character that is Japanese and no kana."""
    return any(has_japanese(c) and not "ぁ" <= c <= "ヿ" for c in text)


def _is_plain_verb(word: Word) -> bool:
    return word.part is Part.VERB and word.form.startswith("終止形")


def _hiragana(katakana: str) -> str:
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in katakana)
