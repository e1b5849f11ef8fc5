"""``jobs/{id}/mirror.json``: how far the fetching of a job's URL pages is, besides what lies in the bucket.

A page that has come is an input in the bucket, and is named nowhere else. The record holds what went wrong, who is at
it, and whether there is anything left to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.fields import Fields
from contract.report import PageError, PageReport
from contract.status import PageStatus

MAX_TRIES = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """The last of ``tries`` that failed; a page that is ``given_up`` is not asked for again."""

    page: int
    tries: int
    error: PageError
    given_up: bool

    @classmethod
    def from_json(cls, value: Any, path: str) -> Failure:
        fields = Fields(value, path)
        return cls(
            page=fields.integer("page", low=1),
            tries=fields.integer("tries"),
            error=PageError.from_json(fields.raw_object("error"), fields.at("error")),
            given_up=fields.boolean("given_up"),
        )

    def to_json(self) -> dict[str, Any]:
        return {"page": self.page, "tries": self.tries, "error": self.error.to_json(), "given_up": self.given_up}


@dataclass(frozen=True, slots=True)
class Mirror:
    """``held``: somebody fetches, since the object's own upload time; after a while that is over whatever became of
    them. ``done``: every page has come or was given up."""

    done: bool = False
    held: bool = False
    failures: Mapping[int, Failure] = field(default_factory=dict)

    @property
    def lost(self) -> tuple[PageReport, ...]:
        """The pages that were given up, as failed."""
        given_up = (failure for page, failure in sorted(self.failures.items()) if failure.given_up)
        return tuple(
            PageReport(failure.page, PageStatus.FAILED, stage="fetch", error=failure.error) for failure in given_up
        )

    def is_open(self, page: int) -> bool:
        return page not in self.failures or not self.failures[page].given_up

    def failed(self, page: int, error: PageError, *, passes: bool) -> Failure:
        """What a further failure of a page comes to."""
        tries = 1 + (self.failures[page].tries if page in self.failures else 0)
        return Failure(page, tries, error, given_up=not passes or tries >= MAX_TRIES)

    def with_failures(self, failures: Iterable[Failure]) -> dict[int, Failure]:
        return {**self.failures, **{failure.page: failure for failure in failures}}

    @classmethod
    def from_json(cls, value: Any) -> Mirror:
        fields = Fields(value)
        failures = fields.list("failures", Failure.from_json)
        return cls(fields.boolean("done"), fields.boolean("held"), {failure.page: failure for failure in failures})

    def to_json(self) -> dict[str, Any]:
        failures = [failure.to_json() for _, failure in sorted(self.failures.items())]
        return {"schema": 1, "done": self.done, "held": self.held, "failures": failures}
