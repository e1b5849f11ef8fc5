"""``PUT /jobs/{id}/attempts/{n}``: the orchestrator hands over an attempt."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contract.attempt import AttemptOrder
from contract.errors import BadKey, BadMessage, BadSignature
from contract.keys import check_id
from contract.problem import Problem, ProblemCode
from contract.signing import Secret, verify
from translator.bodies import read_body
from translator.callbacks import OrchestratorClock
from translator.models import Models, NotReady
from translator.nonces import Nonces
from translator.runner import Busy, Draining, Runner, Taken
from translator.stages import StageFactory, StageOrder, Unsupported

MAX_ORDER_BYTES = 8_000_000
"""A thousand pages with three presigned URLs each, and room to spare."""
RETRY_S = 5


class Dispatch:
    """The route. Nothing of a request is believed, and nothing of this process told, before the signature fits."""

    def __init__(
        self, runner: Runner, models: Models, *, secrets: tuple[Secret, ...], nonces: Nonces, clock: OrchestratorClock
    ) -> None:
        self._runner, self._models = runner, models
        self._secrets, self._nonces, self._clock = secrets, nonces, clock

    async def put(self, request: Request) -> Response:
        """202 taken, 200 taken before; 401, 409, 413, 422, 429, 503."""
        body = await read_body(request, limit=MAX_ORDER_BYTES)
        self._authenticate(request, body)
        factory = self._factory()
        order = _order(request, body)
        try:
            factory.check(StageOrder(order.source, order.target, order.options))
        except Unsupported as error:
            raise Problem(ProblemCode.INVALID, error.detail, field=error.field) from None
        taken = self._take(order)
        answer = {"job_id": order.job_id, "attempt": order.attempt, "taken": taken is Taken.NEW}
        return JSONResponse(answer, status_code=202 if taken is Taken.NEW else 200)

    def _authenticate(self, request: Request, body: bytes) -> None:
        now = self._clock.now()
        try:
            envelope = verify(request.headers, body, self._secrets, now=now)
        except BadSignature as error:
            raise Problem(ProblemCode.BAD_SIGNATURE, error.detail, reason=error.code, server_time=int(now)) from None
        if not self._nonces.spend(envelope.id):
            raise Problem(ProblemCode.REPLAYED, "this message id was received before")

    def _factory(self) -> StageFactory:
        try:
            return self._models.factory
        except NotReady as error:
            raise Problem(ProblemCode.UNAVAILABLE, str(error), retry_after_s=RETRY_S) from None

    def _take(self, order: AttemptOrder) -> Taken:
        try:
            return self._runner.take(order)
        except Busy:
            raise Problem(ProblemCode.BUSY, "no room for another attempt", retry_after_s=RETRY_S) from None
        except Draining:
            raise Problem(ProblemCode.UNAVAILABLE, "the translator is stopping", retry_after_s=RETRY_S) from None


def _order(request: Request, body: bytes) -> AttemptOrder:
    try:
        order = AttemptOrder.parse(body)
        check_id("job_id", order.job_id)
    except BadMessage as error:
        raise Problem(ProblemCode.INVALID, error.detail, field=error.field) from None
    except BadKey as error:
        raise Problem(ProblemCode.INVALID, str(error), field=error.name) from None
    _check_sense(order)
    named = (request.path_params["job_id"], request.path_params["attempt"])
    if named != (order.job_id, order.attempt):
        raise Problem(ProblemCode.INVALID, "the body is about another attempt than the path", field="attempt")
    return order


def _check_sense(order: AttemptOrder) -> None:
    numbers = [page.page for page in order.pages]
    if not numbers or len(set(numbers)) != len(numbers):
        raise Problem(ProblemCode.INVALID, "no page, or one page twice", field="pages")
    if not 0 < order.heartbeat_s <= 3600:
        raise Problem(ProblemCode.INVALID, "not between 0 and 3600", field="heartbeat_s")
