"""Gemini through Google's own SDK, ``google-genai``.

Of the SDK we use the request and its types. What it would do by itself is off: retries (ours count, wait as told, and
are paid for knowingly), automatic continuation (each hop bills the prompt again), function calls, redirects (they
would carry the key elsewhere), and whatever the environment says about Vertex.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import httpx2
from google import genai
from google.genai import errors, types

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
    Part,
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

NAME = "gemini_hq"
BASE_URL = "https://generativelanguage.googleapis.com"
_A_DAY_S = 6 * 3600.0
"""How long a key rests whose quota for the day is used up: longer than any page waits."""
_CATEGORIES = (
    types.HarmCategory.HARM_CATEGORY_HARASSMENT,
    types.HarmCategory.HARM_CATEGORY_HATE_SPEECH,
    types.HarmCategory.HARM_CATEGORY_SEXUALLY_EXPLICIT,
    types.HarmCategory.HARM_CATEGORY_DANGEROUS_CONTENT,
)
_SAFETY = [types.SafetySetting(category=one, threshold=types.HarmBlockThreshold.BLOCK_NONE) for one in _CATEGORIES]
_CUT = frozenset({types.FinishReason.MAX_TOKENS, types.FinishReason.CONTINUATION})
_WHOLE = frozenset({types.FinishReason.STOP, types.FinishReason.FINISH_REASON_UNSPECIFIED})
_BROKEN = frozenset({types.FinishReason.MALFORMED_RESPONSE, types.FinishReason.MALFORMED_FUNCTION_CALL})
_TROUBLE = (errors.APIError, httpx2.HTTPError, ValueError)
_STUMBLES = (AttributeError, LookupError, RecursionError, TypeError)
"""What the SDK raises besides, over JSON that has another form than Gemini's, or no end of nesting."""
_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")


class GeminiModel:
    """A :class:`~translator.translation.model.ChatModel`. Holds one connection pool; makes no call when constructed."""

    def __init__(self, settings: ModelSettings, key: ApiKey) -> None:
        self._settings, self._key = settings, key
        self._http = httpx2.Client(follow_redirects=False)
        self._client = genai.Client(
            vertexai=False,
            api_key=key.secret,
            http_options=types.HttpOptions(
                base_url=settings.base_url or BASE_URL,
                retry_options=types.HttpRetryOptions(attempts=1),
                httpx_client=self._http,
            ),
        )

    def __repr__(self) -> str:
        return f"GeminiModel({self.name!r}, {self._key.label})"

    @property
    def name(self) -> str:
        return self._settings.name

    def complete(self, request: ModelRequest, *, stop: Callable[[], bool] = nothing_stops) -> ModelReply:
        """One ``generateContent`` or ``streamGenerateContent``. Raises ``ModelError``."""
        try:
            with closing(self._responses(request)) as responses:
                return self._reply(responses, request, stop)
        except _TROUBLE as error:
            raise self._error(error) from None

    def check(self, *, timeout_s: float = 20.0) -> None:
        """``models.get``. Raises ``ModelError``."""
        config = types.GetModelConfig(http_options=_timeout(timeout_s))
        try:
            with _parsing():
                model = self._client.models.get(model=self.name, config=config)
        except _TROUBLE as error:
            raise self._error(error) from None
        if model.supported_actions and "generateContent" not in model.supported_actions:
            raise UnknownModel(self.name, "this model does not generate text")

    def close(self) -> None:
        self._client.close()
        self._http.close()

    def _responses(self, request: ModelRequest) -> Generator[types.GenerateContentResponse, None, None]:
        contents = types.Content(role="user", parts=[_part(part) for part in request.parts])
        config = self._config(request)
        with _parsing():
            if self._settings.stream:
                yield from self._client.models.generate_content_stream(
                    model=self.name, contents=contents, config=config
                )
            else:
                yield self._client.models.generate_content(model=self.name, contents=contents, config=config)

    def _config(self, request: ModelRequest) -> types.GenerateContentConfig:
        thinking = self._settings.thinking
        return types.GenerateContentConfig(
            system_instruction=request.system,
            response_mime_type="application/json",
            response_json_schema=dict(request.schema),
            max_output_tokens=min(request.max_output_tokens, self._settings.max_output_tokens),
            temperature=request.temperature,
            candidate_count=1,
            safety_settings=_SAFETY,
            thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel(thinking.upper()))
            if thinking
            else None,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            automatic_continuation=False,
            http_options=_timeout(request.timeout_s),
        )

    def _reply(
        self,
        responses: Iterator[types.GenerateContentResponse],
        request: ModelRequest,
        stop: Callable[[], bool],
    ) -> ModelReply:
        text, usage = "", NO_USAGE
        finish: types.FinishReason | None = None
        for response in responses:
            if stop():
                raise Unavailable(self.name, "called off while it answered")
            usage = _usage(response) or usage
            self._check_prompt(response, usage)
            candidate = response.candidates[0] if response.candidates else None
            if candidate is None:
                continue
            text += _text(candidate)
            finish = candidate.finish_reason or finish
            if len(text) > request.most_characters:
                raise BadAnswer(self.name, f"ran away past {len(text)} characters", text=text, usage=usage)
        return self._finished(text, finish, usage)

    def _check_prompt(self, response: types.GenerateContentResponse, usage: Usage) -> None:
        feedback = response.prompt_feedback
        if feedback is not None and feedback.block_reason:
            raise Refused(self.name, f"the prompt was blocked ({feedback.block_reason.value})", usage=usage)

    def _finished(self, text: str, finish: types.FinishReason | None, usage: Usage) -> ModelReply:
        if finish in _CUT:
            return ModelReply(text, Finish.LENGTH, usage)
        if finish in _BROKEN:
            raise BadAnswer(self.name, f"the answer was broken ({finish.value})", text=text, usage=usage)
        if finish is not None and finish not in _WHOLE:
            raise Refused(self.name, f"the answer was blocked ({finish.value})", usage=usage)
        if not text.strip():
            raise Refused(self.name, "no candidates in the answer", usage=usage)
        if finish is None and self._settings.stream:
            raise BadAnswer(self.name, "the stream ended before the answer did", text=text, usage=usage)
        return ModelReply(text, Finish.STOP, usage)

    def _error(self, error: Exception) -> ModelError:
        """What the SDK raised, as ours. A body that is not Gemini's is a ``ValueError`` of one kind or another."""
        if isinstance(error, errors.APIError):
            return self._api_error(error)
        if isinstance(error, httpx2.HTTPError):
            return Unavailable(self.name, self._said(f"{type(error).__name__}: {error}"))
        return Unavailable(self.name, f"an answer that is not Gemini's ({type(error).__name__})")

    def _api_error(self, error: errors.APIError) -> ModelError:
        """What an error response means, from its code, and from its details where those say more."""
        code = _code(error)
        detail = self._said(f"{code} {error.status or ''}: {error.message or ''}")
        if is_html(str(error.message or "")):
            return Unavailable(self.name, f"{code}: an HTML page instead of an answer")
        reasons = " ".join(str(one.get("reason", "")) for one in _details(error))
        if code in (401, 402, 403) or "API_KEY" in reasons:
            return BadCredentials(self.name, detail)
        if code == 404:
            return UnknownModel(self.name, detail)
        if code == 429:
            return RateLimited(self.name, detail, retry_after_s=_retry_after_s(error))
        if code == 408 or code >= 500 or 300 <= code < 400:
            return Unavailable(self.name, detail, retry_after_s=_header_s(error))
        return Rejected(self.name, detail)

    def _said(self, text: str) -> str:
        return self._key.scrub(text)


class _NotGeminis(ValueError):  # noqa: N818
    """JSON that the SDK stumbled over."""


@contextmanager
def _parsing() -> Iterator[None]:
    """Around the SDK's work, and nothing of ours. Raises :class:`_NotGeminis` where it stumbles over an answer."""
    try:
        yield
    except _STUMBLES as error:
        raise _NotGeminis(type(error).__name__) from None


def _code(error: errors.APIError) -> int:
    """The code that the body names; where that is no number, the response's own."""
    code: Any = error.code
    if isinstance(code, int):
        return code
    return int(getattr(error.response, "status_code", 500))


def _part(part: Part) -> types.Part:
    if isinstance(part, ImagePart):
        return types.Part.from_bytes(data=part.data, mime_type=part.content_type)
    return types.Part.from_text(text=part.text)


def _timeout(seconds: float) -> types.HttpOptions:
    """Milliseconds; the SDK's HTTP client takes it as the longest silence."""
    return types.HttpOptions(timeout=max(1, round(seconds * 1000)))


def _text(candidate: types.Candidate) -> str:
    """What the candidate says, its thoughts left out. Not ``response.text``, which warns of every other part."""
    parts = candidate.content.parts if candidate.content and candidate.content.parts else []
    return "".join(part.text for part in parts if part.text and not part.thought)


def _usage(response: types.GenerateContentResponse) -> Usage | None:
    """Counts grow with each part of a stream: the last one is the whole."""
    said = response.usage_metadata
    if said is None:
        return None
    output = counted(said.candidates_token_count) + counted(said.thoughts_token_count)
    return Usage(counted(said.prompt_token_count), output)


def _details(error: errors.APIError) -> list[Mapping[str, Any]]:
    """The typed details of Google's error model."""
    body = error.details if isinstance(error.details, Mapping) else {}
    inner = body.get("error")
    found = inner.get("details") if isinstance(inner, Mapping) else body.get("details")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _retry_after_s(error: errors.APIError) -> float | None:
    """What the body or the header says; a day's quota that is used up does not come back while a page waits."""
    if "PerDay" in str(_details(error)):
        return _A_DAY_S
    for one in _details(error):
        if match := _DURATION.fullmatch(str(one.get("retryDelay", ""))):
            return float(match[1])
    return _header_s(error)


def _header_s(error: errors.APIError) -> float | None:
    headers = getattr(error.response, "headers", None)
    return retry_after_s(headers.get("retry-after") if headers is not None else None)
