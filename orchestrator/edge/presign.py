"""Presigned S3 URLs by AWS Signature Version 4, in the query, with the standard library alone.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from edge.config import S3Access

REGION = "auto"
_ALGORITHM = "AWS4-HMAC-SHA256"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Presigner:
    """Signs requests for one bucket, path style. Keeps the day's signing key, which costs four HMACs."""

    def __init__(self, access: S3Access) -> None:
        self._access = access
        self._day_key: tuple[str, bytes] = ("", b"")

    def url(self, method: str, key: str, *, headers: Mapping[str, str], now: float, ttl_s: int) -> str:
        """A URL for one request for one object. ``headers`` (lower-case names) are signed and must be sent as given."""
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
        signed = {"host": self._host, **headers}
        path = quote(f"{urlsplit(self._access.endpoint).path}/{self._access.bucket}/{key}", safe="/~")
        query = self._query(stamp, scope, ttl_s, ";".join(sorted(signed)))
        request = _canonical_request(method, path, query, signed)
        text = "\n".join((_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
        signature = hmac.digest(self._key(stamp[:8]), text.encode(), hashlib.sha256).hex()
        parts = urlsplit(self._access.endpoint)
        return f"{parts.scheme}://{parts.netloc}{path}?{query}&X-Amz-Signature={signature}"

    @property
    def _host(self) -> str:
        parts = urlsplit(self._access.endpoint)
        if parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme):
            return parts.netloc.rsplit(":", 1)[0] if parts.port else parts.netloc
        return parts.netloc

    def _query(self, stamp: str, scope: str, ttl_s: int, signed_headers: str) -> str:
        pairs = (
            ("X-Amz-Algorithm", _ALGORITHM),
            ("X-Amz-Credential", f"{self._access.access_key_id}/{scope}"),
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


def _canonical_request(method: str, path: str, query: str, headers: Mapping[str, str]) -> str:
    lines = [f"{name}:{' '.join(value.split())}" for name, value in sorted(headers.items())]
    return "\n".join((method, path, query, *lines, "", ";".join(sorted(headers)), "UNSIGNED-PAYLOAD"))
