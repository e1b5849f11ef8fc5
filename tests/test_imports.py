"""Imports go one way. Walks every module's imports and fails on an arrow that the design does not draw."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {
    "contract": ROOT / "contract",
    "edge": ROOT / "orchestrator" / "edge",
    "entry": ROOT / "orchestrator",
    "local": ROOT / "local",
    "fukidashi": ROOT / "fukidashi",
    "next_callbacks": ROOT / "next_callbacks",
    "sample": ROOT / "sample",
    "translator": ROOT / "containers" / "translator",
}
ALLOWED = {
    "contract": set(),
    "edge": {"contract"},
    "entry": {"contract", "edge"},
    "local": {"contract", "edge"},
    "fukidashi": {"contract"},
    "next_callbacks": {"contract"},
    "sample": set(),
    "translator": {"contract"},
}
WORKER_ONLY = {"workers", "js", "pyodide"}
HEAVY = {"numpy", "cv2", "PIL", "torch", "onnxruntime", "rapidocr", "httpx", "starlette", "uvicorn", "boto3"}


def modules(part: str) -> list[Path]:
    folder = FOLDERS[part]
    return [folder / "entry.py"] if part == "entry" else sorted(folder.rglob("*.py"))


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def tops(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("part", FOLDERS)
def test_a_part_imports_only_what_the_design_allows(part: str) -> None:
    ours = set(FOLDERS) - {part}
    wrong = {
        str(path.relative_to(ROOT)): sorted(tops(path) & ours - ALLOWED[part])
        for path in modules(part)
        if tops(path) & ours - ALLOWED[part]
    }
    assert not wrong


@pytest.mark.parametrize("part", sorted(set(FOLDERS) - {"entry"}))
def test_only_the_entry_point_knows_the_workers_runtime(part: str) -> None:
    assert not [path for path in modules(part) if tops(path) & WORKER_ONLY]


@pytest.mark.parametrize("part", ["contract", "edge", "entry"])
def test_what_ships_in_the_worker_needs_no_heavy_package(part: str) -> None:
    assert not [path for path in modules(part) if tops(path) & HEAVY]


def test_the_contract_is_standard_library_only() -> None:
    import sys

    foreign = (
        {name for path in modules("contract") for name in tops(path)} - set(sys.stdlib_module_names) - {"contract"}
    )
    assert not foreign


def test_no_stage_imports_another_stage_or_an_engine() -> None:
    pipeline = FOLDERS["translator"] / "pipeline"
    wrong = [path.name for path in pipeline.glob("*.py") if any("translator.engines" in name for name in imports(path))]
    assert not wrong


def test_engines_are_built_in_one_place_only() -> None:
    translator = FOLDERS["translator"]
    users = {
        path.relative_to(translator).as_posix()
        for path in translator.rglob("*.py")
        if path.parent.name != "engines" and any(name.startswith("translator.engines") for name in imports(path))
    }
    assert users <= {"build.py", "bench.py", "__main__.py"}


def test_nothing_imports_in_a_circle() -> None:
    edges = {}
    for part in FOLDERS:
        for path in modules(part):
            relative = path.relative_to(FOLDERS[part]).with_suffix("")
            name = ".".join([part, *relative.parts]) if part != "entry" else "entry"
            edges[name.removesuffix(".__init__")] = imports(path)
    known = set(edges)
    seen: dict[str, int] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail, name])
        if seen.get(name):
            return
        for target in edges[name] & known - {name}:
            visit(target, (*trail, name))
        seen[name] = 1

    for name in sorted(known):
        visit(name, ())
