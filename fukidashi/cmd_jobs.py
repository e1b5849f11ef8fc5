"""``fukidashi jobs``: look at a job, cancel a job."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contract.view import JobView
from fukidashi.client import Client
from fukidashi.exit_code import ExitCode
from fukidashi.target import require_target


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("jobs", help="look at a job, or cancel it")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for verb, text in (("get", "show a job and its pages"), ("cancel", "ask a job to stop")):
        one = verbs.add_parser(verb, help=text, description=text)
        one.add_argument("id", metavar="ID")
        one.add_argument("--server", metavar="URL", help="default: FUKIDASHI_SERVER, else the local stack")
        one.add_argument("--json", action="store_true", help="the job as the server answers it")
        one.set_defaults(run=run, verb=verb)


def run(options: argparse.Namespace, environment: Mapping[str, str]) -> ExitCode:
    """Raises the tree of :mod:`fukidashi.errors`."""
    target = require_target(options.server, environment)
    with Client(target.url, target.api_key) as client:
        job = client.cancel(options.id) if options.verb == "cancel" else client.get(options.id).view
    if job is None:
        raise RuntimeError("a 304 without an etag")
    if options.json:
        sys.stdout.write(json.dumps(job.to_json(), ensure_ascii=False) + "\n")
    else:
        _tell(Console(highlight=False), job)
    return ExitCode.SUCCESS


def _tell(console: Console, job: JobView) -> None:
    counts = job.counts
    asked = ", asked to stop" if job.cancel_requested and not job.status.is_terminal else ""
    console.print(Text.assemble((job.id, "bold"), f"  {job.chapter_id}  {job.source} > {job.target}"), soft_wrap=True)
    console.print(
        Text(f"{job.status.value}{asked}: {counts['done']} done, {counts['failed']} failed, {counts['total']} pages")
    )
    table = Table(box=None, pad_edge=False)
    for name in ("page", "name", "status", "stage or error"):
        table.add_column(name, justify="right" if name == "page" else "left")
    for page in job.pages:
        last = f"{page.error.code.value}: {page.error.detail}" if page.error else page.stage
        table.add_row(str(page.page), Text(page.name), page.status.value, Text(last))
    console.print(table)
