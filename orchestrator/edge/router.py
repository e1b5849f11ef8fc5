"""Which handler a request goes to."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from contract.problem import Problem, ProblemCode
from edge.http import Request, Response

Handler = Callable[..., Awaitable[Response]]
_PARTS = {
    "id": r"(?![^/]*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,127}",
    "page": r"[0-9]{1,4}",
    "name": r"[0-9]{4}",
    "extension": r"[a-z0-9]{1,5}",
}
_PART = re.compile(r"\{(\w+):(\w+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` has parts such as ``{job_id:id}``; ``page`` parts arrive as integers."""

    methods: tuple[str, ...]
    path: str
    handler: Handler
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, methods: str, path: str, handler: Handler) -> Route:
        pattern = _PART.sub(lambda part: f"(?P<{part[1]}>{_PARTS[part[2]]})", path.replace(".", r"\."))
        return cls(tuple(methods.split()), path, handler, re.compile(pattern, re.ASCII))

    def arguments(self, path: str) -> dict[str, Any] | None:
        match = self.pattern.fullmatch(path)
        if match is None:
            return None
        return {name: int(value) if name == "page" else value for name, value in match.groupdict().items()}


class MethodNotAllowed(Problem):
    """Knows what the route allows."""

    def __init__(self, allowed: str) -> None:
        super().__init__(ProblemCode.METHOD_NOT_ALLOWED, f"allowed are {allowed}")
        self.allowed = allowed


def methods_of(routes: Sequence[Route], path: str) -> set[str]:
    """What a path takes; nothing where there is no such route."""
    return {method for route in routes if route.arguments(path) is not None for method in route.methods}


def find(routes: Sequence[Route], request: Request) -> tuple[Route, dict[str, Any]]:
    """The route and its arguments. Raises :class:`Problem`: 404, or 405 naming the methods."""
    path = request.path
    found = [(route, arguments) for route in routes if (arguments := route.arguments(path)) is not None]
    if not found:
        raise Problem(ProblemCode.NOT_FOUND, "there is no such route")
    for route, arguments in found:
        if request.method in route.methods:
            return route, arguments
    raise MethodNotAllowed(", ".join(sorted(methods_of(routes, path))))
