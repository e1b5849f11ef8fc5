"""Where the engines come from: the one thing that the container needs of them besides the stages themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from contract.job import Options
from translator.pipeline.pipeline import Stages
from translator.series_scope import NO_SERIES, SeriesScope


class Unsupported(Exception):  # noqa: N818
    """A request asks for what the engines cannot do. ``field`` is the request's field."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail = field, detail


@dataclass(frozen=True, slots=True)
class StageOrder:
    """What stages are wanted for: from which language into which, by the engines that ``options`` name."""

    source: str
    target: str
    options: Options = field(default_factory=Options)


class StageFactory(Protocol):
    """Loaded engines, from which each job gets its stages."""

    @property
    def engines(self) -> Mapping[str, str]:
        """The engine's name of each stage, with the default translator."""
        ...

    def check(self, order: StageOrder) -> None:
        """Raises :class:`Unsupported`; quick, for use in a request handler."""
        ...

    def stages(
        self, order: StageOrder, *, scope: SeriesScope = NO_SERIES, cancelled: Callable[[], bool] | None = None
    ) -> Stages:
        """The stages for a job; may take seconds. ``scope`` is for a translator that asks a model, which asks nothing
        more once the job is ``cancelled``.

        Raises :class:`Unsupported`.
        """
        ...
