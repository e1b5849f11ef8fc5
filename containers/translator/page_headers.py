"""What a header can say of a page: JSON, percent-encoded so that it is ASCII, and never longer than a proxy takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from contract.document import DocumentRegion, PageDocument

MAX_REGIONS, MAX_WARNINGS = 4096, 1024
"""Bytes of the two headers that grow with the page. All together stay under 8 KB, a usual limit for headers."""
_LONGEST_TEXT = 60


def page_headers(document: PageDocument) -> dict[str, str]:
    """``X-Fukidashi-Page`` counts everything; the lists leave out at their end what does not fit."""
    regions, warnings = [_region(region) for region in document.regions], [text[:200] for text in document.warnings]
    page = {
        "width": document.width,
        "height": document.height,
        "regions": len(regions),
        "warnings": len(warnings),
        "engines": document.engines,
        "origins": _origins(document),
    }
    return {
        "x-fukidashi-page": encoded(page),
        "x-fukidashi-timings": encoded(document.timings),
        "x-fukidashi-regions": _fitting(regions, MAX_REGIONS),
        "x-fukidashi-warnings": _fitting(warnings, MAX_WARNINGS),
    }


def encoded(value: Any) -> str:
    """JSON in ASCII; ``json.loads(urllib.parse.unquote(header))`` reads it."""
    return quote(json.dumps(value, ensure_ascii=False, separators=(",", ":")), safe='{}[]":,/ ')


def _region(region: DocumentRegion) -> dict[str, Any]:
    return {
        "id": region.id,
        "box": list(region.box),
        "kind": region.kind,
        "order": region.order,
        "origin": region.origin,
        "handling": region.handling,
        "translation": region.translation[:_LONGEST_TEXT],
    }


def _origins(document: PageDocument) -> dict[str, int]:
    counts: dict[str, int] = {}
    for region in document.regions:
        counts[region.origin] = counts.get(region.origin, 0) + 1
    return counts


def _fitting(items: Sequence[Any], limit: int) -> str:
    size, count = 2, 0
    for item in items:
        size += len(encoded(item)) + 1
        if size > limit:
            break
        count += 1
    return encoded(list(items[:count]))
