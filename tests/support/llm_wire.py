"""What a wire-level model server is asked and what it is to do, whichever protocol it speaks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class WireCall:
    """One request as it came over the wire. ``texts`` are the source texts by id."""

    path: str
    key: str
    body: Mapping[str, Any]
    system: str
    prompt: str
    images: tuple[bytes, ...]
    has_schema: bool
    streams: bool
    raw: str = field(repr=False)

    @property
    def lines(self) -> tuple[dict[str, str], ...]:
        """The texts that are asked for, as the prompt lists them."""
        return tuple(json.loads(line) for line in self.prompt.splitlines() if line.startswith('{"id"'))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(line["id"] for line in self.lines)

    @property
    def texts(self) -> dict[str, str]:
        return {line["id"]: line["text"] for line in self.lines}


@dataclass(frozen=True, slots=True)
class Say:
    """An answer. ``cut``: the connection is lost after so many characters. ``finish``: ``stop`` or ``length``."""

    text: str
    finish: str = "stop"
    input_tokens: int = 1000
    output_tokens: int = 100
    cut: int | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """An error response."""

    status: int
    message: str = "it broke"
    headers: Mapping[str, str] = field(default_factory=dict)
    details: tuple[Mapping[str, Any], ...] = ()
    code: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A safety block, of the prompt or of the answer."""

    prompt: bool = False
    reason: str = "SAFETY"


@dataclass(frozen=True, slots=True)
class Empty:
    """An answer without candidates."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection ends without a word."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing is said until the server closes, or ``seconds`` have passed; then ``then``."""

    seconds: float
    then: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Html:
    """A web page with status 200, as a login or a proxy answers."""


@dataclass(frozen=True, slots=True)
class Raw:
    """JSON of any form; with status 200, where the call streams, as its one event."""

    text: str
    status: int = 200


Outcome = Say | Fail | Block | Empty | Drop | Hang | Html | Raw
Rule = Callable[[WireCall], Outcome]
Item = dict[str, str]


def english(source: str) -> str:
    """A translation that is never the same for two sources, and never that of a model."""
    letters = "".join(chr(ord("a") + int(digit, 16)) for digit in hashlib.sha256(source.encode()).hexdigest()[:6])
    return f"Well, {letters}!"


def items(call: WireCall, translate: Callable[[str], str] = english) -> list[Item]:
    """A faultless answer to a call."""
    return [{"id": label, "echo": text[:24], "text": translate(text)} for label, text in call.texts.items()]


def answer(found: list[Item], **more: Any) -> str:
    return json.dumps({"translations": found, **more}, ensure_ascii=False)


def good(call: WireCall) -> Outcome:
    return Say(answer(items(call)))


def in_language(translate: Callable[[str], str]) -> Rule:
    """Good answers by another translator."""
    return lambda call: Say(answer(items(call, translate)))


def always(outcome: Outcome) -> Rule:
    return lambda _: outcome


def changed(change: Callable[[list[Item]], list[Item]]) -> Rule:
    """A good answer that something happened to."""
    return lambda call: Say(answer(change(items(call))))


def without(*ids: str) -> Rule:
    return changed(lambda found: [item for item in found if item["id"] not in ids])


def swapped(one: str, other: str) -> Rule:
    """The two texts' answers under each other's id: both ids are there, once, and nothing is missing."""
    names = {one: other, other: one}
    return changed(lambda found: [{**item, "id": names.get(item["id"], item["id"])} for item in found])


def replaced(**texts: str) -> Rule:
    """Other translations for some ids, as ``id_3="…"``."""
    wanted = {name.removeprefix("id_"): text for name, text in texts.items()}
    return changed(lambda found: [{**item, "text": wanted.get(item["id"], item["text"])} for item in found])


def rambling(label: str) -> Rule:
    """Ten times what is asked for."""
    return changed(
        lambda found: [{**item, "text": item["text"] * (20 if item["id"] == label else 1)} for item in found]
    )


def fenced(call: WireCall) -> Outcome:
    return Say(f"Here you are:\n```json\n{answer(items(call))}\n```")


def truncated(whole_items: int, *, finish: str = "length") -> Rule:
    """An answer that breaks off after so many items, in the middle of the next."""

    def rule(call: WireCall) -> Outcome:
        text = answer(items(call))
        at = 0
        for _ in range(whole_items):
            at = text.index("}", at) + 1
        return Say(text[: at + 12], finish=finish)

    return rule


def prose(call: WireCall) -> Outcome:
    return Say("I'm sorry, but I can't help with translating this page.")


RETRY_IN_7_S = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}
DAILY_QUOTA = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
}
BAD_KEY = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
HTML_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
