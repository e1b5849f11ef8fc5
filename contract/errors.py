"""The exception tree of the contract.

ContractError
├── BadSignature    a signed message that must not be believed
├── BadKey          an id or a key that would leave its folder
└── BadMessage      JSON that is not the message it should be; names the field
    └── BadProtocol a message of a protocol version that this side does not speak
"""

from __future__ import annotations

from contract import PROTOCOL


class ContractError(Exception):
    """Base of everything that this package raises."""


class BadSignature(ContractError):  # noqa: N818 - the field's own term
    """A signature, its headers or its timestamp are missing, malformed, wrong, too old or too new.

    ``code`` is ``missing_header``, ``malformed_header``, ``timestamp_too_old``, ``timestamp_too_new`` or
    ``no_matching_signature``. The message never holds a secret or a signature.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


class BadKey(ContractError):  # noqa: N818
    """An id that is not safe as a part of a storage key."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(
            f"{name} {value[:80]!r} is not 1-128 letters, digits, '.', '_', '-' starting with a letter or digit"
        )
        self.name, self.value = name, value


class BadMessage(ContractError):  # noqa: N818
    """A JSON message that breaks its schema. ``field`` is a path such as ``pages[2].upload``."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.field, self.detail = field, detail


class BadProtocol(BadMessage):
    """A message of another protocol version than this one and the one before."""

    def __init__(self, version: int) -> None:
        super().__init__("protocol", f"version {version} is not {PROTOCOL} or {PROTOCOL - 1}")
