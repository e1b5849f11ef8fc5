"""Our presigned URLs are botocore's, byte for byte."""

from __future__ import annotations

import random
import string
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from edge.config import S3Access
from edge.presign import Presigner

ALPHABET = string.ascii_letters + string.digits + "/._-~ +=&?%:;,@!'()*$#[]漫画ü"
ENDPOINTS = (
    "https://account.r2.cloudflarestorage.com",
    "http://localhost:8787/cdn-cgi/local/r2/s3",
    "https://s3.test:443",
    "http://s3.test:80",
    "http://127.0.0.1:9000",
)


def botocores(access: S3Access, method: str, path: str, headers: dict[str, str], now: float, ttl_s: int) -> str:
    request = AWSRequest(
        method=method, url=f"{urlsplit(access.endpoint)._replace(path=path).geturl()}", headers=headers
    )
    auth = S3SigV4QueryAuth(Credentials(access.access_key_id, access.secret_access_key), "s3", "auto", expires=ttl_s)
    auth.add_auth(request)
    return str(request.url)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_random_keys_and_headers_sign_as_botocore_signs_them(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(endpoint)
    for _ in range(200):
        now = float(chance.randrange(1_600_000_000, 1_900_000_000))
        monkeypatch.setattr("botocore.auth.get_current_datetime", lambda now=now: datetime.fromtimestamp(now, UTC))
        access = S3Access(endpoint, "pages", f"AK{chance.randrange(10**9)}", f"s/+{chance.randrange(10**9)}=")
        key = "k" + "".join(chance.choices(ALPHABET, k=chance.randrange(1, 60)))
        method = chance.choice(("GET", "PUT", "HEAD"))
        headers = {"content-type": "image/webp", "if-none-match": "*"} if method == "PUT" else {}
        if chance.random() < 0.3:
            headers["x-amz-meta-note"] = "  two   spaces "
        ours = Presigner(access).url(method, key, headers=headers, now=now, ttl_s=chance.randrange(1, 604_800))
        ttl_s = int(dict(parse_qsl(urlsplit(ours).query))["X-Amz-Expires"])
        assert ours == botocores(access, method, urlsplit(ours).path, headers, now, ttl_s)


def test_the_path_is_encoded_as_boto3_encodes_it() -> None:
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "s3",
        endpoint_url=ENDPOINTS[0],
        region_name="auto",
        aws_access_key_id="AK",
        aws_secret_access_key="SK",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    access = S3Access(ENDPOINTS[0], "pages", "AK", "SK")
    for key in ("plain/key.webp", "a b/ü漫.json", "tilde~plus+and=eq&.png", "q?x#y%25"):
        url = client.generate_presigned_url("get_object", Params={"Bucket": "pages", "Key": key}, ExpiresIn=600)
        stamp = dict(parse_qsl(urlsplit(url).query))["X-Amz-Date"]
        now = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        ours = Presigner(access).url("GET", key, headers={}, now=now, ttl_s=600)
        assert urlsplit(ours).path == urlsplit(url).path
        assert dict(parse_qsl(urlsplit(ours).query)) == dict(parse_qsl(urlsplit(url).query))


def test_the_signing_key_follows_the_day() -> None:
    access = S3Access(ENDPOINTS[0], "pages", "AK", "SK")
    presigner, day = Presigner(access), 86_400
    for now in (1_790_000_000.0, 1_790_000_000.0 + day, 1_790_000_000.0):
        fresh = Presigner(access).url("GET", "k", headers={}, now=now, ttl_s=600)
        assert presigner.url("GET", "k", headers={}, now=now, ttl_s=600) == fresh
