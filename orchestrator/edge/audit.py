"""What a chapter cost: bytes, milliseconds, and which way the pages travelled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contract.report import Report, Transport
from contract.status import PageStatus
from contract.usage import NO_USAGE
from edge.record import FinalPage


def audit(
    mode: str,
    reports: Iterable[Report],
    pages: Iterable[FinalPage],
    *,
    started_at: float | None,
    completed_at: float,
) -> dict[str, Any]:
    """Totals over all attempts; what a retry carried over cost another job.

    ``request_bytes_total`` went to translators, ``response_bytes_total`` came from them.
    ``remote_elapsed_ms_total`` is their busy time, ``translate_elapsed_ms_total`` the part of it in the page pipeline,
    and ``transport_ratio``, 0 to 1, the share that went into moving bytes. ``fallback_ratio``, 0 to 1, is the share of
    the bytes that passed through the orchestrator instead of going straight to the bucket. ``usage`` is what was asked
    of language models, and its cost.
    """
    ordered = sorted(reports, key=lambda report: (report.attempt, report.seq))
    last = {report.attempt: report for report in ordered if report.attempt}
    moved = [report.transport for report in last.values()]
    transfer_ms, pipeline_ms = sum(one.transfer_ms for one in moved), sum(one.pipeline_ms for one in moved)
    request_bytes, response_bytes = sum(one.bytes_in for one in moved), sum(one.bytes_out for one in moved)
    done = [page.report.output for page in pages if page.report.status is PageStatus.DONE and page.report.output]
    return {
        "mode": mode,
        "attempts": len(last),
        "request_bytes_total": request_bytes,
        "response_bytes_total": response_bytes,
        "remote_elapsed_ms_total": transfer_ms + pipeline_ms,
        "translate_elapsed_ms_total": pipeline_ms,
        "transport_ratio": _ratio(transfer_ms, transfer_ms + pipeline_ms),
        "fallback_ratio": _ratio(sum(_through_us(mode, one) for one in moved), request_bytes + response_bytes),
        "stored_bytes": sum(output.stored_bytes for output in done),
        "verified_pages": len(done),
        "carried_pages": sum(bool(output.job_id) for output in done),
        "wall_ms": round((completed_at - started_at) * 1000) if started_at is not None else 0,
        "usage": sum((report.usage for report in last.values()), NO_USAGE).to_json(),
        "engines": last[max(last)].engines if last else {},
    }


def _through_us(mode: str, moved: Transport) -> int:
    """A translator of protocol 1 does not say: all or nothing then, as the grants are."""
    if moved.fallback_bytes is not None:
        return moved.fallback_bytes
    return moved.bytes_in + moved.bytes_out if mode == "fallback" else 0


def _ratio(part: int, whole: int) -> float:
    return round(min(1.0, part / whole), 4) if whole else 0.0
