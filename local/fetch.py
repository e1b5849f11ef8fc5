"""HTTP requests that the orchestrator makes, by httpx."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from edge.platform import FetchError, FetchResponse


class HttpxFetch:
    """Implements :class:`edge.platform.Fetch`: follows no redirect, keeps no cookie, uses no proxy."""

    def __init__(
        self, *, transport: httpx.AsyncBaseTransport | None = None, client: httpx.AsyncClient | None = None
    ) -> None:
        """``transport`` stands in for the network in tests; ``client`` is one that is somebody else's to close."""
        self._transport = transport
        self._client = client

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_s: float,
        limit: int = 1_000_000,
    ) -> FetchResponse:
        try:
            # httpx's own time-outs are for each read; a server that drips a byte a second would never end.
            async with asyncio.timeout(timeout_s):
                return await self._request(method, url, headers, body, limit)
        except TimeoutError:
            raise FetchError(f"no answer in {timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            # The class, not the text: that may hold a signed URL.
            raise FetchError(type(error).__name__) from None

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, limit: int
    ) -> FetchResponse:
        stream = self._opened().stream(method, url, headers=dict(headers), content=body or None, timeout=None)
        async with stream as response:
            answer = bytearray()
            async for chunk in response.aiter_bytes():
                answer += chunk
                if len(answer) >= limit:
                    break
            return FetchResponse(response.status_code, dict(response.headers.items()), bytes(answer[:limit]))

    def _opened(self) -> httpx.AsyncClient:
        # On first use: reading the certificates takes a tenth of a second.
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=self._transport,
                follow_redirects=False,
                trust_env=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                headers={"user-agent": "fukidashi", "accept-encoding": "identity"},
            )
        return self._client
