from __future__ import annotations

from pathlib import Path

import pytest

from fukidashi.chapter import chapter_id
from fukidashi.errors import BadInput
from fukidashi.source import open_chapter
from tests.fukidashi.pages import content


def test_a_folder_gives_its_pages_in_natural_order(folder: Path) -> None:
    chapter = open_chapter(folder)
    assert [page.name for page in chapter.pages] == ["p1.png", "p2.png", "p10.png"]
    assert content(chapter.pages[2]) == (folder / "p10.png").read_bytes()
    assert chapter.name == "my chapter"


def test_what_is_no_page_is_skipped_by_name(folder: Path) -> None:
    (folder / "notes.txt").write_text("x")
    (folder / ".DS_Store").write_text("x")
    (folder / "extras").mkdir()
    (folder / "extras" / "1.png").write_bytes(b"x")
    skipped = {skip.name: skip.reason for skip in open_chapter(folder).skipped}
    assert skipped == {
        ".DS_Store": "hidden",
        "extras": "a folder within the chapter's folder",
        "notes.txt": "no image",
    }


@pytest.mark.parametrize("place", ["inside", "above"])
def test_a_memory_beside_or_above_the_pages_is_found_and_is_not_a_skipped_file(folder: Path, place: str) -> None:
    memory = (folder if place == "inside" else folder.parent) / "memory.json"
    memory.write_text("{}")
    chapter = open_chapter(folder)
    assert chapter.memory is not None
    assert chapter.memory.samefile(memory)
    assert chapter.skipped == ()


def test_a_memory_two_levels_up_belongs_to_something_else(folder: Path) -> None:
    (folder.parent / "memory.json").write_text("{}")
    pages = folder / "pages"
    pages.mkdir()
    (folder / "p1.png").rename(pages / "p1.png")
    assert open_chapter(pages).memory is None


def test_pages_in_the_only_subfolder_are_found(tmp_path: Path, folder: Path) -> None:
    book = tmp_path / "book"
    book.mkdir()
    folder.rename(book / "pages")
    (book / "memory.json").write_text("{}")
    chapter = open_chapter(book)
    assert (chapter.name, len(chapter.pages), chapter.memory) == ("book", 3, book / "memory.json")
    assert open_chapter(book / "pages").name == "book"


def test_several_folders_of_pages_are_not_guessed_between(tmp_path: Path, folder: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "1.png").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"several folders of pages \(my chapter, other\)"):
        open_chapter(tmp_path)


def test_a_single_image_is_a_chapter(folder: Path) -> None:
    chapter = open_chapter(folder / "p2.png")
    assert [page.content_type for page in chapter.pages] == ["image/png"]


def test_an_empty_page_is_a_page_that_the_translator_refuses_by_name(folder: Path) -> None:
    (folder / "p3.png").write_bytes(b"")
    assert len(open_chapter(folder).pages) == 4


@pytest.mark.parametrize("name", ["missing", "missing.cbz", "missing.png", "notes.txt"])
def test_what_is_no_chapter_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(BadInput):
        open_chapter(tmp_path / name)


def test_a_folder_without_pages_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(BadInput, match=r"holds no page \(notes.txt: no image\)"):
        open_chapter(tmp_path)


def test_too_many_pages_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    for number in range(1001):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(BadInput, match="1001 pages; a chapter has at most 1000"):
        open_chapter(tmp_path)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("ch-1.2", "ch-1.2"),
        ("Vol. 3", "Vol.-3-"),
        ("第2話", "2-"),
        ("..", "chapter-"),
        ("", "chapter-"),
        ("漫画", "chapter-"),
    ],
)
def test_any_name_becomes_an_id_and_two_names_two_ids(name: str, start: str) -> None:
    assert chapter_id(name).startswith(start)
    assert chapter_id(name) != chapter_id(f"{name}画")
    assert len(chapter_id(name * 100)) <= 128
