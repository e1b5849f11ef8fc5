"""``GET /jobs/:id`` and ``GET /jobs``: how jobs stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contract.errors import BadMessage
from contract.keys import JobKeys
from contract.listing import JobList
from contract.status import JobStatus
from edge.answers import parcel_of
from edge.auth import owner_of, reader_of
from edge.context import Context
from edge.http import Request, Response
from edge.objects import list_all
from edge.owned import job_of
from edge.platform import ObjectInfo
from edge.state import JobState
from edge.tokens import BadToken, Claims, Role
from edge.views import Seen, matches, see_view, view_response

LONGEST_WAIT_S = 25
STEP_S = 2.0
MAX_LIMIT = 100
_LIMIT = 20
_LOOKS = 2
"""A wait looks at the job this often at most after the first time, nine operations each where it has five attempts;
in between it lists, one operation a step: 41 of the 50 subrequests that a Worker has on the free plan. Then it answers
before its time."""
_LISTS = 5
_CURSOR_TTL_S = 86_400
_SUMMARY = "summary"
_Listing = tuple[ObjectInfo, ...]


async def see(ctx: Context, request: Request, *, job_id: str) -> Response:
    """``GET /jobs/:id``"""
    asked = _Asked.of(request)
    owner = await reader_of(ctx, request, job_id)
    if not asked.wait_s:
        seen, state = await _look(ctx, asked, job_id, owner)
    else:
        # The listing comes before the look, so that no change falls between them.
        listed = await _listing(ctx, job_id)
        seen, state = await _look(ctx, asked, job_id, owner, listed)
        wait = _Wait(ctx, asked, job_id, owner, asked.if_none_match or seen.etag)
        seen, state = await wait.until_changed(seen, state, listed)
    return view_response(seen, state, now=ctx.platform.now(), if_none_match=asked.if_none_match)


async def see_all(ctx: Context, request: Request) -> Response:
    """``GET /jobs``"""
    owner = await owner_of(ctx, request)
    query = request.query
    limit = _integer(query, "limit", default=_LIMIT, low=1, high=MAX_LIMIT)
    status = _status(query)
    cursor = _cursor(ctx, owner, query["cursor"]) if "cursor" in query else None
    found = await _list(ctx, owner, status, cursor=cursor, limit=limit)
    if found.cursor is not None:
        found = replace(found, cursor=_signed(ctx, owner, found.cursor))
    return Response.json(found.to_json(), headers={"cache-control": "private, no-cache"})


@dataclass(frozen=True, slots=True)
class _Asked:
    wait_s: int
    summary: bool
    if_none_match: str

    @classmethod
    def of(cls, request: Request) -> _Asked:
        fields = request.query.get("fields")
        if fields not in (None, _SUMMARY):
            raise BadMessage("fields", f"not {_SUMMARY}")
        wait_s = _integer(request.query, "wait", default=0, low=0, high=LONGEST_WAIT_S)
        return cls(wait_s, fields == _SUMMARY, request.headers.get("if-none-match", ""))


async def _look(
    ctx: Context, asked: _Asked, job_id: str, owner: str | None, listed: _Listing | None = None
) -> tuple[Seen, JobState]:
    state = await job_of(ctx, job_id, owner, listed=listed)
    return see_view(ctx.config, state, await parcel_of(ctx, state), summary=asked.summary), state


@dataclass(frozen=True, slots=True)
class _Wait:
    """A long poll. ``known`` are the entity tags that would be no news."""

    ctx: Context
    asked: _Asked
    job_id: str
    owner: str | None
    known: str

    async def until_changed(self, seen: Seen, state: JobState, listed: _Listing) -> tuple[Seen, JobState]:
        """The view as soon as it is news, or the job has ended, or the time is over."""
        platform, looks = self.ctx.platform, 0
        ends_at = platform.now() + self.asked.wait_s
        while matches(self.known, seen.etag) and not state.final and looks < _LOOKS:
            left_s = ends_at - platform.now()
            if left_s <= 0:
                break
            await platform.sleep(min(STEP_S, left_s))
            before, listed = listed, await _listing(self.ctx, self.job_id)
            if listed != before:
                looks += 1
                seen, state = await _look(self.ctx, self.asked, self.job_id, self.owner, listed)
        return seen, state


async def _listing(ctx: Context, job_id: str) -> _Listing:
    """Everything that the bucket holds of the job: it differs once any of it does."""
    return tuple(await list_all(ctx.platform.bucket, JobKeys(job_id).root))


async def _list(ctx: Context, owner: str, status: JobStatus | None, *, cursor: str | None, limit: int) -> JobList:
    """Looks further while nothing of the status was found, but not without end."""
    found = JobList((), cursor)
    for _ in range(_LISTS):
        found = await ctx.projection.list(owner, cursor=found.cursor, limit=limit, public_url=ctx.config.public_url)
        found = replace(found, jobs=tuple(job for job in found.jobs if status in (None, job.status)))
        if found.jobs or found.cursor is None:
            break
    return found


def _integer(query: dict[str, str], name: str, *, default: int, low: int, high: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and low <= int(text) <= high):
        raise BadMessage(name, f"not an integer between {low} and {high}")
    return int(text)


def _status(query: dict[str, str]) -> JobStatus | None:
    if "status" not in query:
        return None
    try:
        return JobStatus(query["status"])
    except ValueError:
        raise BadMessage("status", f"not one of {', '.join(JobStatus)}") from None


def _signed(ctx: Context, owner: str, cursor: str) -> str:
    """So that a storage sees no cursor but its own."""
    ends_at = int(ctx.platform.now()) + _CURSOR_TTL_S
    return ctx.tokens.issue(Claims(job=owner, role=Role.LIST, exp=ends_at, key=cursor))


def _cursor(ctx: Context, owner: str, token: str) -> str:
    try:
        claims = ctx.tokens.check(token, now=ctx.platform.now())
    except BadToken as error:
        raise BadMessage("cursor", str(error)) from None
    if (claims.role, claims.job) != (Role.LIST, owner):
        raise BadMessage("cursor", "not a cursor of this listing")
    return claims.key
