"""One object in, one object out, through the grants of the orchestrator. Errors hold no URL: a grant's URL is a secret.

RemoteError
├── ObjectMissing    404: there is no such object
├── ObjectTooLarge   more bytes than agreed
├── ObjectExists     a create-once object was there before this call
├── GrantRefused     400, 401, 403: expired, most likely; fresh grants may help
└── TransferFailed   no answer, or 5xx, every time
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import httpx

from contract.grant import Grant
from translator.backoff import Backoff, retry_after_s
from translator.meter import Meter

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_TRANSFER_S = 180.0
_REFUSED = frozenset({400, 401, 403})
_TRANSIENT = frozenset({408, 421, 425, 429})


class RemoteError(Exception):
    """Base of what a transfer raises."""


class ObjectMissing(RemoteError):  # noqa: N818
    pass


class ObjectTooLarge(RemoteError):  # noqa: N818
    pass


class ObjectExists(RemoteError):  # noqa: N818
    pass


class GrantRefused(RemoteError):  # noqa: N818
    pass


class TransferFailed(RemoteError):  # noqa: N818
    pass


class _TryAgain(Exception):  # noqa: N818 - control flow of this module
    def __init__(self, why: str, pause_s: float = 0.0) -> None:
        super().__init__(why)
        self.pause_s = pause_s


@dataclass(slots=True)
class Upload:
    """An object to be created. ``in_doubt``: a try of it got no clear answer, so it may exist through us."""

    body: bytes
    in_doubt: bool = False


class Remote:
    """Transfers with retries. ``client`` must not follow redirects."""

    def __init__(self, client: httpx.AsyncClient, *, backoff: Backoff | None = None) -> None:
        self._client, self._backoff = client, backoff or Backoff()

    async def get(self, grant: Grant, *, limit: int, meter: Meter) -> bytes:
        """The object's bytes, at most ``limit`` of them. Raises :class:`RemoteError`."""
        for pause in self._backoff.pauses():
            try:
                return await self._get(grant, limit, meter)
            except _TryAgain as error:
                await self._wait(pause, error)
        raise AssertionError("the last pause is None")

    async def put(self, grant: Grant, upload: Upload, *, meter: Meter) -> None:
        """Creates the object; one that exists is ours if an earlier try was in doubt. Raises :class:`RemoteError`."""
        for pause in self._backoff.pauses():
            try:
                return await self._put(grant, upload, meter)
            except _TryAgain as error:
                await self._wait(pause, error)
        raise AssertionError("the last pause is None")

    async def _wait(self, pause: float | None, error: _TryAgain) -> None:
        if pause is None:
            raise TransferFailed(f"{error}, {self._backoff.tries} times tried") from None
        await asyncio.sleep(max(pause, error.pause_s))

    async def _get(self, grant: Grant, limit: int, meter: Meter) -> bytes:
        start = time.perf_counter()
        # A content coding would hide the object's true size; what is granted has the last word.
        headers = {"accept-encoding": "identity", **grant.headers}
        try:
            async with (
                asyncio.timeout(_TRANSFER_S),
                self._client.stream(grant.method, grant.url, headers=headers, timeout=TIMEOUT) as response,
            ):
                _check_read(response)
                return await _body(response, limit, meter, url=grant.url)
        except (httpx.TransportError, TimeoutError) as error:
            raise _TryAgain(f"no answer ({type(error).__name__})") from None
        except httpx.InvalidURL:
            raise TransferFailed("the grant's URL is malformed") from None
        finally:
            meter.transferred_for(time.perf_counter() - start)

    async def _put(self, grant: Grant, upload: Upload, meter: Meter) -> None:
        start = time.perf_counter()
        try:
            async with asyncio.timeout(_TRANSFER_S):
                response = await self._client.request(
                    grant.method, grant.url, headers=grant.headers, content=upload.body, timeout=TIMEOUT
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _TryAgain(f"no connection ({type(error).__name__})") from None
        except (httpx.TransportError, TimeoutError) as error:
            upload.in_doubt = True
            raise _TryAgain(f"no answer ({type(error).__name__})") from None
        except httpx.InvalidURL:
            raise TransferFailed("the grant's URL is malformed") from None
        finally:
            meter.transferred_for(time.perf_counter() - start)
        _check_written(response, upload)
        meter.sent(len(upload.body), url=grant.url)


async def _body(response: httpx.Response, limit: int, meter: Meter, *, url: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_raw():
        size += len(part)
        meter.received(len(part), url=url)
        if size > limit:
            raise ObjectTooLarge(f"more than {limit} bytes")
        parts.append(part)
    declared = response.headers.get("content-length")
    if declared is not None and declared.isdigit() and int(declared) != size:
        raise _TryAgain(f"{size} of {declared} bytes came")
    return b"".join(parts)


def _check_read(response: httpx.Response) -> None:
    if response.status_code == 200:
        return
    if response.status_code in (404, 410):
        raise ObjectMissing("there is no such object")
    _refuse(response)


def _check_written(response: httpx.Response, upload: Upload) -> None:
    if response.is_success:
        return
    if response.status_code == 412:
        if upload.in_doubt:
            return
        raise ObjectExists("the object exists already, and not through this call")
    if response.status_code >= 500:
        upload.in_doubt = True
    _refuse(response)


def _refuse(response: httpx.Response) -> None:
    status = response.status_code
    if status in _REFUSED:
        raise GrantRefused(f"the grant was refused with status {status}")
    if status >= 500 or status in _TRANSIENT:
        raise _TryAgain(f"status {status}", retry_after_s(response.headers.get("retry-after")))
    raise TransferFailed(f"answered with status {status}")
