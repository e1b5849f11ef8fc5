"""The ASGI application around the orchestrator: bytes stream through it both ways, and it runs the cron."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol

from contract.problem import CONTENT_TYPE, Problem, ProblemCode
from edge.http import Request, Response
from local.body import AsgiBody, Message, Receive
from local.cron import Cron
from local.streams import FileStream

Send = Callable[[Message], Awaitable[None]]
Log = Callable[[str, Mapping[str, Any]], None]


class Orchestrator(Protocol):
    """What is served: :class:`edge.app.App`."""

    async def handle(self, request: Request) -> Response: ...


class Server:
    """ASGI: ``http`` goes to the orchestrator, ``lifespan`` starts and stops the cron, then calls ``close``."""

    def __init__(self, app: Orchestrator, *, cron: Cron, log: Log, close: Callable[[], Awaitable[None]]) -> None:
        self._app, self._cron, self._log, self._close = app, cron, log, close

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            raise RuntimeError(f"{scope['type']} is not served")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._cron.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._cron.stop()
        await self._close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        body = AsgiBody(receive, _size(headers))
        request = Request(scope["method"], _url(scope, headers), headers, body)
        response = await self._answer(request)
        content = response.body
        if not isinstance(content, bytes | FileStream):
            raise TypeError(f"{type(content).__name__} is not a stream of this platform")
        try:
            await send(_start(response, content))
            await self._send_content(content, send, body, head=request.method == "HEAD")
        finally:
            if isinstance(content, FileStream):
                content.close()

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._app.handle(request)
        except Exception as error:  # noqa: BLE001 - the request's boundary: logged, and the client gets a problem
            request_id = secrets.token_hex(8)
            fields = {"request_id": request_id, "error": repr(error), "traceback": traceback.format_exc()}
            self._log("request_failed", fields)
            problem = Problem(ProblemCode.INTERNAL, "An unexpected error; it was logged.")
            body = problem.to_bytes(instance=request.path, request_id=request_id)
            return Response(500, {"content-type": CONTENT_TYPE}, body)

    async def _send_content(self, content: bytes | FileStream, send: Send, body: AsgiBody, *, head: bool) -> None:
        if isinstance(content, FileStream) and not head:
            async with _watch(body) as gone:
                async for chunk in content.chunks():
                    if gone.done():
                        return
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        rest = content if isinstance(content, bytes) and not head else b""
        await send({"type": "http.response.body", "body": rest})


@contextlib.asynccontextmanager
async def _watch(body: AsgiBody) -> AsyncIterator[asyncio.Task[None]]:
    """A task that is done once the client has gone, so that nobody reads a large file for it."""
    task = asyncio.create_task(body.gone())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def _headers(scope: Mapping[str, Any]) -> dict[str, str]:
    """Lower-case names; a header that is there several times is joined, as Workers does."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _size(headers: Mapping[str, str]) -> int | None:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None


def _url(scope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    host, port = scope.get("server") or ("localhost", None)
    authority = headers.get("host") or (f"{host}:{port}" if port else host)
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope.get('scheme', 'http')}://{authority}{path}" + (f"?{query}" if query else "")


def _start(response: Response, content: bytes | FileStream) -> Message:
    headers = {name.lower(): value for name, value in response.headers.items()}
    bodiless = response.status in (204, 304) or response.status < 200
    if isinstance(content, bytes) and not bodiless:
        headers.setdefault("content-length", str(len(content)))
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": response.status, "headers": pairs}
