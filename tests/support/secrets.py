"""Credentials of the test stacks. They protect nothing."""

from __future__ import annotations

import hashlib
import json

from contract.signing import Secret

CALLBACK = "whsec_" + "Y2FsbGJhY2stc2VjcmV0LW9mLXRoZS10ZXN0cy0wMQ=="
WEBHOOK = "whsec_" + "d2ViaG9vay1zZWNyZXQtb2YtdGhlLXRlc3RzLTAwMQ=="
TOKEN = "token-secret-of-the-tests-which-is-long-enough"
API_KEY = "key-of-the-tests-0123456789"
ROTATED_API_KEY = "the-next-key-of-the-tests-0123456789"
READER = "https://reader.test"
OTHER_API_KEY = "key-of-another-owner-0123456789"
INTERNAL_TOKEN = "internal-token-of-the-tests-0123456789"
S3 = {"S3_ACCESS_KEY_ID": "AKIDEXAMPLE", "S3_SECRET_ACCESS_KEY": "secretEXAMPLE", "S3_BUCKET": "fukidashi"}

CALLBACK_SECRETS = Secret.parse_list(CALLBACK)
WEBHOOK_SECRETS = Secret.parse_list(WEBHOOK)


def orchestrator_env(*, translator_url: str) -> dict[str, str]:
    """The variables that every orchestrator under test gets; PUBLIC_URL and S3_* come on top."""
    tester = [{"name": "old", "sha256": _sha256(API_KEY)}, {"name": "new", "sha256": _sha256(ROTATED_API_KEY)}]
    return {
        "TRANSLATOR_URL": translator_url,
        "API_KEYS": json.dumps({"tester": tester, "other": _sha256(OTHER_API_KEY)}),
        "CALLBACK_SECRETS": CALLBACK,
        "WEBHOOK_SECRETS": WEBHOOK,
        "TOKEN_SECRETS": TOKEN,
        "HEARTBEAT_S": "1",
        "LEASE_S": "4",
        "ALLOW_PRIVATE_WEBHOOKS": "true",
        "CORS_ORIGINS": READER,
    }


def translator_env() -> dict[str, str]:
    return {"CALLBACK_SECRETS": CALLBACK, "INTERNAL_TOKEN": INTERNAL_TOKEN, "PORT": "0", "HOST": "127.0.0.1"}


def receiver_env(database: str) -> dict[str, str]:
    return {"WEBHOOK_SECRETS": WEBHOOK, "RECEIVER_DB": database, "PORT": "0", "HOST": "127.0.0.1"}


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
