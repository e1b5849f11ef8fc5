"""Where paid translations are kept: both stores hold to one suite."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.llm_server import ModelServer
from tests.support.llm_wire import english
from tests.translator.translation.jobs import DICT, LINES, endpoint, job, loaded, page
from translator.translation.decided import Decisions, FileDecisions, MemoryDecisions
from translator.translation.style import StyleBook

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture(params=["memory", "files"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Decisions:
    return MemoryDecisions() if request.param == "memory" else FileDecisions(tmp_path / "store")


def test_nothing_is_there_at_first(store: Decisions) -> None:
    assert store.get(KEY) == {}


def test_what_is_put_is_got_under_its_own_key(store: Decisions) -> None:
    store.put(KEY, {0: "Hi!", 3: "Ваш ход. 你好"})
    assert store.get(KEY) == {0: "Hi!", 3: "Ваш ход. 你好"}
    assert store.get(OTHER) == {}


def test_answers_add_up_and_later_ones_win(store: Decisions) -> None:
    store.put(KEY, {0: "Hi!"})
    store.put(KEY, {1: "You."})
    store.put(KEY, {0: "Hello!"})
    assert store.get(KEY) == {0: "Hello!", 1: "You."}


def test_memory_forgets_the_pages_that_were_used_least_lately() -> None:
    store = MemoryDecisions(most=2)
    for key in ("a" * 64, "b" * 64):
        store.put(key, {0: "Hi!"})
    store.get("a" * 64)
    store.put("c" * 64, {0: "Hi!"})
    assert [bool(store.get(letter * 64)) for letter in "abc"] == [True, False, True]


def test_what_is_got_is_a_copy(store: Decisions) -> None:
    store.put(KEY, {0: "Hi!"})
    dict(store.get(KEY)).clear()
    assert store.get(KEY) == {0: "Hi!"}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", b'{"schema": 9}', b'{"schema": 1, "answers": {"x": "y"}}']
)
def test_a_file_that_is_spoilt_counts_as_none_and_is_written_anew(tmp_path: Path, content: bytes) -> None:
    store = FileDecisions(tmp_path)
    store.put(KEY, {0: "Hi!"})
    (path,) = tmp_path.rglob("*.json")
    path.write_bytes(content)
    assert store.get(KEY) == {}
    store.put(KEY, {1: "You."})
    assert store.get(KEY) == {1: "You."}


def test_no_half_written_file_is_left(tmp_path: Path) -> None:
    store = FileDecisions(tmp_path)
    store.put(KEY, {0: "Hi!"})
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".json"]
    assert json.loads(next(tmp_path.rglob("*.json")).read_text())["answers"] == {"0": "Hi!"}


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_a_key_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        FileDecisions(tmp_path).get(key)


def test_a_store_that_cannot_be_written_costs_no_page(tmp_path: Path, gemini: ModelServer) -> None:
    with loaded(endpoint(gemini), store=tmp_path / "store") as translation:
        (tmp_path / "store").rmdir()
        (tmp_path / "store").write_text("a file where the folder was")
        found = job(translation).translator.translate(page(*LINES))
    assert found[0].text == english(LINES[0])


def test_another_prompt_is_another_question(gemini: ModelServer, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(DICT, tmp_path / "dict"))
    path = changed / "languages" / "en.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n- One more rule.", encoding="utf-8")
    assert StyleBook.load(changed).style(source="ja", target="en").system.endswith("One more rule.")
    for folder in (DICT, DICT, changed):
        with loaded(endpoint(gemini), dict_dir=folder, store=tmp_path / "store") as translation:
            job(translation).translator.translate(page(*LINES))
    assert len(gemini.calls) == 2
