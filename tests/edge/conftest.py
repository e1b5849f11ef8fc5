"""Worlds for the tests of the orchestrator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.edge.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """With the fallback upload mode."""
    made = World()
    yield made
    made.close()


@pytest.fixture(params=["fallback", "presigned"])
def any_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """In either transfer mode."""
    made = World(presigned=request.param == "presigned")
    yield made
    made.close()
