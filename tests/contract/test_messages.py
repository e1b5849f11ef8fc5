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
from contract.document import DocumentRegion, PageDocument, PlacedText
from contract.errors import BadKey, BadMessage
from contract.event import ChapterFinished
from contract.grant import Grant, PageGrants
from contract.image_format import INPUT_TYPES, ImageFormat
from contract.job import MAX_METADATA_BYTES, MAX_PAGES, Direction, JobRequest, Options, PageSpec
from contract.listing import JobItem, JobList
from contract.report import (
    PageError,
    PageOutput,
    PageReport,
    Reply,
    Report,
    ReportType,
    StoredObject,
    Transport,
    Want,
)
from contract.status import JobStatus, PageErrorCode, PageStatus
from contract.view import JobView, PageView, Upload, WebhookView

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
ID = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True)
COUNT = st.integers(0, 10**9)
PAGE = st.integers(1, 9999)
MAYBE_TEXT = st.none() | TEXT
STRINGS = st.dictionaries(TEXT, TEXT, max_size=3)
COUNTS = st.dictionaries(TEXT, COUNT, max_size=3)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
INT = st.integers(-(10**6), 10**6)
POINT = st.tuples(INT, INT)
COLOUR = st.tuples(*[st.integers(0, 255)] * 3)
BOX = st.builds(lambda x, y, w, h: (x, y, x + w, y + h), INT, INT, COUNT, COUNT)
LANGUAGE = st.sampled_from(["ja", "en", "zh-Hant", "pt-BR", "fil"])
FORMAT = st.sampled_from(ImageFormat)
SECONDS = st.floats(0, 10**6)


def tuples(strategy: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=least, max_size=3).map(tuple)


OPTIONS = st.builds(Options, FORMAT, st.text(st.characters(codec="ascii"), min_size=1, max_size=64))
REQUEST = st.builds(
    JobRequest,
    pages=tuples(st.builds(PageSpec, st.sampled_from(sorted(INPUT_TYPES)), TEXT), 1),
    chapter_id=ID,
    source=LANGUAGE,
    target=LANGUAGE,
    series_id=st.none() | ID,
    reading_direction=st.sampled_from(Direction),
    options=OPTIONS,
    webhook_url=st.none() | st.just("https://app.example/hook"),
    metadata=STRINGS,
)
GRANT = st.builds(Grant, st.sampled_from(["GET", "PUT"]), TEXT, STRINGS, COUNT)
GRANTS = st.builds(PageGrants, PAGE, GRANT, GRANT, GRANT)
ORDER = st.builds(
    AttemptOrder,
    job_id=TEXT,
    attempt=st.integers(1, 99),
    chapter_id=TEXT,
    source=TEXT,
    target=TEXT,
    reading_direction=st.sampled_from(Direction),
    options=OPTIONS,
    callback_url=TEXT,
    heartbeat_s=SECONDS,
    lease_s=SECONDS,
    pages=tuples(GRANTS),
    result=GRANT,
    series_id=MAYBE_TEXT,
    memory=st.none() | GRANT,
    protocol=st.sampled_from([PROTOCOL - 1, PROTOCOL]),
)
STORED = st.builds(StoredObject, COUNT, st.from_regex(r"[0-9a-f]{32}", fullmatch=True))
OUTPUT = st.builds(PageOutput, st.integers(1, 99), FORMAT, STORED, STORED, PAGE, PAGE, st.just("") | ID)
ERROR = st.builds(PageError, st.sampled_from(PageErrorCode), TEXT, st.booleans())
PAGE_REPORT = st.builds(
    PageReport, PAGE, st.sampled_from(PageStatus), TEXT, st.none() | OUTPUT, st.none() | ERROR, TEXTS, COUNTS
)
REPORT = st.builds(
    Report,
    type=st.sampled_from(ReportType),
    event_id=ID,
    job_id=ID,
    attempt=st.integers(1, 99),
    worker_id=ID,
    seq=COUNT,
    pages=tuples(PAGE_REPORT),
    wants=tuples(st.builds(Want, PAGE, st.none() | FORMAT)),
    transport=st.builds(Transport, COUNT, COUNT, COUNT, COUNT, st.none() | COUNT),
    engines=STRINGS,
    protocol=st.sampled_from([PROTOCOL - 1, PROTOCOL]),
)
REPLY = st.builds(Reply, st.booleans(), st.booleans(), SECONDS, tuples(GRANTS))
PAGE_VIEW = st.builds(
    PageView,
    page=PAGE,
    status=st.sampled_from(PageStatus),
    stage=TEXT,
    attempt=COUNT,
    name=TEXT,
    error=st.none() | ERROR,
    image_url=MAYBE_TEXT,
    document_url=MAYBE_TEXT,
    width=COUNT,
    height=COUNT,
    warnings=TEXTS,
    timings_ms=COUNTS,
)
VIEW = st.builds(
    JobView,
    id=TEXT,
    status=st.sampled_from(JobStatus),
    chapter_id=TEXT,
    source=TEXT,
    target=TEXT,
    pages=tuples(PAGE_VIEW),
    created_at=TEXT,
    expires_at=TEXT,
    status_url=TEXT,
    cancel_url=TEXT,
    start_url=TEXT,
    retry_url=MAYBE_TEXT,
    retry_of=MAYBE_TEXT,
    superseded_by=MAYBE_TEXT,
    poll_url=TEXT,
    poll_token=TEXT,
    series_id=MAYBE_TEXT,
    attempt=COUNT,
    started_at=MAYBE_TEXT,
    completed_at=MAYBE_TEXT,
    cancel_requested=st.booleans(),
    warnings=TEXTS,
    metadata=STRINGS,
    webhook=st.builds(WebhookView, TEXT, MAYBE_TEXT, COUNT, COUNT, MAYBE_TEXT, MAYBE_TEXT),
    audit=STRINGS,
    uploads=tuples(st.builds(Upload, PAGE, GRANT)),
)
LISTING = st.builds(
    JobList,
    jobs=tuples(
        st.builds(JobItem, TEXT, st.sampled_from(JobStatus), TEXT, TEXT, TEXT, COUNT, COUNT, COUNT, retry_of=MAYBE_TEXT)
    ),
    cursor=MAYBE_TEXT,
)
EVENT = st.builds(
    ChapterFinished,
    timestamp=TEXT,
    job_id=TEXT,
    chapter_id=TEXT,
    status=st.sampled_from([status for status in JobStatus if status.is_terminal]),
    succeeded=COUNT,
    failed=COUNT,
    status_url=TEXT,
    series_id=MAYBE_TEXT,
    metadata=STRINGS,
)
PLACED = st.builds(
    PlacedText,
    TEXTS,
    tuples(BOX),
    TEXT,
    COUNT,
    POINT,
    BOX,
    COLOUR,
    st.none() | COLOUR,
    COUNT,
    st.booleans(),
    st.booleans(),
)
REGION = st.builds(
    DocumentRegion,
    id=TEXT,
    box=BOX,
    polygon=tuples(POINT),
    kind=TEXT,
    vertical=st.booleans(),
    order=COUNT,
    source_text=TEXT,
    translation=TEXT,
    origin=TEXT,
    confidence=st.integers(0, 10_000).map(lambda number: number / 10_000),
    note=TEXT,
    ruby=tuples(st.tuples(COUNT, COUNT, TEXT)),
    placement=st.none() | PLACED,
)
DOCUMENT = st.builds(
    PageDocument,
    page=PAGE,
    width=PAGE,
    height=PAGE,
    regions=tuples(REGION),
    source=TEXT,
    target=TEXT,
    panels=tuples(BOX),
    timings=COUNTS,
    engines=STRINGS,
    warnings=TEXTS,
)

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
