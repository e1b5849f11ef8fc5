"""Tiny ICC profiles that mean something else than sRGB: 128 bytes of header, a table of tags, their data."""

from __future__ import annotations

import struct

WHITE = (0.9642, 1.0, 0.8249)
"""D50, which the profile connection space is relative to."""
PRIMARIES = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7142))
"""sRGB's red, green and blue as XYZ, adapted to D50."""


def grey(gamma: float) -> bytes:
    """A grey profile whose numbers are light to the power of 1/``gamma``."""
    return _profile(b"GRAY", {b"wtpt": _xyz(WHITE), b"kTRC": _curve(gamma)})


def turned(gamma: float = 2.2) -> bytes:
    """An RGB profile whose first number is blue, whose second red and whose third green."""
    red, green, blue = PRIMARIES
    tags = {b"rXYZ": _xyz(blue), b"gXYZ": _xyz(red), b"bXYZ": _xyz(green), b"wtpt": _xyz(WHITE)}
    return _profile(b"RGB ", tags | {name: _curve(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")})


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(part * 65536) for part in value))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    words = b"turned"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words + b"\0" + b"\0" * 78
    tags = {b"desc": described + b"\0" * (-len(described) % 4), b"cprt": b"text\0\0\0\0none\0\0\0\0", **tags}
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"\0\0\0\0", 0x02100000, b"mntr", space, b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + struct.pack(">3i", *(round(part * 65536) for part in WHITE))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
