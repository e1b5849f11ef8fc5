"""Where the engines come from: the one thing that the container needs of them besides the stages themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from translator.pipeline.pipeline import Stages


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

    def check(self, *, source: str, target: str, translator: str) -> None:
        """Raises :class:`Unsupported`; quick, for use in a request handler."""
        ...

    def stages(self, *, source: str, target: str, translator: str, memory: bytes | None) -> Stages:
        """The stages for a job; may take seconds. ``memory`` is the series' memory document, as stored.

        Raises :class:`Unsupported` or :class:`BadMemory`.
        """
        ...
