"""Who may read the recorded results."""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def may_read(request: Request, token: str | None) -> bool:
    """With a token: whoever sends it. Without: this machine only, and directly.

    A request that came through a proxy, or for another host's name (a page in a browser here may have pointed that
    name at this machine), is not from this machine whatever its address says.
    """
    if token is not None:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    if any(name in request.headers for name in _FORWARDED):
        return False
    client = request.client.host if request.client else ""
    return _is_loopback(client) and _is_loopback(_host(request.headers.get("host", "")))


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
