"""Keys in turn, pauses as they are asked for, and tries that end."""

from __future__ import annotations

import pytest

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import DAILY_QUOTA, Fail, always, good
from tests.translator.translation.jobs import KEY, LINES, SECOND_KEY, Time, endpoint, job, loaded, page
from translator.pipeline.protocols import StageError
from translator.translation.asking import Patience
from translator.translation.keys import KeyPool
from translator.translation.model import ApiKey, BadCredentials, ChatModel, ModelReply, ModelRequest

LIMITED = Fail(429, "slow down")


class Mute:
    """A model that is never called."""

    name = "m"

    def complete(self, request: ModelRequest, *, stop: object = None) -> ModelReply:
        raise NotImplementedError

    def check(self, *, timeout_s: float = 20.0) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def pool(time: Time, *, keys: int = 2, per_minute: int = 0) -> KeyPool:
    model: ChatModel = Mute()
    return KeyPool([(ApiKey(f"s{i}", f"key {i}"), model) for i in range(keys)], clock=time.clock, per_minute=per_minute)


def taken(keys: KeyPool, patience_s: float = 1e9) -> tuple[str, float]:
    turn = keys.take(patience_s=patience_s)
    return (turn.key.label, turn.wait_s) if turn else ("none", 0.0)


def test_keys_take_turns() -> None:
    time = Time()
    keys, used = pool(time), []
    for _ in range(4):
        used.append(taken(keys)[0])
        time.now += 1
    assert used == ["key 0", "key 1", "key 0", "key 1"]


def test_a_key_waits_when_its_minute_is_full() -> None:
    time = Time()
    keys = pool(time, keys=1, per_minute=2)
    assert [taken(keys)[1], taken(keys)[1]] == [0.0, 0.0]
    time.now += 10
    assert taken(keys) == ("key 0", 50.0)
    assert taken(keys, patience_s=5.0) == ("none", 0.0)
    time.now += 55
    assert taken(keys)[1] == 0.0


def test_a_key_that_rests_lets_the_other_work_until_both_rest() -> None:
    time = Time()
    keys = pool(time)
    keys.rest(keys.keys[0], 30.0)
    assert [taken(keys), taken(keys)] == [("key 1", 0.0)] * 2
    keys.rest(keys.keys[1], 10.0)
    keys.rest(keys.keys[1], 2.0)
    assert taken(keys) == ("key 1", 10.0)


def test_a_key_that_is_out_never_comes_back_and_the_last_one_says_why() -> None:
    keys = pool(Time())
    keys.retire(keys.keys[0], "401: wrong")
    assert taken(keys)[0] == "key 1"
    keys.retire(keys.keys[1], "402: no money")
    with pytest.raises(BadCredentials, match=r"key 0: 401: wrong; key 1: 402: no money"):
        keys.take()


def test_a_pool_without_keys_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        KeyPool([], clock=Time().clock)


def run(server: ModelServer, time: Time, *, keys: tuple[str, ...] = (KEY,), patience: Patience | None = None) -> None:
    with loaded(endpoint(server, keys=keys), time=time, patience=patience or Patience(tries=4)) as translation:
        job(translation).translator.translate(page(*LINES))


def test_after_a_429_the_next_key_is_taken_at_once(gemini: ModelServer) -> None:
    gemini.rule = lambda call: LIMITED if call.key == KEY else good(call)
    time = Time()
    run(gemini, time, keys=(KEY, SECOND_KEY))
    assert [call.key for call in gemini.calls] == [KEY, SECOND_KEY]
    assert time.slept == []


def test_with_one_key_retry_after_is_kept(gemini: ModelServer) -> None:
    gemini.script = [always(Fail(429, "slow down", headers={"Retry-After": "17"}))]
    time = Time()
    run(gemini, time)
    assert len(gemini.calls) == 2
    assert sum(time.slept) == pytest.approx(17.0)


def test_without_retry_after_the_pauses_grow_and_are_jittered(gemini: ModelServer) -> None:
    gemini.script = [always(LIMITED), always(LIMITED), always(LIMITED)]
    time = Time()
    run(gemini, time)
    # Half of 1, 2 and 4 seconds, and the jitter's half of the other half.
    assert sum(time.slept) == pytest.approx(0.75 * (1 + 2 + 4))
    clockwork = time.clockwork()
    assert [clockwork.backoff(n, base_s=1.0, cap_s=5.0) for n in range(4)] == [0.75, 1.5, 3.0, 3.75]


def test_tries_end(gemini: ModelServer) -> None:
    gemini.rule = always(LIMITED)
    with pytest.raises(StageError) as caught:
        run(gemini, Time())
    assert caught.value.retryable
    assert len(gemini.calls) == 4


def test_a_day_that_is_used_up_is_not_waited_for(gemini: ModelServer) -> None:
    gemini.rule = always(Fail(429, "quota", details=(DAILY_QUOTA,)))
    time = Time()
    with pytest.raises(StageError, match="quota"):
        run(gemini, time)
    assert (len(gemini.calls), time.slept) == (1, [])


def test_a_wrong_key_is_left_out_and_the_page_goes_on(gemini: ModelServer) -> None:
    gemini.refused_keys = frozenset({KEY})
    time = Time()
    run(gemini, time, keys=(KEY, SECOND_KEY))
    assert [call.key for call in gemini.calls] == [KEY, SECOND_KEY]
    assert time.slept == []


def test_a_wrong_key_is_not_tried_on_the_next_page(gemini: ModelServer) -> None:
    gemini.refused_keys = frozenset({KEY})
    with loaded(endpoint(gemini, keys=(KEY, SECOND_KEY))) as translation:
        for number in range(3):
            job(translation).translator.translate(page(f"これは{number}ページだ", number=number + 1))
    assert [call.key for call in gemini.calls].count(KEY) == 1


def test_wrong_keys_alone_are_an_error_that_no_retry_mends(gemini: ModelServer) -> None:
    gemini.refused_keys = frozenset({KEY, SECOND_KEY})
    with pytest.raises(StageError) as caught:
        run(gemini, Time(), keys=(KEY, SECOND_KEY))
    assert not caught.value.retryable
    assert KEY not in str(caught.value)


def test_the_rate_of_a_key_holds_over_the_pages_of_all_jobs(gemini: ModelServer) -> None:
    time = Time()
    with loaded(endpoint(gemini), time=time, per_minute=2) as translation:
        for number in range(3):
            job(translation).translator.translate(page(f"これは{number}ページだ", number=number + 1))
    assert sum(time.slept) == pytest.approx(60.0)


def test_a_server_that_asks_for_too_much_patience_gets_none(openai: ModelServer) -> None:
    openai.rule = always(Fail(503, "maintenance", headers={"Retry-After": "86400"}))
    time = Time()
    with (
        loaded(endpoint(openai, engine="openai"), time=time) as translation,
        pytest.raises(StageError, match="maintenance"),
    ):
        job(translation).translator.translate(page(*LINES))
    assert time.slept == []
