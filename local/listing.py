"""What both stores' listings share: ranges of names in byte order, and cursors."""

from __future__ import annotations

import base64
import binascii

MAX_LIMIT = 1000


def name_range(prefix: str, cursor: str | None, limit: int) -> tuple[bytes, bytes, bytes]:
    """``(low, after, high)``: names at or above ``low`` and above ``after``, below ``high``.

    Raises ``ValueError`` for a limit outside 1 to 1000, and for a cursor that no listing gave.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"a listing's limit is 1 to {MAX_LIMIT}, not {limit}")
    low = prefix.encode()
    # 0xFF is in no UTF-8 text, so that this is above every name with the prefix.
    return low, decode_cursor(cursor) if cursor is not None else b"", low + b"\xff"


def encode_cursor(last: bytes) -> str:
    """The cursor that goes on after the name ``last``."""
    return base64.urlsafe_b64encode(last).decode()


def decode_cursor(cursor: str) -> bytes:
    try:
        return base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the cursor is not one that a listing gave") from None
