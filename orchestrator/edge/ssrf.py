"""Which URLs of a client's the orchestrator goes to: public hosts over http(s), however they are written.

Server-side request forgery is a client's URL that makes us ask somebody whom only we can reach. Two questions keep it
out. :func:`check_url` reads a URL as browsers and curl do and answers with the one spelling that is fetched, so that
what was checked is what is asked. :func:`check_addresses` judges what a name resolves to; it is asked by who makes the
connection (:class:`edge.platform.Outside`), and the connection goes to the address that it has judged.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from edge.public_address import is_public

MAX_URL_CHARS = 2000
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PRIVATE_SUFFIXES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "onion")
# Ports at and above 1024 that browsers refuse too (Fetch standard, "bad port"), and well-known databases.
_BAD_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 2375, 2376, 2379, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666}
    | {6667, 6668, 6669, 6679, 6697, 9200, 10080, 10250, 11211, 27017}
)


class BlockedUrl(Exception):  # noqa: N818
    """A URL that is not gone to. The message holds nothing of the URL."""


class BlockedAddress(BlockedUrl):
    """A public-looking name that leads to an address that is not public."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be fetched: ``url`` is its one spelling, ``host`` a name or an address, in ASCII."""

    url: str
    scheme: str
    host: str
    port: int


def check_url(url: str, *, allow_private: bool) -> Target:
    """Raises :class:`BlockedUrl`. ``allow_private`` takes hosts of this machine and its networks too."""
    parts = _split(url)
    host = _host(parts)
    port = _port(parts)
    if not allow_private:
        _check_host(host)
    return Target(_spelling(parts, host, port), parts.scheme, host.strip("[]"), port)


def check_addresses(addresses: Iterable[str]) -> tuple[str, ...]:
    """The addresses, all of which are public. A name that leads to one that is not is not trusted at all.

    Raises :class:`BlockedAddress`, also where there is none.
    """
    found = tuple(addresses)
    if not found:
        raise BlockedAddress("the host has no address")
    for address in found:
        if "%" in address or not is_public(ipaddress.ip_address(address)):
            raise BlockedAddress("the host's address is not public")
    return found


def _split(url: str) -> SplitResult:
    # urlsplit drops tabs and line breaks silently, and takes a backslash for a letter; others take it for a slash.
    if not url or len(url) > MAX_URL_CHARS or _UNPRINTABLE.search(url):
        raise BlockedUrl(f"not a URL of at most {MAX_URL_CHARS} characters without blanks and backslashes")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BlockedUrl("not a URL") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
        raise BlockedUrl("not an absolute http(s) URL")
    if "@" in parts.netloc:
        raise BlockedUrl("a URL with credentials")
    return parts


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port if parts.port is not None else _DEFAULT_PORTS[parts.scheme]
    except ValueError:
        raise BlockedUrl("not a port") from None
    if (port < 1024 and port not in _DEFAULT_PORTS.values()) or port in _BAD_PORTS:
        raise BlockedUrl("a port that no web server uses")
    return port


def _host(parts: SplitResult) -> str:
    """As it is written in the URL that is fetched: a name, an IPv4 address, or an IPv6 address in brackets."""
    netloc = parts.netloc
    if netloc.startswith("["):
        return _version_6(netloc)
    # Not parts.hostname: it does not see what follows a second colon.
    name, _, port = netloc.partition(":")
    if "%" in name or ":" in port or not re.fullmatch(r"[0-9]*", port, re.ASCII):
        raise BlockedUrl("not a host")
    return _name(name)


def _version_6(netloc: str) -> str:
    literal, bracket, rest = netloc[1:].partition("]")
    if not bracket or not re.fullmatch(r"(:[0-9]*)?", rest, re.ASCII) or "%" in literal:
        raise BlockedUrl("not an IPv6 address (zone ids are not taken)")
    try:
        return f"[{ipaddress.IPv6Address(literal)}]"
    except ValueError:
        raise BlockedUrl("not an IPv6 address") from None


def _name(written: str) -> str:
    name = _ascii(written).removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BlockedUrl("not a host name")
    # No top-level domain begins with a digit: such a host is an IPv4 address, or nothing.
    return _version_4(labels) if labels[-1][0].isdigit() else name


def _ascii(written: str) -> str:
    """Lower-case, in punycode. Fullwidth digits, circled letters and ideographic stops become what they look like."""
    if written.isascii():
        return written.lower()
    try:
        return unicodedata.normalize("NFKC", written).encode("idna").decode().lower()
    except UnicodeError:
        raise BlockedUrl("not a host name") from None


def _version_4(labels: list[str]) -> str:
    """``127.1``, ``0x7f.0.0.1``, ``0177.0.0.1`` and ``2130706433`` are all 127.0.0.1."""
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        raise BlockedUrl("not an IPv4 address")
    numbers = [_number(label) for label in labels]
    *high, low = numbers
    if any(number > 255 for number in high) or low >= 256 ** (5 - len(numbers)):
        raise BlockedUrl("not an IPv4 address")
    value = low + sum(number << (24 - 8 * index) for index, number in enumerate(high))
    return str(ipaddress.IPv4Address(value))


def _number(label: str) -> int:
    digits, base = (label[2:] or "0", 16) if label.startswith("0x") else (label, 8 if label.startswith("0") else 10)
    if len(digits) > 40:
        raise BlockedUrl("not an IPv4 address")
    try:
        return int(digits, base)
    except ValueError:
        raise BlockedUrl("not an IPv4 address") from None


def _check_host(host: str) -> None:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if "." not in host or any(host == name or host.endswith(f".{name}") for name in _PRIVATE_SUFFIXES):
            raise BlockedUrl("a host of a private network") from None
        return
    if not is_public(address):
        raise BlockedUrl("a host of a private network")


def _spelling(parts: SplitResult, host: str, port: int) -> str:
    """Without the fragment; what is no ASCII is percent-encoded, what is encoded already stays."""
    netloc = host if port == _DEFAULT_PORTS[parts.scheme] else f"{host}:{port}"
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._") or "/"
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._")
    return f"{parts.scheme}://{netloc}{path}" + (f"?{query}" if query else "")
