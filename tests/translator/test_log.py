"""Log lines are JSON and name their job."""

from __future__ import annotations

import contextvars
import io
import json
import logging
from collections.abc import Iterator

import pytest

from translator.log import JsonFormatter, configure, enter_job


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, as it was before when the test is over."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:], logger.level = handlers, level


def entry(**extra: object) -> dict[str, object]:
    record = logging.makeLogRecord({"name": "n", "levelname": "INFO", "msg": "page %s", "args": (3,), **extra})
    return dict(json.loads(JsonFormatter().format(record)))


def test_a_line_holds_what_was_said_and_the_extra_fields() -> None:
    line = entry(page=3, code="timeout")
    assert (line["event"], line["level"], line["page"], line["code"]) == ("page 3", "info", 3, "timeout")
    assert "job_id" not in line


def test_within_a_job_every_line_names_it() -> None:
    def work() -> dict[str, object]:
        enter_job("job-7", 2)
        return entry()

    line = contextvars.copy_context().run(work)
    assert (line["job_id"], line["attempt"]) == ("job-7", 2)
    assert "job_id" not in entry()


def test_what_json_does_not_know_is_written_as_text() -> None:
    assert entry(path=object)["path"] == "<class 'object'>"


def test_a_traceback_is_a_field() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        line = entry(exc_info=(type(error), error, error.__traceback__))
    assert "ValueError: broken" in str(line["exception"])


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "httpx2", "httpcore2.http11", "google_genai.models"])
def test_the_clients_of_others_do_not_log_what_they_ask_for(root: logging.Logger, name: str) -> None:
    stream = io.StringIO()
    configure(stream)
    logging.getLogger(name).info("HTTP Request: GET https://x.test/?signature=abc")
    logging.getLogger("translator").info("it runs")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["it runs"]
