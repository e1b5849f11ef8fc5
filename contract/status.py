"""The statuses of a job and of a page, and the rules that belong to them."""

from __future__ import annotations

from enum import StrEnum


class JobStatus(StrEnum):
    """``queued → preparing → running →`` one of five ends that never change."""

    QUEUED = "queued"
    """Waits: for its pages, or for a translator."""
    PREPARING = "preparing"
    """Its pages are fetched from their URLs, or a translator has taken it and has not reported yet."""
    RUNNING = "running"
    SUCCESS = "success"
    PARTIAL = "partial"
    ERROR = "error"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def is_terminal(self) -> bool:
        return self in _TERMINAL

    @classmethod
    def of_chapter(cls, *, succeeded: int, failed: int) -> JobStatus:
        """How a chapter ends: all pages, some, or none came out."""
        if succeeded == 0:
            return cls.ERROR
        return cls.PARTIAL if failed else cls.SUCCESS


_TERMINAL = frozenset({JobStatus.SUCCESS, JobStatus.PARTIAL, JobStatus.ERROR, JobStatus.CANCELED, JobStatus.EXPIRED})


class PageStatus(StrEnum):
    """``rank`` orders them for the merge: a higher one wins within an attempt."""

    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"

    @property
    def is_terminal(self) -> bool:
        return self in (PageStatus.DONE, PageStatus.FAILED)

    @property
    def rank(self) -> int:
        return _PAGE_ORDER.index(self)


_PAGE_ORDER = (PageStatus.QUEUED, PageStatus.RUNNING, PageStatus.FAILED, PageStatus.DONE)


class PageErrorCode(StrEnum):
    """Why a page failed. ``retryable`` says whether the same page may come out the next time, in a job of its own or in
    the next attempt (``is_tried_again``)."""

    EMPTY_PAGE = "empty_page"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_IMAGE = "unsupported_image"
    TRUNCATED_IMAGE = "truncated_image"
    IMAGE_TOO_LARGE = "image_too_large"
    INPUT_MISSING = "input_missing"
    DOWNLOAD_FAILED = "download_failed"
    UPLOAD_FAILED = "upload_failed"
    OUTPUT_MISMATCH = "output_mismatch"
    """The stored output is not what the translator reported."""
    INVALID_DOCUMENT = "invalid_document"
    """A page document to be rendered again does not fit its plate, or cannot be what a page was."""
    STAGE_FAILED = "stage_failed"
    BUDGET_SPENT = "budget_spent"
    """The job's translation budget ended before all of the page's texts were translated. What was answered is kept."""
    TIMEOUT = "timeout"
    POISON = "poison"
    """Two attempts died with this page in work, one of them with no other page: it is not tried again."""
    NOT_REACHED = "not_reached"
    """The job ended (canceled, expired, out of attempts) before this page."""

    @property
    def retryable(self) -> bool:
        return self in _RETRYABLE

    @property
    def is_tried_again(self) -> bool:
        """Whether the job's next attempt does the page again. A budget is one for all attempts: spent, it stays so."""
        return self.retryable and self is not PageErrorCode.BUDGET_SPENT


_RETRYABLE = frozenset(
    {
        PageErrorCode.INPUT_MISSING,
        PageErrorCode.DOWNLOAD_FAILED,
        PageErrorCode.UPLOAD_FAILED,
        PageErrorCode.OUTPUT_MISMATCH,
        PageErrorCode.STAGE_FAILED,
        PageErrorCode.BUDGET_SPENT,
        PageErrorCode.TIMEOUT,
        PageErrorCode.NOT_REACHED,
    }
)
