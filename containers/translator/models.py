"""The engines while they load: the server listens at once and says that it is not ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from translator.stages import StageFactory


class NotReady(Exception):  # noqa: N818
    """The models are still loading, or could not be loaded."""


class Models:
    """Loads the engines once, in a thread of its own."""

    def __init__(self, load: Callable[[], StageFactory]) -> None:
        self._load = load
        self._loading: asyncio.Task[StageFactory] | None = None

    def start(self) -> None:
        """Begins to load; to be called on the event loop."""
        self._loading = asyncio.create_task(asyncio.to_thread(self._load), name="load models")

    async def loaded(self) -> StageFactory:
        """Waits. Raises what loading raised."""
        if self._loading is None:
            raise NotReady("loading has not begun")
        return await asyncio.shield(self._loading)

    @property
    def factory(self) -> StageFactory:
        """The loaded engines. Raises :class:`NotReady`."""
        if self._loading is None or not self._loading.done():
            raise NotReady("the models are loading")
        if self.error is not None:
            raise NotReady("the models could not be loaded")
        return self._loading.result()

    @property
    def error(self) -> BaseException | None:
        """Why they could not be loaded."""
        if self._loading is None or not self._loading.done() or self._loading.cancelled():
            return None
        return self._loading.exception()
