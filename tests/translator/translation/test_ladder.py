"""Refusals, outages and answers that stay wrong: what is tried, with which ids, and where it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import (
    Block,
    Drop,
    Empty,
    Fail,
    Hang,
    Html,
    Say,
    WireCall,
    always,
    answer,
    good,
    items,
    prose,
    replaced,
    truncated,
    without,
)
from tests.translator.translation.jobs import (
    ALL,
    LINES,
    Time,
    endpoint,
    expect_all_good,
    job,
    loaded,
    page,
    translate,
)
from translator.engines.openai_model import NAME as OPENAI
from translator.pipeline.protocols import StageError
from translator.pipeline.types import Origin


def refuse(call: WireCall, *, images: bool, texts: frozenset[str] = frozenset(), model: str = "") -> bool:
    """Whether a strict server refuses this: for its pictures, or for one of its texts."""
    return model in call.path and ((images and bool(call.images)) or bool(texts & set(call.texts.values())))


def test_a_refused_picture_is_left_out(gemini: ModelServer) -> None:
    gemini.rule = lambda call: Block(prompt=True) if refuse(call, images=True) else good(call)
    expect_all_good(translate(gemini))
    assert [(call.ids, len(call.images)) for call in gemini.calls] == [(ALL, 1), (ALL, 0)]


@pytest.mark.parametrize("refusal", [Block(), Block(prompt=True), Block(reason="PROHIBITED_CONTENT"), Empty()])
def test_a_refused_text_is_cut_off_from_the_others_and_marked(gemini: ModelServer, refusal: Block | Empty) -> None:
    bad = frozenset({LINES[4]})
    gemini.rule = lambda call: refusal if refuse(call, images=False, texts=bad) else good(call)
    with loaded(endpoint(gemini)) as translation:
        (found,) = job(translation).translator.translate_pages((page(*LINES),))
    halves = [("1", "2", "3"), ("4", "5", "6"), ("4", "5"), ("6",), ("4",), ("5",)]
    assert gemini.asked == [ALL, ALL, *halves]
    kept = [one for one in found.translations if one.origin is Origin.KEPT_SOURCE]
    assert [(one.region_id, one.text, "refused" in one.note) for one in kept] == [("r4", "", True)]
    assert LINES[4] not in str(found)
    assert len(found.warnings) == 1
    assert "1 of 6 texts stay untranslated" in found.warnings[0]


def test_where_both_halves_are_refused_the_texts_are_not_asked_one_by_one(gemini: ModelServer) -> None:
    gemini.rule = always(Block())
    with loaded(endpoint(gemini)) as translation:
        (found,) = job(translation).translator.translate_pages((page(*LINES),))
    assert gemini.asked == [ALL, ALL, ("1", "2", "3"), ("4", "5", "6")]
    assert {one.origin for one in found.translations} == {Origin.KEPT_SOURCE}


def test_a_long_page_is_cut_down_to_its_refused_text_in_so_many_calls_and_no_more(gemini: ModelServer) -> None:
    lines = [f"{number}番目の台詞だ。" for number in range(32)]
    bad = frozenset(lines[::9])
    gemini.rule = lambda call: Block() if bad & set(call.texts.values()) else good(call)
    with loaded(endpoint(gemini)) as translation:
        job(translation).translator.translate(page(*lines, height=1000))
    assert len(gemini.calls) <= 2 + 12
    gemini.calls.clear()
    bad = frozenset(lines[20:21])
    with loaded(endpoint(gemini)) as translation:
        found = job(translation).translator.translate(page(*lines, height=1000))
    assert [one.region_id for one in found if one.origin is Origin.KEPT_SOURCE] == ["r20"]
    assert len(gemini.calls) == 2 + 10


def test_the_fallback_model_gets_only_what_was_refused(gemini: ModelServer) -> None:
    bad = frozenset({LINES[4]})
    gemini.rule = lambda call: Block() if refuse(call, images=False, texts=bad, model="test-model") else good(call)
    with loaded(endpoint(gemini), fallback=endpoint(gemini, model="other-model")) as translation:
        (found,) = job(translation).translator.translate_pages((page(*LINES),))
    expect_all_good(found.translations)
    assert gemini.asked[-1] == ("5",)
    assert "other-model" in gemini.calls[-1].path
    assert not gemini.calls[-1].images
    assert found.warnings == ("translate: 1 of 6 texts come from the fallback model other-model",)


def test_what_a_fallback_translated_is_kept_as_its_own(gemini: ModelServer, tmp_path: Path) -> None:
    bad = frozenset({LINES[4]})
    gemini.rule = lambda call: Block() if refuse(call, images=False, texts=bad, model="test-model") else good(call)
    other = endpoint(gemini, model="other-model")
    for fallback in (None, other, None, other):
        with loaded(endpoint(gemini), fallback=fallback, store=tmp_path) as translation:
            (found,) = job(translation).translator.translate_pages((page(*LINES),))
        if fallback is not None:
            expect_all_good(found.translations)
            assert "fallback model other-model" in found.warnings[0]
    asked_twice = [ids for ids in gemini.asked if "1" in ids]
    assert asked_twice == [ALL, ALL, ("1", "2", "3")]
    assert sum("other-model" in call.path for call in gemini.calls) == 1


def test_prose_is_a_refusal_and_not_asked_again_as_it_was(openai: ModelServer) -> None:
    expect_all_good(translate(openai, prose, engine=OPENAI))
    assert [len(call.images) for call in openai.calls] == [1, 0]


def test_answers_that_stay_wrong_go_to_the_fallback_with_the_picture(gemini: ModelServer) -> None:
    gemini.rule = lambda call: good(call) if "other-model" in call.path else replaced(id_1="你要去哪里?")(call)
    with loaded(endpoint(gemini), fallback=endpoint(gemini, model="other-model")) as translation:
        expect_all_good(job(translation).translator.translate(page(*LINES)))
    assert [(call.ids, len(call.images)) for call in gemini.calls] == [(ALL, 1), (("1",), 1), (("1",), 1), (("1",), 1)]


def test_an_answer_cut_off_before_its_first_text_is_asked_in_halves(gemini: ModelServer) -> None:
    gemini.rule = lambda call: truncated(0)(call) if len(call.ids) > 3 else good(call)
    expect_all_good(translate(gemini))
    assert gemini.asked == [ALL, ("1", "2", "3"), ("4", "5", "6")]


@pytest.mark.parametrize(
    "outage",
    [Fail(500), Fail(503), Drop(), Html(), Fail(502, html="<html>Bad gateway</html>")],
    ids=["500", "503", "drop", "html 200", "html 502"],
)
@pytest.mark.parametrize("engine", ["gemini_hq", "openai"])
def test_what_may_pass_is_tried_again_so_often_and_no_oftener(
    gemini: ModelServer, openai: ModelServer, outage: Fail | Drop | Html, engine: str
) -> None:
    server = gemini if engine == "gemini_hq" else openai
    expect_all_good(translate(server, always(outage), always(outage), engine=engine))
    assert server.asked == [ALL] * 3
    server.calls.clear()
    server.rule = always(outage)
    with pytest.raises(StageError) as caught:
        translate(server, engine=engine)
    assert caught.value.retryable
    assert server.asked == [ALL] * 3


def test_a_slow_answer_is_an_answer(gemini: ModelServer) -> None:
    expect_all_good(translate(gemini, lambda call: Hang(0.5, good(call))))
    assert len(gemini.calls) == 1


def test_a_stream_that_breaks_off_keeps_its_whole_answers(openai: ModelServer) -> None:
    def cut(call: WireCall) -> Say:
        text = answer(items(call))
        return Say(text, cut=text.index("}", text.index("}") + 1) + 8)

    expect_all_good(translate(openai, cut, engine=OPENAI))
    assert openai.asked == [ALL, ("3", "4", "5", "6")]


def test_an_outage_fails_the_page_for_now_and_never_prints_the_source(gemini: ModelServer) -> None:
    gemini.script = [without("2")]
    gemini.rule = always(Fail(500))
    with loaded(endpoint(gemini)) as translation:
        translator = job(translation).translator
        with pytest.raises(StageError) as caught:
            translator.translate(page(*LINES))
        assert (caught.value.code, caught.value.retryable) == ("stage_failed", True)
        assert "what was answered is stored" in caught.value.detail
        gemini.rule = good
        gemini.calls.clear()
        expect_all_good(translator.translate(page(*LINES)))
    assert gemini.asked == [("2",)]


def test_a_model_that_is_gone_hands_over_to_the_fallback(gemini: ModelServer) -> None:
    gemini.rule = lambda call: good(call) if "other-model" in call.path else Fail(404, "retired", code="NOT_FOUND")
    with loaded(endpoint(gemini), fallback=endpoint(gemini, model="other-model")) as translation:
        expect_all_good(job(translation).translator.translate(page(*LINES)))
    assert len(gemini.calls) == 2


def test_a_model_that_is_gone_is_one_call_for_a_chapter(gemini: ModelServer) -> None:
    gemini.rule = always(Fail(404, "models/test-model was retired", code="NOT_FOUND"))
    time = Time()
    with loaded(endpoint(gemini), time=time) as translation:
        for number in range(3):
            with pytest.raises(StageError, match="retired") as caught:
                job(translation).translator.translate(page(*LINES, number=number + 1))
            assert not caught.value.retryable
        assert len(gemini.calls) == 1
        time.now += 3600
        gemini.rule = good
        expect_all_good(job(translation).translator.translate(page(*LINES)))


def test_a_rejected_request_is_an_error_that_no_retry_repeats(gemini: ModelServer) -> None:
    gemini.rule = always(Fail(400, "the request is too long", code="INVALID_ARGUMENT"))
    with pytest.raises(StageError) as caught:
        translate(gemini)
    assert not caught.value.retryable
    assert len(gemini.calls) <= 4


def test_the_time_of_a_page_ends(gemini: ModelServer) -> None:
    gemini.rule = always(Fail(429, "slow down", headers={"Retry-After": "50"}))
    time = Time()
    with loaded(endpoint(gemini), time=time) as translation, pytest.raises(StageError) as caught:
        job(translation).translator.translate(page(*LINES))
    assert caught.value.retryable
    assert time.now - 1000.0 <= 600.0
