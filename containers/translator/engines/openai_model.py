"""Any endpoint that speaks OpenAI's chat completions: Ollama, llama.cpp, vLLM, DeepSeek, OpenRouter, OpenAI itself.

Through httpx, not through the package ``openai``. It is one POST and one GET; the container has httpx already, and
with it decides itself on retries, redirects, timeouts and what counts as an answer. The package would repeat calls on
its own, read organisation and project ids from the environment and send them to whatever server is configured, and
its types are OpenAI's, which the servers that this is for only resemble.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import httpx

from translator.translation.model import (
    NO_USAGE,
    ApiKey,
    BadAnswer,
    BadCredentials,
    Finish,
    ImagePart,
    ModelError,
    ModelReply,
    ModelRequest,
    ModelSettings,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
    UnknownModel,
    Usage,
    counted,
    is_html,
    nothing_stops,
)
from translator.translation.retry_after import retry_after_s

NAME = "openai"
_LARGEST_BODY = 8_000_000
_QUOTA_S = 6 * 3600.0
_FILTERED = ("content_filter", "content_policy", "moderation", "flagged")
"""How filters before a model sign their 400s and 403s."""
_NO_MODEL = (
    "model_not_found",
    "model not found",
    "does not exist",
    "no such model",
    "unknown model",
    "not a valid model",
)


@dataclass(slots=True)
class _Said:
    """What an answer has said so far."""

    text: str = ""
    refusal: str = ""
    finish: str = ""
    usage: Usage = NO_USAGE
    choices: bool = False


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What of the protocol a server takes; learnt from what it rejects."""

    schema: bool = True
    limit: str = "max_tokens"
    counts_in_stream: bool = True

    def without(self, complaint: str) -> _Dialect | None:
        """The dialect to try after a rejection; None where there is nothing left to give up."""
        if "max_completion_tokens" in complaint and self.limit == "max_tokens":
            return replace(self, limit="max_completion_tokens")
        if "stream_options" in complaint and self.counts_in_stream:
            return replace(self, counts_in_stream=False)
        return replace(self, schema=False) if self.schema else None


class OpenAiModel:
    """A :class:`~translator.translation.model.ChatModel`. Holds one connection pool; makes no call when constructed.

    The JSON schema is sent as ``response_format``. Where a server rejects a request, it is asked again without what
    it may not know (the schema, the name of the limit, the count of tokens in a stream); what then works is kept for
    later calls. Without a schema the strict reader of answers stands alone.
    """

    def __init__(self, settings: ModelSettings, key: ApiKey) -> None:
        self._settings, self._key = settings, key
        self._dialect = _Dialect()
        headers = {"authorization": f"Bearer {key.secret}"} if key.secret else {}
        self._http = httpx.Client(base_url=settings.base_url.rstrip("/") + "/", headers=headers, follow_redirects=False)

    def __repr__(self) -> str:
        return f"OpenAiModel({self.name!r}, {self._key.label})"

    @property
    def name(self) -> str:
        return self._settings.name

    def complete(self, request: ModelRequest, *, stop: Callable[[], bool] = nothing_stops) -> ModelReply:
        """One ``chat/completions``; a few where the server rejects what it does not know. Raises ``ModelError``."""
        dialect = self._dialect
        while True:
            try:
                reply = self._once(request, stop, dialect)
            except Rejected as error:
                simpler = dialect.without(error.detail)
                if simpler is None:
                    raise
                dialect = simpler
            else:
                self._dialect = dialect
                return reply

    def check(self, *, timeout_s: float = 20.0) -> None:
        """``GET models``; a server without that route is not held against the model. Raises ``ModelError``."""
        try:
            response = self._http.get("models", timeout=timeout_s)
        except httpx.HTTPError as error:
            raise self._transport(error) from None
        if response.status_code in (404, 405, 501):
            return
        if response.status_code != 200:
            raise self._status_error(response, response.text)
        names = _names(self._json(response.text))
        if names and not self._is_among(names):
            raise UnknownModel(self.name, f"the endpoint has {len(names)} models, and none of this name")

    def close(self) -> None:
        self._http.close()

    def _is_among(self, names: frozenset[str]) -> bool:
        """Ollama lists ``name:latest`` for what may be called ``name``."""
        return self.name in names or f"{self.name}:latest" in names

    def _once(self, request: ModelRequest, stop: Callable[[], bool], dialect: _Dialect) -> ModelReply:
        said = _Said()
        try:
            with closing(self._chunks(request, dialect)) as chunks:
                for chunk in chunks:
                    if stop():
                        raise Unavailable(self.name, "called off while it answered")
                    self._hear(chunk, said)
                    if len(said.text) > request.most_characters:
                        detail = f"ran away past {len(said.text)} characters"
                        raise BadAnswer(self.name, detail, text=said.text, usage=said.usage)
        except httpx.HTTPError as error:
            if said.text:
                detail = f"the connection was lost ({type(error).__name__})"
                raise BadAnswer(self.name, detail, text=said.text, usage=said.usage) from None
            raise self._transport(error) from None
        return self._finished(said)

    def _chunks(self, request: ModelRequest, dialect: _Dialect) -> Generator[Mapping[str, Any], None, None]:
        """The answer's JSON documents: the parts of a stream, or one."""
        body = self._body(request, dialect)
        with self._http.stream("POST", "chat/completions", json=body, timeout=request.timeout_s) as response:
            if response.status_code != 200:
                raise self._status_error(response, _read(response))
            if response.headers.get("content-type", "").startswith("text/event-stream"):
                yield from self._events(response)
            else:
                yield self._json(_read(response))

    def _events(self, response: httpx.Response) -> Iterator[Mapping[str, Any]]:
        for line in response.iter_lines():
            if not line.startswith("data:"):
                continue
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                return
            yield self._json(data)

    def _body(self, request: ModelRequest, dialect: _Dialect) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": _content(request)},
            ],
            dialect.limit: min(request.max_output_tokens, self._settings.max_output_tokens),
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if self._settings.thinking:
            body["reasoning_effort"] = self._settings.thinking
        if self._settings.stream:
            body["stream"] = True
        if self._settings.stream and dialect.counts_in_stream:
            body["stream_options"] = {"include_usage": True}
        if dialect.schema:
            named = {"name": "translations", "strict": True, "schema": dict(request.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        return body

    def _hear(self, chunk: Mapping[str, Any], said: _Said) -> None:
        """Adds one document of the answer."""
        if "error" in chunk and not chunk.get("choices"):
            raise self._body_error(_dict(chunk["error"]))
        said.usage = _usage(chunk) or said.usage
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, Mapping):
            return
        said.choices = True
        message = _dict(choice.get("delta")) or _dict(choice.get("message"))
        said.text += _text(message.get("content"))
        said.refusal += _text(message.get("refusal"))
        said.finish = _text(choice.get("finish_reason")) or said.finish

    def _finished(self, said: _Said) -> ModelReply:
        if said.refusal or said.finish == "content_filter":
            raise Refused(self.name, said.refusal or "the answer was blocked (content_filter)", usage=said.usage)
        if said.finish == "length":
            return ModelReply(said.text, Finish.LENGTH, said.usage)
        if not said.text.strip():
            detail = "an empty answer" if said.choices else "no choices in the answer"
            raise Refused(self.name, detail, usage=said.usage)
        if not said.finish:
            raise BadAnswer(self.name, "the answer ended without a word why", text=said.text, usage=said.usage)
        return ModelReply(said.text, Finish.STOP, said.usage)

    def _json(self, text: str) -> Mapping[str, Any]:
        if is_html(text):
            raise Unavailable(self.name, "an HTML page instead of an answer")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise Unavailable(self.name, "an answer that is not JSON") from None
        if not isinstance(value, Mapping):
            raise Unavailable(self.name, "an answer that is no JSON object")
        return value

    def _status_error(self, response: httpx.Response, text: str) -> ModelError:
        """What an error response means."""
        code = response.status_code
        if is_html(text):
            return Unavailable(self.name, f"{code}: an HTML page instead of an answer")
        said = _error_of(text)
        detail = self._key.scrub(f"{code}: {said.get('message') or text[:200]}")
        kind = f"{said.get('code')} {said.get('type')}".lower()
        wait_s = retry_after_s(response.headers.get("retry-after"))
        if code in (400, 403) and any(mark in f"{kind} {detail.lower()}" for mark in _FILTERED):
            return Refused(self.name, detail)
        if code in (401, 402, 403):
            return BadCredentials(self.name, detail)
        if code == 404 or (code == 400 and any(mark in f"{kind} {detail.lower()}" for mark in _NO_MODEL)):
            return UnknownModel(self.name, detail)
        if code == 429:
            spent = "insufficient_quota" in kind
            return RateLimited(self.name, detail, retry_after_s=_QUOTA_S if spent else wait_s)
        if code == 408 or code >= 500 or 300 <= code < 400:
            return Unavailable(self.name, detail, retry_after_s=wait_s)
        return Rejected(self.name, detail)

    def _body_error(self, error: Mapping[str, Any]) -> ModelError:
        """An error inside a 200, as OpenRouter sends it."""
        detail = self._key.scrub(str(error.get("message") or "an error without a message"))
        return RateLimited(self.name, detail) if str(error.get("code")) == "429" else Unavailable(self.name, detail)

    def _transport(self, error: httpx.HTTPError) -> Unavailable:
        return Unavailable(self.name, self._key.scrub(f"{type(error).__name__}: {error}"))


def _content(request: ModelRequest) -> str | list[dict[str, Any]]:
    """Text alone as a string: servers without vision take nothing else."""
    if not request.images:
        return request.text
    return [
        {"type": "image_url", "image_url": {"url": _data_url(part)}}
        if isinstance(part, ImagePart)
        else {"type": "text", "text": part.text}
        for part in request.parts
    ]


def _data_url(part: ImagePart) -> str:
    return f"data:{part.content_type};base64,{base64.b64encode(part.data).decode()}"


def _read(response: httpx.Response) -> str:
    """A whole body, up to a size that no answer has."""
    data = bytearray()
    for piece in response.iter_bytes():
        data += piece
        if len(data) > _LARGEST_BODY:
            break
    return data.decode("utf-8", "replace")


def _error_of(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    inner = _dict(value).get("error")
    return {"message": inner} if isinstance(inner, str) else _dict(inner) or _dict(value)


def _usage(chunk: Mapping[str, Any]) -> Usage | None:
    said = _dict(chunk.get("usage"))
    return Usage(counted(said.get("prompt_tokens")), counted(said.get("completion_tokens"))) if said else None


def _names(body: Mapping[str, Any]) -> frozenset[str]:
    data = body.get("data")
    found = (_dict(one).get("id") for one in data) if isinstance(data, list) else ()
    return frozenset(name for name in found if isinstance(name, str))


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
