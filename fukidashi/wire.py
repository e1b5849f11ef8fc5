"""Between the flows and httpx: calls become requests, responses become answers, and no capability gets into a log."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from fukidashi.errors import ConnectionFailed, Timeout, UsageError
from fukidashi.flow import Answer, Call, NoAnswer

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
"""Longer than the longest that a server holds a request."""
ERRORS = (httpx.TransportError, httpx.TooManyRedirects, httpx.DecodingError)
"""What :func:`no_answer` is for."""
_CAPABILITY = re.compile(r"[?&](t|X-Amz-[A-Za-z]+)=", re.IGNORECASE)


def request_of(http: httpx.Client | httpx.AsyncClient, call: Call) -> httpx.Request:
    try:
        return http.build_request(call.method, call.url, headers=dict(call.headers), content=call.content)
    except (httpx.InvalidURL, ValueError):
        raise UsageError(f"{call.place} cannot be asked for") from None


def follows(call: Call) -> bool:
    """An artifact may be handed out by a redirect to storage; httpx drops our key on the way to another origin."""
    return call.method == "GET"


def answer_of(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.headers, response.content)


def no_answer(call: Call, error: httpx.RequestError) -> NoAnswer:
    unsent = isinstance(
        error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol
    )
    if isinstance(error, httpx.TimeoutException) and not unsent:
        return NoAnswer(Timeout(f"{call.place}: no answer in time"))
    return NoAnswer(ConnectionFailed(f"{call.place}: {error or type(error).__name__}", unsent=unsent))


def bytes_of(content: bytes | Path) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def is_server(url: str) -> bool:
    """Whether it is an http(s) URL with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_this_machine(url: str) -> bool:
    """A loopback URL: never to be asked through the environment's proxy, and plain http is no danger to a key."""
    if not is_server(url):
        return False
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def keep_capabilities_out_of_logs() -> None:
    """httpx logs every URL at INFO, and grants and poll tokens are in URLs: their queries are left out from now on."""
    logger = logging.getLogger("httpx")
    if not any(isinstance(known, _Discretion) for known in logger.filters):
        logger.addFilter(_Discretion())


class _Discretion(logging.Filter):
    """Other URLs are logged as they are: the program that we are a part of may have requests of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_discreet(value) for value in record.args)
        return True


def _discreet(value: object) -> object:
    if isinstance(value, httpx.URL) and _CAPABILITY.search(str(value)):
        return value.copy_with(query=b"...")
    return value
