"""Following a job that is there already: to watch it, or to bring its results here. Ctrl-C leaves it running."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from contract.status import JobStatus
from contract.view import JobView
from fukidashi.chapter import Chapter, SourcePage
from fukidashi.client import AsyncClient, Client
from fukidashi.closing import tell, tell_problems
from fukidashi.collection import Collection
from fukidashi.errors import UsageError
from fukidashi.exit_code import ExitCode
from fukidashi.finish import finish
from fukidashi.output import Output
from fukidashi.polling import Pace
from fukidashi.progress import Reporter, State, progress_of, reporter
from fukidashi.source import open_chapter
from fukidashi.summary import Summary
from fukidashi.target import Target


class Watch:
    """``fukidashi jobs watch``: the bar, and nothing else."""

    def __init__(self, target: Target, pace: Pace, *, quiet: bool) -> None:
        self._target, self._pace = target, target.paced(pace)
        self._console, self._quiet = Console(stderr=True, highlight=False), quiet

    def through(self, job_id: str) -> JobView | None:
        """The ended job; ``None`` where Ctrl-C broke it off."""
        with reporter(self._console, quiet=self._quiet) as progress:
            try:
                return self._follow(job_id, progress)
            except KeyboardInterrupt:
                progress.note(_goes_on(job_id))
                return None

    def _follow(self, job_id: str, progress: Reporter) -> JobView:
        update = progress_of(progress.show, clock=time.monotonic)
        with Client(self._target.url, self._target.api_key, pace=self._pace) as client:
            for view in client.wait(job_id):
                update(view)
        return view


class Following:
    """``fukidashi jobs download`` and ``retry -o``: a job's results in ``out``, as ``translate`` leaves them there.

    ``originals`` is what was translated, if it is at hand.
    """

    def __init__(self, target: Target, pace: Pace, out: Path, originals: Path | None, *, quiet: bool) -> None:
        self._target, self._pace, self._out, self._originals = target, target.paced(pace), out, originals
        self._console, self._quiet = Console(stderr=True, highlight=False), quiet
        self._began = time.monotonic()

    def through(self, job: JobView, *, wait: bool, as_json: bool) -> ExitCode:
        """To the job's end, or, without ``wait``, with what is finished now. Raises the tree of our errors."""
        chapter = _chapter(job, self._originals)
        output = Output.prepare(self._out, source=self._originals)
        with reporter(self._console, quiet=self._quiet) as progress:
            try:
                collection = asyncio.run(self._collect(job, output, progress, wait=wait))
                summary = self._finish(chapter, collection, output, progress)
            except KeyboardInterrupt:
                progress.note(_goes_on(job.id))
                return ExitCode.INTERRUPTED
        self._tell(summary, as_json=as_json)
        return _code(summary.job)

    async def _collect(self, job: JobView, output: Output, progress: Reporter, *, wait: bool) -> Collection:
        async with AsyncClient(self._target.url, self._target.api_key, pace=self._pace) as client:
            collection = Collection(client, output, progress, clock=time.monotonic)
            if wait and not job.status.is_terminal:
                await collection.settle_webhook(await collection.follow(job.id))
            else:
                await collection.take(job)
            return collection

    def _finish(self, chapter: Chapter, collection: Collection, output: Output, progress: Reporter) -> Summary:
        job = collection.job
        if job is None:
            raise RuntimeError("nothing was collected")
        progress.show(State("writing archive and contact sheet", len(job.pages), len(job.pages)))
        elapsed_s = time.monotonic() - self._began
        return finish(chapter, job, collection.fetched, output, server=self._target.url, elapsed_s=elapsed_s)

    def _tell(self, summary: Summary, *, as_json: bool) -> None:
        if as_json:
            sys.stdout.write(json.dumps(summary.to_json(), ensure_ascii=False) + "\n")
        elif not self._quiet:
            tell(Console(highlight=False), summary, self._out)
        tell_problems(self._console, summary)


def _chapter(job: JobView, originals: Path | None) -> Chapter:
    """Raises :class:`UsageError` where ``originals`` cannot be what the job was made of."""
    pages = tuple(SourcePage(page.name or f"page {page.page}", "") for page in job.pages)
    if originals is None:
        return Chapter(job.chapter_id, pages)
    chapter = open_chapter(originals)
    if len(chapter.pages) != len(pages):
        raise UsageError(
            f"{originals} holds {len(chapter.pages)} pages and the job {len(pages)}: it is another chapter"
        )
    named = [page.name for page in job.pages]
    if any(named) and [page.name[-255:] for page in chapter.pages] != named:
        raise UsageError(f"{originals} holds pages of other names than the job: it is another chapter")
    return replace(chapter, memory=None)


def _code(job: JobView) -> ExitCode:
    """Of a job that goes on, some pages are here."""
    if job.status.is_terminal:
        return ExitCode.of(job.status)
    return ExitCode.of(JobStatus.PARTIAL)


def _goes_on(job_id: str) -> str:
    return f"Job {job_id} goes on; fukidashi jobs cancel {job_id} stops it."
