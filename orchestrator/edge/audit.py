"""What a chapter cost: bytes, milliseconds, and which way the pages travelled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contract.report import Report
from contract.status import PageStatus
from edge.record import FinalPage


def audit(
    mode: str,
    reports: Iterable[Report],
    pages: Iterable[FinalPage],
    *,
    started_at: float | None,
    completed_at: float,
) -> dict[str, Any]:
    """``transport_ratio`` is the share of the translators' busy time that went into moving bytes, 0 to 1."""
    last = {report.attempt: report for report in sorted(reports, key=lambda report: (report.attempt, report.seq))}
    moved = [report.transport for report in last.values()]
    transfer_ms, pipeline_ms = sum(one.transfer_ms for one in moved), sum(one.pipeline_ms for one in moved)
    outputs = [page.report.output for page in pages if page.report.status is PageStatus.DONE and page.report.output]
    busy_ms = transfer_ms + pipeline_ms
    return {
        "mode": mode,
        "attempts": len(last),
        "bytes_in": sum(one.bytes_in for one in moved),
        "bytes_out": sum(one.bytes_out for one in moved),
        "stored_bytes": sum(output.image.size + output.document.size for output in outputs),
        "verified_pages": len(outputs),
        "transfer_ms": transfer_ms,
        "pipeline_ms": pipeline_ms,
        "transport_ratio": round(transfer_ms / busy_ms, 4) if busy_ms else 0.0,
        "wall_ms": round((completed_at - started_at) * 1000) if started_at is not None else 0,
        "engines": last[max(last)].engines if last else {},
    }
