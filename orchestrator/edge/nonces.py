"""Message ids are spent once: the bucket's create-once decides.

KV would be no lock, and as a cache in front it costs a write a callback (of a thousand a day on the free plan) to save
the bucket a refused write a replay, which hardly ever comes.
"""

from __future__ import annotations

from contract.keys import nonce
from contract.problem import Problem, ProblemCode
from contract.signing import Envelope
from edge.clock import hour_of
from edge.platform import ABSENT, Bucket


async def spend(bucket: Bucket, envelope: Envelope) -> None:
    """Raises :class:`Problem` ``replayed`` where the id was spent before."""
    key = nonce(hour_of(envelope.timestamp), envelope.id)
    if await bucket.put(key, b"", content_type="text/plain", only_if=ABSENT) is None:
        raise Problem(ProblemCode.REPLAYED, "a message with this id was received before; sign a fresh one")
