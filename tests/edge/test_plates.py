"""Clean plates: kept where the job asks for them, verified like the pages, and found again."""

from __future__ import annotations

import pytest

from contract.status import JobStatus
from tests.edge.world import IMAGE, KEYS, PLATE, World

KEEP = {"options": {"clean_plates": True}}


def stored(world: World) -> list[str]:
    return [key for key in world.platform.bucket.objects if "/plates/" in key]


def test_a_job_that_asks_for_none_has_none(world: World) -> None:
    attempt = world.attempt(pages=1)
    attempt.deliver(1)
    attempt.finish()
    assert attempt.grants[1].plate is None
    assert stored(world) == []
    assert world.view(attempt.job_id).pages[0].plate_url is None
    assert world.call("GET", f"/artifacts/{attempt.job_id}/plates/0001.webp").status == 404


def test_a_kept_plate_is_where_the_view_says(world: World) -> None:
    attempt = world.attempt(pages=2, **KEEP)
    attempt.deliver(1)
    attempt.deliver(2)
    attempt.finish()
    view = world.view(attempt.job_id)
    assert view.status is JobStatus.SUCCESS
    url = view.pages[1].plate_url
    assert url is not None
    answer = world.call("GET", url)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, PLATE, "image/webp")
    assert world.call("GET", url, headers={"range": "bytes=0-3"}).body == PLATE[:4]
    assert [key.rsplit("/", 2)[1:] for key in stored(world)] == [["plates", "0001.webp"], ["plates", "0002.webp"]]
    assert view.audit["stored_bytes"] > 2 * (len(IMAGE) + len(PLATE))


def test_a_page_whose_plate_is_not_there_did_not_succeed(world: World) -> None:
    attempt = world.attempt(pages=2, **KEEP)
    attempt.deliver(1)
    attempt.deliver(2)
    del world.platform.bucket.objects[next(key for key in stored(world) if key.endswith("/0002.webp"))]
    attempt.finish()
    view = world.view(attempt.job_id)
    assert view.status is JobStatus.PARTIAL
    assert view.pages[1].error is not None
    assert view.pages[1].error.code.value == "output_mismatch"


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("plates/0001.png", KEYS["owner-a"], 404),
        ("plates/0001.json", KEYS["owner-a"], 404),
        ("plates/0003.webp", KEYS["owner-a"], 404),
        ("plates/1.webp", KEYS["owner-a"], 404),
        ("plates/0001.webp", KEYS["owner-b"], 404),
        ("plates/0001.webp", None, 401),
    ],
)
def test_what_is_no_plate_of_ones_own_is_not_found(world: World, path: str, key: str | None, status: int) -> None:
    attempt = world.attempt(pages=1, **KEEP)
    attempt.deliver(1)
    attempt.finish()
    assert world.call("GET", f"/artifacts/{attempt.job_id}/{path}", key=key).status == status


def test_a_retry_finds_the_plates_of_the_pages_that_it_carries_over(world: World) -> None:
    attempt = world.attempt(pages=2, **KEEP)
    attempt.deliver(1)
    attempt.fail(2)
    attempt.finish()
    retried = world.call("POST", f"/jobs/{attempt.job_id}/retry").json["id"]
    url = world.view(retried).pages[0].plate_url
    assert url is not None
    assert retried in url
    assert world.call("GET", url).body == PLATE
