"""``fukidashi series`` as a process, against the real orchestrator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.glossary import Glossary, Rendering, Term, TermOrigin, TermStatus
from fukidashi import Client
from fukidashi.tmx import read_tmx
from tests.edge.world import MEMORY, World
from tests.fukidashi.command import Cli
from tests.fukidashi.world_server import KEY, WorldServer

PROPOSED = Term("光", translations={"en": Rendering("Hikaru", TermStatus.PROPOSED, TermOrigin.MODEL)})


@pytest.fixture
def server() -> Iterator[WorldServer]:
    world = World()
    server = WorldServer(world)
    server.start()
    yield server
    server.stop()
    world.close()


@pytest.fixture
def cli(tmp_path: Path, environment: dict[str, str], server: WorldServer) -> Cli:
    return Cli({**environment, "FUKIDASHI_SERVER": server.url, "FUKIDASHI_API_KEY": KEY, "COLUMNS": "60"}, tmp_path)


@pytest.fixture
def client(server: WorldServer) -> Iterator[Client]:
    with Client(server.url, KEY) as client:
        yield client


def terms(client: Client) -> dict[str, Term]:
    return {term.term: term for term in client.get_glossary("s1").glossary.terms}


def test_a_term_is_added_shown_and_removed(cli: Cli, client: Client) -> None:
    added = cli.run("series", "glossary", "add", "s1", "光", "Hikaru", "--kind", "character", "--alias", "ヒカル")
    assert added.returncode == 0, added.stderr
    assert terms(client)["光"].translations["en"] == Rendering("Hikaru")
    listed = cli.run("series", "glossary", "list", "s1")
    assert "Hikaru" in listed.stdout
    assert "accepted" in listed.stdout
    assert cli.run("series", "glossary", "remove", "s1", "光").returncode == 0
    assert cli.run("series", "glossary", "list", "s1").stdout == "no terms\n"


def test_what_a_model_proposed_is_accepted_or_rejected(cli: Cli, client: Client) -> None:
    other = Term("闇", translations=PROPOSED.translations)
    client.merge_terms("s1", (PROPOSED, other))
    shown = cli.run("series", "glossary", "list", "s1", "--status", "proposed", "--json")
    assert [term["term"] for term in json.loads(shown.stdout)["terms"]] == ["光", "闇"]
    assert cli.run("series", "glossary", "reject", "s1", other.id).returncode == 0
    assert cli.run("series", "glossary", "accept", "s1", "--all").returncode == 0
    statuses = {word: term.translations["en"].status for word, term in terms(client).items()}
    assert statuses == {"光": TermStatus.ACCEPTED, "闇": TermStatus.REJECTED}


def test_a_table_goes_out_and_in(cli: Cli, client: Client, tmp_path: Path) -> None:
    client.merge_terms("s1", (PROPOSED,))
    assert cli.run("series", "glossary", "export", "s1", "terms.csv").returncode == 0
    table = (tmp_path / "terms.csv").read_text("utf-8-sig").replace("proposed", "accepted").replace("model", "user")
    (tmp_path / "terms.csv").write_text(table + "夢,other,en,a dream\n", "utf-8")
    done = cli.run("series", "glossary", "import", "s1", "terms.csv")
    assert (done.returncode, done.stdout) == (0, "terms merged: 2\n")
    assert {word: term.translations["en"].text for word, term in terms(client).items()} == {
        "光": "Hikaru",
        "夢": "a dream",
    }
    assert cli.run("series", "glossary", "export", "s1", "terms.json").returncode == 0
    assert Glossary.parse((tmp_path / "terms.json").read_bytes()).terms == client.get_glossary("s1").glossary.terms


def test_a_memory_goes_out_and_in_as_tmx(cli: Cli, client: Client, tmp_path: Path) -> None:
    client.put_memory("s1", MEMORY)
    assert cli.run("series", "memory", "export", "s1", "memory.tmx").returncode == 0
    assert read_tmx((tmp_path / "memory.tmx").read_bytes()).units[0].segments == {"ja": "夢", "en": "a dream"}
    done = cli.run("series", "memory", "import", "s2", "memory.tmx")
    assert done.stdout == "sentences new: 1, changed: 0\n"
    again = cli.run("series", "memory", "import", "s2", "memory.tmx", "--json")
    assert json.loads(again.stdout) == {"schema": 1, "added": 0, "changed": 0, "dropped": 0}
    (entry,) = client.get_memory("s2").document["entries"]
    assert (entry["source"], entry["target"]) == ("夢", "a dream")


def test_a_memory_goes_out_and_in_as_json_with_all_its_languages(cli: Cli, client: Client, tmp_path: Path) -> None:
    client.put_memory("s1", MEMORY)
    client.merge_memory("s1", {**MEMORY, "target": "fr", "entries": [{"source": "夢", "target": "un rêve"}]})
    assert cli.run("series", "memory", "export", "s1", "memory.json").returncode == 0
    assert cli.run("series", "memory", "import", "s2", "memory.json").returncode == 0
    stored = client.get_memory("s2").document
    assert [part["target"] for part in (stored, *stored["also"])] == ["en", "fr"]
    ambiguous = cli.run("series", "memory", "export", "s1", "memory.tmx")
    assert ambiguous.returncode == 2
    assert "ja to en, ja to fr" in ambiguous.stderr
    assert cli.run("series", "memory", "export", "s1", "memory.tmx", "--to", "fr").returncode == 0
    assert read_tmx((tmp_path / "memory.tmx").read_bytes()).units[0].segments["fr"] == "un rêve"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["memory", "import", "s1", "missing.tmx"], "missing.tmx"),
        (["memory", "import", "s1", "evil.tmx"], "entities"),
        (["memory", "import", "s1", "three.tmx"], "--to"),
        (["memory", "import", "s1", "notes.txt"], ".tmx or .json"),
        (["memory", "import", "s1", "bad.json"], "no translation memory"),
        (["glossary", "import", "s1", "bad.json"], "bad.json"),
        (["glossary", "import", "s1", "latin.csv"], "UTF-8"),
        (["glossary", "accept", "s1"], "name a term"),
        (["glossary", "accept", "s1", "光", "--all"], "name a term"),
        (["glossary", "add", "s1", "光", " "], "blank"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_stored(
    cli: Cli, server: WorldServer, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "evil.tmx").write_text('<!DOCTYPE tmx [<!ENTITY a "b">]><tmx/>')
    languages = "".join(f'<tuv xml:lang="{tag}"><seg>x{tag}</seg></tuv>' for tag in ("ja", "en", "fr"))
    (tmp_path / "three.tmx").write_text(f'<tmx><header srclang="ja"/><body><tu>{languages}</tu></body></tmx>')
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "bad.json").write_text('{"schema": 1}')
    (tmp_path / "latin.csv").write_bytes("term\nétoile\n".encode("latin-1"))
    done = cli.run("series", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not [key for key in server.world.platform.bucket.objects if key.startswith("series/")]


def test_a_term_that_is_not_there_is_an_error(cli: Cli) -> None:
    done = cli.run("series", "glossary", "remove", "s1", "光")
    assert done.returncode == 1
    assert "no such term" in done.stderr
