"""Reads annotated pages with the engines that ship, several at once and one alone, and takes the time."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from translator.build import Engines
from translator.config import Config
from translator.evaluation.found import FoundPage, found_page
from translator.evaluation.result import Evaluation, PageResult, Speed, page_result
from translator.evaluation.truth import TruePage, TruthError
from translator.pipeline.decode import decode_page
from translator.pipeline.kinds import settled
from translator.pipeline.protocols import Detector, Orderer, Reader, StageError
from translator.pipeline.types import Page, ReadingDirection
from translator.stages import StageOrder

T = TypeVar("T")
Progress = Callable[[int, int, str], None]
"""Called with the pages done, the pages in all, and the name of what was done last."""


class ReadingStages(Protocol):
    """The stages that are measured; a job's ``Stages`` are such."""

    @property
    def detector(self) -> Detector: ...

    @property
    def reader(self) -> Reader: ...

    @property
    def orderer(self) -> Orderer: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """``threads`` of the machine; ``alone``: so many pages are timed one by one as well (0: none)."""

    source: str = "ja"
    direction: ReadingDirection = ReadingDirection.AUTO
    threads: int = 2
    alone: int = 12


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What the stages said of a page, and the seconds that each took."""

    found: FoundPage
    size: tuple[int, int]
    stages_s: dict[str, float]


def evaluate(name: str, pages: Sequence[TruePage], plan: Plan, progress: Progress) -> Evaluation:
    """Raises :class:`TruthError` for an image that cannot be read, ``Unsupported`` for a language that cannot."""
    config = Config(threads=plan.threads)
    stages = _stages(config, plan.source)
    together = _Watch()
    read = _read_all(pages, stages, plan.direction, at_once=config.readers, progress=progress)
    speed = together.speed(read, at_once=config.readers, threads=config.threads_a_reader)
    results = tuple(
        page_result(truth, one.found, one.size, source=plan.source) for truth, one in zip(pages, read, strict=True)
    )
    peak_mib = _peak_mib()
    alone = _alone(_spread(pages, plan.alone), plan, progress) if plan.alone else None
    engines = {"detect": stages.detector.name, "read": stages.reader.name, "order": stages.orderer.name}
    return Evaluation(name, plan.source, engines, results, speed, alone, peak_mib)


def read_page(page: Page, stages: ReadingStages, direction: ReadingDirection) -> ReadPage:
    """A decoded page through the three stages that read."""
    seconds: dict[str, float] = {}
    detection = _timed(seconds, "detect", lambda: stages.detector.detect(page))
    readings = _timed(seconds, "read", lambda: stages.reader.read(page, detection))
    detection = settled(detection, {reading.region_id: reading for reading in readings})
    lines = _timed(seconds, "order", lambda: stages.orderer.order(page, detection, direction))
    return ReadPage(found_page(detection, readings, lines), (page.width, page.height), seconds)


def evaluate_page(truth: TruePage, page: Page, stages: ReadingStages, *, source: str = "ja") -> PageResult:
    """Reads and scores one page in memory."""
    read = read_page(page, stages, ReadingDirection.AUTO)
    return page_result(truth, read.found, read.size, source=source)


def open_page(path: Path) -> Page:
    """The image of an annotated page, as a job's page is decoded. Raises :class:`TruthError`."""
    try:
        return decode_page(path.read_bytes(), 1)
    except OSError as error:
        raise TruthError(f"{path}: {error.strerror or error}") from None
    except StageError as error:
        raise TruthError(f"{path}: {error.code}: {error.detail}") from None


def _stages(config: Config, source: str) -> ReadingStages:
    return Engines(config).stages(StageOrder(source, "en"))


def _read_all(
    pages: Sequence[TruePage], stages: ReadingStages, direction: ReadingDirection, *, at_once: int, progress: Progress
) -> tuple[ReadPage, ...]:
    read = []
    with ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(_read_file, truth, stages, direction) for truth in pages]
        try:
            for number, (truth, future) in enumerate(zip(pages, futures, strict=True), start=1):
                read.append(future.result())
                progress(number, len(pages), f"{truth.book} {truth.name}")
        finally:
            pool.shutdown(cancel_futures=True)
    return tuple(read)


def _read_file(truth: TruePage, stages: ReadingStages, direction: ReadingDirection) -> ReadPage:
    if truth.path is None:
        raise TruthError(f"{truth.book} {truth.name}: it has no image file")
    started = time.perf_counter()
    page = open_page(truth.path)
    decoded = time.perf_counter()
    try:
        read = read_page(page, stages, direction)
    except StageError as error:
        raise TruthError(f"{truth.path}: {error}") from None
    return replace(read, stages_s={"decode": decoded - started, **read.stages_s})


def _alone(pages: Sequence[TruePage], plan: Plan, progress: Progress) -> Speed:
    """One page after the other, each with all threads; the first pages of a process are slower and are left out."""
    # A reader of two has half of the threads: of twice as many it has them all.
    stages = _stages(Config(threads=2 * plan.threads), plan.source)
    _read_file(pages[0], stages, plan.direction)
    watch = _Watch()
    read = _read_all(pages, stages, plan.direction, at_once=1, progress=progress)
    return watch.speed(read, at_once=1, threads=plan.threads)


class _Watch:
    """Started when it is made."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def speed(self, read: Sequence[ReadPage], *, at_once: int, threads: int) -> Speed:
        wall, processor = time.perf_counter() - self._wall, time.process_time() - self._processor
        stages = {stage: sum(one.stages_s[stage] for one in read) for stage in (read[0].stages_s if read else ())}
        return Speed(len(read), at_once, threads, wall, stages, processor)


def _spread(pages: Sequence[TruePage], count: int) -> Sequence[TruePage]:
    """At most ``count`` pages, evenly from first to last."""
    if len(pages) <= count:
        return pages
    return [pages[n * len(pages) // count] for n in range(count)]


def _timed(seconds: dict[str, float], stage: str, work: Callable[[], T]) -> T:
    started = time.perf_counter()
    result = work()
    seconds[stage] = time.perf_counter() - started
    return result


def _peak_mib() -> float:
    """The highest resident memory of this process until now."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
