"""What every platform's KV does."""
# ruff: noqa: PT011 - each platform words its errors in its own way

from __future__ import annotations

import asyncio

import pytest

from edge.platform import Kv, Platform
from tests.platforms.places import REFUSED, Place


@pytest.fixture
def kv(platform: Platform) -> Kv:
    return platform.kv


async def names(kv: Kv, prefix: str) -> list[str]:
    return [key.name for key in (await kv.list(prefix=prefix)).keys]


async def test_a_key_that_was_never_put_is_none(kv: Kv, space: str) -> None:
    assert await kv.get(f"{space}nothing") is None


@pytest.mark.parametrize("value", ["", "plain", "吹き出し 💬", '{"a": "\\u0000"}', "line\nline\r\n", "x" * 100_000])
async def test_a_value_comes_back_as_it_was_put(kv: Kv, space: str, value: str) -> None:
    await kv.put(f"{space}key", value)
    assert await kv.get(f"{space}key") == value


async def test_a_put_replaces_value_and_metadata(kv: Kv, space: str) -> None:
    await kv.put(f"{space}key", "old", metadata={"status": "running"})
    await kv.put(f"{space}key", "new")
    assert await kv.get(f"{space}key") == "new"
    assert dict((await kv.list(prefix=space)).keys[0].metadata) == {}


async def test_a_deleted_key_is_gone_and_deleting_again_does_no_harm(kv: Kv, space: str) -> None:
    await kv.put(f"{space}key", "value")
    await kv.delete(f"{space}key")
    await kv.delete(f"{space}key")
    assert await kv.get(f"{space}key") is None
    assert await names(kv, space) == []


async def test_an_expired_key_is_neither_read_nor_listed(place: Place, space: str) -> None:
    if place.advance is None:
        pytest.skip("this platform's clock cannot be moved")
    kv = place.platform.kv
    await kv.put(f"{space}short", "value", ttl_s=60)
    await kv.put(f"{space}long", "value", ttl_s=600)
    await kv.put(f"{space}ever", "value")
    place.advance(59)
    assert await names(kv, space) == [f"{space}ever", f"{space}long", f"{space}short"]
    place.advance(2)
    assert await kv.get(f"{space}short") is None
    assert await names(kv, space) == [f"{space}ever", f"{space}long"]
    place.advance(10_000)
    assert await names(kv, space) == [f"{space}ever"]


async def test_a_put_without_a_ttl_takes_an_earlier_one_away(place: Place, space: str) -> None:
    if place.advance is None:
        pytest.skip("this platform's clock cannot be moved")
    kv = place.platform.kv
    await kv.put(f"{space}key", "old", ttl_s=60)
    await kv.put(f"{space}key", "new")
    place.advance(1000)
    assert await kv.get(f"{space}key") == "new"


@pytest.mark.parametrize("ttl_s", [59, 5, 0, -1])
async def test_a_ttl_below_a_minute_is_refused_and_nothing_is_put(kv: Kv, space: str, ttl_s: int) -> None:
    with pytest.raises(ValueError):
        await kv.put(f"{space}key", "value", ttl_s=ttl_s)
    assert await kv.get(f"{space}key") is None


async def test_a_listing_shows_metadata(kv: Kv, space: str) -> None:
    metadata = {"status": "running", "done": 3, "題": "吹き出し", "nested": {"a": [1, None, True]}}
    await kv.put(f"{space}key", "value", metadata=metadata)
    assert dict((await kv.list(prefix=space)).keys[0].metadata) == metadata


async def test_metadata_fits_up_to_1024_bytes(kv: Kv, space: str) -> None:
    fits = {"m": "x" * (1024 - len('{"m":""}'))}
    await kv.put(f"{space}key", "value", metadata=fits)
    with pytest.raises(ValueError):
        await kv.put(f"{space}key", "other", metadata={"m": fits["m"] + "x"})
    assert await kv.get(f"{space}key") == "value"


async def test_metadata_is_measured_in_bytes_not_characters(kv: Kv, space: str) -> None:
    with pytest.raises(ValueError):
        await kv.put(f"{space}key", "value", metadata={"m": "吹" * 400})


async def test_a_key_has_at_most_512_bytes(kv: Kv, space: str) -> None:
    await kv.put(space + "k" * (512 - len(space)), "value")
    for key in (space + "k" * (513 - len(space)), space + "吹" * 170):
        with pytest.raises(ValueError):
            await kv.put(key, "value")
        with pytest.raises(REFUSED):
            await kv.get(key)


@pytest.mark.parametrize("key", ["", ".", ".."])
async def test_keys_that_no_url_can_name_are_refused(kv: Kv, key: str) -> None:
    with pytest.raises(REFUSED):
        await kv.put(key, "value")


async def test_a_value_has_at_most_25_mib(kv: Kv, space: str) -> None:
    with pytest.raises(ValueError):
        await kv.put(f"{space}key", "x" * (25 * 1024 * 1024 + 1))
    assert await kv.get(f"{space}key") is None


async def test_a_listing_is_ascending_by_bytes_and_holds_its_prefix_only(kv: Kv, space: str) -> None:
    listed = [f"{space}job:{end}" for end in ("", "10", "9", "A", "a", "é", "吹", "💬")]
    for name in reversed(listed):
        await kv.put(name, "value")
    for other in (f"{space}joa:1", f"{space}job", f"{space}jobs", f"{space}Job:1"):
        await kv.put(other, "value")
    assert await names(kv, f"{space}job:") == listed


@pytest.mark.parametrize("wild", ["%", "_", "*", "?", "[a-z]", "\\"])
async def test_nothing_in_a_prefix_is_a_wildcard(kv: Kv, space: str, wild: str) -> None:
    await kv.put(f"{space}abc", "value")
    await kv.put(f"{space}{wild}c", "value")
    assert await names(kv, f"{space}{wild}") == [f"{space}{wild}c"]


async def test_a_cursor_leads_through_all_keys_once(kv: Kv, space: str) -> None:
    expected = [f"{space}{number:02d}" for number in range(11)]
    for name in expected:
        await kv.put(name, "value")
    found: list[str] = []
    cursor: str | None = None
    for _ in range(12):
        page = await kv.list(prefix=space, cursor=cursor, limit=3)
        assert len(page.keys) <= 3
        found += [key.name for key in page.keys]
        cursor = page.cursor
        if cursor is None:
            break
    assert found == expected
    assert cursor is None


async def test_a_key_deleted_between_two_pages_does_not_break_the_listing(kv: Kv, space: str) -> None:
    for number in range(6):
        await kv.put(f"{space}{number}", "value")
    page = await kv.list(prefix=space, limit=3)
    await kv.delete(f"{space}2")
    await kv.delete(f"{space}3")
    rest = await kv.list(prefix=space, cursor=page.cursor, limit=3)
    assert [key.name for key in rest.keys] == [f"{space}4", f"{space}5"]


async def test_a_listing_of_more_than_1000_is_refused(kv: Kv, space: str) -> None:
    with pytest.raises(REFUSED):
        await kv.list(prefix=space, limit=1001)


async def test_of_twenty_puts_at_a_time_one_whole_value_stays(kv: Kv, space: str) -> None:
    values = [str(number) * 5000 for number in range(10)] * 2
    await asyncio.gather(*(kv.put(f"{space}key", value, metadata={"v": value[0]}) for value in values))
    value = await kv.get(f"{space}key")
    assert value in values
    assert dict((await kv.list(prefix=space)).keys[0].metadata) == {"v": value[0]}
