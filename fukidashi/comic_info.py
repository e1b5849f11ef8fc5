"""ComicInfo.xml of the input, for the translated chapter: as it was, with the language it now has."""

from __future__ import annotations

import re

_LANGUAGE = re.compile(rb"(<LanguageISO>)[^<]{0,64}(</LanguageISO>)")


def translated(comic_info: bytes, target: str) -> bytes:
    """Changed as text, not parsed and written anew: everything else stays byte for byte, and no entity is expanded."""
    return _LANGUAGE.sub(lambda found: found[1] + target.encode("ascii") + found[2], comic_info, count=1)
