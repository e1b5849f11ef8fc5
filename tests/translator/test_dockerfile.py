"""The translator's Dockerfile, as far as it can be checked without an engine that builds it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import ROOT

DOCKERFILE = ROOT / "containers" / "translator" / "Dockerfile"
SECRET_NAMES = ("CALLBACK_SECRETS", "INTERNAL_TOKEN", "WEBHOOK_SECRETS", "TOKEN_SECRETS", "API_KEYS", "S3_")


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    joined = text.replace("\\\n", " ")
    return [
        (name.upper(), rest.strip()) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)
    ]


def all_of(name: str) -> list[str]:
    return [rest for kind, rest in instructions() if kind == name]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    start = max(index for index, (name, _) in enumerate(found) if name == "FROM")
    return found[start:]


def environment() -> dict[str, str]:
    pairs = (pair.partition("=") for name, rest in last_stage() if name == "ENV" for pair in shlex.split(rest))
    return {key: value for key, _, value in pairs}


def copied() -> list[str]:
    sources = []
    for rest in all_of("COPY"):
        *from_context, _ = [part for part in rest.split() if not part.startswith("--")]
        if "--from=" not in rest:
            sources += from_context
    return sources


def ignored(path: str) -> bool:
    """Whether .dockerignore leaves a top-level name out of the context; the last rule that fits decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        rule = line.strip()
        if rule and not rule.startswith("#") and rule.removeprefix("!") in ("*", path):
            out = not rule.startswith("!")
    return out


def test_it_has_a_build_stage_and_one_that_is_shipped_on_the_same_base() -> None:
    assert len(all_of("FROM")) == 2
    assert {base.split()[0] for base in all_of("FROM")} == {"${BASE_IMAGE}"}
    assert "BASE_IMAGE=python:3.11-slim" in all_of("ARG")
    assert "ONNXRUNTIME=onnxruntime" in all_of("ARG")


def test_the_process_is_not_root() -> None:
    users = [rest for name, rest in last_stage() if name == "USER"]
    assert users
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[-1])
    order = [name for name, _ in last_stage()]
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert "COPY" not in order[order.index("USER") :]


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_exists_and_is_in_the_context(source: str) -> None:
    path = source.rstrip("/")
    assert (ROOT / path).exists()
    assert not ignored(Path(path).parts[0])


def test_the_context_leaves_out_everything_else() -> None:
    for name in (".git", ".venv", "tests", "node_modules", "sample", ".env", "orchestrator", "out"):
        assert ignored(name), name


def test_the_entry_point_is_a_module_that_the_image_holds() -> None:
    (entry,) = [json.loads(rest) for name, rest in last_stage() if name == "ENTRYPOINT"]
    assert entry == ["python", "-m", "translator"]
    assert (ROOT / "containers" / "translator" / "__main__.py").is_file()
    assert {"contract/", "containers/translator/", "fonts/", "dict/"} <= set(copied())
    assert environment()["PYTHONPATH"] == "/app:/app/containers"


def test_the_environment_is_what_the_configuration_reads() -> None:
    env = environment()
    assert (env["HOST"], env["PORT"]) == ("0.0.0.0", "8080")
    assert (env["FONTS_DIR"], env["DICT_DIR"]) == ("/app/fonts", "/app/dict")
    assert all_of("EXPOSE") == [env["PORT"]]
    source = (ROOT / "containers" / "translator" / "config.py").read_text(encoding="utf-8")
    for key in ("HOST", "PORT", "FONTS_DIR", "DICT_DIR"):
        assert f'"{key}"' in source


def test_no_secret_is_built_in() -> None:
    for name, rest in instructions():
        if name in ("ENV", "ARG", "RUN", "COPY", "LABEL"):
            assert not [secret for secret in SECRET_NAMES if secret in rest], rest


def test_the_health_check_is_a_program_that_asks_healthz() -> None:
    (check,) = all_of("HEALTHCHECK")
    command = json.loads(check.partition("CMD")[2])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "healthcheck", "exec")
    assert "/healthz" in command[2]


def test_the_packages_it_installs_are_the_locked_ones() -> None:
    """That the lock holds the project's extras is tests/test_locks.py's matter."""
    assert any("-r requirements-translator.lock" in rest for rest in all_of("RUN"))


def test_it_says_what_it_is() -> None:
    labels = " ".join(all_of("LABEL"))
    for key in ("title", "description", "licenses"):
        assert f"org.opencontainers.image.{key}=" in labels


def test_weights_are_fetched_and_verified_while_building_and_only_for_engines_that_are_named() -> None:
    build = " ".join(all_of("RUN"))
    assert "python -m translator.weights fetch --into /weights ${names}" in build
    assert 'if [ -n "${names}" ]' in build
    assert environment()["WEIGHTS_DIR"] == "/weights"
    assert environment()["HF_HUB_OFFLINE"] == "1"
    assert "ENGINES=" in all_of("ARG")


def test_the_engines_of_the_build_are_those_of_the_process() -> None:
    assert environment()["ENGINES"] == "${ENGINES}"
    assert ("ARG", "ENGINES=") in last_stage()


@pytest.mark.parametrize(
    ("engines", "fetched"), [("", ""), ("gemini", ""), ("manga-ocr gemini", "manga-ocr"), ("a,b", "a b")]
)
def test_the_shell_that_picks_the_weights_leaves_out_what_has_none(engines: str, fetched: str) -> None:
    (script,) = [rest for rest in all_of("RUN") if "translator.weights" in rest]
    (pick,) = re.findall(r'names="\$\((.*?)\)"', script)
    done = subprocess.run(["sh", "-c", pick], env={"ENGINES": engines, "PATH": os.environ["PATH"]}, capture_output=True)
    assert done.stdout.decode().split() == fetched.split()
    assert done.returncode == 0
