"""``POST /internal/translate/page``: image in, image out, for whoever holds the internal token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from contract.engines import DEFAULT_ENGINE, EngineRole
from contract.errors import BadMessage
from contract.image_format import INPUT_TYPES, ImageFormat
from contract.job import Options
from contract.policy import Policies
from contract.problem import Problem, ProblemCode
from contract.status import PageErrorCode
from translator.access import check_internal_token
from translator.bodies import read_body
from translator.config import Config
from translator.models import Models, NotReady
from translator.page_headers import page_headers
from translator.page_service import PageBusy, PageService
from translator.pipeline.pages import PageOutcome
from translator.pipeline.pipeline import PageSettings
from translator.pipeline.protocols import StageError
from translator.pipeline.types import ReadingDirection
from translator.stages import Unsupported

RETRY_S = 5
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PARAMETERS = ("source", "target", "reading_direction", "image_format", "policies", *EngineRole)
E = TypeVar("E", bound=StrEnum)


class PageRoute:
    """Checks in this order: token (401), models (503), parameters (422), type (415), size (413), the page (422)."""

    def __init__(self, service: PageService, models: Models, config: Config) -> None:
        self._service, self._models, self._config = service, models, config

    async def post(self, request: Request) -> Response:
        check_internal_token(request, self._config.internal_token)
        self._check_ready()
        options = _options(request.query_params)
        settings = self._settings(request.query_params, options)
        _check_type(request.headers.get("content-type", ""))
        data = await read_body(request, limit=self._config.max_page_bytes)
        return _answer(await self._translate(data, settings, options))

    def _check_ready(self) -> None:
        try:
            _ = self._models.factory
        except NotReady as error:
            raise Problem(ProblemCode.UNAVAILABLE, str(error), retry_after_s=RETRY_S) from None

    def _settings(self, query: Mapping[str, str], options: Options) -> PageSettings:
        return PageSettings(
            source=_language(query, "source", "ja"),
            target=_language(query, "target", "en"),
            direction=_choice(query, "reading_direction", ReadingDirection.AUTO),
            image_format=options.image_format,
            policies=options.policies,
            max_pixels=self._config.max_page_pixels,
        )

    async def _translate(self, data: bytes, settings: PageSettings, options: Options) -> PageOutcome:
        try:
            return await self._service.translate(data, settings, options)
        except StageError as error:
            detail = f"{error.stage}: {error.detail}"
            raise Problem(ProblemCode.PAGE_FAILED, detail[:500], page_error=known_code(error.code)) from None
        except Unsupported as error:
            raise _invalid(error.field.removeprefix("options."), error.detail) from None
        except PageBusy:
            raise Problem(ProblemCode.BUSY, "other pages are waiting", retry_after_s=RETRY_S) from None


def _options(query: Mapping[str, str]) -> Options:
    """The same as a job has, each a parameter of its own; policies as ``sfx=annotate,sign=translate``."""
    for name in query:
        if name not in _PARAMETERS:
            raise _invalid(name[:64], f"unknown parameter; known are {', '.join(_PARAMETERS)}")
    try:
        return Options(
            image_format=_choice(query, "image_format", ImageFormat.WEBP),
            policies=Policies.from_words(query.get("policies", ""), "policies"),
            translator=query.get("translator", DEFAULT_ENGINE),
            detector=query.get("detector", DEFAULT_ENGINE),
            reader=query.get("reader", DEFAULT_ENGINE),
            cleaner=query.get("cleaner", DEFAULT_ENGINE),
        )
    except BadMessage as error:
        raise _invalid(error.field, error.detail) from None


def _answer(finished: PageOutcome) -> Response:
    return Response(
        finished.image,
        media_type=finished.image_format.content_type,
        headers={"cache-control": "no-store", **page_headers(finished.document)},
    )


def _check_type(content_type: str) -> None:
    if content_type.partition(";")[0].strip().lower() not in INPUT_TYPES:
        raise Problem(ProblemCode.UNSUPPORTED_TYPE, f"the Content-Type is none of {', '.join(INPUT_TYPES)}")


def _language(query: Mapping[str, str], name: str, default: str) -> str:
    value = query.get(name, default)
    if len(value) > 35 or not _LANGUAGE.fullmatch(value):
        raise _invalid(name, "not a BCP 47 language tag such as ja or zh-Hant")
    return value


def _choice(query: Mapping[str, str], name: str, default: E) -> E:
    kind = type(default)
    try:
        return kind(query.get(name, default.value))
    except ValueError:
        raise _invalid(name, f"not one of {', '.join(member.value for member in kind)}") from None


def known_code(code: str) -> str:
    """A stage's code, where the contract has it."""
    return code if code in {known.value for known in PageErrorCode} else PageErrorCode.STAGE_FAILED.value


def _invalid(field: str, detail: str) -> Problem:
    return Problem(ProblemCode.INVALID, detail, field=field)
