"""The README's picture: a page of the sample chapter before and after, side by side. Run after ``make demo``."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageOps

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images" / "before_after.webp"
WIDTH, GAP, FRAME = 620, 24, 1


def main(number: str = "3", out: str = "out") -> None:
    before = ROOT / "sample" / "chapter" / "pages" / f"{int(number):04d}.png"
    after = ROOT / out / "pages" / f"{int(number):04d}.webp"
    left, right = (_page(path) for path in (before, after))
    sheet = Image.new("RGB", (left.width + GAP + right.width, left.height), "white")
    sheet.paste(left, (0, 0))
    sheet.paste(right, (left.width + GAP, 0))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(TARGET, quality=85, method=6)


def _page(path: Path) -> Image.Image:
    with Image.open(path) as image:
        page = image.convert("RGB")
    height = round(page.height * WIDTH / page.width)
    return ImageOps.expand(page.resize((WIDTH, height), Image.Resampling.LANCZOS), FRAME, "#888888")


if __name__ == "__main__":
    main(*sys.argv[1:])
