"""``fukidashi jobs`` as a process, against the real orchestrator."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from contract.status import JobStatus, PageErrorCode
from contract.translation import BudgetWish
from contract.view import JobView
from tests.edge.world import CONSUMER, Attempt, World
from tests.fukidashi.command import Cli
from tests.fukidashi.pages import png, webp
from tests.fukidashi.waiting import eventually
from tests.fukidashi.world_server import KEY, WorldServer


@pytest.fixture
def server() -> Iterator[WorldServer]:
    world = World()
    server = WorldServer(world)
    server.start()
    yield server
    server.stop()
    world.close()


@pytest.fixture
def world(server: WorldServer) -> World:
    return server.world


@pytest.fixture
def cli(tmp_path: Path, environment: dict[str, str], server: WorldServer) -> Cli:
    own = {"FUKIDASHI_SERVER": server.url, "FUKIDASHI_API_KEY": KEY, "FUKIDASHI_POLL_S": "0.03", "COLUMNS": "60"}
    return Cli({**environment, **own}, tmp_path)


def begun(world: World, *, pages: int = 3, **asked: Any) -> Attempt:
    """A job that a translator has taken; its pages have names."""
    specs = [{"upload": "image/png", "name": f"p{page}.png"} for page in range(1, pages + 1)]
    job = JobView.parse(world.call("POST", "/jobs", data={"pages": specs, "chapter_id": "ch-1", **asked}).body)
    world.upload(job)
    assert world.call("POST", f"/jobs/{job.id}/start").status == 202
    return Attempt(world, world.orders[-1])


def ended(world: World, *, failed: tuple[int, ...] = (2,), **asked: Any) -> str:
    attempt = begun(world, **asked)
    for page in sorted(attempt.grants):
        finish(attempt, page, failed=page in failed)
    assert attempt.finish().status == 200
    return attempt.job_id


def finish(attempt: Attempt, page: int, *, failed: bool = False) -> None:
    if failed:
        attempt.fail(page, PageErrorCode.STAGE_FAILED)
    else:
        attempt.deliver(page, image=webp())


def carry_through(server: WorldServer, job_id: str, attempt: Attempt, *, failed: tuple[int, ...] = ()) -> None:
    """From now on, each look at the job finds a page more; after the last, its end."""
    left = sorted(attempt.grants)

    def go_on(what: str) -> None:
        if what != f"GET /jobs/{job_id}" or not left:
            return
        finish(attempt, left[0], failed=left.pop(0) in failed)
        if left:
            attempt.heartbeat()
        else:
            attempt.finish()

    server.on_request = go_on


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# list


def test_a_list_shows_the_newest_first_with_their_pages(cli: Cli, world: World) -> None:
    old = ended(world)
    world.platform.clock.forward(1)
    new = world.create().id
    done = cli.run("jobs", "list")
    assert done.returncode == 0, done.stderr
    head, first, second = done.stdout.splitlines()
    assert head.split() == ["job", "status", "done", "failed", "created", "chapter"]
    assert first.startswith(f"{new}  queued ")
    assert second.startswith(f"{old}  partial   2/3       1  ")


def test_a_list_is_cut_at_its_limit_and_says_so(cli: Cli, world: World) -> None:
    made = []
    for _ in range(3):
        made.append(world.create().id)
        world.platform.clock.forward(1)
    done = cli.run("jobs", "list", "--limit", "2")
    assert (made[0] in done.stdout, "there are more: --limit" in done.stdout) == (False, True)
    answer = json.loads(cli.run("jobs", "list", "--limit", "2", "--json").stdout)
    assert ([job["id"] for job in answer["jobs"]], answer["more"]) == (made[:0:-1], True)
    assert json.loads(cli.run("jobs", "list", "--limit", "3", "--json").stdout)["more"] is False


def test_a_list_of_one_status(cli: Cli, world: World) -> None:
    partial = ended(world)
    world.create()
    answer = json.loads(cli.run("jobs", "list", "--status", "partial", "--json").stdout)
    assert [job["id"] for job in answer["jobs"]] == [partial]
    assert cli.run("jobs", "list", "--status", "expired").stdout == "no jobs\n"


# get, cancel, redeliver


def test_a_job_is_shown_with_what_failed_and_its_webhook(cli: Cli, world: World) -> None:
    job_id = ended(world, webhook_url=CONSUMER)
    done = cli.run("jobs", "get", job_id)
    assert done.returncode == 0, done.stderr
    assert "partial: 2 of 3 pages done, 1 failed" in done.stdout
    assert "   2  p2.png  failed  stage_failed: as it says" in done.stdout
    assert f"delivered (event {world.view(job_id).webhook.event_id}, 1 tried)" in done.stdout


def test_a_job_is_canceled(cli: Cli, world: World) -> None:
    attempt = begun(world)
    attempt.heartbeat()
    done = cli.run("jobs", "cancel", attempt.job_id)
    assert (done.returncode, "running (asked to stop)" in done.stdout) == (0, True)
    assert world.view(attempt.job_id).cancel_requested


def test_an_event_is_sent_again_with_its_id_or_without(cli: Cli, world: World) -> None:
    job_id = ended(world, webhook_url=CONSUMER)
    event = world.view(job_id).webhook.event_id
    for arguments in ([], [event]):
        done = cli.run("jobs", "redeliver", job_id, *arguments)
        assert (done.returncode, f"event {event}" in done.stdout) == (0, True), done.stderr
        world.sweep(1)
    assert len(world.deliveries) == 3


def test_a_job_without_a_webhook_has_nothing_to_send(cli: Cli, world: World) -> None:
    done = cli.run("jobs", "redeliver", ended(world))
    assert (done.returncode, "has no webhook" in done.stderr) == (2, True)


# watch


@pytest.mark.parametrize(("failed", "code"), [((), 0), ((2,), 3), ((1, 2, 3), 1)])
def test_watching_ends_as_the_chapter_does(
    cli: Cli, server: WorldServer, world: World, failed: tuple[int, ...], code: int
) -> None:
    attempt = begun(world)
    carry_through(server, attempt.job_id, attempt, failed=failed)
    done = cli.run("jobs", "watch", attempt.job_id)
    assert done.returncode == code, done.stderr
    assert "translating: 1/3 pages" in done.stderr
    assert f"{3 - len(failed)} of 3 pages done" in done.stdout


def test_ctrl_c_leaves_a_watched_job_alone(cli: Cli, server: WorldServer, world: World) -> None:
    attempt = begun(world)
    process = cli.begin("jobs", "watch", attempt.job_id)
    eventually(lambda: len(server.seen) > 8)
    cli.interrupt(process)
    stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout) == (130, "")
    assert f"Job {attempt.job_id} goes on" in stderr
    assert "Traceback" not in stderr
    assert not world.view(attempt.job_id).cancel_requested


# download


def test_a_download_is_what_translate_would_have_left(cli: Cli, world: World, tmp_path: Path) -> None:
    done = cli.run("jobs", "download", ended(world), "-o", "out")
    assert done.returncode == 3, done.stderr
    pages = [f"pages/{page:04d}.{kind}" for page in (1, 3) for kind in ("json", "webp")]
    assert names(tmp_path / "out") == ["chapter.cbz", "contact_sheet.webp", *pages, "result.json"]
    with zipfile.ZipFile(tmp_path / "out" / "chapter.cbz") as archive:
        assert archive.namelist() == ["0001.webp", "0003.webp"]
    assert "page 2 (p2.png): stage_failed: as it says (a retry may help)" in done.stderr


def test_a_download_waits_for_the_end(cli: Cli, server: WorldServer, world: World, tmp_path: Path) -> None:
    attempt = begun(world)
    carry_through(server, attempt.job_id, attempt)
    done = cli.run("jobs", "download", attempt.job_id, "-o", "out", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["status"], result["counts"]["done"]) == ("success", 3)
    assert json.loads((tmp_path / "out" / "result.json").read_bytes()) == result


def test_a_download_that_does_not_wait_takes_what_is_there(cli: Cli, world: World, tmp_path: Path) -> None:
    attempt = begun(world)
    finish(attempt, 1)
    attempt.heartbeat()
    done = cli.run("jobs", "download", attempt.job_id, "-o", "out", "--no-wait")
    assert done.returncode == 3, done.stderr
    assert sorted(path.name for path in (tmp_path / "out" / "pages").iterdir()) == ["0001.json", "0001.webp"]


def test_with_the_originals_the_sheet_shows_before_and_after(
    cli: Cli, world: World, folder: Path, tmp_path: Path
) -> None:
    (folder / "p10.png").rename(folder / "p3.png")
    job_id = ended(world)
    assert cli.run("jobs", "download", job_id, "-o", "alone").returncode == 3
    done = cli.run("jobs", "download", job_id, "-o", "both", "--originals", folder)
    assert done.returncode == 3, done.stderr
    with zipfile.ZipFile(tmp_path / "both" / "chapter.cbz") as archive:
        assert archive.namelist() == ["0001.webp", "0002.untranslated.png", "0003.webp"]
        assert archive.read("0002.untranslated.png") == (folder / "p2.png").read_bytes()
    with (
        Image.open(tmp_path / "alone" / "contact_sheet.webp") as alone,
        Image.open(tmp_path / "both" / "contact_sheet.webp") as both,
    ):
        assert alone.width < both.width


def test_originals_of_another_chapter_are_refused(cli: Cli, world: World, folder: Path, tmp_path: Path) -> None:
    job_id = ended(world)
    named = cli.run("jobs", "download", job_id, "-o", "out", "--originals", folder)
    assert (named.returncode, "pages of other names" in named.stderr) == (2, True)
    (folder / "p11.png").write_bytes(png())
    more = cli.run("jobs", "download", job_id, "-o", "out", "--originals", folder)
    assert (more.returncode, "holds 4 pages and the job 3" in more.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_ctrl_c_leaves_a_downloaded_job_alone(cli: Cli, server: WorldServer, world: World) -> None:
    attempt = begun(world)
    process = cli.begin("jobs", "download", attempt.job_id, "-o", "out")
    eventually(lambda: len(server.seen) > 8)
    cli.interrupt(process)
    _, stderr = process.communicate(timeout=20)
    assert (process.returncode, f"Job {attempt.job_id} goes on" in stderr) == (130, True)
    assert not world.view(attempt.job_id).cancel_requested


# retry


def test_a_retry_names_the_new_job_and_shows_no_token(cli: Cli, world: World) -> None:
    old = ended(world)
    done = cli.run("jobs", "retry", old)
    new = world.view(old).superseded_by
    assert done.returncode == 0, done.stderr
    assert (f"{new}  ch-1" in done.stdout, f"retry of    {old}" in done.stdout) == (True, True)
    assert f"fukidashi jobs download {new} -o OUT" in done.stderr
    answer = json.loads(cli.run("jobs", "retry", old, "--json").stdout)
    assert (answer["id"], "poll_token" in answer, "poll_url" in answer) == (new, False, False)


def test_a_retry_into_a_folder_brings_the_whole_chapter(
    cli: Cli, server: WorldServer, world: World, tmp_path: Path
) -> None:
    old = ended(world)

    def taken(what: str) -> None:
        if what == f"POST /jobs/{old}/retry":
            attempt = Attempt(world, world.orders[-1], worker_id="worker-2")
            carry_through(server, attempt.job_id, attempt)

    server.on_request = taken
    done = cli.run("jobs", "retry", old, "-o", "out")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out" / "pages").glob("*.webp"))) == 3
    assert world.view(str(world.view(old).superseded_by)).status is JobStatus.SUCCESS


def test_a_retry_can_have_another_budget(cli: Cli, world: World) -> None:
    old = ended(world)
    done = cli.run("jobs", "retry", old, "--budget", "cost=0.5,calls=20")
    assert done.returncode == 0, done.stderr
    assert world.orders[-1].options.translation.budget == BudgetWish(cost=0.5, calls=20)


def test_pages_that_a_budget_did_not_reach_are_told_in_one_line(cli: Cli, world: World) -> None:
    attempt = begun(world, pages=5)
    finish(attempt, 1)
    for page in (2, 3, 5):
        attempt.fail(page, PageErrorCode.BUDGET_SPENT)
    finish(attempt, 4, failed=True)
    attempt.finish()
    done = cli.run("jobs", "download", attempt.job_id, "-o", "out")
    assert (done.returncode, done.stderr.count("budget_spent")) == (3, 1), done.stderr
    again = f"(fukidashi jobs retry {attempt.job_id} --budget WHAT=AMOUNT goes on where it ended)"
    assert f"✗ pages 2-3, 5: budget_spent: as it says {again}" in done.stderr
    assert "page 4 (p4.png): stage_failed: as it says" in done.stderr


def test_a_retry_that_another_one_forestalled_names_it(cli: Cli, world: World) -> None:
    old = ended(world, failed=(2, 3))
    assert cli.run("jobs", "retry", old, "--page", "2").returncode == 0
    done = cli.run("jobs", "retry", old, "--page", "3")
    assert done.returncode == 1
    assert f"{old} is retried by {world.view(old).superseded_by}" in done.stderr


def test_nothing_failed_and_nothing_is_retried(cli: Cli, world: World) -> None:
    done = cli.run("jobs", "retry", ended(world, failed=()), "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "conflict")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "--status", "done"], "STATUS"),
        (["list", "--limit", "0"], "no number from 1 on"),
        (["get"], "ID"),
        (["get", " "], "empty"),
        (["download", "job1"], "-o"),
        (["retry", "job1", "--page", "first"], "no number from 1 on"),
        (["retry", "job1", "--originals", "x"], "-o"),
        (["retry", "job1", "--budget", "calls=many"], "NAME=AMOUNT"),
        (["retry", "job1", "--budget", "dollars=1"], "dollars"),
        (["frobnicate"], "invalid choice"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_asks_nobody(
    cli: Cli, server: WorldServer, arguments: list[str], message: str
) -> None:
    done = cli.run("jobs", *arguments)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
    assert server.seen == []


@pytest.mark.parametrize("verb", [["get"], ["watch"], ["download", "-o", "out"], ["cancel"], ["retry"], ["redeliver"]])
def test_a_job_that_there_is_not_is_an_error_that_says_so(cli: Cli, verb: list[str]) -> None:
    done = cli.run("jobs", verb[0], "job_none", *verb[1:])
    assert (done.returncode, "no such job" in done.stderr, done.stdout) == (1, True, "")
    assert not (cli.cwd / "out").exists()


def test_the_key_of_another_owner_sees_nothing(cli: Cli, world: World) -> None:
    job_id = ended(world)
    assert cli.run("jobs", "get", job_id, FUKIDASHI_API_KEY="key-of-b").returncode == 1
    assert cli.run("jobs", "list", FUKIDASHI_API_KEY="key-of-b").stdout == "no jobs\n"
    wrong = cli.run("jobs", "list", FUKIDASHI_API_KEY="wrong-key")
    assert (wrong.returncode, "FUKIDASHI_API_KEY" in wrong.stderr, "wrong-key" in wrong.stderr) == (1, True, False)


@pytest.mark.parametrize(
    ("command", "verb"), [([], "translate   translate a chapter"), (["jobs"], "redeliver   send a")]
)
def test_help_lists_each_verb_on_one_line(cli: Cli, command: list[str], verb: str) -> None:
    assert verb in cli.run(*command, "--help", COLUMNS="100").stdout
