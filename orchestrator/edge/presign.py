"""Presigned S3 URLs by AWS Signature Version 4, in the query, with the standard library alone.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import SplitResult, quote, urlsplit

from edge.config import S3Access

REGION = "auto"
_ALGORITHM = "AWS4-HMAC-SHA256"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Presigner:
    """Signs requests for one bucket, path style. Keeps the day's signing key, which costs four HMACs, and what the
    URLs of one second have in common: a chapter's are made together."""

    def __init__(self, access: S3Access) -> None:
        self._access = access
        self._parts = urlsplit(access.endpoint)
        self._host = _host_of(self._parts)
        self._day_key: tuple[str, bytes] = ("", b"")
        self._second: tuple[int, str] = (-1, "")
        self._queries: dict[tuple[str, int, str], str] = {}

    def url(self, method: str, key: str, *, headers: Mapping[str, str], now: float, ttl_s: int) -> str:
        """A URL for one request for one object. ``headers`` (lower-case names) are signed and must be sent as given."""
        stamp = self._stamp(int(now))
        signed = {"host": self._host, **headers}
        names = ";".join(sorted(signed))
        path = quote(f"{self._parts.path}/{self._access.bucket}/{key}", safe="/~")
        query = self._query(stamp, ttl_s, names)
        request = _canonical_request(method, path, query, signed, names)
        text = "\n".join((_ALGORITHM, stamp, _scope(stamp), hashlib.sha256(request.encode()).hexdigest()))
        signature = hmac.digest(self._key(stamp[:8]), text.encode(), hashlib.sha256).hex()
        return f"{self._parts.scheme}://{self._parts.netloc}{path}?{query}&X-Amz-Signature={signature}"

    def _stamp(self, second: int) -> str:
        if self._second[0] != second:
            self._second = (second, datetime.fromtimestamp(second, UTC).strftime("%Y%m%dT%H%M%SZ"))
            self._queries.clear()
        return self._second[1]

    def _query(self, stamp: str, ttl_s: int, signed_headers: str) -> str:
        known = self._queries.get((stamp, ttl_s, signed_headers))
        if known is None:
            known = self._queries[stamp, ttl_s, signed_headers] = self._new_query(stamp, ttl_s, signed_headers)
        return known

    def _new_query(self, stamp: str, ttl_s: int, signed_headers: str) -> str:
        pairs = (
            ("X-Amz-Algorithm", _ALGORITHM),
            ("X-Amz-Credential", f"{self._access.access_key_id}/{_scope(stamp)}"),
            ("X-Amz-Date", stamp),
            ("X-Amz-Expires", str(ttl_s)),
            ("X-Amz-SignedHeaders", signed_headers),
        )
        return "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in pairs)

    def _key(self, day: str) -> bytes:
        if self._day_key[0] != day:
            key = f"AWS4{self._access.secret_access_key}".encode()
            for part in (day, REGION, "s3", "aws4_request"):
                key = hmac.digest(key, part.encode(), hashlib.sha256)
            self._day_key = (day, key)
        return self._day_key[1]


def _host_of(parts: SplitResult) -> str:
    """As it is sent: without the scheme's own port."""
    if parts.port is not None and parts.port == _DEFAULT_PORTS.get(parts.scheme):
        return parts.netloc.rsplit(":", 1)[0]
    return parts.netloc


def _scope(stamp: str) -> str:
    return f"{stamp[:8]}/{REGION}/s3/aws4_request"


def _canonical_request(method: str, path: str, query: str, headers: Mapping[str, str], names: str) -> str:
    lines = [f"{name}:{' '.join(value.split())}" for name, value in sorted(headers.items())]
    return "\n".join((method, path, query, *lines, "", names, "UNSIGNED-PAYLOAD"))
