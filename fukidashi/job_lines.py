"""Jobs as lines for people: one with its pages, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from contract.listing import JobItem
from contract.status import JobStatus, PageStatus
from contract.view import JobView, PageView, WebhookView
from fukidashi.columns import tell_rows
from fukidashi.eta import clock_text

_STYLES = {
    JobStatus.SUCCESS: "green",
    JobStatus.PARTIAL: "yellow",
    JobStatus.ERROR: "red",
    JobStatus.CANCELED: "magenta",
    JobStatus.EXPIRED: "magenta",
}
_PAGE_STYLES = {PageStatus.DONE: "green", PageStatus.FAILED: "red", PageStatus.RUNNING: "cyan"}


def tell_job(console: Console, job: JobView) -> None:
    """A job, whole."""
    _print(console, Text.assemble((job.id, "bold"), f"  {job.chapter_id}  {job.source} > {job.target}"))
    _print(console, Text.assemble((job.status.value, _style(job.status)), _asked(job), f": {_counted(job)}"))
    for label, value in _facts(job):
        _print(console, Text(f"  {label:<12}{value}"))
    for warning in job.warnings:
        _print(console, Text(f"  ! {warning}", "yellow"))
    if job.pages:
        console.print()
        rows = [_page(page) for page in job.pages]
        tell_rows(console, ("page", "name", "status", "stage or error"), rows, right=frozenset({0}))


def tell_jobs(console: Console, jobs: Sequence[JobItem], *, more: bool) -> None:
    """A listing; ``more``: there are others that are not shown."""
    if not jobs:
        _print(console, Text("no jobs"))
        return
    heads = ("job", "status", "done", "failed", "created", "chapter")
    tell_rows(console, heads, [_item(job) for job in jobs], right=frozenset({2, 3}))
    if more:
        _print(console, Text("there are more: --limit shows them", "dim"))


def tell_webhook(console: Console, job_id: str, webhook: WebhookView) -> None:
    _print(console, Text(f"{job_id}: webhook {_webhook(webhook)}"))


def _item(job: JobItem) -> Sequence[Text]:
    again = "  (a retry)" if job.retry_of else ""
    return (
        Text(job.id, "bold"),
        Text(job.status.value, _style(job.status)),
        Text(f"{job.done}/{job.pages}"),
        Text(str(job.failed or ""), "red"),
        Text(_moment(job.created_at)),
        Text.assemble(job.chapter_id, (again, "dim")),
    )


def _page(page: PageView) -> Sequence[Text]:
    last = f"{page.error.code.value}: {page.error.detail}" if page.error else _stage(page)
    style = _PAGE_STYLES.get(page.status, "")
    return Text(str(page.page)), Text(page.name), Text(page.status.value, style), Text(last)


def _stage(page: PageView) -> str:
    """Of a page that is done, the last stage says nothing any more."""
    return page.stage if page.status is PageStatus.RUNNING else ""


def _facts(job: JobView) -> Iterator[tuple[str, str]]:
    yield "created", _moment(job.created_at)
    if job.completed_at:
        yield "ended", f"{_moment(job.completed_at)}{_took(job)}"
        yield "kept until", _moment(job.expires_at)
    else:
        yield "given up at", _moment(job.expires_at)
    if job.attempt > 1:
        yield "attempts", str(job.attempt)
    if job.retry_of:
        yield "retry of", job.retry_of
    if job.superseded_by:
        yield "retried by", job.superseded_by
    if job.webhook.state != "none":
        yield "webhook", _webhook(job.webhook)


def _webhook(webhook: WebhookView) -> str:
    """``delivered (event evt_…, 2 tried, the last answered 500, the next at …)``."""
    parts = [f"event {webhook.event_id}"] if webhook.event_id else []
    parts += [f"{webhook.attempts} tried"] if webhook.attempts else []
    refused = webhook.attempts and webhook.last_status and webhook.state != "delivered"
    parts += [f"the last answered {webhook.last_status}"] if refused else []
    parts += [f"the next at {_moment(webhook.next_at)}"] if webhook.next_at else []
    return f"{webhook.state} ({', '.join(parts)})" if parts else webhook.state


def _counted(job: JobView) -> str:
    counts = job.counts
    parts = [f"{counts['done']} of {counts['total']} pages done"]
    parts += [f"{counts[name]} {name}" for name in ("failed", "running") if counts[name]]
    return ", ".join(parts)


def _asked(job: JobView) -> str:
    return " (asked to stop)" if job.cancel_requested and not job.status.is_terminal else ""


def _took(job: JobView) -> str:
    try:
        began = datetime.fromisoformat(job.started_at or job.created_at)
        seconds = (datetime.fromisoformat(job.completed_at or "") - began).total_seconds()
    except (ValueError, TypeError):
        return ""
    return f", after {clock_text(seconds)}" if seconds >= 0 else ""


def _moment(text: str) -> str:
    """In the time of this machine, to the minute; as it came where it is no time."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return text


def _style(status: JobStatus) -> str:
    return _STYLES.get(status, "cyan")


def _print(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True, highlight=False)
