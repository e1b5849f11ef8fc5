"""Hypothesis strategies for every message of the contract."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contract import PROTOCOL
from contract.attempt import AttemptOrder
from contract.document import DocumentRegion, PageDocument, PlacedText, TextOfPage
from contract.event import ChapterFinished
from contract.grant import DoneDocument, Grant, PageGrants, PageInput
from contract.image_format import INPUT_TYPES, ImageFormat
from contract.job import Direction, JobRequest, Options, PageSpec
from contract.listing import JobItem, JobList
from contract.pinned import BalloonShape, Pinned
from contract.policy import KINDS, Policies, Policy
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
from contract.translation import BudgetWish, Context, TranslationWish
from contract.usage import Usage
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


ENGINE = st.text(st.characters(codec="ascii"), min_size=1, max_size=64)
POLICIES = st.builds(Policies, **dict.fromkeys(KINDS, st.sampled_from(Policy)))
BUDGET = st.builds(BudgetWish, st.none() | st.floats(0, 100), st.none() | COUNT, st.none() | COUNT)
STYLE_NAMES = tuples(st.sampled_from(["literal", "keep-honorifics"]), 0)
WISH = st.builds(
    TranslationWish,
    st.none() | st.integers(0, 10),
    st.none() | st.sampled_from(Context),
    st.none() | st.integers(1, 8),
    st.none() | STYLE_NAMES,
    BUDGET,
)
OPTIONS = st.builds(Options, FORMAT, ENGINE, ENGINE, ENGINE, ENGINE, POLICIES, st.booleans(), WISH)
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
GRANTS = st.builds(PageGrants, PAGE, GRANT, GRANT, GRANT, st.none() | GRANT)
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
    alone=tuples(PAGE),
    neighbours=tuples(st.builds(PageInput, PAGE, GRANT, st.none() | GRANT)),
    done=tuples(st.builds(DoneDocument, PAGE, GRANT)),
    used=st.builds(Usage, COUNT, COUNT, COUNT, COUNT, COUNT),
    page_count=COUNT,
    settled_direction=st.none() | st.sampled_from(Direction),
    protocol=st.sampled_from([PROTOCOL - 1, PROTOCOL]),
)
STORED = st.builds(StoredObject, COUNT, st.from_regex(r"[0-9a-f]{32}", fullmatch=True))
OUTPUT = st.builds(
    PageOutput, st.integers(1, 99), FORMAT, STORED, STORED, PAGE, PAGE, st.just("") | ID, st.none() | STORED
)
ERROR = st.builds(PageError, st.sampled_from(PageErrorCode), TEXT, st.booleans())
PAGE_REPORT = st.builds(
    PageReport,
    PAGE,
    st.sampled_from(PageStatus),
    TEXT,
    st.none() | OUTPUT,
    st.none() | ERROR,
    TEXTS,
    COUNTS,
    tuples(PAGE),
    st.none() | st.sampled_from(Direction),
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
    usage=st.builds(Usage, COUNT, COUNT, COUNT, COUNT, COUNT),
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
    plate_url=MAYBE_TEXT,
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
    st.integers(10, 1000).map(lambda number: number / 100),
    tuples(st.tuples(COUNT, COUNT, COUNT, TEXT)),
    TEXT,
)
PINNED = st.builds(
    Pinned,
    st.none() | st.text(min_size=1, max_size=100),
    st.none() | st.integers(1, 2000),
    st.none() | BOX,
    tuples(TEXT),
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
    check=st.booleans(),
    lines=tuples(BOX),
    balloon=st.none() | st.builds(BalloonShape, tuples(POINT), st.none() | COLOUR),
    pinned=st.none() | PINNED,
    part_of=st.none() | st.builds(TextOfPage, PAGE, TEXT),
    also_on=tuples(COUNT),
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
    usage=st.builds(Usage, COUNT, COUNT, COUNT, COUNT, COUNT),
    reading_direction=TEXT,
)
