"""``python -m translator.render DOCUMENT PLATE IMAGE``; what ``fukidashi render`` starts.

Sets an edited page document on its clean plate, writes the image, and the document with where each text now stands.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from contract.document import PageDocument
from contract.errors import BadMessage
from contract.image_format import ImageFormat
from translator.config import ConfigError, fonts_folder
from translator.pipeline.fonts import FontBook, FontBookError
from translator.pipeline.pages import PageOutcome
from translator.pipeline.protocols import StageError
from translator.pipeline.render import render_page
from translator.pipeline.typeset import BalloonTypesetter

EXIT_FAILED, EXIT_USAGE = 1, 2


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> int:
    """The exit code: 0, 1 where the page cannot be rendered, 2 for files that cannot be read or written."""
    parser = argparse.ArgumentParser(prog="translator.render", description=__doc__)
    parser.add_argument("document", type=Path)
    parser.add_argument("plate", type=Path)
    parser.add_argument("image", type=Path, help="its ending says the format: .webp, .png or .jpg")
    parser.add_argument("--out-document", type=Path, help="where the new document goes (default: beside the image)")
    options = parser.parse_args(arguments)
    try:
        done = _render(options, os.environ if environment is None else environment)
        _write(options, done)
    except (OSError, ConfigError, FontBookError) as error:
        return _fail(str(error), EXIT_USAGE)
    except (BadMessage, StageError) as error:
        return _fail(str(error), EXIT_FAILED)
    sys.stderr.writelines(f"warning: {warning}\n" for warning in done.document.warnings)
    return 0


def _render(options: argparse.Namespace, environment: Mapping[str, str]) -> PageOutcome:
    document = PageDocument.parse(options.document.read_bytes())
    typesetter = BalloonTypesetter(FontBook(fonts_folder(environment)))
    return render_page(document, options.plate.read_bytes(), typesetter, image_format=_format(options.image))


def _format(image: Path) -> ImageFormat:
    wanted = image.suffix.lower().removeprefix(".").replace("jpeg", "jpg")
    if wanted not in {member.value for member in ImageFormat}:
        raise BadMessage("image", f"{image.name} ends in none of .webp, .png, .jpg")
    return ImageFormat(wanted)


def _write(options: argparse.Namespace, done: PageOutcome) -> None:
    image = options.image.with_suffix(f".{done.image_format.value}")
    replace_file(image, done.image)
    replace_file(options.out_document or image.with_suffix(".json"), done.document.to_bytes())


def replace_file(path: Path, content: bytes) -> None:
    """Whole or not at all. Raises ``OSError``."""
    handle, part = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(part).chmod(0o644)
        Path(part).replace(path)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
