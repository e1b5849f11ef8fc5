"""Pages that come from URLs: what arrives, what does not, and what an invocation may use for it."""

from __future__ import annotations

import json

import pytest

from contract.status import JobStatus, PageStatus
from edge.mirror import LEASE_S, STREAMS
from edge.platform import FetchError
from tests.edge.memory_platform import Page
from tests.edge.mirrored import PNG, SITE, ask, finish, inputs, serve, url
from tests.edge.world import World


def test_a_job_of_urls_fetches_its_pages_and_starts_by_itself(any_world: World) -> None:
    job = ask(any_world, serve(any_world, 3))
    assert job.status is JobStatus.PREPARING
    assert not job.uploads
    assert len(inputs(any_world)) == 3
    assert [page.page for page in any_world.orders[-1].pages] == [1, 2, 3]
    assert any_world.use(any_world.orders[-1].pages[1].input).body == PNG + b"\x02"
    assert finish(any_world).status is JobStatus.SUCCESS


def test_what_is_stored_has_the_type_that_its_bytes_have(world: World) -> None:
    world.platform.outside.pages[url(1)] = Page(body=b"\xff\xd8\xff\xe0 a photo", headers={"content-type": "text/html"})
    ask(world, [{"url": url(1)}])
    [key] = inputs(world)
    assert key.endswith("/pages/0001.bin")
    assert world.platform.bucket.objects[key][0].content_type == "image/jpeg"


def test_a_mix_waits_for_its_uploads_and_for_the_word_to_start(world: World) -> None:
    pages = serve(world, 2)
    job = ask(world, [pages[0], {"upload": "image/png"}, pages[1]])
    assert [upload.page for upload in job.uploads] == [2]
    assert (world.view(job.id).status, world.orders) == (JobStatus.PREPARING, [])
    missing = world.call("POST", f"/jobs/{job.id}/start")
    assert (missing.status, missing.json["missing"]) == (409, [2])
    world.upload(job)
    assert world.call("POST", f"/jobs/{job.id}/start").status == 202
    assert [page.page for page in world.orders[-1].pages] == [1, 2, 3]
    assert finish(world).status is JobStatus.SUCCESS


def test_a_mix_that_is_started_early_begins_when_its_last_page_has_come(world: World) -> None:
    job = ask(world, [{"url": url(1)}, {"upload": "image/png"}])
    world.upload(job)
    started = world.call("POST", f"/jobs/{job.id}/start")
    assert (started.status, started.json["status"], world.orders) == (202, "preparing", [])
    serve(world, 1)
    world.sweep(60)
    assert len(world.orders) == 1


def test_redirects_are_followed_three_times_and_no_more(world: World) -> None:
    pages = serve(world, 1)
    hops = [f"{SITE}/hop{hop}" for hop in range(5)]
    for here, there in zip(hops, [*hops[1:], url(1)], strict=True):
        world.platform.outside.pages[here] = Page(302, headers={"location": there})
    job = ask(world, [{"url": hops[2]}, {"url": hops[1]}, *pages])
    assert [page.page for page in world.orders[-1].pages] == [1, 3]
    failed = world.view(job.id).pages[1]
    assert failed.error is not None
    assert (failed.status, failed.error.code.value, failed.error.retryable) == (
        PageStatus.FAILED,
        "download_failed",
        False,
    )


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:8080/",
        "//localhost/",
        "http://rebound.test/",
        "ftp://pages.test/1.png",
        "http://u:p@pages.test/",
        "http://[::ffff:10.0.0.1]/",
        "",
        "http://[",
    ],
)
def test_a_redirect_is_checked_as_the_first_url_is(world: World, location: str) -> None:
    world.platform.outside.names["rebound.test"] = ["93.184.215.14", "10.0.0.1"]
    world.platform.outside.pages[url(1)] = Page(302, headers={"location": location} if location else {})
    job = ask(world, [{"url": url(1)}])
    view = world.view(job.id)
    assert (view.status, inputs(world)) == (JobStatus.ERROR, [])
    assert view.pages[0].error is not None
    assert view.pages[0].error.code.value == "download_failed"
    assert not view.pages[0].error.retryable
    assert len(world.platform.outside.asked) <= 2


@pytest.mark.parametrize(
    "bad", ["http://localhost/1.png", "http://10.0.0.1/", "http://0x7f.1/", "http://u@pages.test/", "http://x.test:22/"]
)
def test_a_url_that_is_private_on_its_face_is_refused_at_once(world: World, bad: str) -> None:
    answer = world.call("POST", "/jobs", data={"pages": [{"url": url(1)}, {"url": bad}], "chapter_id": "c"})
    assert (answer.status, answer.json["field"]) == (422, "pages[1].url")
    assert not world.platform.outside.asked


def test_private_pages_are_fetched_only_where_that_is_configured() -> None:
    world = World(allow_private_pages=True)
    world.platform.outside.pages["http://127.0.0.1:9999/1.png"] = Page(body=PNG)
    ask(world, [{"url": "http://127.0.0.1:9999/1.png"}])
    assert len(inputs(world)) == 1
    world.close()


@pytest.mark.parametrize(
    ("page", "code", "retryable"),
    [
        (Page(body=b""), "empty_page", False),
        (Page(body=b"", is_sized=False), "empty_page", False),
        (Page(body=b"<!doctype html><html>"), "not_an_image", False),
        (Page(body=b"BM is how this text begins"), "not_an_image", False),
        (Page(body=b"%PDF-1.7"), "not_an_image", False),
        (Page(body=PNG + b"x" * 2000), "image_too_large", False),
        (Page(body=PNG + b"x" * 2000, is_sized=False), "image_too_large", False),
        (Page(404), "download_failed", False),
        (Page(403, body=PNG), "download_failed", False),
        (Page(204), "download_failed", False),
        (Page(206, body=PNG), "download_failed", False),
        (Page(body=PNG, headers={"content-encoding": "gzip"}), "download_failed", False),
        (Page(500), "download_failed", True),
        (Page(429), "download_failed", True),
        (Page(body=PNG, breaks_at=10), "download_failed", True),
        (Page(body=PNG, breaks_at=10, is_sized=False), "download_failed", True),
    ],
)
def test_a_page_that_cannot_be_had_fails_alone_and_says_why(page: Page, code: str, retryable: bool) -> None:
    world = World(max_page_bytes=1000)
    good = serve(world, 1)
    world.platform.outside.pages[url(2)] = page
    ask(world, [*good, {"url": url(2)}])
    for _ in range(3):
        world.sweep(LEASE_S + 1)
    assert [grants.page for grants in world.orders[-1].pages] == [1]
    view = finish(world)
    assert view.status is JobStatus.PARTIAL
    error = view.pages[1].error
    assert error is not None
    assert (error.code.value, error.retryable) == (code, retryable)
    assert len(inputs(world)) == 1
    world.close()


def test_a_chapter_of_which_no_page_comes_ends_in_error_without_a_translator(world: World) -> None:
    world.platform.outside.pages.update({url(page): Page(404) for page in range(1, 4)})
    job = ask(world, [{"url": url(page)} for page in range(1, 4)])
    view = world.view(job.id)
    assert (view.status, view.counts["failed"], world.orders) == (JobStatus.ERROR, 3, [])


def test_trouble_that_passes_is_tried_again_by_the_sweep(world: World) -> None:
    pages = serve(world, 2)
    answers = iter([Page(503), Page(503), Page(body=PNG)])
    world.platform.outside.pages[url(2)] = lambda: next(answers)
    job = ask(world, pages)
    assert (world.view(job.id).status, len(inputs(world))) == (JobStatus.PREPARING, 1)
    world.sweep(60)
    assert not world.orders
    world.sweep(60)
    assert [grants.page for grants in world.orders[-1].pages] == [1, 2]
    assert world.platform.outside.asked.count(url(1)) == 1


def test_a_page_of_unknown_size_is_counted_first_and_then_stored(world: World) -> None:
    world.platform.outside.pages[url(1)] = Page(body=PNG, is_sized=False)
    ask(world, [{"url": url(1)}])
    assert world.platform.outside.asked == [url(1)] * 2
    [key] = inputs(world)
    assert world.platform.bucket.objects[key][1] == PNG


def test_a_page_of_unknown_size_that_changes_in_between_is_not_stored(world: World) -> None:
    bodies = iter([PNG, PNG + b"more"])
    world.platform.outside.pages[url(1)] = lambda: Page(body=next(bodies), is_sized=False)
    job = ask(world, [{"url": url(1)}])
    assert not inputs(world)
    assert world.view(job.id).status is JobStatus.PREPARING


def test_the_chapters_bytes_are_capped() -> None:
    world = World(max_job_bytes=2 * len(PNG))
    job = ask(world, serve(world, 8))
    view = world.view(job.id)
    codes = {page.error.code.value for page in view.pages if page.error}
    assert codes == {"image_too_large"}
    assert 2 <= len(inputs(world)) <= 1 + STREAMS
    assert len(world.orders) == 1
    world.close()


def test_a_storage_that_fails_costs_a_page_no_try(world: World) -> None:
    pages = serve(world, 4)
    world.platform.bucket.breaks = lambda operation, key: operation == "put" and key.startswith("inputs/")
    job = ask(world, pages)
    for _ in range(5):
        world.sweep(LEASE_S + 1)
    assert world.view(job.id).counts["failed"] == 0
    world.platform.bucket.breaks = lambda operation, key: False
    world.sweep(LEASE_S + 1)
    assert len(world.orders) == 1


def test_a_put_whose_answer_is_lost_is_found_the_next_time(world: World) -> None:
    pages = serve(world, 2)
    lost = iter([True])
    world.platform.bucket.loses = lambda operation, key: key.endswith("0001.bin") and next(lost, False)
    ask(world, pages)
    world.sweep(60)
    assert [grants.page for grants in world.orders[-1].pages] == [1, 2]


def test_a_job_that_is_canceled_while_its_pages_come_ends(world: World) -> None:
    job = ask(world, [{"url": url(1)}])
    assert world.call("POST", f"/jobs/{job.id}/cancel").status == 202
    assert world.view(job.id).status is JobStatus.CANCELED
    serve(world, 1)
    world.sweep(LEASE_S + 1)
    assert not inputs(world)


def test_a_job_whose_pages_never_come_expires(world: World) -> None:
    def broken(operation: str, key: str) -> bool:
        return operation == "put" and key.startswith("inputs/")

    world.platform.bucket.breaks = broken
    job = ask(world, serve(world, 1))
    world.sweep(world.config.job_ttl_s + 1)
    assert world.view(job.id).status is JobStatus.EXPIRED


def test_a_retry_fetches_what_did_not_come(world: World) -> None:
    pages = serve(world, 2)
    world.platform.outside.pages[url(2)] = Page(404)
    first = ask(world, pages)
    assert finish(world).status is JobStatus.PARTIAL
    serve(world, 2)
    answer = world.call("POST", f"/jobs/{first.id}/retry")
    assert answer.status == 202, answer.body
    assert [grants.page for grants in world.orders[-1].pages] == [2]
    assert finish(world).status is JobStatus.SUCCESS


def test_the_urls_are_in_no_answer_no_log_and_no_error(world: World) -> None:
    secret = "https://pages.test/1.png?signature=s3cr3t"
    world.platform.outside.pages[secret] = Page(404)
    job = ask(world, [{"url": secret}])
    answer = world.call("GET", f"/jobs/{job.id}")
    assert "s3cr3t" not in answer.body.decode()
    assert "s3cr3t" not in json.dumps(world.platform.logs)


def test_the_size_of_a_broken_answer_is_not_guessed(world: World) -> None:
    def refuse() -> Page:
        raise FetchError("connection refused")

    world.platform.outside.pages[url(1)] = refuse
    job = ask(world, [{"url": url(1)}])
    for _ in range(3):
        world.sweep(60)
    error = world.view(job.id).pages[0].error
    assert error is not None
    assert (error.code.value, error.retryable) == ("download_failed", True)
