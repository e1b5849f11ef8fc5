"""No key is in anything that a job wrote whose texts a model translates: everything is gathered and searched."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from contract.job import Options
from contract.translation import BudgetWish, TranslationWish
from tests.support.llm_server import ModelServer, gemini_server, openai_server
from tests.support.llm_wire import Fail, Rule, Say, WireCall, always, answer, good, items, without
from tests.translator.containers import running
from tests.translator.fake_orchestrator import FakeOrchestrator
from tests.translator.model_factory import ModelFactory
from tests.translator.tiny_stages import Script, image
from tests.translator.translation.jobs import KEY, SECOND_KEY, endpoint, loaded
from translator.config import Config
from translator.log import JsonFormatter

GLOSSARY = {"schema": 1, "terms": [{"term": "頁", "translations": {"en": "page"}}]}


@pytest.fixture(params=["gemini_hq", "openai"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(engine: str) -> Iterator[ModelServer]:
    with gemini_server() if engine == "gemini_hq" else openai_server() as started:
        yield started


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that any logger writes, at its most talkative, as the container writes it."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def quoting(status: int) -> Rule:
    """A server that quotes the key in its error."""
    return lambda call: Fail(status, f"you sent {call.key}, I think")


def proposing(call: WireCall) -> Say:
    return Say(answer(items(call), new_terms=[{"source": "頁", "translation": "leaf", "kind": "thing"}]))


RULES: list[Rule] = [
    good,
    without("2"),
    proposing,
    always(Fail(500, html="<html>it broke</html>")),
    *(quoting(status) for status in (400, 401, 403, 404, 429, 500)),
]


@pytest.mark.parametrize("rule", RULES, ids=range(len(RULES)))
async def test_a_job_writes_no_key(
    server: ModelServer, engine: str, rule: Rule, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its storage (pages, documents, records of answers, manifest, what it learned), reports, metrics, logs, output."""
    server.rule = rule
    fake, script = FakeOrchestrator(), Script()
    fake.objects["/glossary"] = json.dumps(GLOSSARY).encode()
    model = endpoint(server, engine=engine, keys=(KEY, SECOND_KEY))
    order = fake.order(
        {page: image() for page in (1, 2)},
        options=Options(translation=TranslationWish(budget=BudgetWish(calls=12)), clean_plates=False),
        series_id="s",
        glossary=fake.grant("GET", "/glossary"),
        learn=fake.grant("PUT", "/learned"),
    )
    given = set(fake.objects)
    with loaded(model, fallback=endpoint(server, engine=engine, model="other-model", keys=(KEY,))) as service:
        async with running(fake, script, load=lambda: ModelFactory(script, service)) as it:
            await it.run(order)
            metrics = (await it.http.get("/metrics")).content
    written = [body for name, body in fake.objects.items() if name not in given]
    assert written, "the manifest at least"
    output = capfd.readouterr()
    everything = b"\n".join((*written, *fake.bodies, metrics, logged.getvalue().encode(), output.out.encode()))
    everything += output.err.encode()
    assert server.calls
    assert {call.key for call in server.calls} <= {KEY, SECOND_KEY}
    assert b"test-model" in everything, "what was searched is what was written"
    for secret in (KEY, SECOND_KEY):
        assert secret.encode() not in everything
        assert secret[4:].encode() not in everything


def test_a_configuration_shows_no_key() -> None:
    keys = {"GEMINI_API_KEY": KEY, "GEMINI_API_KEYS": f"{SECOND_KEY},{KEY}", "GEMINI_MODEL": "m"}
    config = Config.from_env({"CALLBACK_SECRETS": "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", **keys})
    assert config.translation is not None
    for text in (repr(config), str(config), repr(config.translation), repr(config.translation.primary)):
        assert KEY not in text
        assert SECOND_KEY not in text
        assert "c2VjcmV0" not in text
