"""What the series knows is not asked again, and nothing but true translations is learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from contract.memory import Pair, PairOrigin
from contract.series import NewTerm
from translator.decisions import JobDecisions, PageRecord
from translator.pipeline.memory import MemoryEntry, TranslationMemory
from translator.pipeline.protocols import Pacing, SettledText, SourceText, StageError, TranslateRequest
from translator.pipeline.types import Origin, Translation
from translator.series_lessons import Lessons
from translator.series_translator import SeriesTranslator
from translator.translation.answer import NewTerm as ModelTerm
from translator.translation.glossary import Glossary, Term
from translator.translation.translate import PageAnswers

RGB = np.zeros((4, 4, 3), np.uint8)


def page(number: int, *texts: str, context: tuple[tuple[tuple[str, str], ...], ...] = ()) -> TranslateRequest:
    sources = tuple(SourceText(f"r{index}", text, "dialogue") for index, text in enumerate(texts))
    return TranslateRequest(number, "ja", "en", sources, RGB, context)


class Model:
    """Answers ``text → <text>``; remembers every request."""

    name = "model"

    def __init__(self, answer: Callable[[SourceText], Translation] | None = None) -> None:
        self.requests: list[TranslateRequest] = []
        self._answer = answer or (lambda text: Translation(text.region_id, f"<{text.text}>", Origin.MODEL))

    @property
    def asked(self) -> list[list[str]]:
        return [[text.text for text in request.texts] for request in self.requests]

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        self.requests.append(request)
        return tuple(self._answer(text) for text in request.texts)


def memory(*pairs: tuple[str, str]) -> TranslationMemory:
    return TranslationMemory((MemoryEntry(*pair) for pair in pairs), source="ja", target="en")


def texts(translations: Sequence[Translation]) -> list[tuple[str, str]]:
    return [(one.text, one.origin.value) for one in translations]


def test_what_the_memory_has_is_not_asked() -> None:
    model, lessons = Model(), Lessons()
    series = SeriesTranslator(model, memory=memory(("夢を見た", "I had a dream")), lessons=lessons)
    found = series.translate(page(1, "夢を見た", "光だ"))
    assert texts(found) == [("I had a dream", "memory"), ("<光だ>", "model")]
    assert model.asked == [["光だ"]]
    assert lessons.update.used == ("夢を見た",)
    assert lessons.update.pairs == (Pair("光だ", "<光だ>", PairOrigin.MODEL),)


def test_what_is_nearly_in_the_memory_says_how_nearly() -> None:
    stored = "きのうの夜はほんとうに長い夢を見ていたんだ"
    series = SeriesTranslator(Model(), memory=memory((stored, "Last night I had a long dream")))
    (found,) = series.translate(page(1, stored.replace("夜", "液")))
    assert found.origin is Origin.MEMORY
    assert found.note.startswith("fuzzy 0.9")
    assert found.note.endswith(f": {stored}")


def test_a_page_that_is_all_known_makes_no_call() -> None:
    model = Model()
    SeriesTranslator(model, memory=memory(("夢", "a dream"))).translate(page(1, "夢", "夢"))
    assert model.requests == []


def test_a_line_is_paid_for_once_in_a_chapter() -> None:
    model = Model()
    series = SeriesTranslator(model)
    first = series.translate(page(1, "待って！", "待って!!", "光だ"))
    again = series.translate(page(2, "待って…", "待って!"))
    assert model.asked == [["待って！", "光だ"], ["待って…"]]
    assert [one.text for one in first] == ["<待って！>", "<待って！>", "<光だ>"]
    assert [one.region_id for one in first] == ["r0", "r1", "r2"]
    assert (again[1].text, again[1].origin, again[1].note) == ("<待って！>", Origin.MEMORY, "as on page 1")


def test_a_text_that_is_a_term_of_the_glossary_is_that_term() -> None:
    model = Model()
    glossary = Glossary([Term("ひかり", "Hikari", aliases=("光",))])
    found = SeriesTranslator(model, glossary=glossary).translate(page(1, "光", "光だ"))
    assert texts(found) == [("Hikari", "glossary"), ("<光だ>", "model")]


@pytest.mark.parametrize(
    "answer",
    [
        Translation("r0", "a gloss", Origin.GLOSS),
        Translation("r0", "", Origin.KEPT_SOURCE, "refused"),
        Translation("r0", " ", Origin.MODEL),
        Translation("r0", "光 だ", Origin.MODEL),
        Translation("r0", "It is Hikari", Origin.MODEL, "the term 光 is missing"),
        Translation("r0", "x" * 3000, Origin.MODEL),
    ],
    ids=["gloss", "kept", "empty", "the source", "doubtful", "too long"],
)
def test_what_is_no_true_translation_is_never_learned(answer: Translation) -> None:
    lessons = Lessons()
    model = Model(lambda text: replace(answer, region_id=text.region_id))
    series = SeriesTranslator(model, lessons=lessons)
    series.translate(page(1, "光だ"))
    assert lessons.update.pairs == ()
    if len(answer.text) < 3000:
        series.translate(page(2, "光だ"))
        assert len(model.requests) == 2, "nor used again in the chapter"


def test_a_persons_translation_is_learned() -> None:
    lessons = Lessons()
    model = Model(lambda text: Translation(text.region_id, "Light!", Origin.USER))
    SeriesTranslator(model, lessons=lessons).translate(page(1, "光だ"))
    assert lessons.update.pairs == (Pair("光だ", "Light!", PairOrigin.USER),)


def test_the_terms_that_a_model_proposes_are_learned() -> None:
    class Proposing(Model):
        pacing = Pacing()

        def translate_pages(self, requests: Sequence[TranslateRequest]) -> tuple[PageAnswers, ...]:
            proposed = (ModelTerm("光", "Hikari", "character"), ModelTerm("光", "Light"), ModelTerm("x" * 300, "y"))
            return tuple(PageAnswers(one.page, self.translate(one), proposed=proposed) for one in requests)

    lessons = Lessons()
    SeriesTranslator(Proposing(), lessons=lessons).translate(page(1, "光だ"))
    assert lessons.update.terms == (NewTerm("光", "Hikari", "character"),)


def test_an_answer_that_is_missing_stays_missing() -> None:
    class Silent(Model):
        def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
            return ()

    assert SeriesTranslator(Silent()).translate(page(1, "光だ", "光だ")) == ()


def test_one_language_is_left_to_the_translator() -> None:
    model = Model()
    series = SeriesTranslator(model, memory=memory(("夢", "a dream")))
    series.translate(replace(page(1, "夢", "夢"), target="ja"))
    assert model.asked == [["夢", "夢"]]


def test_a_page_is_asked_for_as_it_was_asked_before() -> None:
    """Another attempt: the memory has grown, the pages before are done and their context is gone."""
    records: dict[int, PageRecord] = {}
    context = ((("前", "before"),),)

    class Deciding(Model):
        def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
            decisions.put("k" * 64, {0: "answered"}, page=request.page)
            return super().translate(request)

    decisions = JobDecisions(save=lambda number, record: records.update({number: record}))
    first = SeriesTranslator(Deciding(), memory=memory(("夢", "a dream")), decisions=decisions)
    first.translate(page(4, "夢", "光だ", "闇だ", context=context))
    stored = {number: PageRecord.parse(record.to_bytes()) for number, record in records.items()}
    assert stored[4].asked == ("光だ", "闇だ")

    model = Model()
    later = SeriesTranslator(model, memory=memory(("光だ", "Light!")), decisions=JobDecisions(stored))
    found = later.translate(page(4, "夢", "光だ", "闇だ", "新しい"))
    assert model.asked == [["光だ", "闇だ"], ["新しい"]]
    assert {request.context for request in model.requests} == {context}
    assert texts(found)[0] == ("a dream", "memory")


def test_a_model_is_shown_what_is_known_of_a_page_in_its_place() -> None:
    model = Model()
    series = SeriesTranslator(
        model, memory=memory(("夢", "a dream"), ("光", "light")), glossary=Glossary([Term("影", "Kage")])
    )
    series.translate(page(1, "待って"))
    series.translate(page(2, "夢", "これは何", "影", "待って", "行こう", "光"))
    assert model.requests[0].settled == ()
    assert model.asked[1] == ["これは何", "行こう"]
    assert model.requests[1].settled == (
        SettledText("夢", "a dream", 0),
        SettledText("影", "Kage", 1),
        SettledText("待って", "<待って>", 1),
        SettledText("光", "light", 2),
    )


def stores(records: dict[int, PageRecord]) -> JobDecisions:
    """Keeps what is saved as a storage does: as bytes."""
    return JobDecisions(records, lambda number, record: records.update({number: PageRecord.parse(record.to_bytes())}))


def test_what_it_is_shown_stays_the_same_when_it_is_asked_again() -> None:
    class Answering(Model):
        def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
            decisions.put("k" * 64, {0: "answered"}, page=request.page)
            return super().translate(request)

    records: dict[int, PageRecord] = {}
    decisions = stores(records)
    model = Answering()
    SeriesTranslator(model, memory=memory(("夢", "a dream")), decisions=decisions).translate(page(1, "光だ", "夢"))
    again = Model()
    grown = memory(("夢", "a nightmare"), ("光だ", "Light!"))
    found = SeriesTranslator(again, memory=grown, decisions=stores(records)).translate(page(1, "光だ", "夢"))
    assert again.requests == [replace(model.requests[0])]
    assert texts(found) == [("<光だ>", "model"), ("a dream", "memory")]


class Together(Model):
    """As :class:`Model`, for several pages at once."""

    pacing = Pacing()

    def translate_pages(self, requests: Sequence[TranslateRequest]) -> tuple[PageAnswers, ...]:
        return tuple(PageAnswers(one.page, self.translate(one)) for one in requests)


def test_a_line_that_another_page_of_the_call_asked_is_not_asked_when_that_page_is_done() -> None:
    records: dict[int, PageRecord] = {}
    series = SeriesTranslator(Together(), decisions=stores(records))
    series.translate_pages([page(1, "待って！", "光だ"), page(2, "待って!!", "闇だ"), page(3, "待って！！")])
    model = Together()
    later = SeriesTranslator(model, decisions=stores(records))
    second, third = later.translate_pages([page(2, "待って!!", "闇だ"), page(3, "待って！！")])
    assert model.asked == [["闇だ"]], "in the way it was asked before: a real model finds it answered"
    assert texts(second.translations) == [("<待って！>", "model"), ("<闇だ>", "model")]
    assert texts(third.translations) == [("<待って！>", "model")]


def test_a_line_that_an_earlier_page_asked_is_not_asked_when_that_page_is_done() -> None:
    records: dict[int, PageRecord] = {}
    series = SeriesTranslator(Model(), decisions=stores(records))
    series.translate(page(1, "待って！"))
    series.translate(page(2, "待って！"))
    model = Model()
    found = SeriesTranslator(model, decisions=stores(records)).translate(page(2, "待って！"))
    assert (model.requests, texts(found)) == ([], [("<待って！>", "memory")])


def test_nor_where_the_page_was_to_be_asked_for_more_and_the_model_was_gone() -> None:
    class Gone(Model):
        def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
            if request.page == 2:
                raise StageError("translate", "stage_failed", "gone")
            return super().translate(request)

    records: dict[int, PageRecord] = {}
    series = SeriesTranslator(Gone(), decisions=stores(records))
    series.translate(page(1, "待って！"))
    with pytest.raises(StageError):
        series.translate(page(2, "待って！", "光だ"))
    model = Model()
    SeriesTranslator(model, decisions=stores(records)).translate(page(2, "待って！", "光だ"))
    assert model.asked == [["光だ"]]


def test_a_copy_of_what_got_no_translation_is_not_kept() -> None:
    records: dict[int, PageRecord] = {}
    model = Together(lambda text: Translation(text.region_id, "", Origin.KEPT_SOURCE, "refused"))
    SeriesTranslator(model, decisions=stores(records)).translate_pages([page(1, "待って"), page(2, "待って")])
    assert not any(record.copied for record in records.values())


def test_an_update_stays_within_its_bounds() -> None:
    lessons = Lessons()
    for number in range(3_000):
        lessons.translated(f"{number}番" + "長" * 900, Translation("r", "long " * 300, Origin.MODEL))
    body = lessons.update.to_bytes()
    assert len(body) <= 4_000_000
    assert lessons.update.pairs[0].source.startswith("0番")
