"""Our signatures verify with other implementations of Standard Webhooks, and theirs with ours."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from contract.errors import BadSignature
from contract.signing import SIGNATURE_HEADER, Secret, sign, verify

ROOT = Path(__file__).resolve().parents[2]
BODIES = ['{"type":"chapter.finished"}', "", "吹き出し 💬", " spaces and\nlines ", "x" * 100_000]
NEW, OLD = (Secret(bytes(range(n, n + 32))) for n in (0, 100))

# Reads cases on stdin; says of each whether npm's package verifies it, and what that package would sign.
_NODE = """
import { Webhook } from 'standardwebhooks'
let text = ''
for await (const chunk of process.stdin) text += chunk
const answers = JSON.parse(text).map(({ secret, id, timestamp, body, headers }) => {
  const webhook = new Webhook(secret)
  let verified = true
  try { webhook.verify(body, headers) } catch (error) {
    if (error.constructor.name === 'WebhookVerificationError') verified = false
    // It parses the body as JSON after verifying it.
    else if (!(error instanceof SyntaxError)) throw error
  }
  return { verified, signature: webhook.sign(id, new Date(timestamp * 1000), body) }
})
process.stdout.write(JSON.stringify(answers))
"""


def text_of(secret: Secret) -> str:
    return "whsec_" + base64.b64encode(secret.key).decode()


def pypi_verifies(secret: Secret, body: str, headers: dict[str, str]) -> bool:
    try:
        Webhook(text_of(secret)).verify(body, headers)
    except WebhookVerificationError:
        return False
    except json.JSONDecodeError:
        # It parses the body after verifying it.
        return True
    return True


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("holds", [NEW, OLD], ids=["new", "old"])
def test_pypis_package_verifies_what_we_sign(body: str, holds: Secret) -> None:
    headers = sign(body.encode(), [NEW, OLD], message_id="evt_1", timestamp=int(time.time()))
    assert pypi_verifies(holds, body, headers)
    assert not pypi_verifies(holds, body + "!", headers)
    assert not pypi_verifies(Secret(b"another secret of 32 bytes......"), body, headers)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_we_verify_what_pypis_package_signs(body: str) -> None:
    now = int(time.time())
    signature = Webhook(text_of(OLD)).sign("evt_1", datetime.fromtimestamp(now, UTC), body)
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(now), "webhook-signature": signature}
    assert verify(headers, body.encode(), [NEW, OLD], now=now).id == "evt_1"
    with pytest.raises(BadSignature):
        verify(headers, body.encode() + b"!", [NEW, OLD], now=now)


def test_npms_package_verifies_what_we_sign_and_signs_what_we_verify() -> None:
    now = int(time.time())
    cases = [_case(body, secret, now) for body in BODIES for secret in (NEW, OLD)]
    forged = [{**case, "body": case["body"] + "!"} for case in cases]
    answers = _npm(cases + forged)
    assert [answer["verified"] for answer in answers] == [True] * len(cases) + [False] * len(forged)
    for case, answer in zip(cases, answers, strict=False):
        headers = {**case["headers"], SIGNATURE_HEADER: answer["signature"]}
        assert verify(headers, case["body"].encode(), [NEW, OLD], now=now)


def _case(body: str, secret: Secret, now: int) -> dict[str, Any]:
    headers = sign(body.encode(), [NEW, OLD], message_id="evt_1", timestamp=now)
    return {"secret": text_of(secret), "id": "evt_1", "timestamp": now, "body": body, "headers": headers}


def _npm(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if shutil.which("node") is None or not (ROOT / "node_modules" / "standardwebhooks").is_dir():
        pytest.skip("needs Node.js and the npm packages of package-lock.json")
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", _NODE],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers
