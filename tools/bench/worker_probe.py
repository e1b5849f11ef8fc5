"""Stands in for ``orchestrator/entry.py`` in a built Worker: presigns as many URLs as it is asked for."""

from __future__ import annotations

from typing import Any

import js
from workers import Response, WorkerEntrypoint

from edge.config import S3Access
from edge.presign import Presigner

_ACCESS = S3Access("https://account.r2.cloudflarestorage.com", "pages", "AKIDEXAMPLE", "secretEXAMPLE")
_KEY = "inputs/by-chapter/owner/chapter-1/job_abcdefghijklmnopqrstuvwxyz/pages/{:04d}.png"
_HEADERS = {"content-type": "image/png", "if-none-match": "*"}


class Default(WorkerEntrypoint):  # type: ignore[misc]
    """``GET /200``: 200 of them. The presigner is new in each request, as it is in the orchestrator."""

    async def fetch(self, request: Any) -> Any:
        presigner, now = Presigner(_ACCESS), float(js.Date.now()) / 1000
        pages = range(1, int(str(request.url).rpartition("/")[2]) + 1)
        urls = [presigner.url("PUT", _KEY.format(page), headers=_HEADERS, now=now, ttl_s=600) for page in pages]
        return Response(str(len(urls)))
