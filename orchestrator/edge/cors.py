"""CORS: which browsers' pages may call the API. None, unless ``CORS_ORIGINS`` names their origins (or is ``*``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from edge.config import Config
from edge.http import Request, Response

_EXPOSED = "ETag, Retry-After, Location, Link, Content-Range, X-Request-Id, X-Fukidashi-Protocol"
_ALLOWED = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Range"
_REMEMBERED_S = "600"


def is_preflight(request: Request) -> bool:
    return (
        request.method == "OPTIONS"
        and "origin" in request.headers
        and "access-control-request-method" in request.headers
    )


def preflight(methods: Iterable[str]) -> Response:
    """Says what a known route takes; :func:`headers` say to whom."""
    allowed = ", ".join(sorted(methods))
    return Response(
        204,
        {
            "allow": allowed,
            "access-control-allow-methods": allowed,
            "access-control-allow-headers": _ALLOWED,
            "access-control-max-age": _REMEMBERED_S,
        },
    )


def headers(config: Config, request: Request) -> Mapping[str, str]:
    """What goes on every answer. No cookie is ever involved, so that credentials need no leave."""
    if not config.cors_origins:
        return {}
    if "*" in config.cors_origins:
        return {"access-control-allow-origin": "*", "access-control-expose-headers": _EXPOSED}
    origin = request.headers.get("origin", "")
    if origin not in config.cors_origins:
        return {"vary": "origin"}
    return {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": _EXPOSED,
        "vary": "origin",
    }
