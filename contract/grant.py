"""A grant: the right to make one HTTP request for one object, for some minutes.

It is a presigned R2 URL, or a URL of the orchestrator's own with a capability token; who uses it need not know which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contract.fields import Fields


@dataclass(frozen=True, slots=True)
class Grant:
    """``headers`` must be sent as given; ``expires_at`` is in unix seconds; the URL is a secret while it lives."""

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict)
    expires_at: int = 0

    @classmethod
    def from_json(cls, value: Any, path: str) -> Grant:
        fields = Fields(value, path)
        return cls(
            method=fields.text("method"),
            url=fields.text("url", longest=8192),
            headers=fields.strings("headers"),
            expires_at=fields.integer("expires_at"),
        )

    def to_json(self) -> dict[str, Any]:
        return {"method": self.method, "url": self.url, "headers": dict(self.headers), "expires_at": self.expires_at}


@dataclass(frozen=True, slots=True)
class PageGrants:
    """What a translator needs for one page: read the input, create the image and its document."""

    page: int
    input: Grant
    image: Grant
    document: Grant

    @classmethod
    def from_json(cls, value: Any, path: str) -> PageGrants:
        fields = Fields(value, path)
        return cls(
            page=fields.integer("page", low=1, high=9999),
            input=Grant.from_json(fields.raw_object("input"), fields.at("input")),
            image=Grant.from_json(fields.raw_object("image"), fields.at("image")),
            document=Grant.from_json(fields.raw_object("document"), fields.at("document")),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "page": self.page,
            "input": self.input.to_json(),
            "image": self.image.to_json(),
            "document": self.document.to_json(),
        }
