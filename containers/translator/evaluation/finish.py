"""Cleans or typesets annotated pages with the engines that ship, and measures what came out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from translator.build import Engines
from translator.config import Config
from translator.evaluation.clean_page import FinishingStages, clean_page
from translator.evaluation.clean_score import CleanScore, cleaned_document
from translator.evaluation.figure import Figure
from translator.evaluation.finish_shot import Shot, shot
from translator.evaluation.runner import Progress, open_page
from translator.evaluation.truth import TruePage, TruthError
from translator.evaluation.typeset_page import SetText, typeset_page
from translator.evaluation.typeset_score import TypesetScore, typeset_document
from translator.evaluation.typeset_truth import translated_pages
from translator.pipeline.protocols import StageError
from translator.pipeline.types import Page
from translator.stages import StageOrder

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class FinishPlan:
    """``target`` is the language that texts are set in. ``shots``: keep a picture of each page, for a contact sheet."""

    source: str
    target: str
    threads: int
    shots: bool


@dataclass(frozen=True, slots=True)
class Finishing:
    """What was measured: of ``texts`` annotated ones, ``done`` were found and cleaned, or set."""

    measure: str
    name: str
    plan: FinishPlan
    engines: Mapping[str, str]
    texts: int
    done: int
    figures: tuple[Figure, ...]
    pages: tuple[Mapping[str, Any], ...]
    shots: tuple[Shot, ...] = ()

    def document(self) -> Mapping[str, Any]:
        """As JSON: the frame that all evaluations have, and the pages under the measure's name."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "source": self.plan.source,
            "target": self.plan.target,
            "engines": dict(self.engines),
            "pages": len(self.pages),
            "texts": self.texts,
            "figures": {figure.key: figure.to_json() for figure in self.figures},
            self.measure: {"texts": self.done, "pages": [dict(page) for page in self.pages]},
        }

    def table(self) -> str:
        """As text, ending in a newline."""
        width = max(len(figure.name) for figure in self.figures)
        rows = [f"{self.name}: {self.measure}, pages {len(self.pages)}, texts {self.done} of {self.texts}"]
        rows += [", ".join(f"{stage} {name}" for stage, name in self.engines.items()), ""]
        for figure in self.figures:
            mark = {True: "  reached", False: "  MISSED", None: ""}[figure.reaches]
            rows.append(f"{figure.name:{width}}  {figure.text:>9}  {figure.target_text:>9}{mark}".rstrip())
        return "\n".join(rows) + "\n"


def cleaning_figures() -> tuple[Figure, ...]:
    """Their names, with nothing measured."""
    return CleanScore.of(()).figures


def typesetting_figures() -> tuple[Figure, ...]:
    return TypesetScore(()).figures


def evaluate_cleaning(name: str, pages: Sequence[TruePage], plan: FinishPlan, progress: Progress) -> Finishing:
    """Raises :class:`TruthError` for an image that cannot be read, ``Unsupported`` for a language that cannot."""
    stages, engines = _stages(plan)
    found, shots = [], []
    for truth, page in _opened(pages, progress):
        with _named(truth):
            done, plate = clean_page(truth, page, stages)
        found.append(done)
        if plan.shots:
            notes = [f"text is still found: {region}" for region in done.left]
            notes += [f"changed beyond the margin: {done.outside_px} px"] if done.outside_px else []
            shots.append(shot(truth, page.rgb, plate, notes))
    score = CleanScore.of(tuple(found))
    documents = tuple(cleaned_document(page) for page in found)
    names = {"detect": engines["detect"], "clean": engines["clean"]}
    return Finishing("cleaning", name, plan, names, score.texts, score.blocks, score.figures, documents, tuple(shots))


def evaluate_typesetting(folder: Path, pages: Sequence[TruePage], plan: FinishPlan, progress: Progress) -> Finishing:
    """The translations are those beside the annotation. Raises as :func:`evaluate_cleaning` does."""
    stages, engines = _stages(plan)
    texts = translated_pages(folder, pages, source=plan.source, target=plan.target)
    given = {(one.page.book, one.page.name): one.translations for one in texts}
    found, shots = [], []
    for truth, page in _opened(pages, progress):
        with _named(truth):
            done, rgb = typeset_page(truth, page, given[truth.book, truth.name], stages, target=plan.target)
        found.append(done)
        if plan.shots:
            shots.append(shot(truth, page.rgb, rgb, [_note(text) for text in done.texts if text.is_flawed]))
    score = TypesetScore(tuple(found))
    documents = tuple(typeset_document(page) for page in found)
    asked = sum(bool(text) for one in texts for text in one.translations)
    return Finishing(
        "typesetting",
        folder.resolve().name,
        plan,
        {stage: engines[stage] for stage in ("detect", "clean", "typeset")},
        asked,
        len(score.texts),
        score.figures,
        documents,
        tuple(shots),
    )


def _note(text: SetText) -> str:
    """What is wrong with how a text was set."""
    placed, breaks = text.placement, text.breaks
    lines = " / ".join(line.text for line in placed.lines) if placed else text.text
    if placed is None:
        return f"not set: {lines}"
    wrong = ["overflow"] if placed.overflow else []
    wrong += [f"{text.outside_px} px outside"] if text.outside_px else []
    wrong += ["letters missing"] if breaks is None else []
    wrong += ["hyphen"] if breaks and breaks.hyphens else []
    wrong += ["word broken"] if breaks and breaks.broken else []
    return f"{', '.join(wrong)}: {lines}"


def _stages(plan: FinishPlan) -> tuple[FinishingStages, Mapping[str, str]]:
    stages = Engines(Config(threads=plan.threads)).stages(StageOrder(plan.source, plan.target))
    return stages, stages.names


def _opened(pages: Sequence[TruePage], progress: Progress) -> Iterator[tuple[TruePage, Page]]:
    for number, truth in enumerate(pages, start=1):
        if truth.path is None:
            raise TruthError(f"{truth.book} {truth.name}: it has no image file")
        yield truth, open_page(truth.path)
        progress(number, len(pages), f"{truth.book} {truth.name}")


@contextmanager
def _named(truth: TruePage) -> Iterator[None]:
    """A stage's failure with the page that it is about."""
    try:
        yield
    except StageError as error:
        raise TruthError(f"{truth.path}: {error}") from None
