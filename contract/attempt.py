"""What the orchestrator orders from a translator: the body of ``PUT /jobs/{id}/attempts/{n}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contract import PROTOCOL
from contract.errors import BadProtocol
from contract.fields import Fields, load_object
from contract.grant import DoneDocument, Grant, PageGrants, PageInput, optional_grant
from contract.job import Direction, Options
from contract.usage import NO_USAGE, Usage

MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class AttemptOrder:
    """One attempt at a job: the pages that are still to be done, and the grants for them.

    ``pages`` leaves out what an earlier attempt finished, and stands in the order of the work. While a page of
    ``alone`` is in work, no other page may be: attempts have died with it, and with others. Every ``heartbeat_s``
    seconds at the latest the translator reports; after ``lease_s`` seconds of silence another attempt takes over.

    ``neighbours`` are pages of a strip that are not to be done and lie beside pages that are: a text may cross into
    them. ``page_count`` is how many pages the chapter has, 0 where that is not said: of one that is neither to be done
    nor a neighbour, nothing can be read but, of those that are ``done``, the document: for a translator that asks a
    model, which is shown the pages before, and never asked again for their lines. ``settled_direction`` is what
    ``auto`` has meant for the pages that are done: the others follow. ``memory`` and ``glossary`` are the series',
    ``learn`` is where what the attempt adds to it goes (:mod:`contract.series`). ``used`` is what the attempts before
    have asked of models, as far as they reported it: a job's budget is one for all of its attempts.
    """

    job_id: str
    attempt: int
    chapter_id: str
    source: str
    target: str
    reading_direction: Direction
    options: Options
    callback_url: str
    heartbeat_s: float
    lease_s: float
    pages: tuple[PageGrants, ...]
    result: Grant
    series_id: str | None = None
    memory: Grant | None = None
    alone: tuple[int, ...] = ()
    neighbours: tuple[PageInput, ...] = ()
    done: tuple[DoneDocument, ...] = ()
    glossary: Grant | None = None
    learn: Grant | None = None
    used: Usage = NO_USAGE
    page_count: int = 0
    settled_direction: Direction | None = None
    protocol: int = PROTOCOL

    @classmethod
    def parse(cls, body: bytes) -> AttemptOrder:
        fields = Fields(load_object(body))
        check_protocol(fields)
        return cls(
            job_id=fields.text("job_id"),
            attempt=fields.integer("attempt", low=1, high=99),
            chapter_id=fields.text("chapter_id"),
            source=fields.text("source"),
            target=fields.text("target"),
            reading_direction=fields.choice("reading_direction", Direction),
            options=Options.from_json(fields.raw_object("options"), "options"),
            callback_url=fields.text("callback_url"),
            heartbeat_s=fields.number("heartbeat_s"),
            lease_s=fields.number("lease_s"),
            pages=fields.list("pages", PageGrants.from_json),
            result=Grant.from_json(fields.raw_object("result"), "result"),
            series_id=fields.optional_text("series_id"),
            memory=optional_grant(fields, "memory"),
            alone=fields.list("alone", page_item, default=[]),
            neighbours=fields.list("neighbours", PageInput.from_json, default=[]),
            done=fields.list("done", DoneDocument.from_json, default=[]),
            glossary=optional_grant(fields, "glossary"),
            learn=optional_grant(fields, "learn"),
            used=Usage.from_json(fields.raw_object("used", default={}), "used"),
            page_count=fields.integer("page_count", default=0),
            settled_direction=optional_direction(fields, "settled_direction"),
            protocol=fields.integer("protocol"),
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "protocol": self.protocol,
            "job_id": self.job_id,
            "attempt": self.attempt,
            "chapter_id": self.chapter_id,
            "source": self.source,
            "target": self.target,
            "reading_direction": self.reading_direction.value,
            "options": self.options.to_json(),
            "callback_url": self.callback_url,
            "heartbeat_s": self.heartbeat_s,
            "lease_s": self.lease_s,
            "pages": [page.to_json() for page in self.pages],
            "result": self.result.to_json(),
        }
        if self.series_id is not None:
            document["series_id"] = self.series_id
        for name, grant in (("memory", self.memory), ("glossary", self.glossary), ("learn", self.learn)):
            if grant is not None:
                document[name] = grant.to_json()
        if self.alone:
            document["alone"] = list(self.alone)
        if self.neighbours:
            document["neighbours"] = [page.to_json() for page in self.neighbours]
        if self.done:
            document["done"] = [page.to_json() for page in self.done]
        if self.used != NO_USAGE:
            document["used"] = self.used.to_json()
        if self.page_count:
            document["page_count"] = self.page_count
        if self.settled_direction is not None:
            document["settled_direction"] = self.settled_direction.value
        return document


def optional_direction(fields: Fields, name: str) -> Direction | None:
    """The direction in a field that may be left out."""
    return fields.choice(name, Direction) if fields.has(name) else None


def page_item(value: Any, path: str) -> int:
    """A page's number in a list."""
    return Fields({"page": value}, path).integer("page", low=1, high=9999)


def check_protocol(fields: Fields) -> None:
    """Accepts this protocol version and the one before it."""
    version = fields.integer("protocol")
    if version not in (PROTOCOL, PROTOCOL - 1):
        raise BadProtocol(version)
