"""The font folder is whole, and each language and role finds its font."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from pathlib import Path

import pytest

from translator.pipeline.fonts import FontBook, FontBookError, script_of

FONTS = Path(__file__).parents[3] / "fonts"
ENTRIES = json.loads((FONTS / "manifest.json").read_text(encoding="utf-8"))["fonts"]


@pytest.fixture(scope="module")
def book() -> FontBook:
    return FontBook(FONTS)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_each_font_is_the_file_that_the_manifest_names(entry: dict[str, object]) -> None:
    data = (FONTS / str(entry["file"])).read_bytes()
    assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    assert len(data) == entry["bytes"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_each_font_brings_its_free_licence(entry: dict[str, object]) -> None:
    licence = (FONTS / str(entry["license_file"])).read_text(encoding="utf-8")
    assert entry["license"] == "OFL-1.1"
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert str(entry["copyright"]) in licence


def test_no_font_file_is_left_out_of_the_manifest_and_all_stay_small() -> None:
    files = {path.name for path in FONTS.iterdir() if path.suffix in (".otf", ".ttf", ".ttc")}
    assert files == {entry["file"] for entry in ENTRIES}
    assert sum((FONTS / name).stat().st_size for name in files) < 12_000_000


@pytest.mark.parametrize(
    ("target", "sample"),
    [
        ("en", "“IT’S—WHAT?!” 0123456789 & ‘NO’..."),
        ("fr", "ÇA ÉTÉ GARÇON ŒUVRE À DÉJÀ NOËL"),
        ("de", "ÄÖÜ ẞ STRASSE"),
        ("pl", "ZAŻÓŁĆ GĘŚLĄ JAŹŃ"),
        ("tr", "İĞÜŞÖÇ ığüşöç"),
        ("vi", "TIẾNG VIỆT RẤT ĐẸP, ƯỚC MƠ"),
        ("ru", "СЪЕШЬ ЕЩЁ ЭТИХ МЯГКИХ БУЛОК"),
        ("uk", "ЇЖАК ҐАНОК ЄВРОПА"),
        ("ja", "かなカナ漢字、々〜ー…「」！？齋鬱"),
        ("zh-CN", "汉语这边们，。！？《》“”……"),
        ("zh-TW", "漢語這邊們，。！？「」"),
        ("ko", "한국어는 재미있습니다! 뷁?"),
        ("th", "น้ำใจไม่มีวันหมดหรอก! “ใช่” ๑๒๓ ... OK?"),
        ("ar", "ماذا تفعل؟ لا، أبدًا! ١٢٣ (OK) “نعم”"),
        ("he", "מה אתה עושה? לא, אף פעם! (OK) 123 ״כן״"),
        ("el", "ΔΕΝ ΞΕΡΩ ΤΙ ΝΑ ΚΑΝΩ; ΜΑΪΟΥ"),
    ],
)
def test_each_supported_language_has_all_its_glyphs(book: FontBook, target: str, sample: str) -> None:
    missing = book.chain("dialogue", target).missing(sample)
    assert missing == ""


def characters(codec: str, leads: range) -> str:
    """The ideographs and syllables of a double-byte character set."""
    pairs = (bytes((lead, trail)) for lead in leads for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    found = (pair.decode(codec, "ignore") for pair in pairs)
    return "".join(char for char in found if len(char) == 1 and unicodedata.name(char).startswith(("CJK", "HANGUL")))


@pytest.mark.parametrize("role", ["dialogue", "narration", "thought", "shout", "sfx", "sign", "page_number"])
@pytest.mark.parametrize(
    ("target", "codec", "leads", "count"),
    [
        ("zh-Hans", "gb2312", range(0xB0, 0xF8), 6763),
        ("zh-Hant", "big5", range(0xA4, 0xFA), 13_053),
        ("ja", "euc_jp", range(0xB0, 0xF5), 6355),
        ("ko", "euc_kr", range(0xB0, 0xC9), 2350),
    ],
)
def test_every_role_has_all_letters_of_the_national_standards(
    book: FontBook, role: str, target: str, codec: str, leads: range, count: int
) -> None:
    letters = characters(codec, leads)
    assert len(set(letters)) == count
    assert book.chain(role, target).missing(letters) == ""


def test_korean_has_every_syllable(book: FontBook) -> None:
    assert book.chain("dialogue", "ko").missing("".join(map(chr, range(0xAC00, 0xD7A4)))) == ""


@pytest.mark.parametrize(
    ("role", "target", "name"),
    [
        ("dialogue", "en", "Comic Neue Bold"),
        ("thought", "en", "Comic Neue Bold Italic"),
        ("sfx", "en", "Bangers"),
        ("dialogue", "vi", "Shantell Sans SemiBold"),
        ("dialogue", "ru", "Shantell Sans SemiBold"),
        ("dialogue", "ja", "M PLUS 1 Bold"),
        ("thought", "zh-Hant", "Noto Sans CJK SC Bold"),
        ("dialogue", "ko", "Noto Sans CJK SC Bold"),
        ("dialogue", "th", "Mali Bold"),
        ("narration", "ar", "Baloo Bhaijaan 2 Bold"),
        ("thought", "he", "Fredoka SemiBold"),
        ("dialogue", "el", "Comic Relief Bold"),
    ],
)
def test_role_and_language_decide_the_font(book: FontBook, role: str, target: str, name: str) -> None:
    assert book.chain(role, target).first.name == name


def test_a_role_that_no_font_names_still_has_one(book: FontBook) -> None:
    assert "dialogue" in book.chain("whispered", "en").first.roles


def test_a_character_of_another_script_is_set_by_another_font(book: FontBook) -> None:
    runs = [(face.name, run) for face, run in book.chain("dialogue", "en").runs("GO 東京 NOW")]
    assert runs == [("Comic Neue Bold", "GO "), ("M PLUS 1 Bold", "東京 "), ("Comic Neue Bold", "NOW")]


def test_a_character_that_no_font_has_is_named_and_never_drawn(book: FontBook) -> None:
    chain = book.chain("dialogue", "en")
    assert chain.missing("A\U0001f600B\U0001f600ᚠ") == "\U0001f600ᚠ"
    assert "".join(run for _, run in chain.runs("A\U0001f600B")) == "AB"


@pytest.mark.parametrize(
    ("tag", "script"),
    [
        ("en", "Latn"),
        ("pt-BR", "Latn"),
        ("zh", "Hans"),
        ("zh-TW", "Hant"),
        ("zh-Hant-HK", "Hant"),
        ("zh_CN", "Hans"),
        ("JA", "Jpan"),
        ("xx", "Latn"),
    ],
)
def test_a_language_tag_tells_the_script(tag: str, script: str) -> None:
    assert script_of(tag) == script


def test_a_folder_without_a_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FontBookError, match=r"manifest\.json"):
        FontBook(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"fonts": []}', '{"fonts": [{"name": "x"}]}', '{"fonts": 3}'])
def test_a_broken_manifest_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(FontBookError):
        FontBook(tmp_path)


def test_a_font_that_is_missing_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"fonts": ENTRIES[:1]}), encoding="utf-8")
    with pytest.raises(FontBookError, match=ENTRIES[0]["file"]):
        FontBook(tmp_path)
