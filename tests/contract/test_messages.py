"""Every message survives being written and read; everything else ends in BadMessage with the field's name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import PROTOCOL
from contract.attempt import AttemptOrder
from contract.document import PageDocument
from contract.errors import BadKey, BadMessage
from contract.event import ChapterFinished
from contract.grant import Grant
from contract.image_format import ImageFormat
from contract.job import MAX_METADATA_BYTES, MAX_PAGES, Direction, JobRequest, Options
from contract.listing import JobList
from contract.report import (
    Reply,
    Report,
)
from contract.status import JobStatus, PageStatus
from contract.view import JobView, PageView
from tests.contract.strategies import DOCUMENT, EVENT, LISTING, ORDER, REPLY, REPORT, REQUEST, TEXT, VIEW

Parse = Callable[[bytes], Any]
MESSAGES: dict[str, tuple[st.SearchStrategy[Any], Parse]] = {
    "job": (REQUEST, JobRequest.parse),
    "attempt": (ORDER, AttemptOrder.parse),
    "report": (REPORT, Report.parse),
    "reply": (REPLY, Reply.parse),
    "view": (VIEW, JobView.parse),
    "listing": (LISTING, JobList.parse),
    "event": (EVENT, ChapterFinished.parse),
    "document": (DOCUMENT, PageDocument.parse),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
each = pytest.mark.parametrize("name", MESSAGES)


@each
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_message_survives_being_written_and_read(name: str, data: st.DataObject) -> None:
    strategy, parse = MESSAGES[name]
    message = data.draw(strategy)
    for ascii_only in (True, False):
        assert parse(json.dumps(message.to_json(), ensure_ascii=ascii_only).encode()) == message


@given(document=DOCUMENT, event=EVENT, report=REPORT)
@settings(max_examples=25, deadline=None)
def test_a_message_that_writes_itself_is_read_again(
    document: PageDocument, event: ChapterFinished, report: Report
) -> None:
    assert PageDocument.parse(document.to_bytes()) == document
    assert ChapterFinished.parse(event.to_bytes()) == event
    assert Report.parse(report.to_bytes()) == report


@each
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_message_with_one_field_spoilt_is_read_or_refused_and_never_breaks(name: str, data: st.DataObject) -> None:
    strategy, parse = MESSAGES[name]
    message = json.loads(json.dumps(data.draw(strategy).to_json()))
    spoil(message, data)
    try:
        parsed = parse(json.dumps(message).encode())
    except (BadMessage, BadKey):
        return
    # What was read can be stored: no text in it is half a character, no number infinite.
    json.dumps(parsed.to_json(), ensure_ascii=False, allow_nan=False).encode()


def spoil(value: Any, data: st.DataObject) -> None:
    """Replaces or removes something somewhere inside."""
    while True:
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not places:
            return
        place = data.draw(st.sampled_from(places))
        if isinstance(value[place], dict | list) and value[place] and data.draw(st.booleans()):
            value = value[place]
        elif data.draw(st.booleans()):
            value[place] = data.draw(JSON | st.just("\ud800") | st.just(10**400))
            return
        else:
            del value[place]
            return


@each
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\uDFFF"}',
        b'{"\\ud800": 1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b"\x00",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_json_object_is_refused(name: str, body: bytes) -> None:
    with pytest.raises(BadMessage) as caught:
        MESSAGES[name][1](body)
    str(caught.value).encode()


def test_a_whole_surrogate_pair_is_a_character() -> None:
    body = b'{"pages": [{"upload": "image/png", "name": "\\ud83d\\udcac"}], "chapter_id": "c"}'
    assert JobRequest.parse(body).pages[0].name == "💬"


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400])
def test_a_number_that_no_float_holds_is_refused(number: str) -> None:
    with pytest.raises(BadMessage, match="lease_s"):
        Reply.parse(f'{{"lease_s": {number}}}'.encode())


def job(**changes: Any) -> bytes:
    return json.dumps({"pages": [{"upload": "image/png"}], "chapter_id": "chapter-1", **changes}).encode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pages": []}, "pages"),
        ({"pages": [{"upload": "image/png"}] * (MAX_PAGES + 1)}, "pages"),
        ({"pages": [{"upload": "image/png"}, {"upload": "text/html"}]}, "pages[1].upload"),
        ({"pages": [{}]}, "pages[0].upload"),
        ({"pages": ["image/png"]}, "pages[0]"),
        ({"pages": [{"upload": "image/png", "name": "n" * 256}]}, "pages[0].name"),
        ({"pages": [{"upload": "image/png", "url": "https://x"}]}, "pages[0].url"),
        ({"pages": {"upload": "image/png"}}, "pages"),
        ({"chapter_id": None}, "chapter_id"),
        ({"chapter_id": "../other"}, "chapter_id"),
        ({"chapter_id": 5}, "chapter_id"),
        ({"series_id": "a/b"}, "series_id"),
        ({"source": "Japanese!"}, "source"),
        ({"target": ""}, "target"),
        ({"target": "en\n"}, "target"),
        ({"reading_direction": "up"}, "reading_direction"),
        ({"options": {"image_format": "bmp"}}, "options.image_format"),
        ({"options": {"translator": ""}}, "options.translator"),
        ({"options": {"reader": "r" * 65}}, "options.reader"),
        ({"options": {"cleaner": ""}}, "options.cleaner"),
        ({"options": {"detector": 5}}, "options.detector"),
        ({"options": {"quality": 5}}, "options.quality"),
        ({"options": []}, "options"),
        ({"webhook_url": "ftp://app.example"}, "webhook_url"),
        ({"webhook_url": "https://app.example/a b"}, "webhook_url"),
        ({"webhook_url": "https://" + "a" * 2100}, "webhook_url"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"metadata": {"a": "吹" * (MAX_METADATA_BYTES // 3 + 1)}}, "metadata"),
        ({"chapterId": "typing mistake"}, "chapterId"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_job_that_breaks_its_schema_names_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadMessage) as caught:
        JobRequest.parse(job(**changes))
    assert caught.value.field == field


def test_a_job_of_the_least_gets_the_defaults() -> None:
    request = JobRequest.parse(job())
    assert (request.source, request.target, request.reading_direction) == ("ja", "en", Direction.AUTO)
    assert request.options == Options(ImageFormat.WEBP, "default")
    assert len(JobRequest.parse(job(pages=[{"upload": "image/png"}] * MAX_PAGES)).pages) == MAX_PAGES


@pytest.mark.parametrize("status", ["queued", "preparing", "running", "done", "", None])
def test_an_event_is_about_a_chapters_end_only(status: str | None) -> None:
    event = ChapterFinished("t", "j", "c", JobStatus.SUCCESS, 1, 0, "u").to_json()
    event["data"]["status"] = status
    with pytest.raises(BadMessage, match="status"):
        ChapterFinished.parse(json.dumps(event).encode())


@pytest.mark.parametrize("protocol", [PROTOCOL + 1, PROTOCOL - 2, -1, 99, "1", None, 1.0])
def test_a_peer_of_another_protocol_is_refused(protocol: Any) -> None:
    with pytest.raises(BadMessage, match="protocol"):
        Report.parse(json.dumps({"protocol": protocol, "type": "heartbeat"}).encode())


def test_the_urls_of_grants_do_not_show() -> None:
    assert "secret" not in repr(Grant("PUT", "https://r2.example/?X-Amz-Signature=secret"))


def test_a_views_counts_are_of_all_pages() -> None:
    pages = tuple(
        PageView(n, status) for n, status in enumerate([PageStatus.DONE, PageStatus.DONE, PageStatus.FAILED], 1)
    )
    view = JobView("j", JobStatus.RUNNING, "c", "ja", "en", pages, "t", "t", "u", "u", "u")
    assert view.counts == {"total": 3, "queued": 0, "running": 0, "failed": 1, "done": 2}
