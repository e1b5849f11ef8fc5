"""A page set again for whoever holds the internal token: an edited document and a plate in, image and document out."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import threading
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from PIL import Image

from contract.document import DocumentRegion, PageDocument
from tests.support.secrets import INTERNAL_TOKEN
from tests.translator.containers import Running, running, until
from tests.translator.tiny_stages import Script, image

HEADERS = {"x-internal-token": INTERNAL_TOKEN}
PATH = "/internal/render/page"
BOX = (5, 5, 30, 30)


def document(translation: str = "edited", width: int = 60, **changes: Any) -> bytes:
    values: dict[str, Any] = {"kind": "dialogue", "origin": "user", "handling": "translated", **changes}
    region = DocumentRegion(
        id="r0",
        box=BOX,
        polygon=((5, 5), (30, 5), (30, 30)),
        vertical=True,
        order=0,
        source_text="原文",
        translation=translation,
        confidence=0.9,
        **values,
    )
    return PageDocument(1, width, 80, (region,), "ja", "en").to_bytes()


async def post(it: Running, *, query: str = "", accept: str = "*/*", **parts: bytes) -> httpx.Response:
    given = {"document": document(), "plate": image(), **parts}
    files = {name: (f"{name}.bin", data) for name, data in given.items() if data is not None}
    return await it.http.post(PATH + query, files=files, headers={**HEADERS, "accept": accept})


async def test_a_page_is_set_again_without_being_read_or_translated() -> None:
    async with running() as it:
        answer = await post(it)
        assert [call.stage for call in it.script.calls] == ["typeset"]
        assert it.script.drawn == ["edited"]
        assert it.orchestrator.requests == []
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.content)).size == (60, 80)
    assert json.loads(unquote(answer.headers["x-fukidashi-page"]))["origins"] == {"user": 1}


async def test_the_new_document_comes_with_the_image_where_json_is_asked_for() -> None:
    async with running() as it:
        answer = await post(it, accept="application/json", query="?image_format=png")
    body = answer.json()
    assert (body["schema"], body["image_format"]) == (1, "png")
    assert Image.open(io.BytesIO(base64.b64decode(body["image"]))).format == "PNG"
    region = body["document"]["regions"][0]
    assert (region["translation"], region["origin"]) == ("edited", "user")
    assert region["placement"] is not None


@pytest.mark.parametrize("token", ["", "wrong", INTERNAL_TOKEN + "x"])
async def test_without_the_token_nothing_happens(token: str) -> None:
    async with running() as it:
        answer = await it.http.post(PATH, files={"document": document()}, headers={"x-internal-token": token})
        assert it.script.calls == []
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("parts", "status", "code", "field"),
    [
        ({"document": None}, 422, "invalid", "document"),
        ({"plate": None}, 422, "invalid", "plate"),
        ({"document": b"{}"}, 422, "invalid", "document.schema"),
        ({"document": b"no json"}, 422, "invalid", "document."),
        ({"document": b"[" * 200}, 422, "invalid", "document."),
        ({"document": document(kind="poem")}, 422, "page_failed", None),
        ({"document": document(origin="oracle")}, 422, "page_failed", None),
        ({"document": document(width=61)}, 422, "page_failed", None),
        ({"plate": b""}, 422, "page_failed", None),
        ({"plate": b"no image"}, 422, "page_failed", None),
        ({"plate": b"x" * 1_000_001}, 413, "too_large", None),
        ({"document": b"x" * 4_000_001}, 413, "too_large", None),
    ],
)
async def test_what_cannot_be_rendered_says_why(
    parts: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    async with running(max_page_bytes=1_000_000) as it:
        answer = await post(it, **parts)
    assert (answer.status_code, answer.json()["code"], answer.json().get("field")) == (status, code, field)


@pytest.mark.parametrize(("query", "field"), [("image_format=bmp", "image_format"), ("source=ja", "source")])
async def test_a_wrong_parameter_is_named(query: str, field: str) -> None:
    async with running() as it:
        answer = await post(it, query=f"?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_only_a_form_is_taken() -> None:
    async with running() as it:
        plain = await it.http.post(PATH, content=document(), headers={**HEADERS, "content-type": "application/json"})
        broken = await it.http.post(
            PATH, content=b"--x\r\nno form", headers={**HEADERS, "content-type": "multipart/form-data; boundary=x"}
        )
        endless = await it.http.post(
            PATH, content=_pieces(), headers={**HEADERS, "content-type": "multipart/form-data"}
        )
    assert (plain.status_code, plain.json()["code"]) == (415, "unsupported_type")
    assert broken.status_code in (400, 422)
    assert (endless.status_code, endless.json()["code"]) == (400, "bad_request")


async def _pieces() -> Any:
    yield b"--x"


async def test_a_page_waits_its_turn_and_too_many_are_sent_away() -> None:
    gate = threading.Event()
    async with running(script=Script(gates={("typeset", 0): gate})) as it:
        first, second = (asyncio.create_task(post(it)) for _ in range(2))
        await until(it.script.arrival("typeset", 0).is_set)
        await asyncio.sleep(0.05)
        third = await post(it)
        gate.set()
        assert [(await one).status_code for one in (first, second)] == [200, 200]
    assert (third.status_code, third.json()["code"]) == (429, "busy")
