"""``eval --translate`` against a model server: the figures tell a good model from a bad one, and none from both."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.llm_server import ModelServer, openai_server
from tests.support.llm_wire import Fail, Outcome, WireCall, always, in_language, without
from tests.translator.translation.jobs import KEY
from translator.evaluation.command import EXIT_LIMIT, EXIT_OK, EXIT_USAGE, run
from translator.evaluation.translate_score import ModelPage, ModelText, TranslateScore, comparable
from translator.pipeline.types import Origin
from translator.translation.glossary import Glossary, Term

PAGES = (
    (("どこへ行くんだ?", "Where are you\ngoing?", "你要去||哪裡?"), ("待ってくれ!", "Wait for me!", "等等我!")),
    (("ユキはもういない。", "Yuki is gone now.", "雪已經不在了。"), ("待ってくれ!", "Wait for me!", "等等我!")),
    (
        ("そんな…嘘だろ?", "No... You're lying, right?", "不會吧···騙人的吧?"),
        ("帰ろう、ユキ。", "Let's go home, Yuki.", "回家吧,雪。"),
    ),
)
ENGLISH = {source: english for page in PAGES for source, english, _ in page}
CHINESE = {source: chinese for page in PAGES for source, _, chinese in page}
NONSENSE = (
    "The cat sat on a mat.",
    "Purple monkeys dance.",
    "Seven kings ride out.",
    "Fish do not sing.",
    "Look, a boat!",
)
Evaluate = Callable[..., int]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with openai_server() as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = []
    for number, texts in enumerate(PAGES):
        Image.fromarray(np.full((300, 200, 3), 240, np.uint8)).save(tmp_path / f"{number:03}.png")
        boxes = [
            {"x": 10, "y": 10 + 100 * index, "w": 60, "h": 80, "text_ja": ja, "text_en": en, "text_zh": zh}
            for index, (ja, en, zh) in enumerate(texts)
        ]
        pages.append({"image_paths": {"ja": f"{number:03}.png"}, "frame": [], "text": boxes})
    (tmp_path / "annotation.json").write_text(json.dumps([{"book_title": "a book", "pages": pages}]), encoding="utf-8")
    return tmp_path


@pytest.fixture
def evaluate(folder: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Evaluate:
    for name in list(os.environ):
        if name.startswith(("GEMINI_", "OPENAI_", "TRANSLATOR", "CONTEXT", "PAGES_PER_CALL")):
            monkeypatch.delenv(name)
    environment = {"TRANSLATOR": "openai", "OPENAI_BASE_URL": f"{server.origin}/v1", "OPENAI_MODEL": "test-model"}

    def command(*arguments: str, **changes: str) -> int:
        for name, value in ({"OPENAI_API_KEY": KEY, "MODEL_TRIES": "1"} | environment | changes).items():
            monkeypatch.setenv(name, value)
        return run(["--translate", *arguments, str(folder)])

    return command


@pytest.fixture
def measured(evaluate: Evaluate, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def document(*arguments: str, **changes: str) -> dict[str, Any]:
        assert evaluate("--json", *arguments, **changes) == EXIT_OK
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return document


def figure(document: dict[str, Any], key: str) -> float:
    return float(document["figures"][key]["value"])


def nonsense(source: str) -> str:
    return NONSENSE[list(ENGLISH).index(source)]


def test_a_model_that_says_what_people_said_has_the_full_score(
    server: ModelServer, measured: Callable[..., dict[str, Any]]
) -> None:
    server.rule = in_language(ENGLISH.__getitem__)
    document = measured()
    assert figure(document, "chrf") == 100
    assert figure(document, "translated") == 1
    assert (document["pages"], document["texts"], document["target"]) == (3, 6, "en")
    assert document["engines"] == {"translate": "openai:test-model"}


def test_a_model_that_talks_nonsense_has_a_low_one(
    server: ModelServer, measured: Callable[..., dict[str, Any]]
) -> None:
    server.rule = in_language(nonsense)
    document = measured()
    assert 0 < figure(document, "chrf") < 25
    assert figure(document, "translated") == 1


def test_traditional_chinese_is_measured_against_its_own_texts(
    server: ModelServer, measured: Callable[..., dict[str, Any]]
) -> None:
    server.rule = in_language(CHINESE.__getitem__)
    assert figure(measured("--target", "zh-Hant"), "chrf") == 100


def test_calls_tokens_and_repeats_are_counted(server: ModelServer, measured: Callable[..., dict[str, Any]]) -> None:
    server.rule = in_language(ENGLISH.__getitem__)
    document = measured()
    assert [list(call.texts.values()) for call in server.calls][1] == ["ユキはもういない。"]
    assert figure(document, "spared") == pytest.approx(1 / 6, abs=1e-5)
    assert [figure(document, f"{key}_page") for key in ("calls", "input_tokens", "output_tokens")] == [1, 1000, 100]
    origins = [text["origin"] for text in document["translation"]["pages"][1]["texts"]]
    assert origins == ["model", "memory"]


class Meeting:
    """A model that answers as people did, once so many calls are there at a time."""

    def __init__(self, count: int) -> None:
        self._barrier, self.met = threading.Barrier(count, timeout=10), False

    def rule(self, call: WireCall) -> Outcome:
        if not self.met:
            with contextlib.suppress(threading.BrokenBarrierError):
                self._barrier.wait()
                self.met = True
        return in_language(ENGLISH.__getitem__)(call)


def test_pages_that_need_no_translations_before_them_go_side_by_side_with_the_same_figures(
    server: ModelServer, measured: Callable[..., dict[str, Any]]
) -> None:
    meeting = Meeting(3)
    server.rule = meeting.rule
    side_by_side = measured(CONTEXT="source")
    assert meeting.met
    assert "どこへ行くんだ" in next(call.prompt for call in server.calls if "ユキはもういない。" in call.texts.values())
    server.rule = in_language(ENGLISH.__getitem__)
    in_turn = measured()
    keys = set(in_turn["figures"]) - {"seconds_page"}
    assert {key: figure(side_by_side, key) for key in keys} == {key: figure(in_turn, key) for key in keys}
    assert untimed(side_by_side) == untimed(in_turn)


def test_books_go_side_by_side_each_as_a_chapter_of_its_own(
    folder: Path, server: ModelServer, measured: Callable[..., dict[str, Any]]
) -> None:
    path = folder / "annotation.json"
    (book,) = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps([book, {"book_title": "another book", "pages": book["pages"][::-1]}]), encoding="utf-8")
    meeting = Meeting(2)
    server.rule = meeting.rule
    document = measured()
    assert meeting.met
    assert len(server.calls) == 6
    assert [page["book"] for page in document["translation"]["pages"]] == ["a book"] * 3 + ["another book"] * 3
    assert figure(document, "spared") == pytest.approx(1 / 6, abs=1e-5)
    assert (figure(document, "chrf"), figure(document, "calls_page")) == (100, 1)


def untimed(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**page, "seconds": 0} for page in document["translation"]["pages"]]


def test_several_pages_a_call_are_fewer_calls(server: ModelServer, measured: Callable[..., dict[str, Any]]) -> None:
    server.rule = in_language(ENGLISH.__getitem__)
    document = measured(PAGES_PER_CALL="3")
    assert len(server.calls) == 1
    assert figure(document, "calls_page") == pytest.approx(1 / 3, abs=1e-5)
    assert [page["used"]["input_tokens"] for page in document["translation"]["pages"]] == [333, 333, 333]


def test_pages_are_translated_with_those_before_them(
    server: ModelServer, measured: Callable[..., dict[str, Any]]
) -> None:
    server.rule = in_language(ENGLISH.__getitem__)
    measured()
    assert "Where are you" in server.calls[1].prompt
    assert "Yuki is gone now." in server.calls[2].prompt


def test_what_the_model_leaves_out_counts_with_nothing(
    server: ModelServer, measured: Callable[..., dict[str, Any]]
) -> None:
    server.rule = without("2")
    document = measured(MODEL_REPAIRS="0")
    left = [
        text for page in document["translation"]["pages"] for text in page["texts"] if text["origin"] == "kept_source"
    ]
    assert left
    assert {text["translation"] for text in left} == {""}
    assert figure(document, "translated") == pytest.approx(1 - len(left) / 6, abs=1e-5)


def test_terms_are_checked_where_they_occur(
    server: ModelServer, measured: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    glossary = tmp_path / "glossary.json"
    rendering = {"text": "Yuki", "status": "accepted"}
    glossary.write_text(json.dumps({"schema": 1, "terms": [{"term": "ユキ", "translations": {"en": rendering}}]}))
    server.rule = in_language(ENGLISH.__getitem__)
    assert figure(measured("--glossary", str(glossary)), "term_accuracy") == 1
    server.rule = in_language(lambda source: ENGLISH[source].replace("go home, Yuki", "go home, Snow"))
    assert figure(measured("--glossary", str(glossary)), "term_accuracy") == 0.5


@pytest.mark.parametrize(
    ("text", "why"), [("{", "JSON"), ('{"schema": 1, "terms": []}', "none of its terms"), (None, "No such file")]
)
def test_a_glossary_that_measures_nothing_is_found_before_anything_is_paid(
    evaluate: Evaluate,
    server: ModelServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    why: str,
) -> None:
    path = tmp_path / "glossary.json"
    if text is not None:
        path.write_text(text)
    assert evaluate("--glossary", str(path)) == EXIT_USAGE
    assert why in capsys.readouterr().err
    assert not server.calls


def test_without_a_model_nothing_is_measured_and_the_gloss_is_no_translation(
    evaluate: Evaluate, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate("--json", TRANSLATOR="keyless") == EXIT_USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "no model is configured" in told.err
    assert "gloss is no translation" in told.err


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"TRANSLATOR": "babelfish"}, "TRANSLATOR: not one of"),
        ({"OPENAI_MODEL": "a-retired-model"}, "OPENAI_MODEL"),
        ({"TRANSLATION_STYLES": "no-such-style"}, "no-such-style"),
    ],
)
def test_a_model_that_cannot_be_asked_is_one_clear_error(
    evaluate: Evaluate, capsys: pytest.CaptureFixture[str], changes: dict[str, str], why: str
) -> None:
    assert evaluate(**changes) == EXIT_USAGE
    told = capsys.readouterr()
    assert why in told.err
    assert (told.out, KEY in told.err) == ("", False)


def test_a_model_that_fails_on_the_way_is_no_low_score(
    evaluate: Evaluate, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script = [in_language(ENGLISH.__getitem__)]
    server.rule = always(Fail(402, "no money left"))
    assert evaluate() == EXIT_USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "no money left" in told.err


def test_limits_hold_a_model_to_its_score(
    evaluate: Evaluate, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.rule = in_language(ENGLISH.__getitem__)
    assert evaluate("--min", "chrf=99") == EXIT_OK
    server.rule = in_language(nonsense)
    assert evaluate("--min", "chrf=99") == EXIT_LIMIT
    assert "chrf is" in capsys.readouterr().err


def test_a_model_without_a_price_has_no_cost_and_keeps_no_limit_of_it(
    evaluate: Evaluate, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.rule = in_language(ENGLISH.__getitem__)
    assert evaluate("--max", "cost_page=100") == EXIT_LIMIT
    told = capsys.readouterr()
    assert "cost_page was not measured" in told.err
    assert "the cost is not known" in told.err
    assert "cost a page" not in told.out


def test_a_model_with_a_price_has_a_cost(server: ModelServer, measured: Callable[..., dict[str, Any]]) -> None:
    server.models = ("gemini-3.5-flash",)
    server.rule = in_language(ENGLISH.__getitem__)
    document = measured(OPENAI_MODEL="gemini-3.5-flash")
    assert figure(document, "cost_page") == pytest.approx((1000 * 1.5 + 100 * 9) / 1e6, abs=1e-6)


@pytest.mark.parametrize(
    "arguments",
    [["--clean"], ["--typeset"], ["--html", "report.html"], ["--min", "term_accuracy=1"], ["--target", "ko"]],
)
def test_what_does_not_go_together_is_refused_before_anything_is_paid(
    evaluate: Evaluate, server: ModelServer, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert evaluate(*arguments) == EXIT_USAGE
    assert capsys.readouterr().err.startswith("error: ")
    assert not server.calls


def test_a_glossary_is_nothing_to_other_evaluations(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--glossary", "terms.json", str(folder)]) == EXIT_USAGE
    assert "are for --translate" in capsys.readouterr().err


def test_end_to_end_what_cannot_be_read_counts_with_nothing(
    server: ModelServer, measured: Callable[..., dict[str, Any]]
) -> None:
    """The pages are blank: every text is annotated, and none can be read."""
    document = measured("--end-to-end")
    assert not server.calls
    assert document["texts"] == 6
    assert [figure(document, key) for key in ("chrf", "translated", "spared", "calls_page")] == [0, 0, 0, 0]
    assert document["engines"].keys() == {"detect", "read", "order", "translate"}


@pytest.mark.parametrize(
    ("one", "other", "target"),
    [
        ("Wait…", "Wait...", "en"),
        ("10 years later \nsummer", "10 years later summer", "en"),
        ("Don’t “go”", 'Don\'t "go"', "en"),
        ("不會吧···騙人||的吧?", "不會吧……騙人的吧？", "zh-Hant"),
    ],
)
def test_lettering_makes_no_difference(one: str, other: str, target: str) -> None:
    assert comparable(one, target) == comparable(other, target)


def test_words_do_make_a_difference() -> None:
    assert comparable("Wait!", "en") != comparable("wait!", "en")
    assert comparable("不會", "zh-Hant") != comparable("不会", "zh-Hant")


def test_a_text_that_keeps_its_lettering_is_not_translated_by_it() -> None:
    kept = ModelText("待ってくれ!", "Wait for me!", "待ってくれ!", Origin.KEPT_SOURCE)
    score = TranslateScore((ModelPage("a", "1", (kept,)),), "en", glossary=Glossary((Term("待って", "Wait"),)))
    assert score.translated == 0
    assert score.terms == (1, 0)
    assert score.figures[0].value == 0
