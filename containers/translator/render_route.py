"""``POST /internal/render/page``: an edited page document and its clean plate in, the page set again out."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contract.document import PageDocument
from contract.errors import BadMessage
from contract.image_format import ImageFormat
from contract.problem import Problem, ProblemCode
from translator.access import check_internal_token
from translator.config import Config
from translator.models import Models, NotReady
from translator.page_headers import page_headers
from translator.page_route import RETRY_S, known_code
from translator.page_service import PageBusy, PageService
from translator.pipeline.pages import PageOutcome
from translator.pipeline.pipeline import PageSettings
from translator.pipeline.protocols import StageError
from translator.stages import Unsupported

MAX_DOCUMENT_BYTES = 4_000_000
_FORM_BYTES = 64_000
"""What the form may have besides its two parts."""
_FORM, _JSON = "multipart/form-data", "application/json"


class RenderRoute:
    """Checks in this order: token (401), models (503), parameters (422), type (415), size (413), the document and the
    plate (422). Answers with the image, or where ``application/json`` is asked for, with ``image`` (base64),
    ``image_format`` and the new ``document``."""

    def __init__(self, service: PageService, models: Models, config: Config) -> None:
        self._service, self._models, self._config = service, models, config

    async def post(self, request: Request) -> Response:
        check_internal_token(request, self._config.internal_token)
        self._check_ready()
        settings = self._settings(request.query_params)
        document, plate = await self._parts(request)
        done = await self._render(document, plate, settings)
        return _as_json(done) if _JSON in request.headers.get("accept", "") else _as_image(done)

    def _check_ready(self) -> None:
        try:
            _ = self._models.factory
        except NotReady as error:
            raise Problem(ProblemCode.UNAVAILABLE, str(error), retry_after_s=RETRY_S) from None

    def _settings(self, query: Mapping[str, str]) -> PageSettings:
        for name in query:
            if name != "image_format":
                raise Problem(ProblemCode.INVALID, "unknown parameter; known is image_format", field=name[:64])
        try:
            image_format = ImageFormat(query.get("image_format", ImageFormat.WEBP.value))
        except ValueError:
            known = ", ".join(member.value for member in ImageFormat)
            raise Problem(ProblemCode.INVALID, f"not one of {known}", field="image_format") from None
        return PageSettings(image_format=image_format, max_pixels=self._config.max_page_pixels)

    async def _parts(self, request: Request) -> tuple[PageDocument, bytes]:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise Problem(ProblemCode.UNSUPPORTED_TYPE, f"the Content-Type is not {_FORM}")
        limit = self._config.max_page_bytes
        most = limit + MAX_DOCUMENT_BYTES + _FORM_BYTES
        declared = request.headers.get("content-length", "")
        # The parser spools its parts to disk; without a length nothing would bound them.
        if not declared.isdigit():
            raise Problem(ProblemCode.BAD_REQUEST, "a Content-Length is needed")
        if int(declared) > most:
            raise Problem(ProblemCode.TOO_LARGE, f"the body has more than {most} bytes")
        try:
            async with request.form(max_files=2, max_fields=2, max_part_size=MAX_DOCUMENT_BYTES) as form:
                document = await _part(form, "document", MAX_DOCUMENT_BYTES)
                plate = await _part(form, "plate", limit)
        except MultiPartException as error:
            raise Problem(ProblemCode.BAD_REQUEST, f"not a form: {error.message}"[:300]) from None
        return _document(document), plate

    async def _render(self, document: PageDocument, plate: bytes, settings: PageSettings) -> PageOutcome:
        try:
            return await self._service.render(document, plate, settings)
        except StageError as error:
            detail = f"{error.stage}: {error.detail}"
            raise Problem(ProblemCode.PAGE_FAILED, detail[:500], page_error=known_code(error.code)) from None
        except Unsupported as error:
            raise Problem(ProblemCode.INVALID, error.detail, field=f"document.{error.field}") from None
        except PageBusy:
            raise Problem(ProblemCode.BUSY, "other pages are waiting", retry_after_s=RETRY_S) from None


async def _part(form: FormData, name: str, limit: int) -> bytes:
    part = form.get(name)
    if part is None:
        raise Problem(ProblemCode.INVALID, f"the form has no part {name}", field=name)
    data = await part.read(limit + 1) if isinstance(part, UploadFile) else part.encode()
    if len(data) > limit:
        raise Problem(ProblemCode.TOO_LARGE, f"{name} has more than {limit} bytes")
    return data


def _document(data: bytes) -> PageDocument:
    try:
        return PageDocument.parse(data)
    except BadMessage as error:
        raise Problem(ProblemCode.INVALID, error.detail, field=f"document.{error.field}") from None


def _as_image(done: PageOutcome) -> Response:
    headers = {"cache-control": "no-store", **page_headers(done.document)}
    return Response(done.image, media_type=done.image_format.content_type, headers=headers)


def _as_json(done: PageOutcome) -> Response:
    content = {
        "schema": 1,
        "image": base64.b64encode(done.image).decode(),
        "image_format": done.image_format.value,
        "document": done.document.to_json(),
    }
    return JSONResponse(content, headers={"cache-control": "no-store"})
