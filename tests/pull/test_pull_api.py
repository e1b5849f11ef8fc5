"""Translators that ask for work, and pages that come from URLs, over HTTP on every platform."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from contract.attempt import AttemptOrder
from contract.claim import ClaimRequest
from contract.status import JobStatus
from contract.view import JobView
from tests.support import secrets
from tests.support.orchestrator import Orchestrator, problem
from tests.support.peers import ScriptedTranslator, serve_peer, signature
from tests.support.processes import ServerProcess
from tests.support.workerd import TRACKS, Workerd, missing

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 600
CLAIMERS = 50


@pytest.fixture(scope="module", params=["local", *(pytest.param(track, marks=pytest.mark.workerd) for track in TRACKS)])
def pulled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """An orchestrator with ``DISPATCH=pull``, which goes to this machine for pages."""
    folder = tmp_path_factory.mktemp(f"pull-{request.param}")
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
    with serve_peer() as nobody, serve_peer() as consumer, httpx.Client(timeout=60, limits=limits) as client:
        more = {"DISPATCH": "pull", "ALLOW_PRIVATE_PAGES": "true"}
        env = {**secrets.orchestrator_env(translator_url=nobody.url), **more}
        if request.param == "local":
            arguments = ("--data", str(folder / "data"), "--port", "0", "--sweep-s", "0.3")
            server = ServerProcess.python("local", *arguments, env=env, log=folder / "log")
        else:
            if (reason := missing()) is not None:
                pytest.skip(reason)
            bindings = {**env, **secrets.S3, "PUBLIC_URL": "$URL", "S3_ENDPOINT": "$S3"}
            worker: Path = request.getfixturevalue("worker_dist")
            server = Workerd(worker, str(request.param), bindings=bindings, log=folder / "log")
        sweep = server.sweep if isinstance(server, Workerd) else lambda: time.sleep(0.4)
        try:
            yield Orchestrator(str(request.param), server.url, nobody, consumer, client, sweep)
        finally:
            server.stop()


def claim(pulled: Orchestrator, worker_id: str) -> httpx.Response:
    body = ClaimRequest(worker_id).to_bytes()
    headers = {**signature(body), "content-type": "application/json"}
    return pulled.client.post(f"{pulled.url}/work/claim", content=body, headers=headers)


def test_of_fifty_claimers_each_attempt_goes_to_one(pulled: Orchestrator) -> None:
    jobs = {pulled.started(chapter_id=f"chapter-{number}").id for number in range(5)}
    gate = threading.Barrier(CLAIMERS)

    def ask(number: int) -> httpx.Response:
        gate.wait(60)
        return claim(pulled, f"worker-{number}")

    with ThreadPoolExecutor(CLAIMERS) as pool:
        answers = list(pool.map(ask, range(CLAIMERS)))
    assert {answer.status_code for answer in answers} <= {200, 204}, {answer.text for answer in answers}
    orders = [AttemptOrder.parse(answer.content) for answer in answers if answer.status_code == 200]
    assert sorted(order.job_id for order in orders) == sorted(jobs)
    assert {order.attempt for order in orders} == {1}
    assert not pulled.translator.requests, "nothing was pushed"
    for order in orders:
        translator = ScriptedTranslator(order, pulled.client, worker_id="w")
        translator.deliver(1, b"RIFF....WEBP")
        assert translator.finish().status_code == 200
        assert pulled.view(order.job_id).status is JobStatus.SUCCESS


def test_no_work_is_204_and_an_unsigned_claim_401(pulled: Orchestrator) -> None:
    assert (claim(pulled, "worker-1").status_code, claim(pulled, "worker-1").content) == (204, b"")
    body = ClaimRequest("worker-1").to_bytes()
    unsigned = pulled.client.post(
        f"{pulled.url}/work/claim", content=body, headers={"content-type": "application/json"}
    )
    assert unsigned.status_code == 401
    assert abs(int(str(problem(unsigned)["server_time"])) - time.time()) < 60


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A web site with pages: ``/chunked`` of unknown size, ``/text`` that are none, ``/gone``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.startswith("/gone"):
                self.send_error(404)
            elif self.path.startswith("/chunked"):
                self.send_response(200)
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n" % len(PNG) + PNG + b"\r\n0\r\n\r\n")
            else:
                body = b"no picture" if self.path.startswith("/text") else PNG
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that reads no further than it needs resets the connection."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_pages_from_urls_are_fetched_and_those_that_are_none_say_so(pulled: Orchestrator, site: str) -> None:
    urls = [f"{site}/1", f"{site}/chunked", f"{site}/text", f"{site}/gone", f"{site}/5", f"{site}/6"]
    body = {"pages": [{"url": url} for url in urls], "chapter_id": "from-urls"}
    created = pulled.call("POST", "/jobs", json=body)
    assert (created.status_code, created.json()["status"]) == (202, "preparing"), created.text
    job_id = JobView.parse(created.content).id
    deadline = time.monotonic() + 40
    while (answer := claim(pulled, "fetcher")).status_code == 204:
        assert time.monotonic() < deadline
        pulled.sweep()
    translator = ScriptedTranslator(AttemptOrder.parse(answer.content), pulled.client, worker_id="fetcher")
    assert [page.page for page in translator.order.pages] == [1, 2, 5, 6]
    assert all(translator.read_input(page) == PNG for page in (1, 2, 5, 6))
    for page in (1, 2, 5, 6):
        translator.deliver(page, b"RIFF....WEBP")
    assert translator.finish().status_code == 200
    view = pulled.view(job_id)
    assert view.status is JobStatus.PARTIAL
    errors = {page.page: page.error.code.value for page in view.pages if page.error}
    assert errors == {3: "not_an_image", 4: "download_failed"}
