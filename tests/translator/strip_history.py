"""A strip's life over several attempts and retries, with what may befall them, and what must hold at its end.

What is left to do after each attempt is worked out by the orchestrator's own code; its storage is the fake's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from contract.attempt import AttemptOrder
from contract.document import DocumentRegion, PageDocument
from contract.grant import PageInput
from contract.job import Direction, JobRequest, PageSpec
from contract.report import PageReport, Report, ReportType
from contract.status import PageStatus
from edge.merge import by_attempt, join_all, poisoned
from edge.record import Beside, Job
from edge.state import Work
from tests.support.secrets import CALLBACK_SECRETS
from tests.translator.containers import QUICK
from tests.translator.fake_orchestrator import Answer, FakeOrchestrator
from tests.translator.strip_stages import StripFactory, cut, strip
from tests.translator.tiny_stages import Script, TinyTranslator
from translator.attempt import Attempt, Means
from translator.callbacks import OrchestratorClock
from translator.lanes import Lanes
from translator.metrics import Metrics
from translator.pipeline.pipeline import Stages
from translator.pipeline.protocols import StageError, TranslateRequest
from translator.pipeline.types import Origin, Translation
from translator.stop import StopReason


@dataclass(frozen=True)
class Chapter:
    """``texts`` are spans of rows, ``cuts`` the rows at which pages begin."""

    height: int
    texts: tuple[tuple[int, int], ...]
    cuts: tuple[int, ...]

    @property
    def bounds(self) -> tuple[int, ...]:
        return (0, *self.cuts, self.height)

    @property
    def numbers(self) -> range:
        return range(1, len(self.cuts) + 2)

    def files(self) -> dict[int, bytes | None]:
        return cut(strip(self.height, self.texts), *self.cuts)

    def pieces(self, text: tuple[int, int]) -> dict[int, tuple[int, int]]:
        """The rows of each page, in its own pixels, that a text covers."""
        found = {}
        for page in self.numbers:
            top, bottom = self.bounds[page - 1], self.bounds[page]
            rows = (max(text[0], top) - top, min(text[1], bottom) - top)
            if rows[0] < rows[1]:
                found[page] = rows
        return found


@dataclass(frozen=True)
class Trouble:
    """What befalls one attempt. ``ends_after`` that many requests it dies, or is told to stop because of ``stop``."""

    lost: frozenset[int] = frozenset()
    """Pages whose input is not there."""
    unstored: frozenset[int] = frozenset()
    """Pages whose upload fails."""
    undocumented: frozenset[int] = frozenset()
    """Pages whose document cannot be read."""
    broken: frozenset[tuple[str, int]] = frozenset()
    """Stages that fail on a page."""
    refused: frozenset[int] = frozenset()
    """Pages that the model does not translate."""
    ends_after: int | None = None
    stop: StopReason | None = None


class Storage(FakeOrchestrator):
    """Fails as an attempt's trouble says; ``over`` is set when its process dies, or is told to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble = Trouble()
        self.over = asyncio.Event()
        self.asked = 0

    def begin(self, trouble: Trouble) -> None:
        self.trouble, self.over, self.asked = trouble, asyncio.Event(), 0

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked += 1
        if self.trouble.ends_after is not None and self.asked > self.trouble.ends_after:
            self.over.set()
            if self.trouble.stop is None:
                raise ConnectionRefusedError
        path = url.removeprefix(self.base).partition("?")[0]
        place, page = path.split("/")[2], path.rsplit("/", 1)[-1].partition(".")[0]
        number = int(page) if page.isdigit() else 0
        if place == "in" and number in self.trouble.lost:
            return Answer(404)
        if place == "out" and method == "PUT" and number in self.trouble.unstored:
            return Answer(500)
        if place == "out" and method == "GET" and number in self.trouble.undocumented:
            return Answer(500)
        return super().handle(method, url, headers, body)


class _Translator(TinyTranslator):
    def __init__(self, script: Script, refused: frozenset[int]) -> None:
        super().__init__(script)
        self._refused = refused

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        if request.page in self._refused:
            return tuple(Translation(text.region_id, "", Origin.KEPT_SOURCE, "no") for text in request.texts)
        return super().translate(request)


class _Factory(StripFactory):
    def __init__(self, trouble: Trouble) -> None:
        faults: dict[tuple[str, int], Exception] = {
            place: StageError(place[0], "stage_failed", "it cannot") for place in trouble.broken
        }
        super().__init__(Script(faults=faults))
        self._refused = trouble.refused

    def _stages(self) -> Stages:
        return replace(super()._stages(), translator=_Translator(self.script, self._refused))


@dataclass
class History:
    """A chapter's jobs: the first and its retries, each with its attempts."""

    chapter: Chapter
    storage: Storage = field(default_factory=Storage)
    lanes: Lanes = field(default_factory=lambda: Lanes(readers=2))

    def __post_init__(self) -> None:
        self.job = self._job("job-1")
        self.known: list[Report] = []
        self.attempts = 0
        for page, data in self.chapter.files().items():
            self.storage.objects[f"/job-1/in/{page}"] = data or b""

    def _job(self, name: str, retried: Sequence[int] = ()) -> Job:
        request = JobRequest(tuple(PageSpec() for _ in self.chapter.numbers), "c", reading_direction=Direction.WEBTOON)
        return Job(name, "owner", request, 0.0, 1e9, retried=tuple(retried))

    async def attempt(self, trouble: Trouble) -> None:
        """The next attempt of the newest job, if anything is left to do."""
        work = Work.after(self.job, self.known)
        if not work.pages:
            return
        self.attempts += 1
        self.storage.begin(trouble)
        before = len(self.storage.reports)
        await self._run(self._order(work), trouble)
        self.known = by_attempt([*self.known, *self.storage.reports[before:]])

    def retry(self) -> None:
        """A new job for what is not done."""
        old, table = self.job, join_all(self.known)
        failed = [page for page in self.chapter.numbers if page not in self.done()]
        if not failed:
            return
        self.job, self.attempts = self._job(f"{old.id}r", failed), 0
        for page in self.chapter.numbers:
            self.storage.objects[f"/{self.job.id}/in/{page}"] = self.storage.objects[f"/{old.id}/in/{page}"]
        carried = tuple(_carried(old, table[page].report) for page in self.chapter.numbers if page not in failed)
        self.known = [Report(ReportType.RESULT, "before", self.job.id, 0, "before", 0, carried)]

    def done(self) -> dict[int, PageReport]:
        return {n: e.report for n, e in join_all(self.known).items() if e.report.status is PageStatus.DONE}

    def is_over(self) -> bool:
        return not set(self.chapter.numbers) - {*self.done(), *poisoned(self.known)}

    def document(self, page: int) -> PageDocument:
        output = self.done()[page].output
        assert output is not None
        return PageDocument.parse(self.storage.objects[self._place(Beside.of(page, output))])

    def _place(self, beside: Beside) -> str:
        return f"/{beside.job_id or self.job.id}/out/a{beside.attempt}/{beside.page}.json"

    def _order(self, work: Work) -> AttemptOrder:
        fake = self.storage
        neighbours = tuple(
            PageInput(
                beside.page,
                fake.grant("GET", f"/{self.job.id}/in/{beside.page}"),
                fake.grant("GET", self._place(beside)) if beside.attempt else None,
            )
            for beside in work.neighbours
        )
        return fake.order(
            dict.fromkeys(work.pages),
            job_id=self.job.id,
            attempt=self.attempts,
            alone=work.alone,
            neighbours=neighbours,
            page_count=len(self.chapter.numbers),
            reading_direction=Direction.WEBTOON,
        )

    async def _run(self, order: AttemptOrder, trouble: Trouble) -> None:
        async with self.storage.client() as client:
            means = Means(
                client,
                CALLBACK_SECRETS,
                OrchestratorClock(),
                self.lanes,
                Metrics(),
                f"worker-{self.job.id}-{self.attempts}",
                max_page_bytes=10**7,
                max_page_pixels=10**8,
                tempo=QUICK,
            )
            attempt = Attempt(order, _Factory(trouble), means)
            running = asyncio.create_task(attempt.run())
            over = asyncio.create_task(self.storage.over.wait())
            await asyncio.wait({running, over}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                if trouble.stop is None:
                    running.cancel()
                else:
                    attempt.stop.request(trouble.stop)
            over.cancel()
            await asyncio.gather(running, over, return_exceptions=True)
            assert running.cancelled() or running.exception() is None, running.exception()


def _carried(old: Job, page: PageReport) -> PageReport:
    output = page.output
    assert output is not None
    return replace(page, output=output if output.job_id else replace(output, job_id=old.id))


def wrongs(history: History) -> list[str]:
    """What is lost of a text or translated by halves without a word of it, at the end of a history."""
    return [wrong for text in history.chapter.texts for wrong in _wrongs(history, text)]


def flagged(history: History) -> list[str]:
    """What the pages' reports say of their borders."""
    return [warning for page in history.done().values() for warning in page.warnings if warning.startswith("seam:")]


def _wrongs(history: History, text: tuple[int, int]) -> list[str]:
    pieces, done = history.chapter.pieces(text), history.done()
    here = {page: _region(history.document(page), rows) for page, rows in pieces.items() if page in done}
    told = any(warning.startswith("seam:") for page in here for warning in done[page].warnings)
    found = [f"text {text}: page {page} knows nothing of it" for page, region in here.items() if region is None]
    if told or len(pieces) == 1 or found:
        return found
    states = {page: _state(region) for page, region in here.items() if region is not None}
    wrong = _wrong(states, {region.part_of.page for region in here.values() if region and region.part_of})
    whole = f"{text[1] - text[0]} rows"
    halves = [page for page, region in here.items() if region and region.source_text not in ("", whole)]
    return [f"text {text}: {what}: {states}" for what in (wrong, "read by halves" if halves else "") if what]


def _wrong(states: Mapping[int, str], owners: set[int]) -> str:
    kinds = set(states.values())
    if "alone" in kinds:
        return "read alone"
    if "gone" in kinds and not all(states.get(owner) == "set" for owner in owners):
        return "lost"
    return "set beside its own lettering" if {"set", "drawn"} <= kinds else ""


def _region(document: PageDocument, rows: tuple[int, int]) -> DocumentRegion | None:
    near = (region for region in document.regions if region.box[1] <= rows[0] + 2 and region.box[3] >= rows[1] - 2)
    return next(near, None)


def _state(region: DocumentRegion) -> str:
    if not region.id.startswith("s"):
        return "alone"
    if region.origin == Origin.ELSEWHERE.value:
        return "gone"
    return "drawn" if region.origin == Origin.KEPT_SOURCE.value else "set"


def chapter_by(chance: random.Random) -> Chapter:
    """Pages of 60 to 400 rows with texts over about half of their borders, and some between."""
    bounds = [0]
    for _ in range(chance.randint(2, 6)):
        bounds.append(bounds[-1] + chance.choice([60, 150, 300, 400]))
    texts, end = [], 0
    for row in bounds[1:-1]:
        top, bottom = row - chance.choice([6, 20, 40]), row + chance.choice([6, 20, 40, 70])
        if chance.random() < 0.6 and top > end + 30 and bottom < bounds[-1] - 10:
            texts.append((top, bottom))
            end = bottom
    return Chapter(bounds[-1], tuple(texts), tuple(bounds[1:-1]))


def trouble_by(chance: random.Random, pages: range) -> Trouble:
    def some(share: float) -> frozenset[int]:
        return frozenset(page for page in pages if chance.random() < share)

    stages = ("detect", "read", "translate", "typeset")
    dies = chance.random() < 0.5
    return Trouble(
        lost=some(0.1),
        unstored=some(0.1),
        undocumented=some(0.05),
        broken=frozenset((chance.choice(stages), page) for page in some(0.12)),
        refused=some(0.15),
        ends_after=chance.randint(2, 12 * len(pages)) if dies else None,
        stop=chance.choice([None, None, StopReason.DRAIN, StopReason.CANCEL]) if dies else None,
    )
