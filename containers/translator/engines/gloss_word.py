"""Japanese text cut into words, by SudachiPy and its core dictionary (Apache-2.0)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Protocol


class Part(StrEnum):
    """Parts of speech, under the names of UniDic that the tokenizer answers with."""

    NOUN = "名詞"
    PRONOUN = "代名詞"
    VERB = "動詞"
    ADJECTIVE = "形容詞"
    ADJECTIVAL_NOUN = "形状詞"
    ADVERB = "副詞"
    ADNOMINAL = "連体詞"
    CONJUNCTION = "接続詞"
    INTERJECTION = "感動詞"
    PARTICLE = "助詞"
    AUXILIARY = "助動詞"
    PREFIX = "接頭辞"
    SUFFIX = "接尾辞"
    OTHER = "その他"

    @property
    def stands_alone(self) -> bool:
        """Whether a word of this part carries a meaning by itself."""
        return self not in (Part.PARTICLE, Part.AUXILIARY, Part.PREFIX, Part.SUFFIX, Part.OTHER)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as written, its dictionary form, the spelling that unites variants, its reading, and its grammar."""

    surface: str
    lemma: str
    normal: str
    reading: str
    part: Part
    kind: str = ""
    form: str = ""
    pieces: tuple[Word, ...] = ()

    @property
    def is_name(self) -> bool:
        return self.kind.startswith("固有名詞")

    @property
    def is_person(self) -> bool:
        return self.kind.startswith("固有名詞/人名")


class Tokenizer(Protocol):
    """Cuts a text without punctuation into words."""

    def words(self, text: str) -> tuple[Word, ...]: ...


class SudachiTokenizer:
    """The longest words that the dictionary knows (mode C), each with its pieces. One thread at a time.

    Raises ``ImportError`` where ``sudachipy`` or ``sudachidict_core`` is not installed.
    """

    def __init__(self) -> None:
        sudachipy = import_module("sudachipy")
        try:
            dictionary = sudachipy.Dictionary(dict="core")
        except sudachipy.errors.SudachiError as error:
            raise ImportError(f"sudachidict_core: {error}") from error
        self._short = sudachipy.SplitMode.A
        self._tokenizer = dictionary.tokenizer(sudachipy.SplitMode.C)

    def words(self, text: str) -> tuple[Word, ...]:
        found: list[Word] = []
        for morpheme in self._tokenizer.tokenize(text):
            pieces = tuple(_word(piece) for piece in morpheme.split(self._short, add_single=False))
            found.append(_word(morpheme, pieces))
        return tuple(found)


class _Morpheme(Protocol):
    def surface(self) -> str: ...
    def dictionary_form(self) -> str: ...
    def normalized_form(self) -> str: ...
    def reading_form(self) -> str: ...
    def part_of_speech(self) -> tuple[str, ...]: ...


def _word(morpheme: _Morpheme, pieces: tuple[Word, ...] = ()) -> Word:
    main, *kinds, _inflection, form = morpheme.part_of_speech()
    return Word(
        surface=morpheme.surface(),
        lemma=morpheme.dictionary_form(),
        normal=morpheme.normalized_form(),
        reading=morpheme.reading_form(),
        part=Part(main) if main in _PARTS else Part.OTHER,
        kind="/".join(kind for kind in kinds if kind != "*"),
        form=form,
        pieces=pieces,
    )


_PARTS = frozenset(Part)
