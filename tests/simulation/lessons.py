"""Lessons: whatever ends how and when, what models translated on a chapter's pages is in its series' memory."""

from __future__ import annotations

from typing import Any

from tests.simulation.evidence import Evidence, Record


class Lessons:
    """Looks at the end, when the last of it was merged."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.learned = 0

    def check_ended(self, record: Record) -> None:
        job = self._evidence.job(record.id)
        series = job["request"].get("series_id")
        if record.final is None or series is None:
            return
        memory = self._evidence.json(f"series/{job['owner']}/{series}/memory.json", default={"entries": []})
        known = {entry["source"]: entry["target"] for entry in memory["entries"]}
        if len(known) != len(memory["entries"]):
            self._evidence.violated(f"{record.id}: a text stands twice in the series' memory")
        for page in record.final["pages"]:
            for source, target in self._pairs(job, page["report"]):
                self._check(record, source, target, known)

    def _check(self, record: Record, source: str, target: str, known: dict[str, str]) -> None:
        if source not in known:
            self._evidence.violated(f"{record.id}: {source!r} is not in the series' memory")
        elif known[source].split(",")[0] != target.split(",")[0]:
            self._evidence.violated(f"{record.id}: the memory says {known[source]!r} for {source!r}")
        else:
            self.learned += 1

    def _pairs(self, job: dict[str, Any], report: dict[str, Any]) -> list[tuple[str, str]]:
        """What a model translated on a page that is done, whichever job of a chain of retries made it."""
        if report["status"] != "done":
            return []
        output, request = report["output"], job["request"]
        maker = output.get("job_id") or job["id"]
        place = f"outputs/by-chapter/{job['owner']}/{request['chapter_id']}/{maker}/a{output['attempt']}/pages/"
        document = self._evidence.json(f"{place}{report['page']:04d}.json", default={"regions": []})
        return [
            (region["source_text"], region["translation"])
            for region in document["regions"]
            if region["origin"] == "model"
        ]

    def check_left(self) -> None:
        """Everything was merged, and then cleared away."""
        left = [key for key in self._evidence.store.objects if key.startswith("series_updates/")]
        if left:
            self._evidence.violated(f"never learned: {left}")
