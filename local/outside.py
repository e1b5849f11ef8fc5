"""HTTP to hosts that clients name. The name is resolved here, judged, and the connection made to the judged address."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from edge.http import BodyTooLarge
from edge.platform import FetchError, FetchResponse
from edge.ssrf import check_addresses
from local.fetch import HttpxFetch

Resolve = Callable[[str, int], Awaitable[list[str]]]
CONNECTIONS = 6
"""At most so many requests at a time, as on Workers; the rest waits."""
_TRIED_ADDRESSES = 3
_TIMEOUT = httpx.Timeout(None, connect=5.0)
_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError)


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, as the system gives them. Raises ``OSError``."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PublicTransport(httpx.AsyncBaseTransport):
    """Resolves a name once, and connects to what it has found and judged: the name cannot change in between.

    The Host header and the name that the certificate is checked against stay those of the URL.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, resolver: Resolve = resolve) -> None:
        self._inner, self._resolve = inner, resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises :class:`edge.ssrf.BlockedAddress`."""
        host = request.url.host
        addresses = check_addresses(await self._addresses(host, request.url.port or 443))
        name = {} if _is_address(host) else {"sni_hostname": host}
        *others, last = addresses[:_TRIED_ADDRESSES]
        for address in others:
            try:
                return await self._inner.handle_async_request(_pinned(request, address, name))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_pinned(request, last, name))

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _addresses(self, host: str, port: int) -> list[str]:
        if _is_address(host):
            return [host]
        try:
            return await self._resolve(host, port)
        except OSError as error:
            raise httpx.ConnectError("the name does not resolve") from error


def _pinned(request: httpx.Request, address: str, name: Mapping[str, str]) -> httpx.Request:
    url = request.url.copy_with(host=address)
    extensions = {**request.extensions, **name}
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class HttpxOutside:
    """Implements :class:`edge.platform.Outside`: follows no redirect, keeps no cookie, uses no proxy."""

    def __init__(self, *, resolver: Resolve = resolve, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """``resolver`` and ``transport`` stand in for the network in tests."""
        self._resolver, self._transport = resolver, transport
        self._clients: dict[bool, httpx.AsyncClient] = {}
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_s: float,
        limit: int = 1_000_000,
        allow_private: bool = False,
    ) -> FetchResponse:
        fetch = HttpxFetch(client=self._client(allow_private))
        return await fetch(method, url, headers=headers, body=body, timeout_s=timeout_s, limit=limit)

    async def download(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        allow_private: bool = False,
    ) -> HttpxDownload:
        client = self._client(allow_private)
        deadline = asyncio.get_running_loop().time() + timeout_s
        await self._slots.acquire()
        opened = False
        try:
            async with asyncio.timeout_at(deadline):
                request = client.build_request("GET", url, headers=dict(headers), timeout=_TIMEOUT)
                answer = HttpxDownload(await client.send(request, stream=True), deadline, self._slots.release)
                opened = True
                return answer
        except TimeoutError:
            raise FetchError("no answer in time") from None
        except _ERRORS as error:
            raise FetchError(type(error).__name__) from None
        finally:
            if not opened:
                self._slots.release()

    async def aclose(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    def _client(self, allow_private: bool) -> httpx.AsyncClient:
        # On first use: reading the certificates takes a tenth of a second.
        if allow_private not in self._clients:
            # No connection is kept: two names may share an address, and not each other's certificate.
            inner = self._transport or httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
            self._clients[allow_private] = httpx.AsyncClient(
                transport=inner if allow_private else PublicTransport(inner, self._resolver),
                follow_redirects=False,
                trust_env=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                headers={"user-agent": "fukidashi", "accept-encoding": "identity"},
            )
        return self._clients[allow_private]


class HttpxDownload:
    """Implements :class:`edge.platform.Download`. ``released`` is called once, when it is closed."""

    def __init__(self, response: httpx.Response, deadline: float, released: Callable[[], None]) -> None:
        self._response, self._deadline, self._released = response, deadline, released
        self._chunks = response.aiter_raw()
        self._held = b""
        self._closed = False

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return dict(self._response.headers.items())

    async def head(self, count: int) -> bytes:
        while len(self._held) < count and (chunk := await self._next()):
            self._held += chunk
        return self._held[:count]

    async def size(self, limit: int) -> int:
        count = 0
        async for chunk in self.chunks():
            count += len(chunk)
            if count > limit:
                break
        return count

    def body(self, size: int) -> DownloadBody:
        return DownloadBody(self, size)

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            try:
                await self._response.aclose()
            finally:
                self._released()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What was held back for the head, then the rest. Raises :class:`FetchError`."""
        held, self._held = self._held, b""
        if held:
            yield held
        while chunk := await self._next():
            yield chunk

    async def _next(self) -> bytes:
        """The next piece, none at the end."""
        try:
            async with asyncio.timeout_at(self._deadline):
                while (chunk := await anext(self._chunks, None)) is not None:
                    if chunk:
                        return chunk
        except TimeoutError:
            raise FetchError("the answer did not end in time") from None
        except _ERRORS as error:
            raise FetchError(type(error).__name__) from None
        return b""


class DownloadBody:
    """Implements :class:`local.streams.ChunkedBody`."""

    def __init__(self, download: HttpxDownload, size: int) -> None:
        self._download, self.size = download, size

    async def read(self, limit: int) -> bytes:
        if self.size > limit:
            raise BodyTooLarge(limit)
        return b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        """Raises :class:`FetchError`, also where the answer is longer or shorter than ``size``."""
        left = self.size
        async for chunk in self._download.chunks():
            left -= len(chunk)
            if left < 0:
                raise FetchError("the answer is longer than it should be")
            yield chunk
        if left:
            raise FetchError("the answer is shorter than it should be")
