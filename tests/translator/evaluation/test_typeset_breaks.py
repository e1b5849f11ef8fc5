"""What is a hyphen of the text, what a divided word, and what a broken one."""

from __future__ import annotations

import pytest

from translator.evaluation.typeset_breaks import Breaks, breaks_of


@pytest.mark.parametrize(
    ("text", "lines", "hyphens", "broken"),
    [
        ("I thought so.", ["I THOUGHT", "SO."], 0, 0),
        ("Aikawa-san?", ["AIKAWA-", "SAN?"], 0, 0),
        ("Recommendation!", ["RECOMMEN-", "DATION!"], 1, 0),
        ("Recommendation!", ["RECOM-", "MEN-", "DATION!"], 2, 0),
        ("Recommendation!", ["RECOMMEN", "DATION!"], 0, 1),
        ("Wait...what", ["WAIT...", "WHAT"], 0, 0),
        ("Don’t", ["DON’", "T"], 0, 0),
        ("Größe", ["GRÖS-", "SE"], 1, 0),
        ("well—no", ["WELL—", "NO"], 0, 0),
        ("either/or", ["EITHER/", "OR"], 0, 0),
        ("?", ["?"], 0, 0),
    ],
)
def test_line_ends_inside_words_are_counted(text: str, lines: list[str], hyphens: int, broken: int) -> None:
    assert breaks_of(text, lines, target="en") == Breaks(hyphens, broken)


@pytest.mark.parametrize(
    ("target", "lines"), [("ja", ["飛び", "ます"]), ("zh-Hant", ["飛び", "ます"]), ("th", ["飛び", "ます"])]
)
def test_a_script_without_spaces_may_break_anywhere(target: str, lines: list[str]) -> None:
    assert breaks_of("飛びます", lines, target=target) == Breaks()


@pytest.mark.parametrize("lines", [["HELLO"], ["HELLO", "WORLDS"], [], ["HELLO", "W0RLD"]])
def test_lines_that_are_not_the_text_are_no_answer(lines: list[str]) -> None:
    assert breaks_of("Hello world", lines, target="en") is None
