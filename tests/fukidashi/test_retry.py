from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from contract.job import JobRequest, PageSpec
from fukidashi import ApiError, Client, ConnectionFailed, Timeout
from fukidashi.flow import Answer
from fukidashi.polling import Pace
from fukidashi.retry import RetryPolicy, retry_after_s

REQUEST = JobRequest(pages=(PageSpec("image/png"),), chapter_id="c")


class Script:
    """Answers in turn; an exception among them is raised."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.requests, self.slept = list(answers), list[httpx.Request](), list[float]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> Client:
        return Client("http://edge.test", "k", transport=httpx.MockTransport(self), sleep=self.slept.append)


def status(code: int, **headers: str) -> httpx.Response:
    return httpx.Response(code, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_what_failed_for_now_is_repeated_with_growing_pauses(code: int) -> None:
    script = Script(status(code), status(code), status(code), status(200))
    assert script.client().download("http://edge.test/x") == b""
    assert len(script.slept) == 3
    assert script.slept[0] < script.slept[1] < script.slept[2] < 3


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 410, 413, 422, 501])
def test_a_plain_no_is_taken_at_once(code: int) -> None:
    script = Script(status(code))
    with pytest.raises(ApiError) as caught:
        script.client().download("http://edge.test/x?t=token")
    assert caught.value.code == f"http_{code}"
    assert "token" not in str(caught.value)


def test_retry_after_is_waited_for() -> None:
    script = Script(status(429, retry_after="7"), status(200))
    script.client().download("http://edge.test/x")
    assert script.slept == [7.0]


def test_a_retry_after_beyond_patience_is_an_error_that_says_when() -> None:
    script = Script(status(503, retry_after="3600"))
    with pytest.raises(ApiError) as caught:
        script.client().download("http://edge.test/x")
    assert caught.value.retry_after_s == 3600


def test_a_put_of_a_memory_is_not_repeated_once_it_may_have_arrived() -> None:
    script = Script(httpx.ReadError("reset"))
    with pytest.raises(ConnectionFailed):
        script.client().put_memory("s", {})
    assert len(script.requests) == 1


def test_but_it_is_where_it_cannot_have_arrived() -> None:
    script = Script(httpx.ConnectError("refused"), status(503), status(200))
    script.client().put_memory("s", {})
    assert len(script.requests) == 3


def test_a_creation_is_repeated_under_one_key() -> None:
    script = Script(httpx.ReadError("reset"), *[status(400)])
    with pytest.raises(ApiError):
        script.client().create(REQUEST)
    first, second = (request.headers["idempotency-key"] for request in script.requests)
    assert first == second


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ReadTimeout("slow"), Timeout),
        (httpx.ConnectTimeout("slow"), ConnectionFailed),
        (httpx.RemoteProtocolError("cut"), ConnectionFailed),
        (httpx.DecodingError("gzip"), ConnectionFailed),
        (httpx.TooManyRedirects("round"), ConnectionFailed),
    ],
)
def test_nothing_of_httpx_comes_out(error: Exception, kind: type[Exception]) -> None:
    script = Script(*[error] * 5)
    with pytest.raises(kind):
        script.client().get("j")
    assert len(script.requests) == 5


def test_a_storage_services_refusal_is_told_by_its_code() -> None:
    body = b"<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code><Message>secret</Message></Error>"
    script = Script(httpx.Response(403, content=body))
    with pytest.raises(ApiError, match="answered 403 SignatureDoesNotMatch") as caught:
        script.client().download("http://bucket.test/x?X-Amz-Signature=abc")
    assert "abc" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"code": 3}', b'{"code": "x", "detail": 5}', b"\xff", b"[" * 100_000])
def test_a_garbled_problem_is_still_an_error_of_ours(body: bytes) -> None:
    script = Script(httpx.Response(404, content=body, headers={"content-type": "application/problem+json"}))
    with pytest.raises(ApiError):
        script.client().get("j")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0", 0.0),
        ("Thu, 01 Jan 2026 00:00:09 GMT", 9.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Thu, 99 Jan 2026 99:00:00 GMT", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(value: str, seconds: float | None) -> None:
    answer = Answer(503, httpx.Headers({b"retry-after": value.encode()}), b"")
    assert retry_after_s(answer, now=datetime(2026, 1, 1, tzinfo=UTC)) == seconds


def job(state: str, stage: str = "") -> bytes:
    page = f'{{"page": 1, "status": "running", "stage": "{stage}"}}'
    times = '"created_at": "x", "expires_at": "x", "status_url": "x", "cancel_url": "x", "start_url": "x"'
    return (
        f'{{"id": "j", "status": "{state}", "chapter_id": "c", "source": "ja", "target": "en", "pages": [{page}], '
        f'{times}, "webhook": {{"state": "none"}}}}'
    ).encode()


def polled(answers: list[httpx.Response], pace: Pace) -> list[float]:
    script = Script(*answers)
    client = Client(
        "http://edge.test", transport=httpx.MockTransport(script), sleep=script.slept.append, pace=pace, clock=lambda: 0
    )
    list(client.wait("j"))
    return script.slept


def test_looks_become_rarer_while_nothing_changes_and_frequent_again_after_a_change() -> None:
    running, ended = httpx.Response(200, content=job("running")), httpx.Response(200, content=job("success"))
    changed = httpx.Response(200, content=job("running", "detect"))
    slept = polled([running, *[status(304) for _ in range(8)], changed, status(304), ended], Pace())
    assert [round(pause, 2) for pause in slept] == [1, 1.5, 2.25, 3.38, 5.06, 7.59, 11.39, 15, 15, 1, 1.5]


def test_a_pollers_retry_after_is_the_least() -> None:
    running = httpx.Response(200, content=job("running"), headers={"retry-after": "20"})
    ended = httpx.Response(200, content=job("success"))
    assert polled([running, status(304, retry_after="4"), ended], Pace()) == [20.0, 4.0]


def test_pauses_double_with_jitter_and_stay_below_the_longest() -> None:
    policy = RetryPolicy(first_s=1, longest_s=10)
    draw: Callable[[float], list[float]] = lambda random: [policy.pause_s(n, random) for n in range(1, 6)]  # noqa: E731
    assert draw(0.0) == [0.5, 1, 2, 4, 5]
    assert draw(1.0) == [1, 2, 4, 8, 10]
