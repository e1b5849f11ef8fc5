"""What a translator that pulls asks for: the body of ``POST /work/claim``, signed like a callback.

The answer is an :class:`contract.attempt.AttemptOrder`, or 204 where there is no work.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from contract import PROTOCOL
from contract.attempt import check_protocol
from contract.fields import Fields, load_object
from contract.keys import check_id

MAX_CAPACITY = 1000


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """``worker_id`` is the one that the reports will name; ``capacity`` is how many jobs more the worker would take."""

    worker_id: str
    capacity: int = 1
    protocol: int = PROTOCOL

    @classmethod
    def parse(cls, body: bytes) -> ClaimRequest:
        """Raises ``BadMessage`` or ``BadKey``."""
        fields = Fields(load_object(body))
        check_protocol(fields)
        fields.only("worker_id", "capacity", "protocol")
        return cls(
            worker_id=check_id("worker_id", fields.text("worker_id")),
            capacity=fields.integer("capacity", default=1, low=1, high=MAX_CAPACITY),
            protocol=fields.integer("protocol"),
        )

    def to_json(self) -> dict[str, Any]:
        return {"protocol": self.protocol, "worker_id": self.worker_id, "capacity": self.capacity}

    def to_bytes(self) -> bytes:
        return json.dumps(self.to_json(), separators=(",", ":")).encode()
