"""Which terms occur, and whether a translation uses them."""

from __future__ import annotations

import pytest

from translator.translation.glossary import Glossary, Term

GLOSSARY = Glossary(
    [
        Term("黒木", "Kuroki", aliases=("クロキ", "クロちゃん"), kind="person"),
        Term("魔法剣", "spell blade"),
        Term("龍", "Ryu"),
        Term("Gray", "Grey"),
    ]
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("黒木さん!", ["黒木"]),
        ("ｸﾛｷだ", ["黒木"]),
        ("クロちゃんの魔法剣", ["黒木", "魔法剣"]),
        ("GRAY is here", ["Gray"]),
        ("Grays and Grayson", []),
        ("誰もいない", []),
        ("", []),
    ],
)
def test_terms_are_found_by_name_and_alias(text: str, terms: list[str]) -> None:
    assert [term.source for term in GLOSSARY.matched([text])] == terms


def test_the_order_is_the_glossary_s() -> None:
    assert [term.source for term in GLOSSARY.matched(["魔法剣", "黒木"])] == ["黒木", "魔法剣"]


@pytest.mark.parametrize(
    ("text", "translation", "missed"),
    [
        ("黒木の魔法剣", "KUROKI'S SPELL BLADE", []),
        ("黒木の魔法剣", "Kuroki's sword", ["魔法剣"]),
        ("魔法剣だ", "Those spell blades!", []),
        ("龍だ", "A dragon!", []),
        ("誰だ", "Who?", []),
    ],
)
def test_what_a_translation_leaves_out_is_named(text: str, translation: str, missed: list[str]) -> None:
    assert [term.source for term in GLOSSARY.missed(text, translation)] == missed


def test_inflected_forms_count_as_used() -> None:
    glossary = Glossary.of({"黒木": "Курокава"})
    assert not glossary.missed("黒木に言え", "Скажи Курокаве!")


def test_a_term_tells_a_model_only_what_it_has() -> None:
    assert Term("龍", "Ryu").to_json() == {"source": "龍", "translation": "Ryu"}
    assert set(GLOSSARY.terms[0].to_json()) == {"source", "translation", "aliases", "kind"}
