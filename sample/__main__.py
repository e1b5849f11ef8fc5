"""``python -m sample OUT_DIR`` draws the sample into ``OUT_DIR/chapter`` and its strip into ``OUT_DIR/webtoon``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sample.chapter import chapters, write_chapter
from sample.errors import SampleError


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 where a page could not be drawn or written."""
    parser = argparse.ArgumentParser(prog="python -m sample", description="Draws the sample chapter.")
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    out: Path = parser.parse_args(arguments).out
    try:
        for chapter in chapters():
            for path in write_chapter(chapter, out / chapter.name):
                sys.stdout.write(f"{path}\n")
    except (SampleError, OSError) as error:
        sys.stderr.write(f"sample: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
