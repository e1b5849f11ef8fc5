"""``python -m tools.bench [--only chapter|costs|polls|translate] [CHAPTER]``"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.support.workerd import missing
from tools.bench import chapter, costs, polls, translate

PARTS = ("chapter", "costs", "polls", "translate")


def main(arguments: list[str]) -> int:
    """The chapter's exit code. A part that cannot run here says why."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; may be given several times")
    parser.add_argument("chapter", nargs="?", type=Path, help="a folder of pages, or an archive")
    asked = parser.parse_args(arguments)
    code = 0
    for part in asked.only or PARTS:
        if part == "chapter":
            lines, code = chapter.run(asked.chapter)
            _tell(lines)
        else:
            _tell(_OTHERS[part]())
    return code


def _polls() -> Iterable[str]:
    reason = missing()
    return polls.run() if reason is None else [f"polls: not measured, {reason}"]


_OTHERS: dict[str, Callable[[], Iterable[str]]] = {"costs": costs.run, "polls": _polls, "translate": translate.run}


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
