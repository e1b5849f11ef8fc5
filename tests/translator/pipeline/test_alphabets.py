"""A source language allows its own characters, and an unknown one is refused by name."""

from __future__ import annotations

import pytest

from translator.pipeline.alphabets import LANGUAGES, UnknownAlphabetError, allowed

CHARACTERS = tuple("あア漢们氣абґΩ한A9é！…‼ー─━")


@pytest.mark.parametrize(
    ("language", "kept", "dropped"),
    [
        ("ja", "あア漢氣A9！…‼ー─", "们абґΩ한é━"),
        ("zh", "漢们氣A9！…‼ー", "あアабΩ한━"),
        ("zh-Hant", "漢氣A9！…", "あア们а한"),
        ("en", "A9é！…‼", "あア漢们氣а한"),
    ],
)
def test_a_language_keeps_its_own_characters(language: str, kept: str, dropped: str) -> None:
    found = allowed(language, CHARACTERS)
    assert set(kept) <= found
    assert not set(dropped) & found


@pytest.mark.parametrize("language", ["ko", "", "JA", "jp"])
def test_another_language_is_refused_and_told_which_can_be_read(language: str) -> None:
    with pytest.raises(UnknownAlphabetError, match=", ".join(LANGUAGES)):
        allowed(language, CHARACTERS)
