"""What can go wrong with a webhook, beside the contract's own errors.

ContractError
├── BadSignature    not ours, changed on the way, too old or too new: answer 401
├── BadMessage      ours, but no event that this version knows: answer 422
└── Replayed        this event was received before: answer 200, do nothing
NonceStoreError     the store of received ids failed: answer 503, it is delivered again
└── NonceStoreFull
"""

from __future__ import annotations

from contract.errors import ContractError


class Replayed(ContractError):  # noqa: N818 - the field's own term
    """An event whose id was received before: delivered again by the sender, or replayed by somebody else.

    Both look the same and both need the same answer: 200, and no second effect.
    """

    def __init__(self, event_id: str) -> None:
        super().__init__(f"event {event_id} was received before")
        self.event_id = event_id


class NonceStoreError(Exception):
    """The store of received ids cannot be read or written."""


class NonceStoreFull(NonceStoreError):  # noqa: N818
    """Every id in a bounded store could still be replayed, so that none may be forgotten."""
