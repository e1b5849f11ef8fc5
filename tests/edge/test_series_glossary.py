"""A series' glossary over HTTP: whole and term by term, and two writers lose nothing."""

from __future__ import annotations

from typing import Any

import pytest

from contract.glossary import Term
from tests.edge.world import KEYS, World

GLOSSARY, TERMS = "/series/s-1/glossary", "/series/s-1/glossary/terms"
HIKARU = {"term": "光", "kind": "character", "translations": {"en": "Hikaru"}}
ID = Term("光").id


def proposal(target: str = "en", text: str = "Light") -> dict[str, Any]:
    rendering = {"text": text, "status": "proposed", "origin": "model"}
    return {"terms": [{"term": "光", "translations": {target: rendering}}]}


def terms(world: World) -> dict[str, Any]:
    return {term["term"]: term for term in world.call("GET", GLOSSARY).json["terms"]}


def status(world: World, target: str = "en") -> str:
    found: str = terms(world)["光"]["translations"][target]["status"]
    return found


def test_it_is_stored_whole_and_read_by_its_owner_alone(world: World) -> None:
    stored = world.call("PUT", GLOSSARY, data={"schema": 1, "terms": [HIKARU]})
    read = world.call("GET", GLOSSARY)
    assert (stored.status, read.headers["etag"]) == (200, stored.headers["etag"])
    assert read.json["terms"][0]["translations"]["en"] == {"text": "Hikaru", "status": "accepted", "origin": "user"}
    assert world.call("GET", GLOSSARY, headers={"if-none-match": read.headers["etag"]}).status == 304
    assert world.call("GET", GLOSSARY, key=KEYS["owner-b"]).status == 404
    stale = {"if-match": '"another"'}
    assert world.call("PUT", GLOSSARY, data={"schema": 1, "terms": []}, headers=stale).status == 412
    assert world.call("PUT", GLOSSARY, data={"schema": 1, "terms": []}, headers={"if-none-match": "*"}).status == 412


def test_of_many_writers_at_once_none_loses_a_term(world: World) -> None:
    asked = [world.request("POST", TERMS, data={"terms": [{"term": f"語{n}"}]}) for n in range(6)]
    assert [answer.status for answer in world.together(*asked)] == [200] * 6
    assert set(terms(world)) == {f"語{n}" for n in range(6)}


def test_a_merge_answers_the_terms_as_they_are_now(world: World) -> None:
    world.call("POST", TERMS, data={"terms": [HIKARU]})
    answer = world.call("POST", TERMS, data=proposal("fr", "Lumière"))
    (term,) = answer.json["terms"]
    assert {tag: one["status"] for tag, one in term["translations"].items()} == {"en": "accepted", "fr": "proposed"}
    assert answer.headers["etag"] == world.call("GET", GLOSSARY).headers["etag"]


def test_a_proposal_is_accepted_rejected_and_removed(world: World) -> None:
    world.call("POST", TERMS, data=proposal())
    assert status(world) == "proposed"
    assert world.call("POST", f"{TERMS}/{ID}/accept?target=fr").status == 200
    assert status(world) == "proposed", "another language was meant"
    assert world.call("POST", f"{TERMS}/{ID}/accept").json["translations"]["en"]["status"] == "accepted"
    assert world.call("POST", f"{TERMS}/{ID}/accept").status == 200, "again"
    world.call("POST", TERMS, data=proposal("fr", "Lumière"))
    assert world.call("POST", f"{TERMS}/{ID}/reject").status == 200
    assert (status(world), status(world, "fr")) == ("accepted", "rejected")
    assert world.call("DELETE", f"{TERMS}/{ID}").status == 204
    assert terms(world) == {}
    assert world.call("DELETE", f"{TERMS}/{ID}").status == 404


@pytest.mark.parametrize("verb", ["accept", "reject"])
def test_what_is_not_there_cannot_be_decided(world: World, verb: str) -> None:
    assert world.call("POST", f"{TERMS}/{ID}/{verb}").status == 404
    world.call("POST", TERMS, data=proposal())
    answer = world.call("POST", f"{TERMS}/{ID}/{verb}?target=no%20tag")
    assert (answer.status, answer.json["field"]) == (422, "target")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"terms": [{"term": ""}]}, "terms[0].term"),
        ({"terms": [{"term": "光", "colour": "red"}]}, "terms[0].colour"),
        ({"terms": {}}, "terms"),
        ({"terms": [], "more": 1}, "more"),
    ],
)
def test_terms_that_are_none_are_refused_by_the_field(world: World, body: dict[str, Any], field: str) -> None:
    answer = world.call("POST", TERMS, data=body)
    assert (answer.status, answer.json["field"]) == (422, field)


def test_a_glossary_that_is_none_is_a_conflict_for_those_who_would_change_it(world: World) -> None:
    async def spoil() -> None:
        await world.platform.bucket.put("series/owner-a/s-1/glossary.json", b"[]", content_type="application/json")

    world.runner.run(spoil())
    assert world.call("POST", TERMS, data={"terms": [HIKARU]}).status == 409
    assert world.call("PUT", GLOSSARY, data={"schema": 1, "terms": [HIKARU]}).status == 200
