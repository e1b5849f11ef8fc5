"""One page from a client's URL into the bucket: redirects by hand, sniffed, capped, streamed, created once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

from contract.image_format import INPUT_TYPES
from contract.report import PageError
from contract.status import PageErrorCode
from edge.platform import ABSENT, Download, FetchError, Platform
from edge.sniff import SNIFFED_BYTES, image_type
from edge.ssrf import BlockedUrl, check_url

MAX_REDIRECTS = 3
MOST_SUBREQUESTS = 2 * (1 + MAX_REDIRECTS) + 1
"""A page whose size is not declared is asked for twice, each time with its redirects; then it is put."""
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (408, 421, 425, 429)
_HEADERS = {
    "accept": "image/avif,image/webp,image/png,image/jpeg,image/*;q=0.8",
    # A content coding would hide the size, and saves nothing on an image.
    "accept-encoding": "identity",
    "user-agent": "fukidashi-mirror/1",
}


class PageFault(Exception):  # noqa: N818
    """Why a page is not in the bucket. ``passes``: a later try may fare better."""

    def __init__(self, code: PageErrorCode, detail: str, *, passes: bool = False) -> None:
        super().__init__(f"{code.value}: {detail}")
        self.error, self.passes = PageError(code, detail, passes), passes


@dataclass(frozen=True, slots=True)
class Rules:
    """``ends_at``, in the platform's time, is the end of the whole page's patience."""

    max_bytes: int
    ends_at: float
    allow_private: bool = False


async def copy_page(platform: Platform, url: str, key: str, rules: Rules) -> int:
    """Afterwards the object is there, through this call or another. How many bytes came.

    Raises :class:`PageFault`, or ``PlatformError`` where the storage failed.
    """
    try:
        return await _copy(platform, url, key, rules)
    except BlockedUrl as error:
        raise PageFault(PageErrorCode.DOWNLOAD_FAILED, f"the URL is not gone to: {error}") from None
    except FetchError as error:
        detail = f"no whole answer from the page's server ({error})"
        raise PageFault(PageErrorCode.DOWNLOAD_FAILED, detail, passes=True) from None


async def _copy(platform: Platform, url: str, key: str, rules: Rules) -> int:
    async with _opened(platform, url, rules) as answer:
        content_type, size = await _examine(answer, rules)
        if size is not None:
            return await _store(platform, key, answer, content_type, size)
        # The bucket streams only what has a known size. So the answer is counted first, and asked for again.
        counted = await answer.size(rules.max_bytes)
    _check_size(counted, rules)
    async with _opened(platform, url, rules) as answer:
        content_type, _ = await _examine(answer, rules)
        return await _store(platform, key, answer, content_type, counted)


async def _store(platform: Platform, key: str, answer: Download, content_type: str, size: int) -> int:
    await platform.bucket.put(key, answer.body(size), content_type=content_type, only_if=ABSENT)
    return size


@asynccontextmanager
async def _opened(platform: Platform, url: str, rules: Rules) -> AsyncIterator[Download]:
    answer = await _follow(platform, url, rules)
    try:
        yield answer
    finally:
        await answer.close()


async def _follow(platform: Platform, url: str, rules: Rules) -> Download:
    """The first answer that is no redirect. Each hop is checked as the first one is."""
    for _ in range(1 + MAX_REDIRECTS):
        target = check_url(url, allow_private=rules.allow_private)
        patience_s = rules.ends_at - platform.now()
        if patience_s <= 0:
            raise FetchError("no time is left")
        answer = await platform.outside.download(
            target.url, headers=_HEADERS, timeout_s=patience_s, allow_private=rules.allow_private
        )
        if answer.status not in _REDIRECTS:
            return answer
        await answer.close()
        url = _location(target.url, answer.headers)
    raise PageFault(PageErrorCode.DOWNLOAD_FAILED, f"more than {MAX_REDIRECTS} redirects")


def _location(url: str, headers: Mapping[str, str]) -> str:
    location = headers.get("location", "").strip()
    if not location:
        raise PageFault(PageErrorCode.DOWNLOAD_FAILED, "a redirect to nowhere")
    try:
        return urljoin(url, location)
    except ValueError:
        raise BlockedUrl("a redirect to what is not a URL") from None


async def _examine(answer: Download, rules: Rules) -> tuple[str, int | None]:
    """The content type by the first bytes, and the declared size."""
    status = answer.status
    if status != 200:
        passes = status >= 500 or status in _PASSING
        raise PageFault(PageErrorCode.DOWNLOAD_FAILED, f"the page's server answered {status}", passes=passes)
    if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise PageFault(PageErrorCode.DOWNLOAD_FAILED, "the page's server sent a content coding that was not asked for")
    size = _declared(answer.headers)
    if size is not None:
        _check_size(size, rules)
    head = await answer.head(SNIFFED_BYTES)
    if not head:
        raise PageFault(PageErrorCode.EMPTY_PAGE, "the URL leads to nothing: 0 bytes")
    content_type = image_type(head)
    if content_type is None:
        known = ", ".join(sorted(set(INPUT_TYPES.values()) - {"bin"}))
        raise PageFault(PageErrorCode.NOT_AN_IMAGE, f"what the URL leads to is no {known}")
    return content_type, size


def _declared(headers: Mapping[str, str]) -> int | None:
    text = headers.get("content-length", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _check_size(size: int, rules: Rules) -> None:
    if size == 0:
        raise PageFault(PageErrorCode.EMPTY_PAGE, "the URL leads to nothing: 0 bytes")
    if size > rules.max_bytes:
        raise PageFault(PageErrorCode.IMAGE_TOO_LARGE, f"the page has more than {rules.max_bytes} bytes")
