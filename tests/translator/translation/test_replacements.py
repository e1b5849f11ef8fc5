"""Replacement tables and prices: what ships, what a user writes, and what is refused."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import replaced
from tests.translator.translation.jobs import DICT, endpoint, job, loaded, page
from translator.translation.model import Usage
from translator.translation.prices import Price, Prices
from translator.translation.replacements import Replacements
from translator.translation.style import DictionaryError


def table(folder: Path, *entries: str, head: str = "format = 1\n") -> Replacements:
    (folder / "replacements").mkdir(exist_ok=True)
    text = head + "".join(f"[[replace]]\n{entry}\n" for entry in entries)
    (folder / "replacements" / "own.toml").write_text(text, encoding="utf-8")
    return Replacements.load(folder)


def test_what_ships_mends_what_it_says() -> None:
    shipped = Replacements.load(DICT)
    assert shipped.source("ja")("12曰、ヒ―ロ―が・・・") == "12日、ヒーローが……"
    assert shipped.source("zh")("12曰") == "12曰"
    assert shipped.translation("en")("Hi! (T/N: a greeting) **Now**") == "Hi! Now"


def test_the_example_of_the_readme_loads(tmp_path: Path) -> None:
    text = (DICT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "replacements").mkdir()
    (tmp_path / "replacements" / "own.toml").write_text(blocks[0], encoding="utf-8")
    (tmp_path / "prices.toml").write_text(blocks[1], encoding="utf-8")
    assert Replacements.load(tmp_path).source("ja")("3曰") == "3日"
    assert Prices.load(tmp_path).cost("some-model", Usage(1_000_000, 0)) == 0.30


def test_entries_are_applied_in_order_each_to_its_stage_and_language(tmp_path: Path) -> None:
    tables = table(
        tmp_path,
        'stage = "translation"\nlanguages = ["en"]\nfind = "colour"\nwith = "color"',
        'stage = "translation"\nfind = "(?i)(color)s"\nwith = "\\\\1 set"',
        'stage = "translation"\nfind = "$1.00 (net)"\nwith = "a \\\\\\\\ b"\nliteral = true',
    )
    assert tables.translation("en-US")("colours; $1.00 (net)") == "color set; a \\ b"
    assert tables.translation("de")("colours") == "colours"
    assert tables.source("en")("colours") == "colours"


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ('stage = "middle"\nfind = "a"\nwith = "b"', "replace 1, stage"),
        ('stage = "source"\nwith = "b"', "replace 1, find"),
        ('stage = "source"\nfind = "a"', "replace 1, with"),
        ('stage = "source"\nfind = "("\nwith = "b"', "replace 1, find"),
        ('stage = "source"\nfind = "(?=a)"\nwith = "b"', "replace 1, find"),
        ('stage = "source"\nfind = "(a)\\\\1"\nwith = "b"', "replace 1, find"),
        ('stage = "source"\nfind = "a*"\nwith = "b"', "replace 1, find"),
        ('stage = "source"\nfind = ""\nwith = "b"\nliteral = true', "replace 1, find"),
        ('stage = "source"\nfind = "a"\nwith = "\\\\1"', "replace 1, with"),
        ('stage = "source"\nfind = "a"\nwith = "\\\\n"', "replace 1, with"),
        ('stage = "source"\nfind = "a"\nwith = "b"\nlanguages = "ja"', "replace 1, languages"),
        ('stage = "source"\nfind = "a"\nwith = "b"\nliteral = 1', "replace 1, literal"),
        ('stage = "source"\nfind = "a"\nwith = "b"\nflags = "i"', "replace 1"),
        ('stage = "source"\nfind = "' + "a" * 600 + '"\nwith = "b"', "replace 1, find"),
    ],
)
def test_a_mistake_is_named_with_its_entry(
    tmp_path: Path, entry: str, place: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DictionaryError) as caught:
        table(tmp_path, entry)
    assert (caught.value.file, caught.value.place) == ("replacements/own.toml", place)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("head", ["", "format = 2\n", "format = \n", "format = 1\nreplace = 3\n"])
def test_a_table_that_is_none_is_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises(DictionaryError):
        table(tmp_path, head=head)


def test_a_pattern_that_would_hang_others_is_quick(tmp_path: Path) -> None:
    tables = table(tmp_path, 'stage = "source"\nfind = "(a+)+b"\nwith = "c"')
    text = "a" * 20_000
    assert tables.source("ja")(text) == text


def test_a_text_does_not_grow_without_end(tmp_path: Path) -> None:
    entry = 'stage = "source"\nfind = "a"\nwith = "' + "a" * 400 + '"'
    tables = table(tmp_path, *[entry] * 20)
    assert len(tables.source("ja")("aaaa")) < 1_000


def test_no_tables_change_nothing(tmp_path: Path) -> None:
    assert Replacements.load(tmp_path).source("ja")("あ") == "あ"


def test_the_model_sees_the_mended_source_and_the_letterer_the_mended_answer(gemini: ModelServer) -> None:
    gemini.script = [replaced(id_1="Coffee (T/N: a drink) on the 12th.")]
    with loaded(endpoint(gemini)) as translation:
        found = job(translation).translator.translate(page("12曰のコ―ヒ―だ"))
    assert gemini.calls[0].texts == {"1": "12日のコーヒーだ"}
    assert found[0].text == "Coffee on the 12th."


def test_prices_are_dated_and_an_unknown_model_has_none() -> None:
    prices = Prices.load(DICT)
    assert all(price.as_of <= date(2030, 1, 1) for price in prices.entries)
    assert prices.cost("gemini-3.5-flash", Usage(1_000_000, 1_000_000)) == 10.5
    assert prices.cost("some-other-model", Usage(1, 1)) is None


def test_a_price_may_fit_a_family_and_the_first_counts() -> None:
    prices = Prices((Price("m-1", 1, 1, date(2026, 1, 1)), Price("m-*", 2, 2, date(2026, 1, 1))))
    assert [prices.cost(name, Usage(1_000_000, 0)) for name in ("m-1", "m-2", "n")] == [1.0, 2.0, None]


@pytest.mark.parametrize(
    "text",
    [
        "format = 2",
        "format = 1",
        'format = 1\ncurrency = "USD"\nprice = 3',
        'format = 1\ncurrency = "USD"\n[[price]]\nmodel = "m"\ninput = 1\noutput = 1\nas_of = "today"',
        'format = 1\ncurrency = "USD"\n[[price]]\nmodel = "m"\ninput = -1\noutput = 1\nas_of = 2026-01-01',
        'format = 1\ncurrency = "USD"\n[[price]]\nmodel = "m"\ninput = true\noutput = 1\nas_of = 2026-01-01',
        'format = 1\ncurrency = "USD"\n[[price]]\ninput = 1\noutput = 1\nas_of = 2026-01-01',
        "format = ",
    ],
)
def test_a_price_list_with_a_mistake_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "prices.toml").write_text(text)
    with pytest.raises(DictionaryError):
        Prices.load(tmp_path)
