"""Going through the jobs of a key, part by part."""

from __future__ import annotations

from contract.listing import JobItem
from contract.status import JobStatus
from fukidashi.errors import BadAnswer, UsageError
from fukidashi.flow import Flow
from fukidashi.operations import Operations

LARGEST_PART = 100


class Listing:
    """:meth:`next` is the flow of the next part, which may be empty; there is none after ``ended``."""

    def __init__(self, operations: Operations, *, status: JobStatus | None, part: int) -> None:
        if not 1 <= part <= LARGEST_PART:
            raise UsageError(f"a part of a listing holds 1 to {LARGEST_PART} jobs")
        self._operations, self._status, self._part = operations, status, part
        self._cursor: str | None = None
        self.ended = False

    def next(self) -> Flow[tuple[JobItem, ...]]:
        """Raises :class:`BadAnswer` where the server would have us go in a circle."""
        found = yield from self._operations.list_jobs(status=self._status, limit=self._part, cursor=self._cursor)
        if found.cursor is not None and found.cursor == self._cursor:
            raise BadAnswer("the server's listing does not go on")
        self._cursor, self.ended = found.cursor, found.cursor is None
        return found.jobs
