"""What a job may want done with each kind of text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contract.errors import BadMessage
from contract.job import JobRequest, Options
from contract.policy import KINDS, Policies, Policy


def job(options: dict[str, Any]) -> JobRequest:
    return JobRequest.parse(
        json.dumps({"pages": [{"upload": "image/png"}], "chapter_id": "c", "options": options}).encode()
    )


def test_what_is_spoken_is_translated_and_the_rest_kept() -> None:
    policies = job({}).options.policies
    translated = {kind for kind in KINDS if policies.of(kind) is Policy.TRANSLATE}
    assert translated == {"dialogue", "narration", "thought"}
    assert {policies.of(kind) for kind in set(KINDS) - translated} == {Policy.KEEP}


def test_a_job_changes_the_kinds_that_it_names() -> None:
    policies = job({"policies": {"sfx": "annotate", "page_number": "erase", "sign": None}}).options.policies
    assert policies == Policies(sfx=Policy.ANNOTATE, page_number=Policy.ERASE)


@pytest.mark.parametrize(
    ("policies", "field"),
    [
        ({"sfx": "shout"}, "options.policies.sfx"),
        ({"sfx": True}, "options.policies.sfx"),
        ({"SFX": "keep"}, "options.policies.SFX"),
        ({"caption": "keep"}, "options.policies.caption"),
        (["keep"], "options.policies"),
        ("sfx=keep", "options.policies"),
    ],
)
def test_what_is_no_policy_is_refused_by_its_name(policies: Any, field: str) -> None:
    with pytest.raises(BadMessage) as caught:
        job({"policies": policies})
    assert caught.value.field == field


def test_only_what_is_not_the_default_goes_over_the_wire() -> None:
    assert Options().to_json() == {"image_format": "webp", "translator": "default"}
    asked = Options(policies=Policies(sfx=Policy.ERASE, dialogue=Policy.TRANSLATE), reader="manga-ocr")
    assert asked.to_json()["policies"] == {"sfx": "erase"}
    assert Options.from_json(asked.to_json(), "options") == asked


def test_words_say_the_same_as_json() -> None:
    assert Policies.from_words(" sfx=annotate, sign=translate ,", "--policy") == Policies(
        sfx=Policy.ANNOTATE, sign=Policy.TRANSLATE
    )
    assert Policies.from_words("", "--policy") == Policies()


@pytest.mark.parametrize("words", ["sfx", "sfx=", "sfx=loud", "=keep", "sfx=keep,sfx=erase", "noise=keep"])
def test_words_that_are_no_policy_are_refused(words: str) -> None:
    with pytest.raises(BadMessage, match="--policy"):
        Policies.from_words(words, "--policy")


def test_a_kind_that_is_none_has_no_policy() -> None:
    with pytest.raises(ValueError, match="'colour' is not one of dialogue"):
        Policies().of("colour")
    with pytest.raises(ValueError, match="to_json"):
        Policies().of("to_json")


def test_policies_compare_by_what_they_say() -> None:
    assert replace(Policies(), sfx=Policy.KEEP) == Policies()
