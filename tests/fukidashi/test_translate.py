"""``fukidashi translate`` as a process, against the fake orchestrator."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from contract.job import Options
from contract.status import JobStatus, PageErrorCode
from contract.translation import BudgetWish, Context, TranslationWish
from tests.fukidashi.command import Cli
from tests.fukidashi.fake_orchestrator import API_KEY, FakeOrchestrator
from tests.fukidashi.pages import png
from tests.fukidashi.waiting import eventually

MEMORY = {"schema": 1, "source": "ja", "target": "en", "entries": [{"source": "夢", "target": "a dream"}]}


def test_a_folder_becomes_pages_documents_an_archive_and_a_contact_sheet(
    cli: Cli, fake: FakeOrchestrator, folder: Path, tmp_path: Path
) -> None:
    done = cli.run("translate", folder, "-o", "out")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    pages = [f"pages/{n:04d}.{kind}" for n in (1, 2, 3) for kind in ("json", "webp")]
    assert names == ["chapter.cbz", "contact_sheet.webp", *pages, "result.json"]
    assert [fake.job.inputs[n] for n in (1, 2, 3)] == [(folder / f"p{n}.png").read_bytes() for n in (1, 2, 10)]
    assert [page.name for page in fake.job.request.pages] == ["p1.png", "p2.png", "p10.png"]
    with zipfile.ZipFile(out / "chapter.cbz") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["0001.webp", "0002.webp", "0003.webp"]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    with Image.open(out / "contact_sheet.webp") as sheet:
        assert sheet.width > 1000


def test_options_reach_the_job(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    options = ["--source", "zh-Hant", "--target", "fr", "--direction", "webtoon", "--series", "s1"]
    done = cli.run(
        "translate", folder, "-o", "out", *options, "--chapter-id", "c9", "--webhook", "https://app.test/hook"
    )
    assert done.returncode == 0, done.stderr
    request = fake.job.request
    assert (request.source, request.target, request.reading_direction.value) == ("zh-Hant", "fr", "webtoon")
    assert (request.series_id, request.chapter_id, request.webhook_url) == ("s1", "c9", "https://app.test/hook")


def test_policies_and_engines_reach_the_job(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    options = ["--policy", "sfx=annotate", "--policy", "sign=translate,page_number=erase", "--reader", "manga-ocr"]
    options += ["--cleaner", "lama"]
    done = cli.run("translate", folder, "-o", "out", *options, "--detector", "comic-detr")
    assert done.returncode == 0, done.stderr
    asked = fake.job.request.options
    assert asked.policies.to_json() == {"sfx": "annotate", "sign": "translate", "page_number": "erase"}
    assert (asked.reader, asked.detector, asked.cleaner) == ("manga-ocr", "comic-detr", "lama")


def test_what_a_model_is_asked_reaches_the_job(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    options = ["--translator", "openai", "--context-pages", "5", "--context", "source", "--pages-per-call", "4"]
    options += ["--style", "literal", "--style", "keep-honorifics", "--budget", "cost=0.25,calls=12"]
    done = cli.run("translate", folder, "-o", "out", *options)
    assert done.returncode == 0, done.stderr
    asked = fake.job.request.options
    budget = BudgetWish(cost=0.25, calls=12)
    assert asked.translator == "openai"
    assert asked.translation == TranslationWish(5, Context.SOURCE, 4, ("literal", "keep-honorifics"), budget)


def test_without_them_the_server_chooses(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    cli.run("translate", folder, "-o", "out")
    assert fake.job.request.options == Options()


def test_json_is_one_document_on_stdout_and_nothing_else(cli: Cli, folder: Path, tmp_path: Path) -> None:
    done = cli.run("translate", folder, "-o", "out", "--json")
    result = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert (result["status"], result["counts"]["done"]) == ("success", 3)
    assert [page["name"] for page in result["pages"]] == ["p1.png", "p2.png", "p10.png"]
    assert (tmp_path / "out" / result["pages"][2]["image"]).is_file()
    assert json.loads((tmp_path / "out" / "result.json").read_bytes()) == result
    assert "3/3 pages" in done.stderr


def test_a_failed_page_makes_it_partial_and_is_named_with_its_code(
    cli: Cli, fake: FakeOrchestrator, folder: Path, tmp_path: Path
) -> None:
    fake.script.failing = {2: PageErrorCode.TRUNCATED_IMAGE}
    done = cli.run("translate", folder, "-o", "out")
    assert done.returncode == 3
    assert "page 2 (p2.png): truncated_image: what is wrong with it" in done.stderr
    with zipfile.ZipFile(tmp_path / "out" / "chapter.cbz") as archive:
        assert archive.namelist() == ["0001.webp", "0002.untranslated.png", "0003.webp"]
    assert json.loads((tmp_path / "out" / "result.json").read_bytes())["pages"][1]["image"] is None


def test_a_failed_page_that_is_no_image_is_not_in_the_archive(
    cli: Cli, fake: FakeOrchestrator, folder: Path, tmp_path: Path
) -> None:
    (folder / "p2.png").write_bytes(b"no image")
    fake.script.failing = {2: PageErrorCode.NOT_AN_IMAGE}
    assert cli.run("translate", folder, "-o", "out").returncode == 3
    with zipfile.ZipFile(tmp_path / "out" / "chapter.cbz") as archive:
        assert archive.namelist() == ["0001.webp", "0003.webp"]


@pytest.mark.parametrize("end", [JobStatus.ERROR, JobStatus.CANCELED, JobStatus.EXPIRED])
def test_a_chapter_that_came_to_nothing_is_an_error(
    cli: Cli, fake: FakeOrchestrator, folder: Path, tmp_path: Path, end: JobStatus
) -> None:
    fake.script.end = end
    done = cli.run("translate", folder, "-o", "out", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == end.value
    assert not (tmp_path / "out" / "chapter.cbz").exists()


def test_glosses_overflows_and_skipped_files_are_told_at_the_end(
    cli: Cli, fake: FakeOrchestrator, folder: Path
) -> None:
    fake.script.origins = ("memory", "gloss", "kept_source")
    fake.script.overflow = True
    (folder / "notes.txt").write_text("x")
    done = cli.run("translate", folder, "-o", "out")
    assert "3 texts are only a word-by-word gloss, no translation (pages 1-3)" in done.stderr
    assert "3 texts were not translated (pages 1-3)" in done.stderr
    assert "9 texts do not fit the space (pages 1-3)" in done.stderr
    assert "skipped notes.txt: no image" in done.stderr
    assert "9 texts: 3 from the translation memory, 3 word-by-word gloss only, 3 left as they were" in done.stdout


def test_quiet_tells_only_what_went_wrong(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    fake.script.failing = {1: PageErrorCode.TIMEOUT}
    done = cli.run("translate", folder, "-o", "out", "--quiet")
    assert done.stdout == ""
    assert done.stderr.splitlines() == ["✗ page 1 (p1.png): timeout: what is wrong with it (a retry may help)"]


def test_a_memory_beside_the_pages_is_used_and_said_to_be(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    (folder / "memory.json").write_text(json.dumps(MEMORY))
    done = cli.run("translate", folder, "-o", "out")
    assert f"Translation memory: {folder / 'memory.json'} (found with the pages" in done.stderr
    ((series, stored),) = fake.memories.items()
    assert (fake.job.request.series_id, json.loads(stored)) == (series, MEMORY)


def test_a_memory_can_be_left_out(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    (folder / "memory.json").write_text("{}")
    assert cli.run("translate", folder, "-o", "out", "--no-memory").returncode == 0
    assert (fake.memories, fake.job.request.series_id) == ({}, None)


def test_a_series_memory_is_not_lost_unasked(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    years = [{"source": "星", "target": "a star"}, {"source": "夢", "target": "dream"}]
    fake.memories["s1"] = json.dumps({**MEMORY, "entries": years}).encode()
    (folder / "memory.json").write_text(json.dumps(MEMORY))
    assert cli.run("translate", folder, "-o", "out", "--series", "s1").returncode == 0
    merged = json.loads(fake.memories["s1"])["entries"]
    assert [(entry["source"], entry["target"]) for entry in merged] == [("星", "a star"), ("夢", "a dream")]
    assert cli.run("translate", folder, "-o", "out", "--series", "s1", "--replace-memory").returncode == 0
    assert json.loads(fake.memories["s1"]) == MEMORY


def test_a_file_that_is_no_memory_costs_no_upload(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    (folder / "memory.json").write_text('{"schema": 1, "source": "ja", "target": "en", "entries": [{"source": "a"}]}')
    done = cli.run("translate", folder, "-o", "out")
    assert done.returncode == 2
    assert "entries[0].target" in done.stderr
    assert fake.jobs == {}


def test_comic_info_goes_into_the_archive_with_the_new_language(cli: Cli, folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.cbz", "w") as archive:
        archive.writestr("1.png", png())
        archive.writestr("ComicInfo.xml", "<ComicInfo><LanguageISO>ja</LanguageISO><Manga>Yes</Manga></ComicInfo>")
    assert cli.run("translate", "in.cbz", "-o", "out").returncode == 0
    with zipfile.ZipFile(tmp_path / "out" / "chapter.cbz") as archive:
        info = archive.read("ComicInfo.xml").decode()
    assert info == "<ComicInfo><LanguageISO>en</LanguageISO><Manga>Yes</Manga></ComicInfo>"


def test_the_servers_503_is_waited_out(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    fake.script.not_ready = 2
    assert cli.run("translate", folder, "-o", "out").returncode == 0


def test_a_page_that_is_not_of_the_promised_format_is_an_error(
    cli: Cli, fake: FakeOrchestrator, folder: Path, tmp_path: Path
) -> None:
    fake.script.artifact = b"<html>"
    done = cli.run("translate", folder, "-o", "out", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "bad_answer"
    assert not list((tmp_path / "out" / "pages").glob("*.webp"))


def test_an_unreadable_page_document_is_a_warning_not_a_loss(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    fake.script.document = b'{"schema": 2}'
    done = cli.run("translate", folder, "-o", "out")
    assert done.returncode == 0
    assert "page 1: its document is not readable" in done.stderr


def test_ctrl_c_cancels_the_job_on_the_server(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    fake.script.never_ends = True
    process = cli.begin("translate", folder, "-o", "out", "--json")
    eventually(lambda: fake.count("GET", "/jobs/job1") > 2)
    cli.interrupt(process)
    stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert fake.job.canceled
    assert "canceling job job1" in stderr
    assert "Job job1 is canceled." in stderr
    assert "Traceback" not in stderr
    assert json.loads(stdout)["status"] == "canceled"


def test_sigterm_cancels_the_job_as_well(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    fake.script.never_ends = True
    process = cli.begin("translate", folder, "-o", "out")
    eventually(lambda: fake.count("GET", "/jobs/job1") > 1)
    process.terminate()
    process.communicate(timeout=20)
    assert (process.returncode, fake.job.canceled) == (130, True)


def test_a_second_ctrl_c_quits_at_once(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    fake.script.never_ends = True
    process = cli.begin("translate", folder, "-o", "out")
    eventually(lambda: fake.count("GET", "/jobs/job1") > 1)
    with fake.lock:  # the server hangs: the cancel does not come back
        cli.interrupt(process)
        assert process.stderr is not None
        eventually(lambda: "again to quit" in process.stderr.readline())  # type: ignore[union-attr]
        cli.interrupt(process)
        process.wait(timeout=10)
    process.communicate()
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing", "-o", "out"], "no such file"),
        (["{folder}", "-o", "{folder}/p1.png"], "not a folder"),
        (["{folder}", "-o", "out", "--chapter-id", "../up"], "chapter_id"),
        (["{folder}", "-o", "out", "--source", "Japanese!"], "BCP 47"),
        (["{folder}", "-o", "out", "--memory", "missing.json"], "missing.json"),
        (["{folder}", "-o", "out", "--memory", "{folder}/p1.png"], "no translation memory"),
        (["{folder}", "-o", "out", "--webhook", "file:///etc"], "webhook_url"),
        (["{folder}", "-o", "out", "--server", "localhost"], "no http(s) URL"),
        (["{folder}", "-o", "out", "--format", "gif"], "invalid choice"),
        (["{folder}", "-o", "out", "--policy", "sfx=loud"], "translate, keep, erase, annotate"),
        (["{folder}", "-o", "out", "--policy", "noise=keep"], "known are dialogue"),
        (["{folder}", "-o", "out", "--policy", "sfx"], "KIND=POLICY"),
        (["{folder}", "-o", "out", "--budget", "20"], "NAME=AMOUNT"),
        (["{folder}", "-o", "out", "--budget", "calls=1.5"], "budget.calls"),
        (["{folder}", "-o", "out", "--context-pages", "11"], "between 0 and 10"),
        (["{folder}", "-o", "out", "--pages-per-call", "0"], "between 1 and 8"),
        (["{folder}", "-o", "out", "--style", "../x"], "styles[0]"),
        (["{folder}"], "required: -o"),
        (["{folder}", "-o", "out", "--memory", "{folder}/p1.png", "--no-memory"], "contradict"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_creates_no_job(
    cli: Cli, fake: FakeOrchestrator, folder: Path, arguments: list[str], message: str
) -> None:
    done = cli.run("translate", *(argument.format(folder=folder) for argument in arguments))
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert fake.jobs == {}


def test_the_originals_are_never_written_over(cli: Cli, folder: Path, tmp_path: Path) -> None:
    book = tmp_path / "book"
    book.mkdir()
    folder.rename(book / "pages")
    before = {path.name: path.read_bytes() for path in (book / "pages").iterdir()}
    for source in (book, book / "pages"):
        done = cli.run("translate", source, "-o", book)
        assert done.returncode == 2
    assert {path.name: path.read_bytes() for path in (book / "pages").iterdir()} == before


def test_a_second_run_leaves_no_page_of_the_first(cli: Cli, folder: Path, tmp_path: Path) -> None:
    assert cli.run("translate", folder, "-o", "out").returncode == 0
    (folder / "p10.png").unlink()
    assert cli.run("translate", folder, "-o", "out").returncode == 0
    assert sorted(path.name for path in (tmp_path / "out" / "pages").glob("*.webp")) == ["0001.webp", "0002.webp"]


def test_the_key_is_printed_nowhere_even_if_it_is_wrong(cli: Cli, folder: Path, tmp_path: Path) -> None:
    done = cli.run("translate", folder, "-o", "out", "--json", FUKIDASHI_API_KEY="fk_wrong_key")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "unauthorized"
    assert "FUKIDASHI_API_KEY" in done.stderr
    everything = done.stdout + done.stderr + (tmp_path / "out" / "result.json").read_text()
    assert "fk_wrong_key" not in everything
    assert API_KEY not in everything


def test_a_server_that_is_not_there_is_an_error_without_a_traceback(cli: Cli, folder: Path) -> None:
    done = cli.run("translate", folder, "-o", "out", "--server", "http://127.0.0.1:9", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "connection_failed"


def test_jobs_shows_and_cancels(cli: Cli, fake: FakeOrchestrator, folder: Path) -> None:
    fake.script.failing = {2: PageErrorCode.POISON}
    cli.run("translate", folder, "-o", "out")
    shown = cli.run("jobs", "get", "job1")
    assert (shown.returncode, "poison: what is wrong" in shown.stdout) == (0, True)
    assert json.loads(cli.run("jobs", "get", "job1", "--json").stdout)["status"] == "partial"
    assert cli.run("jobs", "cancel", "job1").returncode == 0
    assert fake.job.canceled
    unknown = cli.run("jobs", "get", "job9")
    assert (unknown.returncode, "no such job" in unknown.stderr) == (1, True)


def test_jobs_without_any_server_is_wrong_usage(cli: Cli) -> None:
    done = cli.run("jobs", "get", "job1", FUKIDASHI_SERVER="")
    assert (done.returncode, "no local stack runs" in done.stderr) == (2, True)


def test_the_version_is_told(cli: Cli) -> None:
    assert cli.run("--version").stdout == "fukidashi 0.1.0\n"


def test_an_interrupted_run_can_be_repeated_into_the_same_folder(
    cli: Cli, fake: FakeOrchestrator, folder: Path, tmp_path: Path
) -> None:
    fake.script.never_ends = True
    process = cli.begin("translate", folder, "-o", "out")
    eventually(lambda: (tmp_path / "out" / "pages" / "0001.webp").exists())
    cli.interrupt(process)
    process.communicate(timeout=20)
    fake.script.never_ends = False
    assert cli.run("translate", folder, "-o", "out").returncode == 0


def test_a_folder_that_is_not_ours_is_refused(cli: Cli, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "pages").mkdir(parents=True)
    shutil.copy(folder / "p1.png", tmp_path / "out" / "pages" / "0001.png")
    done = cli.run("translate", folder, "-o", "out")
    assert (done.returncode, "no run of ours" in done.stderr) == (2, True)
