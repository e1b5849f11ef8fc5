"""How fast the real Worker in workerd answers a poll, and presigns a chapter's uploads. Figures of this machine."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from contract.image_format import ImageFormat
from contract.report import PageOutput, PageReport
from contract.status import PageStatus
from tests.support import secrets
from tests.support.orchestrator import Orchestrator
from tests.support.peers import serve_peer, stored
from tests.support.workerd import Workerd, dry_run
from tools.bench.presigning import in_cpython_ms

TRACK = "pyodide"
"""Python 3.13, as in production."""
PAGES = (10, 50, 200, 500)
URLS = 200
_PROBE = Path(__file__).with_name("worker_probe.py")
_WARM_UP, _CALLS, _AT_ONCE = 10, 100, 8
_TIMINGS = {"detect": 512, "read": 204, "order": 1, "translate": 803, "clean": 61, "typeset": 118, "encode": 44}


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds of one request after the other; CPU of all processes of workerd and Miniflare; requests a second
    with some at once."""

    p50_ms: float
    p99_ms: float
    cpu_ms: float
    a_second: float

    @property
    def told(self) -> str:
        wall = f"p50 {self.p50_ms:6.1f} ms  p99 {self.p99_ms:6.1f} ms"
        return f"{wall}  CPU {self.cpu_ms:5.1f} ms  {self.a_second:5.0f} a second"


@dataclass(frozen=True, slots=True)
class Server:
    """The Worker and what it uses up."""

    orchestrator: Orchestrator
    process: psutil.Process

    def measured(self, call: Callable[[], int], expected: int) -> Speed:
        for _ in range(_WARM_UP):
            assert call() == expected
        cpu_s = self._cpu_s()
        times = sorted(_timed(call) for _ in range(_CALLS))
        cpu_s = self._cpu_s() - cpu_s
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            took_s = _timed(lambda: list(pool.map(lambda _: call(), range(_CALLS))))
        p99 = times[int(0.99 * len(times))]
        return Speed(1000 * statistics.median(times), 1000 * p99, 1000 * cpu_s / _CALLS, _CALLS / took_s)

    def get(self, path: str, headers: dict[str, str] | None = None) -> int:
        return self.orchestrator.call("GET", path, headers=headers).status_code

    def _cpu_s(self) -> float:
        times = [one.cpu_times() for one in (self.process, *self.process.children(recursive=True))]
        return float(sum(one.user + one.system for one in times))


def run() -> Iterator[str]:
    """Lines, as they are measured."""
    yield f"the Worker in workerd ({TRACK}), {_CALLS} requests each, {_AT_ONCE} at once for the rate:"
    with tempfile.TemporaryDirectory() as folder:
        built = dry_run(Path(folder) / "worker")
        if built.returncode:
            raise SystemExit(f"wrangler could not build the Worker:\n{built.stderr}")
        with _serving(Path(folder) / "worker", Path(folder)) as server:
            yield from _polls(server)
        probe = Path(folder) / "probe"
        shutil.copytree(Path(folder) / "worker", probe)
        shutil.copy(_PROBE, probe / "entry.py")
        with _serving(probe, Path(folder)) as server:
            yield from _presigning(server)


def _polls(server: Server) -> Iterator[str]:
    nothing = server.measured(lambda: server.get("/healthz"), 200)
    yield f"  {'GET /healthz':<38}{nothing.told}"
    whole: dict[int, Speed] = {}
    for pages in PAGES:
        path, tag = _job(server.orchestrator, pages)
        whole[pages] = server.measured(lambda path=path: server.get(path), 200)  # type: ignore[misc]
        unchanged = server.measured(lambda path=path, tag=tag: server.get(path, tag), 304)  # type: ignore[misc]
        yield f"  {f'GET /jobs/:id, {pages} pages':<38}{whole[pages].told}"
        wall, cpu = unchanged.p50_ms / whole[pages].p50_ms, unchanged.cpu_ms / whole[pages].cpu_ms
        yield f"  {'  the same, 304':<38}{unchanged.told}  304 : 200 = {wall:.2f}, CPU {cpu:.2f}"
    few, many = whole[PAGES[0]], whole[PAGES[-1]]
    yield (
        f"  {PAGES[-1]} pages : {PAGES[0]} pages = {many.p50_ms / few.p50_ms:.2f}, CPU {many.cpu_ms / few.cpu_ms:.2f}; "
        f"200 pages : healthz = {whole[200].p50_ms / nothing.p50_ms:.1f}, CPU {whole[200].cpu_ms / nothing.cpu_ms:.1f}"
    )


def _presigning(server: Server) -> Iterator[str]:
    none = server.measured(lambda: server.get("/0"), 200)
    all_of_them = server.measured(lambda: server.get(f"/{URLS}"), 200)
    wall, cpu = all_of_them.p50_ms - none.p50_ms, all_of_them.cpu_ms - none.cpu_ms
    yield f"  {URLS} presigned URLs, beyond a request for none: {wall:.1f} ms, CPU {cpu:.1f} ms"
    yield f"  {URLS} presigned URLs in CPython: CPU {in_cpython_ms(URLS):.1f} ms"


@contextmanager
def _serving(worker: Path, folder: Path) -> Iterator[Server]:
    """With a translator that takes every order."""
    with serve_peer() as translator, serve_peer() as consumer, httpx.Client(timeout=120) as client:
        env = {**secrets.orchestrator_env(translator_url=translator.url), "LEASE_S": "3600"}
        bindings = {**env, **secrets.S3, "PUBLIC_URL": "$URL", "S3_ENDPOINT": "$S3"}
        workerd = Workerd(worker, TRACK, bindings=bindings, log=folder / "workerd.log")
        try:
            orchestrator = Orchestrator(TRACK, workerd.url, translator, consumer, client, workerd.sweep)
            yield Server(orchestrator, psutil.Process(workerd.pid))
        finally:
            workerd.stop()


def _job(orchestrator: Orchestrator, pages: int) -> tuple[str, dict[str, str]]:
    """A job of so many pages, three quarters of them done: its path, and the header that makes it a 304."""
    attempt = orchestrator.taken(pages=pages)
    done = [_done(page) for page in range(1, pages * 3 // 4 + 1)]
    answer = attempt.heartbeat(*done, PageReport(len(done) + 1, PageStatus.RUNNING, stage="read"))
    assert answer.status_code == 200, answer.text
    path = f"/jobs/{attempt.order.job_id}"
    return path, {"if-none-match": orchestrator.call("GET", path).headers["etag"]}


def _done(page: int) -> PageReport:
    output = PageOutput(1, ImageFormat.WEBP, stored(b"image %d" % page), stored(b"document"), 824, 1170)
    return PageReport(page, PageStatus.DONE, output=output, timings_ms=dict(_TIMINGS))


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
