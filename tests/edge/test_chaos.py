"""Whatever is lost, doubled, late or killed: a job ends once, with what is really there, and its consumer hears it.

Each seed is one story that can be told again. Nothing waits: the clock is the tests' own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contract.event import ChapterFinished
from contract.report import PageReport, Reply, Report, ReportType, Want
from contract.status import JobStatus, PageErrorCode, PageStatus
from contract.view import JobView
from edge.record import Final, Job
from edge.state import load
from edge.verify import verifies
from tests.edge.world import CONSUMER, DOCUMENT, IMAGE, Attempt, World

SEEDS = range(60)
PAGES = 4
STEPS = 40
TROUBLE = 0.04


class Story:
    """A job among unreliable peers."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World(presigned=seed % 2 == 0)
        self.workers: list[Attempt] = []
        self.late: list[tuple[Attempt, Report]] = []
        self.met = 0
        self.seen: JobView | None = None
        with self.trouble():
            self.world.translator_answers = self.chance.choices([0, 429, 500, 202], k=3)
            self.world.consumer_answers = [(status, {}) for status in self.chance.choices([0, 500, 302], k=4)]
        self.job_id = self.world.start(PAGES, webhook_url=CONSUMER).id

    @contextmanager
    def trouble(self) -> Iterator[None]:
        """The storage fails now and then, before or after it has done what it should."""
        bucket = self.world.platform.bucket
        bucket.breaks = lambda operation, key: self.chance.random() < TROUBLE
        bucket.loses = lambda operation, key: self.chance.random() < TROUBLE
        try:
            yield
        finally:
            bucket.breaks = bucket.loses = lambda operation, key: False

    def step(self) -> None:
        self.hire()
        acts = [self.work, self.work, self.work, self.finish, self.kill, self.sweep, self.sweep, self.replay]
        with self.trouble():
            self.chance.choice(acts)()
        if self.chance.random() < 0.005:
            self.world.call("POST", f"/jobs/{self.job_id}/cancel")
        if self.chance.random() < 0.05:
            self.world.platform.kv.lose_everything()
        self.look()

    def hire(self) -> None:
        """Every order that arrives starts a worker, a second one of the same attempt too."""
        for order in self.world.orders[self.met :]:
            self.workers.append(Attempt(self.world, order, worker_id=f"worker-{self.met}"))
            self.met += 1

    def work(self) -> None:
        if self.workers:
            worker = self.chance.choice(self.workers)
            page = self.chance.choice(list(worker.grants))
            self.make(worker, page)
            self.report(worker, worker.report(wants=tuple(Want(number) for number in worker.grants)))

    def make(self, worker: Attempt, page: int) -> None:
        if worker.pages[page].status.is_terminal:
            return
        luck = self.chance.random()
        if luck < 0.1:
            worker.fail(page, self.chance.choice([PageErrorCode.NOT_AN_IMAGE, PageErrorCode.UPLOAD_FAILED]))
        elif luck < 0.3:
            worker.pages[page] = PageReport(page, PageStatus.RUNNING)
        elif luck < 0.33 or self.put(worker, page):  # now and then a worker lies
            worker.deliver(page, put=False)

    def put(self, worker: Attempt, page: int) -> bool:
        """412 is success: the same bytes were put before, and the answer was lost."""
        grants = worker.grants[page]
        statuses = {self.world.use(grants.image, IMAGE).status, self.world.use(grants.document, DOCUMENT).status}
        return statuses <= {200, 412}

    def report(self, worker: Attempt, report: Report) -> None:
        luck = self.chance.random()
        if luck < 0.15:
            self.late.append((worker, report))
            return
        copies = 3 if luck < 0.3 else 1
        answers = self.world.together(*(worker.request(report) for _ in range(copies)))
        assert {answer.status for answer in answers} <= {200, 409, 503}, [answer.body for answer in answers]
        for answer in answers:
            if answer.status == 200:
                worker.grants |= {page.page: page for page in Reply.parse(answer.body).grants}
        if any(answer.status == 409 for answer in answers) and worker in self.workers:
            self.workers.remove(worker)

    def finish(self) -> None:
        if self.workers and self.chance.random() < 0.4:
            worker = self.chance.choice(self.workers)
            report = worker.report(ReportType.RESULT)
            self.world.use(worker.order.result, report.to_bytes())
            self.report(worker, report)

    def kill(self) -> None:
        if self.workers and self.chance.random() < 0.4:
            self.workers.remove(self.chance.choice(self.workers))

    def replay(self) -> None:
        if self.late:
            worker, report = self.late.pop(self.chance.randrange(len(self.late)))
            self.report(worker, report)

    def sweep(self) -> None:
        self.world.sweep(self.chance.choice([1, 20, 70]))

    def look(self) -> None:
        """Nothing that a client has seen goes back."""
        view, before = self.world.view(self.job_id), self.seen
        if before is not None:
            if before.status.is_terminal:
                assert (view.status, view.pages) == (before.status, before.pages)
            for old, new in zip(before.pages, view.pages, strict=True):
                assert not (old.status.is_terminal and not new.status.is_terminal), (old, new)
        self.seen = view

    def renew(self, worker: Attempt) -> None:
        answer = worker.send(worker.report(wants=tuple(Want(page) for page in worker.grants)))
        if answer.status == 200:
            worker.grants = {page.page: page for page in Reply.parse(answer.body).grants}

    def calm(self) -> JobView:
        """Everything works from here on: the job must come to its end soon."""
        self.world.translator_answers.clear()
        for _ in range(12):
            self.hire()
            for worker in list(self.workers):
                self.renew(worker)
                for page, report in worker.pages.items():
                    if not report.status.is_terminal:
                        self.put(worker, page)
                        worker.deliver(page, put=False)
                worker.send(worker.report(ReportType.RESULT))
            self.workers.clear()
            self.world.sweep(61)
            self.look()
            if self.seen and self.seen.status.is_terminal:
                return self.seen
        raise AssertionError("the job does not end")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_job_ends_once_and_truly_whatever_happens(seed: int) -> None:
    story = Story(seed)
    for _ in range(STEPS):
        story.step()
    view = story.calm()
    check_pages(story.world, view)
    check_webhook(story.world, view)
    story.world.close()


def check_pages(world: World, view: JobView) -> None:
    """What is called done is in the bucket, and the status follows from it."""
    state = world.runner.run(load(world.platform.bucket, view.id))
    assert state is not None
    assert state.final is not None
    listing = {key: info for key, (info, _) in world.platform.bucket.objects.items()}
    done = [page for page in state.final.pages if page.report.status is PageStatus.DONE]
    for page in done:
        assert page.report.output is not None
        assert verifies(state.job, page.report.page, page.report.output, listing)
    assert view.status in allowed(state.job, state.final, len(done))


def allowed(job: Job, final: Final, done: int) -> set[JobStatus]:
    if done == len(job.request.pages):
        return {JobStatus.SUCCESS}
    if final.cancel_requested:
        return {JobStatus.CANCELED}
    return {JobStatus.PARTIAL if done else JobStatus.ERROR}


def check_webhook(world: World, view: JobView) -> None:
    for _ in range(6):
        world.sweep(3 * 3600)
    assert world.view(view.id).webhook.state == "delivered"
    assert len({delivery.headers["webhook-id"] for delivery in world.deliveries}) == 1
    assert {ChapterFinished.parse(delivery.body).status for delivery in world.deliveries} == {view.status}
