"""Where the engines come from: the one thing that the container needs of them besides the stages themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from contract.engines import DEFAULT_ENGINE
from contract.translation import NO_WISH, TranslationWish
from translator.pipeline.pipeline import Stages
from translator.series_scope import NO_SERIES, SeriesScope


class Unsupported(Exception):  # noqa: N818
    """A request asks for what the engines cannot do. ``field`` is the request's field."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail = field, detail


class BadMemory(Exception):  # noqa: N818
    """A series' memory that cannot be read."""


class StageFactory(Protocol):
    """Loaded engines, from which each job gets its stages."""

    @property
    def engines(self) -> Mapping[str, str]:
        """The engine's name of each stage, with the default translator."""
        ...

    def check(
        self,
        *,
        source: str,
        target: str,
        translator: str,
        detector: str = DEFAULT_ENGINE,
        reader: str = DEFAULT_ENGINE,
        wish: TranslationWish = NO_WISH,
    ) -> None:
        """Raises :class:`Unsupported`; quick, for use in a request handler."""
        ...

    def stages(
        self,
        *,
        source: str,
        target: str,
        translator: str,
        memory: bytes | None,
        detector: str = DEFAULT_ENGINE,
        reader: str = DEFAULT_ENGINE,
        scope: SeriesScope = NO_SERIES,
        wish: TranslationWish = NO_WISH,
        cancelled: Callable[[], bool] | None = None,
    ) -> Stages:
        """The stages for a job; may take seconds. ``memory`` is a series' memory document, for engines that look things
        up themselves; ``scope`` and ``wish`` are for those that ask a model, which ask nothing more once the job is
        ``cancelled``.

        Raises :class:`Unsupported` or :class:`BadMemory`.
        """
        ...
