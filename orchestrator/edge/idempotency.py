"""``Idempotency-Key``: the same key and body lead to the same job, however often and however concurrently."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from contract.fields import Fields
from contract.keys import idempotency
from contract.problem import Problem, ProblemCode
from edge.objects import CorruptObject, create_json, read_json
from edge.platform import Bucket

MAX_KEY_CHARS = 255


@dataclass(frozen=True, slots=True)
class Ticket:
    """``idem/{owner}/{sha256 of the key}.json``: which job the key stands for, and for which body."""

    job_id: str
    created_at: float
    body_sha256: str

    @classmethod
    def from_json(cls, value: Any) -> Ticket:
        fields = Fields(value)
        return cls(fields.text("job_id"), fields.number("created_at"), fields.text("body_sha256"))

    def to_json(self) -> dict[str, Any]:
        return {"job_id": self.job_id, "created_at": self.created_at, "body_sha256": self.body_sha256}


async def settle(bucket: Bucket, owner: str, key: str, ticket: Ticket) -> Ticket:
    """The ticket that counts: this one, or the one that came first. It is for whoever holds it to create the job.

    Raises :class:`Problem` where the first came with another body.
    """
    if not 1 <= len(key) <= MAX_KEY_CHARS:
        raise Problem(ProblemCode.BAD_REQUEST, f"an Idempotency-Key has 1 to {MAX_KEY_CHARS} characters")
    place = idempotency(owner, hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest())
    if await create_json(bucket, place, ticket.to_json()):
        return ticket
    first = await read_json(bucket, place, Ticket.from_json)
    if first is None:
        raise CorruptObject(place, "was there and is gone")
    if first.value.body_sha256 != ticket.body_sha256:
        raise Problem(ProblemCode.IDEMPOTENCY_MISMATCH, "this Idempotency-Key came with another body before")
    return first.value
