"""Language tags in documents that people write: BCP 47 in any case."""

from __future__ import annotations

import re

from contract.errors import BadMessage
from contract.fields import Fields

LONGEST_TAG = 35
_TAG = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


def is_tag(value: str) -> bool:
    return len(value) <= LONGEST_TAG and _TAG.fullmatch(value) is not None


def check_tag(fields: Fields, name: str) -> str:
    """The language tag in a field. Raises :class:`BadMessage`."""
    value = fields.text(name)
    if not is_tag(value):
        raise BadMessage(fields.at(name), "not a BCP 47 language tag such as ja or zh-Hant")
    return value
