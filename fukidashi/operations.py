"""What can be asked of an orchestrator (docs/http.md), each written once as a flow."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

from contract.errors import BadMessage
from contract.fields import Fields, load_object
from contract.glossary import Glossary, Term, parse_terms
from contract.grant import Grant
from contract.job import JobRequest
from contract.listing import JobList
from contract.retry import RetryRequest
from contract.status import JobStatus
from contract.translation import BudgetWish
from contract.view import JobView, WebhookView
from fukidashi.errors import BadAnswer
from fukidashi.flow import Answer, Call, Flow
from fukidashi.job_summary import JobSummary
from fukidashi.problems import error_of
from fukidashi.retry import RetryPolicy, exchange, retry_after_s

T = TypeVar("T")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Polled(Generic[V]):
    """A look at a job: ``view`` is ``None`` where nothing has changed since ``etag``."""

    view: V | None
    etag: str | None
    retry_after_s: float | None


@dataclass(frozen=True, slots=True)
class Memory:
    """A series' translation memory, whole, and the etag to replace it by."""

    document: dict[str, Any]
    etag: str | None


@dataclass(frozen=True, slots=True)
class MemoryChange:
    """What a merge did to a memory: entries that are new, that say something else, that had to go."""

    added: int
    changed: int
    dropped: int

    @classmethod
    def parse(cls, body: bytes) -> MemoryChange:
        fields = Fields(load_object(body))
        return cls(fields.integer("added"), fields.integer("changed"), fields.integer("dropped"))


@dataclass(frozen=True, slots=True)
class SeriesGlossary:
    """A series' glossary, whole, and the etag to replace it by."""

    glossary: Glossary
    etag: str | None


@dataclass(frozen=True, slots=True)
class Operations:
    """``base_url`` has no slash at its end. The API key, or the poll token, goes to the base URL's origin and nowhere
    else."""

    base_url: str
    api_key: str | None = field(repr=False)
    policy: RetryPolicy
    random: Callable[[], float]
    poll_token: str | None = field(default=None, repr=False)

    def create(self, request: JobRequest, idempotency_key: str | None = None) -> Flow[JobView]:
        """Repeatable, since the same key leads to the same job; without one given, it gets one of its own."""
        body = json.dumps(request.to_json(), ensure_ascii=False).encode()
        headers = {"idempotency-key": idempotency_key or uuid4().hex}
        return _view((yield from self._ask("POST", "/jobs", headers=headers, content=body)))

    def start(self, job_id: str) -> Flow[JobView]:
        return _view((yield from self._ask("POST", f"/jobs/{_part(job_id)}/start")))

    def cancel(self, job_id: str) -> Flow[JobView]:
        return _view((yield from self._ask("POST", f"/jobs/{_part(job_id)}/cancel")))

    def list_jobs(self, *, status: JobStatus | None, limit: int, cursor: str | None) -> Flow[JobList]:
        """One part of the listing; ``cursor`` is that of the part before."""
        query = {"limit": str(limit), "status": status.value if status else "", "cursor": cursor or ""}
        return _parsed((yield from self._ask("GET", "/jobs", query=query)), JobList.parse, "listing")

    def get(self, job_id: str, etag: str | None = None, *, wait_s: int = 0) -> Flow[Polled[JobView]]:
        return self._look(job_id, etag, {"wait": str(wait_s or "")}, _view)

    def summary(self, job_id: str, etag: str | None = None, *, wait_s: int = 0) -> Flow[Polled[JobSummary]]:
        return self._look(job_id, etag, {"fields": "summary", "wait": str(wait_s or "")}, _summary)

    def retry(self, job_id: str, page: int | None = None, budget: BudgetWish | None = None) -> Flow[JobView]:
        """Repeatable: the same retry again is answered with the same new job."""
        place = f"/pages/{page}" if page is not None else ""
        content = _bytes(RetryRequest(budget).to_json()) if budget is not None else None
        return _view((yield from self._ask("POST", f"/jobs/{_part(job_id)}{place}/retry", content=content)))

    def redeliver(self, job_id: str, event_id: str) -> Flow[WebhookView]:
        """Repeatable: a consumer knows an event that comes twice by its id."""
        path = f"/jobs/{_part(job_id)}/webhooks/{_part(event_id)}/redeliver"
        return _parsed((yield from self._ask("POST", path)), _webhook, "webhook")

    def upload(self, grant: Grant, content: bytes) -> Flow[bool]:
        """Whether this call stored the object; ``False`` where it existed already (a repeated upload)."""
        call = Call(grant.method, grant.url, headers=grant.headers, content=content)
        return (yield from self._checked(call, also=412)).status != 412

    def download(self, url: str) -> Flow[bytes]:
        """A page image or a page document by its URL of the ``JobView``."""
        call = Call("GET", self._with_token(url), headers=self._credentials(url))
        return (yield from self._checked(call)).body

    def get_memory(self, series_id: str) -> Flow[Memory]:
        answer = yield from self._ask("GET", f"/series/{_part(series_id)}/memory")
        return Memory(_object(answer), answer.headers.get("etag"))

    def put_memory(self, series_id: str, document: dict[str, Any], etag: str | None = None) -> Flow[None]:
        """Replaces the memory of ``etag``; without one, creates it and fails (412) where there is one."""
        condition = {"if-match": etag} if etag else {"if-none-match": "*"}
        body = json.dumps(document, ensure_ascii=False).encode()
        # Not repeatable: a condition that held before a lost answer no longer holds after it.
        yield from self._ask(
            "PUT", f"/series/{_part(series_id)}/memory", headers=condition, content=body, repeatable=False
        )

    def merge_memory(self, series_id: str, document: dict[str, Any]) -> Flow[MemoryChange]:
        """Repeatable: what is merged twice changes nothing."""
        path = f"/series/{_part(series_id)}/memory/entries"
        return _parsed((yield from self._ask("POST", path, content=_bytes(document))), MemoryChange.parse, "change")

    def get_glossary(self, series_id: str) -> Flow[SeriesGlossary]:
        answer = yield from self._ask("GET", f"/series/{_part(series_id)}/glossary")
        return SeriesGlossary(_parsed(answer, Glossary.parse, "glossary"), answer.headers.get("etag"))

    def put_glossary(self, series_id: str, glossary: Glossary, etag: str | None = None) -> Flow[None]:
        """As :meth:`put_memory`."""
        condition = {"if-match": etag} if etag else {"if-none-match": "*"}
        path, body = f"/series/{_part(series_id)}/glossary", glossary.to_bytes()
        yield from self._ask("PUT", path, headers=condition, content=body, repeatable=False)

    def merge_terms(self, series_id: str, terms: Sequence[Term]) -> Flow[tuple[Term, ...]]:
        """The terms as they are now. Repeatable."""
        path, body = f"/series/{_part(series_id)}/glossary/terms", {"terms": [term.to_json() for term in terms]}
        return _parsed((yield from self._ask("POST", path, content=_bytes(body))), parse_terms, "glossary")

    def decide_term(self, series_id: str, term_id: str, *, accept: bool, target: str | None = None) -> Flow[Term]:
        """Accepts or rejects what is proposed for a term. Repeatable."""
        path = f"{_term_path(series_id, term_id)}/{'accept' if accept else 'reject'}"
        answer = yield from self._ask("POST", path, query={"target": target or ""})
        return _parsed(answer, lambda body: Term.from_json(load_object(body), ""), "term")

    def remove_term(self, series_id: str, term_id: str) -> Flow[None]:
        """Not repeated once it may have arrived: the term would be gone, and the answer a 404."""
        yield from self._ask("DELETE", _term_path(series_id, term_id), repeatable=False)

    def _look(
        self, job_id: str, etag: str | None, query: dict[str, str], read: Callable[[Answer], V]
    ) -> Flow[Polled[V]]:
        headers = {"if-none-match": etag} if etag else {}
        answer = yield from self._ask("GET", f"/jobs/{_part(job_id)}", query=query, headers=headers, also=304)
        if answer.status == 304:
            return Polled(None, etag, retry_after_s(answer))
        return Polled(read(answer), answer.headers.get("etag"), retry_after_s(answer))

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
        repeatable: bool = True,
        also: int = 200,
    ) -> Flow[Answer]:
        given = urlencode({name: value for name, value in (query or {}).items() if value})
        url = self.base_url + path + (f"?{given}" if given else "")
        if query is not None:
            url = self._with_token(url)
        typed = {"content-type": "application/json"} if content is not None else {}
        everything = {**typed, **self._credentials(url), **(headers or {})}
        return self._checked(Call(method, url, headers=everything, content=content, repeatable=repeatable), also=also)

    def _checked(self, call: Call, *, also: int = 200) -> Flow[Answer]:
        """The answer if its status is 2xx or ``also``; raises :class:`ApiError` for any other."""
        answer = yield from exchange(call, policy=self.policy, random=self.random)
        if 200 <= answer.status < 300 or answer.status == also:
            return answer
        raise error_of(answer, call.place)

    def _with_token(self, url: str) -> str:
        """The poll token reads: it is sent with what is looked at, and with nothing that would change something."""
        if self.poll_token is None or _origin(url) != _origin(self.base_url):
            return url
        return f"{url}{'&' if '?' in url else '?'}{urlencode({'t': self.poll_token})}"

    def _credentials(self, url: str) -> dict[str, str]:
        if self.api_key is None or _origin(url) != _origin(self.base_url):
            return {}
        return {"authorization": f"Bearer {self.api_key}"}


def _view(answer: Answer) -> JobView:
    return _parsed(answer, JobView.parse, "job")


def _summary(answer: Answer) -> JobSummary:
    return _parsed(answer, JobSummary.parse, "job")


def _webhook(body: bytes) -> WebhookView:
    return WebhookView.from_json(load_object(body), "")


def _object(answer: Answer) -> dict[str, Any]:
    return _parsed(answer, load_object, "memory")


def _parsed(answer: Answer, parse: Callable[[bytes], T], what: str) -> T:
    try:
        return parse(answer.body)
    except BadMessage as error:
        raise BadAnswer(f"the server's answer is no {what}: {error}") from None


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _term_path(series_id: str, term_id: str) -> str:
    return f"/series/{_part(series_id)}/glossary/terms/{_part(term_id)}"


def _part(value: str) -> str:
    return quote(value, safe="")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()
