"""When a chapter ends, what was translated goes into the series' memory: of chapters that end at once nothing is lost,
and nothing of it can delay or fail a chapter."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from contract.glossary import Term
from contract.memory import Pair, PairOrigin
from contract.report import Report, ReportType
from contract.series import NewTerm, SeriesUpdate
from contract.status import JobStatus
from edge import series_learning
from edge.platform import PlatformError
from tests.edge import world as worlds
from tests.edge.world import MEMORY, Attempt, World


def lessons(*pairs: tuple[str, str], terms: tuple[NewTerm, ...] = ()) -> SeriesUpdate:
    return SeriesUpdate(tuple(Pair(source, text, PairOrigin.MODEL) for source, text in pairs), (), terms)


def taught(attempt: Attempt, update: SeriesUpdate, *, told: bool = True) -> Report:
    """The attempt's result, with what it learned left in the storage."""
    assert attempt.order.learn is not None
    assert attempt.world.use(attempt.order.learn, update.to_bytes()).status == 200
    report = replace(attempt.report(ReportType.RESULT), learned=update.size if told else None)
    assert attempt.world.use(attempt.order.result, report.to_bytes()).status == 200
    return report


def chapter(world: World, *, pages: int = 1, series: str = "s-1", **asked: Any) -> Attempt:
    attempt = world.attempt(pages, series_id=series, **asked)
    for page in attempt.grants:
        attempt.deliver(page)
    return attempt


def memory(world: World, series: str = "s-1") -> dict[str, str]:
    answer = world.call("GET", f"/series/{series}/memory")
    return {entry["source"]: entry["target"] for entry in answer.json["entries"]} if answer.status == 200 else {}


def left(world: World) -> list[str]:
    return [key for key in world.platform.bucket.objects if key.startswith("series_updates/")]


def until_learned(world: World) -> None:
    for _ in range(6):
        world.sweep(60)


def test_a_chapter_teaches_its_series_and_leaves_nothing_behind(any_world: World) -> None:
    world = any_world
    attempt = chapter(world)
    terms = (NewTerm("光", "Hikaru", "character"),)
    assert attempt.send(taught(attempt, lessons(("夢", "a dream"), terms=terms))).status == 200
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS
    assert memory(world) == {"夢": "a dream"}
    (term,) = world.call("GET", "/series/s-1/glossary").json["terms"]
    assert (term["id"], term["kind"]) == (Term("光").id, "character")
    assert term["translations"]["en"] == {"text": "Hikaru", "status": "proposed", "origin": "model"}
    assert left(world) == []
    again = world.attempt(series_id="s-1").order
    assert again.memory is not None
    assert again.glossary is not None


def test_of_two_chapters_that_end_at_once_every_pair_is_in_the_memory(world: World) -> None:
    chapters = [chapter(world, chapter_id=f"ch-{n}") for n in range(4)]
    requests = [
        attempt.request(taught(attempt, lessons((f"text {n}", f"said {n}"), ("both", "both"))))
        for n, attempt in enumerate(chapters)
    ]
    merging = 0

    async def end_at_once() -> None:
        nonlocal merging
        await asyncio.gather(*(world.app.handle(request) for request in requests))
        waiting, world.platform.waiting[:] = list(world.platform.waiting), []
        merging = len(waiting)
        await asyncio.gather(*waiting)

    world.runner.run(end_at_once())
    assert merging == 4
    refused = [key for operation, key in world.platform.bucket.operations if operation == "put"]
    assert refused.count("series/owner-a/s-1/memory.json") > 4, "they got into each other's way"
    assert left(world) == []
    assert memory(world) == {"both": "both", **{f"text {n}": f"said {n}" for n in range(4)}}


def test_a_lesson_merged_twice_changes_nothing(world: World) -> None:
    attempt = chapter(world)
    report = taught(attempt, lessons(("夢", "a dream")))
    held = world.platform.bucket.objects[attempt_key(attempt)]
    attempt.send(report)
    etag = world.call("GET", "/series/s-1/memory").headers["etag"]
    world.platform.bucket.objects[attempt_key(attempt)] = held
    until_learned(world)
    assert world.call("GET", "/series/s-1/memory").headers["etag"] == etag
    assert left(world) == []


def attempt_key(attempt: Attempt) -> str:
    return f"series_updates/{attempt.job_id}/{attempt.order.attempt}.json"


def test_what_the_end_could_not_merge_the_sweep_does_and_the_chapter_ended_all_the_same(world: World) -> None:
    attempt = chapter(world)
    report = taught(attempt, lessons(("夢", "a dream")))
    world.platform.bucket.breaks = lambda operation, key: key.startswith("series/")
    assert attempt.send(report).status == 200
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS
    until_learned(world)
    assert left(world) == [attempt_key(attempt)]
    world.platform.bucket.breaks = lambda operation, key: False
    until_learned(world)
    assert (memory(world), left(world)) == ({"夢": "a dream"}, [])


def test_an_isolate_that_ends_before_the_background_work_loses_nothing(world: World) -> None:
    attempt = chapter(world)
    report = taught(attempt, lessons(("夢", "a dream")))
    request = attempt.request(report)

    async def handled_and_gone() -> None:
        await world.app.handle(request)
        for work in world.platform.waiting:
            work.close()  # type: ignore[attr-defined]
        world.platform.waiting.clear()

    world.runner.run(handled_and_gone())
    world.platform.kv.lose_everything()
    until_learned(world)
    assert (memory(world), left(world)) == ({"夢": "a dream"}, [])


def test_a_result_of_an_attempt_that_was_taken_over_teaches_too(world: World) -> None:
    first = world.attempt(2, series_id="s-1")
    first.deliver(1)
    first.run(2)
    first.heartbeat()
    world.sweep(world.config.lease_s + 1)
    second = Attempt(world, world.orders[-1], worker_id="worker-2")
    taught(first, lessons(("夢", "a dream")))
    for page in second.grants:
        second.deliver(page)
    second.send(taught(second, lessons(("光", "light"))))
    until_learned(world)
    assert memory(world) == {"夢": "a dream", "光": "light"}


def test_of_an_attempt_that_died_the_pages_tell(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_learning, "_PAGES_AT_ONCE", 2)
    attempt = world.attempt(6, series_id="s-1")
    for page in (1, 2, 3, 4, 5):
        monkeypatch.setattr(worlds, "DOCUMENT", page_document(page))
        attempt.deliver(page)
    attempt.heartbeat()
    world.sweep(world.config.lease_s + 1)
    second = Attempt(world, world.orders[-1], worker_id="worker-2")
    assert list(second.grants) == [6]
    second.deliver(6)
    second.send(taught(second, lessons(("text 6", "said 6"))))
    assert world.view(attempt.job_id).status is JobStatus.SUCCESS
    for _ in range(3):
        until_learned(world)
    assert memory(world) == {f"text {page}": f"said {page}" for page in range(1, 7)}
    assert left(world) == []


def page_document(page: int) -> bytes:
    """One translated by a model, and others that teach nothing."""
    told = [("model", f"text {page}", f"said {page}", ""), ("gloss", "あ", "a", ""), ("kept_source", "い", "", "")]
    told += [("memory", "う", "u", ""), ("model", "え", "e", "a term is missing"), ("elsewhere", "お", "o", "")]
    regions = [
        {
            "id": f"r{index}", "box": [0, 0, 1, 1], "polygon": [], "kind": "dialogue", "vertical": True, "order": index,
            "source_text": source, "translation": text, "origin": origin, "confidence": 1.0, "note": note,
        }
        for index, (origin, source, text, note) in enumerate(told)
    ]  # fmt: skip
    document = {"schema": 1, "page": page, "width": 900, "height": 1300, "source": "ja", "target": "en"}
    return json.dumps({**document, "regions": regions}).encode()


def test_pages_that_a_retry_carried_over_are_not_learned_again(world: World) -> None:
    attempt = world.attempt(2, series_id="s-1")
    attempt.deliver(1)
    attempt.fail(2)
    attempt.send(taught(attempt, lessons(("夢", "a dream"))))
    retried = world.call("POST", f"/jobs/{attempt.job_id}/retry").json["id"]
    second = Attempt(world, world.orders[-1])
    assert second.job_id == retried
    second.deliver(2)
    report = replace(second.report(ReportType.RESULT), learned=0)
    world.platform.bucket.operations.clear()
    assert second.send(report).status == 200
    assert not [key for _, key in world.platform.bucket.operations if key.startswith("series")]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"schema": 1, "pairs": [{"source": "a"}]}', b"\xff" * 10, b"[" * 5_000]
)
def test_a_lesson_that_is_none_is_logged_and_gone(world: World, body: bytes) -> None:
    attempt = chapter(world)
    assert attempt.order.learn is not None
    assert world.use(attempt.order.learn, body).status == 200
    report = replace(attempt.report(ReportType.RESULT), learned=3)
    assert attempt.send(report).status == 200
    assert (memory(world), left(world)) == ({}, [])
    assert len(world.platform.events("bad_lesson")) == 1


def test_a_series_whose_memory_is_none_waits_for_a_person(world: World) -> None:
    async def spoil() -> None:
        await world.platform.bucket.put("series/owner-a/s-1/memory.json", b"{}", content_type="application/json")

    world.runner.run(spoil())
    attempt = chapter(world)
    assert attempt.send(taught(attempt, lessons(("夢", "a dream")))).status == 200
    assert left(world) == [attempt_key(attempt)]
    world.call("PUT", "/series/s-1/memory", data={**MEMORY, "entries": []})
    until_learned(world)
    assert (memory(world), left(world)) == ({"夢": "a dream"}, [])


def test_what_a_job_that_is_gone_left_is_swept_away(world: World) -> None:
    attempt = chapter(world)
    taught(attempt, lessons(("夢", "a dream")))
    del world.platform.bucket.objects[f"jobs/{attempt.job_id}/job.json"]
    until_learned(world)
    assert (memory(world), left(world)) == ({}, [])


def test_a_translator_cannot_name_another_series_or_speak_for_a_person(world: World) -> None:
    world.call("PUT", "/series/s-1/memory", data={**MEMORY, "entries": [{"source": "夢", "target": "a dream"}]})
    attempt = chapter(world)
    forged = {
        "schema": 1, "series_id": "s-2", "owner": "owner-b", "source": "ja", "target": "fr", "used": [], "terms": [],
        "pairs": [{"source": "夢", "target": "hacked", "origin": "user"}, {"source": "光", "target": "light"}],
    }  # fmt: skip
    assert attempt.order.learn is not None
    world.use(attempt.order.learn, json.dumps(forged).encode())
    attempt.send(replace(attempt.report(ReportType.RESULT), learned=2))
    assert memory(world) == {"夢": "a dream", "光": "light"}
    written = {key for key in world.platform.bucket.objects if key.startswith("series/")}
    assert written == {"series/owner-a/s-1/memory.json"}


def test_a_chapter_without_a_series_or_that_learned_nothing_costs_nothing(world: World) -> None:
    for series in (None, "s-1"):
        attempt = world.attempt(1, **({"series_id": series} if series else {}))
        attempt.deliver(1)
        report = replace(attempt.report(ReportType.RESULT), learned=0 if series else None)
        world.platform.bucket.operations.clear()
        assert attempt.send(report).status == 200
        assert not [key for _, key in world.platform.bucket.operations if key.startswith("series")]


def test_learning_that_breaks_is_logged_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise PlatformError("R2 is down")

    attempt = chapter(world)
    report = taught(attempt, lessons(("夢", "a dream")))
    monkeypatch.setattr(series_learning, "merge_into", broken)
    assert attempt.send(report).status == 200
    assert [event["error"] for event in world.platform.events("learning_broke")] == ["PlatformError"]


def test_a_models_answers_are_replaced_and_found_by_every_later_attempt_and_retry(any_world: World) -> None:
    world = any_world
    first = world.attempt(2)
    assert first.order.pages[0].decided is None, "there can be none yet"
    for body in (b'{"schema": 1}', b'{"schema": 1, "asked": []}'):
        grant = first.order.pages[1].decisions
        assert grant is not None
        assert world.use(grant, body).status == 200
    first.deliver(1)
    first.heartbeat()
    world.sweep(world.config.lease_s + 1)
    second = Attempt(world, world.orders[-1], worker_id="worker-2")
    assert found(world, second) == {2: b'{"schema": 1, "asked": []}'}
    second.fail(2)
    second.finish()
    assert world.call("POST", f"/jobs/{first.job_id}/retry").status == 202
    retried = Attempt(world, world.orders[-1])
    assert retried.order.attempt == 1
    assert found(world, retried) == {2: b'{"schema": 1, "asked": []}'}


def found(world: World, attempt: Attempt) -> dict[int, bytes]:
    grants = {page.page: page.decided for page in attempt.order.pages}
    return {page: world.use(grant).body for page, grant in grants.items() if grant is not None}
