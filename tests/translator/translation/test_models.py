"""The two engines against the wire: what they send, and what every kind of misbehaviour is called."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import (
    BAD_KEY,
    DAILY_QUOTA,
    RETRY_IN_7_S,
    Block,
    Drop,
    Empty,
    Fail,
    Hang,
    Html,
    Outcome,
    Raw,
    Say,
    WireCall,
    always,
)
from tests.translator.translation.jobs import KEY
from translator.engines.gemini_model import GeminiModel
from translator.engines.openai_model import OpenAiModel
from translator.translation.model import (
    ApiKey,
    BadAnswer,
    BadCredentials,
    ChatModel,
    Finish,
    ImagePart,
    ModelError,
    ModelRequest,
    ModelSettings,
    RateLimited,
    Refused,
    Rejected,
    TextPart,
    Unavailable,
    UnknownModel,
    Usage,
)

REQUEST = ModelRequest(
    system="You translate.",
    parts=(TextPart("First."), ImagePart(b"\xff\xd8\xff picture"), TextPart("Second.")),
    schema={"type": "object", "properties": {"translations": {"type": "array"}}},
    max_output_tokens=500,
    timeout_s=20.0,
)
Make = Callable[..., ChatModel]


@pytest.fixture(params=["gemini", "openai"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(kind: str, gemini: ModelServer, openai: ModelServer) -> ModelServer:
    return gemini if kind == "gemini" else openai


@pytest.fixture
def make(kind: str, server: ModelServer) -> Iterator[Make]:
    made: list[ChatModel] = []

    def build(name: str = "test-model", **settings: Any) -> ChatModel:
        base = server.origin if kind == "gemini" else f"{server.origin}/v1"
        engine = GeminiModel if kind == "gemini" else OpenAiModel
        made.append(engine(ModelSettings(name, base, **settings), ApiKey(KEY)))
        return made[-1]

    yield build
    for model in made:
        model.close()


def outcome(server: ModelServer, model: ChatModel, *outcomes: Outcome) -> ModelError:
    server.script = [always(one) for one in outcomes]
    with pytest.raises(ModelError) as caught:
        model.complete(REQUEST)
    assert not server.script
    return caught.value


@pytest.mark.parametrize("stream", [True, False])
def test_a_reply_is_its_text_its_end_and_its_tokens(server: ModelServer, make: Make, stream: bool) -> None:
    server.script = [always(Say('{"translations": []}', input_tokens=1234, output_tokens=56))]
    reply = make(stream=stream).complete(REQUEST)
    assert (reply.text, reply.finish, reply.usage) == ('{"translations": []}', Finish.STOP, Usage(1234, 56))
    assert server.calls[0].streams is stream


def test_a_request_is_the_system_the_parts_and_the_schema(server: ModelServer, make: Make) -> None:
    server.script = [always(Say("{}"))]
    make().complete(REQUEST)
    call = server.calls[0]
    assert (call.system, call.prompt, call.images) == ("You translate.", "First.\nSecond.", (b"\xff\xd8\xff picture",))
    assert call.has_schema
    assert call.key == KEY


def test_an_answer_at_its_limit_of_tokens_says_so(server: ModelServer, make: Make) -> None:
    server.script = [always(Say('{"trans', finish="length"))]
    assert make().complete(REQUEST).finish is Finish.LENGTH


ERRORS: list[tuple[Outcome, type[ModelError]]] = [
    (Fail(400, "too long"), Rejected),
    (Fail(401, "who are you"), BadCredentials),
    (Fail(402, "insufficient balance"), BadCredentials),
    (Fail(403, "not allowed"), BadCredentials),
    (Fail(404, "no such model"), UnknownModel),
    (Fail(408, "too slow"), Unavailable),
    (Fail(429, "slow down"), RateLimited),
    (Fail(500, "oh"), Unavailable),
    (Fail(503, "overloaded"), Unavailable),
    (Fail(404, html="<html>no such page</html>"), Unavailable),
    (Fail(403, html="<!doctype html><p>blocked by the firewall"), Unavailable),
    (Fail(302, "elsewhere", headers={"Location": "http://127.0.0.1:9/"}), Unavailable),
    (Html(), Unavailable),
    (Drop(), Unavailable),
    (Block(), Refused),
    (Block(prompt=True), Refused),
    (Empty(), Refused),
    (Say(""), Refused),
]


@pytest.mark.parametrize(
    ("said", "expected"), ERRORS, ids=[f"{i}-{error.__name__}" for i, (_, error) in enumerate(ERRORS)]
)
@pytest.mark.parametrize("stream", [True, False])
def test_every_misbehaviour_has_a_name(
    kind: str, server: ModelServer, make: Make, said: Outcome, expected: type[ModelError], stream: bool
) -> None:
    # Where a server rejects a request with a schema, the OpenAI engine asks once without it.
    repeats = 2 if kind == "openai" and expected is Rejected else 1
    error = outcome(server, make(stream=stream), *[said] * repeats)
    assert type(error) is expected
    assert len(server.calls) == repeats
    assert error.model == "test-model"


DEEP = '{"candidates":' + "[" * 100_000
FORMS = [
    DEEP,
    '{"a":' * 100_000,
    "3",
    '{"candidates": 3, "choices": 3}',
    '{"candidates": [3], "choices": [3]}',
    '{"candidates": [{"finishReason": 3}], "choices": [{"message": 3}]}',
    '{"candidates": [{"content": {"parts": 3}}], "choices": [{"delta": {"content": 3}}]}',
    '{"error": 3}',
    '{"error": {"code": {}, "message": [1]}}',
]


@pytest.mark.parametrize("text", FORMS, ids=[form[:40] for form in FORMS])
@pytest.mark.parametrize("stream", [True, False])
def test_json_of_another_form_is_no_answer_and_no_crash(
    server: ModelServer, make: Make, text: str, stream: bool
) -> None:
    error = outcome(server, make(stream=stream), Raw(text))
    assert type(error) in (Unavailable, Refused)


@pytest.mark.parametrize("text", [DEEP, "3", '{"error": 3}', '{"error": {"code": "x", "message": [1]}}'])
@pytest.mark.parametrize("stream", [True, False])
def test_an_error_of_another_form_is_known_by_its_status(
    server: ModelServer, make: Make, text: str, stream: bool
) -> None:
    error = outcome(server, make(stream=stream), Raw(text, status=503))
    assert type(error) is Unavailable


@pytest.mark.parametrize("stream", [True, False])
def test_tokens_below_zero_give_nothing_back(server: ModelServer, make: Make, stream: bool) -> None:
    server.script = [lambda _: Say("{}", input_tokens=-5000, output_tokens=-100)]
    usage = make(stream=stream).complete(REQUEST).usage
    assert (usage.input, usage.output) in [(0, 0), (0, 10)]


def test_nothing_is_repeated_by_the_sdk(server: ModelServer, make: Make) -> None:
    server.rule = always(Fail(503, "overloaded"))
    with pytest.raises(Unavailable):
        make().complete(REQUEST)
    assert len(server.calls) == 1


def test_a_redirect_is_not_followed_with_the_key(
    server: ModelServer, make: Make, gemini: ModelServer, openai: ModelServer
) -> None:
    elsewhere = openai if server is gemini else gemini
    error = outcome(server, make(), Fail(307, "over there", headers={"Location": f"{elsewhere.origin}/v1/somewhere"}))
    assert isinstance(error, Unavailable)
    assert (len(server.hits), elsewhere.hits) == (1, [])


def test_retry_after_is_heard(server: ModelServer, make: Make) -> None:
    error = outcome(server, make(), Fail(429, "slow down", headers={"Retry-After": "17"}))
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 17.0


def test_a_429_without_a_word_leaves_the_pause_to_us(server: ModelServer, make: Make) -> None:
    error = outcome(server, make(), Fail(429, "slow down"))
    assert isinstance(error, RateLimited)
    assert error.retry_after_s is None


def test_a_503_may_say_when(server: ModelServer, make: Make) -> None:
    error = outcome(server, make(), Fail(503, "restarting", headers={"Retry-After": "4"}))
    assert isinstance(error, Unavailable)
    assert error.retry_after_s == 4.0


@pytest.mark.parametrize("stream", [True, False])
def test_a_lost_connection_keeps_what_came_or_is_an_outage(server: ModelServer, make: Make, stream: bool) -> None:
    error = outcome(server, make(stream=stream), Say('{"translations": [{"id": "1"', cut=20))
    if isinstance(error, BadAnswer):
        assert error.text == '{"translations": [{"'
    else:
        assert isinstance(error, Unavailable)


def test_an_answer_that_runs_away_is_cut_off_while_it_comes(server: ModelServer, make: Make) -> None:
    error = outcome(server, make(), Say("x" * 400_000))
    assert isinstance(error, BadAnswer)
    assert len(error.text) < 400_000


def test_silence_is_an_outage(server: ModelServer, make: Make) -> None:
    server.script = [always(Hang(30.0))]
    request = ModelRequest("s", (TextPart("t"),), {}, max_output_tokens=10, timeout_s=0.3)
    with pytest.raises(Unavailable):
        make().complete(request)


def test_a_call_that_nobody_waits_for_ends_at_the_next_word(server: ModelServer, make: Make) -> None:
    server.script = [always(Say("{}"))]
    with pytest.raises(Unavailable, match="called off"):
        make().complete(REQUEST, stop=lambda: True)


def test_an_endpoint_that_is_not_there_is_an_outage(kind: str) -> None:
    engine = GeminiModel if kind == "gemini" else OpenAiModel
    model = engine(ModelSettings("test-model", "http://127.0.0.1:9/v1"), ApiKey(KEY))
    with pytest.raises(Unavailable):
        model.complete(REQUEST)
    with pytest.raises(Unavailable):
        model.check()
    model.close()


def test_the_check_asks_for_the_model_and_generates_nothing(server: ModelServer, make: Make) -> None:
    make().check()
    assert len(server.checks) == 1
    assert not server.calls


def test_a_model_that_is_not_there_is_found_by_the_check(server: ModelServer, make: Make) -> None:
    with pytest.raises(UnknownModel, match="retired-model"):
        make("retired-model").check()


def test_a_key_that_is_refused_is_found_by_the_check(server: ModelServer, make: Make) -> None:
    server.refused_keys = frozenset({KEY})
    with pytest.raises(BadCredentials):
        make().check()


def test_a_key_that_the_server_quotes_is_not_repeated(server: ModelServer, make: Make) -> None:
    server.refused_keys = frozenset({KEY})
    model = make()
    with pytest.raises(BadCredentials) as caught:
        model.complete(REQUEST)
    assert KEY not in str(caught.value) + repr(caught.value) + caught.value.detail + repr(model)
    assert "[key]" in caught.value.detail
    assert caught.value.__cause__ is None


def test_gemini_is_told_not_to_filter_and_how_much_to_think(gemini: ModelServer) -> None:
    gemini.script = [always(Say("{}"))]
    model = GeminiModel(ModelSettings("test-model", gemini.origin, thinking="low"), ApiKey(KEY))
    model.complete(REQUEST)
    model.close()
    body = gemini.calls[0].body
    assert {one["threshold"] for one in body["safetySettings"]} == {"BLOCK_NONE"}
    assert list(body["generationConfig"]["thinkingConfig"].values()) == ["LOW"]
    assert body["generationConfig"]["maxOutputTokens"] == 500
    assert KEY not in gemini.calls[0].path


def test_the_environment_changes_nothing_about_gemini(gemini: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "GOOGLE_API_KEY": "another-key",
        "GOOGLE_GENAI_USE_VERTEXAI": "true",
        "GOOGLE_CLOUD_PROJECT": "project",
        "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    gemini.script = [always(Say("{}"))]
    model = GeminiModel(ModelSettings("test-model", gemini.origin), ApiKey(KEY))
    model.complete(REQUEST)
    model.close()
    assert gemini.calls[0].key == KEY


@pytest.mark.filterwarnings("ignore:BRAND_NEW is not a valid")
@pytest.mark.parametrize("prompt", [True, False])
def test_a_reason_that_the_sdk_does_not_know_is_a_refusal(gemini: ModelServer, prompt: bool) -> None:
    model = GeminiModel(ModelSettings("test-model", gemini.origin), ApiKey(KEY))
    error = outcome(gemini, model, Block(prompt=prompt, reason="BRAND_NEW"))
    model.close()
    assert isinstance(error, Refused)
    assert "BRAND_NEW" in error.detail


@pytest.mark.parametrize("engine", [GeminiModel, OpenAiModel])
def test_calls_that_are_cut_off_leave_no_connection_behind(
    gemini: ModelServer, openai: ModelServer, engine: Callable[[ModelSettings, ApiKey], ChatModel]
) -> None:
    server, path = (gemini, "") if engine is GeminiModel else (openai, "/v1")
    server.rule = always(Say("x" * 3000))
    model = engine(ModelSettings("test-model", server.origin + path), ApiKey(KEY))
    request = ModelRequest("s", (TextPart("t"),), {}, max_output_tokens=10, most_characters=10, timeout_s=20.0)
    # More than the pool of either client holds.
    for _ in range(110):
        with pytest.raises(BadAnswer):
            model.complete(request)
    model.close()


def test_gemini_says_when_to_come_back_in_the_body(gemini: ModelServer) -> None:
    model = GeminiModel(ModelSettings("test-model", gemini.origin), ApiKey(KEY))
    soon = outcome(gemini, model, Fail(429, "quota", details=(RETRY_IN_7_S,)))
    late = outcome(gemini, model, Fail(429, "quota", details=(DAILY_QUOTA, RETRY_IN_7_S)))
    model.close()
    assert isinstance(soon, RateLimited)
    assert isinstance(late, RateLimited)
    assert (soon.retry_after_s, late.retry_after_s) == (7.0, 6 * 3600.0)


def test_gemini_says_with_400_that_a_key_is_wrong(gemini: ModelServer) -> None:
    model = GeminiModel(ModelSettings("test-model", gemini.origin), ApiKey(KEY))
    error = outcome(gemini, model, Fail(400, "API key not valid.", code="INVALID_ARGUMENT", details=(BAD_KEY,)))
    model.close()
    assert isinstance(error, BadCredentials)


def test_a_stream_of_gemini_that_ends_without_its_end_is_cut(gemini: ModelServer) -> None:
    model = GeminiModel(ModelSettings("test-model", gemini.origin), ApiKey(KEY))
    error = outcome(gemini, model, Say('{"translations": []}', cut=12))
    model.close()
    assert isinstance(error, BadAnswer | Unavailable)


def test_a_server_without_schemas_is_asked_without_one_from_then_on(openai: ModelServer) -> None:
    openai.rule = lambda call: Fail(400, "response_format is not supported") if call.has_schema else Say("{}")
    model = OpenAiModel(ModelSettings("test-model", f"{openai.origin}/v1"), ApiKey(""))
    for _ in range(2):
        assert model.complete(REQUEST).text == "{}"
    model.close()
    assert [call.has_schema for call in openai.calls] == [True, False, False]
    assert openai.calls[0].key == ""


def test_a_model_is_asked_for_no_more_than_its_own_limit(server: ModelServer, make: Make) -> None:
    server.script = [always(Say("{}"))]
    make(max_output_tokens=77).complete(REQUEST)
    assert '": 77' in server.calls[0].raw


def test_a_server_is_asked_in_the_words_that_it_knows(openai: ModelServer) -> None:
    def rule(call: WireCall) -> Outcome:
        if "max_tokens" in call.body:
            return Fail(400, "Unsupported parameter: use 'max_completion_tokens' instead.")
        return Fail(422, "unknown field stream_options") if "stream_options" in call.body else Say("{}")

    openai.rule = rule
    model = OpenAiModel(ModelSettings("test-model", f"{openai.origin}/v1"), ApiKey(KEY))
    for _ in range(2):
        model.complete(REQUEST)
    model.close()
    assert len(openai.calls) == 4
    assert openai.calls[-1].has_schema
    assert openai.calls[-1].body["max_completion_tokens"] == 500


def test_a_request_without_pictures_is_plain_text(openai: ModelServer) -> None:
    openai.script = [always(Say("{}"))]
    model = OpenAiModel(ModelSettings("test-model", f"{openai.origin}/v1"), ApiKey(KEY))
    model.complete(ModelRequest("s", (TextPart("a"), TextPart("b")), {}, max_output_tokens=10))
    model.close()
    assert openai.calls[0].body["messages"][1]["content"] == "a\n\nb"


def test_a_spent_quota_is_no_reason_to_come_back_soon(openai: ModelServer) -> None:
    model = OpenAiModel(ModelSettings("test-model", f"{openai.origin}/v1"), ApiKey(KEY))
    error = outcome(openai, model, Fail(429, "You exceeded your current quota", code="insufficient_quota"))
    model.close()
    assert isinstance(error, RateLimited)
    assert (error.retry_after_s or 0) > 3600


@pytest.mark.parametrize(
    "said",
    [
        Fail(400, "The response was filtered", code="content_filter"),
        Fail(403, "Your input was flagged by moderation"),
    ],
)
def test_a_filter_that_answers_with_an_error_is_a_refusal_and_no_wrong_key(openai: ModelServer, said: Fail) -> None:
    model = OpenAiModel(ModelSettings("test-model", f"{openai.origin}/v1"), ApiKey(KEY))
    error = outcome(openai, model, said)
    model.close()
    assert isinstance(error, Refused)


def test_one_model_serves_many_threads(server: ModelServer, make: Make) -> None:
    model = make()
    server.rule = lambda call: Say('{"n": "' + call.prompt[-2:] + '"}')
    texts: list[str] = []

    def ask(number: int) -> None:
        request = ModelRequest("s", (TextPart(f"text {number}"),), {}, max_output_tokens=10, timeout_s=20.0)
        texts.append(model.complete(request).text)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(10, 16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts) == [f'{{"n": "{number}"}}' for number in range(10, 16)]


def test_a_wire_call_is_what_the_prompt_lists() -> None:
    call = WireCall("/", "", {}, "", 'Translate:\n{"id": "1", "text": "あ"}\nend', (), True, False, "")
    assert (call.ids, call.texts) == (("1",), {"1": "あ"})
