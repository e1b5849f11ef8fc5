"""Storage keys: where they lie, and that nothing from outside leaves its folder."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import keys
from contract.errors import BadKey
from contract.image_format import ImageFormat
from contract.keys import ChapterKeys, JobKeys

UNSAFE = [
    "",
    ".",
    "..",
    "../x",
    "..\\x",
    "a/b",
    "/a",
    "a/",
    "a..b",
    ".hidden",
    "-option",
    "_x",
    "a b",
    "a\n",
    "a\x00",
    "%2e%2e",
    "a%2fb",
    "é",
    "１",
    "a" * 129,
]
SAFE = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", fullmatch=True).filter(lambda text: ".." not in text)

BUILDERS: list[Callable[[str], str]] = [
    lambda text: JobKeys(text).job,
    lambda text: JobKeys("job").outbox(text),
    lambda text: ChapterKeys(text, "chapter", "job").inputs,
    lambda text: ChapterKeys("owner", text, "job").outputs,
    lambda text: ChapterKeys("owner", "chapter", text).document(1, 1),
    lambda text: keys.series_memory(text, "series"),
    lambda text: keys.series_memory("owner", text),
    lambda text: keys.series_glossary(text, "series"),
    lambda text: keys.series_glossary("owner", text),
    lambda text: keys.decisions(text, "job", 1),
    lambda text: keys.decisions("owner", text, 1),
    lambda text: JobKeys(text).series_update(1),
    lambda text: JobKeys(text).unlearned,
    lambda text: keys.nonce(text, "message"),
    lambda text: keys.nonce("2026112201", text),
    lambda text: keys.kv_job(text, 1.0, "job"),
    lambda text: keys.kv_job("owner", 1.0, text),
    keys.kv_jobs,
    keys.active_jobs,
    lambda text: keys.active_job("owner", text),
    lambda text: keys.idempotency(text, "0"),
    lambda text: keys.idempotency("owner", text),
    keys.kv_open,
]


@pytest.mark.parametrize("text", UNSAFE, ids=ascii)
@pytest.mark.parametrize("build", BUILDERS, ids=range(len(BUILDERS)))
def test_no_key_is_built_from_what_could_leave_its_folder(build: Callable[[str], str], text: str) -> None:
    with pytest.raises(BadKey):
        build(text)


@given(text=st.text())
def test_a_key_of_any_text_is_refused_or_stays_in_its_folder(text: str) -> None:
    for build in BUILDERS:
        try:
            key = build(text)
        except BadKey:
            continue
        assert posixpath.normpath(key) == key.rstrip("/")
        assert key.isascii()
        assert key.count("/") == build("x").count("/")


@given(owner=SAFE, chapter=SAFE, job=SAFE)
def test_two_owners_never_meet(owner: str, chapter: str, job: str) -> None:
    mine, theirs = ChapterKeys(owner, chapter, job), ChapterKeys(f"{owner[:100]}x", chapter, job)
    assert not theirs.outputs.startswith(mine.outputs)
    assert not theirs.inputs.startswith(mine.inputs)


def test_a_jobs_keys_lie_where_r2_layout_says() -> None:
    job = JobKeys("j1")
    assert [job.job, job.start, job.cancel, job.final] == [
        "jobs/j1/job.json",
        "jobs/j1/start.json",
        "jobs/j1/cancel.json",
        "jobs/j1/final.json",
    ]
    assert [job.attempt(1), job.heartbeat(2), job.result(99)] == [
        "jobs/j1/attempts/1.json",
        "jobs/j1/heartbeats/2.json",
        "jobs/j1/results/99.json",
    ]
    assert job.outbox("evt_1") == "outbox/j1/evt_1.json"


def test_a_chapters_keys_lie_where_r2_layout_says() -> None:
    chapter = ChapterKeys("owner", "tencho-01", "j1")
    assert chapter.input(7, "png") == "inputs/by-chapter/owner/tencho-01/j1/pages/0007.png"
    assert chapter.image(2, 40, ImageFormat.JPEG) == "outputs/by-chapter/owner/tencho-01/j1/a2/pages/0040.jpg"
    assert chapter.document(2, 40) == "outputs/by-chapter/owner/tencho-01/j1/a2/pages/0040.json"


@pytest.mark.parametrize("page", [0, -1, 10_000])
def test_a_page_that_has_no_name_is_refused(page: int) -> None:
    chapter = ChapterKeys("owner", "chapter", "job")
    with pytest.raises(BadKey):
        chapter.input(page, "png")
    with pytest.raises(BadKey):
        chapter.image(1, page, ImageFormat.WEBP)


@pytest.mark.parametrize("attempt", [0, -1, 100])
def test_an_attempt_out_of_range_is_refused(attempt: int) -> None:
    for build in (JobKeys("job").attempt, JobKeys("job").heartbeat, JobKeys("job").result):
        with pytest.raises(BadKey):
            build(attempt)


@pytest.mark.parametrize("extension", ["", "PNG", "../png", "p.ng", "png/", "toolong", "jp\n"])
def test_an_extension_that_is_none_is_refused(extension: str) -> None:
    with pytest.raises(BadKey):
        ChapterKeys("owner", "chapter", "job").input(1, extension)


def test_pages_sort_by_their_names() -> None:
    names = [keys.page_name(page) for page in range(1, 1001)]
    assert names == sorted(names)
