"""schemathesis makes requests from the OpenAPI document, right and wrong ones, and holds the answers against it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from edge.openapi import document
from tests.support import secrets
from tests.support.processes import ServerProcess

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
EXAMPLES = 10
"""An operation, beside those that cover each keyword of its schema."""
JOB = {"pages": [{"upload": "image/png"}], "chapter_id": "ch-1", "webhook_url": "http://127.0.0.1:8999/hook"}

WAITS = {str(seconds) for seconds in range(2, 26)}
"""Long polls that would be just that."""
schemathesis.serializer.alias(["image/avif", "image/bmp"], "application/octet-stream")
schema = schemathesis.openapi.from_dict(document("http://localhost"))
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@dataclass(frozen=True)
class Api:
    url: str
    jobs: tuple[str, ...]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An orchestrator with a job that waits for its page and one that has ended."""
    folder = tmp_path_factory.mktemp("fuzz")
    env = {**secrets.orchestrator_env(translator_url="http://127.0.0.1:9"), "SWEEP_S": "3600", "MAX_PAGES": "1000"}
    server = ServerProcess.python("local", "--data", str(folder), "--port", "0", env=env, log=folder / "log")
    headers = {"authorization": f"Bearer {secrets.API_KEY}"}
    try:
        with httpx.Client(base_url=server.url, headers=headers) as client:
            answers = [client.post("/jobs", json=JOB) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [202, 202], answers[0].text
            waits, ended = (answer.json()["id"] for answer in answers)
            client.post(f"/jobs/{ended}/cancel").raise_for_status()
        yield Api(server.url, (waits, ended))
    finally:
        server.stop()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_names(api: Api, case: schemathesis.Case[Any]) -> None:
    wrong = _wrong_parts(case)
    if "job_id" in case.path_parameters and not wrong:
        case.path_parameters["job_id"] = random.Random(repr(case.path_parameters)).choice(api.jobs)
    if str(case.query.get("wait")) in WAITS:
        case.query["wait"] = "1"
    response = case.call(base_url=api.url, headers={"Authorization": f"Bearer {secrets.API_KEY}"})
    # Unknown parameters of a query are ignored, and a header may hold any text: there is nothing to refuse.
    rejected = [negative_data_rejection] if wrong & {ParameterLocation.BODY, ParameterLocation.PATH} else []
    case.validate_response(response, checks=[*CHECKS, *rejected])


def _wrong_parts(case: schemathesis.Case[Any]) -> set[ParameterLocation]:
    """Which parts of the request break the document."""
    assert case.meta is not None
    return {part for part, info in case.meta.components.items() if info.mode is GenerationMode.NEGATIVE}
