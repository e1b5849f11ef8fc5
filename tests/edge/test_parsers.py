"""What strangers write, read by the parsers: any text ends in an answer or in the parser's own error."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.errors import BadMessage, BadSignature, ContractError
from contract.fields import load_object
from contract.job import JobRequest
from contract.report import Report
from contract.signing import Secret, sign, verify
from edge.api_keys import parse_api_keys
from edge.clock import http_date
from edge.ranges import Unsatisfiable, parse_range
from edge.webhook_url import BadWebhookUrl, check_webhook_url
from tests.edge.world import KEYS, World

SECRETS = (Secret(b"c" * 32),)
NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")
SIZES = st.integers(0, 10**12)
NUMBERS = st.integers(0, 10**14) | st.sampled_from([10**18 - 1, 10**18])
ODD = st.text(alphabet="0123456789-=bytes, \t\r\n\x00٣", max_size=40) | st.text(max_size=20)


@given(first=NUMBERS, last=NUMBERS, size=SIZES)
def test_a_range_of_two_ends_lies_in_the_object(first: int, last: int, size: int) -> None:
    try:
        span = parse_range(f"bytes={first}-{last}", size)
    except Unsatisfiable:
        assert first >= size
        assert first <= last
        return
    if span is None:
        assert last < first or max(first, last) >= 10**18
        return
    assert (span.offset, span.offset + span.length) == (first, min(last + 1, size))
    assert span.content_range(size) == f"bytes {first}-{min(last, size - 1)}/{size}"


@given(count=NUMBERS, size=SIZES)
def test_a_suffix_range_is_the_objects_end(count: int, size: int) -> None:
    try:
        span = parse_range(f"bytes=-{count}", size)
    except Unsatisfiable:
        assert 0 in (count, size)
        return
    assert span is None or (span.offset + span.length, span.length) == (size, min(count, size))


@given(header=ODD, size=SIZES)
def test_any_range_is_a_part_of_the_object_or_the_whole(header: str, size: int) -> None:
    try:
        span = parse_range(header, size)
    except Unsatisfiable:
        return
    assert span is None or 0 < span.length <= size - span.offset


@given(text=st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"))
def test_any_text_is_an_http_date_or_none(text: str) -> None:
    assert http_date(text) is None or isinstance(http_date(text), float)


@given(
    headers=st.dictionaries(st.sampled_from(NAMES), st.text() | st.from_regex(r"v1,[A-Za-z0-9+/]*={0,2}( v1,.*)*")),
    body=st.binary(),
)
def test_no_made_up_signature_verifies(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(headers, body, SECRETS, now=1_790_000_000)


@given(body=st.binary(), change=st.integers(0, 200), byte=st.integers(1, 255), noise=st.text(max_size=20))
def test_a_signature_is_of_one_body_and_noise_beside_it_changes_nothing(
    body: bytes, change: int, byte: int, noise: str
) -> None:
    headers = sign(body, SECRETS, message_id="m-1", timestamp=1_790_000_000)
    noisy = {**headers, "webhook-signature": f"{noise} {headers['webhook-signature']}"}
    assert verify(noisy, body, SECRETS, now=1_790_000_000).id == "m-1"
    if body:
        place = change % len(body)
        changed = body[:place] + bytes([body[place] ^ byte]) + body[place + 1 :]
        with pytest.raises(BadSignature):
            verify(headers, changed, SECRETS, now=1_790_000_000)


HOSTS = st.sampled_from(
    ["a.test", "127.0.0.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:10.0.0.1]", "localhost", "", "%00", "ä"]
)
URLS = st.builds(
    lambda scheme, user, host, port, rest: f"{scheme}://{user}{host}{port}{rest}",
    st.sampled_from(["http", "https", "ftp", "file", "HTTP", ""]),
    st.sampled_from(["", "u:p@", "@", "a@b@"]),
    HOSTS,
    st.sampled_from(["", ":80", ":0", ":99999", ":x", ":"]),
    st.text(max_size=20),
)


@given(url=URLS | st.text(max_size=80))
def test_a_url_that_is_taken_goes_to_a_public_host(url: str) -> None:
    try:
        check_webhook_url(url, allow_private=False)
    except BadWebhookUrl:
        return
    assert url.lower().startswith(("http://", "https://"))
    assert "@" not in url.split("/")[2]
    assert not any(host in url.split("/")[2] for host in ("127.0.0.1", "0x7f", "2130706433", "::", "localhost"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_a_json_object_or_a_bad_message(body: bytes) -> None:
    try:
        value = load_object(body)
    except BadMessage:
        return
    assert json.loads(json.dumps(value)) == value


NAMED = st.dictionaries(
    st.sampled_from(["pages", "chapter_id", "source", "options", "metadata", "series_id", "webhook_url", "protocol"]),
    JSON,
)


@given(value=NAMED)
def test_any_object_is_a_message_or_a_contract_error(value: dict[str, object]) -> None:
    for parse in (JobRequest.parse, Report.parse):
        try:
            parse(json.dumps(value).encode())
        except ContractError:
            continue


@given(value=st.text(max_size=30) | JSON.map(json.dumps))
def test_any_api_keys_are_read_or_a_value_error(value: str) -> None:
    try:
        assert parse_api_keys(value)
    except ValueError:
        return


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.text(max_size=30)
    | st.lists(st.sampled_from(["jobs", "..", "", "x" * 200, "%00", "pages", "1", "retry"])).map("/".join),
    query=st.text(max_size=30),
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "G\x00T", ""]),
    headers=st.dictionaries(
        st.sampled_from(["range", "if-none-match", "authorization", "origin"]), st.text(max_size=20)
    ),
)
def test_any_request_is_answered(world: World, path: str, query: str, method: str, headers: dict[str, str]) -> None:
    for url in (f"/{path}?{query}", f"/{quote(path)}?{quote(query)}"):
        answer = world.call(method, url, key=None, headers={"authorization": f"Bearer {KEYS['owner-a']}", **headers})
        assert answer.status < 500, answer.body
