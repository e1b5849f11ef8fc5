"""Webhooks: each terminal one is delivered or given up, the same in every delivery, and true."""

from __future__ import annotations

from contract.status import JobStatus
from tests.simulation.consumer import Consumer, Delivery
from tests.simulation.evidence import Evidence, Record


class Webhooks:
    """Compares the outbox with what the consumer heard."""

    def __init__(self, evidence: Evidence, consumer: Consumer) -> None:
        self._evidence, self._consumer = evidence, consumer

    def check(self, record: Record) -> None:
        """Of a job that has ended."""
        if record.final is not None and "webhook_url" in self._evidence.job(record.id)["request"]:
            self._check_webhook(record)

    def check_believed(self) -> None:
        for problem in self._consumer.problems:
            self._evidence.violated(problem)

    def _check_webhook(self, record: Record) -> None:
        assert record.final is not None
        event_id = record.final["event_id"]
        heard = [delivery for delivery in self._consumer.deliveries if delivery.event.job_id == record.id]
        parcel = self._evidence.json(f"outbox/{record.id}/{event_id}.json", default={"state": "absent"})
        if parcel["state"] not in ("delivered", "failed", "disabled"):
            self._evidence.violated(f"{record.id}: its webhook is {parcel['state']}")
        if parcel["state"] == "delivered" and not any(200 <= delivery.answered < 300 for delivery in heard):
            self._evidence.violated(f"{record.id}: its webhook is called delivered, and nobody got it")
        if parcel["state"] == "disabled" and not any(delivery.answered == 410 for delivery in heard):
            self._evidence.violated(f"{record.id}: its webhook is disabled, and nobody answered 410")
        self._check_heard(record, heard, event_id)

    def _check_heard(self, record: Record, heard: list[Delivery], event_id: str) -> None:
        assert record.final is not None
        if {delivery.event_id for delivery in heard} - {event_id} or len({delivery.body for delivery in heard}) > 1:
            self._evidence.violated(f"{record.id}: its deliveries differ")
        if {delivery.event.status for delivery in heard} - {JobStatus(record.final["status"])}:
            self._evidence.violated(f"{record.id}: its consumer heard of another end")
