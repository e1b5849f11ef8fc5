"""A chapter as a list of URLs: read from a file, sent as it is, fetched by the server."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from contract.status import PageErrorCode
from fukidashi.errors import BadInput
from fukidashi.source import open_chapter
from tests.fukidashi.command import Cli
from tests.fukidashi.fake_orchestrator import FakeOrchestrator


def listed(tmp_path: Path, text: str | bytes, name: str = "ch 12.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_pages_are_in_the_order_of_the_file_and_have_their_urls_names(tmp_path: Path) -> None:
    path = listed(
        tmp_path,
        "\ufeff# chapter 12\r\n\r\nhttps://a.test/10.png\r\n  https://a.test/x/%E8%A1%A8.jpg?t=secret  \r\nhttps://a.test",
    )
    chapter = open_chapter(path)
    assert chapter.name == "ch 12"
    assert [page.name for page in chapter.pages] == ["10.png", "表.jpg", ""]
    assert [page.url for page in chapter.pages][1] == "https://a.test/x/%E8%A1%A8.jpg?t=secret"
    assert all(page.read is None for page in chapter.pages)
    assert "secret" not in repr(chapter)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("https://a.test/1.png\nftp://a.test/2.png", "line 2 is no http"),
        ("https://a.test/1.png https://a.test/2.png", "line 1 is no http"),
        ("/etc/passwd", "line 1 is no http"),
        ("http://[half", "line 1 is no http"),
        ("https://a.test/" + "x" * 2100, "line 1 is no http"),
        ("", "holds no page"),
        ("# nothing\n\n", "holds no page"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        ("https://a.test/1.png\n" * 1001, "at most 1000"),
    ],
)
def test_what_is_no_list_of_urls_says_where(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        open_chapter(listed(tmp_path, text))


def test_a_token_in_a_url_is_in_no_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        open_chapter(listed(tmp_path, "htp://a.test/1.png?token=secret"))
    assert "secret" not in str(caught.value)


def test_a_list_is_translated_without_an_upload(cli: Cli, fake: FakeOrchestrator, tmp_path: Path) -> None:
    fake.script.failing = {2: PageErrorCode.DOWNLOAD_FAILED}
    path = listed(tmp_path, "https://a.test/1.png\nhttps://a.test/2.png\nhttps://a.test/3.png")
    done = cli.run("translate", path, "-o", "out", "--json")
    assert done.returncode == 3, done.stderr
    assert [page.url for page in fake.job.request.pages] == [f"https://a.test/{n}.png" for n in (1, 2, 3)]
    assert (fake.job.inputs, fake.count("POST", "/jobs/job1/start")) == ({}, 0)
    assert [page["name"] for page in json.loads(done.stdout)["pages"]] == ["1.png", "2.png", "3.png"]
    assert "page 2 (2.png): download_failed" in done.stderr
    with zipfile.ZipFile(tmp_path / "out" / "chapter.cbz") as archive:
        assert archive.namelist() == ["0001.webp", "0003.webp"]
    assert (tmp_path / "out" / "contact_sheet.webp").exists()
