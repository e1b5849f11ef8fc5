"""The claim of a translator, and pages that come from URLs, as messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contract.claim import MAX_CAPACITY, ClaimRequest
from contract.errors import BadKey, BadMessage
from contract.job import JobRequest, PageSpec


def test_a_claim_survives_its_trip() -> None:
    claim = ClaimRequest("worker-1", capacity=3)
    assert ClaimRequest.parse(claim.to_bytes()) == claim


@pytest.mark.parametrize(
    "changes",
    [
        {"worker_id": None},
        {"worker_id": 1},
        {"worker_id": "a/b"},
        {"worker_id": "a" * 200},
        {"capacity": -1},
        {"capacity": MAX_CAPACITY + 1},
        {"capacity": True},
        {"protocol": 0},
        {"protocol": "2"},
        {"job_id": "job_a"},
    ],
)
def test_a_claim_that_breaks_its_schema_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises((BadMessage, BadKey)):
        ClaimRequest.parse(json.dumps({**ClaimRequest("worker-1").to_json(), **changes}).encode())


def request(*pages: dict[str, Any]) -> bytes:
    return json.dumps({"pages": list(pages), "chapter_id": "c"}).encode()


def test_pages_may_be_urls_and_uploads_in_one_job() -> None:
    parsed = JobRequest.parse(request({"url": "https://x.test/1.png", "name": "one"}, {"upload": "image/png"}))
    assert parsed.pages == (PageSpec(name="one", url="https://x.test/1.png"), PageSpec("image/png"))
    assert not parsed.starts_by_itself
    assert JobRequest.from_json(parsed.to_json()) == parsed


def test_a_job_of_urls_starts_by_itself() -> None:
    assert JobRequest.parse(request({"url": "https://x.test/1.png"})).starts_by_itself


def test_a_url_may_hold_a_secret_and_shows_in_no_repr() -> None:
    assert "secret" not in repr(PageSpec(url="https://x.test/1.png?secret"))


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ({}, "pages[0].upload"),
        ({"url": "https://x.test/", "upload": "image/png"}, "pages[0].url"),
        ({"url": ""}, "pages[0].url"),
        ({"url": 1}, "pages[0].url"),
        ({"url": "ftp://x.test/"}, "pages[0].url"),
        ({"url": "https://x.test/a b"}, "pages[0].url"),
        ({"url": "https://x.test/" + "a" * 2100}, "pages[0].url"),
        ({"url": "https://x.test/", "headers": {}}, "pages[0].headers"),
    ],
)
def test_a_page_that_is_neither_names_its_field(page: dict[str, Any], field: str) -> None:
    with pytest.raises(BadMessage) as caught:
        JobRequest.parse(request(page))
    assert caught.value.field == field
