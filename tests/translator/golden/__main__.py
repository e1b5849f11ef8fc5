"""``python -m tests.translator.golden --regenerate`` writes the golden images anew: look at each before a commit."""

from __future__ import annotations

import argparse
import json
import sys

from PIL import Image

from tests.translator.golden.cases import CASES, FOLDER, drawn
from tests.translator.golden.record import RECORD, record


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.translator.golden", description=__doc__)
    parser.add_argument("--regenerate", action="store_true", required=True)
    parser.parse_args()
    records = {}
    for case in CASES:
        done = drawn(case)
        Image.fromarray(done.grey).quantize(64).save(case.path, optimize=True)
        records[case.name] = record(done.placement)
    RECORD.write_text(json.dumps(records, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for path in set(FOLDER.glob("*.png")) - {case.path for case in CASES}:
        path.unlink()
    sys.stdout.write(f"{len(CASES)} images in {FOLDER}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
