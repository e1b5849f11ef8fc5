"""The receiver: what it takes, what it refuses, what it records, and whom it tells."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from contract.event import ChapterFinished
from contract.signing import Secret, sign
from contract.status import JobStatus
from next_callbacks import receiver as receiver_module
from next_callbacks.config import Config, ConfigError
from next_callbacks.receiver import MAX_BODY_BYTES, create_app
from next_callbacks.results import Results, ResultsError

NOW = 1_763_773_200
NEW, OLD, OTHER = (Secret(bytes([n]) * 32) for n in (1, 2, 3))
TOKEN = "a-token-of-the-tests"


class Stage:
    """A receiver that is asked in the same process."""

    def __init__(self, folder: Path, *, token: str | None = None) -> None:
        self.database = folder / "chapters.sqlite"
        self.results = Results(self.database)
        config = Config((NEW, OLD), self.database, token=token)
        self.app: Starlette = create_app(config, self.results, now=lambda: float(NOW))

    def client(self, address: str = "127.0.0.1", base_url: str = "http://127.0.0.1:8790") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 5000), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=base_url)

    async def post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        async with self.client() as client:
            return await client.post("/webhook", content=body, headers=headers)

    async def deliver(self, event_id: str = "evt_1", *, signed_at: int = NOW, **fields: Any) -> httpx.Response:
        body = event(**fields)
        return await self.post(body, sign(body, [NEW], message_id=event_id, timestamp=signed_at))

    async def recorded(self) -> list[dict[str, Any]]:
        async with self.client() as client:
            found: list[dict[str, Any]] = (await client.get("/results")).json()["results"]
            return found


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.results.close()


def event(**fields: Any) -> bytes:
    values = {
        "timestamp": "2026-11-22T01:00:00Z",
        "job_id": "job-1",
        "chapter_id": "chapter-1",
        "status": JobStatus.SUCCESS,
        "succeeded": 40,
        "failed": 0,
        "status_url": "https://fukidashi.example/jobs/job-1",
        "metadata": {"題": "吹き出し"},
    }
    return ChapterFinished(**{**values, **fields}).to_bytes()


def code(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    assert document["request_id"]
    return str(document["code"])


async def test_an_event_is_recorded(stage: Stage) -> None:
    response = await stage.deliver()
    assert (response.status_code, response.json()) == (200, {"event_id": "evt_1", "duplicate": False})
    [recorded] = await stage.recorded()
    assert recorded == {
        "seq": 1,
        "event_id": "evt_1",
        "received_at": NOW,
        "deliveries": 1,
        "event": json.loads(event()),
    }


async def test_an_event_delivered_again_is_answered_200_and_recorded_once(stage: Stage) -> None:
    for signed_at in (NOW, NOW + 5, NOW - 299):
        response = await stage.deliver(signed_at=signed_at)
        assert response.status_code == 200
        assert response.json()["duplicate"] is (signed_at != NOW)
    [recorded] = await stage.recorded()
    assert recorded["deliveries"] == 3


async def test_two_events_of_one_job_are_two_results(stage: Stage) -> None:
    await stage.deliver("evt_1")
    await stage.deliver("evt_2")
    assert [one["event_id"] for one in await stage.recorded()] == ["evt_1", "evt_2"]


async def test_what_is_recorded_can_be_asked_of_the_database(stage: Stage) -> None:
    await stage.deliver(series_id="series-1", status=JobStatus.PARTIAL, succeeded=39, failed=1)
    with closing(sqlite3.connect(stage.database)) as connection:
        query = "SELECT job_id, chapter_id, series_id, status, succeeded, failed FROM result"
        assert connection.execute(query).fetchall() == [("job-1", "chapter-1", "series-1", "partial", 39, 1)]


async def test_either_secret_is_believed_and_no_other(stage: Stage) -> None:
    for number, secret in enumerate((NEW, OLD, OTHER)):
        body = event()
        response = await stage.post(body, sign(body, [secret], message_id=f"evt_{number}", timestamp=NOW))
        assert response.status_code == (401 if secret is OTHER else 200)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "garbage"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-id": "evt_2"},
        {"webhook-id": "../../x"},
        {"webhook-timestamp": str(NOW + 1)},
        {"webhook-timestamp": "now"},
    ],
    ids=lambda change: str(change),
)
async def test_what_is_not_signed_is_refused_and_not_recorded(stage: Stage, change: dict[str, str]) -> None:
    body = event()
    response = await stage.post(body, {**sign(body, [NEW], message_id="evt_1", timestamp=NOW), **change})
    assert response.status_code == 401
    assert code(response) == "bad_signature"
    assert response.json()["server_time"] == NOW
    assert await stage.recorded() == []


async def test_without_any_header_it_is_refused(stage: Stage) -> None:
    assert code(await stage.post(event(), {})) == "bad_signature"


@pytest.mark.parametrize("signed_at", [NOW - 301, NOW + 301])
async def test_too_old_and_too_new_are_refused(stage: Stage, signed_at: int) -> None:
    response = await stage.deliver(signed_at=signed_at)
    assert response.status_code == 401
    assert "timestamp_too" in response.json()["detail"]
    assert await stage.recorded() == []


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"type": "chapter.started", "data": {}}'])
async def test_a_signed_message_that_is_no_event_is_422(stage: Stage, body: bytes) -> None:
    response = await stage.post(body, sign(body, [NEW], message_id="evt_1", timestamp=NOW))
    assert response.status_code == 422
    assert code(response) == "invalid"
    assert await stage.recorded() == []


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_refused_unread(stage: Stage, declared: bool) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b"x" * 10_000

    headers = {"content-length": str(10_000_000)} if declared else {}
    async with stage.client() as client:
        response = await client.post("/webhook", content=pieces(), headers=headers)
    assert response.status_code == 413
    assert code(response) == "too_large"
    assert sent <= MAX_BODY_BYTES // 10_000 + 2


async def test_a_sender_that_stalls_is_sent_away(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver_module, "BODY_S", 0.05)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(5)
        raise AssertionError("waited too long")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/webhook", "headers": [], "query_string": b""}
    await stage.app(scope, receive, send)
    assert sent[0]["status"] == 400


async def test_a_database_that_fails_is_503_so_that_the_event_comes_again(stage: Stage) -> None:
    with closing(sqlite3.connect(stage.database)) as connection:
        connection.execute("DROP TABLE result")
    response = await stage.deliver()
    assert response.status_code == 503
    assert code(response) == "unavailable"
    assert response.json()["retryable"] is True


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/webhook", 405), ("POST", "/", 404), ("GET", "/x", 404)]
)
async def test_other_routes_are_problems_too(stage: Stage, method: str, path: str, status: int) -> None:
    async with stage.client() as client:
        response = await client.request(method, path)
    assert response.status_code == status
    code(response)


async def test_it_says_that_it_runs(stage: Stage) -> None:
    async with stage.client("203.0.113.5") as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_results_come_in_pages(stage: Stage) -> None:
    for number in range(5):
        await stage.deliver(f"evt_{number}")
    found: list[str] = []
    after: int | None = 0
    async with stage.client() as client:
        while after is not None:
            page = (await client.get("/results", params={"after": after, "limit": 2})).json()
            assert len(page["results"]) <= 2
            found += [one["event_id"] for one in page["results"]]
            after = page["next"]
    assert found == [f"evt_{number}" for number in range(5)]


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=501", "limit=1e2", "after=", "after=" + "9" * 30])
async def test_a_page_that_is_none_is_400(stage: Stage, query: str) -> None:
    async with stage.client() as client:
        assert code(await client.get(f"/results?{query}")) == "bad_request"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8790", "localhost:8790", "[::1]:8790"])
async def test_without_a_token_this_machine_reads_the_results(stage: Stage, address: str, host: str) -> None:
    async with stage.client(address, f"http://{host}") as client:
        assert (await client.get("/results")).status_code == 200


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("203.0.113.5", {}),
        ("10.0.0.1", {}),
        ("", {}),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.5"}),
        ("127.0.0.1", {"forwarded": "for=203.0.113.5"}),
        ("127.0.0.1", {"host": "rebound.example:8790"}),
        ("127.0.0.1", {"host": "127.0.0.1.rebound.example"}),
        ("127.0.0.1", {"host": "[garbage"}),
        ("203.0.113.5", {"authorization": "Bearer None"}),
    ],
)
async def test_without_a_token_nobody_else_does(stage: Stage, address: str, headers: dict[str, str]) -> None:
    async with stage.client(address) as client:
        response = await client.get("/results", headers=headers)
    assert response.status_code == 401
    assert code(response) == "unauthorized"


async def test_with_a_token_only_the_token_counts(tmp_path: Path) -> None:
    stage = Stage(tmp_path, token=TOKEN)
    for address, header, status in [
        ("203.0.113.5", f"Bearer {TOKEN}", 200),
        ("127.0.0.1", "", 401),
        ("127.0.0.1", "Bearer ", 401),
        ("127.0.0.1", f"Bearer {TOKEN}x", 401),
        ("127.0.0.1", TOKEN, 401),
        ("127.0.0.1", "Bearer é", 401),
    ]:
        async with stage.client(address) as client:
            response = await client.get("/results", headers={b"authorization": header.encode()})
        assert response.status_code == status, header
    stage.results.close()


def test_a_configuration_is_read(tmp_path: Path) -> None:
    text = "whsec_" + "A" * 32
    env = {"WEBHOOK_SECRETS": f"{text} {text}", "RECEIVER_DB": "x.sqlite", "HOST": "::1", "PORT": "0"}
    config = Config.from_env(env)
    assert (len(config.secrets), config.database, config.host, config.port) == (2, Path("x.sqlite"), "::1", 0)
    assert config.token is None
    assert "AAAA" not in repr(config)


@pytest.mark.parametrize(
    ("env", "key"),
    [
        ({}, "WEBHOOK_SECRETS"),
        ({"WEBHOOK_SECRETS": "  "}, "WEBHOOK_SECRETS"),
        ({"WEBHOOK_SECRETS": "whsec_secret"}, "WEBHOOK_SECRETS"),
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "65536"}, "PORT"),
        ({"PORT": "-1"}, "PORT"),
        ({"RECEIVER_TOKEN": "short"}, "RECEIVER_TOKEN"),
        ({"RECEIVER_TOKEN": "é" * 20}, "RECEIVER_TOKEN"),
    ],
)
def test_a_wrong_configuration_names_its_key_and_not_its_value(env: dict[str, str], key: str) -> None:
    whole = env if key == "WEBHOOK_SECRETS" else {"WEBHOOK_SECRETS": "whsec_" + "A" * 32, **env}
    with pytest.raises(ConfigError) as caught:
        Config.from_env(whole)
    assert caught.value.key == key
    assert not any(len(value) > 4 and value in str(caught.value) for value in env.values())


def test_a_database_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ResultsError):
        Results(tmp_path / "no" / "such" / "folder.sqlite")
