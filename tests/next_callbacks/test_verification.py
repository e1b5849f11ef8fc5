"""What a consumer's application imports: verify, and what it raises."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest

from next_callbacks import (
    BadMessage,
    BadSignature,
    ChapterFinished,
    ContractError,
    Delivery,
    JobStatus,
    MemoryNonces,
    NonceStoreFull,
    Replayed,
    Secret,
    verify,
)

FILE = Path(__file__).parents[1] / "contract" / "signing_vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text())["vectors"]
GOOD = next(vector for vector in VECTORS if vector["name"] == "an event")


def check(vector: dict[str, Any], **options: Any) -> Delivery:
    secrets = [Secret.parse(text) for text in vector["secrets"]]
    options.setdefault("now", vector["now"])
    return verify(vector["headers"], base64.b64decode(vector["body_base64"]), secrets, **options)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_vector_gets_its_answer_and_only_an_event_spends_its_id(vector: dict[str, Any]) -> None:
    nonces = MemoryNonces()
    expect = vector["expect"]
    if expect == "ok":
        assert check(vector, nonces=nonces).event_id == vector["headers"]["webhook-id"]
    elif expect == "not_an_event":
        with pytest.raises(BadMessage):
            check(vector, nonces=nonces)
    else:
        with pytest.raises(BadSignature, match=expect):
            check(vector, nonces=nonces)
    assert len(nonces) == (1 if expect == "ok" else 0)


def test_an_event_is_parsed() -> None:
    delivery = check(GOOD)
    assert delivery.envelope.timestamp == GOOD["now"]
    assert delivery.event == ChapterFinished(
        timestamp="2026-11-22T01:00:00Z",
        job_id="job1",
        chapter_id="tencho-01",
        status=JobStatus.PARTIAL,
        succeeded=39,
        failed=1,
        status_url="https://fukidashi.example/jobs/job1",
        metadata={"題": "吹き出し"},
    )


def test_without_a_time_the_systems_clock_counts() -> None:
    assert abs(time.time() - GOOD["now"]) > 300
    with pytest.raises(BadSignature, match="timestamp_too"):
        check(GOOD, now=None)


def test_a_replay_has_an_error_of_its_own() -> None:
    nonces = MemoryNonces()
    check(GOOD, nonces=nonces)
    with pytest.raises(Replayed) as caught:
        check(GOOD, nonces=nonces)
    assert caught.value.event_id == "evt_0001"
    assert isinstance(caught.value, ContractError)
    assert not isinstance(caught.value, BadSignature)


def test_an_event_that_could_not_be_handled_can_be_given_back() -> None:
    nonces = MemoryNonces()
    nonces.release(check(GOOD, nonces=nonces).event_id)
    assert check(GOOD, nonces=nonces).event_id == "evt_0001"


def test_a_full_store_believes_nothing_new() -> None:
    nonces = MemoryNonces(capacity=1)
    nonces.spend("another", now=GOOD["now"], replayable_until=GOOD["now"] + 300)
    with pytest.raises(NonceStoreFull):
        check(GOOD, nonces=nonces)


def test_without_a_store_every_delivery_is_given() -> None:
    assert check(GOOD) == check(GOOD)
