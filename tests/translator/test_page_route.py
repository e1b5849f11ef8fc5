"""One page for whoever holds the internal token: image in, image out."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from PIL import Image

from contract.problem import CONTENT_TYPE
from tests.support.secrets import INTERNAL_TOKEN
from tests.translator.containers import Running, running, until
from tests.translator.tiny_stages import Script, bomb, image
from translator.pipeline.protocols import StageError
from translator.pipeline.types import Origin, Translation

HEADERS = {"x-internal-token": INTERNAL_TOKEN, "content-type": "image/png"}
PATH = "/internal/translate/page"


async def post(it: Running, data: bytes = b"", *, query: str = "", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await it.http.post(PATH + query, content=data or image(), headers={**HEADERS, **named})


def detail(response: httpx.Response, name: str) -> Any:
    return json.loads(unquote(response.headers[f"x-fukidashi-{name}"]))


async def test_a_page_comes_back_translated_with_its_details() -> None:
    async with running() as it:
        answer = await post(it)
        assert it.orchestrator.requests == []
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).size == (60, 80)
    page = detail(answer, "page")
    assert (page["width"], page["height"], page["regions"]) == (60, 80, 3)
    assert page["origins"] == {"model": 2, "kept_source": 1}
    assert [region["translation"] for region in detail(answer, "regions")] == ["page 1 r0", "page 1 r1", ""]
    assert {"decode", "detect", "encode"} <= set(detail(answer, "timings"))
    assert detail(answer, "warnings") == []


@pytest.mark.parametrize(("name", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
async def test_the_image_format_can_be_chosen(name: str, kind: str) -> None:
    async with running() as it:
        answer = await post(it, query=f"?image_format={name}&source=ja&target=en&reading_direction=rtl")
    assert Image.open(io.BytesIO(answer.content)).format == kind


async def test_headers_stay_ascii_and_short_whatever_the_page_says() -> None:
    long = [Translation(f"r{index}", "吹き出し\r\nX-Evil: 1 %" * 400, Origin.MODEL) for index in range(2)]
    async with running(script=Script(answers=long)) as it:
        answer = await post(it)
    assert answer.status_code == 200
    assert "x-evil" not in answer.headers
    sizes = [len(value) for name, value in answer.headers.raw if name.startswith(b"x-fukidashi")]
    assert sum(sizes) < 8000
    assert all(value.isascii() for value in answer.headers.values())
    assert detail(answer, "regions")[0]["translation"].startswith("吹き出し")


async def test_policies_can_be_given() -> None:
    async with running() as it:
        answer = await post(it, query="?policies=sfx=annotate,narration=erase")
    handled = {region["id"]: region["handling"] for region in detail(answer, "regions")}
    assert handled == {"r0": "translated", "r1": "erased", "r2": "annotated"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("policies=sfx=loud", "policies.sfx"),
        ("policies=noise=keep", "policies.noise"),
        ("policies=sfx", "policies"),
        ("reader=manga-eyes", "reader"),
        ("cleaner=broom", "cleaner"),
        ("detector=manga-eyes", "detector"),
        ("translator=oracle", "translator"),
        ("polices=sfx=keep", "polices"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_its_parameter(query: str, field: str) -> None:
    async with running() as it:
        answer = await post(it, query=f"?{query}")
        assert it.script.calls == []
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid", field)


@pytest.mark.parametrize("token", ["", "wrong", INTERNAL_TOKEN + "x", INTERNAL_TOKEN[:-1], "ÿ"])
async def test_without_the_token_nothing_happens(token: str) -> None:
    async with running() as it:
        headers = {
            name.encode(): value.encode("latin-1") for name, value in {**HEADERS, "x-internal-token": token}.items()
        }
        answer = await it.http.post(PATH, content=image(), headers=headers)
        assert it.script.calls == []
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


async def test_where_no_token_is_configured_nobody_comes_in() -> None:
    async with running(internal_token="") as it:
        for token in ("", "x"):
            answer = await it.http.post(PATH, content=image(), headers={**HEADERS, "x-internal-token": token})
            assert answer.status_code == 401


async def test_the_token_is_asked_for_before_anything_else_is_said() -> None:
    gate = threading.Event()

    def load() -> Any:
        gate.wait(10)

    async with running(load=load, wait=False) as it:
        stranger = await it.http.post(f"{PATH}?bad=1", content=b"x", headers={"content-type": "text/plain"})
        known = await post(it, b"x", query="?bad=1", content_type="text/plain")
        gate.set()
    assert stranger.status_code == 401
    assert (known.status_code, known.json()["code"]) == (503, "unavailable")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?source=japanese!", "source"),
        ("?target=", "target"),
        ("?reading_direction=up", "reading_direction"),
        ("?image_format=gif", "image_format"),
        ("?imageformat=png", "imageformat"),
        ("?source=tlh", "source"),
    ],
)
async def test_a_wrong_parameter_is_named(query: str, field: str) -> None:
    async with running() as it:
        answer = await post(it, query=query)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid", field)


@pytest.mark.parametrize("content_type", ["text/html", "", "image/tiff", "multipart/form-data; boundary=x"])
async def test_other_types_are_refused(content_type: str) -> None:
    async with running() as it:
        answer = await post(it, content_type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_type")


async def test_a_body_that_is_too_large_is_refused_declared_or_not() -> None:
    async def stream() -> Any:
        for _ in range(30):
            yield b"x" * 100

    async with running(max_page_bytes=1000) as it:
        declared = await post(it, b"x" * 1001)
        undeclared = await it.http.post(PATH, content=stream(), headers=HEADERS)
    assert {declared.status_code, undeclared.status_code} == {413}


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"garbage", "not_an_image"), (image()[:60], "truncated_image"), (bomb(), "image_too_large")],
)
async def test_a_page_that_cannot_be_read_says_why(data: bytes, code: str) -> None:
    async with running() as it:
        answer = await post(it, data)
        metrics = (await it.http.get("/metrics")).text
    assert answer.headers["content-type"] == CONTENT_TYPE
    assert (answer.status_code, answer.json()["code"], answer.json()["page_error"]) == (422, "page_failed", code)
    assert f'fukidashi_pages_total{{outcome="{code}"}} 1.0' in metrics


async def test_an_empty_body_is_an_empty_page() -> None:
    async with running() as it:
        answer = await it.http.post(PATH, content=b"", headers=HEADERS)
    assert (answer.status_code, answer.json()["page_error"]) == (422, "empty_page")


async def test_a_defect_is_a_500_that_tells_nothing() -> None:
    script = Script(faults={("read", 1): RuntimeError("the inner life of the reader")})
    async with running(script=script) as it:
        answer = await post(it)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "inner life" not in answer.text


async def test_a_stage_that_gives_up_is_the_pages_fault() -> None:
    script = Script(faults={("read", 1): StageError("read", "stage_failed", "cannot")})
    async with running(script=script) as it:
        answer = await post(it)
    assert (answer.status_code, answer.json()["page_error"]) == (422, "stage_failed")


async def test_more_pages_than_may_wait_are_sent_away() -> None:
    script = Script(gates={("detect", 1): threading.Event()})
    async with running(script=script) as it:
        first = [asyncio.create_task(post(it)) for _ in range(2)]
        await until(lambda: script.arrival("detect", 1).is_set())
        await asyncio.sleep(0.02)
        third = await post(it)
        script.gates["detect", 1].set()
        answers = await asyncio.gather(*first)
    assert (third.status_code, third.json()["code"]) == (429, "busy")
    assert "retry-after" in third.headers
    assert [answer.status_code for answer in answers] == [200, 200]
