"""Correspondence: signed messages are believed once, no answer is a defect, and no log line holds a secret."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contract.errors import BadSignature
from contract.signing import TIMESTAMP_HEADER, Secret, verify
from tests.simulation.evidence import Evidence
from tests.simulation.message import Answer, Message

_EXPECTED_ERRORS = ("PlatformError", "FetchError")
"""What may be logged of an invocation: the storage failed it. Anything else escaped."""
_TOKEN = re.compile(r"X-Amz-Signature|[?&]t=|whsec_|Bearer ")


class Correspondence:
    """Reads every message with its answer, and every log line of everybody."""

    def __init__(self, evidence: Evidence, *, secrets: Iterable[str]) -> None:
        self._evidence, self._secrets = evidence, tuple(secrets)
        self.events: Counter[str] = Counter()
        self._believed: Counter[tuple[str, str]] = Counter()
        self._owners: dict[tuple[str, int], str] = {}

    def answered(self, who: str, message: Message, answer: Answer) -> None:
        """A signed message is believed once, and no answer is a defect."""
        if answer.status == 500:
            self._evidence.violated(f"{who}: {message.method} {message.path} was answered 500")
        name = message.headers.get("webhook-id")
        if name and 200 <= answer.status < 300:
            self._believed[who, name] += 1
            if self._believed[who, name] > 1:
                self._evidence.violated(f"message {name} was believed twice by {who} ({message.path})")

    def believed(self, body: bytes, arrived_at: float) -> None:
        """A report that got a 200: its process owns the attempt, and the attempt is the newest, or won."""
        report = json.loads(body)
        record = self._evidence.record(report["job_id"])
        owner = self._owners.setdefault((record.id, report["attempt"]), report["worker_id"])
        if owner != report["worker_id"]:
            self._evidence.violated(f"{record.id}: two processes were believed about attempt {report['attempt']}")
        newer = [n for n, one in record.attempts.items() if n > report["attempt"] and one.claimed_at < arrived_at]
        won = report["type"] == "result" and record.final is not None and record.final["status"] == "success"
        if newer and not won:
            self._evidence.violated(
                f"{record.id}: a report of attempt {report['attempt']} was believed, and {newer} has the job"
            )

    def logged(self, who: str, event: str, fields: Mapping[str, Any]) -> None:
        self.events[event] += 1
        line = json.dumps({"event": event, **fields})
        self.line(who, line)
        if "error" in fields and fields["error"] not in _EXPECTED_ERRORS:
            self._evidence.violated(f"an exception escaped: {line}")

    def line(self, who: str, line: str) -> None:
        """A log line of anybody."""
        if any(secret in line for secret in self._secrets) or _TOKEN.search(line):
            self._evidence.violated(f"a secret in a log line of {who}: {line}")

    def refused(self, message: Message, answer: Answer, active: Sequence[Secret]) -> None:
        """A message that an active secret signs is never said to be signed by none, whatever is rotated."""
        if answer.status != 401 or b"no_matching_signature" not in answer.body:
            return
        try:
            verify(message.headers, message.body, active, now=float(message.headers[TIMESTAMP_HEADER]))
        except BadSignature:
            return
        self._evidence.violated(f"{message.path}: a message that an active secret signs was refused")
