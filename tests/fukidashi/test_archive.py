from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from fukidashi import archive as archive_module
from fukidashi.archive import read_archive
from fukidashi.errors import BadInput
from tests.fukidashi.pages import content, png


def make(path: Path, entries: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def cbz(tmp_path: Path) -> Path:
    return tmp_path / "chapter.cbz"


def skipped(path: Path) -> dict[str, str]:
    return {skip.name: skip.reason for skip in read_archive(path).skipped}


def test_pages_come_in_natural_order_out_of_nested_folders(cbz: Path) -> None:
    make(cbz, {"Ch 10/1.png": b"c", "Ch 2/10.png": b"b", "Ch 2/9.png": b"a"})
    pages = read_archive(cbz).pages
    assert [page.name for page in pages] == ["Ch 2/9.png", "Ch 2/10.png", "Ch 10/1.png"]
    assert [content(page) for page in pages] == [b"a", b"b", b"c"]


def test_comic_info_is_kept_aside(cbz: Path) -> None:
    make(cbz, {"1.png": png(), "ComicInfo.xml": b"<ComicInfo/>"})
    chapter = read_archive(cbz)
    assert (chapter.comic_info, len(chapter.pages), chapter.skipped) == (b"<ComicInfo/>", 1, ())


def test_an_enormous_comic_info_is_left_out_by_name(cbz: Path) -> None:
    make(cbz, {"1.png": png(), "ComicInfo.xml": b"x" * (2**20 + 1)})
    assert read_archive(cbz).comic_info is None
    assert skipped(cbz) == {"ComicInfo.xml": "larger than 1 MiB"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.png", "its path leaves the archive"),
        ("a/../../evil.png", "its path leaves the archive"),
        ("/etc/evil.png", "its path leaves the archive"),
        ("C:/evil.png", "its path leaves the archive"),
        ("..\\evil.png", "its path leaves the archive"),
        ("__MACOSX/._1.png", "hidden"),
        (".hidden/1.png", "hidden"),
        ("a/.1.png", "hidden"),
        ("readme.txt", "no image"),
        ("script.png.exe", "no image"),
    ],
)
def test_what_is_no_page_is_skipped_by_name(cbz: Path, name: str, reason: str) -> None:
    make(cbz, {"1.png": png(), name: png()})
    assert skipped(cbz) == {name: reason}
    assert len(read_archive(cbz).pages) == 1


def test_a_symbolic_link_is_skipped(cbz: Path) -> None:
    make(cbz, {"1.png": png()})
    link = zipfile.ZipInfo("2.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(cbz, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert skipped(cbz) == {"2.png": "a symbolic link"}


def test_a_page_that_unpacks_to_too_much_is_skipped_after_a_bounded_read(
    cbz: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "MAX_PAGE_BYTES", 2**20)
    make(cbz, {"1.png": png(), "bomb.png": bytes(8 * 2**20)})
    assert skipped(cbz) == {"bomb.png": "unpacks to more than 1 MiB"}


def test_an_archive_that_unpacks_to_too_much_is_refused(cbz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MAX_TOTAL_BYTES", 2**30)
    make(cbz, {f"{number}.png": bytes(50 * 2**20) for number in range(3)})
    monkeypatch.setattr(archive_module, "MAX_TOTAL_BYTES", 100 * 2**20)
    with pytest.raises(BadInput, match="unpacks to more than"):
        read_archive(cbz)


def test_a_claimed_size_is_not_believed(cbz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory says 10 bytes; the data are a bomb."""
    make(cbz, {"bomb.png": bytes(4 * 2**20)})
    content = bytearray(cbz.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 10)
    cbz.write_bytes(bytes(content))
    monkeypatch.setattr(archive_module, "MAX_PAGE_BYTES", 2**20)
    with pytest.raises(BadInput, match="holds no page"):
        read_archive(cbz)


def test_too_many_entries_are_refused(cbz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MAX_ENTRIES", 3)
    make(cbz, {f"{number}.txt": b"" for number in range(4)})
    with pytest.raises(BadInput, match="4 entries"):
        read_archive(cbz)


def test_a_damaged_page_is_skipped_and_the_others_stay(cbz: Path) -> None:
    make(cbz, {"1.png": b"a" * 1000, "2.png": b"b" * 1000}, compression=zipfile.ZIP_STORED)
    content = bytearray(cbz.read_bytes())
    content[content.index(b"b" * 100) + 10] ^= 0xFF
    cbz.write_bytes(bytes(content))
    assert "2.png" in skipped(cbz)
    assert [page.name for page in read_archive(cbz).pages] == ["1.png"]


def test_an_encrypted_page_is_skipped(cbz: Path) -> None:
    make(cbz, {"1.png": png(), "2.png": b"secret"})
    content = bytearray(cbz.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(signature) + offset] |= 1
    cbz.write_bytes(bytes(content))
    assert "encrypted" in skipped(cbz)["2.png"]


def test_of_two_entries_of_one_name_the_later_one_counts(cbz: Path) -> None:
    make(cbz, {"1.png": b"old"})
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(cbz, "a") as archive:
        archive.writestr("1.png", b"new")
    assert [content(page) for page in read_archive(cbz).pages] == [b"new"]
    assert skipped(cbz) == {"1.png": "stands in the archive twice; the later one is used"}


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(100)])
def test_what_is_no_archive_or_an_empty_one_is_refused(cbz: Path, content: bytes) -> None:
    cbz.write_bytes(content)
    with pytest.raises(BadInput):
        read_archive(cbz)


def test_an_archive_that_vanishes_after_it_was_opened_is_an_error_of_ours(cbz: Path) -> None:
    page = read_archive(make(cbz, {"1.png": png()})).pages[0]
    cbz.unlink()
    with pytest.raises(BadInput, match="can no longer be read"):
        content(page)
