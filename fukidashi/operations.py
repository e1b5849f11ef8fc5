"""What can be asked of an orchestrator (docs/http.md), each written once as a flow."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

from contract.errors import BadMessage
from contract.fields import load_object
from contract.grant import Grant
from contract.job import JobRequest
from contract.view import JobView
from fukidashi.errors import BadAnswer
from fukidashi.flow import Answer, Call, Flow
from fukidashi.problems import error_of
from fukidashi.retry import RetryPolicy, exchange, retry_after_s


@dataclass(frozen=True, slots=True)
class Polled:
    """A look at a job: ``view`` is ``None`` where nothing has changed since ``etag``."""

    view: JobView | None
    etag: str | None
    retry_after_s: float | None


@dataclass(frozen=True, slots=True)
class Memory:
    """A series' translation memory, whole, and the etag to replace it by."""

    document: dict[str, Any]
    etag: str | None


@dataclass(frozen=True, slots=True)
class Operations:
    """``base_url`` has no slash at its end. The API key goes to the base URL's origin and nowhere else."""

    base_url: str
    api_key: str | None = field(repr=False)
    policy: RetryPolicy
    random: Callable[[], float]

    def create(self, request: JobRequest, idempotency_key: str | None = None) -> Flow[JobView]:
        """Repeatable, since the same key leads to the same job; without one given, it gets one of its own."""
        body = json.dumps(request.to_json(), ensure_ascii=False).encode()
        headers = {"idempotency-key": idempotency_key or uuid4().hex}
        return _view((yield from self._ask("POST", "/jobs", headers=headers, content=body)))

    def start(self, job_id: str) -> Flow[JobView]:
        return _view((yield from self._ask("POST", f"/jobs/{_part(job_id)}/start")))

    def cancel(self, job_id: str) -> Flow[JobView]:
        return _view((yield from self._ask("POST", f"/jobs/{_part(job_id)}/cancel")))

    def get(self, job_id: str, etag: str | None = None) -> Flow[Polled]:
        headers = {"if-none-match": etag} if etag else {}
        answer = yield from self._ask("GET", f"/jobs/{_part(job_id)}", headers=headers, also=304)
        if answer.status == 304:
            return Polled(None, etag, retry_after_s(answer))
        return Polled(_view(answer), answer.headers.get("etag"), retry_after_s(answer))

    def upload(self, grant: Grant, content: bytes) -> Flow[bool]:
        """Whether this call stored the object; ``False`` where it existed already (a repeated upload)."""
        call = Call(grant.method, grant.url, headers=grant.headers, content=content)
        return (yield from self._checked(call, also=412)).status != 412

    def download(self, url: str) -> Flow[bytes]:
        """A page image or a page document by its URL of the ``JobView``."""
        call = Call("GET", url, headers=self._credentials(url))
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

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
        repeatable: bool = True,
        also: int = 200,
    ) -> Flow[Answer]:
        url = self.base_url + path
        typed = {"content-type": "application/json"} if content is not None else {}
        everything = {**typed, **self._credentials(url), **(headers or {})}
        return self._checked(Call(method, url, headers=everything, content=content, repeatable=repeatable), also=also)

    def _checked(self, call: Call, *, also: int = 200) -> Flow[Answer]:
        """The answer if its status is 2xx or ``also``; raises :class:`ApiError` for any other."""
        answer = yield from exchange(call, policy=self.policy, random=self.random)
        if 200 <= answer.status < 300 or answer.status == also:
            return answer
        raise error_of(answer, call.place)

    def _credentials(self, url: str) -> dict[str, str]:
        if self.api_key is None or _origin(url) != _origin(self.base_url):
            return {}
        return {"authorization": f"Bearer {self.api_key}"}


def _view(answer: Answer) -> JobView:
    try:
        return JobView.parse(answer.body)
    except BadMessage as error:
        raise BadAnswer(f"the server's answer is no job: {error}") from None


def _object(answer: Answer) -> dict[str, Any]:
    try:
        return load_object(answer.body)
    except BadMessage as error:
        raise BadAnswer(f"the server's answer is no memory: {error}") from None


def _part(value: str) -> str:
    return quote(value, safe="")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()
