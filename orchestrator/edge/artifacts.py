"""``GET /artifacts/:jobId/…``: finished pages for clients; inputs and the series' memory for translators."""

from __future__ import annotations

from contract.image_format import DOCUMENT_TYPE
from contract.keys import page_name
from contract.problem import Problem, ProblemCode
from contract.report import PageOutput
from contract.status import PageStatus
from edge.auth import claims_of
from edge.context import Context
from edge.http import Request, Response
from edge.owned import readable
from edge.platform import ObjectInfo
from edge.ranges import Span, Unsatisfiable, parse_range
from edge.state import JobState
from edge.tokens import Role
from edge.views import matches

_SAFE = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "private, no-cache",
    "accept-ranges": "bytes",
}


async def page(ctx: Context, request: Request, *, job_id: str, page: int, extension: str) -> Response:
    """``pages/0001.webp`` or ``pages/0001.json``, whichever attempt made it."""
    state = await readable(ctx, request, job_id)
    key, content_type = _locate(state, page, extension)
    name = f"{state.job.request.chapter_id}-{page_name(page)}.{extension}"
    return await _serve(ctx, request, key, content_type, name)


async def plate(ctx: Context, request: Request, *, job_id: str, page: int, extension: str) -> Response:
    """``plates/0001.webp``, where the job keeps clean plates."""
    state = await readable(ctx, request, job_id)
    output = _output(state, page)
    if output.plate is None:
        raise Problem(ProblemCode.NOT_FOUND, "the job keeps no clean plates")
    _check_extension(output, extension)
    key = state.job.output_chapter(output).plate(output.attempt, page, output.image_format)
    name = f"{state.job.request.chapter_id}-{page_name(page)}-plate.{extension}"
    return await _serve(ctx, request, key, output.image_format.content_type, name)


async def input_page(ctx: Context, request: Request, *, job_id: str, page: int) -> Response:
    claims = claims_of(ctx, request, Role.GET_INPUT, job_id=job_id, page=page)
    # As bytes: what a stranger uploaded must not show in a browser as what it says it is.
    return await _serve(ctx, request, claims.key, "application/octet-stream", page_name(page))


async def memory(ctx: Context, request: Request, *, job_id: str) -> Response:
    claims = claims_of(ctx, request, Role.GET_MEMORY, job_id=job_id)
    return await _serve(ctx, request, claims.key, DOCUMENT_TYPE, "memory.json")


async def glossary(ctx: Context, request: Request, *, job_id: str) -> Response:
    claims = claims_of(ctx, request, Role.GET_GLOSSARY, job_id=job_id)
    return await _serve(ctx, request, claims.key, DOCUMENT_TYPE, "glossary.json")


async def decided(ctx: Context, request: Request, *, job_id: str, page: int) -> Response:
    """What models have answered for a page before."""
    claims = claims_of(ctx, request, Role.GET_DECIDED, job_id=job_id, page=page)
    return await _serve(ctx, request, claims.key, DOCUMENT_TYPE, page_name(page))


def _locate(state: JobState, page: int, extension: str) -> tuple[str, str]:
    output = _output(state, page)
    chapter = state.job.output_chapter(output)
    if extension == "json":
        return chapter.document(output.attempt, page), DOCUMENT_TYPE
    _check_extension(output, extension)
    return chapter.image(output.attempt, page, output.image_format), output.image_format.content_type


def _output(state: JobState, page: int) -> PageOutput:
    entry = state.table.get(page)
    output = entry.report.output if entry and entry.report.status is PageStatus.DONE else None
    if output is None:
        raise Problem(ProblemCode.NOT_FOUND, "the page is not finished")
    return output


def _check_extension(output: PageOutput, extension: str) -> None:
    if extension != output.image_format.value:
        raise Problem(ProblemCode.NOT_FOUND, f"the page is a .{output.image_format.value}")


async def _serve(ctx: Context, request: Request, key: str, content_type: str, name: str) -> Response:
    if _is_plain(request):
        return await _whole(ctx, key, content_type, name)
    info = await ctx.platform.bucket.head(key)
    if info is None:
        raise Problem(ProblemCode.NOT_FOUND, "there is no such object")
    etag = f'"{info.etag}"'
    headers = _headers(info, name)
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(304, headers)
    span = _span(request, info, etag)
    if span:
        headers["content-range"] = span.content_range(info.size)
    headers |= {"content-type": content_type, "content-length": str(span.length if span else info.size)}
    status = 206 if span else 200
    if request.method == "HEAD":
        return Response(status, headers)
    return await _open(ctx, key, info, span, status, headers)


def _is_plain(request: Request) -> bool:
    return request.method == "GET" and not {"range", "if-none-match"} & request.headers.keys()


async def _whole(ctx: Context, key: str, content_type: str, name: str) -> Response:
    """What is asked for most, in one operation."""
    found = await ctx.platform.bucket.open(key)
    if found is None:
        raise Problem(ProblemCode.NOT_FOUND, "there is no such object")
    told = {"content-type": content_type, "content-length": str(found.info.size)}
    return Response(200, {**_headers(found.info, name), **told}, found.stream)


def _headers(info: ObjectInfo, name: str) -> dict[str, str]:
    return {**_SAFE, "etag": f'"{info.etag}"', "content-disposition": f'inline; filename="{name}"'}


def _span(request: Request, info: ObjectInfo, etag: str) -> Span | None:
    if_range = request.headers.get("if-range", etag)
    try:
        return parse_range(request.headers.get("range", ""), info.size) if if_range == etag else None
    except Unsatisfiable:
        raise Problem(ProblemCode.RANGE_NOT_SATISFIABLE, f"the object has {info.size} bytes", size=info.size) from None


async def _open(
    ctx: Context,
    key: str,
    info: ObjectInfo,
    span: Span | None,
    status: int,
    headers: dict[str, str],
) -> Response:
    bucket = ctx.platform.bucket
    found = await (bucket.open(key, offset=span.offset, length=span.length) if span else bucket.open(key))
    if found is None or found.info.etag != info.etag:
        raise Problem(ProblemCode.NOT_FOUND, "the object was replaced just now; ask again")
    return Response(status, headers, found.stream)
