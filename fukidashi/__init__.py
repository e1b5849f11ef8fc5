"""What users import: the client of a Fukidashi orchestrator, sync and async, and its errors."""

from fukidashi.client import AsyncClient, Client
from fukidashi.errors import ApiError, BadAnswer, ConnectionFailed, FukidashiError, NotFound, Timeout, Unauthorized

__version__ = "0.1.0"
__all__ = [
    "ApiError",
    "AsyncClient",
    "BadAnswer",
    "Client",
    "ConnectionFailed",
    "FukidashiError",
    "NotFound",
    "Timeout",
    "Unauthorized",
    "__version__",
]
