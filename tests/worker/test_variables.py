"""Every variable that the orchestrator reads can be found in ``wrangler.toml``, and what stands there is true."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields

import pytest

from edge.config import Config, S3Access
from tests.support.processes import ROOT

TEXT = (ROOT / "wrangler.toml").read_text(encoding="utf-8")
VARS: dict[str, str] = tomllib.loads(TEXT)["vars"]
COMMENTED: dict[str, str] = dict(re.findall(r'^# ([A-Z][A-Z0-9_]+) = "([^"]*)"', TEXT, re.MULTILINE))
_SECRETS = re.search(r"wrangler secret put NAME`:((?:.|\n)*?)\.", TEXT)
SECRETS = set(re.findall(r"[A-Z][A-Z0-9_]+", _SECRETS[1])) if _SECRETS else set()
SIGNING = f"whsec_{base64.b64encode(b's' * 32).decode()}"
GIVEN = {
    "API_KEYS": json.dumps({"owner": "0" * 64}),
    "CALLBACK_SECRETS": SIGNING,
    "WEBHOOK_SECRETS": SIGNING,
    "TOKEN_SECRETS": "t" * 32,
    "S3_ACCESS_KEY_ID": "AKIA",
    "S3_SECRET_ACCESS_KEY": "secret",
}


class Noted(Mapping[str, str]):
    """An environment that takes note of what it is asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the configuration asks for names, it does not look around")

    def __len__(self) -> int:
        return len(self._values)


@pytest.fixture(scope="module")
def asked() -> set[str]:
    environment = Noted({**VARS, **GIVEN})
    Config.from_env(environment)
    return environment.asked


def test_every_variable_is_named_as_a_variable_or_as_a_secret(asked: set[str]) -> None:
    assert asked - set(VARS) - set(COMMENTED) - SECRETS == set()


def test_nothing_is_named_that_nobody_reads(asked: set[str]) -> None:
    assert (set(VARS) | set(COMMENTED) | SECRETS) - asked == set()


def test_no_variable_is_overlooked_here(asked: set[str]) -> None:
    """As many as the configuration has fields: those of S3 are one there."""
    assert len(asked) == len(fields(Config)) - 1 + len(fields(S3Access))


def test_secrets_are_no_variables() -> None:
    assert set(GIVEN) == SECRETS
    assert SECRETS & (set(VARS) | set(COMMENTED)) == set()


def test_what_is_commented_out_is_what_holds_without_it() -> None:
    assert Config.from_env({**VARS, **COMMENTED, **GIVEN}) == Config.from_env({**VARS, **GIVEN})


def test_every_secret_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {name for name in SECRETS if f"wrangler secret put {name}" not in readme} == set()
