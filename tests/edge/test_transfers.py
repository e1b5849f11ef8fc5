"""Uploads, artifacts and the series' memory: bytes in and out."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from edge.http import BodyTooLarge, BytesBody
from edge.ranges import Span, Unsatisfiable, parse_range
from tests.edge.world import DOCUMENT, IMAGE, KEYS, MEMORY, Attempt, World


@pytest.fixture
def finished(world: World) -> Attempt:
    attempt = world.attempt(pages=1)
    attempt.deliver(1)
    attempt.finish()
    return attempt


def image_path(attempt: Attempt) -> str:
    return f"/artifacts/{attempt.job_id}/pages/0001.webp"


class Liar:
    """A body that declares another size than it has."""

    def __init__(self, size: int | None, data: bytes) -> None:
        self._size, self._data = size, data

    @property
    def size(self) -> int | None:
        return self._size

    async def read(self, limit: int) -> bytes:
        if len(self._data) > limit:
            raise BodyTooLarge(limit)
        return self._data


def test_an_upload_is_stored_once_with_its_type(world: World) -> None:
    grant = world.create(pages=1).uploads[0].grant
    first, second = world.use(grant, b"one"), world.use(grant, b"two")
    assert (first.status, first.headers["etag"], second.status) == (200, '"f97c5d29941bfb1b2fdab0874906ab82"', 412)
    stored = [value for key, value in world.platform.bucket.objects.items() if key.startswith("inputs/")]
    assert [(info.content_type, data) for info, data in stored] == [("image/png", b"one")]


def test_of_twenty_concurrent_uploads_one_is_stored(world: World) -> None:
    grant = world.create(pages=1).uploads[0].grant
    requests = [world.request("PUT", grant.url, body=bytes([n]), key=None, headers=grant.headers) for n in range(20)]
    assert sorted(answer.status for answer in world.together(*requests)) == [200] + [412] * 19


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (BytesBody(b"x" * 101), "image/png", 413),
        (BytesBody(b"x"), "image/jpeg", 415),
        (BytesBody(b"x"), "", 415),
        (Liar(None, b"x"), "image/png", 411),
        (Liar(2, b"x"), "image/png", 503),
        (Liar(2, b"xxx"), "image/png", 503),
    ],
)
def test_an_upload_that_its_token_does_not_allow_is_refused(body: BytesBody, content_type: str, status: int) -> None:
    world = World(max_page_bytes=100)
    grant = world.create(pages=1).uploads[0].grant
    answer = world.call("PUT", grant.url, body=body, key=None, headers={"content-type": content_type})
    assert answer.status == status
    assert not [key for key in world.platform.bucket.objects if key.startswith("inputs/")]
    world.close()


def test_a_token_is_for_its_own_job_page_and_role(world: World) -> None:
    job, other = world.create(pages=2), world.create(pages=2)
    token = urlsplit(job.uploads[0].grant.url).query
    headers = job.uploads[0].grant.headers
    for path in (f"/upload/{job.id}/2", f"/upload/{other.id}/1"):
        assert world.call("PUT", f"{path}?{token}", body=b"x", key=None, headers=headers).status == 403
    assert world.call("GET", f"/artifacts/{job.id}/inputs/1?{token}", key=None).status == 403
    assert world.call("PUT", f"/upload/{job.id}/1?t=forged", body=b"x", key=None, headers=headers).status == 401
    assert world.call("PUT", f"/upload/{job.id}/1", body=b"x", headers=headers).status == 401


def test_a_token_that_is_over_is_refused_and_a_start_gives_another(world: World) -> None:
    job = world.create(pages=1)
    world.platform.clock.forward(661)
    assert world.use(job.uploads[0].grant, b"x").status == 401
    fresh = world.call("POST", f"/jobs/{job.id}/start").json["uploads"][0]["grant"]
    assert world.call("PUT", fresh["url"], body=b"x", key=None, headers=fresh["headers"]).status == 200


def test_a_finished_page_is_served_safely(world: World, finished: Attempt) -> None:
    answer = world.call("GET", image_path(finished))
    assert (answer.status, answer.body) == (200, IMAGE)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["content-length"] == str(len(IMAGE))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == 'inline; filename="ch-1-0001.webp"'
    document = world.call("GET", f"/artifacts/{finished.job_id}/pages/0001.json")
    assert (document.body, document.headers["content-type"]) == (DOCUMENT, "application/json")


def test_head_has_the_headers_and_no_body(world: World, finished: Attempt) -> None:
    get, head = (world.call(method, image_path(finished)) for method in ("GET", "HEAD"))
    assert head.body == b""
    assert {**head.headers, "x-request-id": ""} == {**get.headers, "x-request-id": ""}


def test_the_same_page_again_is_answered_304(world: World, finished: Attempt) -> None:
    etag = world.call("GET", image_path(finished)).headers["etag"]
    for given in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = world.call("GET", image_path(finished), headers={"if-none-match": given})
        assert (answer.status, answer.body) == (304, b"")
    assert world.call("GET", image_path(finished), headers={"if-none-match": '"other"'}).status == 200


@pytest.mark.parametrize(
    ("asked", "part", "content_range"),
    [
        ("bytes=0-3", IMAGE[:4], f"bytes 0-3/{len(IMAGE)}"),
        ("bytes=4-", IMAGE[4:], f"bytes 4-{len(IMAGE) - 1}/{len(IMAGE)}"),
        ("bytes=-5", IMAGE[-5:], f"bytes {len(IMAGE) - 5}-{len(IMAGE) - 1}/{len(IMAGE)}"),
        ("bytes=2-99999", IMAGE[2:], f"bytes 2-{len(IMAGE) - 1}/{len(IMAGE)}"),
        ("bytes=-99999", IMAGE, f"bytes 0-{len(IMAGE) - 1}/{len(IMAGE)}"),
    ],
)
def test_a_range_is_served(world: World, finished: Attempt, asked: str, part: bytes, content_range: str) -> None:
    answer = world.call("GET", image_path(finished), headers={"range": asked})
    assert (answer.status, answer.body, answer.headers["content-range"]) == (206, part, content_range)
    assert answer.headers["content-length"] == str(len(part))


def test_a_range_outside_is_416_and_of_another_version_the_whole(world: World, finished: Attempt) -> None:
    outside = world.call("GET", image_path(finished), headers={"range": "bytes=999-"})
    assert (outside.status, outside.headers["content-range"]) == (416, f"bytes */{len(IMAGE)}")
    assert outside.json["code"] == "range_not_satisfiable"
    other = world.call("GET", image_path(finished), headers={"range": "bytes=0-3", "if-range": '"old"'})
    assert (other.status, other.body) == (200, IMAGE)


@pytest.mark.parametrize(
    "header", ["", "bytes", "bytes=", "bytes=-", "bytes=3-1", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=٣-٤"]
)
def test_what_is_no_single_range_means_the_whole(header: str) -> None:
    assert parse_range(header, 10) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)])
def test_a_range_without_a_byte_is_unsatisfiable(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(header, size)


def test_every_range_of_a_small_object_is_the_slice() -> None:
    data = bytes(range(7))
    for first in range(7):
        for last in range(first, 9):
            span = parse_range(f"bytes={first}-{last}", 7)
            assert span is not None
            assert data[span.offset : span.offset + span.length] == data[first : last + 1]
        assert parse_range(f"bytes=-{first + 1}", 7) == Span(6 - first, first + 1)


@pytest.mark.parametrize(
    "name", ["0002.webp", "0001.png", "0001.html", "0000.json", "1.webp", "0001.webp.exe", "..%2f"]
)
def test_a_page_that_is_not_there_is_a_404(world: World, finished: Attempt, name: str) -> None:
    assert world.call("GET", f"/artifacts/{finished.job_id}/pages/{name}").status == 404


def test_a_page_shows_as_soon_as_it_is_reported(world: World) -> None:
    attempt = world.attempt(pages=2)
    assert world.call("GET", image_path(attempt)).status == 404
    attempt.deliver(1)
    attempt.heartbeat()
    assert world.call("GET", image_path(attempt)).body == IMAGE


def test_an_input_is_served_as_bytes_not_as_what_it_says(world: World) -> None:
    answer = world.use(world.attempt(pages=1).grants[1].input)
    assert (answer.body, answer.headers["content-type"]) == (b"page 1", "application/octet-stream")


def test_a_memory_is_stored_and_read_by_its_owner_alone(world: World) -> None:
    stored = world.call("PUT", "/series/s-1/memory", data=MEMORY)
    read = world.call("GET", "/series/s-1/memory")
    assert (stored.status, read.json, read.headers["etag"]) == (200, MEMORY, stored.headers["etag"])
    assert world.call("GET", "/series/s-1/memory", headers={"if-none-match": read.headers["etag"]}).status == 304
    assert world.call("GET", "/series/s-1/memory", key=KEYS["owner-b"]).status == 404
    assert world.call("GET", "/series/s-1/memory", key=None).status == 401


def test_of_concurrent_writers_that_name_the_etag_one_wins(world: World) -> None:
    create = {"if-none-match": "*"}
    first = world.together(
        *(world.request("PUT", "/series/s/memory", data={**MEMORY, "n": n}, headers=create) for n in range(5))
    )
    assert sorted(answer.status for answer in first) == [200, 412, 412, 412, 412]
    swap = {"if-match": world.call("GET", "/series/s/memory").headers["etag"]}
    second = world.together(
        *(world.request("PUT", "/series/s/memory", data={**MEMORY, "m": n}, headers=swap) for n in range(5))
    )
    assert sorted(answer.status for answer in second) == [200, 412, 412, 412, 412]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"if-match": "unquoted"}, b"{}", 400),
        ({"if-match": 'W/"weak"'}, b"{}", 400),
        ({"if-match": '"a"', "if-none-match": "*"}, b"{}", 400),
        ({"if-none-match": '"a"'}, b"{}", 400),
        ({}, b"[]", 400),
        ({}, b"{}", 422),
        ({}, b'{"schema": 1, "source": "ja", "target": "en", "entries": [{"source": "a", "target": " "}]}', 422),
        ({}, b'{"schema": 1, "source": "ja", "target": "en", "entries": {}}', 422),
        ({}, b"", 400),
        ({"content-type": "text/plain"}, b"{}", 415),
        ({}, b"{" + b" " * 8_000_000 + b"}", 413),
    ],
)
def test_a_memory_that_is_none_is_refused(world: World, headers: dict[str, str], body: bytes, status: int) -> None:
    sent = {"content-type": "application/json", **headers}
    assert world.call("PUT", "/series/s/memory", body=body, headers=sent).status == status
