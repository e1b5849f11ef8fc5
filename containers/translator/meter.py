"""What an attempt moved and how long its parts took, as its reports say it."""

from __future__ import annotations

from urllib.parse import urlsplit

from contract.report import Transport


class Meter:
    """Counts up; only used on the event loop's thread.

    ``orchestrator`` is a URL of the orchestrator's: what goes there and not to the storage is the fallback's.
    """

    def __init__(self, orchestrator: str = "") -> None:
        self._origin = _origin(orchestrator)
        self._bytes_in = self._bytes_out = self._fallback_bytes = 0
        self._transfer_s = self._pipeline_s = 0.0

    def received(self, size: int, *, url: str) -> None:
        self._bytes_in += size
        self._count_fallback(size, url)

    def sent(self, size: int, *, url: str) -> None:
        self._bytes_out += size
        self._count_fallback(size, url)

    def transferred_for(self, seconds: float) -> None:
        self._transfer_s += seconds

    def computed_for(self, seconds: float) -> None:
        self._pipeline_s += seconds

    @property
    def transport(self) -> Transport:
        return Transport(
            bytes_in=self._bytes_in,
            bytes_out=self._bytes_out,
            transfer_ms=round(self._transfer_s * 1000),
            pipeline_ms=round(self._pipeline_s * 1000),
            fallback_bytes=self._fallback_bytes,
        )

    def _count_fallback(self, size: int, url: str) -> None:
        if _origin(url) == self._origin:
            self._fallback_bytes += size


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
