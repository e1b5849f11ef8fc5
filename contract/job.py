"""What a client asks for: the body of ``POST /jobs``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contract.engines import DEFAULT_ENGINE, EngineRole, EngineSet, check_target
from contract.errors import BadKey, BadMessage
from contract.fields import Fields, load_object
from contract.image_format import INPUT_TYPES, ImageFormat
from contract.keys import check_id
from contract.policy import Policies
from contract.translation import TranslationWish

MAX_PAGES = 1000
MAX_METADATA_BYTES = 4096
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_URL = re.compile(r"https?://[^\s]{1,2000}")


class Direction(StrEnum):
    """How panels and balloons follow each other."""

    RTL = "rtl"
    LTR = "ltr"
    WEBTOON = "webtoon"
    AUTO = "auto"


ANY_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page: one that the client uploads, declared as ``content_type``, or one to be fetched from ``url``.

    ``name`` is the client's own. What a fetched page is, is found out when it comes.
    """

    content_type: str = ANY_TYPE
    name: str = ""
    url: str = field(default="", repr=False)

    @property
    def extension(self) -> str:
        return INPUT_TYPES[self.content_type]

    @classmethod
    def from_json(cls, value: Any, path: str) -> PageSpec:
        fields = Fields(value, path)
        fields.only("upload", "url", "name")
        name = fields.text("name", default="", longest=255)
        if fields.has("url"):
            if fields.has("upload"):
                raise BadMessage(fields.at("url"), "a page has a url or is an upload, not both")
            return cls(ANY_TYPE, name, _url(fields, "url"))
        content_type = fields.text("upload")
        if content_type not in INPUT_TYPES:
            raise BadMessage(fields.at("upload"), f"not one of {', '.join(INPUT_TYPES)}")
        return cls(content_type, name)

    def to_json(self) -> dict[str, Any]:
        if self.url:
            return {"url": self.url, "name": self.name}
        return {"upload": self.content_type, "name": self.name}


@dataclass(frozen=True, slots=True)
class Options:
    """What a job may choose. ``translator``, ``detector``, ``reader`` and ``cleaner`` name engines that the translator
    was configured with; ``policies`` say what is done with each kind of text. ``clean_plates`` keeps each page as it is
    without the lettering that is replaced, so that an edited page document can be set on it again. ``translation`` is
    what the job asks of a language model.
    """

    image_format: ImageFormat = ImageFormat.WEBP
    translator: str = DEFAULT_ENGINE
    detector: str = DEFAULT_ENGINE
    reader: str = DEFAULT_ENGINE
    cleaner: str = DEFAULT_ENGINE
    policies: Policies = field(default_factory=Policies)
    clean_plates: bool = False
    translation: TranslationWish = field(default_factory=TranslationWish)

    @classmethod
    def from_json(cls, value: Any, path: str) -> Options:
        fields = Fields(value, path)
        fields.only("image_format", *EngineRole, "policies", "clean_plates", "translation")
        return cls(
            image_format=fields.choice("image_format", ImageFormat, default=ImageFormat.WEBP),
            translator=_engine(fields, "translator"),
            detector=_engine(fields, "detector"),
            reader=_engine(fields, "reader"),
            cleaner=_engine(fields, "cleaner"),
            policies=Policies.from_json(fields.raw_object("policies", default={}), fields.at("policies")),
            clean_plates=fields.boolean("clean_plates", default=False),
            translation=TranslationWish.from_json(
                fields.raw_object("translation", default={}), fields.at("translation")
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """What later versions have added is written only where it is used: a peer that does not know it can do all
        other jobs, and refuses this one by the field's name."""
        document: dict[str, Any] = {"image_format": self.image_format.value, "translator": self.translator}
        chosen = {"detector": self.detector, "reader": self.reader, "cleaner": self.cleaner}
        document |= {role: name for role, name in chosen.items() if name != DEFAULT_ENGINE}
        if policies := self.policies.to_json():
            document["policies"] = policies
        if self.clean_plates:
            document["clean_plates"] = True
        if wish := self.translation.to_json():
            document["translation"] = wish
        return document

    def check_engines(self, engines: EngineSet, *, source: str, target: str) -> None:
        """Raises :class:`BadMessage` for what no engine of a deployment can do: found out before a page is uploaded."""
        engines.check(EngineRole.DETECTOR, self.detector)
        engines.check(EngineRole.READER, self.reader)
        engines.check(EngineRole.TRANSLATOR, self.translator)
        engines.check(EngineRole.CLEANER, self.cleaner)
        engines.check_source(source, self.reader)
        check_target(target)


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A chapter to translate. Languages are BCP 47 tags; ids are the client's own."""

    pages: tuple[PageSpec, ...]
    chapter_id: str
    source: str = "ja"
    target: str = "en"
    series_id: str | None = None
    reading_direction: Direction = Direction.AUTO
    options: Options = field(default_factory=Options)
    webhook_url: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def starts_by_itself(self) -> bool:
        """Whether nothing has to be uploaded, so that nobody has to say when."""
        return all(page.url for page in self.pages)

    @classmethod
    def parse(cls, body: bytes) -> JobRequest:
        """Reads a request's body. Raises :class:`BadMessage`, naming the field."""
        return cls.from_json(load_object(body))

    @classmethod
    def from_json(cls, value: Any, path: str = "") -> JobRequest:
        fields = Fields(value, path)
        fields.only(
            "pages",
            "chapter_id",
            "source",
            "target",
            "series_id",
            "reading_direction",
            "options",
            "webhook_url",
            "metadata",
        )
        pages = fields.list("pages", PageSpec.from_json)
        if not 1 <= len(pages) <= MAX_PAGES:
            raise BadMessage(fields.at("pages"), f"not between 1 and {MAX_PAGES} pages")
        return cls(
            pages=pages,
            chapter_id=_id(fields, "chapter_id"),
            source=_language(fields, "source", "ja"),
            target=_language(fields, "target", "en"),
            series_id=_id(fields, "series_id") if fields.has("series_id") else None,
            reading_direction=fields.choice("reading_direction", Direction, default=Direction.AUTO),
            options=Options.from_json(fields.raw_object("options", default={}), fields.at("options")),
            webhook_url=_url(fields, "webhook_url") if fields.has("webhook_url") else None,
            metadata=_metadata(fields),
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "pages": [page.to_json() for page in self.pages],
            "chapter_id": self.chapter_id,
            "source": self.source,
            "target": self.target,
            "reading_direction": self.reading_direction.value,
            "options": self.options.to_json(),
            "metadata": dict(self.metadata),
        }
        if self.series_id is not None:
            document["series_id"] = self.series_id
        if self.webhook_url is not None:
            document["webhook_url"] = self.webhook_url
        return document


def _id(fields: Fields, name: str) -> str:
    try:
        return check_id(name, fields.text(name))
    except BadKey as error:
        raise BadMessage(fields.at(name), str(error)) from None


def _engine(fields: Fields, name: str) -> str:
    return fields.text(name, default=DEFAULT_ENGINE, longest=64, empty=False)


def _language(fields: Fields, name: str, default: str) -> str:
    value = fields.text(name, default=default, longest=35)
    if not _LANGUAGE.fullmatch(value):
        raise BadMessage(fields.at(name), "not a BCP 47 language tag such as ja or zh-Hant")
    return value


def _url(fields: Fields, name: str) -> str:
    value = fields.text(name)
    if not _URL.fullmatch(value):
        raise BadMessage(fields.at(name), "not an http(s) URL of at most 2,000 characters")
    return value


def _metadata(fields: Fields) -> dict[str, str]:
    value = fields.strings("metadata")
    if sum(len(key.encode()) + len(item.encode()) for key, item in value.items()) > MAX_METADATA_BYTES:
        raise BadMessage(fields.at("metadata"), f"more than {MAX_METADATA_BYTES} bytes")
    return value
