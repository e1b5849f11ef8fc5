"""What Cloudflare asks for what is counted here, and the arithmetic on it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What is counted. A deletion in R2 is free and is counted all the same."""

    R2_A = "R2 class A"
    R2_B = "R2 class B"
    R2_FREE = "R2 deletes"
    KV_READ = "KV reads"
    KV_WRITE = "KV writes"
    KV_DELETE = "KV deletes"
    KV_LIST = "KV lists"
    REQUEST = "requests"
    POINT = "points"
    LOG = "log lines"


Usage = Mapping[Kind, int]

READ_ON = "2026-11-22"
DOLLARS_A_MILLION: Mapping[Kind, float] = {
    Kind.R2_A: 4.50,
    Kind.R2_B: 0.36,
    Kind.R2_FREE: 0.0,
    Kind.KV_READ: 0.50,
    Kind.KV_WRITE: 5.00,
    Kind.KV_DELETE: 5.00,
    Kind.KV_LIST: 5.00,
    Kind.REQUEST: 0.30,
    Kind.POINT: 0.25,
}
"""The price of each one beyond what the plan includes: Workers Paid, R2 Standard storage. Read on 2026-11-22 in the
source of Cloudflare's documentation (github.com/cloudflare/cloudflare-docs): ``r2/pricing.mdx`` (``PutObject`` and
``ListObjects`` are class A, also where a condition answers 412; ``GetObject`` and ``HeadObject`` class B;
``DeleteObject`` and egress free), ``workers/platform/pricing.mdx``, ``partials/workers/kv_pricing.mdx``, and
``analytics/analytics-engine/pricing`` (announced, and not charged yet). Log lines have no price here: Workers Logs
includes 20 million a month, and ``head_sampling_rate`` says how many are kept."""
DOLLARS_A_GB_MONTH = 0.015
"""R2 Standard storage; a GB is 10^9 bytes, a month 30 days. Read with the others."""
DOLLARS_A_MILLION_CPU_MS = 0.02
"""Workers' CPU time: compute, and therefore never part of a sum here."""
_MONTH_DAYS = 30
_PAGES = 1000


def dollars(usage: Usage) -> float:
    """Of operations, without the included ones."""
    return sum(count * DOLLARS_A_MILLION.get(kind, 0.0) for kind, count in usage.items()) / 1e6


def storage_dollars(byte_days: float) -> float:
    return byte_days / 1e9 / _MONTH_DAYS * DOLLARS_A_GB_MONTH


def a_thousand(cost: float, *, pages: int) -> float:
    """What 1,000 pages cost where a job of so many pages costs ``cost``."""
    return cost * _PAGES / pages
