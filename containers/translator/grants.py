"""The grants of an attempt's pages. They live for minutes, a chapter may take longer: fresh ones come with replies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from contract.grant import Grant, PageGrants, PageInput
from contract.image_format import ImageFormat
from contract.report import Reply, Want

MARGIN_S = 60
"""A grant with less than this left is renewed before it is used."""
AHEAD = 8
"""So many pages at once are asked for."""


class GrantsNotRenewed(Exception):  # noqa: N818
    """Fresh grants were asked for and did not come in time."""


@dataclass(frozen=True, slots=True)
class _Held:
    grants: PageGrants
    image_format: ImageFormat

    @property
    def expires_at(self) -> int:
        held = (self.grants.input, self.grants.image, self.grants.document, self.grants.plate)
        return min(grant.expires_at for grant in held if grant is not None)


@dataclass(frozen=True, slots=True)
class _Waiter:
    image_format: ImageFormat
    answer: asyncio.Future[PageGrants]


class GrantBook:
    """Hands out grants that are still good, and knows which to ask for. Only used on the event loop's thread.

    ``neighbours`` are pages of which only the input is needed; ``result`` is the
    grant for the attempt's manifest, ``learn`` that for what it adds to its series; ``now`` is the orchestrator's
    clock; ``asked`` is called when a report should go out for a page's sake.
    """

    def __init__(
        self,
        pages: Iterable[PageGrants],
        image_format: ImageFormat,
        *,
        now: Callable[[], float],
        patience_s: float = 60.0,
        result: Grant,
        neighbours: Iterable[PageInput] = (),
        learn: Grant | None = None,
    ) -> None:
        self._held = {page.page: _Held(page, image_format) for page in pages}
        self._inputs = {page.page: page.input for page in neighbours if page.page not in self._held}
        self._usual, self._now, self._patience_s = image_format, now, patience_s
        self._waiters: dict[int, _Waiter] = {}
        self._turns: dict[int, asyncio.Lock] = {}
        self.asked: Callable[[], None] = lambda: None
        self.result, self.learn = result, learn

    async def get(self, page: int, *, image_format: ImageFormat | None = None, fresh: bool = False) -> PageGrants:
        """Grants for a page that will last. ``fresh``: the ones held were refused. Raises :class:`GrantsNotRenewed`."""
        held = self._held[page]
        wanted = image_format or held.image_format
        if not fresh and held.image_format is wanted and not self._expires(held):
            return held.grants
        return await self._renewed(page, wanted)

    def reads(self, page: int) -> bool:
        """Whether there is a grant to read the page's input."""
        return page in self._held or page in self._inputs

    async def get_input(self, page: int, *, fresh: bool = False) -> Grant:
        """A grant to read a page or a neighbour. Raises :class:`GrantsNotRenewed`."""
        if page in self._held:
            return (await self.get(page, fresh=fresh)).input
        held = self._inputs[page]
        return (await self._renewed(page, self._usual)).input if fresh or self._is_over(held.expires_at) else held

    async def _renewed(self, page: int, wanted: ImageFormat) -> PageGrants:
        """One after the other, where several want a page's."""
        try:
            async with asyncio.timeout(self._patience_s), self._turns.setdefault(page, asyncio.Lock()):
                return await self._answer(page, wanted)
        except TimeoutError:
            raise GrantsNotRenewed(f"no fresh grants within {self._patience_s:.0f} s") from None

    async def _answer(self, page: int, wanted: ImageFormat) -> PageGrants:
        waiter = _Waiter(wanted, asyncio.get_running_loop().create_future())
        self._waiters[page] = waiter
        self.asked()
        try:
            return await waiter.answer
        finally:
            del self._waiters[page]

    def wants(self, open_pages: Sequence[int]) -> tuple[Want, ...]:
        """What the next report asks for: what somebody waits for, and the next pages whose grants run out."""
        expiring = [page for page in open_pages[:AHEAD] if self._expires(self._held[page])]
        return tuple(self._want(page) for page in sorted({*self._waiters, *expiring}))

    def renew(self, reply: Reply, asked: Iterable[Want]) -> None:
        """Takes in a reply's grants; ``asked`` are the wants of the report that it answers."""
        self.result = reply.result or self.result
        self.learn = reply.learn or self.learn
        formats = {want.page: want.image_format or self._usual for want in asked}
        for fresh in reply.grants:
            if not self.reads(fresh.page) or fresh.page not in formats:
                continue
            if fresh.page in self._held:
                self._held[fresh.page] = _Held(fresh, formats[fresh.page])
            else:
                self._inputs[fresh.page] = fresh.input
            waiter = self._waiters.get(fresh.page)
            if waiter and waiter.image_format is formats[fresh.page] and not waiter.answer.done():
                waiter.answer.set_result(fresh)

    def _want(self, page: int) -> Want:
        waiter = self._waiters.get(page)
        image_format = waiter.image_format if waiter else self._held[page].image_format
        return Want(page, None if image_format is self._usual else image_format)

    def _expires(self, held: _Held) -> bool:
        return self._is_over(held.expires_at)

    def _is_over(self, expires_at: int) -> bool:
        return expires_at - self._now() < MARGIN_S
