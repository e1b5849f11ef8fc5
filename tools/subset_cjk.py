"""``python tools/subset_cjk.py NotoSansCJK-Bold.ttc``: makes ``fonts/NotoSansCJKsc-Bold-subset.otf`` anew.

It keeps the characters of the file that is there and adds what text in Chinese and Korean can have: GB 2312, both
levels of Big5, JIS X 0208, and all 11,172 syllables of Hangul. The collection is that of Debian's ``fonts-noto-cjk``.
Prints what belongs into the manifest.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable  # type: ignore[import-untyped]

TARGET = Path(__file__).resolve().parents[1] / "fonts" / "NotoSansCJKsc-Bold-subset.otf"
SIMPLIFIED_CHINESE = 2
"""The number of the face in the collection; the forms of other regions are its ``locl`` features."""
HANGUL = range(0xAC00, 0xD7A4)
CODECS = {
    "gb2312": range(0xA1, 0xF8),
    "big5": range(0xA1, 0xFA),
    "euc_jp": range(0xA1, 0xF5),
    "euc_kr": range(0xA1, 0xFE),
}
TRAILS = (*range(0x40, 0x7F), *range(0xA1, 0xFF))


def characters(codec: str) -> frozenset[int]:
    """The code points of a double-byte character set."""
    pairs = (bytes((lead, trail)) for lead in CODECS[codec] for trail in TRAILS)
    found = (pair.decode(codec, "ignore") for pair in pairs)
    return frozenset(ord(char) for char in found if len(char) == 1 and ord(char) > 0x7F)


def main(collection: Path) -> None:
    before = TTFont(TARGET)
    wanted = frozenset(before.getBestCmap()).union(HANGUL, *map(characters, CODECS))
    options = subset.Options()
    options.layout_features = _features(before)
    options.hinting, options.notdef_outline, options.name_IDs = False, True, ["*"]
    options.font_number = SIMPLIFIED_CHINESE
    font = subset.load_font(str(collection), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    _index_by_32_bits(font)
    subset.save_font(font, str(TARGET), options)
    data = TARGET.read_bytes()
    sys.stdout.write(f'"sha256": "{hashlib.sha256(data).hexdigest()}",\n"bytes": {len(data)},\n')


def _features(font: TTFont) -> list[str]:
    tables = [font[tag].table for tag in ("GSUB", "GPOS") if tag in font]
    return sorted({record.FeatureTag for table in tables for record in table.FeatureList.FeatureRecord})


def _index_by_32_bits(font: TTFont) -> None:
    """So many characters are more than a character map of format 4 can hold."""
    cmap, glyphs = font["cmap"], font.getBestCmap()
    kept = [table for table in cmap.tables if table.format == 14]
    cmap.tables = sorted([*kept, *_full(glyphs)], key=lambda table: (table.platformID, table.platEncID))


def _full(glyphs: dict[int, str]) -> Iterable[CmapSubtable]:
    for platform, encoding in ((0, 4), (3, 10)):
        table = CmapSubtable.newSubtable(12)
        table.platformID, table.platEncID, table.language, table.cmap = platform, encoding, 0, dict(glyphs)
        yield table


if __name__ == "__main__":
    main(Path(sys.argv[1]))
