"""The translation memory that goes with a chapter: where it comes from and how it reaches the server."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.errors import BadMessage
from contract.fields import load_object
from fukidashi.client import AsyncClient
from fukidashi.errors import BadInput, NotFound, UsageError

MAX_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class LocalMemory:
    """A memory file of the user's, parsed."""

    path: Path
    document: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> LocalMemory:
        """Raises :class:`BadInput` where it is no JSON object."""
        try:
            if path.stat().st_size > MAX_BYTES:
                raise BadInput(f"{path} is larger than {MAX_BYTES >> 20} MiB")
            return cls(path, load_object(path.read_bytes()))
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror or error}") from None
        except BadMessage as error:
            raise BadInput(f"{path} is no translation memory: {error}") from None

    @property
    def series_id(self) -> str:
        """For a chapter without a series: named after the content, so that the same memory is stored once."""
        canonical = json.dumps(self.document, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return f"memory-{hashlib.sha256(canonical).hexdigest()[:24]}"


async def send_memory(client: AsyncClient, series_id: str, memory: LocalMemory, *, replace: bool) -> None:
    """Makes ``memory`` the series' memory. Another one is replaced only if asked: it may be years of work.

    Raises :class:`UsageError` where it would be lost.
    """
    try:
        stored = await client.get_memory(series_id)
    except NotFound:
        await client.put_memory(series_id, memory.document)
        return
    if stored.document == memory.document:
        return
    if not replace:
        raise UsageError(
            f"series {series_id} has another translation memory than {memory.path}: "
            "--replace-memory puts this one in its place, --no-memory leaves it as it is"
        )
    await client.put_memory(series_id, memory.document, etag=stored.etag)
