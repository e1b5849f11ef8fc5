"""Browsers: which pages may call the API, and what they may read of its answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edge.config import Config, ConfigError
from tests.edge.test_config import ENV
from tests.edge.world import Answer, World

READER, STRANGER = "https://reader.test", "https://stranger.test"


@pytest.fixture
def reader() -> Iterator[World]:
    world = World(cors_origins=(READER, "https://other.test"))
    yield world
    world.close()


def ask(world: World, path: str, origin: str, *, method: str | None = None) -> Answer:
    """A preflight for ``method``, or a GET."""
    headers = {"origin": origin}
    if method is None:
        return world.call("GET", path, headers=headers)
    return world.call("OPTIONS", path, key=None, headers={**headers, "access-control-request-method": method})


def test_a_preflight_says_what_the_route_takes(reader: World) -> None:
    answer = ask(reader, "/jobs/job_a", READER, method="GET")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == READER
    assert answer.headers["access-control-allow-methods"] == "GET"
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert ask(reader, "/jobs", READER, method="POST").headers["access-control-allow-methods"] == "GET, POST"


def test_an_answer_can_be_read_by_its_page_with_the_headers_that_polling_needs(reader: World) -> None:
    job = reader.create()
    for path in (f"/jobs/{job.id}", "/jobs/job_unknown", "/nowhere"):
        answer = ask(reader, path, READER)
        assert answer.headers["access-control-allow-origin"] == READER
        assert {"ETag", "Retry-After", "Location"} <= set(answer.headers["access-control-expose-headers"].split(", "))
        assert "origin" in answer.headers["vary"]


def test_a_page_of_another_origin_gets_no_leave(reader: World) -> None:
    for answer in (ask(reader, "/jobs", STRANGER), ask(reader, "/jobs", STRANGER, method="POST")):
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "origin"


def test_no_origin_is_reflected_that_only_resembles_one(reader: World) -> None:
    for origin in (f"{READER}.evil.test", "https://READER.test", "null", f"{READER}/", f" {READER}", "*"):
        assert "access-control-allow-origin" not in ask(reader, "/jobs", origin).headers


def test_without_configuration_there_is_no_cors(world: World) -> None:
    assert not {name for name in ask(world, "/jobs", READER).headers if name.startswith("access-control-")}
    answer = ask(world, "/jobs", READER, method="POST")
    assert not {name for name in answer.headers if name == "access-control-allow-origin"}


def test_a_star_lets_every_page_read_and_never_with_credentials() -> None:
    world = World(cors_origins=("*",))
    answer = ask(world, "/jobs", STRANGER)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    world.close()


def test_a_preflight_of_no_route_is_404_and_options_alone_is_405(reader: World) -> None:
    assert ask(reader, "/nowhere", READER, method="GET").status == 404
    assert reader.call("OPTIONS", "/jobs").status == 405


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("*", ("*",)),
        (f"{READER} http://localhost:3000", (READER, "http://localhost:3000")),
        (f"{READER},https://b.test", (READER, "https://b.test")),
    ],
)
def test_the_configuration_lists_origins(text: str, origins: tuple[str, ...]) -> None:
    assert Config.from_env({**ENV, "CORS_ORIGINS": text}).cors_origins == origins


@pytest.mark.parametrize(
    "text", ["reader.test", f"{READER}/", f"* {READER}", "https://*.test", "null", f"{READER}\r\nx: y"]
)
def test_what_is_no_origin_stops_the_start(text: str) -> None:
    with pytest.raises(ConfigError, match="CORS_ORIGINS"):
        Config.from_env({**ENV, "CORS_ORIGINS": text})
