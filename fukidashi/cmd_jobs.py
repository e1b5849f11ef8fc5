"""``fukidashi jobs``: look at jobs, stop them, have them done again, and bring what they made here."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console

from contract.status import JobStatus
from contract.view import JobView
from fukidashi.client import Client
from fukidashi.cmd_follow import Following, Watch
from fukidashi.errors import ApiError, BadAnswer, UsageError
from fukidashi.exit_code import ExitCode
from fukidashi.help_text import Verbs
from fukidashi.job_lines import tell_job, tell_jobs, tell_webhook
from fukidashi.listing import LARGEST_PART
from fukidashi.model_options import add_budget
from fukidashi.polling import pace_of
from fukidashi.target import Target, require_target

_CODES = "0 all pages, 3 some, 1 none or an error, 2 wrong usage, 130 Ctrl-C (the job goes on)."
Verb = Callable[[argparse.Namespace, Target, Mapping[str, str]], ExitCode]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "look at jobs, stop them, retry them, fetch what they made"
    parser = commands.add_parser("jobs", help=text, description=_sentence(text), formatter_class=Verbs)
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    _add_list(verbs)
    _add_one(verbs, "get", _get, "show a job and its pages")
    watch = _add_one(verbs, "watch", _watch, "follow a job until it has ended")
    download = _add_one(verbs, "download", _download, "fetch what a job made, as translate does; waits for its end")
    _add_one(verbs, "cancel", _cancel, "ask a job to stop; harmless where it has ended")
    retry = _add_one(verbs, "retry", _retry, "do again what failed in a job that has ended, as a new job")
    retry.add_argument("--page", type=_number, metavar="N", help="this page alone; the others stay as they ended")
    add_budget(retry)
    retry.add_argument("-o", "--out", type=Path, metavar="OUT", help="follow the new job and put its results there")
    redeliver = _add_one(verbs, "redeliver", _redeliver, "send a job's webhook event again, under the same id")
    redeliver.add_argument("event", metavar="EVENT", nargs="?", help="the event's id (default: the job's only one)")
    download.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="the folder for the results")
    download.add_argument(
        "--no-wait", action="store_true", help="take what is finished now (exit 3 if that is not all)"
    )
    for one in (download, retry):
        one.add_argument("--originals", type=Path, metavar="INPUT", help="what was translated: with it, the contact "
                         "sheet shows before and after, and failed pages are in chapter.cbz as they were")  # fmt: skip
    for one in (watch, download, retry):
        one.add_argument("--quiet", action="store_true", help="no progress")
        one.epilog = f"Exit codes: {_CODES}"


def _add_list(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "list the jobs of the API key, the newest first"
    parser = verbs.add_parser("list", help=text, description=f"{_sentence(text)} It may be up to a minute behind.")
    parser.add_argument("--status", choices=list(JobStatus), type=JobStatus, metavar="STATUS",
                        help=f"only these: {', '.join(JobStatus)}")  # fmt: skip
    parser.add_argument("--limit", type=_number, default=20, metavar="N", help="at most so many (default 20)")
    _add_common(parser, _list, "one JSON document: jobs, and whether there are more")


def _add_one(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, verb: Verb, text: str
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=text, description=_sentence(text))
    parser.add_argument("id", metavar="ID", type=_id, help="the job's id")
    _add_common(parser, verb, "one JSON document on stdout, all else on stderr")
    return parser


def _add_common(parser: argparse.ArgumentParser, verb: Verb, json_help: str) -> None:
    parser.add_argument("--server", metavar="URL", help="an orchestrator (default: FUKIDASHI_SERVER, else the local "
                        "stack). Its API key: FUKIDASHI_API_KEY")  # fmt: skip
    parser.add_argument("--json", action="store_true", help=json_help)
    parser.set_defaults(run=run, verb=verb)


def run(options: argparse.Namespace, environment: Mapping[str, str]) -> ExitCode:
    """Raises the tree of :mod:`fukidashi.errors`."""
    target = require_target(options.server, environment)
    verb: Verb = options.verb
    return verb(options, target, environment)


def _list(options: argparse.Namespace, target: Target, _: Mapping[str, str]) -> ExitCode:
    with Client(target.url, target.api_key) as client:
        # One more than is shown, to know whether there are more.
        found = list(islice(client.jobs(options.status, part=min(options.limit + 1, LARGEST_PART)), options.limit + 1))
    jobs, more = found[: options.limit], len(found) > options.limit
    if options.json:
        _write({"schema": 1, "jobs": [job.to_json() for job in jobs], "more": more})
    else:
        tell_jobs(_out(), jobs, more=more)
    return ExitCode.SUCCESS


def _get(options: argparse.Namespace, target: Target, _: Mapping[str, str]) -> ExitCode:
    with Client(target.url, target.api_key) as client:
        _show(options, _seen(client, options.id))
    return ExitCode.SUCCESS


def _cancel(options: argparse.Namespace, target: Target, _: Mapping[str, str]) -> ExitCode:
    with Client(target.url, target.api_key) as client:
        _show(options, client.cancel(options.id))
    return ExitCode.SUCCESS


def _redeliver(options: argparse.Namespace, target: Target, _: Mapping[str, str]) -> ExitCode:
    with Client(target.url, target.api_key) as client:
        event = options.event or _seen(client, options.id).webhook.event_id
        if event is None:
            raise UsageError(f"job {options.id} has no webhook: there is nothing to deliver")
        webhook = client.redeliver(options.id, event)
    if options.json:
        _write(webhook.to_json())
    else:
        tell_webhook(_out(), options.id, webhook)
    return ExitCode.SUCCESS


def _watch(options: argparse.Namespace, target: Target, environment: Mapping[str, str]) -> ExitCode:
    job = Watch(target, pace_of(environment), quiet=options.quiet).through(options.id)
    if job is None:
        return ExitCode.INTERRUPTED
    _show(options, job)
    return ExitCode.of(job.status)


def _download(options: argparse.Namespace, target: Target, environment: Mapping[str, str]) -> ExitCode:
    with Client(target.url, target.api_key) as client:
        job = _seen(client, options.id)
    return _follow(options, target, environment, job, wait=not options.no_wait)


def _retry(options: argparse.Namespace, target: Target, environment: Mapping[str, str]) -> ExitCode:
    if options.originals is not None and options.out is None:
        raise UsageError("--originals is for the results: say where they go with -o")
    with Client(target.url, target.api_key) as client:
        job = _retried(client, options)
    if options.out is not None:
        _note(f"job {job.id} does again what failed in {options.id}")
        return _follow(options, target, environment, job, wait=True)
    _show(options, job)
    if not options.json:
        _note(f"fukidashi jobs download {job.id} -o OUT fetches its results")
    return ExitCode.SUCCESS


def _retried(client: Client, options: argparse.Namespace) -> JobView:
    try:
        return client.retry(options.id, page=options.page, budget=options.budget)
    except ApiError as error:
        if successor := error.members.get("superseded_by"):
            _note(f"{options.id} is retried by {successor}")
        raise


def _follow(
    options: argparse.Namespace, target: Target, environment: Mapping[str, str], job: JobView, *, wait: bool
) -> ExitCode:
    following = Following(target, pace_of(environment), options.out, options.originals, quiet=options.quiet)
    return following.through(job, wait=wait, as_json=options.json)


def _seen(client: Client, job_id: str) -> JobView:
    view = client.get(job_id).view
    if view is None:
        raise BadAnswer(f"job {job_id}: a 304 to a question without an etag")
    return view


def _show(options: argparse.Namespace, job: JobView) -> None:
    if options.json:
        document = job.to_json()
        for capability in ("uploads", "poll_url", "poll_token"):
            document.pop(capability, None)
        _write(document)
    else:
        tell_job(_out(), job)


def _out() -> Console:
    return Console(highlight=False)


def _note(text: str) -> None:
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 1_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _id(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("empty")
    return text.strip()
