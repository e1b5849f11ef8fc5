"""TMX files are read without trusting them, and what is written is read again."""

from __future__ import annotations

import pytest

from fukidashi.errors import BadInput
from fukidashi.tmx import MAX_SEGMENT, read_tmx, write_tmx

HEAD = '<?xml version="1.0"?><tmx version="1.4"><header srclang="ja"/><body>'
TAIL = "</body></tmx>"


def tmx(*units: str) -> bytes:
    return f"{HEAD}{''.join(units)}{TAIL}".encode()


def unit(source: str, target: str) -> str:
    return f'<tu><tuv xml:lang="ja"><seg>{source}</seg></tuv><tuv xml:lang="en"><seg>{target}</seg></tuv></tu>'


def test_what_is_written_is_read_again() -> None:
    pairs = [("夢\nを見た", "I had a\ndream"), ("A & B <C>", "\"quoted\" & 'so'"), ("]]>", "&amp;")]
    read = read_tmx(write_tmx(pairs, source="ja", target="zh-Hant", version="1"))
    assert read.source == "ja"
    assert [(one.segments["ja"], one.segments["zh-Hant"]) for one in read.units] == pairs


def test_what_xml_cannot_hold_is_left_out() -> None:
    read = read_tmx(write_tmx([("a\x00b\x1fc\ufffe", "d\ud800e")], source="ja", target="en", version="1"))
    assert read.units[0].segments == {"ja": "abc", "en": "de"}


def test_codes_of_other_programs_are_no_part_of_a_text() -> None:
    body = tmx(unit('<bpt i="1">{\\b </bpt>夢<ept i="1">}</ept><hi>だ</hi>', "a <ph>%s</ph>dream"))
    assert read_tmx(body).units[0].segments == {"ja": "夢だ", "en": "a dream"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_other_programs_come_in_these_encodings(encoding: str) -> None:
    declared = "UTF-16" if encoding == "utf-16" else "UTF-8"
    text = tmx(unit("夢", "a dream")).decode().replace('"1.0"?', f'"1.0" encoding="{declared}"?')
    assert read_tmx(text.encode(encoding)).units[0].segments["ja"] == "夢"


def test_a_doctype_is_read_over_and_nothing_is_fetched() -> None:
    body = tmx(unit("夢", "a dream")).replace(b"?>", b'?><!DOCTYPE tmx SYSTEM "http://127.0.0.1:1/tmx14.dtd">')
    assert len(read_tmx(body).units) == 1


def test_older_files_name_the_language_otherwise() -> None:
    assert read_tmx(tmx(unit("夢", "a dream")).replace(b"xml:lang", b"lang")).languages == ("ja", "en")


@pytest.mark.parametrize(
    "units",
    [
        ['<tu><tuv xml:lang="ja"><seg>夢</seg></tuv></tu>'],
        [unit("", "a dream")],
        [unit("  ", "a dream")],
        [unit("夢", "x" * (MAX_SEGMENT + 1))],
    ],
    ids=["one language", "empty", "blank", "too long"],
)
def test_a_unit_that_is_of_no_use_is_left_out(units: list[str]) -> None:
    assert read_tmx(tmx(*units)).units == ()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "not XML"),
        (b"\x00\x01", "not XML"),
        (b"<tmx><body>", "not XML"),
        (b"<html/>", "not <tmx>"),
        (b'<?xml version="1.0" encoding="no-such"?><tmx/>', "not "),
        (b"<tmx>" + b"<a>" * 40 + b"</a>" * 40 + b"</tmx>", "deep"),
        (b'<!DOCTYPE tmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><tmx>&b;</tmx>', "entities"),
        (b'<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]><tmx><body>&x;</body></tmx>', "entities"),
        (b'<!DOCTYPE tmx [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><tmx/>', "entities"),
        (b"<tmx>&undefined;</tmx>", "not XML"),
    ],
)
def test_what_is_no_tmx_or_means_harm_is_refused(body: bytes, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        read_tmx(body)
