"""A chat model as the translation sees it: one request, one reply, and errors that say what may help.

ModelError            base; names the model, says what happened, holds no key
├── RateLimited       429: wait ``retry_after_s``, or take another key
├── Unavailable       5xx, timeout, lost connection, an HTML page where JSON should be: try again
├── BadAnswer         an answer that ends in the middle; ``text`` is what came of it
├── Refused           a safety block, a refusal, no candidates: ask differently, not again
├── Rejected          400: this request cannot be served by this model (no images, too long)
├── UnknownModel      no model of that name: retired, misspelt, or not for this key
└── BadCredentials    401, 403, 402: this key does not work
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

_LONGEST_DETAIL = 300
_MOST_TOKENS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the endpoint counted them; ``output`` includes what the model thought."""

    input: int = 0
    output: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.input + other.input, self.output + other.output)


NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a request that is text."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A part of a request that is an image file."""

    data: bytes = field(repr=False)
    content_type: str = "image/jpeg"


Part = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a model is asked. ``system`` is the same for every call of a job, so that endpoints can cache it.

    ``schema`` is the JSON schema of the answer; one that grows past ``most_characters`` is cut off while it comes in.
    ``timeout_s`` bounds the silence between two bytes.
    """

    system: str
    parts: tuple[Part, ...]
    schema: Mapping[str, Any]
    max_output_tokens: int
    most_characters: int = 100_000
    timeout_s: float = 120.0
    temperature: float | None = None

    @property
    def images(self) -> int:
        return sum(isinstance(part, ImagePart) for part in self.parts)

    @property
    def text(self) -> str:
        """All of its text, the system's left out."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, TextPart))


class Finish(StrEnum):
    """Why a model stopped."""

    STOP = "stop"
    LENGTH = "length"
    """It ran into ``max_output_tokens``: the answer ends in the middle."""


@dataclass(frozen=True, slots=True)
class ModelReply:
    """What a model said."""

    text: str
    finish: Finish
    usage: Usage = NO_USAGE


class ModelError(Exception):
    """Base of what a call can end in. ``detail`` is one line without a key; ``usage`` is what it cost all the same."""

    def __init__(self, model: str, detail: str, *, usage: Usage = NO_USAGE) -> None:
        line = " ".join(detail.split())[:_LONGEST_DETAIL]
        super().__init__(f"{model}: {line}")
        self.model, self.detail, self.usage = model, line, usage


class RateLimited(ModelError):  # noqa: N818 - names of outcomes
    """Too many requests. ``retry_after_s`` is the server's word, None where it gave none."""

    def __init__(self, model: str, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(model, detail)
        self.retry_after_s = retry_after_s


class Unavailable(ModelError):  # noqa: N818
    """The endpoint could not be reached, broke, or answered with something that is no answer."""

    def __init__(self, model: str, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(model, detail)
        self.retry_after_s = retry_after_s


class BadAnswer(ModelError):  # noqa: N818
    """The answer broke off. ``text`` is its beginning, in which whole answers may stand."""

    def __init__(self, model: str, detail: str, *, text: str = "", usage: Usage = NO_USAGE) -> None:
        super().__init__(model, detail, usage=usage)
        self.text = text


class Refused(ModelError):  # noqa: N818
    """The model, or a filter before or after it, will not answer this."""


class Rejected(ModelError):  # noqa: N818
    """The request itself is not served: asked again, it will be rejected again."""


class UnknownModel(ModelError):  # noqa: N818
    """There is no such model."""


class BadCredentials(ModelError):  # noqa: N818
    """The key is wrong, locked, or out of money."""


def nothing_stops() -> bool:
    """The ``stop`` of a call that nobody calls off."""
    return False


class ChatModel(Protocol):
    """One model at one endpoint with one key. Safe to share by threads."""

    @property
    def name(self) -> str:
        """The model's name at its endpoint."""
        ...

    def complete(self, request: ModelRequest, *, stop: Callable[[], bool] = nothing_stops) -> ModelReply:
        """One call, never repeated by itself. Raises :class:`ModelError`.

        ``stop`` is asked while the answer comes in; once it says so, the connection is closed and the call ends in
        :class:`Unavailable`.
        """
        ...

    def check(self, *, timeout_s: float = 20.0) -> None:
        """Whether the endpoint has the model and takes the key, at no cost. Raises :class:`ModelError`."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key. It shows its ``label`` only; an empty one is for endpoints without keys."""

    secret: str = field(repr=False)
    label: str = "key 1"

    def scrub(self, text: str) -> str:
        """``text`` without the key, for what servers quote back."""
        return text.replace(self.secret, "[key]") if self.secret else text


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model, and where. ``base_url`` empty: the vendor's own."""

    name: str
    base_url: str = ""
    vision: bool = True
    stream: bool = True
    max_output_tokens: int = 8_192
    """The most that this model is asked for, whatever the request allows."""
    thinking: str = ""
    """How much a model may think first: ``minimal``, ``low``, ``medium``, ``high``; empty for the model's own
    default."""


def counted(value: Any) -> int:
    """A count of tokens as a server gives it; 0 for what can be none: it would lift a budget, or spoil a report."""
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else 0


def is_html(text: str) -> bool:
    """Whether a body is a web page: a proxy's or a login's, never a model's."""
    return text.lstrip("\ufeff \t\r\n")[:15].lower().startswith(("<!doctype", "<html", "<head", "<body"))
