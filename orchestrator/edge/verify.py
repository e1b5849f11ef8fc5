"""Whether the outputs that translators reported are really in the bucket, byte for byte."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from contract.report import PageError, PageOutput, PageReport, Report, StoredObject
from contract.status import PageErrorCode, PageStatus
from edge.merge import Entry, join_all, poisoned, table_of
from edge.platform import ObjectInfo
from edge.record import FinalPage, Job
from edge.state import with_poison

Listing = Mapping[str, ObjectInfo]
"""The stored outputs by key."""


def places_of_outputs(job: Job, reports: Iterable[Report]) -> set[str]:
    """The prefixes under which everything lies that the reports call done: the job's own, and those of jobs before."""
    pages = (page for report in reports for page in report.pages if page.status is PageStatus.DONE)
    return {job.output_chapter(page.output).outputs for page in pages if page.output}


def final_pages(job: Job, reports: list[Report], listing: Listing, *, dead: list[Report]) -> tuple[FinalPage, ...]:
    """How each page ends. A page is done if *any* attempt's output verifies: a newer claim cannot undo it."""
    done: dict[int, list[Entry]] = defaultdict(list)
    for report in reports:
        for page, entry in table_of(report).items():
            if entry.report.status is PageStatus.DONE:
                done[page].append(entry)
    table = with_poison(join_all(reports), poisoned(dead))
    return tuple(_final_page(job, page, done[page], table.get(page), listing) for page in job.page_numbers)


def _final_page(job: Job, page: int, done: list[Entry], entry: Entry | None, listing: Listing) -> FinalPage:
    for candidate in sorted(done, key=lambda entry: entry.precedence, reverse=True):
        output = candidate.report.output
        if output and verifies(job, page, output, listing):
            return FinalPage(candidate.report, candidate.attempt)
    if done:
        return _failed(page, PageErrorCode.OUTPUT_MISMATCH, "the stored page is not what was reported")
    if entry and entry.report.status is PageStatus.FAILED:
        return FinalPage(entry.report, entry.attempt)
    return _failed(page, PageErrorCode.NOT_REACHED, "the job ended before this page was finished")


def verifies(job: Job, page: int, output: PageOutput, listing: Listing) -> bool:
    chapter = job.output_chapter(output)
    image = listing.get(chapter.image(output.attempt, page, output.image_format))
    document = listing.get(chapter.document(output.attempt, page))
    plate = listing.get(chapter.plate(output.attempt, page, output.image_format))
    is_whole = output.plate is None or _is(plate, output.plate)
    return is_whole and _is(image, output.image) and _is(document, output.document)


def _is(info: ObjectInfo | None, reported: StoredObject) -> bool:
    return info is not None and info.size == reported.size and info.etag.lower() == reported.md5.lower()


def _failed(page: int, code: PageErrorCode, detail: str) -> FinalPage:
    return FinalPage(PageReport(page=page, status=PageStatus.FAILED, error=PageError.of(code, detail)), attempt=0)
