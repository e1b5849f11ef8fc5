"""A chapter's whole life on a virtual clock: who calls the orchestrator, and when. The same every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from contract.view import JobView
from fukidashi.polling import Pace
from tests.edge.world import CONSUMER, Attempt
from tools.bench.ledger import CountedWorld
from tools.bench.prices import Kind, a_thousand, dollars, storage_dollars

REPORT_S = 5.0
"""How often a translator reports that the Worker asks for a heartbeat every 15 s: it always has news by then."""
LIFECYCLE_DAYS: Mapping[str, int] = {
    "nonces/": 1,
    "inputs/": 10,
    "outputs/": 30,
    "jobs/": 30,
    "outbox/": 30,
    "decisions/": 10,
    "series_updates/": 30,
    "idem/": 2,
    "active/": 2,
}
"""How long what lies under a prefix is kept: r2_layout.md, which a test compares."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One chapter, without a fault: uploaded, translated in one attempt, polled, fetched once, its webhook delivered.

    ``seconds_a_page`` and the sizes were measured with 40 pages (824×1170) of a real manga on two cores.
    """

    pages: int
    seconds_a_page: float = 0.88
    report_s: float = REPORT_S
    sweep_s: float = 60.0
    input_bytes: int = 155_000
    image_bytes: int = 154_000
    document_bytes: int = 10_400

    @property
    def seconds(self) -> float:
        return self.pages * self.seconds_a_page


@dataclass(frozen=True, slots=True)
class Bill:
    """What a chapter took: operations by step, how often each caller called, and what stays stored for how long."""

    scenario: Scenario
    steps: Mapping[str, Counter[Kind]]
    calls: Mapping[str, int]
    byte_days: float

    @property
    def usage(self) -> Counter[Kind]:
        return sum(self.steps.values(), Counter())

    @property
    def operations_a_thousand(self) -> float:
        """Dollars for 1,000 pages, without storage."""
        return a_thousand(dollars(self.usage), pages=self.scenario.pages)

    @property
    def storage_a_thousand(self) -> float:
        return a_thousand(storage_dollars(self.byte_days), pages=self.scenario.pages)

    @property
    def total_a_thousand(self) -> float:
        return self.operations_a_thousand + self.storage_a_thousand


def live_through(scenario: Scenario) -> Bill:
    """The bill of one such chapter."""
    world = CountedWorld()
    try:
        return _Life(world, scenario).lead()
    finally:
        world.close()


@dataclass(slots=True)
class _Life:
    world: CountedWorld
    scenario: Scenario
    calls: Counter[str] = field(default_factory=Counter)
    etag: str = ""
    step_s: float = 1.0

    def lead(self) -> Bill:
        job = self._create()
        attempt = self._begin(job)
        self._work(job, attempt)
        self._end(attempt)
        with self.world.step("polls"):
            job = self._poll(job)
        assert job.status.is_terminal
        self._fetch(job)
        assert len(self.world.deliveries) == 1
        return Bill(self.scenario, self.world.steps, self.calls, self._byte_days())

    def _create(self) -> JobView:
        world = self.world
        with world.step("create"):
            job = world.create(self.scenario.pages, webhook_url=CONSUMER)
        with world.step("uploads (client)"):
            world.upload(job)
        return job

    def _begin(self, job: JobView) -> Attempt:
        with self.world.step("start"):
            assert self.world.call("POST", f"/jobs/{job.id}/start").status == 202
        attempt = Attempt(self.world, self.world.orders[-1])
        with self.world.step("heartbeats"):
            self._report(attempt)
        with self.world.step("inputs (translator)"):
            for page in attempt.order.pages:
                assert self.world.use(page.input).status == 200
        return attempt

    def _work(self, job: JobView, attempt: Attempt) -> None:
        """Whatever is due next happens, until the last page is done."""
        began, done = self.world.platform.now(), 0
        due = {"report": self.scenario.report_s, "poll": self.step_s, "sweep": self.scenario.sweep_s / 2}
        while (at := min(due.values())) < self.scenario.seconds:
            who = min(due, key=lambda name: due[name])
            self.world.platform.clock.now = began + at
            done = self._deliver(attempt, done, int(at / self.scenario.seconds_a_page))
            due[who] = at + self._act(who, job, attempt)
        self.world.platform.clock.now = began + self.scenario.seconds
        self._deliver(attempt, done, self.scenario.pages)

    def _act(self, who: str, job: JobView, attempt: Attempt) -> float:
        """Seconds until the same one acts again."""
        if who == "report":
            with self.world.step("heartbeats"):
                self._report(attempt)
            return self.scenario.report_s
        if who == "sweep":
            with self.world.step("sweeps"):
                self.calls["sweeps"] += 1
                self.world.sweep()
            return self.scenario.sweep_s
        with self.world.step("polls"):
            self._poll(job)
        return self.step_s

    def _report(self, attempt: Attempt) -> None:
        self.calls["heartbeats"] += 1
        attempt.heartbeat()

    def _poll(self, job: JobView) -> JobView:
        """As the client of this repository does it; ``step_s`` is when it comes again."""
        pace, self.calls["polls"] = Pace(), self.calls["polls"] + 1
        answer = self.world.call("GET", f"/jobs/{job.id}", headers={"if-none-match": self.etag} if self.etag else {})
        changed = answer.status == 200
        pause = pace.first_s if changed else min(pace.longest_s, self.step_s * pace.factor)
        self.step_s = max(pause, float(answer.headers.get("retry-after", 0)))
        self.etag = answer.headers["etag"]
        return JobView.parse(answer.body) if changed else job

    def _deliver(self, attempt: Attempt, done: int, due: int) -> int:
        with self.world.step("outputs (translator)"):
            for page in range(done + 1, due + 1):
                attempt.deliver(page)
        for page in range(due + 1, min(due + 2, self.scenario.pages) + 1):
            attempt.run(page)
        return due

    def _end(self, attempt: Attempt) -> None:
        with self.world.step("result, webhook"):
            assert attempt.finish().status == 200

    def _fetch(self, job: JobView) -> None:
        with self.world.step("downloads (client)"):
            for page in job.pages:
                for url in (page.image_url, page.document_url):
                    assert self.world.call("GET", url or "").status == 200
                    self.calls["downloads"] += 1

    def _byte_days(self) -> float:
        return sum(self._size(key) * _kept_days(key) for key in self.world.platform.bucket.objects)

    def _size(self, key: str) -> int:
        """The world's pages are some bytes long; all else is what it would be."""
        if key.startswith("inputs/"):
            return self.scenario.input_bytes
        if key.startswith("outputs/"):
            return self.scenario.document_bytes if key.endswith(".json") else self.scenario.image_bytes
        return self.world.platform.bucket.objects[key][0].size


def _kept_days(key: str) -> int:
    return next(days for prefix, days in LIFECYCLE_DAYS.items() if key.startswith(prefix))
