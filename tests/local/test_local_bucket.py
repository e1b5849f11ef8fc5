"""The filesystem bucket: what the suite of all platforms cannot see."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from edge.http import BodyTooLarge
from edge.platform import ABSENT, EtagIs, PlatformError
from local.body import Disconnected
from local.bucket import FileBucket
from local.streams import FileStream

ROOT = Path(__file__).resolve().parents[2]
TEXT = "text/plain"


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[FileBucket]:
    bucket = FileBucket(tmp_path)
    yield bucket
    bucket.close()


class PiecewiseBody:
    """A body in pieces, that may end in an error."""

    def __init__(self, pieces: list[bytes], size: int, error: Exception | None = None) -> None:
        self._pieces, self._size, self._error = pieces, size, error
        self.taken = 0

    @property
    def size(self) -> int:
        return self._size

    async def read(self, limit: int) -> bytes:
        raise BodyTooLarge(limit)

    async def chunks(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            self.taken += 1
            yield piece
        if self._error:
            raise self._error


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "objects").iterdir() if path.name != ".lock")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "..",
        "../escape",
        "a/../../escape",
        "a/..",
        "/etc/passwd",
        "a//b",
        "a/",
        "./a",
        "a/./b",
        "a\\..\\b",
        "a\x00b",
        "a\nb",
        "a\x7fb",
        "k" * 1025,
        "吹" * 342,
    ],
)
async def test_a_key_that_is_no_plain_path_is_refused(bucket: FileBucket, key: str) -> None:
    with pytest.raises(ValueError, match="not a safe key"):
        await bucket.put(key, b"x", content_type=TEXT)
    with pytest.raises(ValueError, match="not a safe key"):
        await bucket.read(key)


async def test_a_body_is_streamed_piece_by_piece(bucket: FileBucket) -> None:
    body = PiecewiseBody([b"one ", b"", b"two ", b"three"], size=13)
    stored = await bucket.put("key", body, content_type=TEXT)
    assert stored is not None
    assert stored.etag == hashlib.md5(b"one two three").hexdigest()
    assert body.taken == 4


async def test_a_body_that_grows_too_long_is_not_read_to_its_end(bucket: FileBucket, tmp_path: Path) -> None:
    body = PiecewiseBody([b"x" * 10] * 1000, size=25)
    with pytest.raises(PlatformError, match="longer"):
        await bucket.put("key", body, content_type=TEXT)
    assert body.taken == 3
    assert files(tmp_path) == []


@pytest.mark.parametrize("error", [Disconnected("gone"), PlatformError("a wire broke"), RuntimeError("a bug")])
async def test_a_body_that_breaks_off_leaves_the_old_object_and_no_file(
    bucket: FileBucket, tmp_path: Path, error: Exception
) -> None:
    await bucket.put("key", b"old", content_type=TEXT)
    with pytest.raises(type(error)):
        await bucket.put("key", PiecewiseBody([b"new"], 100, error), content_type=TEXT)
    assert await bucket.read("key") == (await bucket.head("key"), b"old")
    assert len(files(tmp_path)) == 1


async def test_a_put_that_is_canceled_leaves_no_file(bucket: FileBucket, tmp_path: Path) -> None:
    begun = asyncio.Event()

    class EndlessBody(PiecewiseBody):
        async def chunks(self) -> AsyncIterator[bytes]:
            yield b"start"
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(bucket.put("key", EndlessBody([], 100), content_type=TEXT))
    await begun.wait()
    assert len(files(tmp_path)) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(tmp_path) == []
    assert await bucket.head("key") is None


async def test_a_condition_that_fails_does_not_read_the_body(bucket: FileBucket) -> None:
    await bucket.put("key", b"first", content_type=TEXT)
    body = PiecewiseBody([b"second"], 6)
    assert await bucket.put("key", body, content_type=TEXT, only_if=ABSENT) is None
    assert body.taken == 0


async def test_replaced_and_deleted_objects_leave_no_file(bucket: FileBucket, tmp_path: Path) -> None:
    for number in range(5):
        await bucket.put("key", f"{number}".encode(), content_type=TEXT)
    await asyncio.gather(*(bucket.put("race", b"x", content_type=TEXT, only_if=ABSENT) for _ in range(20)))
    assert len(files(tmp_path)) == 2
    await bucket.delete("key")
    await bucket.delete("race")
    assert files(tmp_path) == []


async def test_a_stream_goes_on_while_its_object_is_replaced_and_deleted(bucket: FileBucket) -> None:
    old = b"old" * 300_000
    await bucket.put("key", old, content_type=TEXT)
    found = await bucket.open("key")
    assert found is not None
    assert isinstance(found.stream, FileStream)
    await bucket.put("key", b"new", content_type=TEXT)
    await bucket.delete("key")
    assert b"".join([chunk async for chunk in found.stream.chunks()]) == old
    found.stream.close()


async def test_readers_beside_writers_always_see_a_whole_object(bucket: FileBucket) -> None:
    versions = [bytes([n]) * (40_000 + n) for n in range(8)]
    await bucket.put("key", versions[0], content_type=TEXT)

    async def write(data: bytes) -> None:
        for _ in range(5):
            await bucket.put("key", data, content_type=TEXT)

    async def read() -> None:
        for _ in range(40):
            found = await bucket.read("key")
            assert found is not None
            assert found[1] in versions
            assert found[0].etag == hashlib.md5(found[1]).hexdigest()

    await asyncio.gather(*map(write, versions), *(read() for _ in range(4)))


async def test_a_file_that_somebody_removed_is_an_error_not_an_absence(bucket: FileBucket, tmp_path: Path) -> None:
    await bucket.put("key", b"x", content_type=TEXT)
    (tmp_path / "objects" / files(tmp_path)[0]).unlink()
    with pytest.raises(PlatformError, match="gone"):
        await bucket.read("key")


async def test_a_file_that_somebody_cut_short_is_an_error(bucket: FileBucket, tmp_path: Path) -> None:
    await bucket.put("key", b"0123456789", content_type=TEXT)
    os.truncate(tmp_path / "objects" / files(tmp_path)[0], 4)
    with pytest.raises(PlatformError, match="early"):
        await bucket.read("key")


async def test_a_folder_that_cannot_be_written_is_an_error_and_nothing_is_stored(
    bucket: FileBucket, tmp_path: Path
) -> None:
    await bucket.put("old", b"old", content_type=TEXT)
    (tmp_path / "objects").rename(tmp_path / "elsewhere")
    with pytest.raises(PlatformError, match="cannot be stored"):
        await bucket.put("key", b"x", content_type=TEXT)
    (tmp_path / "elsewhere").rename(tmp_path / "objects")
    assert await bucket.head("key") is None
    assert await bucket.read("old") == (await bucket.head("old"), b"old")


@pytest.mark.parametrize("cursor", ["garbage!", "=", "吹", "YQ"])
async def test_a_cursor_that_no_listing_gave_is_refused(bucket: FileBucket, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        await bucket.list(prefix="", cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_listing_of_nothing_is_refused(bucket: FileBucket, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        await bucket.list(prefix="", limit=limit)


async def test_objects_outlive_their_bucket(tmp_path: Path) -> None:
    first = FileBucket(tmp_path)
    stored = await first.put("key", b"kept", content_type="image/png")
    first.close()
    second = FileBucket(tmp_path)
    assert await second.read("key") == (stored, b"kept")
    second.close()


async def test_files_of_no_object_are_removed_at_the_next_start(tmp_path: Path) -> None:
    first = FileBucket(tmp_path)
    await first.put("key", b"kept", content_type=TEXT)
    first.close()
    for name in ("0" * 32, "f" * 32):
        (tmp_path / "objects" / name).write_bytes(b"half of a p")
    second = FileBucket(tmp_path)
    assert second.orphans_removed == 2
    assert len(files(tmp_path)) == 1
    assert await second.read("key") is not None
    second.close()


async def test_files_of_another_process_at_work_are_left_alone(bucket: FileBucket, tmp_path: Path) -> None:
    (tmp_path / "objects" / ("0" * 32)).write_bytes(b"being written")
    second = FileBucket(tmp_path)
    assert second.orphans_removed == 0
    assert files(tmp_path) == ["0" * 32]
    second.close()


_DISK_FULL = """
import asyncio, hashlib, resource, signal, sys
from pathlib import Path
from edge.platform import PlatformError
from local.bucket import FileBucket

async def main() -> None:
    bucket = FileBucket(Path(sys.argv[1]))
    await bucket.put("old", b"old", content_type="text/plain")
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))
    for key in ("new", "old"):
        try:
            await bucket.put(key, b"x" * 600_000, content_type="text/plain")
        except PlatformError as error:
            print("refused", error)
    assert await bucket.head("new") is None
    assert (await bucket.read("old"))[1] == b"old"
    assert await bucket.put("small", b"fits", content_type="text/plain") is not None
    print(len([p for p in (Path(sys.argv[1]) / "objects").iterdir() if p.name != ".lock"]), "files")
    bucket.close()

asyncio.run(main())
"""


def test_a_disk_that_takes_no_more_is_an_error_and_nothing_is_stored(tmp_path: Path) -> None:
    output = run_python(_DISK_FULL, str(tmp_path))
    assert output.count("refused an object cannot be stored: File too large") == 2
    assert output.endswith("2 files\n")


_RACER = """
import asyncio, sys
from pathlib import Path
from edge.platform import ABSENT, EtagIs
from local.bucket import FileBucket

async def count(bucket, times):
    for _ in range(times):
        while True:
            info, data = await bucket.read("count")
            following = str(int(data) + 1).encode()
            if await bucket.put("count", following, content_type="text/plain", only_if=EtagIs(info.etag)):
                break

async def main() -> None:
    bucket = FileBucket(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    won = 0
    for number in range(20):
        won += await bucket.put(f"race/{number}", sys.argv[2].encode(), content_type="t", only_if=ABSENT) is not None
    await count(bucket, 10)
    print(won, flush=True)
    bucket.close()

asyncio.run(main())
"""


def start_racer(folder: Path, number: int) -> subprocess.Popen[str]:
    racer = subprocess.Popen(
        [sys.executable, "-c", _RACER, str(folder), str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert racer.stdout is not None
    assert racer.stdout.readline() == "ready\n"
    return racer


async def test_processes_racing_create_each_object_once_and_lose_no_count(bucket: FileBucket, tmp_path: Path) -> None:
    await bucket.put("count", b"0", content_type=TEXT)
    racers = [start_racer(tmp_path, n) for n in range(4)]
    outputs = await asyncio.gather(*(asyncio.to_thread(racer.communicate, "go\n") for racer in racers))
    assert sum(int(output) for output, _ in outputs) == 20
    count = await bucket.read("count")
    assert count is not None
    assert count[1] == b"40"
    assert len(files(tmp_path)) == 21


async def test_a_swap_by_an_etag_that_came_back_holds(bucket: FileBucket) -> None:
    first = await bucket.put("key", b"A", content_type=TEXT)
    assert first is not None
    await bucket.put("key", b"B", content_type=TEXT)
    await bucket.put("key", b"A", content_type=TEXT)
    assert await bucket.put("key", b"C", content_type=TEXT, only_if=EtagIs(first.etag)) is not None


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "orchestrator")])}


def run_python(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
