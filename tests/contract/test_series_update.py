"""What a translator leaves for a series is read without trusting it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contract.attempt import AttemptOrder
from contract.errors import BadMessage
from contract.glossary import TermKind, TermOrigin, TermStatus
from contract.grant import Grant, PageGrants
from contract.job import Direction, Options
from contract.memory import Pair, PairOrigin
from contract.report import Reply, Report, ReportType
from contract.series import MAX_NEW_TERMS, NewTerm, SeriesUpdate, UnlearnedPages

GRANT = Grant("PUT", "https://r2.test/x", {"content-type": "application/json"}, 9)


def test_it_is_written_as_it_is_read() -> None:
    update = SeriesUpdate((Pair("夢", "a dream", PairOrigin.MODEL),), ("光",), (NewTerm("光", "Hikaru", "character"),))
    assert SeriesUpdate.parse(update.to_bytes()) == update
    places = UnlearnedPages(((1, 2), (7, 1)))
    assert UnlearnedPages.from_json(places.to_json()) == places


def test_a_translator_never_speaks_for_a_person() -> None:
    update = SeriesUpdate((Pair("夢", "a dream", PairOrigin.USER),), (), (NewTerm("光 ", "Hikaru", "a Robot"),))
    assert {pair.origin for pair in update.memory(source="ja", target="en").pairs} == {PairOrigin.MODEL}
    (term,) = update.proposals(target="EN")
    assert (term.term, term.kind, dict(term.translations)["en"].status) == ("光", TermKind.OTHER, TermStatus.PROPOSED)
    assert term.translations["en"].origin is TermOrigin.MODEL


def test_a_term_that_cannot_be_one_is_no_proposal() -> None:
    assert (
        SeriesUpdate(terms=(NewTerm(" ", "x"), NewTerm("a\x00", "x"), NewTerm("a", "\n"))).proposals(target="en") == ()
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"schema": 2}, "schema"),
        ({"pairs": [{"source": "a"}]}, "pairs[0].target"),
        ({"pairs": [{"source": "a", "target": "b", "origin": "god"}]}, "pairs[0].origin"),
        ({"used": [1]}, "used[0]"),
        ({"terms": [{"term": "", "translation": "b"}]}, "terms[0].term"),
        ({"terms": [{"term": "a", "translation": "b"}] * (MAX_NEW_TERMS + 1)}, "terms"),
    ],
)
def test_what_is_none_is_refused_by_the_name_of_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadMessage) as error:
        SeriesUpdate.parse(json.dumps({"schema": 1, **changes}).encode())
    assert error.value.field == field


@pytest.mark.parametrize("pages", [{}, [[1]], [[0, 1]], [["1", 1]], [[1, 100]]])
def test_places_that_are_none_are_refused(pages: Any) -> None:
    with pytest.raises(BadMessage):
        UnlearnedPages.from_json({"pages": pages})


def test_the_messages_carry_the_series_side_and_may_leave_it_out() -> None:
    page = PageGrants(1, GRANT, GRANT, GRANT, decisions=GRANT, decided=GRANT)
    order = AttemptOrder(
        "job", 1, "ch", "ja", "en", Direction.AUTO, Options(), "https://o.test/", 15.0, 60.0, (page,), GRANT,
        glossary=GRANT, learn=GRANT,
    )  # fmt: skip
    assert AttemptOrder.parse(json.dumps(order.to_json()).encode()) == order
    bare = {name: value for name, value in order.to_json().items() if name not in ("glossary", "learn")}
    assert AttemptOrder.parse(json.dumps(bare).encode()).learn is None
    report = Report(ReportType.RESULT, "evt", "job", 1, "w", 0, (), learned=0)
    assert Report.parse(report.to_bytes()) == report
    assert b"learned" not in Report(ReportType.RESULT, "evt", "job", 1, "w", 0, ()).to_bytes()
    reply = Reply(result=GRANT, learn=GRANT)
    assert Reply.parse(json.dumps(reply.to_json()).encode()) == reply
