"""``fukidashi eval`` as a process: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import time
from argparse import Namespace
from pathlib import Path

import psutil
import pytest

from fukidashi import cmd_eval
from fukidashi.errors import BadInput, NotInstalled
from fukidashi.exit_code import ExitCode
from tests.fukidashi.command import Cli

SAMPLE = Path(__file__).parents[2] / "sample" / "chapter"


@pytest.fixture
def one_page(tmp_path: Path) -> Path:
    """The sample's fourth page, the one with the fewest texts, with its truth."""
    folder = tmp_path / "pages of one chapter"
    (folder / "pages").mkdir(parents=True)
    shutil.copy(SAMPLE / "pages" / "0004.png", folder / "pages" / "0004.png")
    pages = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["pages"]
    truth = {"schema": 1, "pages": [page for page in pages if page["page"] == 4]}
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return folder


def options(folder: Path, **changes: object) -> Namespace:
    given = {"html": None, "json": False, "every": 1, "book": None, "source": "ja", "direction": "auto", "alone": 0}
    given |= {
        "clean": False,
        "typeset": False,
        "translate": False,
        "end_to_end": False,
        "glossary": None,
        "target": "en",
    }
    return Namespace(folder=folder, **{**given, "min": [], "max": [], **changes})


def test_a_page_is_measured_and_figures_report_and_progress_each_go_to_their_place(cli: Cli, one_page: Path) -> None:
    report = one_page / "report.html"
    done = cli.run("eval", one_page, "--json", "--html", report, "--alone", "0", "--min", "f1=0.2", THREADS="2")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    assert document["name"] == one_page.name
    assert document["pages"] == 1
    assert document["figures"]["f1"]["value"] >= 0.2
    assert "1/1 pages" in done.stderr
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_broken_limit_is_exit_1_with_the_table_and_the_reason(cli: Cli, one_page: Path) -> None:
    done = cli.run("eval", one_page, "--alone", "1", "--max", "seconds_alone=0", "--min", "panels_f1=0", THREADS="2")
    assert done.returncode == 1
    assert "text blocks, F1 at IoU ≥ 0.5" in done.stdout
    assert "seconds_alone is" in done.stderr
    assert "panels_f1" not in done.stderr


@pytest.mark.parametrize(
    ("measure", "limit"), [("clean", ["--max", "text_left=0"]), ("typeset", ["--max", "ink_outside=0"])]
)
def test_cleaning_and_typesetting_are_measured_with_their_own_figures(
    cli: Cli, one_page: Path, measure: str, limit: list[str]
) -> None:
    shutil.copy(SAMPLE / "memory.json", one_page / "memory.json")
    sheet = one_page / "sheet.html"
    done = cli.run("eval", f"--{measure}", one_page, "--json", "--html", sheet, *limit, THREADS="2")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["pages"] == len(document["cleaning" if measure == "clean" else "typesetting"]["pages"]) == 1
    assert f"seconds_{measure}" in document["figures"]
    assert sheet.read_text(encoding="utf-8").count("<img") == 2


def test_typesetting_without_translations_is_exit_2(cli: Cli, one_page: Path) -> None:
    done = cli.run("eval", "--typeset", one_page)
    assert done.returncode == 2
    assert "memory.json" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--clean", "--typeset"], "not allowed with argument"),
        (["--clean", "--min", "f1=1"], "no figure 'f1'"),
        (["--book", "another"], "no book 'another'"),
        (["--min", "f2=1"], "no figure 'f2'"),
        (["--max", "f1"], "is not NAME=VALUE"),
        (["--max", "seconds_alone=1", "--alone", "0"], "no figure 'seconds_alone'"),
        (["--every", "0"], "is not 1 or more"),
        (["--alone", "-1"], "is no whole number"),
        (["--direction", "up"], "invalid choice"),
        (["--source", "th"], "th"),
        (["--html", "no/such/folder/report.html"], "no file can be written there"),
    ],
)
def test_what_cannot_be_done_is_exit_2_at_once(cli: Cli, one_page: Path, arguments: list[str], reason: str) -> None:
    done = cli.run("eval", one_page, *arguments)
    assert done.returncode == 2, done.stderr
    assert reason in done.stderr
    assert done.stdout == ""


def test_a_page_that_is_no_image_is_exit_2_and_named(cli: Cli, one_page: Path) -> None:
    (one_page / "pages" / "0004.png").write_bytes(b"")
    done = cli.run("eval", one_page, "--alone", "0")
    assert done.returncode == 2
    assert "0004.png: empty_page" in done.stderr


def test_a_folder_without_annotation_is_exit_2_also_as_json(cli: Cli, tmp_path: Path) -> None:
    done = cli.run("eval", tmp_path / "nowhere", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == BadInput.code


def test_without_the_translators_packages_it_says_what_to_install(
    one_page: Path, cli: Cli, capfd: pytest.CaptureFixture[str]
) -> None:
    # -S leaves out the installed packages, as an environment without them would.
    command = [sys.executable, "-S", "-m", "translator.evaluation"]
    assert cmd_eval.run(options(one_page), cli.environment, command) is ExitCode.ERROR
    assert "pip install" in capfd.readouterr().err


def test_without_the_translator_it_is_our_error(one_page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cmd_eval, "find_spec", lambda _name: None)
    with pytest.raises(NotInstalled, match="pip install"):
        cmd_eval.run(options(one_page), {})


@pytest.mark.parametrize(("status", "code"), [(0, 0), (1, 1), (2, 2), (130, 130), (3, 1), (137, 1)])
def test_the_measuring_process_decides_the_exit_code(one_page: Path, status: int, code: int) -> None:
    command = [sys.executable, "-c", f"raise SystemExit({status})"]
    assert cmd_eval.run(options(one_page), {}, command) == code


def test_values_that_look_like_options_stay_values(one_page: Path, tmp_path: Path) -> None:
    out = tmp_path / "arguments.json"
    script = f"import json, sys; json.dump(sys.argv[1:], open({str(out)!r}, 'w'))"
    cmd_eval.run(options(one_page, book="--json", min=["f1=1"]), {"THREADS": "3"}, [sys.executable, "-c", script])
    given = json.loads(out.read_text())
    assert "--book=--json" in given
    assert "--threads=3" in given
    assert given[-2:] == ["--", str(one_page)]


def test_ctrl_c_leaves_no_process_behind(cli: Cli, one_page: Path) -> None:
    process = cli.begin("eval", one_page)
    children: list[psutil.Process] = []
    for _ in range(600):
        children = psutil.Process(process.pid).children(recursive=True)
        if len(children) == 2:
            break
        time.sleep(0.05)
    assert len(children) == 2, "the guard and what it guards"
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    psutil.wait_procs(children, timeout=10)
    assert not [child for child in children if child.is_running()]
    process.communicate()
