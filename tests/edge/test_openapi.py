"""The OpenAPI document says what the routes do, no more and no less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.job import JobRequest
from contract.problem import ProblemCode
from edge import app
from edge.openapi import document
from edge.openapi_table import OPERATIONS, PARAMETERS
from tests.edge.world import PUBLIC, World

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = document(PUBLIC)
METHODS = {"get", "head", "put", "post", "delete", "options", "patch", "trace"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield method.upper(), path, operation


def test_every_route_is_documented_and_every_documented_one_exists() -> None:
    routed = {(method, _path(route.path)) for route in app.routes() for method in route.methods}
    assert {(method, path) for method, path, _ in operations()} == routed


def _path(path: str) -> str:
    """A route's path as OpenAPI has it; a page's name in a URL is a parameter of its own there."""
    return re.sub(r":\w+}", "}", path.replace("{page:name}", "{name}"))


def test_it_is_served_to_anyone(world: World) -> None:
    answer = world.call("GET", "/openapi.json", key=None)
    assert (answer.status, answer.json) == (200, DOCUMENT)
    assert answer.json["openapi"] == "3.1.0"


def test_operations_have_different_names() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)


def test_every_path_parameter_is_declared_and_every_parameter_is_used() -> None:
    for _, path, operation in operations():
        declared = {given["name"] for given in operation.get("parameters", []) if given["in"] == "path"}
        assert declared == set(re.findall(r"\{(\w+)\}", path))
    used = {name for operation in OPERATIONS for name in (*operation.path_parameters, *operation.parameters)}
    assert used == set(PARAMETERS)


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    def refs(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"].removeprefix("#/components/schemas/")
            for item in value.values():
                yield from refs(item)
        elif isinstance(value, list):
            for item in value:
                yield from refs(item)

    assert set(refs(DOCUMENT)) == set(DOCUMENT["components"]["schemas"])


def test_every_problem_code_that_a_route_may_raise_is_documented() -> None:
    raised = set()
    for source in (ROOT / "orchestrator" / "edge").glob("*.py"):
        if not source.name.startswith("openapi"):
            raised |= set(re.findall(r"ProblemCode\.([A-Z_]+)\b", source.read_text()))
    of_the_boundary = {"METHOD_NOT_ALLOWED"}
    described = {code for _, _, operation in operations() for code in _codes(operation)}
    assert {ProblemCode[name].code for name in raised - of_the_boundary} == described


def _codes(operation: dict[str, Any]) -> set[str]:
    described = " ".join(answer["description"] for answer in operation["responses"].values())
    return set(re.findall(r"`(\w+)`", described))


def test_every_problem_code_stands_in_the_documentation_of_the_routes() -> None:
    text = (ROOT / "docs" / "http.md").read_text()
    for kind in ProblemCode:
        assert f"`{kind.code}`" in text, kind.code


def test_every_route_stands_in_the_documentation_of_the_routes() -> None:
    text = (ROOT / "docs" / "http.md").read_text()
    for route in app.routes():
        path = re.sub(r"\{page:name\}\.\{extension:extension\}", ":name", route.path)
        path = re.sub(r"\{job_id:id\}", ":jobId" if path.startswith(("/upload", "/artifacts")) else ":id", path)
        path = (
            path.replace("{series_id:id}", ":seriesId")
            .replace("{event_id:id}", ":event")
            .replace("{term_id:id}", ":term")
        )
        path = path.replace("{page:page}", ":n" if path.startswith("/jobs") else ":page")
        assert re.search(rf"`{route.methods[0]}`?[^|\n]*{re.escape(path)}`", text), (route.methods, path)


@pytest.mark.parametrize("schema", ["JobRequest"])
def test_a_request_schema_names_the_fields_that_are_read(schema: str) -> None:
    request = JobRequest.parse(b'{"pages": [{"upload": "image/png"}], "chapter_id": "c", "series_id": "s"}')
    written = {**request.to_json(), "webhook_url": ""}
    assert set(DOCUMENT["components"]["schemas"][schema]["properties"]) == set(written)


def test_a_view_schema_names_the_fields_that_are_written(world: World) -> None:
    answer = world.call("POST", "/jobs", data={"pages": [{"upload": "image/png"}], "chapter_id": "c"})
    schemas = DOCUMENT["components"]["schemas"]
    assert set(answer.json) == set(schemas["JobView"]["properties"])
    assert set(answer.json["pages"][0]) == set(schemas["PageView"]["properties"])
    assert set(answer.json["webhook"]) == set(schemas["WebhookView"]["properties"])
    assert set(answer.json) - set(schemas["JobView"]["required"]) == {"uploads", "poll_url", "poll_token"}
