"""The orchestrator: requests in, responses out, and the cron's sweep."""

from __future__ import annotations

from dataclasses import replace

from contract import PROTOCOL, PROTOCOL_HEADER
from contract.errors import BadKey, BadMessage, BadProtocol
from contract.problem import CONTENT_TYPE, Problem, ProblemCode
from edge import artifacts, callbacks, claim, cors, jobs, openapi, polling, retry, series, series_glossary, uploads
from edge.boundary import contain, describe
from edge.config import Config
from edge.context import Context
from edge.http import BodyTooLarge, Request, Response
from edge.platform import Platform, PlatformError
from edge.router import MethodNotAllowed, Route, find, methods_of
from edge.sweep import sweep

_RETRY_AFTER_TROUBLE_S = 2


class App:
    """Keeps nothing between requests but the configuration and the day's signing key."""

    def __init__(self, config: Config, platform: Platform) -> None:
        self._ctx = Context.of(config, platform)
        self._routes = routes()

    async def handle(self, request: Request) -> Response:
        """Answers every request; every error is a problem document with the request's id."""
        platform = self._ctx.platform
        request_id = platform.random_bytes(8).hex()
        started = platform.now()
        fields: dict[str, object] = {"request_id": request_id, "method": request.method, "path": request.path}
        response = await contain(platform, "request_broke", self._answer(request, request_id, fields), fields)
        if response is None:
            problem = Problem(ProblemCode.INTERNAL, "it was logged under the request_id")
            response = _problem_response(problem, request, request_id)
        ms = round((platform.now() - started) * 1000)
        platform.log("request", {**fields, "status": response.status, "ms": ms})
        own = {"x-request-id": request_id, PROTOCOL_HEADER: str(PROTOCOL)}
        return replace(response, headers={**response.headers, **cors.headers(self._ctx.config, request), **own})

    async def sweep(self) -> None:
        """The cron's work, bounded: takes what is due a step further."""
        await sweep(self._ctx)

    async def _answer(self, request: Request, request_id: str, fields: dict[str, object]) -> Response:
        try:
            if cors.is_preflight(request) and (methods := methods_of(self._routes, request.path)):
                return cors.preflight(methods)
            route, arguments = find(self._routes, request)
            fields.update({name: value for name, value in arguments.items() if name == "job_id"})
            return await route.handler(self._ctx, request, **arguments)
        except Problem as problem:
            return _problem_response(problem, request, request_id)
        except (BadMessage, BadKey, BodyTooLarge) as error:
            return _problem_response(_problem_of(error), request, request_id)
        except PlatformError as error:
            self._ctx.platform.log("platform_error", {"request_id": request_id, **describe(error)})
            trouble = Problem(
                ProblemCode.UNAVAILABLE,
                "a storage service failed",
                retry_after_s=_RETRY_AFTER_TROUBLE_S,
            )
            return _problem_response(trouble, request, request_id)


def routes() -> tuple[Route, ...]:
    """Every route; edge.openapi describes the same ones."""
    return (
        Route.of("POST", "/jobs", jobs.create),
        Route.of("GET", "/jobs", polling.see_all),
        Route.of("GET", "/jobs/{job_id:id}", polling.see),
        Route.of("POST", "/jobs/{job_id:id}/start", jobs.start),
        Route.of("POST", "/jobs/{job_id:id}/cancel", jobs.cancel),
        Route.of("POST", "/jobs/{job_id:id}/retry", retry.retry_job),
        Route.of("POST", "/jobs/{job_id:id}/pages/{page:page}/retry", retry.retry_page),
        Route.of("POST", "/jobs/{job_id:id}/webhooks/{event_id:id}/redeliver", jobs.redeliver),
        Route.of("PUT", "/upload/{job_id:id}/{page:page}", uploads.upload),
        Route.of("GET HEAD", "/artifacts/{job_id:id}/pages/{page:name}.{extension:extension}", artifacts.page),
        Route.of("GET HEAD", "/artifacts/{job_id:id}/plates/{page:name}.{extension:extension}", artifacts.plate),
        Route.of("GET HEAD", "/artifacts/{job_id:id}/inputs/{page:page}", artifacts.input_page),
        Route.of("GET HEAD", "/artifacts/{job_id:id}/memory", artifacts.memory),
        Route.of("GET HEAD", "/artifacts/{job_id:id}/glossary", artifacts.glossary),
        Route.of("GET HEAD", "/artifacts/{job_id:id}/decisions/{page:page}", artifacts.decided),
        Route.of("PUT", "/series/{series_id:id}/memory", series.put_memory),
        Route.of("GET", "/series/{series_id:id}/memory", series.get_memory),
        Route.of("POST", "/series/{series_id:id}/memory/entries", series.merge_entries),
        Route.of("PUT", "/series/{series_id:id}/glossary", series_glossary.put_glossary),
        Route.of("GET", "/series/{series_id:id}/glossary", series_glossary.get_glossary),
        Route.of("POST", "/series/{series_id:id}/glossary/terms", series_glossary.merge_terms),
        Route.of("DELETE", "/series/{series_id:id}/glossary/terms/{term_id:id}", series_glossary.delete_term),
        Route.of("POST", "/series/{series_id:id}/glossary/terms/{term_id:id}/accept", series_glossary.accept_term),
        Route.of("POST", "/series/{series_id:id}/glossary/terms/{term_id:id}/reject", series_glossary.reject_term),
        Route.of("POST", "/callbacks/container", callbacks.receive),
        Route.of("POST", "/work/claim", claim.claim),
        Route.of("GET HEAD", "/healthz", _healthz),
        Route.of("GET", "/openapi.json", openapi.see),
    )


async def _healthz(_ctx: Context, request: Request) -> Response:
    response = Response.json({"status": "ok", "protocol": PROTOCOL}, headers={"cache-control": "no-store"})
    return replace(response, body=b"") if request.method == "HEAD" else response


def _problem_of(error: BadMessage | BadKey | BodyTooLarge) -> Problem:
    if isinstance(error, BodyTooLarge):
        return Problem(ProblemCode.TOO_LARGE, str(error), limit=error.limit)
    if isinstance(error, BadKey):
        return Problem(ProblemCode.INVALID, str(error), field=error.name)
    if isinstance(error, BadProtocol):
        supported = [PROTOCOL - 1, PROTOCOL]
        return Problem(ProblemCode.UNSUPPORTED_PROTOCOL, error.detail, field=error.field, supported=supported)
    if not error.field:
        return Problem(ProblemCode.BAD_REQUEST, error.detail)
    return Problem(ProblemCode.INVALID, str(error), field=error.field)


def _problem_response(problem: Problem, request: Request, request_id: str) -> Response:
    headers = {"content-type": CONTENT_TYPE, "cache-control": "no-store"}
    if problem.retry_after_s is not None:
        headers["retry-after"] = str(problem.retry_after_s)
    if isinstance(problem, MethodNotAllowed):
        headers["allow"] = problem.allowed
    if problem.kind is ProblemCode.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if problem.kind is ProblemCode.RANGE_NOT_SATISFIABLE:
        headers["content-range"] = f"bytes */{problem.extra.get('size', 0)}"
    body = problem.to_bytes(instance=request.path, request_id=request_id)
    return Response(problem.kind.status, headers, b"" if request.method == "HEAD" else body)
