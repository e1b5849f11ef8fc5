"""What an attempt moved and how long its parts took, as its reports say it."""

from __future__ import annotations

from contract.report import Transport


class Meter:
    """Counts up; only used on the event loop's thread."""

    def __init__(self) -> None:
        self._bytes_in = self._bytes_out = 0
        self._transfer_s = self._pipeline_s = 0.0

    def received(self, size: int) -> None:
        self._bytes_in += size

    def sent(self, size: int) -> None:
        self._bytes_out += size

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
        )
