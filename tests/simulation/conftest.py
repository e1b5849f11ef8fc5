"""A world for what was found in the orchestrator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.edge.world import World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()
