"""Which webhook URLs are taken. What a name points to is checked again where the connection is made."""

from __future__ import annotations

from edge.ssrf import BlockedUrl, check_url


class BadWebhookUrl(Exception):  # noqa: N818
    """A URL that no webhook is sent to."""


def check_webhook_url(url: str, *, allow_private: bool) -> None:
    """Raises :class:`BadWebhookUrl`. ``allow_private`` takes hosts of this machine and its network too."""
    try:
        check_url(url, allow_private=allow_private)
    except BlockedUrl as error:
        raise BadWebhookUrl(str(error)) from None
