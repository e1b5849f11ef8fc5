"""A vertical line: what stands upright in it, what shares a cell, and what is turned."""

from __future__ import annotations

import pytest

from translator.pipeline.columns import Part, Way, parts_of

UP, TOGETHER, TURNED = Way.UPRIGHT, Way.TOGETHER, Way.TURNED


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("こんにちは。", [("こんにちは。", UP)]),
        ("第25話", [("第", UP), ("25", TOGETHER), ("話", UP)]),
        ("第5話", [("第５話", UP)]),
        ("100人", [("100", TOGETHER), ("人", UP)]),
        ("2026年", [("2026", TURNED), ("年", UP)]),
        ("3,000円", [("3,000", TURNED), ("円", UP)]),
        ("3.5倍", [("3.5", TURNED), ("倍", UP)]),
        ("何！？", [("何", UP), ("!?", TOGETHER)]),
        ("何!!", [("何", UP), ("!!", TOGETHER)]),
        ("何！", [("何！", UP)]),
        ("何!", [("何！", UP)]),
        ("何！！！！", [("何！！！！", UP)]),
        ("OKだ", [("ＯＫだ", UP)]),
        ("TVを見る", [("ＴＶを見る", UP)]),
        ("Aさん", [("Ａさん", UP)]),
        ("Tokyoに", [("Tokyo", TURNED), ("に", UP)]),
        ("New Yorkに", [("New York", TURNED), ("に", UP)]),
        ("彼はManga, Inc. 社長", [("彼は", UP), ("Manga, Inc", TURNED), ("． 社長", UP)]),
        ("", []),
    ],
)
def test_a_vertical_line_is_cut_as_a_letterer_would(line: str, parts: list[tuple[str, Way]]) -> None:
    assert list(parts_of(line)) == [Part(text, way) for text, way in parts]
