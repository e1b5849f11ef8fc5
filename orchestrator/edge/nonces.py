"""Message ids are spent once. KV turns most replays away cheaply; the bucket's create-once decides."""

from __future__ import annotations

from contract.keys import kv_nonce, nonce
from contract.problem import Problem, ProblemCode
from contract.signing import TOLERANCE_S, Envelope
from edge.clock import hour_of
from edge.platform import ABSENT, Platform, PlatformError

_KEPT_S = 2 * TOLERANCE_S + 60
"""A message verifies for at most twice the tolerance after it was first seen."""


async def spend(platform: Platform, envelope: Envelope) -> None:
    """Raises :class:`Problem` ``replayed`` where the id was spent before."""
    if await _seems_spent(platform, envelope.id):
        raise _replayed()
    key = nonce(hour_of(envelope.timestamp), envelope.id)
    if await platform.bucket.put(key, b"", content_type="text/plain", only_if=ABSENT) is None:
        raise _replayed()
    await _remember(platform, envelope.id)


async def _seems_spent(platform: Platform, message_id: str) -> bool:
    try:
        return await platform.kv.get(kv_nonce(message_id)) is not None
    except PlatformError:
        return False


async def _remember(platform: Platform, message_id: str) -> None:
    try:
        await platform.kv.put(kv_nonce(message_id), "1", ttl_s=_KEPT_S)
    except PlatformError as error:
        platform.log("nonce_not_cached", {"error": type(error).__name__})


def _replayed() -> Problem:
    return Problem(ProblemCode.REPLAYED, "a message with this id was received before; sign a fresh one")
