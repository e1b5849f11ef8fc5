"""The prompts of ``dict/``: those that ship, those that a user adds, and those with mistakes in them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.translator.translation.jobs import DICT
from translator.translation.checks import is_wrong_language
from translator.translation.style import DictionaryError, StyleBook

REQUIRED = ("en", "zh-Hans", "zh-Hant", "ko", "es", "fr", "de", "pt", "ru", "vi", "id", "ar")
BOOK = StyleBook.load(DICT)
HEAD = '+++\nformat = 1\ntag = "nl"\nname = "Dutch"\nversion = "1"\nscripts = ["Latin"]\nexpansion = 5.0\n+++\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the dictionaries that a test may spoil."""
    return shutil.copytree(DICT, tmp_path / "dict")


def test_every_language_that_was_promised_has_rules() -> None:
    assert set(REQUIRED) <= set(BOOK.languages)


@pytest.mark.parametrize("tag", BOOK.languages)
def test_the_rules_of_a_language_are_about_lettering_in_it(tag: str) -> None:
    language = BOOK.language(tag)
    rules = language.rules.lower()
    assert f"lettering in {language.name.split(' (')[0].lower()}" in rules
    assert all(word in rules for word in ("sounds", "stutter", "punctuation", "names"))
    assert re.search(r"honorific|さん", rules)
    assert 1_000 < len(language.rules) < 6_000


@pytest.mark.parametrize("tag", BOOK.languages)
def test_the_native_examples_of_a_language_pass_its_own_check(tag: str) -> None:
    """What the rules give as sounds stands in the language's script, as far as it is quoted without explanations."""
    language = BOOK.language(tag)
    sounds = next(line for line in language.rules.splitlines() if line.startswith("- Sounds"))
    quoted = re.findall(r"[^\s,;:()«»“”\"]+", sounds.partition(":")[2] or sounds.partition("short")[2])
    own = [word for word in quoted if not is_wrong_language(word, "あ", language) and not word.isascii()]
    assert own or language.scripts == {"Latin"}


@pytest.mark.parametrize(
    ("tag", "file"),
    [
        ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh-SG", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"), ("ZH-hans", "zh-Hans"), ("pt-BR", "pt"), ("en-GB", "en"), ("es-419", "es"),
        ("nl", "und"), ("tlh", "und"),
    ],
)  # fmt: skip
def test_a_tag_finds_its_language(tag: str, file: str) -> None:
    assert BOOK.language(tag).tag == file


def test_the_instructions_name_both_languages_and_leave_no_placeholder() -> None:
    for target in (*BOOK.languages, "nl"):
        system = BOOK.style(source="ja", target=target).system
        assert "{{" not in system
        assert f"from Japanese to {BOOK.language(target).name if target != 'nl' else 'the language nl'}" in system


def test_the_version_changes_with_every_word() -> None:
    versions = {BOOK.style(source="ja", target=target).version for target in BOOK.languages}
    versions |= {BOOK.style(source="ja", target="en", styles=(name,)).version for name in BOOK.styles}
    assert len(versions) == len(BOOK.languages) + len(BOOK.styles)


def test_a_user_adds_a_language_and_a_style(folder: Path) -> None:
    (folder / "languages" / "nl.md").write_text(HEAD + "Lettering in Dutch: je, not u.")
    (folder / "styles" / "pirates.md").write_text('+++\nformat = 1\ntitle = "Pirates"\nversion = "1"\n+++\nArr.')
    style = StyleBook.load(folder).style(source="ja", target="nl-BE", styles=("pirates",))
    assert "je, not u." in style.system
    assert style.system.endswith("Arr.")


def test_a_style_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(DictionaryError, match="family-friendly"):
        BOOK.style(source="ja", target="en", styles=("pirates",))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("no head", "head"),
        ("+++\nformat = 1\n", "head"),
        ("+++\nformat = \n+++\nx", "head"),
        (HEAD.replace("format = 1", "format = 2") + "x", "format"),
        (HEAD.replace("format = 1", "format = true") + "x", "format"),
        (HEAD + "  \n", "body"),
        (HEAD.replace('tag = "nl"', 'tag = "de"') + "x", "tag"),
        (HEAD.replace('name = "Dutch"', "name = 3") + "x", "name"),
        (HEAD.replace('["Latin"]', '["Latina"]') + "x", "scripts"),
        (HEAD.replace('["Latin"]', '"Latin"') + "x", "scripts"),
        (HEAD.replace("5.0", "0") + "x", "expansion"),
        (HEAD.replace("5.0", "true") + "x", "expansion"),
        (HEAD + "Hello {{name}}", "{{name}}"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_place(folder: Path, text: str, place: str) -> None:
    (folder / "languages" / "nl.md").write_text(text)
    with pytest.raises(DictionaryError) as caught:
        StyleBook.load(folder)
    assert (caught.value.file, caught.value.place) == ("languages/nl.md", place)


def test_a_file_that_is_no_text_or_too_large_is_an_error(folder: Path) -> None:
    path = folder / "languages" / "nl.md"
    for data in (b"\xff\xfe\x00", b"+++\n" + b"x" * 200_000):
        path.write_bytes(data)
        with pytest.raises(DictionaryError):
            StyleBook.load(folder)


def test_a_folder_without_prompts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DictionaryError, match=r"prompts/translate\.md"):
        StyleBook.load(tmp_path)


def test_the_readme_shows_what_the_loader_takes(folder: Path) -> None:
    text = (DICT / "README.md").read_text(encoding="utf-8")
    block = next(block for block in re.findall(r"```\n(.*?)```", text, re.DOTALL) if block.startswith("+++"))
    (folder / "languages" / "nl.md").write_text(block, encoding="utf-8")
    assert StyleBook.load(folder).language("nl").name == "Dutch"
