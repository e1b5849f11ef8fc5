"""What ``GET /metrics`` tells Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


class Metrics:
    """A registry of its own, so that two apps in one process do not share counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._pages = Counter("fukidashi_pages", "Pages by how they ended", ["outcome"], registry=self._registry)
        self._stage = Histogram(
            "fukidashi_stage_seconds", "Time in a stage", ["stage"], buckets=_BUCKETS, registry=self._registry
        )
        self._jobs = Gauge("fukidashi_jobs_in_work", "Attempts in work", registry=self._registry)
        self._callback_retries = Counter(
            "fukidashi_callback_retries", "Callbacks that had to be sent again", registry=self._registry
        )
        # Memory, processor time and open files of the process, from /proc.
        ProcessCollector(registry=self._registry)

    def page_ended(self, outcome: str) -> None:
        """``outcome`` is ``done`` or a page error's code."""
        self._pages.labels(outcome).inc()

    def stage_took(self, stage: str, seconds: float) -> None:
        self._stage.labels(stage).observe(seconds)

    def jobs_in_work(self, count: int) -> None:
        self._jobs.set(count)

    def callback_retried(self) -> None:
        self._callback_retries.inc()

    def to_bytes(self) -> bytes:
        return generate_latest(self._registry)
