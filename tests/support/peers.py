"""The other sides of an orchestrator, played by a test over real HTTP: a translator, and a webhook endpoint."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from contract.attempt import AttemptOrder
from contract.grant import Grant, PageGrants
from contract.image_format import ImageFormat
from contract.report import PageOutput, PageReport, Report, ReportType, StoredObject
from contract.signing import sign, verify
from contract.status import PageStatus
from tests.support.secrets import CALLBACK_SECRETS


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Peer:
    """A loopback server that records what it gets and answers what it was told to."""

    url: str = ""
    status: int = 202
    requests: list[Received] = field(default_factory=list)

    def wait_for(self, count: int, *, timeout_s: float = 20.0) -> list[Received]:
        deadline = time.monotonic() + timeout_s
        while len(self.requests) < count:
            assert time.monotonic() < deadline, f"{len(self.requests)} of {count} requests came"
            time.sleep(0.02)
        return self.requests


@contextmanager
def serve_peer() -> Iterator[Peer]:
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            peer.requests.append(Received(self.command, self.path, headers, body))
            answer = b"{}"
            self.send_response(peer.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_PUT = do_POST = _handle

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    peer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def orders(peer: Peer, job_id: str) -> list[AttemptOrder]:
    """The verified orders that a peer, as a translator, got for a job."""
    found = []
    for request in peer.requests:
        if request.path.startswith(f"/jobs/{job_id}/attempts/"):
            verify(request.headers, request.body, CALLBACK_SECRETS, now=time.time())
            found.append(AttemptOrder.parse(request.body))
    return found


class ScriptedTranslator:
    """Does what a translator does with one order, step by step, when the test says so."""

    def __init__(self, order: AttemptOrder, client: httpx.Client, *, worker_id: str = "worker-a") -> None:
        self.order, self.client, self.worker_id = order, client, worker_id
        self.seq = 0
        self.done: dict[int, PageReport] = {}

    def deliver(self, page: int, image: bytes) -> PageReport:
        """Puts a page's image and document, and remembers them as done."""
        grants = next(grants for grants in self.order.pages if grants.page == page)
        document = json.dumps({"schema": 1, "page": page}).encode()
        self.put(grants.image, image)
        self.put(grants.document, document)
        output = PageOutput(self.order.attempt, ImageFormat.WEBP, stored(image), stored(document), 10, 10)
        self.done[page] = PageReport(page, PageStatus.DONE, output=output)
        return self.done[page]

    def put(self, grant: Grant, body: bytes) -> None:
        response = self.client.request(grant.method, grant.url, headers=grant.headers, content=body)
        assert response.status_code == 200, (response.status_code, response.text)

    def read_input(self, page: int) -> bytes:
        grants: PageGrants = next(grants for grants in self.order.pages if grants.page == page)
        response = self.client.request(grants.input.method, grants.input.url, headers=grants.input.headers)
        assert response.status_code == 200, response.text
        return response.content

    def report(self, kind: ReportType = ReportType.HEARTBEAT, *pages: PageReport) -> Report:
        self.seq += 1
        table = {grants.page: PageReport(grants.page, PageStatus.QUEUED) for grants in self.order.pages}
        table.update(self.done)
        table.update({page.page: page for page in pages})
        return Report(
            type=kind,
            event_id=f"ev-{uuid.uuid4().hex}",
            job_id=self.order.job_id,
            attempt=self.order.attempt,
            worker_id=self.worker_id,
            seq=self.seq - 1,
            pages=tuple(table[page] for page in sorted(table)),
        )

    def send(self, report: Report, *, headers: dict[str, str] | None = None) -> httpx.Response:
        body = report.to_bytes()
        signed = headers if headers is not None else signature(body)
        return self.client.post(self.order.callback_url, content=body, headers={**signed, **JSON})

    def heartbeat(self, *pages: PageReport) -> httpx.Response:
        return self.send(self.report(ReportType.HEARTBEAT, *pages))

    def finish(self, *pages: PageReport) -> httpx.Response:
        return self.send(self.report(ReportType.RESULT, *pages))


JSON = {"content-type": "application/json"}


def signature(body: bytes, *, at: float | None = None) -> dict[str, str]:
    stamp = int(time.time() if at is None else at)
    return sign(body, CALLBACK_SECRETS, message_id=f"msg_{uuid.uuid4().hex}", timestamp=stamp)


def stored(body: bytes) -> StoredObject:
    return StoredObject(len(body), hashlib.md5(body, usedforsecurity=False).hexdigest())
