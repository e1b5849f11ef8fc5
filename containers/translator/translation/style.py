"""The dictionaries' prose: how a page is translated, into which language, in which style. Read once, then immutable.

A file is a TOML head between two lines ``+++`` and Markdown below it; ``dict/README.md`` says what stands in them.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from translator.translation.scripts import SCRIPTS

FORMAT = 1
ANY_LANGUAGE = "und"
"""The file that stands in for a target language without one of its own."""
_LARGEST_FILE = 100_000
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_KNOWN_PLACEHOLDERS = frozenset({"source", "target"})
_SCRIPT_OF_REGION = {"cn": "hans", "sg": "hans", "my": "hans", "tw": "hant", "hk": "hant", "mo": "hant"}


class DictionaryError(Exception):
    """A file of the dictionaries that cannot be used. ``file`` is its name below the folder, ``place`` the member."""

    def __init__(self, file: str, place: str, detail: str) -> None:
        super().__init__(f"dict/{file}: {place}: {detail}" if place else f"dict/{file}: {detail}")
        self.file, self.place, self.detail = file, place, detail


@dataclass(frozen=True, slots=True)
class Language:
    """How one target language is lettered. ``scripts`` empty: what it is written in is not checked.

    ``expansion`` is how many characters a translation may have for each of the source, beyond a constant.
    """

    tag: str
    name: str
    version: str
    scripts: frozenset[str]
    expansion: float
    rules: str


@dataclass(frozen=True, slots=True)
class Style:
    """What one job is told, whatever the page: ``system`` is the same for all of its calls."""

    source: str
    target: str
    system: str
    language: Language

    @property
    def version(self) -> str:
        """Changes with every word of it."""
        return hashlib.sha256(self.system.encode()).hexdigest()[:16]


class StyleBook:
    """All prompts of a folder ``dict``."""

    def __init__(self, base: str, languages: Mapping[str, Language], styles: Mapping[str, str]) -> None:
        self._base, self._languages, self._styles = base, dict(languages), dict(styles)

    @classmethod
    def load(cls, folder: Path) -> StyleBook:
        """Reads ``prompts/``, ``languages/`` and ``styles/``. Raises :class:`DictionaryError`."""
        base = _read(folder, folder / "prompts" / "translate.md")[1]
        languages = [_language(folder, path) for path in sorted((folder / "languages").glob("*.md"))]
        by_tag = {language.tag.lower(): language for language in languages}
        if ANY_LANGUAGE not in by_tag:
            raise DictionaryError(f"languages/{ANY_LANGUAGE}.md", "", "is missing")
        styles = {path.stem: _style(folder, path) for path in sorted((folder / "styles").glob("*.md"))}
        return cls(base, by_tag, styles)

    @property
    def languages(self) -> tuple[str, ...]:
        """The tags that have rules of their own."""
        return tuple(sorted(language.tag for tag, language in self._languages.items() if tag != ANY_LANGUAGE))

    @property
    def styles(self) -> tuple[str, ...]:
        return tuple(sorted(self._styles))

    def language(self, tag: str) -> Language:
        """The rules for a BCP 47 tag: of ``zh-TW`` those of ``zh-Hant``, of ``pt-BR`` those of ``pt``."""
        wanted = tag.replace("_", "-").lower()
        primary, *rest = wanted.split("-")
        script = next((_SCRIPT_OF_REGION.get(part, part) for part in rest if part in _CHINESE), "hans")
        names = (wanted, f"{primary}-{script}", primary, ANY_LANGUAGE)
        return next(self._languages[name] for name in names if name in self._languages)

    def are_one(self, one: str, other: str) -> bool:
        """Whether two tags name the same language in the same script."""
        same_primary = one.split("-")[0].lower() == other.split("-")[0].lower()
        return same_primary and self.language(one).tag == self.language(other).tag

    def style(self, *, source: str, target: str, styles: Sequence[str] = ()) -> Style:
        """The instructions for a pair of languages. Raises :class:`DictionaryError` for a style that is not there."""
        for name in styles:
            if name not in self._styles:
                known = ", ".join(self.styles) or "none"
                raise DictionaryError(f"styles/{name}.md", "", f"is missing; there are: {known}")
        language = self.language(target)
        names = {"source": self._name(source), "target": self._name(target)}
        parts = [self._base, language.rules, *(self._styles[name] for name in styles)]
        system = "\n\n".join(_PLACEHOLDER.sub(lambda match: names[match[1]], part) for part in parts)
        return Style(source, target, system, language)

    def _name(self, tag: str) -> str:
        language = self.language(tag)
        return f"the language {tag}" if language.tag == ANY_LANGUAGE else language.name


_CHINESE = frozenset({"hans", "hant", *_SCRIPT_OF_REGION})


def _language(folder: Path, path: Path) -> Language:
    head, body = _read(folder, path)
    name = _name_of(folder, path)
    tag = _text(head, "tag", name)
    if tag != path.stem:
        raise DictionaryError(name, "tag", f"is {tag}, which is not the file's name")
    return Language(
        tag=tag,
        name=_text(head, "name", name),
        version=_text(head, "version", name),
        scripts=_scripts(head, name),
        expansion=_number(head, "expansion", name),
        rules=body,
    )


def _style(folder: Path, path: Path) -> str:
    head, body = _read(folder, path)
    for member in ("title", "version"):
        _text(head, member, _name_of(folder, path))
    return body


def _read(folder: Path, path: Path) -> tuple[Mapping[str, Any], str]:
    """A file's head and body."""
    name = _name_of(folder, path)
    head, body = _split(read_text(path, name), name)
    try:
        members = tomllib.loads(head)
    except tomllib.TOMLDecodeError as error:
        raise DictionaryError(name, "head", f"is not TOML: {error}") from None
    if members.get("format") != FORMAT or members.get("format") is True:
        raise DictionaryError(name, "format", f"must be {FORMAT}")
    for match in _PLACEHOLDER.finditer(body):
        if match[1] not in _KNOWN_PLACEHOLDERS:
            raise DictionaryError(name, match[0], f"is not one of {', '.join(sorted(_KNOWN_PLACEHOLDERS))}")
    return members, body


def read_text(path: Path, name: str) -> str:
    """A file of the dictionaries. Raises :class:`DictionaryError`; ``name`` is what errors call it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DictionaryError(name, "", f"cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST_FILE:
        raise DictionaryError(name, "", f"has {len(data)} bytes, at most {_LARGEST_FILE} are read")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise DictionaryError(name, "", "is not UTF-8") from None


def _split(text: str, name: str) -> tuple[str, str]:
    lines = text.split("\n")
    if lines[0].strip() != "+++" or "+++" not in (line.strip() for line in lines[1:]):
        raise DictionaryError(name, "head", "does not stand between two lines +++")
    end = next(i for i, line in enumerate(lines) if i and line.strip() == "+++")
    body = "\n".join(lines[end + 1 :]).strip()
    if not body:
        raise DictionaryError(name, "body", "is empty")
    return "\n".join(lines[1:end]), body


def _name_of(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _text(head: Mapping[str, Any], member: str, file: str) -> str:
    value = head.get(member)
    if not isinstance(value, str) or not value.strip():
        raise DictionaryError(file, member, "must be a text")
    return value.strip()


def _number(head: Mapping[str, Any], member: str, file: str) -> float:
    value = head.get(member)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.5 <= value <= 50:
        raise DictionaryError(file, member, "must be a number from 0.5 to 50")
    return float(value)


def _scripts(head: Mapping[str, Any], file: str) -> frozenset[str]:
    value = head.get("scripts")
    if not isinstance(value, list) or not all(script in SCRIPTS for script in value):
        raise DictionaryError(file, "scripts", f"must be a list of {', '.join(SCRIPTS)}")
    return frozenset(value)
