"""A glossary: a person's word counts, a model's fills gaps, and what is no glossary is refused by its field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contract import glossary
from contract.errors import BadMessage
from contract.glossary import Glossary, Rendering, Term, TermKind, TermOrigin, TermStatus, parse_terms


def said(term: str, text: str, target: str = "en", **more: Any) -> Term:
    return Term(term, translations={target: Rendering(text)}, **more)


def proposed(term: str, text: str, target: str = "en") -> Term:
    return Term(term, translations={target: Rendering(text, TermStatus.PROPOSED, TermOrigin.MODEL)})


def only(stored: Glossary, term: str, target: str = "en") -> Rendering:
    found = stored.find(Term(term).id)
    assert found is not None
    return found.translations[target]


def test_it_is_written_as_it_is_read() -> None:
    term = said(
        "光", "Hikaru", kind=TermKind.CHARACTER, aliases=("ヒカル",), gender="he", register="rough", notes="tall"
    )
    stored = Glossary((term, proposed("闇", "Darkness")))
    assert Glossary.parse(stored.to_bytes()) == stored


def test_a_plain_string_is_a_persons_translation() -> None:
    (term,) = parse_terms('{"terms": [{"term": "光", "translations": {"EN": "Hikaru"}}]}'.encode())
    assert term.translations == {"en": Rendering("Hikaru")}


def test_spellings_of_one_term_are_one_term() -> None:
    assert Term("必殺 技！").id == Term("必殺技!").id != Term("必殺技").id


def test_a_proposal_fills_a_gap_and_never_replaces_a_word() -> None:
    stored = Glossary((said("光", "Hikaru", notes="tall"),)).merged(
        [proposed("光", "Light"), proposed("光", "Lumière", "fr")]
    )
    assert only(stored, "光") == Rendering("Hikaru")
    assert only(stored, "光", "fr").status is TermStatus.PROPOSED
    assert stored.terms[0].notes == "tall"
    assert stored.merged([proposed("光", "Clarté", "fr")]) == stored


def test_what_was_rejected_is_not_proposed_again() -> None:
    stored = Glossary().merged([proposed("光", "Light")])
    rejected = stored.decided(Term("光").id, TermStatus.REJECTED)
    assert rejected is not None
    assert rejected.merged([proposed("光", "Ray")]) == rejected
    assert only(rejected.merged([said("光", "Hikaru")]), "光") == Rendering("Hikaru")


def test_accepting_takes_one_language_or_all_and_leaves_what_a_person_said() -> None:
    stored = Glossary().merged([said("光", "Hikaru"), proposed("光", "Licht", "de"), proposed("光", "Luz", "es")])
    accepted = stored.decided(Term("光").id, TermStatus.ACCEPTED, "DE")
    assert accepted is not None
    assert {tag: one.status.value for tag, one in accepted.terms[0].translations.items()} == {
        "en": "accepted",
        "de": "accepted",
        "es": "proposed",
    }
    rejected = accepted.decided(Term("光").id, TermStatus.REJECTED)
    assert rejected is not None
    assert only(rejected, "光").status is TermStatus.ACCEPTED
    assert stored.decided("t-other", TermStatus.ACCEPTED) is None
    assert stored.without("t-other") is None


def test_a_persons_terms_are_merged_member_by_member() -> None:
    stored = Glossary((said("光", "Hikaru", aliases=("ヒカル",), gender="he"),))
    merged = stored.merged([Term("光", TermKind.CHARACTER, ("光くん",), notes="tall")])
    assert merged.terms == (
        said("光", "Hikaru", kind=TermKind.CHARACTER, aliases=("ヒカル", "光くん"), gender="he", notes="tall"),
    )
    assert merged.merged([Term("光", TermKind.CHARACTER, ("光くん",), notes="tall")]) == merged


def test_proposals_without_end_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glossary, "MAX_PROPOSED", 3)
    stored = Glossary().merged([proposed(f"語{n}", "x") for n in range(10)])
    assert len(stored.terms) == 3
    assert len(stored.merged([said("光", "Hikaru")]).terms) == 4


def test_a_person_is_told_that_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glossary, "MAX_TERMS", 2)
    stored = Glossary((said("a", "b"), said("c", "d")))
    assert stored.merged([proposed("e", "f")]) == stored
    with pytest.raises(BadMessage, match="at most 2"):
        stored.merged([said("e", "f")])


@pytest.mark.parametrize(
    ("term", "field"),
    [
        ({}, "terms[0].term"),
        ({"term": " "}, "terms[0].term"),
        ({"term": "a\x07b"}, "terms[0].term"),
        ({"term": "a" * 201}, "terms[0].term"),
        ({"term": "a", "colour": "red"}, "terms[0].colour"),
        ({"term": "a", "kind": "robot"}, "terms[0].kind"),
        ({"term": "a", "id": "t-another"}, "terms[0].id"),
        ({"term": "a", "aliases": ["b"] * 21}, "terms[0].aliases"),
        ({"term": "a", "aliases": [1]}, "terms[0].aliases[0].alias"),
        ({"term": "a", "translations": {"english!": "b"}}, "terms[0].translations.english!"),
        ({"term": "a", "translations": {"en": "b", "EN": "c"}}, "terms[0].translations.EN"),
        ({"term": "a", "translations": {"en": {"text": "b", "status": "maybe"}}}, "terms[0].translations.en.status"),
        ({"term": "a", "translations": {"en": {}}}, "terms[0].translations.en.text"),
        ({"term": "a", "notes": "n" * 1001}, "terms[0].notes"),
    ],
)
def test_what_is_no_term_is_refused_by_the_name_of_the_field(term: dict[str, Any], field: str) -> None:
    with pytest.raises(BadMessage) as error:
        Glossary.parse(json.dumps({"schema": 1, "terms": [term]}).encode())
    assert error.value.field == field


@pytest.mark.parametrize(
    "document",
    [{}, {"schema": 2, "terms": []}, {"schema": 1}, {"schema": 1, "terms": [{"term": "a!"}, {"term": "a ！"}]}],
)
def test_what_is_no_glossary_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(BadMessage):
        Glossary.parse(json.dumps(document).encode())
