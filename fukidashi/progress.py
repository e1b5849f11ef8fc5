"""Progress on stderr: a live bar on a terminal, plain lines elsewhere, nothing if asked to be quiet."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
)
from rich.text import Text

from contract.status import JobStatus, PageStatus
from contract.view import JobView
from fukidashi.eta import Eta, clock_text

WAITING = {
    JobStatus.QUEUED: "waiting for a translator",
    JobStatus.PREPARING: "a translator has taken the chapter",
}


@dataclass(frozen=True, slots=True)
class State:
    """What is shown: ``phase`` in a word or two, pages ended of ``total``, and more in words."""

    phase: str
    ended: int
    total: int
    note: str = ""
    eta_s: float | None = None


def describe(view: JobView, eta_s: float | None) -> State:
    """A job as a state to show."""
    ended = sum(page.status.is_terminal for page in view.pages)
    failed = view.counts[PageStatus.FAILED.value]
    stages = Counter(page.stage for page in view.pages if page.status is PageStatus.RUNNING and page.stage)
    notes = [stage if count == 1 else f"{stage} ×{count}" for stage, count in stages.items()]
    notes += [f"{failed} failed"] if failed else []
    phase = WAITING.get(view.status, "translating")
    return State(phase, ended, len(view.pages), ", ".join(notes), eta_s)


class Reporter(Protocol):
    """Tells people how far things are. ``note`` is for what should stay on the screen."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def note(self, text: str) -> None: ...

    def show(self, state: State) -> None: ...


def reporter(console: Console, *, quiet: bool) -> Reporter:
    if quiet:
        return Quiet()
    return Live(console) if console.is_terminal else Lines(console)


class _Entered:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class Quiet(_Entered):
    def note(self, text: str) -> None:
        del text

    def show(self, state: State) -> None:
        del state


class Lines(_Entered):
    """A line for each change worth one in a log: a new phase, pages that came out (at most one a second)."""

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._last: tuple[str, int] | None = None
        self._at = float("-inf")

    def note(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def show(self, state: State) -> None:
        now, current = self._clock(), (state.phase, state.ended)
        new_phase = self._last is None or self._last[0] != state.phase
        over = state.ended == state.total
        if current == self._last or not (new_phase or over or now - self._at >= 1.0):
            return
        self._last, self._at = current, now
        rest = f", {state.note}" if state.note else ""
        left = f", about {clock_text(state.eta_s)} left" if state.eta_s and not over else ""
        self.note(f"{state.phase}: {state.ended}/{state.total} pages{rest}{left}")


class _Elapsed(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(clock_text(task.elapsed or 0.0))


class Live:
    """A bar: pages, the stages they are in, elapsed time and the time left, on one line that never wraps."""

    _BAR, _SHORT_BAR, _WIDE = 28, 14, 100
    _BESIDE = 32
    """Columns for the spinner, the counts, both times and the spaces between them."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=self._BAR if console.width >= self._WIDE else self._SHORT_BAR),
            MofNCompleteColumn(),
            TextColumn("[cyan]{task.fields[note]}"),
            _Elapsed(),
            TextColumn("[dim]{task.fields[left]}"),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def show(self, state: State) -> None:
        left = f"{clock_text(state.eta_s)} left" if state.eta_s is not None and state.ended < state.total else ""
        if self._task is None:
            self._task = self._progress.add_task(state.phase, total=state.total, note="", left="")
        self._progress.update(
            self._task,
            description=state.phase,
            completed=state.ended,
            total=state.total,
            refresh=True,
            note=escape(self._shortened(state)),
            left=left,
        )

    def _shortened(self, state: State) -> str:
        """A line as wide as the terminal wraps as soon as a ^C is echoed, and then is not erased."""
        width = self._progress.console.width
        bar = self._BAR if width >= self._WIDE else self._SHORT_BAR
        room = max(0, width - bar - len(state.phase) - self._BESIDE)
        return state.note if len(state.note) <= room else f"{state.note[: max(0, room - 1)]}…"


def progress_of(show: Callable[[State], None], *, clock: Callable[[], float]) -> Callable[[JobView], None]:
    """Shows each view of a job, with the time left as its pages tell it."""
    eta = Eta()

    def update(view: JobView) -> None:
        ended = sum(page.status.is_terminal for page in view.pages)
        left = eta.seconds_left(clock(), ended=ended, total=len(view.pages), begun=view.status is JobStatus.RUNNING)
        show(describe(view, left))

    return update
