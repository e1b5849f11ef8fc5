"""What the command's exit codes mean."""

from __future__ import annotations

from enum import IntEnum

from contract.status import JobStatus


class ExitCode(IntEnum):
    SUCCESS = 0
    ERROR = 1
    """Error, canceled, expired, no answer."""
    USAGE = 2
    PARTIAL = 3
    INTERRUPTED = 130

    @classmethod
    def of(cls, status: JobStatus) -> ExitCode:
        return {JobStatus.SUCCESS: cls.SUCCESS, JobStatus.PARTIAL: cls.PARTIAL}.get(status, cls.ERROR)
