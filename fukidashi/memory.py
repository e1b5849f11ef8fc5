"""Translation memories as files, and how they reach the server: merged, or in place of what a series has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.errors import BadMessage
from contract.memory import parse_memory, parts_of
from fukidashi.client import AsyncClient
from fukidashi.errors import BadInput, NotFound
from fukidashi.operations import MemoryChange

MAX_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class LocalMemory:
    """A memory file of the user's, parsed and checked."""

    path: Path
    document: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> LocalMemory:
        """Raises :class:`BadInput` where it is no memory."""
        try:
            return cls(path, parse_memory(read_bytes(path)))
        except BadMessage as error:
            raise BadInput(f"{path} is no translation memory: {error}") from None

    @property
    def series_id(self) -> str:
        """For a chapter without a series: named after the content, so that the same memory is stored once."""
        canonical = json.dumps(self.document, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return f"memory-{hashlib.sha256(canonical).hexdigest()[:24]}"


def read_bytes(path: Path) -> bytes:
    """A file that a person gave. Raises :class:`BadInput`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path} is larger than {MAX_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None


def updates_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A checked memory, a document for each of its language pairs, as they are merged."""
    for part in parts_of(document):
        entries = [{"source": entry["source"], "target": entry["target"]} for entry in part["entries"]]
        if entries:
            yield {"schema": 1, "source": part["source"], "target": part["target"], "entries": entries}


async def send_memory(
    client: AsyncClient, series_id: str, memory: LocalMemory, *, replace: bool
) -> tuple[MemoryChange, ...]:
    """Merges ``memory`` into the series', where its wording counts; ``replace`` puts it in that one's place.

    What the series has besides, of chapters before and of other people, is lost only if asked.
    """
    if not replace:
        return tuple([await client.merge_memory(series_id, update) for update in updates_of(memory.document)])
    try:
        etag = (await client.get_memory(series_id)).etag
    except NotFound:
        etag = None
    await client.put_memory(series_id, memory.document, etag=etag)
    return ()
