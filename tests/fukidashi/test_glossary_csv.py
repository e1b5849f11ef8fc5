"""A glossary as a table goes through a spreadsheet and back."""

from __future__ import annotations

import pytest

from contract.glossary import Rendering, Term, TermKind, TermOrigin, TermStatus
from fukidashi.errors import BadInput
from fukidashi.glossary_csv import read_csv, write_csv

TERMS = (
    Term(
        "星宮 ひかり",
        TermKind.CHARACTER,
        ("ひかり", "ヒカリ"),
        "she",
        "casual",
        'says "ね" a lot, even\nhere',
        {
            "en": Rendering("Hikari Hoshimiya"),
            "fr": Rendering("Hikari", TermStatus.PROPOSED, TermOrigin.MODEL),
        },
    ),
    Term("必殺技"),
)


def test_what_is_written_is_read_again() -> None:
    read = {term.id: term for term in read_csv("\ufeff" + write_csv(TERMS))}
    assert read[TERMS[0].id].translations == dict(TERMS[0].translations)
    assert read[TERMS[0].id].aliases == ("ひかり", "ヒカリ")
    assert set(read) == {term.id for term in TERMS}


def test_a_cell_that_a_spreadsheet_would_calculate_is_marked_as_text() -> None:
    term = Term("=HYPERLINK(1)", translations={"en": Rendering("+1")})
    table = write_csv([term])
    assert "'=HYPERLINK(1)" in table
    assert "'+1" in table
    assert read_csv(table) == (term,)


def test_columns_may_be_left_out_and_named_in_any_case() -> None:
    (term,) = read_csv("Term,TARGET,translation\n光,en,Hikaru\n")
    assert term == Term("光", translations={"en": Rendering("Hikaru")})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no column named term"),
        ("word\n光\n", "no column named term"),
        ("term,colour\n光,red\n", "columns may be"),
        ("term,term\na,b\n", "columns may be"),
        ("term\n光,more\n", "row 2 has more cells"),
        ("term,translation\n光,Hikaru\n", "row 2 has a translation and no target"),
        ("term,target,translation\n光,english language,Hikaru\n", "row 2: translations"),
        ("term,kind\n光,robot\n", "row 2: kind"),
        ("term\n光\n ,\n", "row 3"),
        ('term\n"光\n', "not CSV"),
        ("term,target,translation,status\n光,en,Hikaru,maybe\n", "row 2: translations.en.status"),
    ],
)
def test_what_cannot_be_read_names_the_row(text: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        read_csv(text)
