"""Transfers through grants: what is tried again, what is not, and whose an existing object is."""

from __future__ import annotations

import httpx
import pytest

from contract.grant import Grant
from translator.backoff import Backoff, retry_after_s
from translator.meter import Meter
from translator.remote import (
    GrantRefused,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
    Remote,
    RemoteError,
    TransferFailed,
    Upload,
)

GET = Grant("GET", "http://storage.test/object?X-Amz-Signature=secret", {})
PUT = Grant("PUT", "http://storage.test/object?X-Amz-Signature=secret", {"content-type": "a/b", "if-none-match": "*"})


class Server:
    """Answers with the scripted answers in turn: a status, a response, or an exception to be raised."""

    def __init__(self, *answers: int | httpx.Response | type[httpx.TransportError]) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.meter = Meter()
        self.remote = Remote(
            httpx.AsyncClient(transport=httpx.MockTransport(self._answer)), backoff=Backoff(tries=4, base_s=0.0)
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, int):
            return httpx.Response(answer, stream=httpx.ByteStream(b"body"))
        if isinstance(answer, httpx.Response):
            return answer
        raise answer(f"failed at {request.url}")

    async def get(self, limit: int = 100) -> bytes:
        return await self.remote.get(GET, limit=limit, meter=self.meter)

    async def put(self, upload: Upload | None = None) -> None:
        await self.remote.put(PUT, upload or Upload(b"12345"), meter=self.meter)


@pytest.mark.parametrize("hiccup", [500, 502, 503, 429, 408, httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError])
async def test_a_hiccup_is_tried_again(hiccup: int | type[httpx.TransportError]) -> None:
    server = Server(hiccup, hiccup, 200)
    assert await server.get() == b"body"
    server = Server(hiccup, hiccup, 200)
    await server.put()
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, ObjectMissing),
        (410, ObjectMissing),
        (400, GrantRefused),
        (401, GrantRefused),
        (403, GrantRefused),
        (302, TransferFailed),
        (206, TransferFailed),
        (418, TransferFailed),
    ],
)
async def test_an_answer_that_will_not_change_is_not_asked_for_again(status: int, error: type[RemoteError]) -> None:
    server = Server(status)
    with pytest.raises(error):
        await server.get()
    assert len(server.requests) == 1


async def test_the_end_of_patience_is_an_error_without_a_url() -> None:
    for server in (Server(*[503] * 4), Server(*[httpx.ReadTimeout] * 4)):
        with pytest.raises(TransferFailed) as caught:
            await server.get()
        assert "storage.test" not in str(caught.value)
        assert caught.value.__cause__ is None


async def test_a_download_stops_at_its_limit() -> None:
    with pytest.raises(ObjectTooLarge):
        await Server(200).get(limit=3)


async def test_a_download_that_breaks_off_is_tried_again() -> None:
    short = httpx.Response(200, stream=httpx.ByteStream(b"bo"), headers={"content-length": "4"})
    assert await Server(short, 200).get() == b"body"


async def test_no_content_coding_is_asked_for_and_the_grants_headers_are_sent_as_given() -> None:
    server = Server(200, 200)
    await server.get()
    await server.put()
    assert server.requests[0].headers["accept-encoding"] == "identity"
    assert server.requests[1].headers["content-type"] == "a/b"
    assert server.requests[1].headers["if-none-match"] == "*"
    assert server.requests[1].headers["content-length"] == "5"


async def test_an_object_that_exists_at_the_first_try_is_not_ours() -> None:
    with pytest.raises(ObjectExists):
        await Server(412).put()


@pytest.mark.parametrize("doubt", [500, 503, httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError])
async def test_an_object_that_exists_after_an_unclear_try_is_ours(doubt: int | type[httpx.TransportError]) -> None:
    await Server(doubt, 412).put()


@pytest.mark.parametrize("certain", [429, httpx.ConnectError, httpx.ConnectTimeout])
async def test_an_object_that_exists_after_a_try_that_never_arrived_is_not_ours(
    certain: int | type[httpx.TransportError],
) -> None:
    with pytest.raises(ObjectExists):
        await Server(certain, 412).put()


async def test_doubt_outlives_the_grant_it_arose_with() -> None:
    upload = Upload(b"12345")
    with pytest.raises(GrantRefused):
        await Server(httpx.ReadTimeout, 403).put(upload)
    await Server(412).put(upload)


async def test_bytes_are_counted_as_they_move() -> None:
    server = Server(500, 200, 200)
    await server.get()
    await server.put()
    assert (server.meter.transport.bytes_in, server.meter.transport.bytes_out) == (4, 5)


async def test_a_malformed_url_is_an_error_of_ours() -> None:
    with pytest.raises(RemoteError):
        await Server(200).remote.get(Grant("GET", "http://storage.test/\x00", {}), limit=9, meter=Meter())


def test_pauses_grow_and_end_with_none() -> None:
    backoff = Backoff(tries=6, base_s=1.0, cap_s=4.0)
    for _ in range(50):
        *pauses, last = backoff.pauses()
        assert last is None
        assert len(pauses) == 5
        assert all(
            pause is not None and 0 <= pause <= limit for pause, limit in zip(pauses, (1, 2, 4, 4, 4), strict=True)
        )


@pytest.mark.parametrize(("header", "seconds"), [(None, 0), ("3", 3), ("-3", 0), ("9999", 60), ("tomorrow", 0)])
def test_retry_after_is_bounded(header: str | None, seconds: float) -> None:
    assert retry_after_s(header) == seconds
