"""``fukidashi series memory``: the sentences of a series that are translated already."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from contract.errors import BadMessage
from contract.memory import parse_memory, parts_of
from fukidashi import __version__
from fukidashi.client import Client
from fukidashi.errors import BadAnswer, BadInput, UsageError
from fukidashi.memory import LocalMemory, read_bytes, updates_of
from fukidashi.operations import MemoryChange
from fukidashi.series_verbs import Verbs, add_verb, kind_of, save, say, tag, write
from fukidashi.tmx import Tmx, read_tmx, write_tmx

_ENTRIES_AT_ONCE = 10_000


def add_verbs(verbs: Verbs) -> None:
    """Adds the verbs to a parser."""
    imported = add_verb(verbs, "import", _import_memory, "merge a translation memory (.tmx or .json)")
    exported = add_verb(verbs, "export", _export_memory, "write the memory as .tmx or .json")
    for one in (imported, exported):
        one.add_argument("file", type=Path, metavar="FILE")
        one.add_argument("--from", type=tag, dest="source", metavar="LANG", help="of a .tmx: the source language")
        one.add_argument("--to", type=tag, dest="target", metavar="LANG", help="of a .tmx: the target language")


def _import_memory(options: argparse.Namespace, client: Client) -> None:
    if kind_of(options.file, ".tmx", ".json") == ".json":
        updates = list(updates_of(LocalMemory.read(options.file).document))
    else:
        updates = [_update_of(options)]
    changes = [client.merge_memory(options.series, part) for update in updates for part in _parts(update)]
    total = MemoryChange(*(sum(getattr(one, name) for one in changes) for name in ("added", "changed", "dropped")))
    if options.json:
        write({"schema": 1, "added": total.added, "changed": total.changed, "dropped": total.dropped})
        return
    dropped = f", dropped (of no use for longest): {total.dropped}" if total.dropped else ""
    say(f"sentences new: {total.added}, changed: {total.changed}{dropped}")


def _update_of(options: argparse.Namespace) -> dict[str, Any]:
    try:
        tmx = read_tmx(read_bytes(options.file))
        source, target = _languages(tmx, options)
    except BadInput as error:
        raise BadInput(f"{options.file}: {error}") from None
    pairs = {
        unit.segments[source]: unit.segments[target]
        for unit in tmx.units
        if source in unit.segments and target in unit.segments
    }
    entries = [{"source": text, "target": translation} for text, translation in pairs.items()]
    return {"schema": 1, "source": options.source or source, "target": options.target or target, "entries": entries}


def _languages(tmx: Tmx, options: argparse.Namespace) -> tuple[str, str]:
    """The file's tags for the two languages; where nothing is asked for, the file must leave no choice."""
    source = _tag_in(tmx, options.source or ("" if tmx.source == "*all*" else tmx.source), "--from")
    others = [tag for tag in tmx.languages if tag != source]
    if options.target:
        return source, _tag_in(tmx, options.target, "--to")
    if len(others) != 1:
        raise BadInput(f"it has {', '.join(others) or 'no other language'}: name one with --to")
    return source, others[0]


def _tag_in(tmx: Tmx, wanted: str, option: str) -> str:
    """``ja`` is found as ``JA``, or as ``ja-JP`` where that is the only one."""
    primary = wanted.lower().replace("_", "-")
    exact = [tag for tag in tmx.languages if tag.lower().replace("_", "-") == primary]
    near = [tag for tag in tmx.languages if tag.lower().replace("_", "-").startswith(f"{primary}-")] if primary else []
    found = exact or near
    if len(found) != 1:
        raise BadInput(f"it has {', '.join(tmx.languages) or 'no language'}: name one with {option}")
    return found[0]


def _parts(update: dict[str, Any]) -> list[dict[str, Any]]:
    entries = update["entries"]
    starts = range(0, len(entries), _ENTRIES_AT_ONCE)
    return [{**update, "entries": entries[start : start + _ENTRIES_AT_ONCE]} for start in starts]


def _export_memory(options: argparse.Namespace, client: Client) -> None:
    kind = kind_of(options.file, ".tmx", ".json")
    try:
        document = parse_memory(json.dumps(client.get_memory(options.series).document).encode())
    except BadMessage as error:
        raise BadAnswer(f"the series' memory is none: {error}") from None
    if kind == ".json":
        body = json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
        save(options, body, f"sentences written: {sum(len(part['entries']) for part in parts_of(document))}")
        return
    part = _one_part(document, options)
    pairs = [(entry["source"], entry["target"]) for entry in part["entries"]]
    body = write_tmx(pairs, source=part["source"], target=part["target"], version=__version__)
    save(options, body, f"sentences written: {len(pairs)}")


def _one_part(document: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    asked = {"source": options.source, "target": options.target}
    found = [
        part
        for part in parts_of(document)
        if all(not tag or part[name].lower() == tag.lower() for name, tag in asked.items())
    ]
    if len(found) != 1:
        there = ", ".join(f"{part['source']} to {part['target']}" for part in parts_of(document))
        raise UsageError(f"the memory has {there}: name one with --from and --to")
    return found[0]
