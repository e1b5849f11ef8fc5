"""Nothing that a model does or does not do holds up a shutdown or outlasts a page's time."""

from __future__ import annotations

import threading
import time as real_time

import pytest

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import Fail, Hang, Say, WireCall, always, answer, good, items
from tests.translator.translation.jobs import LINES, Time, endpoint, job, loaded, page
from translator.pipeline.protocols import StageError
from translator.pipeline.watch import Stopped
from translator.translation.asking import Patience
from translator.translation.factory import JobScope
from translator.translation.waiting import Clockwork, OutOfTime, watched


def test_a_job_that_is_called_off_leaves_a_call_that_hangs(gemini: ModelServer) -> None:
    stop = threading.Event()

    def hang(call: WireCall) -> Hang:
        stop.set()
        return Hang(5.0, good(call))

    gemini.rule = hang
    with loaded(endpoint(gemini)) as translation:
        made = job(translation, JobScope(cancelled=stop.is_set))
        with pytest.raises(Stopped):
            made.translator.translate(page(*LINES))
    assert [record.outcome for record in made.ledger.records] == ["abandoned"]


def test_a_job_that_is_called_off_leaves_a_pause(gemini: ModelServer) -> None:
    gemini.rule = always(Fail(429, "slow down", headers={"Retry-After": "60"}))
    time = Time()
    with loaded(endpoint(gemini), time=time) as translation:
        scope = JobScope(cancelled=lambda: time.now > 1005.0)
        with pytest.raises(Stopped):
            job(translation, scope).translator.translate(page(*LINES))
    assert sum(time.slept) < 6.0


def test_a_job_that_was_called_off_before_makes_no_call(gemini: ModelServer) -> None:
    with loaded(endpoint(gemini)) as translation, pytest.raises(Stopped):
        job(translation, JobScope(cancelled=lambda: True)).translator.translate(page(*LINES))
    assert not gemini.calls


def test_what_was_answered_when_a_job_is_called_off_is_kept(gemini: ModelServer) -> None:
    gemini.script = [lambda call: Say(answer(items(call)[:4]))]
    with loaded(endpoint(gemini)) as translation:
        scope = JobScope(cancelled=lambda: len(gemini.calls) > 1)
        gemini.rule = always(Hang(60.0))
        with pytest.raises(Stopped):
            job(translation, scope).translator.translate(page(*LINES))
        gemini.calls.clear()
        gemini.rule = good
        job(translation).translator.translate(page(*LINES))
    assert gemini.asked == [("5", "6")]


def test_an_endpoint_that_drips_is_left_after_a_call_s_time(gemini: ModelServer) -> None:
    gemini.rule = always(Hang(60.0))
    patience = Patience(tries=2, call_s=0.3)
    with loaded(endpoint(gemini), patience=patience) as translation, pytest.raises(StageError, match="no whole answer"):
        job(translation).translator.translate(page(*LINES))
    assert len(gemini.calls) == 2


def test_a_call_that_was_left_counts_in_the_ledger(gemini: ModelServer) -> None:
    gemini.script = [always(Hang(60.0))]
    with loaded(endpoint(gemini), patience=Patience(tries=2, call_s=0.3)) as translation:
        made = job(translation)
        made.translator.translate(page(*LINES))
    assert [record.outcome for record in made.ledger.records] == ["abandoned", "answered"]
    assert made.ledger.records[0].usage.total > 0


def test_work_that_nobody_waits_for_is_told_so() -> None:
    told = threading.Event()

    def work(left: object) -> None:
        while not left():  # type: ignore[operator]
            real_time.sleep(0.01)
        told.set()

    with pytest.raises(OutOfTime):
        watched(work, Clockwork(), limit_s=0.1)
    assert told.wait(10.0)


@pytest.mark.parametrize("error", [ValueError("no"), TimeoutError("its own")])
def test_what_the_work_raises_is_raised(error: Exception) -> None:
    def work(_: object) -> None:
        raise error

    with pytest.raises(type(error), match=str(error)):
        watched(work, Clockwork(), limit_s=10.0)


def test_a_pause_past_the_time_is_not_begun() -> None:
    time = Time()
    with pytest.raises(OutOfTime):
        time.clockwork().pause(10.0, until=time.now + 5.0)
    assert time.slept == []
