"""What a job's translator has asked of language models: in all, for a page, and told for a log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from contract.usage import NO_USAGE, Usage


class Account(Protocol):
    """Safe to ask from any thread."""

    def total(self) -> Usage:
        """Everything that this process has asked for the job."""
        ...

    def of_page(self, page: int) -> Usage:
        """A page's own calls, and its share of those for several pages."""
        ...

    def to_json(self) -> Mapping[str, Any]:
        """By model, page and key (its label); no text and no secret."""
        ...


class NoAccount:
    """Of a translator that asks no model."""

    def total(self) -> Usage:
        return NO_USAGE

    def of_page(self, page: int) -> Usage:  # noqa: ARG002 - none has any
        return NO_USAGE

    def to_json(self) -> Mapping[str, Any]:
        return {}


NO_ACCOUNT = NoAccount()
