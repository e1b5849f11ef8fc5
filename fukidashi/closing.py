"""The lines at the end of a run: what came out, where it is, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from contract.status import JobStatus, PageErrorCode
from fukidashi.eta import clock_text
from fukidashi.summary import Summary

_MARKS = {JobStatus.SUCCESS: ("✓", "bold green"), JobStatus.PARTIAL: ("!", "bold yellow")}
_MANY = 8


def tell(console: Console, summary: Summary, out: Path) -> None:
    """Outcome and places, for people."""
    mark, style = _MARKS.get(summary.job.status, ("✗", "bold red"))
    job = summary.job
    head = f"{mark} {job.chapter_id}: {job.status.value}, {job.counts['done']} of {len(job.pages)} pages"
    # What was only fetched took no time worth telling.
    took = f" in {clock_text(summary.elapsed_s)}" if summary.elapsed_s >= 1 else ""
    _line(console, Text(f"{head}{took}", style))
    for label, value in _rows(summary, out):
        _line(console, Text.assemble((f"  {label:<14}", "bold"), value))


def tell_problems(console: Console, summary: Summary) -> None:
    """Failed pages, each with its code, those that a budget did not reach in one line; then what is not as one would
    wish."""
    unpaid = [page for page in summary.failed if page.error and page.error.code is PageErrorCode.BUDGET_SPENT]
    for page in summary.failed:
        if page.error is not None and page not in unpaid:
            again = " (a retry may help)" if page.error.retryable else ""
            name = f" ({page.name})" if page.name else ""
            text = f"✗ page {page.page}{name}: {page.error.code.value}: {page.error.detail}{again}"
            _line(console, Text(text, "red"))
    if unpaid and unpaid[0].error is not None:
        text = f"✗ {_pages([page.page for page in unpaid])}: budget_spent: {unpaid[0].error.detail}"
        again = f"fukidashi jobs retry {summary.job.id} --budget WHAT=AMOUNT goes on where it ended"
        _line(console, Text(f"{text} ({again})", "red"))
    for text in warnings(summary):
        _line(console, Text(f"! {text}", "yellow"))


def warnings(summary: Summary) -> Iterator[str]:
    """Everything that is worth a look, in a fixed order; many of a kind are cut short (all are in ``result.json``)."""
    texts = summary.texts
    if gloss := texts.origins.get("gloss"):
        yield (
            f"{_count(gloss, 'text is', 'texts are')} only a word-by-word gloss, no translation "
            f"({_pages(texts.pages_of['gloss'])}): no translation model is configured"
        )
    if kept := texts.origins.get("kept_source"):
        yield f"{_count(kept, 'text was', 'texts were')} not translated ({_pages(texts.pages_of['kept_source'])})"
    if texts.overflows:
        where = _pages(texts.pages_of["overflow"])
        yield f"{_count(texts.overflows, 'text does', 'texts do')} not fit the space ({where})"
    yield from _some([*summary.job.warnings, *summary.warnings])
    yield from _some(_page_warnings(summary))
    yield from _some([f"skipped {skip.name}: {skip.reason}" for skip in summary.skipped])


def _page_warnings(summary: Summary) -> list[str]:
    """Without those of glosses, which are counted above for the whole chapter."""
    counted = "gloss" if summary.texts.origins.get("gloss") else None
    return [
        f"page {page.page}: {text}"
        for page in summary.job.pages
        for text in page.warnings
        if counted is None or counted not in text
    ]


def _rows(summary: Summary, out: Path) -> Iterator[tuple[str, str]]:
    if summary.files:
        yield "texts", summary.texts.told()
        yield "pages", f"{out / 'pages'}{'/'} (with a document each)"
        yield "archive", str(out / "chapter.cbz")
        sheets = summary.artifacts["contact_sheets"]
        yield "contact sheet", str(out / sheets[0]) + (f" and {len(sheets) - 1} more" if len(sheets) > 1 else "")
    yield "result", str(out / "result.json")
    webhook = summary.job.webhook
    if webhook.state != "none":
        yield "webhook", webhook.state if webhook.state == "delivered" else f"{webhook.state}, {webhook.attempts} tried"
    yield "job", summary.job.id


def _some(texts: Sequence[str]) -> Iterator[str]:
    yield from texts[:_MANY]
    if len(texts) > _MANY:
        yield f"… and {len(texts) - _MANY} more of this kind (result.json has them all)"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _pages(numbers: Sequence[int]) -> str:
    """``pages 2-5, 9``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"page{'' if len(numbers) == 1 else 's'} {told}"


def _line(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True, highlight=False)
