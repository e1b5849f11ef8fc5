"""Real pages through the real chain: every process is the one that a user runs."""

from __future__ import annotations

import io
import json
import struct
import time
import zlib
from pathlib import Path

import httpx
import pytest
from PIL import Image

from contract.document import PageDocument
from contract.status import JobStatus, PageErrorCode, PageStatus
from tests.support.chain import Chain, Translator
from tests.support.secrets import API_KEY, INTERNAL_TOKEN

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample" / "chapter"
PAGES = sorted((SAMPLE / "pages").glob("*.png"))


def sample(*numbers: int) -> list[tuple[str, bytes]]:
    return [("image/png", PAGES[number - 1].read_bytes()) for number in numbers]


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that unpacks to ``width`` x ``height``."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def with_memory(chain: Chain) -> str:
    """A series whose memory is the sample chapter's."""
    series = f"sample-{chain.name}"
    with chain.client() as client:
        memory = json.loads((SAMPLE / "memory.json").read_text(encoding="utf-8"))
        client.put_memory(series, memory)
    return series


def test_a_chapter_goes_in_and_comes_out_translated(chain: Chain) -> None:
    view = chain.translate(sample(1, 2, 3), series_id=with_memory(chain))
    assert view.status is JobStatus.SUCCESS, view.to_json()
    origins: list[str] = []
    with chain.client() as client:
        for page, source in zip(view.pages, PAGES, strict=False):
            assert page.image_url is not None
            assert page.document_url is not None
            document = PageDocument.parse(client.download(page.document_url))
            with Image.open(io.BytesIO(client.download(page.image_url))) as image, Image.open(source) as original:
                assert image.format == "WEBP"
                assert image.size == original.size == (document.width, document.height)
                assert image.convert("L").tobytes() != original.convert("L").tobytes()
            assert [region.order for region in document.regions] == list(range(len(document.regions)))
            origins += [region.origin for region in document.regions]
    assert origins.count("memory") >= 10, origins
    recorded = chain.recorded(view.id)
    assert len(recorded) == 1
    assert "success" in str(recorded[0])


def test_pages_go_straight_to_the_bucket_where_it_can_sign(chain: Chain) -> None:
    view = chain.translate(sample(1))
    assert view.audit["mode"] == ("fallback" if chain.name == "local" else "presigned")


def test_a_broken_page_fails_alone_with_its_code(chain: Chain) -> None:
    good = sample(1)[0]
    broken = [
        ("image/png", b"<html>not a page</html>"),
        ("image/png", good[1][: len(good[1]) // 2]),
        ("image/png", png_bomb(60_000, 60_000)),
        ("image/png", b""),
    ]
    view = chain.translate([good, *broken])
    assert view.status is JobStatus.PARTIAL
    assert view.pages[0].status is PageStatus.DONE
    errors = [page.error for page in view.pages[1:]]
    assert [error and error.code for error in errors] == [
        PageErrorCode.NOT_AN_IMAGE,
        PageErrorCode.TRUNCATED_IMAGE,
        PageErrorCode.IMAGE_TOO_LARGE,
        PageErrorCode.EMPTY_PAGE,
    ]
    assert not any(error and error.retryable for error in errors)


def test_a_chapter_without_a_good_page_is_an_error(chain: Chain) -> None:
    view = chain.translate([("image/jpeg", b"no"), ("image/jpeg", b"no again")])
    assert view.status is JobStatus.ERROR
    assert view.counts["failed"] == 2


def test_a_translator_killed_in_the_middle_does_not_lose_the_chapter(chain: Chain, translator: Translator) -> None:
    with chain.client() as client:
        job = chain.submit(client, sample(1, 2, 3, 4))
        deadline = time.monotonic() + 60
        while True:
            view = client.get(job.id).view
            assert view is not None
            if view.counts["done"] >= 1 or view.status.is_terminal:
                break
            assert time.monotonic() < deadline
            time.sleep(0.05)
        translator.kill()
        translator.start()
        ended = chain.end(client, job.id)
    assert ended.status is JobStatus.SUCCESS, ended.to_json()
    if not view.status.is_terminal:
        # What the first attempt had finished was not done again.
        assert {page.attempt for page in ended.pages} == {1, 2}


def test_no_secret_and_no_signed_url_is_in_what_the_processes_wrote(chain: Chain, translator: Translator) -> None:
    chain.translate(sample(1))
    logs = [translator.log, *(path.read_text(errors="replace") for path in chain.folder.glob("*.log"))]
    for text in logs:
        for secret in (API_KEY, INTERNAL_TOKEN, "whsec_", "X-Amz-Signature", "secretEXAMPLE", "?t="):
            assert secret not in text


def test_a_page_is_translated_without_any_orchestrator(translator: Translator) -> None:
    headers = {"x-internal-token": INTERNAL_TOKEN, "content-type": "image/png"}
    response = httpx.post(
        f"{translator.url}/internal/translate/page", content=sample(1)[0][1], headers=headers, timeout=120
    )
    assert response.status_code == 200, response.text
    with Image.open(io.BytesIO(response.content)) as image, Image.open(PAGES[0]) as original:
        assert image.size == original.size
    details = {name: value for name, value in response.headers.items() if name.startswith("x-fukidashi")}
    assert details
    assert all(value.isascii() for value in details.values())


@pytest.mark.parametrize("token", ["", "wrong"])
def test_the_internal_route_needs_its_token(translator: Translator, token: str) -> None:
    response = httpx.post(f"{translator.url}/internal/translate/page", headers={"x-internal-token": token})
    assert response.status_code == 401
