"""API keys: several for an owner, named, rotated, and never shown."""

from __future__ import annotations

import hashlib
import json

import pytest

from edge.api_keys import ApiKey, find_key, parse_api_keys
from edge.config import Config, ConfigError
from tests.edge.test_config import ENV
from tests.edge.world import World, api_key

A, B, C = (hashlib.sha256(key.encode()).hexdigest() for key in ("a", "b", "c"))


def test_an_owner_has_one_key_or_several_with_names() -> None:
    value = {"reader": A, "studio": [{"name": "old", "sha256": B}, {"name": "new", "sha256": C}]}
    assert parse_api_keys(json.dumps(value)) == (
        ApiKey("reader", "default", A),
        ApiKey("studio", "old", B),
        ApiKey("studio", "new", C),
    )


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"a": ""},
        {"a": []},
        {"a": A.upper()},
        {"a": A[:-1]},
        {"a": {"name": "x", "sha256": A}},
        {"a": [A]},
        {"a": [{"name": "x"}]},
        {"a": [{"name": "x", "sha256": A, "role": "admin"}]},
        {"a": [{"name": 1, "sha256": A}]},
        {"a": [{"name": "../x", "sha256": A}]},
        {"a": [{"name": "x", "sha256": A}, {"name": "x", "sha256": B}]},
        {"a": A, "b": A},
        {"a:b": A},
        {"": A},
    ],
    ids=json.dumps,
)
def test_a_wrong_value_stops_the_start_and_shows_no_hash(value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({**ENV, "API_KEYS": json.dumps(value)})
    assert caught.value.key == "API_KEYS"
    assert A not in str(caught.value)
    assert B not in str(caught.value)


def test_a_key_shows_no_hash() -> None:
    assert A not in repr(ApiKey("o", "n", A))


@pytest.mark.parametrize("given", ["", "A", "aa", A, "ä", "\udcff"])
def test_what_is_not_a_key_finds_none(given: str) -> None:
    assert find_key(parse_api_keys(json.dumps({"o": A})), given) is None


def test_while_a_key_is_rotated_both_are_believed_and_mean_one_owner() -> None:
    world = World(api_keys=(api_key("studio", "old", "2025"), api_key("studio", "new", "2026")))
    asked = {"pages": [{"upload": "image/png"}], "chapter_id": "c"}
    job_id = world.call("POST", "/jobs", data=asked, key="old").json["id"]
    assert world.call("GET", f"/jobs/{job_id}", key="new").status == 200
    world.close()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_written_in_any_case(world: World, scheme: str) -> None:
    assert world.call("GET", "/jobs", key=None, headers={"authorization": f"{scheme} key-of-a"}).status == 200


@pytest.mark.parametrize(
    "value", ["key-of-a", "Basic key-of-a", "Bearer", "Bearer ", "Bearerkey-of-a", "Bearer key-of"]
)
def test_another_scheme_or_a_part_of_a_key_is_refused(world: World, value: str) -> None:
    assert world.call("GET", "/jobs", key=None, headers={"authorization": value}).status == 401
