"""What a retry may change of the job that it is of: the body of ``POST /jobs/:id/retry``, which may be left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from contract.fields import Fields, load_object
from contract.job import JobRequest
from contract.translation import BudgetWish


@dataclass(frozen=True, slots=True)
class RetryRequest:
    """``budget`` stands in for that of the job before; ``None`` leaves it as it was. Either counts anew: what jobs
    before have spent is not taken from it."""

    budget: BudgetWish | None = None

    @classmethod
    def parse(cls, body: bytes) -> RetryRequest:
        """Reads a request's body, an empty one included. Raises :class:`BadMessage`, naming the field."""
        return cls.from_json(load_object(body)) if body else cls()

    @classmethod
    def from_json(cls, value: Any, path: str = "") -> RetryRequest:
        fields = Fields(value, path)
        fields.only("budget")
        given = BudgetWish.from_json(fields.raw_object("budget"), fields.at("budget")) if fields.has("budget") else None
        return cls(given)

    def to_json(self) -> dict[str, Any]:
        return {} if self.budget is None else {"budget": self.budget.to_json()}

    def changed(self, request: JobRequest) -> JobRequest:
        """The request of the new job, made from that of the one before."""
        if self.budget is None:
            return request
        wish = replace(request.options.translation, budget=self.budget)
        return replace(request, options=replace(request.options, translation=wish))


AS_BEFORE = RetryRequest()
