"""Which webhook URLs are taken. Names are not resolved here: what a name points to is checked where it is fetched."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


class BadWebhookUrl(Exception):  # noqa: N818
    """A URL that no webhook is sent to."""


def check_webhook_url(url: str, *, allow_private: bool) -> None:
    """Raises :class:`BadWebhookUrl`. ``allow_private`` takes hosts of this machine and its network too."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise BadWebhookUrl("not a URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise BadWebhookUrl("not an absolute http(s) URL")
    if "@" in parts.netloc:
        raise BadWebhookUrl("a URL with credentials")
    if not allow_private and _is_private(host.rstrip(".")):
        raise BadWebhookUrl("a host of a private network")


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES) or _is_numeric(host)


def _is_numeric(host: str) -> bool:
    """Some resolvers read ``127.1`` or ``0x7f.1`` as an address. No top-level domain starts with a digit."""
    return host.rsplit(".", 1)[-1][:1].isdigit()
