"""What a job costs in operations on KV and R2, by Cloudflare's classes. docs/http.md says the same numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract.memory import Pair
from contract.report import ReportType
from contract.series import SeriesUpdate
from tests.edge.world import CONSUMER, Attempt, World

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "http.md").read_text()
CLASSES = {"put": "A", "list": "A", "head": "B", "read": "B", "open": "B", "delete": "free"}
COLUMNS = ("A", "B", "writes", "deletes", "lists", "reads")


@pytest.fixture
def presigned() -> Iterator[World]:
    world = World(presigned=True)
    yield world
    world.close()


class Bill:
    """Counts while it is open."""

    def __init__(self, world: World) -> None:
        self._world, self.counts = world, Counter[str]()

    @contextmanager
    def open(self) -> Iterator[None]:
        bucket, kv = self._world.platform.bucket, self._world.platform.kv
        originals = {name: getattr(kv, name) for name in ("get", "put", "delete", "list")}
        names = {"get": "reads", "put": "writes", "delete": "deletes", "list": "lists"}
        for name, original in originals.items():
            setattr(kv, name, self._counting(names[name], original))
        bucket.operations.clear()
        yield
        self.counts.update(CLASSES[operation] for operation, _ in bucket.operations)
        for name, original in originals.items():
            setattr(kv, name, original)

    def _counting(self, name: str, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        def call(*args: Any, **options: Any) -> Awaitable[Any]:
            self.counts[name] += 1
            return original(*args, **options)

        return call

    @property
    def row(self) -> tuple[int, ...]:
        return tuple(self.counts[name] for name in COLUMNS)


def bill(world: World, act: Callable[[], object]) -> tuple[int, ...]:
    made = Bill(world)
    with made.open():
        act()
    return made.row


def documented(name: str) -> tuple[int, ...]:
    match = re.search(rf"^\| {re.escape(name)} \|(.*)\|$", DOCS, re.MULTILINE)
    assert match is not None, name
    return tuple(int(cell) for cell in match[1].split("|"))


def check(world: World, name: str, act: Callable[[], object]) -> None:
    assert (name, bill(world, act)) == (name, documented(name))


@pytest.mark.parametrize("pages", [2, 200])
def test_a_jobs_operations_are_those_of_the_documentation_whatever_its_length(presigned: World, pages: int) -> None:
    world = presigned
    asked = {"pages": [{"upload": "image/png"}] * pages, "chapter_id": "c", "webhook_url": CONSUMER}
    check(world, "create", lambda: world.call("POST", "/jobs", data=asked))
    # Pages go past the orchestrator: for each, three A (input, image, document) and one B.
    job = world.create(pages, webhook_url=CONSUMER)
    world.upload(job)
    check(world, "start", lambda: world.call("POST", f"/jobs/{job.id}/start"))
    attempt = Attempt(world, world.orders[-1])
    check(world, "first heartbeat", attempt.heartbeat)
    check(world, "heartbeat", attempt.heartbeat)
    check(world, "poll of an open job", lambda: world.call("GET", f"/jobs/{job.id}"))
    for page in range(1, pages + 1):
        attempt.deliver(page)
    result = attempt.result()
    check(world, "result, with the webhook", lambda: attempt.send(result))
    assert len(world.deliveries) == 1
    check(world, "poll of a job that has ended", lambda: world.call("GET", f"/jobs/{job.id}"))
    shown = world.view(job.id).pages[0]
    for url in (str(shown.image_url), str(shown.document_url)):
        check(world, "download of an image or document", lambda url=url: world.call("GET", url))  # type: ignore[misc]
    check(world, "list jobs", lambda: world.call("GET", "/jobs"))


def test_a_chapter_of_a_series_costs_what_the_documentation_says(presigned: World) -> None:
    world = presigned
    attempt = world.attempt(2, series_id="s-1", webhook_url=CONSUMER)
    attempt.heartbeat()
    for page in (1, 2):
        attempt.deliver(page)
    assert attempt.order.learn is not None
    lesson = SeriesUpdate((Pair("夢", "a dream"),))
    assert world.use(attempt.order.learn, lesson.to_bytes()).status == 200
    result = replace(attempt.report(ReportType.RESULT), learned=1)
    assert world.use(attempt.order.result, result.to_bytes()).status == 200
    check(world, "result of a chapter of a series", lambda: attempt.send(result))


def test_an_idle_sweep_costs_what_the_documentation_says(world: World) -> None:
    check(world, "idle sweep, every minute", world.sweep)
