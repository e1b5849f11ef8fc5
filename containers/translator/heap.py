"""How this process gives memory back: the arrays of a long strip at once, not when the C library sees fit."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""From glibc's malloc.h."""
_LARGE_BYTES = 8 * 2**20
"""An ordinary page's arrays are smaller, and are reused faster than they are mapped."""


def give_back_early() -> bool:
    """Large arrays are mapped and unmapped; whether the C library could be told.

    glibc raises its threshold to the largest array that was ever freed, up to 32 MB, and then takes such arrays from
    its heaps, of which each thread may have one: of a chapter of strips 120 MB stayed behind.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    settings = ((_M_MMAP_THRESHOLD, _LARGE_BYTES), (_M_TRIM_THRESHOLD, 2 * _LARGE_BYTES), (_M_ARENA_MAX, 2))
    return bool(sum(mallopt(name, value) for name, value in settings) == len(settings))
