"""``fukidashi render``: an edited page document, set again by the real typesetter."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from contract.document import DocumentRegion, PageDocument
from contract.pinned import BalloonShape
from tests.fukidashi.command import Cli


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """What ``translate --plates`` leaves: a page, its document and its plate."""
    root = tmp_path / "out"
    for folder in ("pages", "plates"):
        (root / folder).mkdir(parents=True)
    balloon = BalloonShape(((40, 40), (260, 40), (260, 300), (40, 300)), (255, 255, 255))
    corners = ((60, 60), (240, 60), (240, 280), (60, 280))
    region = DocumentRegion(
        "r0001", (60, 60, 240, 280), corners, "dialogue", True, 0, "原文", "Hello there.", "model", 0.9,
        policy="translate", handling="translated", balloon=balloon,
    )  # fmt: skip
    (root / "pages" / "0001.json").write_bytes(PageDocument(1, 300, 400, (region,), "ja", "en").to_bytes())
    plate = io.BytesIO()
    Image.new("RGB", (300, 400), (255, 255, 255)).save(plate, "WEBP", lossless=True)
    for folder in ("pages", "plates"):
        (root / folder / "0001.webp").write_bytes(plate.getvalue())
    return root


def edit(out: Path, **changes: object) -> None:
    path = out / "pages" / "0001.json"
    document = json.loads(path.read_text())
    document["regions"][0] |= changes
    path.write_text(json.dumps(document))


def darkest(path: Path) -> int:
    with Image.open(path) as image:
        return min(image.convert("L").tobytes())


def test_an_edited_page_is_written_over_the_old_one_with_its_document(cli: Cli, out: Path) -> None:
    edit(out, translation="Somebody edited this.", origin="user", pinned={"size_px": 15})
    done = cli.run("render", out / "pages" / "0001.json")
    assert (done.returncode, done.stdout.strip()) == (0, str(out / "pages" / "0001.webp")), done.stderr
    assert darkest(out / "pages" / "0001.webp") < 60
    region = PageDocument.parse((out / "pages" / "0001.json").read_bytes()).regions[0]
    assert region.placement is not None
    assert " ".join(region.placement.lines) == "SOMEBODY EDITED THIS."
    assert region.placement.size_px == 15
    assert region.pinned is not None


@pytest.mark.parametrize(("name", "kind"), [("new.png", "PNG"), ("new.jpg", "JPEG"), ("new.webp", "WEBP")])
def test_it_can_be_written_elsewhere(cli: Cli, out: Path, name: str, kind: str) -> None:
    before = (out / "pages" / "0001.webp").read_bytes()
    done = cli.run("render", out / "pages" / "0001.json", "-o", out / name)
    assert done.returncode == 0, done.stderr
    with Image.open(out / name) as image:
        assert image.format == kind
    assert (out / "new.json").is_file()
    assert (out / "pages" / "0001.webp").read_bytes() == before


def test_what_does_not_fit_is_told_and_set(cli: Cli, out: Path) -> None:
    edit(out, translation="Unbelievable", pinned={"size_px": 100})
    done = cli.run("render", out / "pages" / "0001.json")
    assert done.returncode == 0
    assert "does not fit" in done.stderr


def test_a_missing_plate_says_how_to_have_one(cli: Cli, out: Path) -> None:
    (out / "plates" / "0001.webp").unlink()
    done = cli.run("render", out / "pages" / "0001.json")
    assert done.returncode != 0
    assert "--plates" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda out: (out / "pages" / "0001.json").write_text("{}"), "schema"),
        (lambda out: (out / "pages" / "0001.json").write_text("no json"), "JSON"),
        (lambda out: (out / "plates" / "0001.webp").write_bytes(b"no image"), "not_an_image"),
        (lambda out: (out / "plates" / "0001.webp").write_bytes(b""), "empty_page"),
        (lambda out: edit(out, kind="poem"), "poem"),
        (lambda out: edit(out, pinned={"colour": "red"}), "pinned.colour"),
    ],
)
def test_what_cannot_be_rendered_leaves_the_page_as_it_was(cli: Cli, out: Path, damage: object, said: str) -> None:
    assert callable(damage)
    damage(out)
    before = (out / "pages" / "0001.webp").read_bytes()
    done = cli.run("render", out / "pages" / "0001.json")
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert (out / "pages" / "0001.webp").read_bytes() == before


def test_a_document_that_is_not_there_is_named(cli: Cli, out: Path) -> None:
    done = cli.run("render", out / "pages" / "0009.json")
    assert done.returncode != 0
    assert "0009.json" in done.stderr


def test_an_image_of_another_format_is_refused(cli: Cli, out: Path) -> None:
    assert "0001.bmp" in cli.run("render", out / "pages" / "0001.json", "-o", out / "0001.bmp").stderr
