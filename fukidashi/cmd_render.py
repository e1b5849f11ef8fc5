"""``fukidashi render``: an edited page document set again on its clean plate. The translator does it, as a process."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from fukidashi.errors import BadInput, NotInstalled
from fukidashi.exit_code import ExitCode

COMMAND: Sequence[str] = (sys.executable, "-m", "translator.render")
PLATES = "plates"
"""``plates/0001.webp`` is the clean plate of ``pages/0001.json``."""
_FORMATS = (".webp", ".png", ".jpg", ".jpeg")
_CODES = {code.value: code for code in (ExitCode.SUCCESS, ExitCode.ERROR, ExitCode.USAGE)}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "render",
        help="set an edited page document again",
        description="Sets the texts of a page document on its clean plate, as the document says now: nothing is "
        "detected, read or translated. Edit translation (with origin user), or pin font, size_px, box or lines in a "
        "region's pinned. Writes the page and its document; without -o, over those beside the document.",
    )
    parser.add_argument("document", type=Path, metavar="PAGE.json")
    parser.add_argument("--plate", type=Path, metavar="IMAGE", help="the clean plate (default: in ../plates)")
    parser.add_argument("-o", "--out", type=Path, metavar="IMAGE", help="the page to write: .webp, .png or .jpg")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Mapping[str, str], command: Sequence[str] = COMMAND) -> ExitCode:
    """Raises :class:`BadInput` for files that are not there, :class:`NotInstalled` without the translator."""
    document: Path = options.document
    if not document.is_file():
        raise BadInput(f"{document}: there is no such file")
    plates = document.absolute().parent.parent / PLATES
    plate = options.plate or _image(plates / document.name)
    if plate is None or not plate.is_file():
        raise BadInput(
            f"{plate or plates / document.stem}: there is no such clean plate (translate --plates keeps them)"
        )
    image = options.out or _image(document) or document.with_suffix(".webp")
    if image.suffix.lower() not in _FORMATS:
        raise BadInput(f"{image}: a page ends in one of {', '.join(_FORMATS)}")
    if find_spec("translator") is None:
        raise NotInstalled("the translator is not installed: pip install 'fukidashi[all]'")
    arguments = [str(path) for path in (document, plate, image)]
    code = _CODES.get(subprocess.run([*command, "--", *arguments], env=dict(environment)).returncode, ExitCode.ERROR)
    if code is ExitCode.SUCCESS:
        sys.stdout.write(f"{image}\n")
    return code


def _image(stem: Path) -> Path | None:
    """The image of that name, whatever its format."""
    return next((path for ending in _FORMATS if (path := stem.with_suffix(ending)).is_file()), None)
