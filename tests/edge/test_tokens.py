"""Capability tokens: one job, one role, for a while."""

from __future__ import annotations

from dataclasses import replace

import pytest
from itsdangerous import URLSafeSerializer

from edge.tokens import LEEWAY_S, BadToken, Claims, Role, Tokens
from tests.edge.world import config

CLAIMS = Claims(job="job_a", role=Role.PUT, exp=1000, page=3, attempt=1, key="k", content_type="image/png", max_bytes=9)


def test_a_token_says_what_it_was_issued_for() -> None:
    tokens = Tokens(config())
    assert tokens.check(tokens.issue(CLAIMS), now=500) == CLAIMS


def test_a_token_ends_after_its_leeway() -> None:
    tokens = Tokens(config())
    token = tokens.issue(CLAIMS)
    assert tokens.check(token, now=1000 + LEEWAY_S) == CLAIMS
    with pytest.raises(BadToken, match="over"):
        tokens.check(token, now=1000 + LEEWAY_S + 0.1)


def test_a_clock_that_is_behind_the_issuers_believes_it() -> None:
    tokens = Tokens(config())
    assert tokens.check(tokens.issue(replace(CLAIMS, exp=10**10)), now=0) == replace(CLAIMS, exp=10**10)


def test_an_old_secret_is_believed_and_the_newest_one_signs() -> None:
    old, new = "o" * 32, "n" * 32
    issued = Tokens(config(token_secrets=(old,))).issue(CLAIMS)
    rotated = Tokens(config(token_secrets=(new, old)))
    assert rotated.check(issued, now=0) == CLAIMS
    assert Tokens(config(token_secrets=(new,))).check(rotated.issue(CLAIMS), now=0) == CLAIMS
    with pytest.raises(BadToken):
        Tokens(config(token_secrets=(new,))).check(issued, now=0)


def test_every_changed_character_breaks_it() -> None:
    tokens = Tokens(config())
    token = tokens.issue(CLAIMS)
    for index, old in enumerate(token[:-1]):
        changed = token[:index] + ("A" if old != "A" else "B") + token[index + 1 :]
        with pytest.raises(BadToken):
            tokens.check(changed, now=0)


@pytest.mark.parametrize("token", ["", ".", "a.b", "\x00", "ü.ü", "😀", "a" * 5000, "e30.e30", ".eJwDAAAAAAE.x"])
def test_garbage_is_a_bad_token(token: str) -> None:
    with pytest.raises(BadToken):
        Tokens(config()).check(token, now=0)


@pytest.mark.parametrize("payload", [None, [], "text", {}, {**CLAIMS.to_json(), "role": "all"}, {"exp": 1}])
def test_a_signed_payload_that_is_no_claims_is_a_bad_token(payload: object) -> None:
    import hashlib

    serializer = URLSafeSerializer(
        "t" * 32,
        salt="fukidashi.capability.v1",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
    token = serializer.dumps(payload)
    with pytest.raises(BadToken):
        Tokens(config()).check(str(token), now=0)


def test_a_token_of_another_purpose_is_not_one_of_ours() -> None:
    with pytest.raises(BadToken):
        Tokens(config()).check(str(URLSafeSerializer("t" * 32, salt="other").dumps(CLAIMS.to_json())), now=0)
