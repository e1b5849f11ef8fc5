"""The ASGI server around the orchestrator, spoken to as an ASGI server speaks."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from edge.http import BodyTooLarge, Request, Response
from edge.platform import PlatformError
from local import body as body_module
from local.body import AsgiBody, Disconnected
from local.bucket import FileBucket
from local.cron import Cron
from local.server import Server
from local.streams import FileStream

Message = dict[str, Any]
Handler = Callable[[Request], Awaitable[Response]]


class App:
    """An orchestrator of one function, that remembers its requests."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.requests: list[Request] = []

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return await self._handler(request)


class Log:
    def __init__(self) -> None:
        self.lines: list[tuple[str, Mapping[str, Any]]] = []

    def __call__(self, event: str, fields: Mapping[str, Any]) -> None:
        self.lines.append((event, fields))


class Client:
    """One request: gives ``messages``, then waits as a client does that is still there."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = list(messages)
        self.sent: list[Message] = []
        self.gone_after: int | None = None
        self._gone = asyncio.Event()

    async def receive(self) -> Message:
        if self._messages:
            return self._messages.pop(0)
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(dict(message))
        if len(self.sent) == self.gone_after:
            self._gone.set()
        await asyncio.sleep(0.002)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


def scope(
    method: str = "GET", path: bytes = b"/", query: bytes = b"", headers: Iterable[tuple[bytes, bytes]] = ()
) -> Any:
    return {
        "type": "http",
        "method": method,
        "scheme": "http",
        "server": ("127.0.0.1", 8787),
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": list(headers),
    }


def piece(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def _no_sweep() -> None:
    return


async def _nothing() -> None:
    return


def server(app: App, log: Log | None = None) -> Server:
    log = log or Log()
    return Server(app, cron=Cron(_no_sweep, log=log), log=log, close=_nothing)


async def ask(handler: Handler, asgi_scope: Any, messages: Iterable[Message] = (), log: Log | None = None) -> Client:
    client = Client(messages or [piece(b"", more=False)])
    await server(App(handler), log)(asgi_scope, client.receive, client.send)
    return client


def answering(response: Response) -> Handler:
    async def handle(_: Request) -> Response:
        return response

    return handle


def open_descriptors() -> set[str]:
    links = set()
    for name in os.listdir("/proc/self/fd"):
        path = f"/proc/self/fd/{name}"
        if os.path.lexists(path) and "/objects/" in os.readlink(path):
            links.add(os.readlink(path))
    return {link for link in links if not link.endswith(".lock")}


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[FileBucket]:
    bucket = FileBucket(tmp_path)
    yield bucket
    bucket.close()


async def test_a_request_is_seen_as_it_was_sent() -> None:
    app = App(answering(Response(200)))
    headers = [(b"Host", b"edge.example:81"), (b"X-A", b"1"), (b"x-a", b"2"), (b"content-length", b"3")]
    client = Client([piece(b"abc", more=False)])
    await server(app)(scope("PUT", b"/upload/a%2Fb", b"t=x%2By", headers), client.receive, client.send)
    [request] = app.requests
    assert (request.method, request.url) == ("PUT", "http://edge.example:81/upload/a%2Fb?t=x%2By")
    assert request.query == {"t": "x+y"}
    assert request.headers["x-a"] == "1, 2"
    assert request.body.size == 3


async def test_without_a_host_header_the_url_names_the_listening_address() -> None:
    app = App(answering(Response(200)))
    client = Client([piece(b"", more=False)])
    await server(app)(scope(path=b"/healthz"), client.receive, client.send)
    assert app.requests[0].url == "http://127.0.0.1:8787/healthz"
    assert app.requests[0].body.size is None


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"", b" 3", "٣".encode()])
async def test_a_length_that_is_no_number_is_no_length(length: bytes) -> None:
    app = App(answering(Response(200)))
    client = Client([piece(b"abc", more=False)])
    await server(app)(scope("PUT", headers=[(b"content-length", length)]), client.receive, client.send)
    assert app.requests[0].body.size is None


async def test_an_answer_has_its_length() -> None:
    client = await ask(answering(Response.json({"a": "吹"}, 202, {"Location": "/x"})), scope("POST"))
    assert client.status == 202
    assert client.headers == {"content-type": "application/json", "location": "/x", "content-length": "11"}
    assert json.loads(client.body) == {"a": "吹"}


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_has_no_length(status: int) -> None:
    client = await ask(answering(Response(status, {"etag": '"x"'})), scope())
    assert client.headers == {"etag": '"x"'}
    assert client.body == b""


async def test_head_gets_the_length_and_no_body() -> None:
    client = await ask(answering(Response(200, {}, b"0123456789")), scope("HEAD"))
    assert client.headers == {"content-length": "10"}
    assert client.body == b""


async def test_an_objects_part_is_streamed_and_its_file_closed(bucket: FileBucket, tmp_path: Path) -> None:
    data = os.urandom(1_000_000)
    await bucket.put("page", data, content_type="image/webp")

    async def handle(_: Request) -> Response:
        found = await bucket.open("page", offset=10, length=900_000)
        assert found is not None
        return Response(206, {"content-length": "900000"}, found.stream)

    client = await ask(handle, scope())
    assert client.body == data[10:900_010]
    assert len(client.sent) > 3
    assert client.sent[-1] == {"type": "http.response.body", "body": b""}
    assert open_descriptors() == set()
    head = await ask(handle, scope("HEAD"))
    assert (head.headers, head.body) == ({"content-length": "900000"}, b"")
    assert open_descriptors() == set()


async def test_nobody_reads_a_large_object_for_a_client_that_has_gone(bucket: FileBucket, tmp_path: Path) -> None:
    await bucket.put("page", bytes(20_000_000), content_type="image/webp")

    async def handle(_: Request) -> Response:
        found = await bucket.open("page")
        assert found is not None
        return Response(200, {"content-length": "20000000"}, found.stream)

    client = Client([piece(b"", more=False)])
    client.gone_after = 4
    await server(App(handle))(scope(), client.receive, client.send)
    assert 4 <= len(client.sent) < 20
    assert len(client.body) < 10_000_000
    assert open_descriptors() == set()


async def test_an_upload_is_stored_as_it_arrives(bucket: FileBucket, tmp_path: Path) -> None:
    async def handle(request: Request) -> Response:
        stored = await bucket.put("page", request.body, content_type="image/png")
        assert stored is not None
        return Response(200, {"etag": stored.etag})

    pieces = [piece(b"one ", more=True), piece(b"", more=True), piece(b"two", more=False)]
    client = await ask(handle, scope("PUT", headers=[(b"content-length", b"7")]), pieces)
    assert client.status == 200
    found = await bucket.read("page")
    assert found is not None
    assert found[1] == b"one two"


async def test_an_upload_that_breaks_off_stores_nothing(bucket: FileBucket, tmp_path: Path) -> None:
    seen: list[Exception] = []

    async def handle(request: Request) -> Response:
        try:
            await bucket.put("page", request.body, content_type="image/png")
        except PlatformError as error:
            seen.append(error)
        return Response(503)

    pieces = [piece(b"half of ", more=True), {"type": "http.disconnect"}]
    await ask(handle, scope("PUT", headers=[(b"content-length", b"100")]), pieces)
    assert [type(error) for error in seen] == [Disconnected]
    assert await bucket.head("page") is None
    assert [path.name for path in (tmp_path / "objects").iterdir()] == [".lock"]


async def test_a_body_that_declares_too_much_is_not_read() -> None:
    client = Client([piece(b"x", more=True)])
    with pytest.raises(BodyTooLarge):
        await AsgiBody(client.receive, 1001).read(1000)
    assert client._messages


@pytest.mark.parametrize("size", [None, 5])
async def test_a_body_that_is_too_large_is_not_read_to_its_end(size: int | None) -> None:
    client = Client([piece(b"x" * 400, more=True) for _ in range(10)])
    with pytest.raises(BodyTooLarge):
        await AsgiBody(client.receive, size).read(1000)
    assert len(client._messages) == 7


async def test_a_client_that_sends_nothing_more_has_gone_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_module, "IDLE_S", 0.02)
    client = Client([piece(b"x", more=True)])
    with pytest.raises(Disconnected):
        await AsgiBody(client.receive, 10).read(1000)


async def test_an_unexpected_error_is_logged_and_answered_without_its_text() -> None:
    async def handle(_: Request) -> Response:
        raise RuntimeError("the secret detail")

    log = Log()
    client = await ask(handle, scope(path=b"/jobs/1", query=b"t=token"), log=log)
    assert client.status == 500
    assert client.headers["content-type"] == "application/problem+json"
    document = json.loads(client.body)
    assert (document["code"], document["instance"]) == ("internal", "/jobs/1")
    assert b"secret" not in client.body
    [(event, fields)] = log.lines
    assert event == "request_failed"
    assert fields["request_id"] == document["request_id"]
    assert "the secret detail" in fields["traceback"]


async def test_a_disk_that_fails_in_the_middle_of_an_answer_breaks_the_answer_off(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"short")
    stream = FileStream(os.open(path, os.O_RDONLY), offset=0, length=100)
    client = Client([piece(b"", more=False)])
    with pytest.raises(OSError, match="95 bytes early"):
        await server(App(answering(Response(200, {}, stream))))(scope(), client.receive, client.send)
    assert "more_body" in client.sent[-1]


async def test_another_platforms_stream_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="stream of this platform"):
        await ask(answering(Response(200, {}, object())), scope())


async def test_a_websocket_is_not_served() -> None:
    client = Client([])
    with pytest.raises(RuntimeError, match="websocket"):
        await server(App(answering(Response(200))))({"type": "websocket"}, client.receive, client.send)


async def test_the_cron_runs_from_start_up_to_shutdown_and_then_everything_is_closed() -> None:
    order: list[str] = []
    swept, stop = asyncio.Event(), asyncio.Event()

    async def sweep() -> None:
        order.append("sweep")
        swept.set()

    async def close() -> None:
        order.append("close")

    async def receive() -> Message:
        if "startup" in order:
            await stop.wait()
            return {"type": "lifespan.shutdown"}
        order.append("startup")
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        order.append(message["type"])

    log = Log()
    served = Server(App(answering(Response(200))), cron=Cron(sweep, every_s=3600, log=log), log=log, close=close)
    task = asyncio.create_task(served({"type": "lifespan"}, receive, send))
    await swept.wait()
    stop.set()
    await task
    assert order == ["startup", "lifespan.startup.complete", "sweep", "close", "lifespan.shutdown.complete"]
