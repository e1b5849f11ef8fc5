"""Both stores of received ids, held to one suite, and what only one of them does."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from next_callbacks import KEEP_S, MemoryNonces, Nonces, NonceStoreError, NonceStoreFull, SqliteNonces

NOW = 1_763_773_200.0


@pytest.fixture(params=["memory", "sqlite"])
def nonces(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Nonces]:
    if request.param == "memory":
        yield MemoryNonces()
        return
    store = SqliteNonces(tmp_path / "nonces.sqlite")
    yield store
    store.close()


def spend(nonces: Nonces, event_id: str, *, now: float = NOW, signed_at: float | None = None) -> bool:
    return nonces.spend(event_id, now=now, replayable_until=(now if signed_at is None else signed_at) + 300)


def test_an_id_is_spent_once(nonces: Nonces) -> None:
    assert [spend(nonces, "evt") for _ in range(3)] == [True, False, False]
    assert spend(nonces, "other")


@pytest.mark.parametrize("later", [1, 300, 601, 3 * 24 * 3600 + 4 * 3600, KEEP_S - 1])
def test_an_id_is_kept_through_the_senders_whole_schedule(nonces: Nonces, later: float) -> None:
    assert spend(nonces, "evt")
    assert not spend(nonces, "evt", now=NOW + later)


def test_an_id_is_forgotten_at_last(nonces: Nonces) -> None:
    assert spend(nonces, "evt")
    assert spend(nonces, "evt", now=NOW + KEEP_S)
    assert not spend(nonces, "evt", now=NOW + KEEP_S + 1)


def test_a_repetition_does_not_prolong_how_long_an_id_is_kept(nonces: Nonces) -> None:
    assert spend(nonces, "evt")
    assert not spend(nonces, "evt", now=NOW + KEEP_S - 10)
    assert spend(nonces, "evt", now=NOW + KEEP_S + 1)


def test_an_id_is_kept_for_as_long_as_its_message_would_verify(tmp_path: Path) -> None:
    stores: list[Nonces] = [MemoryNonces(keep_s=1), SqliteNonces(tmp_path / "nonces.sqlite", keep_s=1)]
    for nonces in stores:
        assert spend(nonces, "evt", signed_at=NOW + 300)
        assert not spend(nonces, "evt", now=NOW + 600)
    assert isinstance(stores[1], SqliteNonces)
    stores[1].close()


def test_a_released_id_can_be_spent_again_once(nonces: Nonces) -> None:
    spend(nonces, "evt")
    nonces.release("evt")
    nonces.release("never seen")
    assert [spend(nonces, "evt") for _ in range(2)] == [True, False]


def test_of_many_threads_one_spends_an_id(nonces: Nonces) -> None:
    results: list[tuple[str, bool]] = []
    start = threading.Barrier(8)

    def race() -> None:
        start.wait()
        for number in range(50):
            results.append((f"evt{number}", spend(nonces, f"evt{number}")))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(event_id for event_id, won in results if won) == sorted(f"evt{number}" for number in range(50))


def test_memory_is_bounded_and_what_could_be_replayed_stays() -> None:
    nonces = MemoryNonces(capacity=3)
    for number in range(3):
        assert spend(nonces, f"evt{number}", now=NOW + number)
    with pytest.raises(NonceStoreFull, match="all 3 ids"):
        spend(nonces, "evt3", now=NOW + 3)
    assert not spend(nonces, "evt0", now=NOW + 3)
    # 301 seconds on, the first message no longer verifies: its id makes room.
    assert spend(nonces, "evt3", now=NOW + 301)
    assert len(nonces) == 3
    assert not spend(nonces, "evt1", now=NOW + 301)


def test_memory_forgets_expired_ids_by_itself() -> None:
    nonces = MemoryNonces(capacity=100)
    for number in range(100):
        spend(nonces, f"evt{number}")
    spend(nonces, "late", now=NOW + KEEP_S)
    assert len(nonces) == 1


def test_a_capacity_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity"):
        MemoryNonces(capacity=0)


def _race(path: str, start: object, results: object) -> None:
    store = SqliteNonces(path)
    start.wait()  # type: ignore[attr-defined]
    won = sum(spend(store, f"evt{number}") for number in range(40))
    store.close()
    results.put(won)  # type: ignore[attr-defined]


def test_of_many_processes_one_spends_an_id(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(4), context.Queue()
    arguments = (str(tmp_path / "nonces.sqlite"), start, results)
    processes = [context.Process(target=_race, args=arguments) for _ in range(4)]
    for process in processes:
        process.start()
    assert sum(results.get(timeout=60) for _ in processes) == 40
    for process in processes:
        process.join(10)


def test_the_file_outlives_the_process_and_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "nonces.sqlite"
    first = SqliteNonces(path)
    for number in range(10):
        spend(first, f"evt{number}")
    first.close()
    second = SqliteNonces(path)
    assert not spend(second, "evt1")
    assert spend(second, "late", now=NOW + KEEP_S)
    second.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT event_id FROM nonce").fetchall() == [("late",)]


def test_a_file_that_is_no_database_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "nonces.sqlite").write_bytes(b"no database " * 1000)
    with pytest.raises(NonceStoreError):
        SqliteNonces(tmp_path / "nonces.sqlite")


def test_a_database_that_breaks_believes_nothing(tmp_path: Path) -> None:
    store = SqliteNonces(tmp_path / "nonces.sqlite")
    with closing(sqlite3.connect(tmp_path / "nonces.sqlite")) as connection:
        connection.execute("DROP TABLE nonce")
    with pytest.raises(NonceStoreError):
        spend(store, "evt")
    store.close()
