"""What every platform's bucket does."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass

import pytest

from edge.http import BodyTooLarge, BytesBody
from edge.platform import ABSENT, Bucket, EtagIs, Platform, PlatformError
from tests.platforms.places import REFUSED, Place, content

TEXT = "text/plain"


@pytest.fixture
def bucket(platform: Platform) -> Bucket:
    return platform.bucket


@dataclass(frozen=True)
class LyingBody:
    """Declares ``size`` and holds ``data``."""

    data: bytes
    size: int | None

    async def read(self, limit: int) -> bytes:
        if len(self.data) > limit:
            raise BodyTooLarge(limit)
        return self.data


async def read(bucket: Bucket, key: str) -> bytes | None:
    found = await bucket.read(key)
    return found[1] if found else None


async def test_an_object_that_was_never_put_is_none(bucket: Bucket, space: str) -> None:
    assert await bucket.head(f"{space}nothing") is None
    assert await bucket.read(f"{space}nothing") is None
    assert await bucket.open(f"{space}nothing") is None


@pytest.mark.parametrize("data", [b"", b"\x00", b"page", bytes(range(256)) * 4096 * 3])
async def test_an_object_comes_back_with_its_md5_size_and_type(bucket: Bucket, space: str, data: bytes) -> None:
    stored = await bucket.put(f"{space}key", data, content_type="image/webp")
    assert stored is not None
    assert (stored.key, stored.size, stored.etag) == (f"{space}key", len(data), hashlib.md5(data).hexdigest())
    head, found = await bucket.head(f"{space}key"), await bucket.read(f"{space}key")
    assert head is not None
    assert found == (head, data)
    assert (head.key, head.size, head.etag) == (stored.key, stored.size, stored.etag)
    assert head.content_type == "image/webp"


async def test_the_upload_time_is_the_buckets_own_in_utc(bucket: Bucket, space: str) -> None:
    stored = await bucket.put(f"{space}key", b"x", content_type=TEXT)
    assert stored is not None
    assert abs(stored.uploaded.timestamp() - time.time()) < 30
    offset = stored.uploaded.utcoffset()
    assert offset is not None
    assert not offset


async def test_a_put_without_a_condition_replaces(bucket: Bucket, space: str) -> None:
    first = await bucket.put(f"{space}key", b"first, and longer", content_type=TEXT)
    second = await bucket.put(f"{space}key", b"second", content_type="image/png")
    assert first is not None
    assert second is not None
    assert first.etag != second.etag
    head = await bucket.head(f"{space}key")
    assert head is not None
    assert (head.size, head.content_type) == (6, "image/png")
    assert await read(bucket, f"{space}key") == b"second"


async def test_creating_once_refuses_the_second_and_keeps_the_first(bucket: Bucket, space: str) -> None:
    assert await bucket.put(f"{space}key", b"first", content_type=TEXT, only_if=ABSENT) is not None
    assert await bucket.put(f"{space}key", b"second", content_type=TEXT, only_if=ABSENT) is None
    assert await read(bucket, f"{space}key") == b"first"


async def test_creating_once_refuses_the_same_bytes_too(bucket: Bucket, space: str) -> None:
    await bucket.put(f"{space}key", b"same", content_type=TEXT, only_if=ABSENT)
    assert await bucket.put(f"{space}key", b"same", content_type=TEXT, only_if=ABSENT) is None


async def test_of_twenty_racing_creates_one_wins(bucket: Bucket, space: str) -> None:
    for round_ in range(5):
        key = f"{space}{round_}"
        puts = (bucket.put(key, f"racer {n}".encode(), content_type=TEXT, only_if=ABSENT) for n in range(20))
        results = await asyncio.gather(*puts)
        winners = [n for n, result in enumerate(results) if result is not None]
        assert len(winners) == 1
        assert await read(bucket, key) == f"racer {winners[0]}".encode()


async def test_compare_and_swap_takes_the_right_etag_and_no_other(bucket: Bucket, space: str) -> None:
    first = await bucket.put(f"{space}key", b"first", content_type=TEXT)
    assert first is not None
    second = await bucket.put(f"{space}key", b"second", content_type=TEXT, only_if=EtagIs(first.etag))
    assert second is not None
    assert await bucket.put(f"{space}key", b"third", content_type=TEXT, only_if=EtagIs(first.etag)) is None
    assert await read(bucket, f"{space}key") == b"second"


async def test_compare_and_swap_of_nothing_stores_nothing(bucket: Bucket, space: str) -> None:
    etag = hashlib.md5(b"").hexdigest()
    assert await bucket.put(f"{space}key", b"new", content_type=TEXT, only_if=EtagIs(etag)) is None
    assert await bucket.head(f"{space}key") is None


async def test_of_twenty_racing_swaps_one_wins(bucket: Bucket, space: str) -> None:
    start = await bucket.put(f"{space}key", b"start", content_type=TEXT)
    assert start is not None
    condition = EtagIs(start.etag)
    puts = (bucket.put(f"{space}key", f"{n}".encode(), content_type=TEXT, only_if=condition) for n in range(20))
    results = await asyncio.gather(*puts)
    winners = [n for n, result in enumerate(results) if result is not None]
    assert len(winners) == 1
    assert await read(bucket, f"{space}key") == f"{winners[0]}".encode()


async def test_counting_by_compare_and_swap_loses_no_count(bucket: Bucket, space: str) -> None:
    await bucket.put(f"{space}count", b"0", content_type=TEXT)

    async def count_one() -> None:
        while True:
            found = await bucket.read(f"{space}count")
            assert found is not None
            info, data = found
            following = str(int(data) + 1).encode()
            if await bucket.put(f"{space}count", following, content_type=TEXT, only_if=EtagIs(info.etag)):
                return

    await asyncio.gather(*(count_one() for _ in range(8)))
    assert await read(bucket, f"{space}count") == b"8"


async def test_a_deleted_object_is_gone_and_its_key_free(bucket: Bucket, space: str) -> None:
    await bucket.put(f"{space}key", b"first", content_type=TEXT)
    await bucket.delete(f"{space}key")
    await bucket.delete(f"{space}key")
    assert await bucket.head(f"{space}key") is None
    assert await bucket.put(f"{space}key", b"again", content_type=TEXT, only_if=ABSENT) is not None


@pytest.mark.parametrize(("offset", "length"), [(0, None), (0, 1), (3, 4), (9, 1), (4, None), (8, 100), (0, 10)])
async def test_a_range_is_streamed(bucket: Bucket, space: str, offset: int, length: int | None) -> None:
    await bucket.put(f"{space}key", b"0123456789", content_type=TEXT)
    found = await bucket.open(f"{space}key", offset=offset, length=length)
    assert found is not None
    assert found.info.size == 10
    end = None if length is None else offset + length
    assert await content(found.stream) == b"0123456789"[offset:end]


async def test_a_range_of_a_large_object_is_streamed(bucket: Bucket, space: str) -> None:
    data = hashlib.shake_128(b"page").digest(2_000_000)
    await bucket.put(f"{space}key", data, content_type=TEXT)
    found = await bucket.open(f"{space}key", offset=123_457, length=1_500_001)
    assert found is not None
    assert await content(found.stream) == data[123_457 : 123_457 + 1_500_001]


async def test_a_body_is_stored_like_bytes(bucket: Bucket, space: str) -> None:
    stored = await bucket.put(f"{space}key", BytesBody(b"a body"), content_type=TEXT, only_if=ABSENT)
    assert stored is not None
    assert stored.etag == hashlib.md5(b"a body").hexdigest()
    assert await read(bucket, f"{space}key") == b"a body"


@pytest.mark.parametrize("size", [None, 0, 5, 7, 1000])
async def test_a_body_without_or_with_a_wrong_size_stores_nothing(place: Place, space: str, size: int | None) -> None:
    if not place.takes_any_body:
        pytest.skip("between this test and the platform is an HTTP client, which does not let a wrong size out")
    bucket = place.platform.bucket
    await bucket.put(f"{space}old", b"old", content_type=TEXT)
    for key in (f"{space}new", f"{space}old"):
        with pytest.raises(PlatformError):
            await bucket.put(key, LyingBody(b"a body", size), content_type=TEXT)
    assert await bucket.head(f"{space}new") is None
    assert await read(bucket, f"{space}old") == b"old"


async def test_a_listing_is_ascending_by_bytes_and_shows_sizes_and_etags(bucket: Bucket, space: str) -> None:
    keys = [f"{space}a{end}" for end in ("", "/0001.webp", "/0010.webp", "/b/c", "0", "é")]
    for key in reversed(keys):
        await bucket.put(key, key.encode(), content_type=TEXT)
    await bucket.put(f"{space}b", b"another", content_type=TEXT)
    page = await bucket.list(prefix=f"{space}a")
    assert page.cursor is None
    shown = [(info.key, info.size, info.etag) for info in page.objects]
    assert shown == [(key, len(key.encode()), hashlib.md5(key.encode()).hexdigest()) for key in keys]


async def test_a_cursor_leads_through_all_objects_once(bucket: Bucket, space: str) -> None:
    expected = [f"{space}{number:02d}" for number in range(11)]
    for key in expected:
        await bucket.put(key, b"x", content_type=TEXT)
    found: list[str] = []
    cursor: str | None = None
    for _ in range(12):
        page = await bucket.list(prefix=space, cursor=cursor, limit=4)
        assert len(page.objects) <= 4
        found += [info.key for info in page.objects]
        cursor = page.cursor
        if cursor is None:
            break
    assert found == expected
    assert cursor is None


async def test_a_listing_of_more_than_1000_is_refused(bucket: Bucket, space: str) -> None:
    with pytest.raises(REFUSED):
        await bucket.list(prefix=space, limit=1001)


@pytest.mark.parametrize("name", ["with space", "100%", "a+b&c=d", "#?;:@", "'quoted\"", "吹き出し", "~!$()*,", "..."])
async def test_a_key_may_hold_any_safe_character(bucket: Bucket, space: str, name: str) -> None:
    await bucket.put(f"{space}{name}", name.encode(), content_type=TEXT)
    assert await read(bucket, f"{space}{name}") == name.encode()
    assert [info.key for info in (await bucket.list(prefix=space)).objects] == [f"{space}{name}"]
    await bucket.delete(f"{space}{name}")
    assert (await bucket.list(prefix=space)).objects == ()


async def test_a_key_may_be_the_folder_of_another(bucket: Bucket, space: str) -> None:
    await bucket.put(f"{space}a", b"outer", content_type=TEXT)
    await bucket.put(f"{space}a/b", b"inner", content_type=TEXT)
    assert await read(bucket, f"{space}a") == b"outer"
    assert await read(bucket, f"{space}a/b") == b"inner"


async def test_keys_that_differ_in_case_are_different(bucket: Bucket, space: str) -> None:
    await bucket.put(f"{space}Page", b"upper", content_type=TEXT)
    await bucket.put(f"{space}page", b"lower", content_type=TEXT)
    assert await read(bucket, f"{space}Page") == b"upper"
