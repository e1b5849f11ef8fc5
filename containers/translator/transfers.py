"""A page's transfers: its input in, its image and document out. Errors are ``StageError``, as any stage's are."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from contract.grant import Grant, PageGrants
from contract.image_format import ImageFormat
from contract.report import PageOutput, StoredObject
from contract.status import PageErrorCode
from translator.grants import GrantBook, GrantsNotRenewed
from translator.meter import Meter
from translator.pipeline.pages import PageOutcome
from translator.pipeline.protocols import StageError
from translator.remote import GrantRefused, ObjectMissing, ObjectTooLarge, Remote, RemoteError, Upload

T = TypeVar("T")


class PageTransfers:
    """Downloads and uploads through the grant book; a refused grant is renewed once."""

    def __init__(self, remote: Remote, book: GrantBook, meter: Meter, *, attempt: int, max_bytes: int) -> None:
        self._remote, self._book, self._meter = remote, book, meter
        self._attempt, self._max_bytes = attempt, max_bytes

    async def download(self, page: int) -> bytes:
        """The page as it was uploaded. Raises ``StageError``."""

        try:
            return await self._download(page)
        except ObjectMissing as error:
            raise _error("download", PageErrorCode.INPUT_MISSING, error) from None
        except ObjectTooLarge as error:
            raise _error("download", PageErrorCode.IMAGE_TOO_LARGE, error) from None
        except (RemoteError, GrantsNotRenewed) as error:
            raise _error("download", PageErrorCode.DOWNLOAD_FAILED, error) from None

    def reads(self, page: int) -> bool:
        """Whether the page's input may be read: that of a page to do, or of one beside it in a strip."""
        return self._book.reads(page)

    async def _download(self, page: int) -> bytes:
        limit, meter = self._max_bytes, self._meter
        try:
            return await self._remote.get(await self._book.get_input(page), limit=limit, meter=meter)
        except GrantRefused:
            return await self._remote.get(await self._book.get_input(page, fresh=True), limit=limit, meter=meter)

    async def upload(self, finished: PageOutcome) -> PageOutput:
        """Creates the page's image, its document and, where there is one, its clean plate. Raises ``StageError``."""
        image, document = Upload(finished.image), Upload(finished.document.to_bytes())
        plate = None if finished.plate is None else Upload(finished.plate)
        page, image_format = finished.document.page, finished.image_format
        try:
            await self._put(page, image, image_format, lambda grants: grants.image)
            await self._put(page, document, image_format, lambda grants: grants.document)
            if plate is not None:
                await self._put(page, plate, image_format, _plate_grant)
        except (RemoteError, GrantsNotRenewed) as error:
            raise _error("upload", PageErrorCode.UPLOAD_FAILED, error) from None
        return PageOutput(
            attempt=self._attempt,
            image_format=image_format,
            image=_stored(image),
            document=_stored(document),
            width=finished.document.width,
            height=finished.document.height,
            plate=_stored(plate) if plate else None,
        )

    async def _put(
        self, page: int, upload: Upload, image_format: ImageFormat, which: Callable[[PageGrants], Grant]
    ) -> None:
        async def write(grants: PageGrants) -> None:
            await self._remote.put(which(grants), upload, meter=self._meter)

        await self._with_grants(page, write, image_format)

    async def _with_grants(
        self, page: int, use: Callable[[PageGrants], Awaitable[T]], image_format: ImageFormat | None = None
    ) -> T:
        try:
            return await use(await self._book.get(page, image_format=image_format))
        except GrantRefused:
            return await use(await self._book.get(page, image_format=image_format, fresh=True))


def _plate_grant(grants: PageGrants) -> Grant:
    if grants.plate is None:  # an orchestrator that asked for plates and then renews the grants without
        raise GrantsNotRenewed("the fresh grants have none for the clean plate")
    return grants.plate


def _stored(upload: Upload) -> StoredObject:
    # MD5 is what R2's etag of a single PUT is; it protects against accidents, not against an attacker.
    return StoredObject(len(upload.body), hashlib.md5(upload.body, usedforsecurity=False).hexdigest())


def _error(stage: str, code: PageErrorCode, error: Exception) -> StageError:
    return StageError(stage, code.value, str(error), retryable=code.retryable)
