"""Signing and verifying: fixed vectors, rotation, age, and every kind of garbage."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import BadSignature
from contract.signing import (
    ID_HEADER,
    MAX_SIGNATURES,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    TOLERANCE_S,
    Envelope,
    Secret,
    sign,
    verify,
)

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("signing_vectors.json").read_text())["vectors"]
NOW = 1_763_773_200
BODY = '{"type":"heartbeat","題":"吹き出し"}'.encode()
NEW, OLD, OTHER = (Secret(bytes([n]) * 32) for n in (1, 2, 3))
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", fullmatch=True)
KEYS = st.binary(min_size=24, max_size=64).map(Secret)
GARBAGE = st.one_of(st.text(), st.binary(), st.none(), st.integers(), st.lists(st.text()))


def signed(**changes: Any) -> dict[str, Any]:
    return {**sign(BODY, [NEW], message_id="msg_1", timestamp=NOW), **changes}


def code_of(headers: Mapping[Any, Any], body: bytes = BODY, *, now: float = NOW) -> str:
    with pytest.raises(BadSignature) as caught:
        verify(headers, body, [NEW, OLD], now=now)
    return caught.value.code


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_fixed_vector_gets_its_answer(vector: dict[str, Any]) -> None:
    secrets = [Secret.parse(text) for text in vector["secrets"]]
    body = base64.b64decode(vector["body_base64"])
    if vector["expect"] in ("ok", "not_an_event"):
        envelope = verify(vector["headers"], body, secrets, now=vector["now"])
        assert envelope == Envelope(vector["headers"][ID_HEADER], int(vector["headers"][TIMESTAMP_HEADER]))
    else:
        with pytest.raises(BadSignature) as caught:
            verify(vector["headers"], body, secrets, now=vector["now"])
        assert caught.value.code == vector["expect"]


def test_the_example_of_the_specification_is_signed_as_the_specification_says() -> None:
    secret = Secret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = sign(b'{"test": 2432232314}', [secret], message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(body=st.binary(), key=KEYS, message_id=IDS, timestamp=st.integers(0, 10**12 - 1))
def test_what_was_signed_verifies(body: bytes, key: Secret, message_id: str, timestamp: int) -> None:
    headers = sign(body, [key], message_id=message_id, timestamp=timestamp)
    assert verify(headers, body, [key], now=timestamp) == Envelope(message_id, timestamp)


@given(body=st.binary(), other=st.binary(), key=KEYS)
def test_another_body_does_not_verify(body: bytes, other: bytes, key: Secret) -> None:
    headers = sign(body, [key], message_id="m", timestamp=NOW)
    if body != other:
        with pytest.raises(BadSignature, match="no_matching_signature"):
            verify(headers, other, [key], now=NOW)


@given(headers=st.dictionaries(st.one_of(GARBAGE.filter(lambda x: not isinstance(x, list))), GARBAGE), body=st.binary())
def test_random_headers_never_verify_and_never_break(headers: dict[Any, Any], body: bytes) -> None:
    # Hypothesis draws the constants of the code under test too, so that a header may even have a right name.
    assert code_of(headers, body) in ("missing_header", "malformed_header")


@given(name=st.sampled_from([ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER]), value=GARBAGE)
def test_garbage_in_one_header_never_verifies_and_never_breaks(name: str, value: Any) -> None:
    if value != signed()[name]:
        assert code_of(signed(**{name: value})) in ("missing_header", "malformed_header", "no_matching_signature")


@given(signature=st.text(st.characters(codec=None, exclude_characters=" \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85")))
def test_any_text_as_a_signature_is_compared_and_refused(signature: str) -> None:
    assert code_of(signed(**{SIGNATURE_HEADER: f"v1,{signature}"})) in ("no_matching_signature", "malformed_header")


@pytest.mark.parametrize("name", [ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER])
@pytest.mark.parametrize(
    "value",
    [
        b"v1,AAAA",
        "\ud800",
        "v1,\udfff",
        "\x00",
        "v1,\x00",
        "é",
        "１７６３",
        "v1,é",
        "x" * 10_000_000,
        5,
        1.5,
        [],
        {},
        True,
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_header_that_no_client_should_send_is_refused(name: str, value: Any) -> None:
    assert code_of(signed(**{name: value})) in ("malformed_header", "no_matching_signature")


@pytest.mark.parametrize("name", [ID_HEADER, TIMESTAMP_HEADER])
@pytest.mark.parametrize("ending", ["\n", " ", "\r\n", "\x00"])
def test_an_id_or_timestamp_with_something_behind_it_is_refused(name: str, ending: str) -> None:
    assert code_of(signed(**{name: signed()[name] + ending})) == "malformed_header"


def test_header_names_are_compared_without_case() -> None:
    headers = {name.title(): value for name, value in signed().items()}
    assert verify(headers, BODY, [NEW], now=NOW).id == "msg_1"


def test_names_that_are_no_text_stand_beside_ours_without_harm() -> None:
    assert verify({b"webhook-id": b"x", 5: 6, None: None, **signed()}, BODY, [NEW], now=NOW).id == "msg_1"  # type: ignore[dict-item]


@pytest.mark.parametrize("age", [0, 1, TOLERANCE_S, -1, -TOLERANCE_S])
def test_a_message_is_believed_for_five_minutes_both_ways(age: int) -> None:
    assert verify(signed(), BODY, [NEW], now=NOW + age).timestamp == NOW


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (TOLERANCE_S + 0.001, "timestamp_too_old"),
        (TOLERANCE_S + 1, "timestamp_too_old"),
        (10**9, "timestamp_too_old"),
        (-TOLERANCE_S - 0.001, "timestamp_too_new"),
        (-TOLERANCE_S - 1, "timestamp_too_new"),
        (-(10**9), "timestamp_too_new"),
    ],
)
def test_too_old_and_too_new_are_refused_and_told_apart(age: float, code: str) -> None:
    assert code_of(signed(), now=NOW + age) == code


def test_an_old_message_that_is_also_forged_is_forged() -> None:
    assert code_of(signed(), b"forged", now=NOW + 10_000) == "no_matching_signature"


def test_while_secrets_change_either_side_may_be_behind() -> None:
    both = sign(BODY, [NEW, OLD], message_id="m", timestamp=NOW)
    for held in ([NEW], [OLD], [OTHER, OLD], [NEW, OLD]):
        assert verify(both, BODY, held, now=NOW)
    for secret in (NEW, OLD):
        assert verify(sign(BODY, [secret], message_id="m", timestamp=NOW), BODY, [NEW, OLD], now=NOW)


def test_a_secret_that_was_withdrawn_no_longer_counts() -> None:
    with pytest.raises(BadSignature, match="no_matching_signature"):
        verify(sign(BODY, [OLD], message_id="m", timestamp=NOW), BODY, [NEW], now=NOW)


def test_without_any_secret_nothing_is_believed() -> None:
    with pytest.raises(BadSignature, match="no_matching_signature"):
        verify(signed(), BODY, [], now=NOW)
    with pytest.raises(ValueError, match="no secret"):
        sign(BODY, [], message_id="m", timestamp=NOW)


def test_up_to_32_signatures_are_compared_and_no_more() -> None:
    real = signed()[SIGNATURE_HEADER]
    wrong = "v1,AAAA"
    full = " ".join([wrong] * (MAX_SIGNATURES - 1) + [real])
    assert verify(signed(**{SIGNATURE_HEADER: full}), BODY, [NEW], now=NOW)
    assert code_of(signed(**{SIGNATURE_HEADER: f"{wrong} {full}"})) == "malformed_header"


@pytest.mark.parametrize("message_id", ["", ".", "a.b", "-a", "_a", "a b", "a\n", "é", "a" * 129, "../a"])
def test_an_id_that_could_not_be_verified_is_not_signed(message_id: str) -> None:
    with pytest.raises(ValueError, match="message id"):
        sign(BODY, [NEW], message_id=message_id, timestamp=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "whsec_AAAA",
        "whsec_" + "A" * 31,
        "whsec_" + "é" * 40,
        "whsec_" + "*" * 40,
        "secret-of-plain-text-xx",
    ],
)
def test_a_secret_that_is_none_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="24 bytes in base64") as caught:
        Secret.parse(text)
    assert len(text) < 8 or text not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n", " \t "])
def test_secrets_are_read_in_their_order(between: str) -> None:
    texts = ["whsec_" + base64.b64encode(secret.key).decode() for secret in (NEW, OLD)]
    assert Secret.parse_list(between.join(texts) + "\n") == (NEW, OLD)


def test_a_secret_shows_nowhere() -> None:
    secret = Secret(b"very-secret-very-secret-very-secret")
    assert "very" not in repr(secret)
    assert "very" not in str([secret])
    with pytest.raises(BadSignature) as caught:
        verify(signed(), BODY, [secret], now=NOW)
    assert "very" not in str(caught.value)
    assert signed()[SIGNATURE_HEADER] not in str(caught.value)
