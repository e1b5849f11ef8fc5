"""Every route against every way in that is none: no key, another's, a forged token, a replay, too much, too clever."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from contract.claim import ClaimRequest
from contract.glossary import Term
from contract.signing import Secret, sign
from edge import app
from edge.config import Dispatch
from edge.tokens import LEEWAY_S, Claims, Role, Tokens
from tests.edge.world import CALLBACK, CONSUMER, KEYS, MEMORY, Answer, Attempt, World, config

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
OPEN = {"GET /healthz", "HEAD /healthz", "GET /openapi.json"}
SIGNED = {"POST /callbacks/container", "POST /work/claim"}
BY_TOKEN = {name for name in ROUTES if name.split()[1].startswith(("/upload", "/artifacts"))} - {
    f"{method} /artifacts/{{job_id:id}}/{folder}/{{page:name}}.{{extension:extension}}"
    for method in ("GET", "HEAD")
    for folder in ("pages", "plates")
}
BY_KEY = set(ROUTES) - OPEN - SIGNED - BY_TOKEN
OF_A_JOB = {name for name in BY_KEY if "{job_id" in name}
WITH_JSON = {
    "POST /jobs",
    "PUT /series/{series_id:id}/memory",
    "POST /series/{series_id:id}/memory/entries",
    "PUT /series/{series_id:id}/glossary",
    "POST /series/{series_id:id}/glossary/terms",
    *SIGNED,
}

each = pytest.mark.parametrize("name", sorted(ROUTES))
by_key = pytest.mark.parametrize("name", sorted(BY_KEY))
by_token = pytest.mark.parametrize("name", sorted(BY_TOKEN))
signed = pytest.mark.parametrize("name", sorted(SIGNED))


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    pulls = "POST /work/claim" in request.node.name
    world = World(dispatch=Dispatch.PULL if pulls else Dispatch.PUSH)
    yield Scene(world)
    world.close()


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


def with_token(url: str, token: str) -> str:
    return f"{url.partition('?')[0]}?t={token}"


def test_the_table_has_every_route() -> None:
    assert set(ROUTES) == {f"{method} {route.path}" for route in app.routes() for method in route.methods}


@each
def test_the_request_as_it_should_be_is_answered(scene: Scene, name: str) -> None:
    ask = ROUTES[name](scene)
    assert ask.send(scene.world).status == ask.status


@by_key
@pytest.mark.parametrize("key", [None, "", "wrong", "key-of", "key-of-a2", "KEY-OF-A"])
def test_without_the_key_it_is_refused(scene: Scene, name: str, key: str | None) -> None:
    ask = ROUTES[name](scene)
    answer = replace(ask, key=key).send(scene.world)
    assert answer.status == 401
    assert ask.method == "HEAD" or code(answer) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", sorted(OF_A_JOB))
def test_another_owners_job_does_not_exist(scene: Scene, name: str) -> None:
    ask = ROUTES[name](scene)
    assert replace(ask, key=KEYS["owner-b"]).send(scene.world).status == 404
    assert ask.send(scene.world).status == ask.status, "and nothing has happened to it"


OF_A_SERIES = {name for name in BY_KEY if "{series_id" in name}
READS_A_SERIES = OF_A_SERIES - WITH_JSON


@pytest.mark.parametrize("name", sorted(READS_A_SERIES))
def test_another_owners_series_does_not_exist(scene: Scene, name: str) -> None:
    ask = ROUTES[name](scene)
    assert replace(ask, key=KEYS["owner-b"]).send(scene.world).status == 404
    assert ask.send(scene.world).status == ask.status, "and nothing has happened to it"


@pytest.mark.parametrize("name", sorted(OF_A_SERIES - READS_A_SERIES))
def test_what_another_owner_writes_goes_to_a_series_of_theirs(scene: Scene, name: str) -> None:
    assert ROUTES[name](scene).send(scene.world).status == 200
    before = dict(scene.world.platform.bucket.objects)
    assert replace(ROUTES[name](scene), key=KEYS["owner-b"]).send(scene.world).status == 200
    written = {key for key, held in scene.world.platform.bucket.objects.items() if before.get(key) != held}
    assert written
    assert all(key.startswith("series/owner-b/") for key in written)


@by_token
def test_without_its_token_it_is_refused(scene: Scene, name: str) -> None:
    ask = ROUTES[name](scene)
    for key in (None, KEYS["owner-a"]):
        answer = replace(ask, url=ask.url.partition("?")[0], key=key).send(scene.world)
        assert answer.status == 401


@pytest.mark.parametrize("name", sorted(BY_TOKEN | {name for name in OF_A_JOB if name.startswith(("GET", "HEAD"))}))
@pytest.mark.parametrize("kind", ["forged", "changed", "over", "of another job", "of another role", "empty", "long"])
def test_a_token_that_is_not_the_one_is_refused(scene: Scene, name: str, kind: str) -> None:
    ask = ROUTES[name](scene)
    now = scene.world.platform.now()
    job_id = re.findall(r"job_[a-z2-7]{26}", ask.url)[0]
    honest = Tokens(scene.world.config)
    claims = Claims(job=job_id, role=Role.READ, exp=int(now) + 600)
    if "t=" in ask.url:
        claims = honest.check(ask.url.partition("?t=")[2], now=now)
    token = {
        "forged": Tokens(config(token_secrets=("f" * 32,))).issue(claims),
        "changed": honest.issue(claims)[:-2] + "AA",
        "over": honest.issue(replace(claims, exp=int(now) - LEEWAY_S - 1)),
        "of another job": honest.issue(replace(claims, job="job_another")),
        "of another role": honest.issue(replace(claims, role=Role.LIST)),
        "empty": "",
        "long": "A" * 5000,
    }[kind]
    answer = replace(ask, url=with_token(ask.url, token), key=None).send(scene.world)
    assert answer.status == (403 if kind.startswith("of another") else 401)
    assert replace(ask, url=with_token(ask.url, honest.issue(claims)), key=None).send(scene.world).status == ask.status


@pytest.mark.parametrize("name", sorted(name for name in BY_TOKEN if "{page" in name))
def test_a_token_is_good_for_its_own_page_alone(scene: Scene, name: str) -> None:
    ask = ROUTES[name](scene)
    elsewhere = re.sub(r"/1\?", "/2?", ask.url)
    assert elsewhere != ask.url
    assert replace(ask, url=elsewhere).send(scene.world).status == 403


@signed
@pytest.mark.parametrize("kind", ["none", "another secret", "another body", "too old", "too new", "an API key"])
def test_a_message_that_is_not_signed_by_a_translator_is_refused(scene: Scene, name: str, kind: str) -> None:
    ask = ROUTES[name](scene)
    now = int(scene.world.platform.now())
    secrets, age, body = {
        "another secret": ((Secret(b"x" * 32),), 0, ask.body),
        "another body": (CALLBACK, 0, ask.body + b" "),
        "too old": (CALLBACK, 301, ask.body),
        "too new": (CALLBACK, -301, ask.body),
    }.get(kind, (CALLBACK, 0, ask.body))
    headers = {**sign(body, secrets, message_id="m-1", timestamp=now - age), **JSON}
    if kind in ("none", "an API key"):
        headers = JSON
    key = KEYS["owner-a"] if kind == "an API key" else None
    answer = replace(ask, headers=headers, key=key).send(scene.world)
    assert code(answer) == (401, "bad_signature")
    assert answer.json["server_time"] == now


@signed
def test_a_replayed_message_is_refused(scene: Scene, name: str) -> None:
    ask = ROUTES[name](scene)
    assert ask.send(scene.world).status == ask.status
    assert code(ask.send(scene.world)) == (409, "replayed")


def test_a_replayed_upload_changes_nothing(scene: Scene) -> None:
    ask = upload(scene)
    assert ask.send(scene.world).status == 200
    assert code(replace(ask, body=b"anothr").send(scene.world)) == (412, "already_exists")


@pytest.mark.parametrize("name", sorted(WITH_JSON))
def test_a_body_that_is_too_large_is_refused(scene: Scene, name: str) -> None:
    body = b" " * 9_000_000
    assert code(replace(ROUTES[name](scene), body=body).send(scene.world)) == (413, "too_large")


@pytest.mark.parametrize("name", sorted(WITH_JSON))
def test_a_declared_size_that_is_too_large_is_refused_without_reading(scene: Scene, name: str) -> None:
    ask = ROUTES[name](scene)
    body = Unread(size=9_000_000)
    answer = scene.world.call(ask.method, ask.url, body=body, key=ask.key, headers=ask.headers)
    assert code(answer) == (413, "too_large")


@dataclass
class Unread:
    size: int | None

    async def read(self, limit: int) -> bytes:
        raise AssertionError("nobody may read this")


@pytest.mark.parametrize("name", sorted(set(ROUTES) - WITH_JSON - {"PUT /upload/{job_id:id}/{page:page}"}))
def test_a_body_where_none_belongs_is_not_read(scene: Scene, name: str) -> None:
    ask = ROUTES[name](scene)
    answer = scene.world.call(ask.method, ask.url, body=Unread(size=10**12), key=ask.key, headers=ask.headers)
    assert answer.status == ask.status


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data", "application/json2", "image/svg+xml"]
)
@pytest.mark.parametrize("name", sorted(WITH_JSON | {"PUT /upload/{job_id:id}/{page:page}"}))
def test_a_wrong_content_type_is_refused(scene: Scene, name: str, content_type: str) -> None:
    ask = ROUTES[name](scene)
    headers = {**ask.headers, "content-type": content_type}
    assert code(replace(ask, headers=headers).send(scene.world)) == (415, "unsupported_type")


WAYS_OUT = (
    "..",
    "../..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e",
    "..%2f",
    "a%2fb",
    "a%00b",
    "a\\..\\b",
    "a..b",
    ".",
    "-a",
    "a:b",
    "",
)


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("name", sorted(name for name in ROUTES if "{" in name))
def test_no_name_in_a_path_leads_out_of_its_folder(scene: Scene, name: str, way: str) -> None:
    ask = ROUTES[name](scene)
    parts = urlsplit(ask.url).path.split("/")
    query = urlsplit(ask.url).query
    for index in range(2, len(parts)):
        changed = "/".join([*parts[:index], way, *parts[index + 1 :]])
        scene.world.platform.bucket.operations.clear()
        answer = replace(ask, url=f"{changed}?{query}").send(scene.world)
        assert answer.status in (401, 403, 404, 405), (changed, answer.status)
        assert not [key for _, key in scene.world.platform.bucket.operations if ".." in key or "\\" in key]


@pytest.mark.parametrize("name", ["chapter_id", "series_id"])
@pytest.mark.parametrize("way", [way for way in WAYS_OUT if "%" not in way] + ["a/b", "a\r\nb", "a\0b", "x" * 129, "ä"])
def test_no_name_in_a_body_leads_out_of_its_folder(scene: Scene, name: str, way: str) -> None:
    answer = scene.world.call("POST", "/jobs", data={**JOB, name: way})
    assert (*code(answer), answer.json["field"]) == (422, "invalid", name)


INJECTED = "x\r\nset-cookie: a=b\r\n\r\n<script>"
HEADERS = (
    "idempotency-key",
    "if-none-match",
    "if-match",
    "range",
    "if-range",
    "origin",
    "content-type",
    "authorization",
    "accept",
    "x-request-id",
    "access-control-request-method",
)


@each
def test_no_answer_carries_a_header_that_a_request_injected(name: str) -> None:
    world = World(cors_origins=("https://reader.test",), dispatch=Dispatch.PULL if "claim" in name else Dispatch.PUSH)
    scene = Scene(world)
    for header in HEADERS:
        ask = ROUTES[name](scene)
        answer = replace(ask, headers={**ask.headers, header: INJECTED}).send(world)
        assert answer.status < 500, (header, answer.status)
        for given, value in answer.headers.items():
            assert "\r" not in given + value, (header, given)
            assert "\n" not in given + value, (header, given)
            assert "script" not in value.lower()
    world.close()


@each
def test_what_a_client_injected_into_a_path_is_not_in_any_header(scene: Scene, name: str) -> None:
    ask = ROUTES[name](scene)
    answer = replace(ask, url=f"{ask.url.partition('?')[0]}%0d%0aset-cookie:a=b").send(scene.world)
    assert answer.status in (401, 404)
    assert not [value for value in answer.headers.values() if "cookie" in value or "%0d" in value]
