"""The SQLite KV: what the suite of all platforms cannot see."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.platform import PlatformError
from local.kv import SqliteKv


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def now(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kv(tmp_path: Path, clock: Clock) -> Iterator[SqliteKv]:
    kv = SqliteKv(tmp_path / "kv.sqlite", now=clock.now)
    yield kv
    kv.close()


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path / "kv.sqlite")) as connection:
        count: int = connection.execute("SELECT count(*) FROM kv").fetchone()[0]
        return count


async def test_expired_keys_leave_the_file_with_the_next_put(kv: SqliteKv, clock: Clock, tmp_path: Path) -> None:
    for number in range(10):
        await kv.put(f"nonce:{number}", "", ttl_s=600)
    assert rows(tmp_path) == 10
    clock.seconds += 600
    assert await kv.get("nonce:1") is None
    await kv.put("other", "value")
    assert rows(tmp_path) == 1


async def test_values_outlive_the_process(tmp_path: Path) -> None:
    first = SqliteKv(tmp_path / "kv.sqlite")
    await first.put("key", "kept", metadata={"a": 1})
    first.close()
    second = SqliteKv(tmp_path / "kv.sqlite")
    assert await second.get("key") == "kept"
    second.close()


async def test_two_stores_on_one_file_see_each_other(kv: SqliteKv, tmp_path: Path, clock: Clock) -> None:
    other = SqliteKv(tmp_path / "kv.sqlite", now=clock.now)
    await asyncio.gather(*(store.put(f"{id(store)}:{n}", "v") for store in (kv, other) for n in range(20)))
    assert len((await kv.list(prefix="")).keys) == 40
    other.close()


@pytest.mark.parametrize("metadata", [{"a": object()}, {"a": float("nan")}, {"a": {1, 2}}])
async def test_metadata_that_is_no_json_is_refused(kv: SqliteKv, metadata: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"JSON|float"):
        await kv.put("key", "value", metadata=metadata)


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
async def test_half_a_surrogate_pair_is_refused(kv: SqliteKv, text: str) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        await kv.put("key", text)
    with pytest.raises(ValueError, match="surrogates"):
        await kv.put(text, "value")


@pytest.mark.parametrize("cursor", ["garbage!", "=", "吹"])
async def test_a_cursor_that_no_listing_gave_is_refused(kv: SqliteKv, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        await kv.list(prefix="", cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_listing_of_nothing_is_refused(kv: SqliteKv, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        await kv.list(prefix="", limit=limit)


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "kv.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(PlatformError, match=r"kv\.sqlite"):
        SqliteKv(tmp_path / "kv.sqlite")


async def test_a_database_that_breaks_under_way_is_an_error(kv: SqliteKv, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "kv.sqlite", isolation_level=None)) as connection:
        connection.execute("DROP TABLE kv")
    with pytest.raises(PlatformError):
        await kv.put("key", "value")
    with pytest.raises(PlatformError):
        await kv.get("key")


async def test_the_event_loop_runs_on_while_the_file_is_locked(kv: SqliteKv, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "kv.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        put = asyncio.create_task(kv.put("key", "value"))
        for _ in range(10):
            await asyncio.sleep(0.01)
        assert not put.done()
        connection.execute("COMMIT")
    await put
    assert await kv.get("key") == "value"


async def test_a_put_whose_caller_is_canceled_still_ends_whole(kv: SqliteKv, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "kv.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        put = asyncio.create_task(kv.put("key", "value"))
        await asyncio.sleep(0.05)
        put.cancel()
        with pytest.raises(asyncio.CancelledError):
            await put
        connection.execute("COMMIT")
    assert await kv.get("key") == "value"
