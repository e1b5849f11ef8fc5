"""The lock files say the same as pyproject.toml, and as each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([a-z0-9-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / name).read_text()))


def extra(name: str) -> set[str]:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    names: set[str] = set()
    for requirement in extras[name]:
        if requirement.startswith("fukidashi["):
            for inner in requirement.removeprefix("fukidashi[").removesuffix("]").split(","):
                names |= extra(inner)
        else:
            match = NAME.match(requirement)
            assert match is not None
            names.add(match.group().lower().replace("_", "-"))
    return names


def test_every_dependency_is_locked() -> None:
    assert extra("dev") <= set(pins("requirements.lock"))
    assert extra("translator") | extra("gloss") <= set(pins("requirements-translator.lock"))


def test_the_image_gets_the_versions_that_were_tested() -> None:
    tested, shipped = pins("requirements.lock"), pins("requirements-translator.lock")
    assert shipped
    assert {name: tested.get(name) for name in shipped} == shipped


def test_the_optional_engines_share_the_versions_of_the_others() -> None:
    tested, engines = pins("requirements.lock"), pins("requirements-engines.lock")
    shared = set(tested) & set(engines)
    assert shared
    assert {name: engines[name] for name in shared} == {name: tested[name] for name in shared}
    assert extra("engines") - {"torch"} <= set(engines)
    assert not {"torch", "triton"} & set(engines)
    assert not extra("engines") & set(tested)


def test_torch_has_the_version_that_the_project_names() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["engines"]
    (torch,) = [requirement for requirement in named if requirement.startswith("torch==")]
    for path in ("Makefile", "containers/translator/Dockerfile"):
        assert torch in (ROOT / path).read_text(), path


def test_each_pin_has_a_hash_and_no_lock_names_a_registry() -> None:
    for name in ("requirements.lock", "requirements-translator.lock", "requirements-engines.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert text.count("==") == len(re.findall(r"==\S+ \\\n +--hash=sha256:", text))


def test_opencv_is_installed_once() -> None:
    assert "opencv-python" not in pins("requirements.lock")
    assert "opencv-python-headless" in pins("requirements.lock")
