"""An orchestrator under test, as its clients, its translator and its consumer see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from contract.view import JobView
from tests.support import secrets
from tests.support.peers import Peer, ScriptedTranslator, orders

PAGE = b"\x89PNG\r\n\x1a\n a page, as far as the orchestrator is concerned"


@dataclass
class Orchestrator:
    """A running orchestrator, its translator (played by the test) and its consumer's endpoint."""

    name: str
    url: str
    translator: Peer
    consumer: Peer
    client: httpx.Client
    sweep: Callable[[], object]

    @property
    def presigned(self) -> bool:
        return self.name != "local"

    def call(self, method: str, path: str, *, key: str | None = secrets.API_KEY, **options: object) -> httpx.Response:
        headers = dict(options.pop("headers", {}) or {})  # type: ignore[call-overload]
        if key is not None:
            headers["authorization"] = f"Bearer {key}"
        url = path if path.startswith("http") else f"{self.url}{path}"
        return self.client.request(method, url, headers=headers, **options)  # type: ignore[arg-type]

    def create(self, *, pages: int = 1, **fields: object) -> JobView:
        body = {"pages": [{"upload": "image/png"}] * pages, "chapter_id": "chapter-1", **fields}
        response = self.call("POST", "/jobs", json=body)
        assert response.status_code == 202, response.text
        return JobView.parse(response.content)

    def upload(self, job: JobView) -> None:
        for upload in job.uploads:
            grant = upload.grant
            response = self.client.request(grant.method, grant.url, headers=grant.headers, content=PAGE)
            assert response.status_code == 200, response.text

    def started(self, *, pages: int = 1, **fields: object) -> JobView:
        job = self.create(pages=pages, **fields)
        self.upload(job)
        response = self.call("POST", f"/jobs/{job.id}/start")
        assert response.status_code == 202, response.text
        return JobView.parse(response.content)

    def taken(self, *, pages: int = 1, **fields: object) -> ScriptedTranslator:
        """A job that a translator has taken."""
        job = self.started(pages=pages, **fields)
        return ScriptedTranslator(orders(self.translator, job.id)[-1], self.client)

    def view(self, job_id: str) -> JobView:
        response = self.call("GET", f"/jobs/{job_id}")
        assert response.status_code == 200, response.text
        return JobView.parse(response.content)


def problem(response: httpx.Response) -> dict[str, object]:
    """The problem document of an error, checked for its shape."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    document = json.loads(response.content)
    assert {"type", "title", "status", "detail", "instance", "code", "retryable", "request_id"} <= document.keys()
    assert document["status"] == response.status_code
    assert "?" not in document["instance"]
    return dict(document)
