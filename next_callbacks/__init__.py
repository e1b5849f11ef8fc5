"""What an application imports to receive Fukidashi's webhooks: it verifies, parses, and finds repetitions.

>>> from next_callbacks import Secret, SqliteNonces, verify
>>> delivery = verify(request.headers, await request.body(), secrets, nonces=nonces)  # doctest: +SKIP
"""

from contract.errors import BadMessage, BadSignature, ContractError
from contract.event import ChapterFinished
from contract.signing import Envelope, Secret
from contract.status import JobStatus
from next_callbacks.errors import NonceStoreError, NonceStoreFull, Replayed
from next_callbacks.memory_nonces import MemoryNonces
from next_callbacks.nonces import KEEP_S, Nonces
from next_callbacks.sqlite_nonces import SqliteNonces
from next_callbacks.verification import Delivery, verify

__all__ = [
    "KEEP_S",
    "BadMessage",
    "BadSignature",
    "ChapterFinished",
    "ContractError",
    "Delivery",
    "Envelope",
    "JobStatus",
    "MemoryNonces",
    "NonceStoreError",
    "NonceStoreFull",
    "Nonces",
    "Replayed",
    "Secret",
    "SqliteNonces",
    "verify",
]
