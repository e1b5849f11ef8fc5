"""Replacement tables: what the recognizer always gets wrong in the source, what a publisher always writes differently
in the target.

Patterns run in RE2 (the package google-re2), whose time is linear in the text whatever the pattern: a table from a
stranger cannot hang a page, and no clock decides what a pattern matches, as it would with a time limit. The price: no
look-around, no back-references inside patterns. Both are refused when a table is read, with the name of its file and
entry.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import re2  # type: ignore[import-untyped]

from translator.translation.style import FORMAT, DictionaryError, read_text

_MOST_ENTRIES = 2_000
_LONGEST_PATTERN = 500
_GROWTH, _LEAST_ROOM = 4, 200
"""A text may not grow past so many times its length: tables that feed on their own output end there."""
_MEMORY = 8 << 20
_REFERENCE = re.compile(r"\\(\d|\\)")
_MEMBERS = frozenset({"stage", "languages", "find", "with", "literal", "note"})


class Stage(StrEnum):
    """When an entry is applied."""

    SOURCE = "source"
    """To what was read, before the model sees it."""
    TRANSLATION = "translation"
    """To what the model answered, before it is lettered."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """One entry. ``languages`` empty: any; else primary tags or tags as in ``ja`` or ``zh-Hant``."""

    stage: Stage
    languages: frozenset[str]
    pattern: Any
    """A compiled RE2 pattern."""
    replacement: str

    def serves(self, stage: Stage, tag: str) -> bool:
        names = {tag.lower(), tag.split("-")[0].lower()}
        return self.stage is stage and (not self.languages or bool(self.languages & names))

    def apply(self, text: str) -> str:
        """``text`` with every match replaced; unchanged where it would grow out of all proportion."""
        parts, at = [], 0
        for match in self.pattern.finditer(text):
            parts += [text[at : match.start()], _expanded(self.replacement, match)]
            at = match.end()
        replaced = "".join([*parts, text[at:]])
        return replaced if len(replaced) <= _GROWTH * len(text) + _LEAST_ROOM else text


class Replacements:
    """All tables of a folder ``dict/replacements``: files by their names, entries in their order."""

    def __init__(self, entries: Sequence[Replacement] = ()) -> None:
        self._entries = tuple(entries)

    def __len__(self) -> int:
        return len(self._entries)

    @classmethod
    def load(cls, folder: Path) -> Replacements:
        """Reads ``replacements/*.toml`` below ``folder``. Raises :class:`DictionaryError`."""
        entries: list[Replacement] = []
        for path in sorted((folder / "replacements").glob("*.toml")):
            entries += _table(path, f"replacements/{path.name}")
        return cls(entries)

    def source(self, tag: str) -> Callable[[str], str]:
        """What mends source texts in the language ``tag``."""
        return self._applied(Stage.SOURCE, tag)

    def translation(self, tag: str) -> Callable[[str], str]:
        """What changes translations into the language ``tag``."""
        return self._applied(Stage.TRANSLATION, tag)

    def _applied(self, stage: Stage, tag: str) -> Callable[[str], str]:
        entries = tuple(entry for entry in self._entries if entry.serves(stage, tag))

        def apply(text: str) -> str:
            for entry in entries:
                text = entry.apply(text)
            return text

        return apply


def _table(path: Path, name: str) -> list[Replacement]:
    try:
        document = tomllib.loads(read_text(path, name))
    except tomllib.TOMLDecodeError as error:
        raise DictionaryError(name, "", f"is not TOML: {error}") from None
    if document.get("format") != FORMAT:
        raise DictionaryError(name, "format", f"must be {FORMAT}")
    entries = document.get("replace", [])
    if not isinstance(entries, list):
        raise DictionaryError(name, "replace", "must be tables [[replace]]")
    if len(entries) > _MOST_ENTRIES:
        raise DictionaryError(name, "replace", f"has {len(entries)} entries, at most {_MOST_ENTRIES} are read")
    return [_entry(entry, name, f"replace {number}") for number, entry in enumerate(entries, 1)]


def _entry(entry: Any, file: str, place: str) -> Replacement:
    if not isinstance(entry, Mapping):
        raise DictionaryError(file, place, "must be a table")
    if unknown := set(entry) - _MEMBERS:
        raise DictionaryError(file, place, f"has no member {min(unknown)}")
    try:
        stage = Stage(entry.get("stage", ""))
    except ValueError:
        raise DictionaryError(file, f"{place}, stage", f"must be {' or '.join(Stage)}") from None
    find, replacement = (_text(entry, member, file, place) for member in ("find", "with"))
    literal = entry.get("literal", False)
    if not isinstance(literal, bool):
        raise DictionaryError(file, f"{place}, literal", "must be true or false")
    pattern = _compiled(re2.escape(find) if literal else find, file, f"{place}, find")
    _check_references(replacement, pattern.groups, file, f"{place}, with")
    return Replacement(stage, _languages(entry, file, place), pattern, replacement)


def _text(entry: Mapping[str, Any], member: str, file: str, place: str) -> str:
    value = entry.get(member)
    if not isinstance(value, str):
        raise DictionaryError(file, f"{place}, {member}", "must be a text")
    if len(value) > _LONGEST_PATTERN:
        raise DictionaryError(file, f"{place}, {member}", f"has more than {_LONGEST_PATTERN} characters")
    return value


def _languages(entry: Mapping[str, Any], file: str, place: str) -> frozenset[str]:
    value = entry.get("languages", [])
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise DictionaryError(file, f"{place}, languages", "must be a list of language tags")
    return frozenset(tag.lower() for tag in value)


def _compiled(pattern: str, file: str, place: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        detail = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise DictionaryError(file, place, f"is no RE2 pattern: {detail}") from None
    if compiled.search("") is not None:
        raise DictionaryError(file, place, "matches the empty text")
    return compiled


def _check_references(replacement: str, groups: int, file: str, place: str) -> None:
    for match in re.finditer(r"\\(.?)", replacement):
        if match[1] not in ("\\", *"123456789"):
            raise DictionaryError(file, place, rf"knows only \1 to \9 and \\, not \{match[1]}")
    for match in _REFERENCE.finditer(replacement):
        if match[1].isdigit() and int(match[1]) > groups:
            raise DictionaryError(file, place, f"names group {match[1]}, and the pattern has {groups}")


def _expanded(replacement: str, match: Any) -> str:
    return _REFERENCE.sub(lambda one: "\\" if one[1] == "\\" else (match[int(one[1])] or ""), replacement)
