"""An orchestrator with the peers around it: clients, a translator and a consumer, all in one process.

Requests go through ``App.handle``, as those of a server do; the translator's reports are really signed.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from contract.attempt import AttemptOrder
from contract.grant import Grant, PageGrants
from contract.image_format import ImageFormat
from contract.report import (
    PageError,
    PageOutput,
    PageReport,
    Reply,
    Report,
    ReportType,
    StoredObject,
    Transport,
    Want,
)
from contract.signing import Secret, sign, verify
from contract.status import PageErrorCode, PageStatus
from contract.view import JobView
from edge.api_keys import ApiKey
from edge.app import App
from edge.config import Config, S3Access
from edge.http import Body, BytesBody, Request, Response
from edge.platform import ABSENT, FetchError, FetchResponse, ObjectInfo, PlatformError
from tests.edge.memory_platform import MemoryPlatform, MemoryStream

PUBLIC = "https://orchestrator.test"
TRANSLATOR = "http://translator.test:8080"
S3 = S3Access("https://account.r2.test", "pages", "AKIATEST", "a-secret-access-key")
KEYS = {"owner-a": "key-of-a", "owner-b": "key-of-b"}
CALLBACK = (Secret(b"c" * 32), Secret(b"C" * 32))
WEBHOOK = (Secret(b"w" * 32), Secret(b"W" * 32))
CONSUMER = "https://consumer.test/hook"
IMAGE = b"RIFF....WEBP a page in English"
PLATE = b"RIFF....WEBP a page without its lettering"
DOCUMENT = b'{"schema": 1}'
MEMORY = {"schema": 1, "source": "ja", "target": "en", "entries": [{"source": "夢", "target": "a dream"}]}


def api_key(owner: str, key: str, name: str = "default") -> ApiKey:
    return ApiKey(owner, name, hashlib.sha256(key.encode()).hexdigest())


def config(**changes: Any) -> Config:
    values: dict[str, Any] = {
        "public_url": PUBLIC,
        "translator_url": TRANSLATOR,
        "api_keys": tuple(api_key(owner, key) for owner, key in KEYS.items()),
        "callback_secrets": CALLBACK,
        "webhook_secrets": WEBHOOK,
        "token_secrets": ("t" * 32, "T" * 32),
        **changes,
    }
    return Config(**values)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Delivery:
    headers: Mapping[str, str]
    body: bytes


class World:
    def __init__(self, *, presigned: bool = False, **changes: Any) -> None:
        self.config = config(s3=S3 if presigned else None, **changes)
        self.platform = MemoryPlatform()
        self.app = App(self.config, self.platform)
        self.runner = asyncio.Runner()
        self.orders: list[AttemptOrder] = []
        self.order_headers: list[Mapping[str, str]] = []
        self.translator_answers: list[int] = []
        self.deliveries: list[Delivery] = []
        self.consumer_answers: list[tuple[int, dict[str, str]]] = []
        self._ids = itertools.count(1)
        self.platform.fetch.hosts[TRANSLATOR] = self._translate
        self.platform.fetch.hosts[CONSUMER] = self._consume

    def close(self) -> None:
        self.runner.run(self.platform.settle())
        self.runner.close()

    # What the world answers

    def _translate(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> FetchResponse:
        verify(headers, body, CALLBACK[:1], now=self.platform.now())
        order = AttemptOrder.parse(body)
        assert (method, url) == ("PUT", f"{TRANSLATOR}/jobs/{order.job_id}/attempts/{order.attempt}")
        status = self.translator_answers.pop(0) if self.translator_answers else 202
        if status == 0:
            raise FetchError("connection refused")
        if status in (200, 202):
            self.orders.append(order)
            self.order_headers.append(dict(headers))
        return FetchResponse(status, {}, b"")

    def _consume(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> FetchResponse:
        self.deliveries.append(Delivery(dict(headers), body))
        status, answered = self.consumer_answers.pop(0) if self.consumer_answers else (204, {})
        if status == 0:
            raise FetchError("timed out")
        return FetchResponse(status, answered, b"")

    # What clients do

    def call(
        self,
        method: str,
        url: str,
        *,
        body: bytes | Body = b"",
        data: Any = None,
        key: str | None = KEYS["owner-a"],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        request = self.request(method, url, body=body, data=data, key=key, headers=headers)
        return self.together(request)[0]

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | Body = b"",
        data: Any = None,
        key: str | None = KEYS["owner-a"],
        headers: Mapping[str, str] | None = None,
    ) -> Request:
        sent = dict(headers or {})
        if key is not None:
            sent.setdefault("authorization", f"Bearer {key}")
        if data is not None:
            body = json.dumps(data).encode()
            sent.setdefault("content-type", "application/json")
        absolute = url if url.startswith("http") else f"{PUBLIC}{url}"
        return Request(method, absolute, sent, BytesBody(body) if isinstance(body, bytes) else body)

    def together(self, *requests: Request) -> list[Answer]:
        """Handles the requests concurrently, then what they left for the background."""

        async def run() -> list[Response]:
            responses = await asyncio.gather(*(self.app.handle(request) for request in requests))
            await self.platform.settle()
            return responses

        return [self._read(response) for response in self.runner.run(run())]

    def _read(self, response: Response) -> Answer:
        body = response.body.data if isinstance(response.body, MemoryStream) else response.body
        assert isinstance(body, bytes)
        return Answer(response.status, response.headers, body)

    def sweep(self, seconds: float = 0.0) -> None:
        self.platform.clock.forward(seconds)

        async def run() -> None:
            await self.app.sweep()
            await self.platform.settle()

        self.runner.run(run())

    def use(self, grant: Grant, body: bytes = b"") -> Answer:
        """Makes the request that a grant allows, at the orchestrator or at R2."""
        if grant.url.startswith(PUBLIC):
            return self.call(grant.method, grant.url, body=body, key=None, headers=grant.headers)
        return self._r2(grant, body)

    def _r2(self, grant: Grant, body: bytes) -> Answer:
        assert "X-Amz-Signature=" in grant.url
        if self.platform.now() > grant.expires_at:
            return Answer(400, {}, b"ExpiredRequest")
        key = unquote(urlsplit(grant.url).path).removeprefix(f"/{S3.bucket}/")
        objects = self.platform.bucket.objects
        if grant.method == "GET":
            return Answer(200, {}, objects[key][1]) if key in objects else Answer(404, {}, b"")
        only_if = ABSENT if grant.headers.get("if-none-match") == "*" else None
        put = self.platform.bucket.put(key, body, content_type=grant.headers["content-type"], only_if=only_if)
        return Answer(self.runner.run(_status(put)), {}, b"")

    def create(self, pages: int = 2, **asked: Any) -> JobView:
        request = {"pages": [{"upload": "image/png"}] * pages, "chapter_id": "ch-1", **asked}
        answer = self.call("POST", "/jobs", data=request)
        assert answer.status == 202, answer.body
        return JobView.parse(answer.body)

    def upload(self, job: JobView) -> None:
        for upload in job.uploads:
            assert self.use(upload.grant, f"page {upload.page}".encode()).status == 200

    def start(self, pages: int = 2, **asked: Any) -> JobView:
        """A job with its pages uploaded, started."""
        job = self.create(pages, **asked)
        self.upload(job)
        answer = self.call("POST", f"/jobs/{job.id}/start")
        assert answer.status == 202, answer.body
        return JobView.parse(answer.body)

    def attempt(self, pages: int = 2, **asked: Any) -> Attempt:
        """A started job's first attempt, taken by a translator."""
        self.start(pages, **asked)
        return Attempt(self, self.orders[-1])

    def view(self, job_id: str) -> JobView:
        answer = self.call("GET", f"/jobs/{job_id}")
        assert answer.status == 200, answer.body
        return JobView.parse(answer.body)

    def key(self, job_id: str, name: str) -> str:
        return f"jobs/{job_id}/{name}"

    def has(self, job_id: str, name: str) -> bool:
        return self.key(job_id, name) in self.platform.bucket.objects

    def fresh_id(self) -> str:
        return f"msg-{next(self._ids)}"


async def _status(put: Awaitable[ObjectInfo | None]) -> int:
    try:
        return 200 if await put else 412
    except PlatformError:
        return 503


@dataclass
class Attempt:
    """A translator at work on one order: real grants, real signatures."""

    world: World
    order: AttemptOrder
    worker_id: str = "worker-1"
    seq: int = 0
    pages: dict[int, PageReport] = field(default_factory=dict)
    grants: dict[int, PageGrants] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.grants = {page.page: page for page in self.order.pages}
        self.pages = {page: PageReport(page, PageStatus.QUEUED) for page in self.grants}

    @property
    def job_id(self) -> str:
        return self.order.job_id

    def run(self, page: int) -> None:
        self.pages[page] = PageReport(page, PageStatus.RUNNING, stage="read")

    def fail(self, page: int, code: PageErrorCode = PageErrorCode.NOT_AN_IMAGE) -> None:
        self.pages[page] = PageReport(page, PageStatus.FAILED, error=PageError.of(code, "as it says"))

    def deliver(self, page: int, *, image: bytes = IMAGE, put: bool = True) -> None:
        """Makes a page and puts it where it belongs; ``put=False`` only says so."""
        plate = self.grants[page].plate
        if put:
            assert self.world.use(self.grants[page].image, image).status == 200
            assert self.world.use(self.grants[page].document, DOCUMENT).status == 200
        if put and plate:
            assert self.world.use(plate, PLATE).status == 200
        output = PageOutput(
            attempt=self.order.attempt,
            image_format=ImageFormat.WEBP,
            image=StoredObject(len(image), hashlib.md5(image).hexdigest()),
            document=StoredObject(len(DOCUMENT), hashlib.md5(DOCUMENT).hexdigest()),
            width=900,
            height=1300,
            plate=StoredObject(len(PLATE), hashlib.md5(PLATE).hexdigest()) if plate else None,
        )
        self.pages[page] = PageReport(page, PageStatus.DONE, output=output, timings_ms={"read": 12})

    def report(self, kind: ReportType = ReportType.HEARTBEAT, *, wants: tuple[Want, ...] = ()) -> Report:
        self.seq += 1
        return Report(
            type=kind,
            event_id=f"evt-{self.worker_id}-{self.order.attempt}-{self.seq}",
            job_id=self.job_id,
            attempt=self.order.attempt,
            worker_id=self.worker_id,
            seq=self.seq,
            pages=tuple(self.pages.values()),
            wants=wants,
            transport=Transport(bytes_in=100, bytes_out=200, transfer_ms=250, pipeline_ms=750),
            engines={"detect": "fake"},
        )

    def request(self, report: Report, *, message_id: str | None = None, age_s: float = 0.0) -> Request:
        body = report.to_bytes()
        headers = sign(
            body,
            CALLBACK[:1],
            message_id=message_id or self.world.fresh_id(),
            timestamp=int(self.world.platform.now() - age_s),
        )
        headers["content-type"] = "application/json"
        return self.world.request("POST", "/callbacks/container", body=body, key=None, headers=headers)

    def send(self, report: Report, *, message_id: str | None = None, age_s: float = 0.0) -> Answer:
        return self.world.together(self.request(report, message_id=message_id, age_s=age_s))[0]

    def heartbeat(self, *, wants: tuple[Want, ...] = ()) -> Reply:
        answer = self.send(self.report(wants=wants))
        assert answer.status == 200, answer.body
        return Reply.parse(answer.body)

    def result(self, *, stored: bool = True) -> Report:
        """The attempt's last report, and its manifest put to R2."""
        report = self.report(ReportType.RESULT)
        if stored:
            assert self.world.use(self.order.result, report.to_bytes()).status == 200
        return report

    def finish(self) -> Answer:
        return self.send(self.result())
