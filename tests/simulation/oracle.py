"""What must hold, whatever happens: looked at with every object that is stored, and at the end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from tests.simulation.attempts import Attempts
from tests.simulation.consumer import Consumer
from tests.simulation.correspondence import Correspondence
from tests.simulation.evidence import Evidence
from tests.simulation.finals import Finals
from tests.simulation.lessons import Lessons
from tests.simulation.listings import Listings
from tests.simulation.store import Put, Store
from tests.simulation.trace import Trace
from tests.simulation.webhooks import Webhooks
from tests.simulation.witnesses import Witnesses

_KEY = re.compile(r"jobs/(?P<job>[^/]+)/(?P<what>[a-z]+)(/(?P<n>\d+))?\.json")


class Oracle:
    """Each group of invariants has an object of its own; what they find lies in :attr:`evidence`."""

    def __init__(
        self,
        store: Store,
        consumer: Consumer,
        trace: Trace,
        now: Callable[[], float],
        *,
        lease_s: float,
        secrets: Iterable[str],
    ) -> None:
        self.evidence = Evidence(store, trace, now)
        self.finals = Finals(self.evidence)
        self.attempts = Attempts(self.evidence, lease_s=lease_s)
        self.witnesses = Witnesses(self.evidence)
        self.correspondence = Correspondence(self.evidence, secrets=secrets)
        self.webhooks = Webhooks(self.evidence, consumer)
        self.listings = Listings(self.evidence)
        self.lessons = Lessons(self.evidence)
        store.watch = self._stored

    def violated(self, what: str) -> None:
        self.evidence.violated(what)

    def _stored(self, put: Put) -> None:
        match = _KEY.fullmatch(put.key)
        if match is None:
            return
        record, n = self.evidence.record(match["job"]), int(match["n"] or 0)
        match match["what"]:
            case "final":
                self.finals.stored(record, put)
            case "attempts":
                self.attempts.on_claim(record, n, put)
            case "heartbeats":
                self.attempts.on_beat(record, n, put)
            case "results":
                self.attempts.on_result(record, n, put)

    def check_end(self, *, fair: bool) -> None:
        for record in self.evidence.records.values():
            self.finals.check_ended(record)
            self.webhooks.check(record)
            self.lessons.check_ended(record)
        self.lessons.check_left()
        self.webhooks.check_believed()
        if fair:
            self.finals.check_fair()
            self.attempts.check_fair()

    @property
    def ends(self) -> Counter[str]:
        records = self.evidence.records.values()
        return Counter(record.final["status"] if record.final else "none" for record in records)
