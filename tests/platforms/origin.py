"""An HTTP server that answers well and badly, by the request's path, for tests of :class:`edge.platform.Fetch`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Origin:
    """``seen`` holds every request: its first line, its headers (lower-case names) and its body."""

    url: str
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@asynccontextmanager
async def serve_origin() -> AsyncIterator[Origin]:
    origin = Origin("")
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_serve(origin, reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    origin.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield origin
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _serve(origin: Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            origin.seen.append((first, headers, body))
            await _ANSWERS[first.split()[1].partition("?")[0]](writer)
            await writer.drain()
    finally:
        writer.close()


def _send(writer: asyncio.StreamWriter, status: str, *headers: str, body: bytes = b"", length: int = -1) -> None:
    size = len(body) if length < 0 else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", "Connection: close", *headers]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)


async def _plain(writer: asyncio.StreamWriter) -> None:
    _send(writer, "200 OK", "X-Mixed-Case: Yes", "Set-Cookie: a=1", body="答え".encode())


async def _redirect(writer: asyncio.StreamWriter) -> None:
    _send(writer, "302 Found", "Location: /plain")


async def _broken(writer: asyncio.StreamWriter) -> None:
    _send(writer, "503 Service Unavailable", "Retry-After: 7", body=b"later")


async def _large(writer: asyncio.StreamWriter) -> None:
    _send(writer, "200 OK", body=b"x" * 300_000)


async def _silent(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _dripping(writer: asyncio.StreamWriter) -> None:
    _send(writer, "200 OK", length=1000)
    for _ in range(1000):
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _cut(writer: asyncio.StreamWriter) -> None:
    _send(writer, "200 OK", body=b"half", length=1000)


async def _no_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n")


async def _hangs_up(_: asyncio.StreamWriter) -> None:
    return


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1200
"""Begins like a picture, and is larger than any buffer on its way."""


async def _picture(writer: asyncio.StreamWriter) -> None:
    _send(writer, "200 OK", "Content-Type: text/html", body=PNG)


async def _chunked_picture(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    for start in range(0, len(PNG), 50_000):
        piece = PNG[start : start + 50_000]
        writer.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
    writer.write(b"0\r\n\r\n")


async def _cut_picture(writer: asyncio.StreamWriter) -> None:
    _send(writer, "200 OK", body=PNG[:1000], length=len(PNG))


async def _cut_chunked_picture(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    writer.write(b"%x\r\n" % len(PNG) + PNG[:1000])


async def _slow_picture(writer: asyncio.StreamWriter) -> None:
    _send(writer, "200 OK", body=PNG[:1000], length=len(PNG))
    await writer.drain()
    await asyncio.sleep(60)


async def _empty(writer: asyncio.StreamWriter) -> None:
    _send(writer, "200 OK")


async def _moved_picture(writer: asyncio.StreamWriter) -> None:
    _send(writer, "302 Found", "Location: ../picture?from=moved")


async def _loop(writer: asyncio.StreamWriter) -> None:
    _send(writer, "307 Temporary Redirect", "Location: /loop")


_ANSWERS: dict[str, Answer] = {
    "/picture": _picture,
    "/chunked-picture": _chunked_picture,
    "/cut-picture": _cut_picture,
    "/cut-chunked-picture": _cut_chunked_picture,
    "/slow-picture": _slow_picture,
    "/empty": _empty,
    "/moved/picture": _moved_picture,
    "/loop": _loop,
    "/plain": _plain,
    "/redirect": _redirect,
    "/broken": _broken,
    "/large": _large,
    "/silent": _silent,
    "/dripping": _dripping,
    "/cut": _cut,
    "/no-http": _no_http,
    "/hangs-up": _hangs_up,
}
