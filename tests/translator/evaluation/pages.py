"""A small annotated page and what an engine might say of it."""

from __future__ import annotations

from translator.evaluation.found import FoundPage, FoundText
from translator.evaluation.result import PageResult, page_result
from translator.evaluation.truth import TruePage, TrueText
from translator.pipeline.types import Box, Kind

LEFT, RIGHT = Box(100, 100, 160, 300), Box(300, 100, 360, 300)
PANEL = Box(0, 0, 400, 400)
TRUTH = TruePage("book", "001", (TrueText(RIGHT, "今日は雨!"), TrueText(LEFT, "傘がない…")), (PANEL,))
RIGHT_TEXT, LEFT_TEXT = (RIGHT, "今日は雨!"), (LEFT, "傘がない…")


def found(*texts: tuple[Box, str], kind: Kind = Kind.DIALOGUE, confidence: float = 0.9) -> FoundPage:
    """Texts in reading order, and the panel."""
    read = tuple(FoundText(f"r{n}", box, kind, text, confidence) for n, (box, text) in enumerate(texts))
    return FoundPage(read, (PANEL,))


def scored(*texts: tuple[Box, str], kind: Kind = Kind.DIALOGUE, truth: TruePage = TRUTH) -> PageResult:
    return page_result(truth, found(*texts, kind=kind), (400, 400))


def figures(result: PageResult) -> dict[str, float]:
    return {figure.key: figure.value for figure in result.score.figures()}
