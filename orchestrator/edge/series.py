"""A series' translation memory: whole (``PUT``, ``GET /series/:seriesId/memory``), and pairs merged into it."""

from __future__ import annotations

from contract.errors import BadMessage
from contract.fields import load_object
from contract.keys import series_memory
from contract.memory import MAX_BYTES, MemoryUpdate, Merged, dump_memory, merge_memory, parse_memory
from contract.problem import Problem, ProblemCode
from edge.auth import owner_of
from edge.body import read_json_body
from edge.context import Context
from edge.http import Request, Response
from edge.series_store import Revision, get_whole, put_whole, revise


async def put_memory(ctx: Context, request: Request, *, series_id: str) -> Response:
    key = series_memory(await owner_of(ctx, request), series_id)
    return await put_whole(ctx, request, key, _checked, limit=MAX_BYTES, what="memory")


async def get_memory(ctx: Context, request: Request, *, series_id: str) -> Response:
    return await get_whole(ctx, request, series_memory(await owner_of(ctx, request), series_id), what="memory")


async def merge_entries(ctx: Context, request: Request, *, series_id: str) -> Response:
    """``POST /series/:seriesId/memory/entries``: a person's pairs replace what the memory has for the same texts."""
    key = series_memory(await owner_of(ctx, request), series_id)
    update = MemoryUpdate.from_json(load_object(await read_json_body(request, limit=MAX_BYTES)))
    revision, merged = await merge_into(ctx, key, update, at=int(ctx.platform.now()))
    answer = {"added": merged.added, "changed": merged.changed, "dropped": merged.dropped}
    return Response.json(answer, headers=revision.headers)


async def merge_into(ctx: Context, key: str, update: MemoryUpdate, *, at: int) -> tuple[Revision, Merged]:
    """Merges an update into the memory at ``key`` by compare-and-swap. Raises :class:`Problem` ``conflict`` where what
    is stored there is no memory."""
    merged = Merged(None)

    def change(body: bytes | None) -> bytes | None:
        nonlocal merged
        merged = merge_memory(_stored(body), update, at=at)
        return dump_memory(merged.document) if merged.document is not None else None

    return await revise(ctx, key, change), merged


def _checked(body: bytes) -> bytes:
    parse_memory(body)
    return body


def _stored(body: bytes | None) -> dict[str, object] | None:
    """Memories of before they were checked may be anything."""
    try:
        return parse_memory(body) if body is not None else None
    except BadMessage as error:
        raise Problem(ProblemCode.CONFLICT, f"the series' memory is none: {error}") from None
