"""The wire-level servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.llm_server import ModelServer, gemini_server, openai_server


@pytest.fixture
def gemini() -> Iterator[ModelServer]:
    with gemini_server() as server:
        yield server


@pytest.fixture
def openai() -> Iterator[ModelServer]:
    with openai_server() as server:
        yield server
