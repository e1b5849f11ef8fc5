"""Pairs merged into a series' memory: by people at once, over the bounds, into what is no memory."""

from __future__ import annotations

from typing import Any

import pytest

from edge.platform import PlatformError
from tests.edge.world import MEMORY, World

ENTRIES = "/series/s-1/memory/entries"


def pairs(world: World, series: str = "s-1") -> dict[str, str]:
    stored = world.call("GET", f"/series/{series}/memory").json
    return {entry["source"]: entry["target"] for entry in stored["entries"]}


def update(*entries: tuple[str, str]) -> dict[str, Any]:
    return {**MEMORY, "entries": [{"source": source, "target": target} for source, target in entries]}


def test_of_many_writers_at_once_none_loses_a_pair(world: World) -> None:
    asked = [world.request("POST", ENTRIES, data=update((f"text {n}", f"said {n}"))) for n in range(6)]
    answers = world.together(*asked)
    assert [answer.status for answer in answers] == [200] * 6
    assert pairs(world) == {f"text {n}": f"said {n}" for n in range(6)}


def test_what_is_merged_twice_writes_nothing_and_keeps_the_etag(world: World) -> None:
    first = world.call("POST", ENTRIES, data=update(("夢", "a dream")))
    again = world.call("POST", ENTRIES, data=update(("夢", "a dream")))
    assert (first.json, again.json) == (
        {"added": 1, "changed": 0, "dropped": 0},
        {"added": 0, "changed": 0, "dropped": 0},
    )
    assert first.headers["etag"] == again.headers["etag"]


def test_a_memory_that_changes_under_every_swap_is_a_503_that_can_be_asked_again(world: World) -> None:
    bucket, real = world.platform.bucket, world.platform.bucket.put

    async def late(key: str, data: Any, **options: Any) -> Any:
        return None if key.startswith("series/") else await real(key, data, **options)

    bucket.put = late  # type: ignore[method-assign]
    answer = world.call("POST", ENTRIES, data=update(("夢", "a dream")))
    bucket.put = real  # type: ignore[method-assign]
    assert (answer.status, answer.json["retryable"]) == (503, True)
    assert world.call("POST", ENTRIES, data=update(("夢", "a dream"))).status == 200


def test_an_answer_that_is_lost_can_be_asked_for_again(world: World) -> None:
    bucket = world.platform.bucket
    bucket.loses = lambda operation, key: key.startswith("series/")
    assert world.call("POST", ENTRIES, data=update(("夢", "a dream"))).status == 503
    bucket.loses = lambda operation, key: False
    assert world.call("POST", ENTRIES, data=update(("夢", "a dream"))).json["added"] == 0
    assert pairs(world) == {"夢": "a dream"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"entries": [{"source": "", "target": "x"}]}, "entries[0].source"),
        ({"entries": None}, "entries"),
        ({"target": "?"}, "target"),
        ({"schema": 3}, "schema"),
    ],
)
def test_an_update_that_is_none_is_refused_by_its_field(world: World, change: dict[str, Any], field: str) -> None:
    answer = world.call("POST", ENTRIES, data={**MEMORY, **change})
    assert (answer.status, answer.json["field"]) == (422, field)


def test_a_memory_from_before_memories_were_checked_is_not_merged_into(world: World) -> None:
    key = "series/owner-a/s-1/memory.json"
    put = world.platform.bucket.put(key, b'{"lines": []}', content_type="application/json")
    world.runner.run(_awaited(put))
    answer = world.call("POST", ENTRIES, data=MEMORY)
    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert world.platform.bucket.objects[key][1] == b'{"lines": []}'


async def _awaited(put: Any) -> None:
    try:
        await put
    except PlatformError:
        raise AssertionError("nothing is broken here") from None
