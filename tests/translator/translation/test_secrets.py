"""No key is in anything that a run wrote: logs, errors, translations, reports, stored files, reprs."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import Block, Drop, Fail, Html, Outcome, Rule, always, good, without
from tests.translator.translation.jobs import KEY, LINES, SECOND_KEY, endpoint, job, loaded, page
from translator.log import JsonFormatter
from translator.pipeline.protocols import StageError
from translator.translation.settings import SettingsError


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that any logger writes, at its most talkative."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def quoting(status: int) -> Outcome:
    """A server that quotes the key in its error."""
    return Fail(status, f"what you sent was {KEY}, I think")


RULES: list[Rule] = [
    good,
    without("2"),
    always(Block()),
    always(Drop()),
    always(Html()),
    *(always(quoting(status)) for status in (400, 401, 403, 404, 429, 500)),
]


@pytest.mark.parametrize("engine", ["gemini_hq", "openai"])
@pytest.mark.parametrize("rule", RULES, ids=range(len(RULES)))
def test_a_run_writes_no_key(
    gemini: ModelServer, openai: ModelServer, engine: str, rule: Rule, written: io.StringIO, tmp_path: Path
) -> None:
    server = gemini if engine == "gemini_hq" else openai
    server.rule = rule
    primary = endpoint(server, engine=engine, keys=(KEY,))
    with loaded(primary, fallback=endpoint(server, engine=engine, model="other-model"), store=tmp_path) as translation:
        made = job(translation)
        try:
            written.write(repr(made.translator.translate_pages((page(*LINES),))))
        except StageError as error:
            written.write("".join(traceback.format_exception(error)))
        for thing in (
            translation,
            translation.settings,
            made,
            made.ledger.to_json(),
            made.ledger.records,
            made.translator,
        ):
            written.write(repr(thing))
        written.write(repr(vars(made.translator)))
    written.write("".join(path.read_text() for path in tmp_path.rglob("*.json")))
    assert server.calls
    assert server.calls[0].key == KEY
    assert "test-model" in written.getvalue()
    assert KEY not in written.getvalue()
    assert KEY[4:] not in written.getvalue()


def test_the_check_at_the_start_writes_no_key(gemini: ModelServer, written: io.StringIO) -> None:
    gemini.refused_keys = frozenset({KEY, SECOND_KEY})
    with (
        loaded(endpoint(gemini, keys=(KEY, SECOND_KEY))) as translation,
        pytest.raises(SettingsError) as caught,
    ):
        translation.check()
    text = written.getvalue() + "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY not in text
    assert SECOND_KEY not in text
    assert "key 1" in text
