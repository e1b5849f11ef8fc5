"""A vision model reads a page over real HTTP: whatever it does, each region has one reading, and says how it came."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import cv2
import numpy as np
import pytest

from tests.translator.engines.generate_content import Asked, GenerateContent, Said, error, refusal, says, texts
from translator.engines.gemini_model import GeminiModel
from translator.engines.gemini_reader import GeminiReader, PageReaderSettings, numbered
from translator.pipeline.protocols import Reader
from translator.pipeline.types import Box, Detection, Kind, Page, Reading, Region, Ruby
from translator.translation.model import ApiKey, ModelSettings

KEY = "AIza-very-secret-key"
BOXES = {"r0001": Box(20, 20, 60, 120), "r0002": Box(100, 20, 140, 120), "r0003": Box(200, 40, 260, 160)}
OURS = {"r0001": "猫だ！", "r0002": "犬", "r0003": ""}
PAGE = Page(1, np.full((400, 300, 3), 255, np.uint8))
REGIONS = tuple(Region(name, box, box.polygon, Kind.DIALOGUE, True, 0.9) for name, box in BOXES.items())
DETECTION = Detection(REGIONS, np.zeros((400, 300), np.uint8))


class Ours:
    """The default reader."""

    name = "ours"

    def read(self, page: Page, detection: Detection) -> tuple[Reading, ...]:
        return tuple(
            Reading(region.id, OURS[region.id], 0.8, (Ruby(0, 1, "ねこ"),), 0.7) for region in detection.regions
        )


Reads = Callable[..., tuple[dict[str, Reading], GenerateContent, list[float]]]


@pytest.fixture
def reads() -> Iterator[Reads]:
    """Reads the page with a server that gives ``answers``."""
    with ExitStack() as stack:

        def run(*answers: Any, fallback: Reader | None = Ours(), **settings: Any) -> Any:  # noqa: B008 - no state
            server = stack.enter_context(closing(GenerateContent(*answers)))
            model = GeminiModel(ModelSettings("tiny-vision", server.url, stream=False), ApiKey(KEY))
            stack.callback(model.close)
            waits: list[float] = []
            reader = GeminiReader(
                model, fallback, language="ja", settings=PageReaderSettings(**settings), sleep=waits.append
            )
            readings = reader.read(PAGE, DETECTION)
            assert [reading.region_id for reading in readings] == list(BOXES)
            return {reading.region_id: reading for reading in readings}, server, waits

        yield run


ALL = texts(r0001="猫だ！", r0002="大", r0003="鳥")


def said(readings: dict[str, Reading]) -> list[str]:
    return [reading.text for reading in readings.values()]


def notes(readings: dict[str, Reading]) -> list[str]:
    return [reading.note for reading in readings.values()]


def test_what_it_says_is_the_text_and_agreement_is_the_confidence(reads: Reads) -> None:
    readings, server, _ = reads(ALL)
    assert said(readings) == ["猫だ！", "大", "鳥"]
    assert notes(readings) == ["", "", ""]
    agreed, different, alone = (reading.confidence for reading in readings.values())
    assert agreed > 0.9 > alone > different
    assert readings["r0001"].ruby == (Ruby(0, 1, "ねこ"),)
    assert readings["r0002"].ruby == ()
    assert len(server.asked) == 1


def test_it_is_shown_the_page_with_numbered_frames_and_asked_by_number(reads: Reads) -> None:
    _, server, _ = reads(ALL)
    (asked,) = server.asked
    assert asked.path.endswith("/models/tiny-vision:generateContent")
    assert asked.ids == list(BOXES)
    assert "r0002: 100,20,140,120" in asked.text
    image = cv2.imdecode(np.frombuffer(asked.image, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (400, 300, 3)
    blue, green, red = (int(value) for value in image[70, 18])
    assert red > 150 > green
    assert blue < red
    config = asked.body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"]["required"] == ["texts"]


def test_frames_leave_the_lettering_as_it_is() -> None:
    rgb = np.full((400, 300, 3), 255, np.uint8)
    shown = numbered(rgb, REGIONS, 2048)
    for box in BOXES.values():
        assert (shown[box.y0 : box.y1, box.x0 : box.x1] == 255).all()
    assert numbered(np.full((4000, 300, 3), 255, np.uint8), REGIONS, 1000).shape == (1000, 75, 3)
    assert (rgb == 255).all()


def test_what_is_missing_is_asked_for_again_and_only_that(reads: Reads) -> None:
    readings, server, _ = reads(texts(r0001="猫だ！"), texts(r0002="犬", r0003="鳥"))
    assert said(readings) == ["猫だ！", "犬", "鳥"]
    assert [asked.ids for asked in server.asked] == [["r0001", "r0002", "r0003"], ["r0002", "r0003"]]


def test_what_stays_missing_is_read_by_the_default_reader_and_says_so(reads: Reads) -> None:
    readings, server, _ = reads(*[texts(r0001="猫だ！")] + [texts()] * 9)
    assert said(readings) == ["猫だ！", "犬", ""]
    assert notes(readings) == ["", *["not read by tiny-vision: no answer to this text"] * 2]
    assert readings["r0002"].confidence == 0.8
    assert len(server.asked) == 3


def test_ids_that_nobody_asked_for_and_second_answers_are_left_out(reads: Reads) -> None:
    found = [("r9999", "evil"), ("r0001", "first"), ("r0001", "second"), ("r0002", "b"), ("r0003", "c")]
    answer = says(json.dumps({"texts": [{"id": name, "text": text} for name, text in found]}))
    readings, _, _ = reads(answer)
    assert said(readings) == ["first", "b", "c"]


def test_control_characters_and_line_ends_become_blanks(reads: Reads) -> None:
    readings, _, _ = reads(texts(r0001="猫\nだ\x00！", r0002=" \t ", r0003="\u202e鳥"))
    assert said(readings) == ["猫 だ ！", "", "鳥"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_tried_again(reads: Reads, status: int) -> None:
    readings, server, waits = reads(error(status), error(status), ALL)
    assert said(readings) == ["猫だ！", "大", "鳥"]
    assert (len(server.asked), waits) == (3, [1.0, 2.0])


def test_a_server_that_says_when_is_waited_for_but_not_for_ever(reads: Reads) -> None:
    _, _, waits = reads(error(429, retry_s=7.0), error(429, retry_s=3600.0), ALL)
    assert waits == [7.0, 20.0]


@pytest.mark.parametrize("status", [429, 500])
def test_what_does_not_pass_ends_after_a_few_tries(reads: Reads, status: int) -> None:
    readings, server, waits = reads(*[error(status)] * 9)
    assert said(readings) == list(OURS.values())
    assert all(note.startswith(f"not read by tiny-vision: {status}") for note in notes(readings))
    assert (len(server.asked), len(waits)) == (3, 2)


@pytest.mark.parametrize("answer", [refusal(), error(400), error(403), error(404), says("", finish="SAFETY")])
def test_what_would_say_the_same_again_is_not_asked_again(reads: Reads, answer: Said) -> None:
    readings, server, waits = reads(answer)
    assert said(readings) == list(OURS.values())
    assert all(note.startswith("not read by tiny-vision: ") for note in notes(readings))
    assert (len(server.asked), waits) == (1, [])


WHOLE = json.dumps({"texts": [{"id": name, "text": f"{name} text"} for name in BOXES]})


@pytest.mark.parametrize("finish", ["MAX_TOKENS", "STOP"])
def test_of_an_answer_that_breaks_off_the_whole_entries_count(reads: Reads, finish: str) -> None:
    cut = WHOLE[: WHOLE.index("r0003")]
    readings, server, _ = reads(says(cut, finish=finish), texts(r0003="鳥"))
    assert said(readings) == ["r0001 text", "r0002 text", "鳥"]
    assert server.asked[1].ids == ["r0003"]


@pytest.mark.parametrize(
    "text",
    [
        "Sorry, I can't help with that.",
        "[]",
        "3",
        "{}",
        '{"texts": 3}',
        '{"texts": ["r0001"]}',
        '{"texts": [{"id": 1, "text": "x"}]}',
        '{"texts": [{"id": "r0001", "text": null}]}',
        "[" * 200,
        '{"texts": ' * 200,
    ],
)
def test_an_answer_that_is_none_costs_a_try_and_nothing_else(reads: Reads, text: str) -> None:
    readings, server, _ = reads(says(text), ALL)
    assert said(readings) == ["猫だ！", "大", "鳥"]
    assert len(server.asked) == 2


@pytest.mark.parametrize("body", ["", "<html>busy</html>", "[]"])
def test_what_is_no_answer_of_gemini_is_no_reading(reads: Reads, body: str) -> None:
    readings, server, _ = reads(*[Said(body=body)] * 9)
    assert said(readings) == list(OURS.values())
    assert all(notes(readings))
    assert len(server.asked) <= 3


def test_a_server_that_is_not_there_leaves_the_default_readings() -> None:
    model = GeminiModel(ModelSettings("tiny-vision", "http://127.0.0.1:9", stream=False), ApiKey(KEY))
    with closing(model):
        readings = GeminiReader(model, Ours(), language="ja", sleep=lambda _: None).read(PAGE, DETECTION)
    assert [reading.text for reading in readings] == list(OURS.values())
    assert all(reading.note for reading in readings)


def test_without_a_default_reader_what_is_missing_is_unread_and_says_so(reads: Reads) -> None:
    readings, _, _ = reads(*[texts(r0001="고양이")] * 9, fallback=None)
    assert said(readings) == ["고양이", "", ""]
    assert [reading.confidence for reading in readings.values()] == [0.7, 0.0, 0.0]
    assert [bool(note) for note in notes(readings)] == [False, True, True]


def test_a_page_of_many_blocks_is_asked_in_parts(reads: Reads) -> None:
    def answer(asked: Asked) -> Said:
        return texts(**dict.fromkeys(asked.ids, "x"))

    readings, server, _ = reads(answer, answer, at_once=2)
    assert said(readings) == ["x", "x", "x"]
    assert [asked.ids for asked in server.asked] == [["r0001", "r0002"], ["r0003"]]


def test_a_part_that_fails_costs_no_more_calls_for_the_others(reads: Reads) -> None:
    readings, server, _ = reads(error(403), at_once=1)
    assert len(server.asked) == 1
    assert all(notes(readings))


def test_a_page_without_text_is_not_asked_about() -> None:
    with closing(GenerateContent()) as server:
        model = GeminiModel(ModelSettings("tiny-vision", server.url, stream=False), ApiKey(KEY))
        with closing(model):
            empty = Detection((), np.zeros((400, 300), np.uint8))
            assert GeminiReader(model, Ours(), language="ja").read(PAGE, empty) == ()
        assert server.asked == []


def test_the_key_is_sent_as_a_header_and_shows_nowhere(reads: Reads, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    readings, server, _ = reads(error(403, f"API key {KEY} is not valid"))
    assert server.asked[0].headers["x-goog-api-key"] == KEY
    assert KEY not in server.asked[0].path
    assert KEY not in repr(readings) + caplog.text
