"""The statuses' own rules."""

from __future__ import annotations

import pytest

from contract.status import JobStatus, PageErrorCode, PageStatus


def test_five_ends_are_terminal_and_no_other() -> None:
    assert {status.value for status in JobStatus if status.is_terminal} == {
        "success",
        "partial",
        "error",
        "canceled",
        "expired",
    }
    assert {status.value for status in PageStatus if status.is_terminal} == {"done", "failed"}


@pytest.mark.parametrize(
    ("succeeded", "failed", "status"),
    [(40, 0, "success"), (39, 1, "partial"), (1, 39, "partial"), (0, 40, "error"), (0, 0, "error")],
)
def test_a_chapter_ends_by_how_many_pages_came_out(succeeded: int, failed: int, status: str) -> None:
    assert JobStatus.of_chapter(succeeded=succeeded, failed=failed) == status
    assert JobStatus.of_chapter(succeeded=succeeded, failed=failed).is_terminal


def test_done_beats_failed_beats_running_beats_queued() -> None:
    ordered = sorted(PageStatus, key=lambda status: status.rank)
    assert ordered == [PageStatus.QUEUED, PageStatus.RUNNING, PageStatus.FAILED, PageStatus.DONE]


def test_a_page_that_is_broken_itself_is_not_worth_another_try() -> None:
    hopeless = {code.value for code in PageErrorCode if not code.retryable}
    assert hopeless == {
        "empty_page",
        "not_an_image",
        "unsupported_image",
        "truncated_image",
        "image_too_large",
        "invalid_document",
        "poison",
    }
