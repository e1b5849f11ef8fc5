"""Whole attempts, from the signed order to the delivered result, against a fake orchestrator."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import replace
from itertools import pairwise

import pytest

from contract.document import PageDocument
from contract.image_format import ImageFormat
from contract.report import PageReport, Report, ReportType
from contract.status import PageErrorCode, PageStatus
from tests.translator.containers import QUICK, running, until
from tests.translator.fake_orchestrator import LOST, REFUSED, FakeOrchestrator
from tests.translator.tiny_stages import Script, bomb, image
from translator.backoff import Backoff
from translator.pipeline.protocols import StageError


def pages(count: int) -> dict[int, bytes | None]:
    return dict.fromkeys(range(1, count + 1), image())


def codes(report: Report) -> dict[int, str]:
    """Page to error code, ``done``, or the status of a page that has not ended."""
    return {page.page: _code(page) for page in report.pages}


def _code(page: PageReport) -> str:
    return page.error.code.value if page.error else page.status.value


async def test_a_chapter_comes_out_whole() -> None:
    async with running() as it:
        await it.run(it.orchestrator.order(pages(5)))
        fake = it.orchestrator
    assert fake.verified_pages() == [1, 2, 3, 4, 5]
    assert fake.content_types["/job-1/out/a1/3.webp"] == "image/webp"
    document = PageDocument.parse(fake.objects["/job-1/out/a1/3.json"])
    assert (document.page, document.width, document.height) == (3, 60, 80)
    assert document.engines["detect"] == "tiny-detector"
    assert fake.result.engines == document.engines


async def test_the_first_report_comes_before_any_work() -> None:
    script = Script(gates={("detect", 1): threading.Event()})
    async with running(script=script) as it:
        await it.dispatch(it.orchestrator.order(pages(2)))
        await until(lambda: script.arrival("detect", 1).is_set())
        first = it.orchestrator.reports[0]
        script.gates["detect", 1].set()
        await until(lambda: bool(it.orchestrator.results))
    assert first.seq == 0
    assert first.type is ReportType.HEARTBEAT
    assert {page.status for page in first.pages} == {PageStatus.QUEUED}


async def test_reports_count_up_name_the_stage_and_come_from_one_worker() -> None:
    script = Script(pauses={"detect": 0.05, "translate": 0.05})
    async with running(script=script) as it:
        await it.run(it.orchestrator.order(pages(3)))
        reports = it.orchestrator.reports
    assert [report.seq for report in reports] == list(range(len(reports)))
    assert len({report.worker_id for report in reports}) == 1
    assert len({report.event_id for report in reports}) == len(reports)
    stages = {page.stage for report in reports for page in report.pages if page.status is PageStatus.RUNNING}
    assert {"detect", "translate"} <= stages


async def test_a_silent_stage_is_still_covered_by_heartbeats() -> None:
    script = Script(gates={("detect", 1): threading.Event()})
    async with running(script=script) as it:
        await it.dispatch(replace(it.orchestrator.order(pages(1)), heartbeat_s=0.05))
        await until(lambda: len(it.orchestrator.reports) >= 6)
        script.gates["detect", 1].set()
        await until(lambda: bool(it.orchestrator.results))


async def test_reports_are_throttled() -> None:
    async with running(tempo=replace(QUICK, report_s=0.2)) as it:
        await it.run(replace(it.orchestrator.order(pages(8)), heartbeat_s=10))
        beats = len(it.orchestrator.reports)
    assert beats <= 6


async def test_the_transport_is_counted() -> None:
    async with running() as it:
        await it.run(it.orchestrator.order(pages(2)))
        result, objects = it.orchestrator.result, it.orchestrator.objects
    assert result.transport.bytes_in == 2 * len(image())
    assert result.transport.bytes_out == sum(len(data) for name, data in objects.items() if "/out/" in name)


async def test_bad_pages_fail_alone_each_with_its_code() -> None:
    good = image()
    contents = {1: good, 2: b"this is no image", 3: good[:60], 4: b"", 5: bomb(), 6: None, 7: good}
    async with running() as it:
        await it.run(it.orchestrator.order(contents))
        result = it.orchestrator.result
        assert it.orchestrator.verified_pages() == [1, 7]
    assert codes(result) == {
        1: "done",
        2: "not_an_image",
        3: "truncated_image",
        4: "empty_page",
        5: "image_too_large",
        6: "input_missing",
        7: "done",
    }
    failed = {page.page: page.error for page in result.pages if page.error}
    assert {page: error.retryable for page, error in failed.items()} == {
        2: False,
        3: False,
        4: False,
        5: False,
        6: True,
    }


async def test_a_file_over_the_limit_is_not_read_to_its_end() -> None:
    async with running(max_page_bytes=2000) as it:
        await it.run(it.orchestrator.order({1: b"x" * 5000, 2: image()}))
        assert codes(it.orchestrator.result) == {1: "image_too_large", 2: "done"}


async def test_a_defect_in_a_stage_costs_its_page_only(caplog: pytest.LogCaptureFixture) -> None:
    script = Script(faults={("read", 2): ZeroDivisionError("oops")})
    with caplog.at_level(logging.ERROR):
        async with running(script=script) as it:
            await it.run(it.orchestrator.order(pages(3)))
            result = it.orchestrator.result
    assert codes(result) == {1: "done", 2: "stage_failed", 3: "done"}
    error = result.pages[1].error
    assert error is not None
    assert error.detail.startswith("read: ZeroDivisionError")
    assert "oops" not in error.detail
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("stage", ["detect", "read", "order", "translate", "clean", "typeset"])
async def test_whatever_stage_gives_up_names_itself(stage: str) -> None:
    script = Script(faults={(stage, 1): StageError(stage, "stage_failed", "it cannot", retryable=True)})
    async with running(script=script) as it:
        await it.run(it.orchestrator.order(pages(2)))
        page = it.orchestrator.result.pages[0]
    assert page.error is not None
    assert (page.error.code, page.error.detail) == (PageErrorCode.STAGE_FAILED, f"{stage}: it cannot")
    assert page.stage == stage


async def test_a_page_waits_for_no_other_and_stages_of_several_pages_overlap() -> None:
    script = Script(pauses={"detect": 0.03, "translate": 0.03, "typeset": 0.03})
    async with running(script=script) as it:
        await it.run(it.orchestrator.order(pages(6)))
    detect = {call.page: call for call in script.of("detect")}
    translate = {call.page: call for call in script.of("translate")}
    typeset = {call.page: call for call in script.of("typeset")}
    overlapping = [
        page
        for page in range(2, 6)
        if detect[page + 1].began < translate[page].ended and typeset[page - 1].ended > translate[page].began
    ]
    assert overlapping
    assert {call.thread.partition("_")[0] for call in script.of("detect")} == {"read"}


async def test_memory_is_bounded_by_the_queues_not_by_the_chapter() -> None:
    script = Script(gates={("translate", 1): threading.Event()})
    async with running(script=script) as it:
        await it.dispatch(it.orchestrator.order(pages(30)))
        await until(lambda: script.arrival("translate", 1).is_set())
        await until(lambda: len(script.of("detect")) >= 3)
        ahead = len(script.of("detect"))
        downloads = sum(path.startswith("/job-1/in/") for _, path in it.orchestrator.requests)
        script.gates["translate", 1].set()
        await until(lambda: bool(it.orchestrator.results))
        await it.idle()
        assert len(it.orchestrator.verified_pages()) == 30
    assert ahead <= 4
    assert downloads <= 7


async def test_translation_sees_the_three_pages_before_in_their_order() -> None:
    async with running() as it:
        await it.run(it.orchestrator.order(pages(6)))
        requests = it.script.requests
    assert [request.page for request in requests] == [1, 2, 3, 4, 5, 6]
    assert [pairs[0][0] for pairs in requests[5].context] == ["3頁r0", "4頁r0", "5頁r0"]
    assert requests[0].context == ()


async def test_a_download_is_tried_again() -> None:
    async with running() as it:
        it.orchestrator.fault("GET", "/job-1/in/1", 500, times=2)
        it.orchestrator.fault("GET", "/job-1/in/2", REFUSED)
        it.orchestrator.fault("GET", "/job-1/in/3", 429, retry_after="0")
        await it.run(it.orchestrator.order(pages(3)))
        assert it.orchestrator.verified_pages() == [1, 2, 3]


async def test_a_download_that_never_works_fails_its_page() -> None:
    async with running() as it:
        it.orchestrator.fault("GET", "/job-1/in/2", 503, times=99)
        await it.run(it.orchestrator.order(pages(3)))
        assert codes(it.orchestrator.result) == {1: "done", 2: "download_failed", 3: "done"}


async def test_an_upload_whose_answer_was_lost_is_ours() -> None:
    async with running() as it:
        it.orchestrator.fault("PUT", "/job-1/out/a1/1.webp", LOST)
        it.orchestrator.fault("PUT", "/job-1/out/a1/1.json", 502)
        await it.run(it.orchestrator.order(pages(2)))
        assert it.orchestrator.verified_pages() == [1, 2]


async def test_an_object_that_was_there_before_is_not_ours() -> None:
    async with running() as it:
        it.orchestrator.objects["/job-1/out/a1/1.webp"] = b"another worker's"
        await it.run(it.orchestrator.order(pages(2)))
        assert codes(it.orchestrator.result) == {1: "upload_failed", 2: "done"}
        assert it.orchestrator.objects["/job-1/out/a1/1.webp"] == b"another worker's"


async def test_a_refused_grant_is_asked_for_again() -> None:
    async with running() as it:
        order = it.orchestrator.order(pages(3))
        it.orchestrator.expire(order.pages[0].input)
        it.orchestrator.expire(order.pages[1].image)
        it.orchestrator.expire(order.pages[2].document)
        await it.run(order)
        assert it.orchestrator.verified_pages() == [1, 2, 3]
        assert any(report.wants for report in it.orchestrator.reports)


async def test_grants_about_to_expire_are_renewed_before_they_are_used() -> None:
    fake = FakeOrchestrator()
    fake.grant_ttl_s = 30
    async with running(fake) as it:
        order = fake.order(pages(3))
        fake.grant_ttl_s = 600
        for page in order.pages:
            for grant in (page.input, page.image, page.document):
                fake.expire(grant)
        await it.run(order)
        assert fake.verified_pages() == [1, 2, 3]
        # None of the dying grants was ever used.
        assert not [path for method, path in fake.requests if method == "GET"][3:]


async def test_a_grant_that_is_refused_twice_fails_its_page() -> None:
    async with running(tempo=replace(QUICK, grants_s=0.1)) as it:
        order = it.orchestrator.order(pages(1))
        it.orchestrator.expire(order.pages[0].input)
        # What comes is what was refused before.
        it.orchestrator.page_grants = lambda *args: order.pages[0]  # type: ignore[method-assign]
        await it.run(order)
        assert codes(it.orchestrator.result) == {1: "download_failed"}


async def test_grants_that_do_not_come_fail_the_page_in_the_end() -> None:
    fake = FakeOrchestrator()
    fake.withhold_grants = True
    async with running(fake, tempo=replace(QUICK, grants_s=0.1)) as it:
        order = fake.order(pages(2))
        fake.expire(order.pages[0].input)
        await it.run(order)
    assert codes(fake.result) == {1: "download_failed", 2: "done"}
    assert any(want.page == 1 for report in fake.reports for want in report.wants)


async def test_a_page_too_tall_for_webp_is_delivered_as_png() -> None:
    async with running() as it:
        await it.run(it.orchestrator.order({1: image(20, 16_400), 2: image()}))
        assert it.orchestrator.verified_pages() == [1, 2]
        tall = it.orchestrator.result.pages[0].output
        assert tall is not None
        assert tall.image_format is ImageFormat.PNG
        assert it.orchestrator.content_types["/job-1/out/a1/1.png"] == "image/png"
        assert it.orchestrator.objects["/job-1/out/a1/1.png"].startswith(b"\x89PNG")
        wants = {want.image_format for report in it.orchestrator.reports for want in report.wants}
    assert ImageFormat.PNG in wants


async def test_the_result_is_stored_before_it_is_sent_byte_for_byte() -> None:
    async with running() as it:
        await it.run(it.orchestrator.order(pages(2)))
        fake = it.orchestrator
    assert fake.objects["/job-1/results/1"] == fake.bodies[-1]
    stored = fake.requests.index(("PUT", "/job-1/results/1"))
    assert [request for request in fake.requests[stored:] if request[0] == "POST"] == [("POST", "/callbacks/container")]


async def test_a_lost_callback_is_sent_again_under_another_id_and_the_same_event() -> None:
    fake = FakeOrchestrator()

    def lose_results(report: Report) -> None:
        if report.type is ReportType.RESULT and len(fake.results) < 3:
            raise ConnectionResetError

    fake.on_report = lose_results
    async with running(fake) as it:
        await it.dispatch(fake.order(pages(1)))
        await it.idle()
        text = (await it.http.get("/metrics")).text
    assert len(fake.results) == 3
    assert len({report.event_id for report in fake.results}) == 1
    assert len(set(fake.message_ids)) == len(fake.message_ids)
    assert "fukidashi_callback_retries_total 2.0" in text


async def test_a_result_that_is_stored_already_is_still_sent() -> None:
    async with running() as it:
        it.orchestrator.fault("PUT", "/job-1/results", LOST)
        await it.run(it.orchestrator.order(pages(1)))
        assert codes(it.orchestrator.result) == {1: "done"}


async def test_a_result_whose_grant_has_expired_is_still_sent() -> None:
    async with running() as it:
        order = it.orchestrator.order(pages(1))
        it.orchestrator.expire(order.result)
        await it.run(order)
        assert codes(it.orchestrator.result) == {1: "done"}


async def test_an_orchestrator_that_is_gone_ends_the_attempt_not_the_translator() -> None:
    async with running(tempo=replace(QUICK, callbacks=Backoff(tries=3, base_s=0.001))) as it:
        order = it.orchestrator.order(pages(1))
        it.orchestrator.fault("POST", "/callbacks", REFUSED, times=99)
        await it.dispatch(order)
        await it.idle()
        assert it.orchestrator.reports == []
        assert it.script.calls == []
        assert (await it.http.get("/healthz")).status_code == 200


async def test_lost_heartbeats_do_not_stop_the_work() -> None:
    async with running() as it:
        order = it.orchestrator.order(pages(4))
        await it.dispatch(order)
        it.orchestrator.fault("POST", "/callbacks", 503, times=5)
        await until(lambda: bool(it.orchestrator.results))
        assert it.orchestrator.verified_pages() == [1, 2, 3, 4]


async def test_a_cancelled_job_stops_after_the_stage_and_reports_the_rest_as_not_reached() -> None:
    script = Script(gates={("detect", 2): threading.Event()})
    async with running(script=script, threads=1) as it:
        await it.dispatch(it.orchestrator.order(pages(5)))
        await until(lambda: script.arrival("detect", 2).is_set())
        await until(lambda: it.orchestrator.reports[-1].pages[0].status is PageStatus.DONE)
        it.orchestrator.cancel = True
        beats = len(it.orchestrator.reports)
        await until(lambda: len(it.orchestrator.reports) > beats)
        script.gates["detect", 2].set()
        await until(lambda: bool(it.orchestrator.results))
        result = it.orchestrator.result
    assert codes(result) == {1: "done", **dict.fromkeys(range(2, 6), "not_reached")}
    assert [call.page for call in script.of("read")] == [1]


async def test_a_job_cancelled_before_it_began_does_no_work() -> None:
    fake = FakeOrchestrator()
    fake.cancel = True
    async with running(fake) as it:
        await it.run(fake.order(pages(3)))
    assert set(codes(fake.result).values()) == {"not_reached"}
    assert it.script.calls == []


async def test_an_attempt_that_is_stale_from_the_start_is_dropped_in_silence() -> None:
    fake = FakeOrchestrator()
    fake.stale_from = 0
    async with running(fake) as it:
        await it.dispatch(fake.order(pages(2)))
        await it.idle()
    assert it.script.calls == []
    assert [request for request in fake.requests if request[0] == "PUT"] == []


async def test_an_attempt_that_turns_stale_stops_at_once_without_a_result() -> None:
    script = Script(gates={("detect", 3): threading.Event()})
    async with running(script=script, threads=1) as it:
        await it.dispatch(it.orchestrator.order(pages(6)))
        await until(lambda: script.arrival("detect", 3).is_set())
        it.orchestrator.stale_from = 1
        await it.idle()
        script.gates["detect", 3].set()
        await until(lambda: len(script.of("detect")) == 3)
    assert it.orchestrator.results == []
    assert "/job-1/results/1" not in it.orchestrator.objects
    assert {call.page for call in script.of("read")} <= {1, 2}


async def test_the_memory_of_the_series_reaches_the_translator() -> None:
    async with running() as it:
        entries = [{"source": "1頁r0", "target": "as the series has it"}]
        memory = {"schema": 1, "source": "ja", "target": "en", "entries": entries}
        it.orchestrator.objects["/memory"] = json.dumps(memory).encode()
        order = it.orchestrator.order(pages(1), memory=it.orchestrator.grant("GET", "/memory"), series_id="s")
        await it.run(order)
        document = PageDocument.parse(it.orchestrator.objects["/job-1/out/a1/1.json"])
    assert [(one.translation, one.origin) for one in document.regions if one.id == "r0"] == [
        ("as the series has it", "memory")
    ]
    assert [text.region_id for request in it.script.requests for text in request.texts] == ["r1"]


@pytest.mark.parametrize("fault", [500, None])
async def test_a_memory_that_cannot_be_used_is_told_on_every_page(fault: int | None) -> None:
    async with running() as it:
        it.orchestrator.objects["/memory"] = b"garbage"
        if fault:
            it.orchestrator.fault("GET", "/memory", fault, times=99)
        order = it.orchestrator.order(pages(2), memory=it.orchestrator.grant("GET", "/memory"), series_id="s")
        await it.run(order)
        assert it.orchestrator.verified_pages() == [1, 2]
        assert all("memory was not used" in page.warnings[0] for page in it.orchestrator.result.pages)


async def test_a_series_without_a_memory_is_no_error() -> None:
    async with running() as it:
        order = it.orchestrator.order(pages(1), memory=it.orchestrator.grant("GET", "/memory"), series_id="s")
        await it.run(order)
        assert it.orchestrator.result.pages[0].warnings == ()


async def test_a_wrong_clock_is_corrected_by_what_the_orchestrator_says() -> None:
    fake = FakeOrchestrator()
    fake.clock_offset_s = 4000
    async with running(fake) as it:
        response = await it.http.put(**fake.dispatch(fake.order(pages(2))))
        assert response.status_code == 202
        await until(lambda: bool(fake.results))
        await it.idle()
    assert fake.verified_pages() == [1, 2]


async def test_no_url_and_no_token_gets_into_a_report_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("httpx").setLevel(logging.WARNING)
        async with running() as it:
            it.orchestrator.fault("GET", "/job-1/in/1", REFUSED, times=99)
            it.orchestrator.fault("PUT", "/job-1/out/a1/2.webp", 500, times=99)
            it.orchestrator.fault("PUT", "/job-1/out/a1/3.webp", 400, times=99)
            await it.run(it.orchestrator.order(pages(3)))
            told = json.dumps([report.to_json() for report in it.orchestrator.reports])
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert codes(it.orchestrator.result) == {1: "download_failed", 2: "upload_failed", 3: "upload_failed"}
    for text in (told, logged):
        assert "secret-" not in text
        assert "orchestrator.test" not in text


async def test_two_orders_at_once_both_come_out() -> None:
    async with running(max_jobs=2) as it:
        fake = it.orchestrator
        for job in ("job-1", "job-2"):
            assert (await it.dispatch(fake.order(pages(4), job_id=job))).status_code == 202
        await until(lambda: len(fake.results) == 2)
        await it.idle()
        finishing = sorted(it.script.of("typeset"), key=lambda call: call.began)
    assert {result.job_id for result in fake.results} == {"job-1", "job-2"}
    assert all(codes(result) == dict.fromkeys(range(1, 5), "done") for result in fake.results)
    # One lane: however many jobs there are, the typesetter is never used twice at once.
    assert all(first.ended <= second.began for first, second in pairwise(finishing))


async def test_two_pages_are_read_at_once_and_leave_in_their_order() -> None:
    script = Script(gates={("detect", 1): threading.Event()})
    async with running(script=script, threads=2) as it:
        await it.dispatch(it.orchestrator.order(pages(6)))
        await until(lambda: bool(script.of("order")))
        assert [call.page for call in script.of("order")] == [2]
        assert script.requests == []
        script.gates["detect", 1].set()
        await until(lambda: bool(it.orchestrator.results))
        await it.idle()
        assert it.orchestrator.verified_pages() == [1, 2, 3, 4, 5, 6]
    assert [request.page for request in script.requests] == [1, 2, 3, 4, 5, 6]
