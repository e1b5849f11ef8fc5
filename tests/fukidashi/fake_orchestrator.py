"""A small orchestrator of the tests' own: real HTTP on loopback, stateful, as docs/http.md has it."""

from __future__ import annotations

import json
import re
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from contract.document import DocumentRegion, PageDocument, PlacedText
from contract.errors import BadMessage
from contract.fields import load_object
from contract.grant import Grant
from contract.job import JobRequest
from contract.memory import MemoryUpdate, dump_memory, merge_memory, parse_memory
from contract.problem import CONTENT_TYPE, Problem, ProblemCode
from contract.report import PageError
from contract.status import JobStatus, PageErrorCode, PageStatus
from contract.view import JobView, PageView, Upload, WebhookView
from tests.fukidashi.pages import webp

API_KEY = "fk_test_0123456789"


@dataclass
class Script:
    """How the fake behaves. ``failing`` pages end with an error code; ``steps`` looks pass until a chapter ends."""

    failing: dict[int, PageErrorCode] = field(default_factory=dict)
    origins: tuple[str, ...] = ("memory", "memory")
    overflow: bool = False
    steps: int = 3
    never_ends: bool = False
    end: JobStatus | None = None
    not_ready: int = 0
    """This many requests are answered 503 first."""
    cut_off: int = 0
    """This many uploads are stored and then cut off without an answer."""
    cut_off_creation: int = 0
    """This many jobs are created and then not answered for."""
    garbage: bytes | None = None
    """What creation is answered with instead of a job."""
    retry_after: str | None = "0"
    artifact: bytes = field(default_factory=webp)
    document: bytes | None = None


@dataclass
class FakeJob:
    id: str
    request: JobRequest
    inputs: dict[int, bytes] = field(default_factory=dict)
    started: bool = False
    canceled: bool = False
    step: int = 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is a part of some tests."""
        if not isinstance(sys.exception(), ConnectionError):
            raise RuntimeError("the fake orchestrator broke") from sys.exception()


class FakeOrchestrator:
    """Jobs advance by one step whenever they are looked at with a 200 or a 304."""

    def __init__(self) -> None:
        self.script = Script()
        self.jobs: dict[str, FakeJob] = {}
        self.by_key: dict[str, FakeJob] = {}
        self.memories: dict[str, bytes] = {}
        self.seen: list[tuple[str, str, int]] = []
        self.keys: list[str | None] = []
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def job(self) -> FakeJob:
        (job,) = self.jobs.values()
        return job

    def count(self, method: str, pattern: str, status: int | None = None) -> int:
        return sum(
            method == seen_method and re.fullmatch(pattern, path) is not None and status in (None, seen_status)
            for seen_method, path, seen_status in self.seen
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def view(self, job: FakeJob, *, uploads: bool = False) -> JobView:
        pages = tuple(self._page(job, number) for number in range(1, len(job.request.pages) + 1))
        status = self._status(job, pages)
        url = f"{self.url}/jobs/{job.id}"
        return JobView(
            id=job.id,
            status=status,
            chapter_id=job.request.chapter_id,
            series_id=job.request.series_id,
            source=job.request.source,
            target=job.request.target,
            pages=pages,
            created_at="2026-01-01T00:00:00Z",
            expires_at="2026-01-02T00:00:00Z",
            status_url=url,
            cancel_url=f"{url}/cancel",
            start_url=f"{url}/start",
            cancel_requested=job.canceled,
            webhook=WebhookView("delivered", "evt", 1, 200) if job.request.webhook_url else WebhookView(),
            uploads=tuple(self._upload(job, page) for page in self._awaited(job)) if uploads else (),
        )

    def _status(self, job: FakeJob, pages: tuple[PageView, ...]) -> JobStatus:
        if job.canceled:
            return JobStatus.CANCELED
        if not job.started or job.step == 0:
            return JobStatus.QUEUED
        if job.step < self.script.steps or self.script.never_ends:
            return JobStatus.RUNNING
        failed = sum(page.status is PageStatus.FAILED for page in pages)
        return self.script.end or JobStatus.of_chapter(succeeded=len(pages) - failed, failed=failed)

    def _page(self, job: FakeJob, number: int) -> PageView:
        total, name = len(job.request.pages), job.request.pages[number - 1].name
        finished = self.script.end is None and number <= total * job.step // self.script.steps
        if self.script.never_ends:
            finished = number <= min(job.step, total - 1)
        if not job.started or not finished:
            running = job.started and job.step > 0
            return PageView(number, PageStatus.RUNNING if running else PageStatus.QUEUED, "detect", name=name)
        if number in self.script.failing:
            error = PageError.of(self.script.failing[number], "what is wrong with it")
            return PageView(number, PageStatus.FAILED, name=name, error=error)
        base = f"{self.url}/artifacts/{job.id}/pages/{number:04d}"
        return PageView(
            number,
            PageStatus.DONE,
            name=name,
            image_url=f"{base}.{job.request.options.image_format.value}",
            document_url=f"{base}.json",
            width=120,
            height=170,
        )

    def _awaited(self, job: FakeJob) -> list[int]:
        """Pages that the client uploads."""
        return [number for number, page in enumerate(job.request.pages, start=1) if not page.url]

    def _upload(self, job: FakeJob, page: int) -> Upload:
        url = f"{self.url}/upload/{job.id}/{page}?t=secret-token"
        content_type = job.request.pages[page - 1].content_type
        return Upload(page, Grant("PUT", url, {"content-type": content_type, "if-none-match": "*"}, 2_000_000_000))

    def document(self, page: int) -> bytes:
        if self.script.document is not None:
            return self.script.document
        placed = PlacedText(
            ("Hi",), ((0, 0, 9, 9),), "F", 12, (0, 0), (0, 0, 9, 9), (0, 0, 0), overflow=self.script.overflow
        )
        regions = tuple(
            DocumentRegion(f"r{n}", (0, 0, 9, 9), (), "dialogue", True, n, "や", "Hi", origin, 0.9, placement=placed)
            for n, origin in enumerate(self.script.origins)
        )
        return PageDocument(page, 120, 170, regions, "ja", "en").to_bytes()


def _handler(fake: FakeOrchestrator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path, _, query = self.path.partition("?")
            with fake.lock:
                if not path.startswith("/healthz"):
                    fake.keys.append(self.headers.get("authorization"))
                try:
                    status, headers, content = self._route(path, query, body)
                except Problem as problem:
                    status, headers = problem.kind.status, {"content-type": CONTENT_TYPE}
                    content = problem.to_bytes(instance=path, request_id="req-1")
                    if problem.retry_after_s is not None:
                        headers["retry-after"] = str(problem.retry_after_s)
                fake.seen.append((self.command, path, status))
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = _handle

        def _route(self, path: str, query: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            if path == "/healthz":
                return 200, {}, b'{"status": "ok", "protocol": 1}'
            if fake.script.not_ready > 0:
                fake.script.not_ready -= 1
                raise Problem(ProblemCode.UNAVAILABLE, "starting", retry_after_s=0)
            parts = path.strip("/").split("/")
            if parts[0] == "upload":
                return self._upload(parts, query, body)
            if self.headers.get("authorization") != f"Bearer {API_KEY}":
                raise Problem(ProblemCode.UNAUTHORIZED, "No valid API key.")
            if parts[0] == "series":
                return self._merge(parts[1], body) if parts[-1] == "entries" else self._memory(parts[1], body)
            if parts[0] == "artifacts":
                name = parts[3]
                return (
                    (200, {}, fake.document(int(name[:4])))
                    if name.endswith("json")
                    else (200, {}, fake.script.artifact)
                )
            return self._jobs(parts, body)

        def _upload(self, parts: list[str], query: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            job, page = fake.jobs[parts[1]], int(parts[2])
            declared = job.request.pages[page - 1].content_type
            if query != "t=secret-token" or self.headers.get("content-type") != declared:
                raise Problem(ProblemCode.FORBIDDEN, "The token is for something else.")
            if page in job.inputs:
                raise Problem(ProblemCode.ALREADY_EXISTS, "It is there.")
            job.inputs[page] = body
            if fake.script.cut_off > 0:
                fake.script.cut_off -= 1
                return 0, {}, b""
            return 200, {}, b""

        def _merge(self, series: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            stored = fake.memories.get(series)
            update = MemoryUpdate.from_json(load_object(body))
            merged = merge_memory(parse_memory(stored) if stored else None, update, at=0)
            if merged.document is not None:
                for entry in merged.document["entries"]:
                    entry.pop("at", None)
                fake.memories[series] = dump_memory(merged.document)
            counts = {"added": merged.added, "changed": merged.changed, "dropped": merged.dropped}
            return 200, {}, json.dumps(counts).encode()

        def _memory(self, series: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
            stored = fake.memories.get(series)
            etag = f'"{hash(stored)}"'
            if self.command == "PUT":
                wanted = self.headers.get("if-match")
                if (stored is not None and wanted != etag) or (stored is None and wanted):
                    raise Problem(ProblemCode.ALREADY_EXISTS, "Another memory is there.")
                fake.memories[series] = body
                return 200, {}, b"{}"
            if stored is None:
                raise Problem(ProblemCode.NOT_FOUND, "No memory.")
            return 200, {"etag": etag}, stored

        def _jobs(self, parts: list[str], body: bytes) -> tuple[int, dict[str, str], bytes]:
            if parts == ["jobs"]:
                try:
                    request = JobRequest.parse(body)
                except BadMessage as error:
                    raise Problem(ProblemCode.INVALID, error.detail, field=error.field) from None
                key = self.headers.get("idempotency-key", "")
                job = fake.by_key.setdefault(key, FakeJob(f"job{len(fake.jobs) + 1}", request))
                fake.jobs[job.id] = job
                job.started = job.started or request.starts_by_itself
                if fake.script.cut_off_creation > 0:
                    fake.script.cut_off_creation -= 1
                    return 0, {}, b""
                if fake.script.garbage is not None:
                    return 202, {}, fake.script.garbage
                return 202, {}, json.dumps(fake.view(job, uploads=True).to_json()).encode()
            found = fake.jobs.get(parts[1])
            if found is None:
                raise Problem(ProblemCode.NOT_FOUND, "There is no such job.")
            return self._job(found, parts[2] if len(parts) > 2 else "")

        def _job(self, job: FakeJob, verb: str) -> tuple[int, dict[str, str], bytes]:
            if verb == "start":
                missing = [n for n in fake._awaited(job) if n not in job.inputs]
                if missing:
                    raise Problem(ProblemCode.CONFLICT, f"pages {missing} are missing")
                job.started = True
            elif verb == "cancel":
                job.canceled = True
            content = json.dumps(fake.view(job).to_json()).encode()
            etag = f'"{hash(content)}"'
            headers = {"etag": etag}
            if fake.script.retry_after is not None:
                headers["retry-after"] = fake.script.retry_after
            if verb == "" and job.started:
                # Every other look finds nothing new.
                changed = self.headers.get("if-none-match") != etag
                if changed:
                    return 200, headers, content
                job.step += 1
                return 304, headers, b""
            return 202, headers, content

    return Handler
