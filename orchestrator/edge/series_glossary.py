"""A series' glossary: whole, and its terms merged, accepted, rejected and removed one by one."""

from __future__ import annotations

from collections.abc import Callable

from contract.errors import BadMessage
from contract.glossary import MAX_BYTES, Glossary, Term, TermStatus, parse_terms
from contract.keys import series_glossary
from contract.problem import Problem, ProblemCode
from contract.tag import is_tag
from edge.auth import owner_of
from edge.body import read_json_body
from edge.context import Context
from edge.http import Request, Response
from edge.series_store import Revision, get_whole, put_whole, revise

Change = Callable[[Glossary], Glossary | None]


async def put_glossary(ctx: Context, request: Request, *, series_id: str) -> Response:
    key = series_glossary(await owner_of(ctx, request), series_id)
    return await put_whole(
        ctx, request, key, lambda body: _bounded(Glossary.parse(body)), limit=MAX_BYTES, what="glossary"
    )


async def get_glossary(ctx: Context, request: Request, *, series_id: str) -> Response:
    return await get_whole(ctx, request, series_glossary(await owner_of(ctx, request), series_id), what="glossary")


async def merge_terms(ctx: Context, request: Request, *, series_id: str) -> Response:
    """``POST /series/:seriesId/glossary/terms``: of two writers at once neither loses a term."""
    key = series_glossary(await owner_of(ctx, request), series_id)
    terms = parse_terms(await read_json_body(request, limit=MAX_BYTES))
    revision, glossary = await change_glossary(ctx, key, lambda stored: stored.merged(terms))
    merged = [_found(glossary, term.id).to_json() for term in terms if glossary.find(term.id)]
    return Response.json({"terms": merged}, headers=revision.headers)


async def accept_term(ctx: Context, request: Request, *, series_id: str, term_id: str) -> Response:
    return await _decide(ctx, request, series_id, term_id, TermStatus.ACCEPTED)


async def reject_term(ctx: Context, request: Request, *, series_id: str, term_id: str) -> Response:
    """It stays, as rejected, so that it is not proposed again."""
    return await _decide(ctx, request, series_id, term_id, TermStatus.REJECTED)


async def delete_term(ctx: Context, request: Request, *, series_id: str, term_id: str) -> Response:
    key = series_glossary(await owner_of(ctx, request), series_id)
    revision, _ = await change_glossary(ctx, key, lambda stored: _known(stored.without(term_id)))
    return Response(204, revision.headers)


async def _decide(ctx: Context, request: Request, series_id: str, term_id: str, status: TermStatus) -> Response:
    key = series_glossary(await owner_of(ctx, request), series_id)
    target = request.query.get("target")
    if target is not None and not is_tag(target):
        raise BadMessage("target", "not a BCP 47 language tag such as en or zh-Hant")
    revision, glossary = await change_glossary(ctx, key, lambda stored: _known(stored.decided(term_id, status, target)))
    return Response.json(_found(glossary, term_id).to_json(), headers=revision.headers)


async def change_glossary(ctx: Context, key: str, change: Change) -> tuple[Revision, Glossary]:
    """Changes the glossary at ``key`` by compare-and-swap. Raises :class:`Problem` ``conflict`` where what is stored
    there is none."""
    glossary = Glossary()

    def rewrite(body: bytes | None) -> bytes | None:
        nonlocal glossary
        before = _stored(body)
        glossary = change(before) or before
        return None if glossary == before else _bounded(glossary)

    return await revise(ctx, key, rewrite), glossary


def _stored(body: bytes | None) -> Glossary:
    try:
        return Glossary.parse(body) if body is not None else Glossary()
    except BadMessage as error:
        raise Problem(ProblemCode.CONFLICT, f"the series' glossary is none: {error}") from None


def _bounded(glossary: Glossary) -> bytes:
    body = glossary.to_bytes()
    if len(body) > MAX_BYTES:
        raise BadMessage("terms", f"the glossary would have {len(body)} bytes, at most {MAX_BYTES} are kept")
    return body


def _known(glossary: Glossary | None) -> Glossary:
    if glossary is None:
        raise Problem(ProblemCode.NOT_FOUND, "the series' glossary has no such term")
    return glossary


def _found(glossary: Glossary, term_id: str) -> Term:
    term = glossary.find(term_id)
    if term is None:
        raise Problem(ProblemCode.NOT_FOUND, "the series' glossary has no such term")
    return term
