"""What goes wrong in a story, and how often: every seed has a weather of its own, so that rare pairs of faults meet."""

from __future__ import annotations

import random
from collections import Counter
from enum import StrEnum


class Fault(StrEnum):
    """Everything that can go wrong. The value is how traces and counts name it."""

    # Messages between any two.
    REFUSED = "net: connection refused"
    REQUEST_LOST = "net: request lost"
    REPLY_LOST = "net: reply lost"
    DELAYED = "net: request delayed by minutes"
    DUPLICATED = "net: request delivered twice"
    BODY_CUT = "net: reply's body cut off"
    BODY_CORRUPTED = "net: put with a byte missing"
    # R2, KV
    R2_FAILS = "r2: 5xx before the effect"
    R2_THROTTLES = "r2: 429"
    R2_LOSES_REPLY = "r2: error after the effect"
    R2_SLOW = "r2: seconds slow"
    KV_FAILS = "kv: error before the effect"
    KV_LOSES_REPLY = "kv: error after the effect"
    KV_STALE = "kv: an old value was read"
    KV_STALE_ABSENT = "kv: an old absence was read"
    KV_STALE_LIST = "kv: an old listing was read"
    KV_FORGETS = "kv: everything lost"
    # The orchestrator
    EDGE_KILLED = "edge: invocation killed at a step"
    EDGE_ABANDONED = "edge: invocation killed as its caller left"
    RATE_LIMITED = "edge: rate limit says no"
    CRON_SKIPPED = "cron: a run left out"
    CRON_DOUBLED = "cron: two runs at once"
    # Translators
    KILLED = "translator: killed at a step"
    POISONED = "translator: killed by a page"
    PAUSED = "translator: paused"
    CUT_OFF = "translator: orchestrator out of reach"
    DRAINED = "translator: SIGTERM"
    CLOCK_SKEWED = "translator: clock is off"
    CLOCK_STEPPED = "translator: clock jumped"
    STAGE_FAILS = "translator: a stage fails"
    STAGE_BREAKS = "translator: a stage has a defect"
    STAGE_SLOW = "translator: a stage takes minutes"
    # Consumers and clients
    HOOK_FAILS = "consumer: 5xx, 3xx or 4xx"
    HOOK_BUSY = "consumer: 429 with Retry-After"
    HOOK_GONE = "consumer: 410"
    HOOK_SLOW = "consumer: answers too late"
    ORIGIN_FAILS = "origin: 5xx"
    ORIGIN_GONE = "origin: 404"
    ORIGIN_REDIRECTS = "origin: redirects"
    ORIGIN_BREAKS_OFF = "origin: body breaks off"
    CANCELED = "client: cancels"
    CLIENT_GONE = "client: never starts its job"
    RETRIES = "client: retries what failed"
    REDELIVERS = "client: asks for the webhook again"
    IMPATIENT = "client: asks twice at once"
    # The operator
    ROTATED = "operator: rotates the callback secret"


_ODDS = {
    Fault.REFUSED: 0.06,
    Fault.REQUEST_LOST: 0.05,
    Fault.REPLY_LOST: 0.06,
    Fault.DELAYED: 0.04,
    Fault.DUPLICATED: 0.08,
    Fault.BODY_CUT: 0.1,
    Fault.BODY_CORRUPTED: 0.05,
    Fault.R2_FAILS: 0.03,
    Fault.R2_THROTTLES: 0.02,
    Fault.R2_LOSES_REPLY: 0.03,
    Fault.R2_SLOW: 0.02,
    Fault.KV_FAILS: 0.05,
    Fault.KV_LOSES_REPLY: 0.05,
    Fault.KV_FORGETS: 0.002,
    Fault.EDGE_KILLED: 0.08,
    Fault.EDGE_ABANDONED: 0.3,
    Fault.RATE_LIMITED: 0.05,
    Fault.CRON_SKIPPED: 0.2,
    Fault.CRON_DOUBLED: 0.3,
    Fault.KILLED: 0.5,
    Fault.POISONED: 0.15,
    Fault.PAUSED: 0.5,
    Fault.CUT_OFF: 0.4,
    Fault.DRAINED: 0.3,
    Fault.CLOCK_SKEWED: 0.5,
    Fault.CLOCK_STEPPED: 0.1,
    Fault.STAGE_FAILS: 0.05,
    Fault.STAGE_BREAKS: 0.03,
    Fault.STAGE_SLOW: 0.05,
    Fault.HOOK_FAILS: 0.5,
    Fault.HOOK_BUSY: 0.2,
    Fault.HOOK_GONE: 0.1,
    Fault.HOOK_SLOW: 0.2,
    Fault.ORIGIN_FAILS: 0.2,
    Fault.ORIGIN_GONE: 0.1,
    Fault.ORIGIN_REDIRECTS: 0.3,
    Fault.ORIGIN_BREAKS_OFF: 0.1,
    Fault.CANCELED: 0.3,
    Fault.RETRIES: 1.0,
    Fault.REDELIVERS: 0.3,
    Fault.CLIENT_GONE: 0.15,
    Fault.IMPATIENT: 0.15,
    Fault.ROTATED: 1.0,
}
"""The most of each, a chance; what it is a chance of, whoever rolls the dice says. KV's staleness is always there."""


class Weather:
    """``storm`` over: nothing goes wrong any more. ``counts`` says how often each fault happened."""

    def __init__(self, chance: random.Random, *, only: frozenset[Fault] | None = None) -> None:
        self._chance, self.storm = chance, True
        self.counts: Counter[Fault] = Counter()
        share = 0.0 if chance.random() < 0.05 else chance.choice((0.15, 0.4, 0.7))
        self._odds = {
            fault: odds * chance.choice((0.2, 0.5, 1.0)) if chance.random() < share else 0.0
            for fault, odds in _ODDS.items()
        }
        if only is not None:
            self._odds = {fault: odds if fault in only else 0.0 for fault, odds in _ODDS.items()}

    @property
    def was_fair(self) -> bool:
        """Whether nothing has gone wrong so far. KV's staleness is no fault: it is how KV works."""
        return not set(self.counts) - {Fault.KV_STALE, Fault.KV_STALE_ABSENT, Fault.KV_STALE_LIST}

    def strikes(self, fault: Fault) -> bool:
        """Rolls the dice, and counts."""
        odds = self._odds[fault]
        if not self.storm or odds == 0.0 or self._chance.random() >= odds:
            return False
        self.counts[fault] += 1
        return True

    def poisons(self) -> bool:
        """Whether a job has a page that kills translators; what counts is when it does."""
        return self._chance.random() < self._odds[Fault.POISONED]

    def happened(self, fault: Fault) -> None:
        self.counts[fault] += 1
