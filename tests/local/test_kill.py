"""A process that is killed while it writes leaves whole objects only, whatever the moment."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from local.bucket import FileBucket
from local.kv import SqliteKv

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 30

# Writes as fast as it can: new objects, replacements, conditional ones, deletions, KV. It says what is acknowledged.
_WRITER = """
import asyncio, sys
from pathlib import Path
from edge.platform import ABSENT
from local.bucket import FileBucket
from local.kv import SqliteKv

def data(number):
    return (f"{number:08d}" * (1 + number * 7919 % 40_000)).encode()

async def lane(bucket, kv, round_, name):
    for n in range(100_000):
        number = n * 10 + int(name)
        await bucket.put(f"new/{round_}/{name}/{n}", data(number), content_type="t", only_if=ABSENT)
        print(f"new/{round_}/{name}/{n}", number, flush=True)
        await bucket.put(f"same/{name}", data(number), content_type="t")
        await kv.put(f"last/{round_}/{name}", str(number), metadata={"n": number})
        if n % 5 == 4:
            await bucket.delete(f"same/{name}")

async def main():
    folder = Path(sys.argv[1])
    bucket, kv = FileBucket(folder / "bucket"), SqliteKv(folder / "kv.sqlite")
    print("ready", flush=True)
    await asyncio.gather(*(lane(bucket, kv, sys.argv[2], name) for name in "0123"))

asyncio.run(main())
"""


def test_a_killed_process_leaves_whole_objects_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    moments = random.Random(seed)
    acknowledged: dict[str, int] = {}
    orphans = 0
    for round_ in range(ROUNDS):
        acknowledged |= _write_and_kill(tmp_path, round_, after_s=moments.uniform(0.0, 0.12))
        orphans += asyncio.run(_check(tmp_path, acknowledged, f"seed {seed}, round {round_}"))
    assert len(acknowledged) > ROUNDS, "too little was written for this to mean anything"
    assert orphans > 0, "no kill fell into a write: the test has lost its point"


def _write_and_kill(folder: Path, round_: int, *, after_s: float) -> dict[str, int]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "orchestrator")])}
    log = folder / "log"
    with log.open("wb") as sink:
        command = [sys.executable, "-c", _WRITER, str(folder), str(round_)]
        process = subprocess.Popen(command, stdout=sink, env=environment)
        while not log.stat().st_size:
            assert process.poll() is None
            time.sleep(0.005)
        time.sleep(after_s)
        process.kill()
        process.wait()
    # A last line that was cut off is no acknowledgement.
    lines = log.read_bytes().decode().split("\n")[1:-1]
    return {key: int(number) for key, number in (line.split() for line in lines)}


async def _check(folder: Path, acknowledged: dict[str, int], where: str) -> int:
    bucket, kv = FileBucket(folder / "bucket"), SqliteKv(folder / "kv.sqlite")
    try:
        keys = await _keys(bucket)
        assert acknowledged.keys() <= keys, where
        for key in keys:
            found = await bucket.read(key)
            assert found is not None, where
            info, data = found
            assert data == _data(int(data[:8])), f"{where}: {key} is a half object"
            assert (info.size, info.etag) == (len(data), hashlib.md5(data).hexdigest()), where
            if key in acknowledged:
                assert data == _data(acknowledged[key]), where
        stored = {path.name for path in (folder / "bucket" / "objects").iterdir()} - {".lock"}
        assert len(stored) == len(keys), f"{where}: files without an object"
        for last in (await kv.list(prefix="last/")).keys:
            assert await kv.get(last.name) == str(last.metadata["n"]), where
        return bucket.orphans_removed
    finally:
        bucket.close()
        kv.close()


async def _keys(bucket: FileBucket) -> set[str]:
    keys: set[str] = set()
    cursor: str | None = None
    while True:
        page = await bucket.list(prefix="", cursor=cursor)
        keys |= {info.key for info in page.objects}
        cursor = page.cursor
        if cursor is None:
            return keys


def _data(number: int) -> bytes:
    return (f"{number:08d}" * (1 + number * 7919 % 40_000)).encode()
