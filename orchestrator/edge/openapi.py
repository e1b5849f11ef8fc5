"""``GET /openapi.json``: the routes as an OpenAPI 3.1 document. Tests hold it against the router and the answers."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from contract import PROTOCOL
from contract.problem import CONTENT_TYPE, ProblemCode
from edge.context import Context
from edge.http import Request, Response
from edge.openapi_schemas import SCHEMAS, ref
from edge.openapi_table import ARTIFACT_TYPES, BYTES, OPERATIONS, PAGE_TYPES, PARAMETERS, Operation

_JSON = "application/json"
_ANY_TIME = (ProblemCode.INTERNAL, ProblemCode.UNAVAILABLE)
_SCHEMES: dict[str, Any] = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "token": {"type": "apiKey", "in": "query", "name": "t", "description": "A capability token, as URLs hold it."},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks: webhook-id, webhook-timestamp and this one, over the body.",
    },
}
_MEANINGS = {200: "Done", 202: "Taken", 204: "Nothing to do", 206: "A part of it", 304: "Not changed"}


async def see(ctx: Context, request: Request) -> Response:  # noqa: ARG001 - a handler gets the request
    headers = {"cache-control": "public, max-age=300"}
    return Response.json(document(ctx.config.public_url), headers=headers)


def document(public_url: str) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in OPERATIONS:
        for method in operation.methods.split():
            paths[operation.path][method.lower()] = _operation(operation, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fukidashi",
            "version": str(PROTOCOL),
            "description": "A manga chapter in, the same chapter translated and typeset out.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "paths": dict(paths),
        "components": {"schemas": SCHEMAS, "securitySchemes": _SCHEMES},
    }


def _operation(operation: Operation, method: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"head_{operation.name}" if method == "HEAD" else operation.name,
        "summary": operation.summary,
        "security": [{scheme: []} for scheme in operation.auth.schemes],
        "responses": {**_answers(operation, method), **_problems(operation, method)},
    }
    names = (*operation.path_parameters, *operation.parameters)
    if names:
        described["parameters"] = [PARAMETERS[name] for name in names]
    if operation.body is not None:
        described["requestBody"] = {"required": operation.needs_body, "content": _content(operation.body, PAGE_TYPES)}
    return described


def _answers(operation: Operation, method: str) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, schema in operation.answers.items():
        answer: dict[str, Any] = {"description": _MEANINGS[status]}
        if operation.answer_headers:
            answer["headers"] = {name: {"schema": {"type": "string"}} for name in operation.answer_headers}
        if schema is not None and method != "HEAD":
            answer["content"] = _content(_summed(operation, schema), ARTIFACT_TYPES)
        answers[str(status)] = answer
    return answers


def _summed(operation: Operation, schema: str) -> str:
    """A view may come without its pages where ``fields`` asks for that."""
    return "JobSummary" if "fields" in operation.parameters and schema == "JobView" else schema


def _content(schema: str, types: tuple[str, ...]) -> dict[str, Any]:
    return {name: {} for name in types} if schema == BYTES else {_JSON: {"schema": ref(schema)}}


def _problems(operation: Operation, method: str) -> dict[str, Any]:
    by_status: dict[int, list[ProblemCode]] = defaultdict(list)
    for kind in dict.fromkeys((*operation.problems, *operation.auth.problems, *_ANY_TIME)):
        by_status[kind.status].append(kind)
    return {str(status): _problem(kinds, method) for status, kinds in sorted(by_status.items())}


def _problem(kinds: list[ProblemCode], method: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds)}
    if method != "HEAD":
        answer["content"] = {CONTENT_TYPE: {"schema": ref("Problem")}}
    return answer
