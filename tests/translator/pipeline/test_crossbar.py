"""Only the pronoun I, abbreviations and what stands alone have crossbars, in a font that has both forms."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]

from translator.pipeline.crossbar import LetterI, plain_places
from translator.pipeline.fonts import FontBook, FontBookError
from translator.pipeline.letters import Pen, SetLine, ink_of, placed_line

FONTS = Path(__file__).parents[3] / "fonts"
SIZE, WIDE, NARROW = 100, 80, 20


def shown(text: str, target: str = "en") -> str:
    """``text`` with a small i for each capital one that is plain."""
    places = plain_places(text, target=target)
    return "".join("i" if at in places else char for at, char in enumerate(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("I THINK I’LL FINISH THIS", "I THiNK I’LL FiNiSH THiS"),
        ("IT’S WHAT I’D DO, I’VE SAID", "iT’S WHAT I’D DO, I’VE SAiD"),
        ("I-I’M... IDIOT! I?", "I-I’M... iDiOT! I?"),
        ("THE F.B.I. AND THE FBI", "THE F.B.I. AND THE FBI"),
        ("CHAPTER VIII, HENRY IV, WORLD WAR II", "CHAPTER VIII, HENRY IV, WORLD WAR II"),
        ("MIX DIM CIVIL", "MiX DiM CiViL"),
        ("This Is not in capitals", "This Is not in capitals"),
        ("NAÏVE", "NAiVE"),
        ("", ""),
    ],
)
def test_crossbars_are_for_the_pronoun_and_abbreviations(text: str, wanted: str) -> None:
    assert shown(text) == wanted


def test_a_word_that_looks_like_a_numeral_or_an_english_abbreviation_is_a_word_elsewhere() -> None:
    assert shown("VI AMO, MIT IHR", "it") == "Vi AMO, MiT iHR"
    assert shown("VI MIT", "en") == "VI MIT"
    assert shown("LUIGI XIV, COSÌ", "it") == "LUiGi XIV, COSi"


def glyph(width: int) -> Any:
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 70), (width, 70), (width, 0)):
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph()


def tiny_font(path: Path) -> None:
    """Of a capital I that is wide, and narrow as ``l`` or under ``ss01``."""
    widths = {".notdef": 50, "space": 30, "I": WIDE, "l": NARROW, "H": 60, "I.ss01": NARROW}
    builder = FontBuilder(100, isTTF=True)
    builder.setupGlyphOrder(list(widths))
    builder.setupCharacterMap({ord(" "): "space", ord("I"): "I", ord("l"): "l", ord("H"): "H"})
    builder.setupGlyf({name: TTGlyphPen(None).glyph() if name == "space" else glyph(w) for name, w in widths.items()})
    builder.setupHorizontalMetrics({name: (width, 0) for name, width in widths.items()})
    builder.setupHorizontalHeader(ascent=80, descent=-20)
    builder.setupNameTable({"familyName": "Tiny", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.addOpenTypeFeatures("feature ss01 { sub I by I.ss01; } ss01;")
    builder.save(path)


def tiny_pen(folder: Path, letter_i: Any) -> Pen:
    tiny_font(folder / "Tiny.ttf")
    entry = {
        "name": "Tiny",
        "file": "Tiny.ttf",
        "sha256": hashlib.sha256((folder / "Tiny.ttf").read_bytes()).hexdigest(),
        "roles": ["dialogue"],
        "coverage": ["Latn"],
        "caps": True,
        "leading": 1.0,
    } | ({} if letter_i is None else {"letter_i": letter_i})
    (folder / "manifest.json").write_text(json.dumps({"fonts": [entry]}), encoding="utf-8")
    return Pen(FontBook(folder).chain("dialogue", "en"), SIZE, language="en")


@pytest.mark.parametrize("plain", ["l", "ss01"], ids=["by another letter", "by a feature"])
def test_a_font_is_asked_for_its_plain_form_inside_words(tmp_path: Path, plain: str) -> None:
    pen = tiny_pen(tmp_path, {"crossbar": "I", "plain": plain})
    assert pen.length("I") == WIDE
    assert pen.length("HI") == 60 + NARROW
    line = SetLine("I HI", 0, 0, pen.length("I HI"))
    drawn = ink_of(line, pen)
    assert drawn.box.width == pytest.approx(WIDE + 30 + 60 + NARROW, abs=2)
    assert placed_line(line, drawn).text == "I HI"


def test_a_font_whose_crossbars_are_the_feature_is_asked_for_them(tmp_path: Path) -> None:
    pen = tiny_pen(tmp_path, {"crossbar": "ss01", "plain": "I"})
    assert pen.length("I") == NARROW
    assert pen.length("HI") == 60 + WIDE


def test_a_font_of_one_form_is_left_alone(tmp_path: Path) -> None:
    pen = tiny_pen(tmp_path, None)
    assert pen.length("HI") == 60 + WIDE


def test_a_form_that_the_font_lacks_is_not_asked_for(tmp_path: Path) -> None:
    pen = tiny_pen(tmp_path, {"crossbar": "I", "plain": "i"})
    assert pen.length("HI") == 60 + WIDE


@pytest.mark.parametrize("letter_i", ["l", {"plain": "l"}, {"crossbar": "I", "plain": "no"}, {"crossbar": 1}, None])
def test_a_manifest_that_tells_nonsense_of_the_letter_is_refused(tmp_path: Path, letter_i: Any) -> None:
    tiny_pen(tmp_path, {"crossbar": "I", "plain": "l"})
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    manifest["fonts"][0]["letter_i"] = letter_i
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(FontBookError, match="manifest entry"):
        FontBook(tmp_path)


def test_an_accent_stays_on_the_plain_form() -> None:
    assert LetterI("I", "l").set_as("Í", plain=True) == ("l\u0301", None)
    assert LetterI("I", "l").set_as("Í", plain=False) == ("Í", None)


def test_the_dialogue_font_has_a_plain_stroke() -> None:
    pen = Pen(FontBook(FONTS).chain("dialogue", "en"), SIZE, language="en")
    alone, inside = (ink_of(SetLine(text, 0, 0, pen.length(text)), pen) for text in ("I", "HIH"))
    top_row = np.flatnonzero(inside.mask[3] > 128)
    assert pen.length("HIH") - pen.length("HH") < 0.7 * pen.length("I")
    assert alone.box.width > 2 * 0.1 * SIZE
    assert len(top_row) < 0.45 * inside.box.width  # no crossbar between the stems of the two H
