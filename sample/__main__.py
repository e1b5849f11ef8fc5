"""``python -m sample OUT_DIR`` draws the sample into ``OUT_DIR/chapter`` and its strip into ``OUT_DIR/webtoon``.

``--random COUNT`` draws that many random pages into ``OUT_DIR/random`` instead: a data set with exact truth.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from sample.chapter import Chapter, chapters, write_chapter
from sample.errors import SampleError
from sample.random_page import random_page


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 where a page could not be drawn or written."""
    parser = argparse.ArgumentParser(prog="python -m sample", description="Draws the sample chapter.")
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("--random", type=int, metavar="COUNT", help="random pages instead, into OUT_DIR/random")
    options = parser.parse_args(arguments)
    if options.random is not None and options.random < 1:
        parser.error("--random: at least one page")
    out: Path = options.out
    try:
        for chapter in chapters() if options.random is None else [random_chapter(options.random)]:
            for path in write_chapter(chapter, out / chapter.name):
                sys.stdout.write(f"{path}\n")
    except (SampleError, OSError) as error:
        sys.stderr.write(f"sample: {error}\n")
        return 1
    return 0


def random_chapter(count: int) -> Chapter:
    """Random pages of the seeds 1 to ``count``; they have no script."""
    return Chapter("random", tuple(partial(random_page, seed) for seed in range(1, count + 1)), {})


if __name__ == "__main__":
    sys.exit(main())
