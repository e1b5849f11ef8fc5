"""Records of paid answers: read as they were written, and refused by field where they are none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contract.errors import BadMessage
from translator.decisions import JobDecisions, PageRecord
from translator.pipeline.types import Origin, Translation

KEY, OTHER = "a" * 64, "b" * 64
SETTLED = {"夢": Translation("", "a dream", Origin.MEMORY, "fuzzy 0.93: 夢だ")}
RECORD = PageRecord(
    ("光だ",), ((("前", "before"),), ()), SETTLED, {KEY: {0: "x"}}, {"闇だ": Translation("", "Dark", Origin.MODEL)}
)


def test_a_record_is_written_as_it_is_read() -> None:
    assert PageRecord.parse(RECORD.to_bytes()) == RECORD


def test_answers_of_attempts_before_are_found_and_new_ones_added() -> None:
    saved: list[tuple[int, PageRecord]] = []
    decisions = JobDecisions({7: RECORD}, lambda page, record: saved.append((page, record)))
    assert decisions.get(KEY) == {0: "x"}
    assert decisions.get(OTHER) == {}
    with decisions.asking({7: PageRecord(("another",)), 8: PageRecord(("new",))}):
        decisions.put(OTHER, {1: "y"}, page=8)
        decisions.put(OTHER, {2: "z"}, page=7)
    assert saved[0] == (8, PageRecord(("new",), answers={OTHER: {1: "y"}}))
    page, record = saved[-1]
    assert (page, record.answers, record.asked) == (7, {KEY: {0: "x"}, OTHER: {1: "y", 2: "z"}}, ("光だ",))
    assert decisions.get(OTHER) == {1: "y", 2: "z"}


def test_what_is_remembered_of_a_page_is_saved_once_and_keeps_its_answers() -> None:
    saved: list[PageRecord] = []
    decisions = JobDecisions({7: RECORD}, lambda _, record: saved.append(record))
    more = {"夜だ": Translation("", "Night", Origin.MODEL)}
    for _ in range(2):
        decisions.remember(7, PageRecord(("another",)), copied=more)
    assert saved == [replace(RECORD, copied={**RECORD.copied, **more})]


def test_a_record_of_before_has_no_copies() -> None:
    document = json.loads(RECORD.to_bytes())
    del document["copied"]
    assert PageRecord.parse(json.dumps(document).encode()) == replace(RECORD, copied={})


def test_what_no_page_asked_for_is_kept_in_the_process_only() -> None:
    saved: list[Any] = []
    decisions = JobDecisions(save=lambda *record: saved.append(record))
    decisions.put(KEY, {0: "x"}, page=3)
    assert (decisions.get(KEY), saved) == ({0: "x"}, [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"schema": 2}, "schema"),
        ({"asked": [1]}, "asked[0]"),
        ({"context": [["ab"]]}, "context[0][0]"),
        ({"context": ["ab"]}, "context[0]"),
        ({"settled": [["a", "b", "god", ""]]}, "settled[0].origin"),
        ({"settled": [["a"]]}, "settled[0]"),
        ({"copied": [["a", "b", "model"]]}, "copied[0]"),
        ({"answers": {KEY: ["x"]}}, f"answers.{KEY}"),
        ({"answers": {KEY: {"-1": "x"}}}, f"answers.{KEY}"),
        ({"answers": {KEY: {"0": 1}}}, f"answers.{KEY}"),
    ],
)
def test_what_is_no_record_is_refused_by_the_field(changes: dict[str, Any], field: str) -> None:
    document = {**json.loads(RECORD.to_bytes()), **changes}
    with pytest.raises(BadMessage) as error:
        PageRecord.parse(json.dumps(document).encode())
    assert error.value.field == field
