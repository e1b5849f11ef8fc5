"""What was asked of language models: calls, tokens, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from contract.fields import Fields


@dataclass(frozen=True, slots=True)
class Usage:
    """``cost_micros`` is in millionths of a US dollar and counts what has a price; ``unpriced_calls`` have none."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0
    unpriced_calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @classmethod
    def from_json(cls, value: Any, path: str) -> Usage:
        given = Fields(value, path)
        return cls(**{field.name: given.integer(field.name, default=0) for field in fields(cls)})

    def to_json(self) -> dict[str, int]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


NO_USAGE = Usage()
