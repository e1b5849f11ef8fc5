"""What no translator of the deployment could do is refused when the job is created, naming what could be asked for."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest

from contract.engines import EngineSet
from edge.config import Config, ConfigError
from tests.edge.test_config import ENV
from tests.edge.world import Answer, World


def ask(world: World, **changes: Any) -> Answer:
    return world.call("POST", "/jobs", data={"pages": [{"upload": "image/png"}], "chapter_id": "c", **changes})


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"source": "ko"}, "source", "ja, zh, zh-Hans, zh-Hant, en"),
        ({"source": "fr-CA"}, "source", "ja, zh, zh-Hans, zh-Hant, en"),
        ({"target": "hi"}, "target", "Latin, Vietnamese"),
        ({"options": {"reader": "manga-ocr"}}, "options.reader", "what is: default"),
        ({"options": {"detector": "manga-ocr"}}, "options.detector", "what is: default"),
        ({"options": {"translator": "oracle"}}, "options.translator", "what is: default"),
        ({"options": {"cleaner": "lama"}}, "options.cleaner", "what is: default"),
        ({"options": {"policies": {"sfx": "louder"}}}, "options.policies.sfx", "translate, keep, erase, annotate"),
        ({"options": {"policies": {"noise": "keep"}}}, "options.policies.noise", "dialogue, narration"),
    ],
)
def test_a_job_that_cannot_be_done_is_a_422_that_names_what_can(
    world: World, changes: dict[str, Any], field: str, told: str
) -> None:
    answer = ask(world, **changes)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (422, "invalid", field)
    assert told in answer.json["detail"]
    assert world.platform.bucket.objects == {}


@pytest.mark.parametrize("source", ["ja", "zh", "zh-TW", "zh-Hans", "en-US"])
def test_what_can_be_read_is_taken(world: World, source: str) -> None:
    assert ask(world, source=source).status == 202


def test_a_deployment_with_more_engines_takes_more_jobs() -> None:
    with closing(World(engines=EngineSet.parse("gemini comic-detr"))) as world:
        assert ask(world, source="ko", options={"reader": "gemini", "detector": "comic-detr"}).status == 202
        refused = ask(world, source="ko")
    assert (refused.status, refused.json["field"]) == (422, "source")
    assert "options.reader gemini can" in refused.json["detail"]


def test_policies_and_engines_reach_the_translator() -> None:
    options = {"policies": {"sfx": "annotate", "page_number": "erase"}, "reader": "manga-ocr"}
    with closing(World(engines=EngineSet.parse("manga-ocr"))) as world:
        attempt = world.attempt(options=options)
    sent = attempt.order.to_json()["options"]
    assert sent == {"image_format": "webp", "translator": "default", **options}


def test_an_order_of_a_job_without_them_is_what_it_was_before(world: World) -> None:
    assert world.attempt().order.to_json()["options"] == {"image_format": "webp", "translator": "default"}


def test_engines_are_configured_by_name() -> None:
    assert Config.from_env({**ENV, "ENGINES": "manga-ocr, gemini"}).engines.optional == ("manga-ocr", "gemini")
    assert Config.from_env(ENV).engines.optional == ()
    with pytest.raises(ConfigError, match=r"^ENGINES: 'tesseract' is not one of"):
        Config.from_env({**ENV, "ENGINES": "tesseract"})


def test_the_interface_lists_the_kinds_and_their_policies(world: World) -> None:
    schemas = json.loads(world.call("GET", "/openapi.json", key=None).body)["components"]["schemas"]
    assert set(schemas["Policies"]["properties"]) == {
        "dialogue",
        "narration",
        "thought",
        "sfx",
        "sign",
        "page_number",
    }
    assert {"detector", "reader", "translator", "cleaner", "policies"} <= set(schemas["Options"]["properties"])
