"""A small ASGI application that receives the webhooks and records the results.

``POST /webhook`` takes an event: 200 once it is on the disk, also for a repetition. ``GET /results?after=0&limit=100``
lists what was recorded (see :mod:`next_callbacks.access`). ``GET /healthz`` says that it runs.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contract.errors import BadMessage, BadSignature
from contract.problem import CONTENT_TYPE, Problem, ProblemCode
from next_callbacks.access import may_read
from next_callbacks.config import Config
from next_callbacks.results import MAX_LISTED, Results, ResultsError
from next_callbacks.verification import verify

MAX_BODY_BYTES = 256 * 1024
"""An event is thin: about 1 kB, and its metadata at most 4 kB."""
BODY_S = 15.0
"""How long a sender may take for its body; senders give up after about as long themselves."""

_logger = logging.getLogger("fukidashi.receiver")
_STATUSES = {404: ProblemCode.NOT_FOUND, 405: ProblemCode.METHOD_NOT_ALLOWED}


class Receiver:
    """The routes' handlers over one :class:`Results`. ``now`` is in unix seconds."""

    def __init__(self, config: Config, results: Results, *, now: Callable[[], float] = time.time) -> None:
        self._config, self._results, self._now = config, results, now

    async def webhook(self, request: Request) -> Response:
        body = await _read(request)
        now = self._now()
        try:
            delivery = verify(request.headers, body, self._config.secrets, now=now)
        except BadSignature as error:
            raise Problem(ProblemCode.BAD_SIGNATURE, str(error), server_time=int(now)) from None
        except BadMessage as error:
            raise Problem(ProblemCode.INVALID, str(error), field=error.field) from None
        new = await run_in_threadpool(self._results.record, delivery, received_at=now)
        return JSONResponse({"event_id": delivery.event_id, "duplicate": not new})

    async def results(self, request: Request) -> Response:
        if not may_read(request, self._config.token):
            raise Problem(ProblemCode.UNAUTHORIZED, "Results are for this machine, or for who has RECEIVER_TOKEN.")
        after, limit = _count(request, "after", 0, 2**62), _count(request, "limit", 100, MAX_LISTED)
        found = await run_in_threadpool(self._results.after, after, limit)
        following = found[-1].seq if found and len(found) == limit else None
        return JSONResponse({"results": [one.to_json() for one in found], "next": following})

    async def healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})


def create_app(config: Config, results: Results, *, now: Callable[[], float] = time.time) -> Starlette:
    """The ASGI application; it closes ``results`` when it ends."""
    receiver = Receiver(config, results, now=now)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        results.close()

    return Starlette(
        routes=[
            Route("/webhook", receiver.webhook, methods=["POST"]),
            Route("/results", receiver.results),
            Route("/healthz", receiver.healthz),
        ],
        exception_handlers={Problem: _problem, HTTPException: _http_error, ResultsError: _broken},
        lifespan=lifespan,
    )


async def _read(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise Problem(ProblemCode.TOO_LARGE, f"A body has at most {MAX_BODY_BYTES} bytes.")
    except TimeoutError:
        raise Problem(ProblemCode.BAD_REQUEST, f"The body did not come within {BODY_S:g} s.") from None
    except ClientDisconnect:
        raise Problem(ProblemCode.BAD_REQUEST, "The sender went away in the middle of the body.") from None
    return bytes(body)


def _count(request: Request, name: str, default: int, high: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= high):
        raise Problem(ProblemCode.BAD_REQUEST, f"{name} is not a number from 0 to {high}.", field=name)
    return int(text)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    body = error.to_bytes(instance=request.url.path, request_id=secrets.token_hex(8))
    return Response(body, error.kind.status, media_type=CONTENT_TYPE)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _STATUSES.get(error.status_code, ProblemCode.BAD_REQUEST)
    return await _problem(request, Problem(kind, error.detail))


async def _broken(request: Request, error: Exception) -> Response:
    # 503 makes the sender deliver again later.
    _logger.error("the results' database failed: %s", error)
    return await _problem(request, Problem(ProblemCode.UNAVAILABLE, "The event cannot be recorded at the moment."))
