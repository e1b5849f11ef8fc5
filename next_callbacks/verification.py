"""From an HTTP request's headers and raw body to an event that can be believed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contract import signing
from contract.event import ChapterFinished
from contract.signing import TOLERANCE_S, Envelope, Secret
from next_callbacks.errors import Replayed
from next_callbacks.nonces import Nonces


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified event and the envelope that it came in."""

    event: ChapterFinished
    envelope: Envelope

    @property
    def event_id(self) -> str:
        """The same in every delivery of this event: what to be idempotent on."""
        return self.envelope.id


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[Secret],
    *,
    now: float | None = None,
    nonces: Nonces | None = None,
) -> Delivery:
    """Believes a webhook or raises.

    ``body`` is the raw bytes as they came, ``secrets`` all that are valid at the moment, ``now`` unix seconds (the
    system's clock by default). Raises :class:`~contract.errors.BadSignature`, :class:`~contract.errors.BadMessage`,
    and with ``nonces`` :class:`Replayed` for an event received before and :class:`NonceStoreError`.

    Events are delivered at least once. With ``nonces`` an id is spent *before* your code runs: if your code then fails,
    ``nonces.release(delivery.event_id)`` before answering 5xx, or the next delivery looks like a repetition. Better
    still, leave ``nonces`` out and record ``event_id`` under a unique constraint in the transaction of your effect.
    """
    moment = time.time() if now is None else now
    envelope = signing.verify(headers, body, secrets, now=moment)
    event = ChapterFinished.parse(body)
    replayable_until = envelope.timestamp + TOLERANCE_S
    if nonces is not None and not nonces.spend(envelope.id, now=moment, replayable_until=replayable_until):
        raise Replayed(envelope.id)
    return Delivery(event, envelope)
