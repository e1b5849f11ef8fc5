"""Jobs whose pages come from URLs, for tests."""

from __future__ import annotations

from typing import Any

from contract.view import JobView
from tests.edge.memory_platform import Page
from tests.edge.world import Attempt, World

PNG = b"\x89PNG\r\n\x1a\n" + b"a page" * 20
SITE = "https://pages.test"


def url(page: int) -> str:
    return f"{SITE}/{page}.png"


def serve(world: World, count: int) -> list[dict[str, str]]:
    """Pages behind URLs, as a job asks for them."""
    world.platform.outside.pages.update(
        {url(page): Page(body=PNG + bytes([page % 256])) for page in range(1, count + 1)}
    )
    return [{"url": url(page)} for page in range(1, count + 1)]


def ask(world: World, pages: list[dict[str, str]], **more: Any) -> JobView:
    """Asks for a job; the background work is done when this returns."""
    answer = world.call("POST", "/jobs", data={"pages": pages, "chapter_id": "ch-1", **more})
    assert answer.status == 202, answer.body
    return JobView.parse(answer.body)


def inputs(world: World) -> list[str]:
    return sorted(key for key in world.platform.bucket.objects if key.startswith("inputs/"))


def finish(world: World) -> JobView:
    attempt = Attempt(world, world.orders[-1])
    for page in attempt.grants:
        attempt.deliver(page)
    assert attempt.finish().status == 200
    return world.view(attempt.job_id)
