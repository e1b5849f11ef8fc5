"""A request of each route that is answered as it should be: what tests then change one thing about."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.claim import ClaimRequest
from contract.glossary import Term
from contract.signing import sign
from tests.edge.world import CALLBACK, CONSUMER, KEYS, MEMORY, Answer, Attempt, World

JSON = {"content-type": "application/json"}
TERMS = {"terms": [{"term": "光", "translations": {"en": {"text": "Hikaru", "status": "proposed"}}}]}
TERM_ID = Term("光").id
JOB = {"pages": [{"upload": "image/png"}], "chapter_id": "ch-1"}


@dataclass(frozen=True)
class Ask:
    """A request that is answered, until a test changes one thing about it."""

    method: str
    url: str
    status: int
    key: str | None = KEYS["owner-a"]
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, world: World) -> Answer:
        return world.call(self.method, self.url, body=self.body, key=self.key, headers=self.headers)


@dataclass
class Scene:
    """One owner's jobs in every state that a route may want."""

    world: World

    def ended(self, **asked: Any) -> Attempt:
        attempt = self.world.attempt(pages=2, **asked)
        attempt.deliver(1)
        attempt.fail(2)
        attempt.finish()
        return attempt

    def uploaded(self) -> str:
        job = self.world.create(pages=1)
        self.world.upload(job)
        return job.id

    def signed(self, body: bytes) -> dict[str, str]:
        now = int(self.world.platform.now())
        return {**sign(body, CALLBACK, message_id=self.world.fresh_id(), timestamp=now), **JSON}


def see(scene: Scene) -> Ask:
    return Ask("GET", f"/jobs/{scene.uploaded()}", 200)


def post(path: str, make: Callable[[Scene], str], status: int = 202) -> Callable[[Scene], Ask]:
    return lambda scene: Ask("POST", path.replace(":id", make(scene)), status)


def redeliver(scene: Scene) -> Ask:
    job_id = scene.ended(webhook_url=CONSUMER).job_id
    return Ask("POST", f"/jobs/{job_id}/webhooks/evt_{job_id.removeprefix('job_')}/redeliver", 202)


def upload(scene: Scene) -> Ask:
    grant = scene.world.create(pages=1).uploads[0].grant
    return Ask("PUT", grant.url, 200, key=None, body=b"a page", headers=grant.headers)


def artifact(method: str, folder: str = "pages") -> Callable[[Scene], Ask]:
    plates = {"options": {"clean_plates": True}}
    return lambda scene: Ask(method, f"/artifacts/{scene.ended(**plates).job_id}/{folder}/0001.webp", 200)


def grant_of(method: str, name: str) -> Callable[[Scene], Ask]:
    def make(scene: Scene) -> Ask:
        for whose in (put_memory, put_glossary):
            assert whose(scene).send(scene.world).status == 200
        order = scene.world.attempt(pages=1, series_id="s-1").order
        grants = {"input": order.pages[0].input, "memory": order.memory, "glossary": order.glossary}
        grant = grants[name]
        assert grant is not None
        return Ask(method, grant.url, 200, key=None, headers=grant.headers)

    return make


def decided(method: str) -> Callable[[Scene], Ask]:
    """A second attempt may read what models answered the first."""

    def make(scene: Scene) -> Ask:
        first = scene.world.attempt(pages=1)
        grant = first.order.pages[0].decisions
        assert grant is not None
        assert scene.world.use(grant, b'{"schema": 1}').status == 200
        first.heartbeat()
        scene.world.sweep(scene.world.config.lease_s + 1)
        second = scene.world.orders[-1].pages[0].decided
        assert second is not None
        return Ask(method, second.url, 200, key=None, headers=second.headers)

    return make


def put_memory(scene: Scene) -> Ask:
    return Ask("PUT", "/series/s-1/memory", 200, body=json.dumps(MEMORY).encode(), headers=JSON)


def put_glossary(scene: Scene) -> Ask:
    return Ask("PUT", "/series/s-1/glossary", 200, body=json.dumps({"schema": 1, **TERMS}).encode(), headers=JSON)


def get_glossary(scene: Scene) -> Ask:
    put_glossary(scene).send(scene.world)
    return Ask("GET", "/series/s-1/glossary", 200)


def term(method: str, verb: str = "", status: int = 200) -> Callable[[Scene], Ask]:
    def make(scene: Scene) -> Ask:
        put_glossary(scene).send(scene.world)
        return Ask(method, f"/series/s-1/glossary/terms/{TERM_ID}{verb}", status)

    return make


def get_memory(scene: Scene) -> Ask:
    put_memory(scene).send(scene.world)
    return Ask("GET", "/series/s-1/memory", 200)


def callback(scene: Scene) -> Ask:
    body = scene.world.attempt(pages=1).report().to_bytes()
    return Ask("POST", "/callbacks/container", 200, key=None, body=body, headers=scene.signed(body))


def claim(scene: Scene) -> Ask:
    body = ClaimRequest("worker-1").to_bytes()
    return Ask("POST", "/work/claim", 204, key=None, body=body, headers=scene.signed(body))


ROUTES: dict[str, Callable[[Scene], Ask]] = {
    "POST /jobs": lambda scene: Ask("POST", "/jobs", 202, body=json.dumps(JOB).encode(), headers=JSON),
    "GET /jobs": lambda scene: Ask("GET", "/jobs", 200),
    "GET /jobs/{job_id:id}": see,
    "POST /jobs/{job_id:id}/start": post("/jobs/:id/start", Scene.uploaded),
    "POST /jobs/{job_id:id}/cancel": post("/jobs/:id/cancel", Scene.uploaded),
    "POST /jobs/{job_id:id}/retry": post("/jobs/:id/retry", lambda scene: scene.ended().job_id),
    "POST /jobs/{job_id:id}/pages/{page:page}/retry": post(
        "/jobs/:id/pages/2/retry", lambda scene: scene.ended().job_id
    ),
    "POST /jobs/{job_id:id}/webhooks/{event_id:id}/redeliver": redeliver,
    "PUT /upload/{job_id:id}/{page:page}": upload,
    "GET /artifacts/{job_id:id}/pages/{page:name}.{extension:extension}": artifact("GET"),
    "HEAD /artifacts/{job_id:id}/pages/{page:name}.{extension:extension}": artifact("HEAD"),
    "GET /artifacts/{job_id:id}/plates/{page:name}.{extension:extension}": artifact("GET", "plates"),
    "HEAD /artifacts/{job_id:id}/plates/{page:name}.{extension:extension}": artifact("HEAD", "plates"),
    "GET /artifacts/{job_id:id}/inputs/{page:page}": grant_of("GET", "input"),
    "HEAD /artifacts/{job_id:id}/inputs/{page:page}": grant_of("HEAD", "input"),
    "GET /artifacts/{job_id:id}/memory": grant_of("GET", "memory"),
    "HEAD /artifacts/{job_id:id}/memory": grant_of("HEAD", "memory"),
    "GET /artifacts/{job_id:id}/glossary": grant_of("GET", "glossary"),
    "HEAD /artifacts/{job_id:id}/glossary": grant_of("HEAD", "glossary"),
    "GET /artifacts/{job_id:id}/decisions/{page:page}": decided("GET"),
    "HEAD /artifacts/{job_id:id}/decisions/{page:page}": decided("HEAD"),
    "PUT /series/{series_id:id}/memory": put_memory,
    "GET /series/{series_id:id}/memory": get_memory,
    "POST /series/{series_id:id}/memory/entries": lambda scene: Ask(
        "POST", "/series/s-1/memory/entries", 200, body=json.dumps(MEMORY).encode(), headers=JSON
    ),
    "PUT /series/{series_id:id}/glossary": put_glossary,
    "GET /series/{series_id:id}/glossary": get_glossary,
    "POST /series/{series_id:id}/glossary/terms": lambda scene: Ask(
        "POST", "/series/s-1/glossary/terms", 200, body=json.dumps(TERMS).encode(), headers=JSON
    ),
    "DELETE /series/{series_id:id}/glossary/terms/{term_id:id}": term("DELETE", status=204),
    "POST /series/{series_id:id}/glossary/terms/{term_id:id}/accept": term("POST", "/accept"),
    "POST /series/{series_id:id}/glossary/terms/{term_id:id}/reject": term("POST", "/reject"),
    "POST /callbacks/container": callback,
    "POST /work/claim": claim,
    "GET /healthz": lambda scene: Ask("GET", "/healthz", 200, key=None),
    "HEAD /healthz": lambda scene: Ask("HEAD", "/healthz", 200, key=None),
    "GET /openapi.json": lambda scene: Ask("GET", "/openapi.json", 200, key=None),
}
