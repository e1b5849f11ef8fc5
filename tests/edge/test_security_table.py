"""Every route against every way in that is none: no key, another's, a forged token, a replay, too much, too clever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest

from contract.signing import Secret, sign
from edge import app
from edge.config import Dispatch
from edge.tokens import LEEWAY_S, Claims, Role, Tokens
from tests.edge.route_asks import JOB, JSON, ROUTES, Scene, upload
from tests.edge.world import CALLBACK, KEYS, Answer, World, config

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

MAY_HAVE_JSON = {"POST /jobs/{job_id:id}/retry", "POST /jobs/{job_id:id}/pages/{page:page}/retry"}

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


@pytest.mark.parametrize("name", sorted(WITH_JSON | MAY_HAVE_JSON))
def test_a_body_that_is_too_large_is_refused(scene: Scene, name: str) -> None:
    body = b" " * 9_000_000
    assert code(replace(ROUTES[name](scene), body=body).send(scene.world)) == (413, "too_large")


@pytest.mark.parametrize("name", sorted(WITH_JSON | MAY_HAVE_JSON))
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


@pytest.mark.parametrize(
    "name", sorted(set(ROUTES) - WITH_JSON - MAY_HAVE_JSON - {"PUT /upload/{job_id:id}/{page:page}"})
)
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
