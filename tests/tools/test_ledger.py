"""The ledger misses nothing that the orchestrator asks of its stores, and makes up nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.edge.world import CONSUMER, Attempt
from tools.bench.ledger import R2_CLASSES, CountedWorld
from tools.bench.prices import Kind


@pytest.fixture
def world() -> Iterator[CountedWorld]:
    made = CountedWorld()
    yield made
    made.close()


def test_a_step_holds_the_operations_the_request_the_points_and_the_log_lines_made_in_it(world: CountedWorld) -> None:
    with world.step("create"):
        job = world.create(3, webhook_url=CONSUMER)
    with world.step("uploads"):
        world.upload(job)
    assert world.steps["create"] == {Kind.R2_A: 1, Kind.KV_WRITE: 2, Kind.REQUEST: 1, Kind.LOG: 1}
    assert world.steps["uploads"] == {Kind.R2_A: 3}


def test_what_a_translator_does_at_r2_itself_is_on_the_bill(world: CountedWorld) -> None:
    with world.step("before"):
        attempt = world.attempt(pages=1)
    with world.step("page"):
        assert world.use(attempt.grants[1].input).status == 200
        attempt.deliver(1)
    assert world.steps["page"] == {Kind.R2_B: 1, Kind.R2_A: 2}


def test_a_refused_put_is_on_the_bill_too(world: CountedWorld) -> None:
    with world.step("first"):
        job = world.create(1)
        world.upload(job)
    with world.step("again"):
        assert world.use(job.uploads[0].grant, b"again").status == 412
    assert world.steps["again"] == {Kind.R2_A: 1}


def test_the_same_step_again_adds_to_it(world: CountedWorld) -> None:
    for _ in range(3):
        with world.step("sweep"):
            world.sweep()
    assert world.steps["sweep"][Kind.REQUEST] == 3
    assert world.steps["sweep"][Kind.R2_A] == 6
    assert world.steps["sweep"][Kind.KV_LIST] == 3
    assert world.total == world.steps["sweep"]


def test_what_happens_outside_every_step_is_an_error_at_the_next_one(world: CountedWorld) -> None:
    world.create(1)
    with pytest.raises(AssertionError, match="not counted"), world.step("late"):
        pass


def test_the_work_after_the_answer_belongs_to_the_step(world: CountedWorld) -> None:
    with world.step("before"):
        attempt = world.attempt(pages=1, webhook_url=CONSUMER)
        attempt.heartbeat()
        attempt.deliver(1)
        result = attempt.result()
    with world.step("result"):
        attempt.send(result)
    assert len(world.deliveries) == 1
    assert world.steps["result"][Kind.KV_DELETE] == 1
    assert world.steps["result"][Kind.POINT] == 2


def test_every_operation_of_a_bucket_has_a_class() -> None:
    world = CountedWorld()
    names = {name for name in ("head", "read", "open", "put", "delete", "list") if hasattr(world.platform.bucket, name)}
    assert names == set(R2_CLASSES)
    world.close()


def test_the_sum_of_the_steps_is_the_total(world: CountedWorld) -> None:
    with world.step("one"):
        attempt: Attempt = world.attempt(pages=2)
    with world.step("two"):
        attempt.heartbeat()
    assert world.total == Counter(world.steps["one"]) + world.steps["two"]
