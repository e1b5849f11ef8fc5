"""Weights are the files of the manifest, or an error that says which one is not."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.engines import OPTIONAL, EngineRole
from translator.weights import (
    MANIFEST,
    TRIES,
    BadManifest,
    FetchFailed,
    Weights,
    WeightsDiffer,
    WeightsMissing,
    fetch,
    main,
    read_manifest,
    weights_of,
)

FILES = {"config.json": b'{"model_type": "tiny"}', "sub/model.bin": bytes(range(256)) * 9000}


class Repository:
    """A real server of one revision. ``answers`` are what comes first, before the files: statuses, or bodies."""

    def __init__(self) -> None:
        self.answers: list[int | bytes] = []
        self.asked: list[str] = []
        self.moved = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                first = outer.answers.pop(0) if outer.answers else 200
                if outer.moved and not self.path.startswith("/cdn"):
                    self.send_response(302)
                    self.send_header("location", f"/cdn{self.path}")
                    self.send_header("content-length", "0")
                    self.end_headers()
                    return
                name = self.path.partition("/resolve/v1/")[2]
                body = first if isinstance(first, bytes) else FILES.get(name, b"")
                status = first if isinstance(first, int) else 200
                status = 404 if name not in FILES else status
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body if status == 200 else b"x" * len(body))

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/studio/tiny"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def repository() -> Iterator[Repository]:
    with closing(Repository()) as server:
        yield server


def entry(url: str, **changes: Any) -> dict[str, Any]:
    config, model = FILES["config.json"], FILES["sub/model.bin"]
    git = hashlib.sha1(b"blob %d\0" % len(config) + config).hexdigest()
    files = [
        {"path": "config.json", "bytes": len(config), "git_blob": git},
        {"path": "sub/model.bin", "bytes": len(model), "sha256": hashlib.sha256(model).hexdigest()},
    ]
    return {"name": "tiny", "url": url, "revision": "v1", "files": files, **changes}


def manifest(folder: Path, *entries: dict[str, Any]) -> Path:
    path = folder / "weights.json"
    path.write_text(json.dumps({"schema": 1, "weights": list(entries)}))
    return path


def bring(weights: Weights, root: Path, waits: list[float] | None = None) -> list[str]:
    with httpx.Client(follow_redirects=True) as client:
        return list(fetch(weights, root, client, sleep=(waits if waits is not None else []).append))


def tiny(folder: Path, repository: Repository, **changes: Any) -> Weights:
    return weights_of("tiny", manifest(folder, entry(repository.url, **changes)))


def test_what_is_fetched_is_verified_and_is_not_fetched_again(tmp_path: Path, repository: Repository) -> None:
    weights = tiny(tmp_path, repository)
    bring(weights, tmp_path)
    folder = weights.check(tmp_path)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert repository.asked == [f"/studio/tiny/resolve/v1/{name}" for name in FILES]
    assert all("is there" in line for line in bring(weights, tmp_path))
    assert len(repository.asked) == 2


def test_a_repository_may_send_elsewhere(tmp_path: Path, repository: Repository) -> None:
    repository.moved = True
    weights = tiny(tmp_path, repository)
    bring(weights, tmp_path)
    weights.check(tmp_path)


def test_what_passes_is_tried_again(tmp_path: Path, repository: Repository) -> None:
    waits: list[float] = []
    repository.answers = [503, 429, 200]
    weights = tiny(tmp_path, repository)
    bring(weights, tmp_path, waits)
    assert waits == [1.0, 2.0]
    weights.check(tmp_path)


@pytest.mark.parametrize(("answers", "asked"), [([500] * 9, TRIES), ([403], 1), ([401], 1)])
def test_what_does_not_is_an_error_after_a_few_tries(
    tmp_path: Path, repository: Repository, answers: list[int | bytes], asked: int
) -> None:
    repository.answers = answers
    with pytest.raises(FetchFailed, match=r"tiny: http://.*config\.json: answered"):
        bring(tiny(tmp_path, repository), tmp_path)
    assert len(repository.asked) == asked


def test_a_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    weights = weights_of("tiny", manifest(tmp_path, entry("http://127.0.0.1:9/tiny")))
    with pytest.raises(FetchFailed, match="ConnectError"):
        bring(weights, tmp_path)


@pytest.mark.parametrize("body", [b"{}", b"", FILES["config.json"] + b" ", b"[" + FILES["config.json"][1:], b"x" * 99])
def test_another_file_than_the_manifests_is_never_kept(tmp_path: Path, repository: Repository, body: bytes) -> None:
    repository.answers = [body]
    weights = tiny(tmp_path, repository)
    with pytest.raises(WeightsDiffer, match=r"tiny: .*config\.json"):
        bring(weights, tmp_path)
    assert [path for path in weights.folder(tmp_path).rglob("*") if path.is_file()] == []


def test_a_file_that_is_missing_is_named_with_what_brings_it(tmp_path: Path, repository: Repository) -> None:
    weights = tiny(tmp_path, repository)
    bring(weights, tmp_path)
    (weights.folder(tmp_path) / "sub" / "model.bin").unlink()
    with pytest.raises(WeightsMissing, match=r"model\.bin is not there.*weights fetch tiny"):
        weights.check(tmp_path)


@pytest.mark.parametrize("name", list(FILES))
def test_a_file_that_was_changed_is_found_out_and_replaced(tmp_path: Path, repository: Repository, name: str) -> None:
    weights = tiny(tmp_path, repository)
    bring(weights, tmp_path)
    path = weights.folder(tmp_path) / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsDiffer, match=name):
        weights.check(tmp_path)
    bring(weights, tmp_path)
    weights.check(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../tiny"},
        {"revision": "../../v1"},
        {"url": "file:///etc"},
        {"files": []},
        {"files": [{"path": "../config.json", "bytes": 1, "sha256": "0" * 64}]},
        {"files": [{"path": "/etc/passwd", "bytes": 1, "sha256": "0" * 64}]},
        {"files": [{"path": "config.json", "bytes": 1, "sha256": "0" * 63}]},
        {"files": [{"path": "config.json", "bytes": 1}]},
        {"files": [{"path": "config.json", "bytes": -1, "sha256": "0" * 64}]},
        {"files": [{"path": "config.json", "bytes": True, "sha256": "0" * 64}]},
        {"files": 3},
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(BadManifest):
        read_manifest(manifest(tmp_path, {**entry("https://weights.test/tiny"), **changes}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"weights": {}}', '{"weights": ["tiny"]}', "\x00"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "weights.json").write_text(text)
    with pytest.raises(BadManifest):
        weights_of("tiny", tmp_path / "weights.json")


def test_the_command_brings_and_checks(
    tmp_path: Path, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--into", str(tmp_path / "w"), "--manifest", str(manifest(tmp_path, entry(repository.url)))]
    assert main(["check", "tiny", *given]) == 1
    assert "config.json is not there" in capsys.readouterr().err
    assert main(["fetch", *given]) == 0
    assert main(["check", *given]) == 0
    assert main(["fetch", "giant", *given]) == 1
    assert "no weights are called giant; there are tiny" in capsys.readouterr().err


def test_the_projects_manifest_has_the_weights_of_each_engine_that_needs_some() -> None:
    known = read_manifest(MANIFEST)
    assert set(known) == {name for name, engine in OPTIONAL.items() if engine.role is not EngineRole.TRANSLATOR} - {
        "gemini"
    }
    assert {OPTIONAL[name].role for name in known} == {
        EngineRole.DETECTOR,
        EngineRole.READER,
        EngineRole.CLEANER,
    }
    for weights in known.values():
        assert weights.url.startswith("https://")
        # A branch may move: then each file has to be known by what is in it.
        assert len(weights.revision) == 40 or all(file.kind == "sha256" for file in weights.files)
        large = [file for file in weights.files if file.size > 100_000]
        assert large
        assert all(file.kind == "sha256" for file in large)
