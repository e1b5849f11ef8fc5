"""An orchestrator and its storage, as a translator sees them: grants that expire, signatures that are checked, faults.

The same fake answers through ``httpx.MockTransport`` in a test's own process, and over loopback HTTP to a process.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from contract.attempt import AttemptOrder
from contract.claim import ClaimRequest
from contract.errors import BadSignature
from contract.grant import Grant, PageGrants
from contract.image_format import ImageFormat
from contract.job import Direction, Options
from contract.problem import Problem, ProblemCode
from contract.report import Reply, Report, ReportType
from contract.signing import sign, verify
from contract.status import PageStatus
from tests.support.secrets import CALLBACK_SECRETS

LOST, REFUSED = "lost", "refused"
"""Faults: the request is handled and its answer lost; the connection is refused."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """The next ``times`` requests of ``method`` whose path begins with ``place`` get this instead of an answer."""

    method: str
    place: str
    what: int | str
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)


class FakeOrchestrator:
    """Storage keys are URL paths; a grant's token stands in its query and can be made to expire."""

    def __init__(self, base: str = "http://orchestrator.test") -> None:
        self.base = base
        self.objects: dict[str, bytes] = {}
        self.content_types: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.reports: list[Report] = []
        self.bodies: list[bytes] = []
        self.message_ids: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.expired: set[str] = set()
        self.cancel = False
        self.stale_from: int | None = None
        """Reports with this ``seq`` or a higher one are told that the attempt is stale."""
        self.withhold_grants = False
        self.on_report: Callable[[Report], None] = lambda report: None
        self.clock_offset_s = 0.0
        self.grant_ttl_s = 600
        self.waiting: list[AttemptOrder] = []
        """What claims get, one after the other."""
        self.claims: list[ClaimRequest] = []
        self._tokens = 0
        self._lock = threading.RLock()

    def now(self) -> float:
        return time.time() + self.clock_offset_s

    def order(self, pages: Mapping[int, bytes | None], **changes: Any) -> AttemptOrder:
        """An order for these pages, which are put into storage; ``None`` is a page that is missing there."""
        job, attempt = changes.pop("job_id", "job-1"), changes.pop("attempt", 1)
        image_format = changes.pop("image_format", ImageFormat.WEBP)
        for page, data in pages.items():
            if data is not None:
                self.objects[f"/{job}/in/{page}"] = data
        fields: dict[str, Any] = {
            "chapter_id": "chapter",
            "source": "ja",
            "target": "en",
            "reading_direction": Direction.AUTO,
            "options": Options(image_format=image_format),
            "callback_url": f"{self.base}/callbacks/container",
            "heartbeat_s": 0.3,
            "lease_s": 2.0,
            "result": self.grant("PUT", f"/{job}/results/{attempt}"),
            **changes,
        }
        grants = tuple(self.page_grants(job, attempt, page, image_format) for page in pages)
        return AttemptOrder(job_id=job, attempt=attempt, pages=grants, **fields)

    def page_grants(self, job: str, attempt: int, page: int, image_format: ImageFormat) -> PageGrants:
        name = f"/{job}/out/a{attempt}/{page}"
        return PageGrants(
            page,
            self.grant("GET", f"/{job}/in/{page}"),
            self.grant("PUT", f"{name}.{image_format.value}", image_format.content_type),
            self.grant("PUT", f"{name}.json", "application/json"),
            decisions=self.grant("PUT", f"/{job}/decisions/{page}"),
            decided=self.grant("GET", f"/{job}/decisions/{page}") if attempt > 1 else None,
        )

    def grant(self, method: str, path: str, content_type: str = "application/json") -> Grant:
        self._tokens += 1
        headers = {"content-type": content_type, "if-none-match": "*"} if method == "PUT" else {}
        if "/decisions/" in path:
            headers.pop("if-none-match", None)
        url = f"{self.base}{path}?t=secret-{self._tokens}"
        return Grant(method, url, headers, int(self.now()) + self.grant_ttl_s)

    def expire(self, grant: Grant) -> None:
        self.expired.add(urlsplit(grant.url).query)

    def fault(self, method: str, place: str, what: int | str, *, times: int = 1, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(method, place, what, times, named))

    def dispatch(self, order: AttemptOrder, **signing: Any) -> Any:
        """Arguments for ``client.put``: the signed order."""
        return signed(f"/jobs/{order.job_id}/attempts/{order.attempt}", order.to_json(), **signing)

    @property
    def results(self) -> list[Report]:
        return [report for report in self.reports if report.type is ReportType.RESULT]

    @property
    def result(self) -> Report:
        """The one result; a callback that was sent twice counts once."""
        assert len({report.event_id for report in self.results}) == 1, [report.seq for report in self.results]
        return self.results[0]

    def verified_pages(self) -> list[int]:
        """Pages that the result calls done and whose stored objects are what it says."""
        result = self.result
        pages = []
        for page in result.pages:
            if page.status is not PageStatus.DONE:
                continue
            assert page.output is not None
            name = f"/{result.job_id}/out/a{page.output.attempt}/{page.page}"
            for suffix, stored in ((page.output.image_format.value, page.output.image), ("json", page.output.document)):
                data = self.objects[f"{name}.{suffix}"]
                assert (len(data), hashlib.md5(data).hexdigest()) == (stored.size, stored.md5)
            pages.append(page.page)
        return pages

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Raises ``ConnectionResetError`` or ``ConnectionRefusedError`` where a fault says so."""
        with self._lock:
            parts = urlsplit(url)
            self.requests.append((method, parts.path))
            fault = self._next_fault(method, parts.path)
            if fault is None:
                return self._route(method, parts.path, parts.query, headers, body)
            if fault.what == REFUSED:
                raise ConnectionRefusedError
            if fault.what == LOST:
                self._route(method, parts.path, parts.query, headers, body)
                raise ConnectionResetError
            return Answer(int(fault.what), headers=fault.headers)

    def _next_fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.method == method and path.startswith(fault.place):
                fault.times -= 1
                return fault
        return None

    def _route(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if path == "/callbacks/container":
            return self._callback(headers, body)
        if path == "/work/claim":
            return self._claim(headers, body)
        if "t" not in parse_qs(query) or query in self.expired:
            return Answer(403)
        if method == "GET":
            return Answer(200, self.objects[path]) if path in self.objects else Answer(404)
        if (headers.get("if-none-match") != "*") is not ("/decisions/" in path):
            return Answer(403)
        if path in self.objects and "/decisions/" not in path:
            return Answer(412)
        self.objects[path], self.content_types[path] = body, headers.get("content-type", "")
        return Answer(200)

    def _callback(self, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            envelope = verify(headers, body, CALLBACK_SECRETS, now=self.now())
        except BadSignature as error:
            return problem(Problem(ProblemCode.BAD_SIGNATURE, str(error), server_time=int(self.now())))
        if envelope.id in self.message_ids:
            return problem(Problem(ProblemCode.REPLAYED, "seen before"))
        self.message_ids.append(envelope.id)
        report = Report.parse(body)
        if self.stale_from is not None and report.seq >= self.stale_from:
            return problem(Problem(ProblemCode.STALE_ATTEMPT, "another attempt has it"))
        duplicate = report.event_id in {known.event_id for known in self.reports}
        self.reports.append(report)
        self.bodies.append(body)
        self.on_report(report)
        grants = tuple(
            self.page_grants(report.job_id, report.attempt, want.page, want.image_format or ImageFormat.WEBP)
            for want in report.wants
            if not self.withhold_grants
        )
        reply = Reply(duplicate=duplicate, cancel=self.cancel, lease_s=2.0, grants=grants)
        return Answer(200, json.dumps(reply.to_json()).encode(), {"content-type": "application/json"})

    def _claim(self, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            verify(headers, body, CALLBACK_SECRETS, now=self.now())
        except BadSignature as error:
            return problem(Problem(ProblemCode.BAD_SIGNATURE, str(error), server_time=int(self.now())))
        self.claims.append(ClaimRequest.parse(body))
        if not self.waiting:
            return Answer(204)
        return Answer(200, json.dumps(self.waiting.pop(0).to_json()).encode(), {"content-type": "application/json"})

    def client(self) -> httpx.AsyncClient:
        """An HTTP client that knows this orchestrator only."""

        async def answer(request: httpx.Request) -> httpx.Response:
            body = await request.aread()
            await asyncio.sleep(0)
            try:
                found = self.handle(request.method, str(request.url), request.headers, body)
            except ConnectionRefusedError:
                raise httpx.ConnectError("refused", request=request) from None
            except ConnectionResetError:
                raise httpx.ReadError("reset", request=request) from None
            return httpx.Response(found.status, stream=httpx.ByteStream(found.body), headers=dict(found.headers))

        return httpx.AsyncClient(transport=httpx.MockTransport(answer))


def problem(error: Problem) -> Answer:
    return Answer(error.kind.status, error.to_bytes(instance="/callbacks/container", request_id="r"))


def signed(path: str, document: Mapping[str, Any], *, message_id: str | None = None, at: float | None = None) -> Any:
    body = json.dumps(document).encode()
    message_id = message_id or f"msg_{hashlib.sha256(body + str(time.monotonic_ns()).encode()).hexdigest()[:32]}"
    headers = sign(body, CALLBACK_SECRETS, message_id=message_id, timestamp=int(at or time.time()))
    return {"url": path, "content": body, "headers": headers}


@contextmanager
def served() -> Iterator[FakeOrchestrator]:
    """The fake over real HTTP on a loopback port."""
    fake = FakeOrchestrator()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = fake.handle(self.command, self.path, headers, body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_POST = _answer

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.base = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
