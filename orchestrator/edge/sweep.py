"""The cron's work: whatever got stuck goes a step further. Each run is bounded, and resumes where the last one ended.

KV's index of open jobs is the fast way to them. A walk over the bucket, a page a run, finds what KV lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from contract.errors import BadKey
from contract.keys import check_id, kv_open, series_updates
from edge.boundary import contain
from edge.context import Context
from edge.dispatch import Delivery, dispatch
from edge.finalize import finalize, stored_results
from edge.meter import MOST_SUBREQUESTS, Meter, MeteredPlatform
from edge.mirror import IN_A_SWEEP, Allowance
from edge.outbox import DeliveryState, deliver, read_parcel
from edge.plan import Step, next_step
from edge.platform import KvKey
from edge.series_learning import learn_leftover
from edge.starting import fetch_pages
from edge.state import JobState, load_listed
from edge.takeover import take_over, take_result

JOBS_A_RUN = 100
_FOUND_A_RUN = 50
_WALK_A_RUN = 1000
_MOST_A_STEP = 60
"""Subrequests that one job's step may need; with fewer left, none is begun."""
_CURSOR_TTL_S = 3600
_OPEN = kv_open("x").removesuffix("x")
_LESSONS_EVERY_MIN = 5
_OUTBOX_AGE_S = 5 * 86_400
"""Older parcels are settled: the schedule takes three days."""


async def sweep(ctx: Context) -> None:
    """One run. What breaks is logged and does not stop the rest; what does not fit into the run waits for the next."""
    meter = Meter(MOST_SUBREQUESTS)
    ctx = Context.of(ctx.config, MeteredPlatform(ctx.platform, meter))
    listed = await contain(ctx.platform, "sweep_index_broke", _listed(ctx), {}) or []
    run = _Run(ctx, meter)
    for job_id in listed:
        await run.step(job_id)
    seen = set(listed)
    for job_id in await contain(ctx.platform, "sweep_jobs_walk_broke", _lost_jobs(ctx), {}) or []:
        if job_id not in seen:
            await run.step(job_id, found=True)
    for job_id, event_id in await contain(ctx.platform, "sweep_outbox_walk_broke", _parcels(ctx), {}) or []:
        if job_id not in seen and meter.left >= _MOST_A_STEP:
            await deliver(ctx, job_id, event_id)
    for job_id, name in await contain(ctx.platform, "sweep_lessons_walk_broke", _lessons(ctx), {}) or []:
        if meter.left >= _MOST_A_STEP:
            await contain(ctx.platform, "learning_broke", learn_leftover(ctx, job_id, name), {"job_id": job_id})
    await run.fetch_pages()


@dataclass(slots=True)
class _Run:
    """One run's memory: whether the translator still takes orders, and which jobs' pages are to be fetched."""

    ctx: Context
    meter: Meter
    takes_orders: bool = True
    mirroring: list[JobState] = field(default_factory=list)

    async def step(self, job_id: str, *, found: bool = False) -> None:
        if self.meter.left < _MOST_A_STEP:
            return
        await contain(self.ctx.platform, "sweep_job_broke", self._step(job_id, found=found), {"job_id": job_id})

    async def fetch_pages(self) -> None:
        """Last, because it takes whatever the run may still use, in time and in subrequests."""
        ends_at = self.ctx.platform.now() + IN_A_SWEEP.seconds
        for state in self.mirroring:
            subrequests = min(IN_A_SWEEP.subrequests, self.meter.left - _MOST_A_STEP)
            allowance = Allowance(ends_at - self.ctx.platform.now(), subrequests)
            work = fetch_pages(self.ctx, state, allowance)
            await contain(self.ctx.platform, "mirror_broke", work, {"job_id": state.job.id})

    async def _step(self, job_id: str, *, found: bool) -> None:
        # Before the look, which may take long: an attempt that reports meanwhile must not seem silent.
        now = self.ctx.platform.now()
        # A run is short of subrequests rather than of money.
        state = await load_listed(self.ctx.platform.bucket, job_id)
        if state is None:
            await self.ctx.projection.close(job_id)
            return
        step = next_step(state, now=now, config=self.ctx.config)
        if found and step is not Step.SETTLE:
            await self.ctx.projection.open(state.job)
        await self._carry_out(step, state, now=now)

    async def _carry_out(self, step: Step, state: JobState, *, now: float) -> None:
        match step:
            case Step.SETTLE:
                await _settle(self.ctx, state)
            case Step.FINISH:
                await finalize(self.ctx, state)
            case Step.TAKE_RESULT:
                await self._take_result(state, now=now)
            case Step.MIRROR:
                self.mirroring.append(state)
            case Step.TAKE_OVER if self.takes_orders:
                self._after(await take_over(self.ctx, state))
            case Step.DISPATCH if self.takes_orders:
                self._after(await dispatch(self.ctx, state))
            case _:
                pass

    async def _take_result(self, state: JobState, *, now: float) -> None:
        """A manifest that cannot be read is as good as none."""
        results = {report.attempt: report for report in await stored_results(self.ctx, state)}
        if result := results.get(state.latest):
            await take_result(self.ctx, state, result)
            return
        without = replace(state, results=state.results - {state.latest})
        await self._carry_out(next_step(without, now=now, config=self.ctx.config), without, now=now)

    def _after(self, delivery: Delivery) -> None:
        self.takes_orders = self.takes_orders and delivery.is_worth_another


async def _settle(ctx: Context, state: JobState) -> None:
    event_id = state.job.event_id
    parcel = await read_parcel(ctx, state.job.id, event_id) if state.job.request.webhook_url is not None else None
    if parcel and parcel.value.state is DeliveryState.PENDING:
        await deliver(ctx, state.job.id, event_id)
    elif await ctx.projection.save(state):
        await ctx.projection.close(state.job.id)


async def _listed(ctx: Context) -> list[str]:
    """Open jobs of KV's index, those that wait longest first."""
    kv = ctx.platform.kv
    cursor = await _cursor(ctx, "open")
    page = await kv.list(prefix=_OPEN, cursor=cursor, limit=JOBS_A_RUN)
    await _keep_cursor(ctx, "open", page.cursor, before=cursor)
    return [key.name.removeprefix(_OPEN) for key in sorted(page.keys, key=_created_at)]


def _created_at(key: KvKey) -> float:
    value = key.metadata.get("created_at", 0.0)
    return float(value) if isinstance(value, int | float) else 0.0


async def _lost_jobs(ctx: Context) -> list[str]:
    """Jobs without an end on the next stretch of the bucket. One that is cut by the stretch's border may have one."""
    names = await _walk(ctx, "jobs/")
    ended = {job_id for job_id, name in names if name == "final.json"}
    return [job_id for job_id, name in names if name == "job.json" and job_id not in ended][:_FOUND_A_RUN]


async def _parcels(ctx: Context) -> list[tuple[str, str]]:
    """Parcels on the next stretch of the outbox: job and event."""
    names = await _walk(ctx, "outbox/", limit=_FOUND_A_RUN, max_age_s=_OUTBOX_AGE_S)
    return [(job_id, name.removesuffix(".json")) for job_id, name in names]


async def _lessons(ctx: Context) -> list[tuple[str, str]]:
    """What jobs add to their series and is not merged yet: job and object. It is merged as a job ends, and whatever was
    lost there can wait for some minutes."""
    if int(ctx.platform.now() // 60) % _LESSONS_EVERY_MIN:
        return []
    return await _walk(ctx, series_updates(), limit=_FOUND_A_RUN)


async def _walk(
    ctx: Context,
    prefix: str,
    *,
    limit: int = _WALK_A_RUN,
    max_age_s: float | None = None,
) -> list[tuple[str, str]]:
    cursor = await _cursor(ctx, prefix)
    page = await ctx.platform.bucket.list(prefix=prefix, cursor=cursor, limit=limit)
    await _keep_cursor(ctx, prefix, page.cursor, before=cursor)
    oldest = ctx.platform.now() - max_age_s if max_age_s is not None else 0.0
    return list(_split(info.key.removeprefix(prefix) for info in page.objects if info.uploaded.timestamp() >= oldest))


def _split(keys: Iterable[str]) -> Iterable[tuple[str, str]]:
    for key in keys:
        job_id, _, name = key.partition("/")
        try:
            yield check_id("job id", job_id), name
        except BadKey:
            continue


async def _cursor(ctx: Context, name: str) -> str | None:
    """Where the last run ended. A cursor that is lost or old costs a repetition, no more."""
    return await ctx.platform.kv.get(f"sweep:{name}") or None


async def _keep_cursor(ctx: Context, name: str, cursor: str | None, *, before: str | None) -> None:
    if cursor is not None:
        await ctx.platform.kv.put(f"sweep:{name}", cursor, ttl_s=_CURSOR_TTL_S)
    elif before is not None:
        await ctx.platform.kv.delete(f"sweep:{name}")
