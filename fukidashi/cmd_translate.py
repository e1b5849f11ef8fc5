"""``fukidashi translate``: a chapter in, the translated chapter out."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from contract.engines import DEFAULT_ENGINE
from contract.errors import BadMessage
from contract.image_format import ImageFormat
from contract.job import Direction, JobRequest, Options, PageSpec
from contract.policy import KINDS, Policies, Policy
from contract.view import JobView
from fukidashi.chapter import Chapter
from fukidashi.client import AsyncClient
from fukidashi.closing import tell, tell_problems
from fukidashi.collection import Collection
from fukidashi.errors import UsageError
from fukidashi.exit_code import ExitCode
from fukidashi.finish import finish
from fukidashi.memory import LocalMemory, send_memory
from fukidashi.model_options import add_model_options, model_options
from fukidashi.output import Output
from fukidashi.polling import Pace, pace_of
from fukidashi.progress import Reporter, State, reporter
from fukidashi.source import open_chapter
from fukidashi.submission import Submission
from fukidashi.summary import Summary
from fukidashi.target import Target, reach

_LONGEST_NAME = 255


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "translate",
        help="translate a chapter",
        description="Translates a folder of pages, one image, a .cbz or a .zip; or a .txt with the URL of a page a "
        "line, which the server fetches. OUT gets pages/0001.webp and pages/0001.json (the page document) and so on in "
        "natural order (that of the .txt), chapter.cbz, contact_sheet.webp (before and after) and result.json.",
        epilog="Exit codes: 0 all pages, 3 some, 1 none or an error, 2 wrong usage, 130 Ctrl-C (cancels the job).",
    )
    parser.add_argument("input", type=Path, metavar="INPUT", help="a folder of pages, an image, a .cbz or a .zip, "
                        "or a .txt with the URL of a page a line")  # fmt: skip
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="the folder for the results")
    parser.add_argument("--source", default="ja", metavar="LANG", help="language of the pages (default ja)")
    parser.add_argument("--target", default="en", metavar="LANG", help="language to translate into (default en)")
    parser.add_argument("--direction", choices=[item.value for item in Direction], default="auto")
    parser.add_argument("--format", choices=[item.value for item in ImageFormat], default="webp", help="of the pages")
    parser.add_argument("--policy", action="append", default=[], metavar="KIND=WHAT", help="what is done with a kind "
                        f"of text ({', '.join(KINDS)}): {', '.join(Policy)}. May be given several times; by default "
                        "what is spoken, thought and told is translated, the rest kept")  # fmt: skip
    parser.add_argument("--detector", default=DEFAULT_ENGINE, metavar="NAME", help="finds the texts; one that the "
                        "server is configured with")  # fmt: skip
    parser.add_argument("--reader", default=DEFAULT_ENGINE, metavar="NAME", help="reads them; likewise")
    parser.add_argument("--cleaner", default=DEFAULT_ENGINE, metavar="NAME", help="fills in what they stood on")
    parser.add_argument("--plates", action="store_true", help="keep each page without its lettering as well, as "
                        "plates/0001.webp: `fukidashi render` sets an edited page document on it")  # fmt: skip
    add_model_options(parser)
    parser.add_argument("--memory", type=Path, metavar="FILE", help="a translation memory (JSON); without it, a "
                        "memory.json next to the pages, or above their folder, is used")  # fmt: skip
    parser.add_argument("--no-memory", action="store_true", help="use no memory.json that lies there")
    parser.add_argument("--replace-memory", action="store_true", help="put the memory in the place of the one "
                        "that the series has, into which it is merged otherwise")  # fmt: skip
    parser.add_argument("--series", metavar="ID", help="the series that the chapter, and its memory, belong to")
    parser.add_argument("--chapter-id", metavar="ID", help="default: made from the input's name")
    parser.add_argument("--webhook", metavar="URL", help="is told when the chapter has ended")
    parser.add_argument("--server", metavar="URL", help="an orchestrator (default: FUKIDASHI_SERVER, else the local "
                        "stack, else one started for this command). Its API key: FUKIDASHI_API_KEY")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON result on stdout, all else on stderr")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Mapping[str, str]) -> ExitCode:
    """Raises the tree of :mod:`fukidashi.errors`."""
    chapter = open_chapter(options.input)
    memory = _memory(options, chapter)
    _request(options, chapter, memory, webhook=None)
    pace = pace_of(environment)
    output = Output.prepare(options.out, source=options.input)
    console = Console(stderr=True, highlight=False)
    with reporter(console, quiet=options.quiet) as progress:
        _announce(progress, options, chapter, memory)
        with reach(options.server, environment, progress.note) as target:
            request = _request(options, chapter, memory, webhook=target.webhook)
            work = _Work(options, chapter, memory, request, output, progress, pace=pace)
            try:
                code, summary = work.through(target)
            except BaseException:
                _keep_logs(target, output)
                raise
            if code is not ExitCode.SUCCESS:
                _keep_logs(target, output)
    _tell(options, console, summary, work.canceled)
    return code


class _Work:
    """A chapter on its way through one orchestrator."""

    def __init__(
        self,
        options: argparse.Namespace,
        chapter: Chapter,
        memory: LocalMemory | None,
        request: JobRequest,
        output: Output,
        progress: Reporter,
        *,
        pace: Pace,
    ) -> None:
        self._options, self._chapter, self._memory = options, chapter, memory
        self._request, self._output, self._progress = request, output, progress
        self._pace = pace
        self._submission: Submission | None = None
        self._collection: Collection | None = None
        self._began = time.monotonic()
        self.canceled: JobView | None = None

    def through(self, target: Target) -> tuple[ExitCode, Summary | None]:
        """No summary where Ctrl-C broke it off: :attr:`canceled` is the job then, if there was one already."""
        try:
            job = asyncio.run(self._carry(target))
            self._progress.show(State("writing archive and contact sheet", len(job.pages), len(job.pages)))
            summary = self._finish(job, target)
        except KeyboardInterrupt:
            self.canceled = self._submission.job if self._submission else None
            return ExitCode.INTERRUPTED, None
        return ExitCode.of(job.status), summary

    async def _carry(self, target: Target) -> JobView:
        async with AsyncClient(target.url, target.api_key, pace=target.paced(self._pace)) as client:
            if self._memory is not None and self._request.series_id is not None:
                replace = self._options.replace_memory
                await send_memory(client, self._request.series_id, self._memory, replace=replace)
            self._collection = Collection(client, self._output, self._progress, clock=time.monotonic)
            self._submission = Submission(client, self._chapter, self._collection, self._progress)
            job = await self._submission.run(self._request)
            return await self._collection.settle_webhook(job)

    def _finish(self, job: JobView, target: Target) -> Summary:
        if self._collection is None:
            raise RuntimeError("nothing was collected")
        elapsed_s = time.monotonic() - self._began
        fetched = self._collection.fetched
        return finish(self._chapter, job, fetched, self._output, server=target.url, elapsed_s=elapsed_s)


def _memory(options: argparse.Namespace, chapter: Chapter) -> LocalMemory | None:
    if options.memory is not None and options.no_memory:
        raise UsageError("--memory and --no-memory contradict each other")
    path = options.memory or (None if options.no_memory else chapter.memory)
    return LocalMemory.read(path) if path else None


def _request(
    options: argparse.Namespace, chapter: Chapter, memory: LocalMemory | None, *, webhook: str | None
) -> JobRequest:
    """Checked here as the server would, so that a wrong option costs no upload."""
    request = JobRequest(
        pages=tuple(PageSpec(page.content_type, page.name[-_LONGEST_NAME:], page.url) for page in chapter.pages),
        chapter_id=options.chapter_id or chapter.id,
        source=options.source,
        target=options.target,
        series_id=options.series or (memory.series_id if memory else None),
        reading_direction=Direction(options.direction),
        options=_job_options(options),
        webhook_url=options.webhook or webhook,
    )
    try:
        return JobRequest.from_json(request.to_json())
    except BadMessage as error:
        raise UsageError(str(error)) from None


def _job_options(options: argparse.Namespace) -> Options:
    try:
        policies = Policies.from_words(",".join(options.policy), "--policy")
    except BadMessage as error:
        raise UsageError(str(error)) from None
    model = model_options(options)
    return Options(
        image_format=ImageFormat(options.format),
        translator=model.translator,
        detector=options.detector,
        reader=options.reader,
        cleaner=options.cleaner,
        policies=policies,
        clean_plates=options.plates,
        translation=model.wish,
    )


def _announce(progress: Reporter, options: argparse.Namespace, chapter: Chapter, memory: LocalMemory | None) -> None:
    skipped = f" ({len(chapter.skipped)} other files skipped)" if chapter.skipped else ""
    count = len(chapter.pages)
    pages = f"{count} page{'' if count == 1 else 's'}"
    progress.note(f"{chapter.name}: {pages}{skipped}, {options.source} > {options.target}")
    if memory is not None:
        how = "" if options.memory else " (found with the pages; --no-memory leaves it out)"
        progress.note(f"Translation memory: {memory.path}{how}")


def _keep_logs(target: Target, output: Output) -> None:
    """A private stack's folder is about to go: what its services wrote may say why things went wrong."""
    if target.logs is not None:
        shutil.copytree(target.logs, output.root / "logs", dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.out"))


def _tell(options: argparse.Namespace, console: Console, summary: Summary | None, canceled: JobView | None) -> None:
    if options.json:
        document = summary.to_json() if summary else _canceled(canceled)
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    elif summary is not None and not options.quiet:
        tell(Console(highlight=False), summary, options.out)
    if summary is not None:
        tell_problems(console, summary)


def _canceled(job: JobView | None) -> dict[str, Any]:
    counts = job.counts if job else None
    return {"schema": 1, "status": "canceled", "job_id": job.id if job else None, "counts": counts}
