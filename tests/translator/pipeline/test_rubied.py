"""Ruby in a translation is set small beside its base, is counted in the line's length, and never leaves its base."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from translator.pipeline.fonts import FontBook
from translator.pipeline.letters import Pen, SetLine, ink_of
from translator.pipeline.pieces import pieces_of, split_long
from translator.pipeline.rubied import ABOVE, BASE, END, atoms, marked, plain, ruby_of, stretches, whole, with_ruby
from translator.pipeline.types import Box, Kind, Origin, Pin, Placement, Region, Ruby, TextLine, Translation
from translator.pipeline.typeset import BalloonTypesetter

FONTS = Path(__file__).parents[3] / "fonts"
SIZE = 40


@pytest.fixture(scope="module")
def book() -> FontBook:
    return FontBook(FONTS)


@pytest.mark.parametrize(
    ("written", "base", "ruby"),
    [
        ("この{超能力|ちから}は", "この超能力は", (Ruby(2, 5, "ちから"),)),
        ("{城|しろ}と{町|まち}", "城と町", (Ruby(0, 1, "しろ"), Ruby(2, 3, "まち"))),
        ("a { soul  reaper | Shinigami } came", "a soul reaper came", (Ruby(2, 13, "Shinigami"),)),
        (r"\{a|b} is {a|b}", "{a|b} is a", (Ruby(9, 10, "b"),)),
        ("{no ruby} {|x} {x|} {a|b|c} } {", "{no ruby} {|x} {x|} {a|b|c} } {", ()),
        ("{ |x} {x| }", "x", ()),
        (f"{BASE}x{ABOVE}y{END}", "xy", ()),
        ("", "", ()),
    ],
)
def test_ruby_is_written_in_braces_and_all_else_is_text(written: str, base: str, ruby: tuple[Ruby, ...]) -> None:
    text = marked(written)
    assert plain(text).strip() == base
    assert ruby_of(text) == ruby
    assert with_ruby(plain(text), ruby_of(text)) == text


def test_a_base_whose_letters_are_gone_takes_its_ruby_along() -> None:
    assert whole(f"a{BASE}{ABOVE}x{END}b{BASE}c{ABOVE}{END}") == "abc"


@pytest.mark.parametrize("ruby", [Ruby(2, 1, "x"), Ruby(0, 9, "x"), Ruby(-3, 1, "x"), Ruby(1, 1, "x")])
def test_ruby_that_is_beside_no_letters_is_left_out(ruby: Ruby) -> None:
    assert with_ruby("abc", (ruby,)) == "abc"


def test_a_base_is_never_parted_from_its_ruby_or_in_itself() -> None:
    text = marked("この{超能力者|サイキッカー}は、強い。")
    pieces = pieces_of(text, target="ja")
    assert [plain(piece.text) for piece in pieces] == ["こ", "の", "超能力者", "は、", "強", "い。"]
    english = pieces_of(marked("A {Shinigami-san|god of death}, no less-than that"), target="en")
    assert [plain(piece.text) for piece in english][1] == "Shinigami-san,"
    assert split_long(english, lambda part: 10.0 * len(part), 40.0, target="en")[1] == english[1]
    thai = pieces_of(marked("{ภาษาไทย|thai}ดี"), target="th")
    assert plain(thai[0].text).startswith("ภาษาไทย")


@pytest.mark.parametrize("vertical", [True, False])
def test_a_line_is_as_long_as_the_longer_of_base_and_ruby(book: FontBook, vertical: bool) -> None:
    pen = Pen(book.chain("dialogue", "ja"), SIZE, language="ja", vertical=vertical, rubied=True)
    assert pen.length(marked("{超能力|ちから}")) == pytest.approx(3 * SIZE, abs=1)
    assert pen.length(marked("{志|こころざし}")) == pytest.approx(5 * SIZE / 2, abs=1)
    assert pen.length(marked("{志|こころざし}だ")) == pytest.approx(5 * SIZE / 2 + SIZE, abs=1)


@pytest.mark.parametrize("written", ["{超能力|ちから}", "{志|こころざし}だ", "それは{本気|マジ}だ"])
@pytest.mark.parametrize("vertical", [True, False])
def test_ruby_stands_right_of_a_column_and_above_a_row_in_the_band_of_its_line(
    book: FontBook, written: str, vertical: bool
) -> None:
    pen = Pen(book.chain("dialogue", "ja"), SIZE, language="ja", vertical=vertical, rubied=True)
    text = marked(written)
    bare = ink_of(SetLine(plain(text), 100, 100, pen.length(plain(text))), pen).box
    box = ink_of(SetLine(text, 100, 100, pen.length(text)), pen).box
    if vertical:
        assert bare.x1 + 0.3 * SIZE < box.x1 <= 100 + pen.thickness + 1
        assert abs(box.x0 - bare.x0) <= 2
    else:
        assert 100 - 2 <= box.y0 < bare.y0 - 0.3 * SIZE
        assert abs(box.y1 - bare.y1) <= 2


def test_a_short_ruby_is_spread_over_its_base(book: FontBook) -> None:
    pen = Pen(book.chain("dialogue", "ja"), SIZE, language="ja", rubied=True)
    text = marked("{超能力者達|イチ}")
    ink = ink_of(SetLine(text, 0, 0, pen.length(text)), pen)
    above = ink.mask[: round(0.45 * SIZE)].any(axis=0)
    columns = np.flatnonzero(above) + ink.box.x0
    assert 0.15 * 5 * SIZE < columns.min() < 0.3 * 5 * SIZE
    assert 0.65 * 5 * SIZE < columns.max() < 0.85 * 5 * SIZE


def test_a_pen_without_ruby_has_the_room_that_it_had(book: FontBook) -> None:
    chain = book.chain("dialogue", "ja")
    usual, rubied = (Pen(chain, SIZE, language="ja", vertical=True, rubied=flag) for flag in (False, True))
    assert (usual.thickness, usual.leading) == (SIZE, round(1.25 * SIZE))
    assert rubied.thickness > 1.5 * SIZE
    assert rubied.leading > rubied.thickness


def set_text(book: FontBook, text: str, target: str, pin: Pin, *, vertical: bool = True) -> tuple[Placement, list[str]]:
    box = Box(200, 200, 360, 420)
    lines = tuple(TextLine(Box(x, 200, x + 44, 420), box.polygon, 1.0) for x in (200, 258, 316))
    place = Region("r1", box, box.polygon, Kind.DIALOGUE, vertical, 1.0, lines)
    plate = np.full((800, 600, 3), 255, np.uint8)
    done = BalloonTypesetter(book).typeset(
        plate, [place], [Translation("r1", text, Origin.USER)], target=target, pins={"r1": pin}
    )
    return done.placements[0], list(done.warnings)


@pytest.mark.parametrize("target", ["ja", "zh-Hant"])
@pytest.mark.parametrize("vertical", [True, False])
def test_a_placement_tells_its_lines_plain_and_where_ruby_stands(book: FontBook, target: str, vertical: bool) -> None:
    placement, warnings = set_text(book, "我們要守護這個{城市|まち}！", target, Pin(size_px=36), vertical=vertical)
    found = [(line.text[one.start : one.end], one.text) for line in placement.lines for one in line.ruby]
    assert found == [("城市", "まち")]
    assert "".join(line.text for line in placement.lines) == "我們要守護這個城市！"
    assert warnings == []


def test_pinned_lines_have_ruby_too(book: FontBook) -> None:
    placement, _ = set_text(book, "x", "en", Pin(lines=("The {Shinigami|god of death}", "came.")), vertical=False)
    assert [line.text for line in placement.lines] == ["The Shinigami", "came."]
    assert placement.lines[0].ruby == (Ruby(4, 13, "god of death"),)


def test_ruby_in_letters_that_no_font_has_is_named_and_its_base_stays(book: FontBook) -> None:
    placement, warnings = set_text(book, "{城|\U00012000}だ", "ja", Pin(size_px=36))
    assert [line.text for line in placement.lines] == ["城だ"]
    assert placement.lines[0].ruby == ()
    assert "U+12000" in warnings[0]


def test_characters_stay_whole_beside_their_ruby() -> None:
    assert atoms(marked("あ{城|しろ}い")) == ["あ", f"{BASE}城{ABOVE}しろ{END}", "い"]
    assert [one.base for one in stretches(marked("あ{城|しろ}い"))] == ["あ", "城", "い"]
