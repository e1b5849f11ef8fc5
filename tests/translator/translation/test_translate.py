"""A page through the translator, over the wire: which ids are asked, which are asked again, and what is believed."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import (
    Fail,
    Rule,
    always,
    changed,
    english,
    fenced,
    good,
    in_language,
    rambling,
    replaced,
    swapped,
    truncated,
    without,
)
from tests.translator.translation.jobs import (
    ALL,
    DICT,
    LINES,
    endpoint,
    expect_all_good,
    job,
    loaded,
    page,
    translate,
)
from translator.engines.openai_model import NAME as OPENAI
from translator.pipeline.answers import settle
from translator.pipeline.protocols import SettledText, StageError
from translator.pipeline.types import Origin, Translation
from translator.translation.factory import JobScope
from translator.translation.glossary import Glossary
from translator.translation.ledger import Budget

NO = "I cannot translate it."


def test_a_page_is_one_call_and_every_id_is_answered(gemini: ModelServer) -> None:
    expect_all_good(translate(gemini))
    assert gemini.asked == [ALL]


def test_answers_in_another_order_reach_their_own_balloons(gemini: ModelServer) -> None:
    expect_all_good(translate(gemini, changed(lambda found: found[::-1])))
    assert len(gemini.calls) == 1


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        (without("2", "5"), ("2", "5")),
        (swapped("3", "4"), ("3", "4")),
        (replaced(id_2=""), ("2",)),
        (replaced(id_2=" \u200b "), ("2",)),
        (replaced(id_6=LINES[5]), ("6",)),
        (replaced(id_1="你要去哪里?"), ("1",)),
        (replaced(id_1="Where are you 行く?"), ("1",)),
        (rambling("4"), ("4",)),
        (changed(lambda found: [*found, {**found[0], "text": "Something else"}]), ("1",)),
        (changed(lambda found: [item if item["id"] != "2" else {**item, "echo": ""} for item in found]), ("2",)),
        (replaced(id_1=NO, id_2=NO, id_5=NO), ("1", "2", "5")),
        (truncated(2), ("3", "4", "5", "6")),
        (truncated(4, finish="stop"), ("5", "6")),
    ],
    ids=[
        "missing", "swapped", "empty", "blank", "source copied", "wrong language", "half translated", "runaway",
        "duplicate", "no echo", "repeated", "cut by its limit", "cut JSON",
    ],
)  # fmt: skip
def test_only_the_ids_that_went_wrong_are_asked_again(gemini: ModelServer, fault: Rule, again: tuple[str, ...]) -> None:
    expect_all_good(translate(gemini, fault))
    assert gemini.asked == [ALL, again]


def test_a_page_in_another_language_of_the_same_script_is_asked_again(gemini: ModelServer) -> None:
    spanish = dict(zip(LINES, ("¿Adónde vas?", "No es asunto tuyo.", "¡Espera, escúchame!", "Ya es muy tarde.",
                               "No puede ser…", "Adiós, hermano."), strict=True))  # fmt: skip
    french = dict(zip(LINES, ("Où tu vas ?", "Ça te regarde pas.", "Attends, écoute-moi !", "Il est trop tard.",
                              "Non… C'est pas vrai ?", "Adieu, mon frère."), strict=True))  # fmt: skip
    gemini.script = [in_language(spanish.__getitem__), in_language(french.__getitem__)]
    with loaded(endpoint(gemini)) as translation:
        found = job(translation).translator.translate(page(*LINES, target="fr"))
    assert gemini.asked == [ALL, ALL]
    assert [one.text for one in found] == list(french.values())
    assert "wrong language" in gemini.calls[1].lines[0]["note"]


def test_an_answer_to_no_text_is_dropped_and_costs_no_call(gemini: ModelServer) -> None:
    stray = {"id": "77", "echo": "なに", "text": "What?"}
    expect_all_good(translate(gemini, changed(lambda found: [stray, *found])))
    assert len(gemini.calls) == 1


def test_fenced_json_is_read(openai: ModelServer) -> None:
    expect_all_good(translate(openai, fenced, engine=OPENAI))
    assert len(openai.calls) == 1


def test_the_model_is_told_what_was_wrong_and_what_is_settled(gemini: ModelServer) -> None:
    translate(gemini, without("2"))
    first, second = gemini.calls
    assert second.lines[0]["note"] == "asked again: no answer to this id"
    assert english(LINES[0]) in second.prompt
    assert english(LINES[0]) not in first.prompt


def test_a_retry_does_not_change_the_system_prompt(gemini: ModelServer) -> None:
    translate(gemini, without("2"), without("2"))
    assert len({call.system for call in gemini.calls}) == 1


def test_a_source_text_stands_in_a_call_once(gemini: ModelServer) -> None:
    translate(gemini)
    assert all(gemini.calls[0].raw.count(line) == 1 for line in LINES)


def test_repairs_end_and_the_region_says_why_it_stays(gemini: ModelServer) -> None:
    gemini.rule = without("3")
    with loaded(endpoint(gemini)) as translation:
        (found,) = job(translation).translator.translate_pages((page(*LINES),))
    assert gemini.asked == [ALL, ("3",), ("3",)]
    assert found.translations[2] == Translation("r2", "", Origin.KEPT_SOURCE, "no answer to this id")
    assert found.warnings == ("translate: 1 of 6 texts stay untranslated: no answer to this id",)


def test_a_page_is_paid_for_once(gemini: ModelServer, tmp_path: Path) -> None:
    context = ((("はい", "Yes."),),)
    for _ in range(2):
        with loaded(endpoint(gemini), store=tmp_path) as translation:
            for _ in range(2):
                expect_all_good(job(translation).translator.translate(page(*LINES, context=context)))
    assert len(gemini.calls) == 1


def test_what_is_known_of_a_page_is_part_of_the_question(gemini: ModelServer, tmp_path: Path) -> None:
    known = SettledText("知ってる", "I know", 1)
    others = [replace(known, translation="I knew"), replace(known, before=2), replace(known, text="知らない")]
    questions = [(), (known,), *((other,) for other in others)]
    for settled in (*questions, *questions):
        with loaded(endpoint(gemini), store=tmp_path) as translation:
            expect_all_good(job(translation).translator.translate(replace(page(*LINES), settled=settled)))
    assert len(gemini.calls) == len(questions)


def test_what_was_answered_before_a_death_is_not_asked_again(gemini: ModelServer, tmp_path: Path) -> None:
    gemini.script = [without("4", "5"), always(Fail(500)), always(Fail(500)), always(Fail(500))]
    with loaded(endpoint(gemini), store=tmp_path) as translation, pytest.raises(StageError):
        job(translation).translator.translate(page(*LINES))
    gemini.calls.clear()
    with loaded(endpoint(gemini), store=tmp_path) as translation:
        expect_all_good(job(translation).translator.translate(page(*LINES)))
    assert gemini.asked == [("4", "5")]


def test_the_cap_keeps_the_rest_untranslated_and_says_so(gemini: ModelServer) -> None:
    gemini.rule = without("2")
    with loaded(endpoint(gemini)) as translation:
        scope = JobScope(budget=Budget(calls=1))
        (found,) = job(translation, scope).translator.translate_pages((page(*LINES),))
    assert len(gemini.calls) == 1
    assert [one.origin for one in found.translations].count(Origin.MODEL) == 5
    assert found.translations[1].note == "the job's budget is spent (1 calls)"
    assert [one.is_unpaid for one in found.translations] == [False, True, False, False, False, False]
    assert found.warnings == ("translate: 1 of 6 texts stay untranslated: the job's budget is spent (1 calls)",)


def test_under_a_cap_on_cost_a_fallback_without_a_price_is_not_asked(gemini: ModelServer, tmp_path: Path) -> None:
    """It would end the budget of a page that has one refused text."""
    folder = Path(shutil.copytree(DICT, tmp_path / "dict"))
    (folder / "prices.toml").write_text(
        'format = 1\ncurrency = "USD"\n[[price]]\nmodel = "test-model"\ninput = 1\noutput = 1\nas_of = 2026-11-22\n'
    )
    gemini.rule = without("2")
    fallback = endpoint(gemini, model="other-model")
    with loaded(endpoint(gemini), fallback=fallback, dict_dir=folder) as translation:
        (found,) = job(translation, JobScope(budget=Budget(cost=1.0))).translator.translate_pages((page(*LINES),))
        assert not any("other-model" in call.path for call in gemini.calls)
        assert [one.is_unpaid for one in found.translations] == [False] * 6
        job(translation).translator.translate_pages((page(*LINES),))
        assert any("other-model" in call.path for call in gemini.calls)


def test_pages_after_the_cap_make_no_call_but_take_what_is_stored(gemini: ModelServer, tmp_path: Path) -> None:
    with loaded(endpoint(gemini), store=tmp_path) as translation:
        job(translation).translator.translate(page(*LINES))
        gemini.calls.clear()
        broke = job(translation, JobScope(budget=Budget(calls=0))).translator
        expect_all_good(broke.translate(page(*LINES)))
        other = broke.translate(page("別のページだ。", number=2))
    assert not gemini.calls
    assert other[0].origin is Origin.KEPT_SOURCE


def test_several_pages_go_in_one_call_and_come_back_each_to_its_own(gemini: ModelServer) -> None:
    with loaded(endpoint(gemini)) as translation:
        pages = (page(*LINES[:3], number=4), page(*LINES[3:], number=5))
        found = job(translation).translator.translate_pages(pages)
    assert gemini.asked == [ALL]
    assert len(gemini.calls[0].images) == 2
    assert [(one.page, [t.text for t in one.translations]) for one in found] == [
        (4, [english(line) for line in LINES[:3]]),
        (5, [english(line) for line in LINES[3:]]),
    ]


def test_a_term_that_was_not_used_is_asked_for_once_more_and_then_accepted(gemini: ModelServer) -> None:
    glossary = Glossary.of({"兄さん": "Brother Kenji"})
    with loaded(endpoint(gemini)) as translation:
        (found,) = job(translation, JobScope(glossary=glossary)).translator.translate_pages((page(*LINES),))
    assert gemini.asked == [ALL, ("6",)]
    assert "Brother Kenji" in gemini.calls[1].lines[0]["note"]
    assert found.translations[5].text == english(LINES[5])
    assert "Brother Kenji" in found.translations[5].note
    assert found.warnings == ("translate: 1 of 6 texts lack a glossary term",)


def test_an_answer_that_was_accepted_with_a_doubt_is_stored_too(gemini: ModelServer) -> None:
    glossary = Glossary.of({"兄さん": "Brother Kenji"})
    gemini.script = [good, without("6"), without("6")]
    with loaded(endpoint(gemini)) as translation:
        for _ in range(2):
            (found,) = job(translation, JobScope(glossary=glossary)).translator.translate_pages((page(*LINES),))
            assert found.translations[5].text == english(LINES[5])
    assert gemini.asked == [ALL, ("6",), ("6",)]


def test_a_term_is_repaired(gemini: ModelServer) -> None:
    glossary = Glossary.of({"兄さん": "Brother Kenji"})
    gemini.script = [good, replaced(id_6="Goodbye, brother Kenji.")]
    with loaded(endpoint(gemini)) as translation:
        (found,) = job(translation, JobScope(glossary=glossary)).translator.translate_pages((page(*LINES),))
    assert found.translations[5].text == "Goodbye, brother Kenji."
    assert not found.translations[5].note
    assert not found.warnings


def test_pages_are_translated_side_by_side(gemini: ModelServer) -> None:
    pages = [page(*LINES[number:], number=number + 1) for number in range(4)]
    with loaded(endpoint(gemini)) as translation, ThreadPoolExecutor(4) as threads:
        made = job(translation)
        found = list(threads.map(made.translator.translate, pages))
    assert [[one.text for one in of] for of in found] == [[english(line) for line in LINES[n:]] for n in range(4)]
    assert made.ledger.total.calls == 4


def test_the_pipeline_takes_the_answers_as_they_are(gemini: ModelServer) -> None:
    gemini.rule = without("3")
    request = page(*LINES)
    with loaded(endpoint(gemini)) as translation:
        settled = settle(request.texts, job(translation).translator.translate(request))
    assert settled.warnings == ()
    assert settled.translations["r0"].text == english(LINES[0])
    assert settled.translations["r2"] == Translation("r2", "", Origin.KEPT_SOURCE, "no answer to this id")


def test_line_ends_of_the_source_do_not_break_the_echo(gemini: ModelServer) -> None:
    request = page("どこへ\n行くん\nだ?", "お前には\n関係ない。")
    with loaded(endpoint(gemini)) as translation:
        found = job(translation).translator.translate(request)
    assert [one.origin for one in found] == [Origin.MODEL] * 2
    assert len(gemini.calls) == 1


@pytest.mark.parametrize(("source", "target"), [("en", "en-GB"), ("zh-CN", "zh-Hans"), ("nl", "nl")])
def test_a_page_in_the_target_language_is_left_as_it_is(gemini: ModelServer, source: str, target: str) -> None:
    with loaded(endpoint(gemini)) as translation:
        found = job(translation).translator.translate(page("Hello!", source=source, target=target))
    assert not gemini.calls
    assert found == (Translation("r0", "", Origin.KEPT_SOURCE, f"source and target are both {target}"),)


def test_simplified_becomes_traditional(gemini: ModelServer) -> None:
    gemini.rule = in_language(lambda _: "你這個說話的東西!")
    with loaded(endpoint(gemini)) as translation:
        found = job(translation).translator.translate(page("你这个说话的东西!", source="zh-Hans", target="zh-TW"))
    assert found[0].text == "你這個說話的東西!"


def test_a_text_that_a_table_would_empty_is_asked_as_it_was(gemini: ModelServer, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DICT, tmp_path / "dict"))
    table = 'format = 1\n[[replace]]\nstage = "source"\nfind = ".+"\nwith = ""\n'
    (folder / "replacements" / "own.toml").write_text(table)
    with loaded(endpoint(gemini), dict_dir=folder) as translation:
        job(translation).translator.translate(page("行くぞ!"))
    assert gemini.calls[0].texts == {"1": "行くぞ!"}


def test_a_page_without_texts_makes_no_call(gemini: ModelServer) -> None:
    with loaded(endpoint(gemini)) as translation:
        assert job(translation).translator.translate(replace(page(*LINES), texts=())) == ()
    assert not gemini.calls
