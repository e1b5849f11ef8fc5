"""A series' translation memory: the document ``memory.json``, and how pairs are merged into it.

The first language pair stands at the top (``source``, ``target``, ``entries``), those of other jobs of the series in
``also``. An entry is ``{"source", "target"}`` with, if it was learned, ``"origin": "model"`` and ``"at"``: when it was
last of use, in unix seconds. What a document has besides is left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields, load_object
from contract.source_form import exact_form
from contract.tag import check_tag

SCHEMA = 1
MAX_ENTRIES = 50_000
MAX_TEXT = 2_000
MAX_BYTES = 8_000_000
_MAX_PAIRS_OF_LANGUAGES = 32
_CROWDED = 0.5
"""From this share of its bounds on, a memory notes which of its entries are of use, so that the others can go."""


class PairOrigin(StrEnum):
    """Who made a translation. A person's is never replaced or dropped for a model's."""

    USER = "user"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Pair:
    """A source text and its translation."""

    source: str
    target: str
    origin: PairOrigin = PairOrigin.USER

    @classmethod
    def from_json(cls, value: Any, path: str) -> Pair:
        fields = Fields(value, path)
        return cls(
            source=_words(fields, "source"),
            target=_words(fields, "target"),
            origin=fields.choice("origin", PairOrigin, default=PairOrigin.USER),
        )

    def to_json(self) -> dict[str, str]:
        document = {"source": self.source, "target": self.target}
        return document if self.origin is PairOrigin.USER else {**document, "origin": self.origin.value}


@dataclass(frozen=True, slots=True)
class MemoryUpdate:
    """Pairs to merge into a memory; ``used`` are source texts of it that were of use."""

    source: str
    target: str
    pairs: tuple[Pair, ...] = ()
    used: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Any, path: str = "") -> MemoryUpdate:
        """A memory document of one language pair, as an update. Raises :class:`BadMessage`."""
        fields = Fields(value, path)
        fields.only("schema", "source", "target", "entries")
        if fields.integer("schema") != SCHEMA:
            raise BadMessage(fields.at("schema"), f"not {SCHEMA}")
        pairs = fields.list("entries", Pair.from_json)
        if len(pairs) > MAX_ENTRIES:
            raise BadMessage(fields.at("entries"), f"more than {MAX_ENTRIES} entries")
        return cls(check_tag(fields, "source"), check_tag(fields, "target"), pairs)


@dataclass(frozen=True, slots=True)
class Merged:
    """A memory after a merge. ``document`` is None where nothing has changed; ``dropped`` made room."""

    document: dict[str, Any] | None
    added: int = 0
    changed: int = 0
    dropped: int = 0


def parse_memory(body: bytes) -> dict[str, Any]:
    """A memory document, checked. Raises :class:`BadMessage`, naming the field."""
    document = load_object(body)
    fields = Fields(document)
    if fields.integer("schema") != SCHEMA:
        raise BadMessage("schema", f"not {SCHEMA}")
    count = _check_part(document, "")
    also = document.get("also", [])
    if not isinstance(also, list) or len(also) >= _MAX_PAIRS_OF_LANGUAGES:
        raise BadMessage("also", f"not a list of at most {_MAX_PAIRS_OF_LANGUAGES - 1} language pairs")
    count += sum(_check_part(part, f"also[{index}]") for index, part in enumerate(also))
    if count > MAX_ENTRIES:
        raise BadMessage("entries", f"{count} entries, at most {MAX_ENTRIES} are kept")
    return document


def parts_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of a checked memory, each with ``source``, ``target`` and ``entries``."""
    yield document
    yield from document.get("also", [])


def dump_memory(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def merge_memory(document: dict[str, Any] | None, update: MemoryUpdate, *, at: int) -> Merged:
    """``update`` merged into a checked memory (``None``: there is none yet), which is not changed itself.

    A person's pair replaces what is there; a model's only fills a gap, so that whichever of two chapters comes first,
    the series keeps one wording. The same update again changes nothing. Above the bounds, the model's entries that
    were of no use for longest go first.
    """
    fresh = document is None
    whole = _copy(document) if document is not None else _empty(update.source, update.target)
    part = _part(whole, update)
    merge = _Merge(part["entries"], at)
    for pair in update.pairs:
        merge.take(pair)
    if _is_crowded(whole):
        for source in update.used:
            merge.touch(source)
    if not (merge.added or merge.changed or merge.touched) or (fresh and not part["entries"]):
        return Merged(None)
    return Merged(whole, merge.added, merge.changed, _make_room(whole))


class _Merge:
    """One part's entries, found by the form of their source."""

    def __init__(self, entries: list[dict[str, Any]], at: int) -> None:
        self._entries, self._at = entries, at
        # The later entry of a text corrects the earlier one.
        self._index = {exact_form(entry["source"]): place for place, entry in enumerate(entries)}
        self.added = self.changed = self.touched = 0

    def take(self, pair: Pair) -> None:
        form = exact_form(pair.source)
        place = self._index.get(form)
        if place is None:
            self._index[form] = len(self._entries)
            self._entries.append({**pair.to_json(), "at": self._at})
            self.added += 1
        elif pair.origin is PairOrigin.USER and not _is_said(self._entries[place], pair):
            known = {name: value for name, value in self._entries[place].items() if name != "origin"}
            self._entries[place] = {**known, "target": pair.target, "at": max(self._at, known.get("at", 0))}
            self.changed += 1

    def touch(self, source: str) -> None:
        place = self._index.get(exact_form(source))
        if place is not None and self._entries[place].get("at", 0) < self._at:
            self._entries[place] = {**self._entries[place], "at": self._at}
            self.touched += 1


def _is_said(entry: dict[str, Any], pair: Pair) -> bool:
    """Whether a person has said the same already."""
    return entry["target"] == pair.target and not _is_models(entry)


def _is_models(entry: dict[str, Any]) -> bool:
    return entry.get("origin") == PairOrigin.MODEL.value


def _copy(document: dict[str, Any]) -> dict[str, Any]:
    copy = {**document, "entries": list(document["entries"])}
    if "also" in document:
        copy["also"] = [{**part, "entries": list(part["entries"])} for part in document["also"]]
    return copy


def _empty(source: str, target: str) -> dict[str, Any]:
    return {"schema": SCHEMA, "source": source, "target": target, "entries": []}


def _part(whole: dict[str, Any], update: MemoryUpdate) -> dict[str, Any]:
    wanted = (update.source.lower(), update.target.lower())
    for part in parts_of(whole):
        if (part["source"].lower(), part["target"].lower()) == wanted:
            return part
    part = {"source": update.source, "target": update.target, "entries": []}
    if update.pairs:
        whole.setdefault("also", []).append(part)
    return part


def _is_crowded(whole: dict[str, Any]) -> bool:
    entries = sum(len(part["entries"]) for part in parts_of(whole))
    # About what an entry takes: three bytes a character of Japanese.
    return entries > _CROWDED * MAX_ENTRIES or (entries > 10_000 and len(dump_memory(whole)) > _CROWDED * MAX_BYTES)


def _make_room(whole: dict[str, Any]) -> int:
    """Drops what is over the bounds; how many entries."""
    count = sum(len(part["entries"]) for part in parts_of(whole))
    dropped = _drop(whole, count - MAX_ENTRIES)
    while len(dump_memory(whole)) > MAX_BYTES:
        dropped += _drop(whole, max(1, (count - dropped) // 20))
    return dropped


def _drop(whole: dict[str, Any], count: int) -> int:
    if count <= 0:
        return 0
    placed = [(part, entry) for part in parts_of(whole) for entry in part["entries"]]
    placed.sort(key=lambda one: (not _is_models(one[1]), one[1].get("at", 0)))
    gone = {id(entry) for _, entry in placed[:count]}
    for part in parts_of(whole):
        part["entries"] = [entry for entry in part["entries"] if id(entry) not in gone]
    return len(gone)


def _check_part(value: Any, path: str) -> int:
    fields = Fields(value, path)
    check_tag(fields, "source")
    check_tag(fields, "target")
    entries = value.get("entries")
    if not isinstance(entries, list):
        raise BadMessage(fields.at("entries"), "not a list")
    for index, entry in enumerate(entries):
        _check_entry(entry, fields.at("entries"), index)
    return len(entries)


def _check_entry(entry: Any, place: str, index: int) -> None:
    """By hand, for there may be 50,000 of them."""
    if not isinstance(entry, dict):
        raise BadMessage(f"{place}[{index}]", "not an object")
    for name in ("source", "target"):
        text = entry.get(name)
        if not isinstance(text, str) or not text.strip():
            raise BadMessage(f"{place}[{index}].{name}", "not a text, or blank")
        if len(text) > MAX_TEXT:
            raise BadMessage(f"{place}[{index}].{name}", f"longer than {MAX_TEXT} characters")
    at = entry.get("at", 0)
    if isinstance(at, bool) or not isinstance(at, int) or at < 0:
        raise BadMessage(f"{place}[{index}].at", "not a time in seconds")


def _words(fields: Fields, name: str) -> str:
    text = fields.text(name, longest=MAX_TEXT)
    if not text.strip():
        raise BadMessage(fields.at(name), "blank")
    return text
