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


def optional_grant(fields: Fields, name: str) -> Grant | None:
    """The grant in a field that may be left out."""
    return Grant.from_json(fields.raw_object(name), fields.at(name)) if fields.has(name) else None


@dataclass(frozen=True, slots=True)
class PageInput:
    """The right to read a page that another attempt has done: the page beside it in a strip needs its rows.

    ``document`` reads what became of it, where it is done: what the pages beside it have to agree with.
    """

    page: int
    input: Grant
    document: Grant | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> PageInput:
        fields = Fields(value, path)
        return cls(
            page=fields.integer("page", low=1, high=9999),
            input=Grant.from_json(fields.raw_object("input"), fields.at("input")),
            document=optional_grant(fields, "document"),
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {"page": self.page, "input": self.input.to_json()}
        if self.document is not None:
            document["document"] = self.document.to_json()
        return document


@dataclass(frozen=True, slots=True)
class DoneDocument:
    """The right to read what became of a page that is done: what the pages after it are told."""

    page: int
    document: Grant

    @classmethod
    def from_json(cls, value: Any, path: str) -> DoneDocument:
        fields = Fields(value, path)
        return cls(
            page=fields.integer("page", low=1, high=9999),
            document=Grant.from_json(fields.raw_object("document"), fields.at("document")),
        )

    def to_json(self) -> dict[str, Any]:
        return {"page": self.page, "document": self.document.to_json()}


@dataclass(frozen=True, slots=True)
class PageGrants:
    """What a translator needs for one page: read the input, create the image, its document, and where the job keeps
    them its clean plate.

    ``decisions`` replaces what is kept of the models' answers for the page; ``decided`` reads it, where there may be
    some.
    """

    page: int
    input: Grant
    image: Grant
    document: Grant
    plate: Grant | None = None
    decisions: Grant | None = None
    decided: Grant | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> PageGrants:
        fields = Fields(value, path)
        return cls(
            page=fields.integer("page", low=1, high=9999),
            input=Grant.from_json(fields.raw_object("input"), fields.at("input")),
            image=Grant.from_json(fields.raw_object("image"), fields.at("image")),
            document=Grant.from_json(fields.raw_object("document"), fields.at("document")),
            plate=optional_grant(fields, "plate"),
            decisions=optional_grant(fields, "decisions"),
            decided=optional_grant(fields, "decided"),
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "page": self.page,
            "input": self.input.to_json(),
            "image": self.image.to_json(),
            "document": self.document.to_json(),
        }
        for name, grant in (("plate", self.plate), ("decisions", self.decisions), ("decided", self.decided)):
            if grant is not None:
                document[name] = grant.to_json()
        return document
