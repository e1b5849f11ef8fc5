"""``python -m translator.evaluation DIR``; what ``fukidashi eval`` starts. Its packages are the translator's."""

from __future__ import annotations

import sys
from importlib.util import find_spec

EXIT_FAILED = 1
_NEEDED = ("numpy", "cv2", "PIL", "onnxruntime", "rapidocr", "rapidfuzz", "uharfbuzz")


def main(arguments: list[str]) -> int:
    """The exit code: 0, 1 where a limit is broken or a package missing, 2 for wrong usage or an unreadable folder."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        sys.stderr.write(f"the translator is not installed (no {', '.join(missing)}): pip install 'fukidashi[all]'\n")
        return EXIT_FAILED
    from translator.evaluation.command import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
