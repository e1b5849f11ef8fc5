"""What a chapter teaches its series: translators leave it in objects of their own, and it is merged from there.

Translators cannot write a series. Merging comes after the job's end is committed and cannot delay or fail it; what is
merged twice changes nothing; what is not merged stays until a sweep finds it. An attempt that dies tells nothing: its
pages are noted before the commit, and their documents say what was translated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contract.document import PageDocument
from contract.errors import BadMessage
from contract.fields import load_object
from contract.keys import JobKeys, series_glossary, series_memory
from contract.memory import MAX_TEXT, Pair, PairOrigin
from contract.problem import Problem
from contract.report import PageOutput
from contract.series import SeriesUpdate, UnlearnedPages
from contract.status import PageStatus
from edge.boundary import contain
from edge.context import Context
from edge.objects import dump, read_json
from edge.platform import ObjectInfo
from edge.record import Final, Job
from edge.series import merge_into
from edge.series_glossary import change_glossary
from edge.series_store import revise

Told = Mapping[int, int]
"""By attempt: how much of what it learned it says to have stored."""
_PAGES_AT_ONCE = 40
"""So many documents are read in one go: with the rest of the work, a step of the sweep's."""
_TRANSLATED = frozenset({"model", "user"})


async def note_lessons(ctx: Context, job: Job, final: Final, told: Told) -> tuple[str, ...]:
    """Before the commit: notes the pages that no attempt tells of. The keys of all that is to be learned."""
    if job.request.series_id is None:
        return ()
    keys = [job.keys.series_update(attempt) for attempt, count in sorted(told.items()) if count]
    outputs = ((page.report.page, page.report.output) for page in final.pages if page.report.status is PageStatus.DONE)
    pages = [(page, output.attempt) for page, output in outputs if output and _is_untold(output, told)]
    if pages:
        await revise(ctx, job.keys.unlearned, lambda body: _noted(body, pages))
        keys.append(job.keys.unlearned)
    return tuple(keys)


def _is_untold(output: PageOutput, told: Told) -> bool:
    """What a retry carried over was learned from the job before."""
    return not output.job_id and output.attempt not in told


def _noted(body: bytes | None, pages: Iterable[tuple[int, int]]) -> bytes | None:
    known = UnlearnedPages.from_json(load_object(body)).pages if body is not None else ()
    noted = tuple(sorted({*known, *pages}))
    return dump(UnlearnedPages(noted).to_json()) if noted != known else None


async def learn(ctx: Context, job: Job, keys: Iterable[str]) -> None:
    """For the background: merges these objects; what breaks is logged and left to the sweep."""
    for key in keys:
        await contain(ctx.platform, "learning_broke", _learn(ctx, job, key), {"job_id": job.id})


async def learn_leftover(ctx: Context, job_id: str, name: str) -> None:
    """For the sweep: merges an object of a job's folder."""
    keys = JobKeys(job_id)
    job = await read_json(ctx.platform.bucket, keys.job, Job.from_json)
    if job is None:
        await ctx.platform.bucket.delete(f"{keys.series_updates}{name}")
    else:
        await _learn(ctx, job.value, f"{keys.series_updates}{name}")


async def _learn(ctx: Context, job: Job, key: str) -> None:
    found = await ctx.platform.bucket.read(key)
    if found is None:
        return
    info, body = found
    try:
        if key == job.keys.unlearned:
            await _learn_pages(ctx, job, info, UnlearnedPages.from_json(load_object(body)))
            return
        await _merge(ctx, job, SeriesUpdate.parse(body), at=int(info.uploaded.timestamp()))
    except BadMessage as error:
        ctx.platform.log("bad_lesson", {"job_id": job.id, "key": key, "detail": str(error)})
    except Problem as problem:
        # What the series has is no memory or glossary of ours: a person has to mend it, and then this is merged.
        ctx.platform.log("series_unusable", {"job_id": job.id, "detail": problem.detail})
        return
    await ctx.platform.bucket.delete(key)


async def _learn_pages(ctx: Context, job: Job, info: ObjectInfo, unlearned: UnlearnedPages) -> None:
    pages, rest = unlearned.pages[:_PAGES_AT_ONCE], unlearned.pages[_PAGES_AT_ONCE:]
    pairs = [pair for page, attempt in pages for pair in await _pairs_of(ctx, job, page, attempt)]
    await _merge(ctx, job, SeriesUpdate(tuple(pairs)), at=int(info.uploaded.timestamp()))
    if not rest:
        await ctx.platform.bucket.delete(job.keys.unlearned)
        return
    # What was noted since then stays.
    await revise(ctx, job.keys.unlearned, lambda body: _without(body, pages))


def _without(body: bytes | None, pages: Iterable[tuple[int, int]]) -> bytes | None:
    if body is None:
        return None
    done = set(pages)
    left = tuple(place for place in UnlearnedPages.from_json(load_object(body)).pages if place not in done)
    return dump(UnlearnedPages(left).to_json())


async def _pairs_of(ctx: Context, job: Job, page: int, attempt: int) -> list[Pair]:
    found = await ctx.platform.bucket.read(job.chapter.document(attempt, page))
    try:
        document = PageDocument.parse(found[1]) if found else None
    except BadMessage:
        return []
    return [
        Pair(region.source_text, region.translation, PairOrigin.MODEL)
        for region in (document.regions if document else ())
        if region.origin in _TRANSLATED and not region.note and _fits(region.source_text, region.translation)
    ]


def _fits(*texts: str) -> bool:
    return all(text.strip() and len(text) <= MAX_TEXT for text in texts)


async def _merge(ctx: Context, job: Job, update: SeriesUpdate, *, at: int) -> None:
    request, series_id = job.request, job.request.series_id
    if series_id is None:
        return
    memory = update.memory(source=request.source, target=request.target)
    fields: dict[str, int] = {}
    if memory.pairs or memory.used:
        _, merged = await merge_into(ctx, series_memory(job.owner, series_id), memory, at=at)
        fields = {"added": merged.added, "dropped": merged.dropped}
    if terms := update.proposals(target=request.target):
        await change_glossary(ctx, series_glossary(job.owner, series_id), lambda stored: stored.merged(terms))
    ctx.platform.log("learned", {"job_id": job.id, "terms": len(terms), **fields})
