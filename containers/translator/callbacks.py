"""Signed reports to the orchestrator, and what it answers.

CallbackError
├── StaleAttempt      another attempt has the job, or it has ended: stop
├── CallbackRefused   the report itself is not accepted; the same again would not be either
└── CallbackLost      no answer, or 5xx, every time
"""

from __future__ import annotations

import asyncio
import logging
import secrets as random_secrets
import time
from collections.abc import Callable, Sequence

import httpx

from contract import PROTOCOL, PROTOCOL_HEADER
from contract.errors import BadMessage
from contract.fields import Fields, load_object
from contract.problem import ProblemCode
from contract.report import Reply
from contract.signing import Secret, sign
from translator.backoff import Backoff, retry_after_s

TIMEOUT = httpx.Timeout(20.0, connect=10.0)
REPORTS = Backoff(tries=8, cap_s=30.0)
"""Up to 90 s of pauses in all, 45 s on average: a restart of the orchestrator loses no result."""
_LOG = logging.getLogger(__name__)
_STALE = frozenset({404, 409, 410})
_TRANSIENT = frozenset({408, 421, 425, 429})


class CallbackError(Exception):
    """Base of what a callback raises."""


class StaleAttempt(CallbackError):  # noqa: N818
    pass


class CallbackRefused(CallbackError):  # noqa: N818
    pass


class CallbackLost(CallbackError):  # noqa: N818
    pass


class OrchestratorClock:
    """The orchestrator's time, as far as it is known: signatures and grants are judged by its clock, not by ours."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now, self.offset_s = now, 0.0

    def now(self) -> float:
        return self._now() + self.offset_s

    def learn(self, server_time: float) -> None:
        self.offset_s = server_time - self._now()


class Callbacks:
    """Sends reports. Each HTTP attempt is signed anew, with its own id and time: no honest retry is a replay."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        secrets: Sequence[Secret],
        *,
        clock: OrchestratorClock,
        backoff: Backoff | None = None,
        retried: Callable[[], None] = lambda: None,
    ) -> None:
        self._client, self._secrets, self._clock = client, secrets, clock
        self._backoff, self._retried = backoff or REPORTS, retried

    async def send(self, url: str, body: bytes, *, once: bool = False) -> Reply:
        """Delivers a report. Raises :class:`CallbackError`. ``once``: for a report that the next one supersedes."""
        return _reply(await self.exchange(url, body, once=once))

    async def exchange(self, url: str, body: bytes, *, once: bool = False) -> httpx.Response:
        """A signed POST, tried until there is an answer that trying again would not change.

        Raises :class:`CallbackLost`, and :class:`CallbackRefused` for a URL that is none.
        """
        pauses = iter([None]) if once else self._backoff.pauses()
        corrected = False
        for pause in pauses:
            response, why = await self._post(url, body)
            if response is not None and not corrected and self._learn(response):
                corrected = True
                response, why = await self._post(url, body)
            if response is not None and not _is_transient(response):
                return response
            if pause is None:
                break
            self._retried()
            await asyncio.sleep(max(pause, _asked_pause(response)))
        raise CallbackLost(why)

    async def _post(self, url: str, body: bytes) -> tuple[httpx.Response | None, str]:
        headers = sign(
            body,
            self._secrets,
            message_id=f"msg_{random_secrets.token_hex(16)}",
            timestamp=int(self._clock.now()),
        )
        headers |= {"content-type": "application/json", PROTOCOL_HEADER: str(PROTOCOL)}
        try:
            response = await self._client.post(url, content=body, headers=headers, timeout=TIMEOUT)
        except httpx.TransportError as error:
            return None, f"no answer ({type(error).__name__})"
        except httpx.InvalidURL:
            raise CallbackRefused("the callback's URL is malformed") from None
        return response, f"status {response.status_code}"

    def _learn(self, response: httpx.Response) -> bool:
        """Whether a 401 told a time so different from ours that signing again may help."""
        server_time = _server_time(response) if response.status_code == 401 else None
        if server_time is None or abs(server_time - self._clock.now()) < 5:
            return False
        self._clock.learn(server_time)
        _LOG.warning("the orchestrator's clock differs", extra={"offset_s": round(self._clock.offset_s)})
        return True


def _is_transient(response: httpx.Response) -> bool:
    return response.status_code >= 500 or response.status_code in _TRANSIENT


def _asked_pause(response: httpx.Response | None) -> float:
    return 0.0 if response is None else retry_after_s(response.headers.get("retry-after"))


def _reply(response: httpx.Response) -> Reply:
    if response.status_code in _STALE:
        raise StaleAttempt(f"status {response.status_code}")
    if not response.is_success:
        raise CallbackRefused(f"status {response.status_code} {_problem_code(response)}".rstrip())
    try:
        return Reply.parse(response.content)
    except BadMessage as error:
        raise CallbackRefused(f"the reply is malformed: {error}") from None


def _server_time(response: httpx.Response) -> float | None:
    try:
        fields = Fields(load_object(response.content))
        return fields.number("server_time") if fields.has("server_time") else None
    except BadMessage:
        return None


def _problem_code(response: httpx.Response) -> str:
    """The problem's code, if it is one of the contract's: what a stranger answers does not go into our log."""
    try:
        code = Fields(load_object(response.content)).text("code", default="")
    except BadMessage:
        return ""
    return code if code in {kind.code for kind in ProblemCode} else ""
