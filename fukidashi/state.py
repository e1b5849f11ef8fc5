"""The state file of a local stack: its secrets, kept from run to run, and where it can be reached while it runs.

Only its owner can read it (0600): the API key in it opens the stack.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from contract.errors import BadMessage
from contract.fields import Fields, load_object
from fukidashi.errors import StackFailed

STATE_NAME = "state.json"
_LOCK_NAME = "up.lock"


@dataclass(frozen=True, slots=True)
class StackSecrets:
    """Generated once a data folder. None of them ever prints."""

    api_key: str = field(repr=False)
    callback_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    token_secret: str = field(repr=False)
    internal_token: str = field(repr=False)

    @classmethod
    def generate(cls, token_bytes: Callable[[int], bytes] = secrets.token_bytes) -> Self:
        def signing() -> str:
            return f"whsec_{b64encode(token_bytes(32)).decode()}"

        return cls(
            api_key=f"fk_{token_bytes(24).hex()}",
            callback_secret=signing(),
            webhook_secret=signing(),
            token_secret=token_bytes(32).hex(),
            internal_token=token_bytes(32).hex(),
        )

    @classmethod
    def from_json(cls, value: Any, path: str) -> Self:
        fields = Fields(value, path)
        return cls(**{name: fields.text(name, empty=False) for name in cls.__dataclass_fields__})

    def to_json(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Running:
    """A stack that runs: the process of ``up`` and where its services are (``webhook``: the receiver's route)."""

    pid: int
    orchestrator: str
    translator: str
    receiver: str
    webhook: str

    @classmethod
    def from_json(cls, value: Any, path: str) -> Self:
        fields = Fields(value, path)
        return cls(
            pid=fields.integer("pid", low=1),
            orchestrator=fields.text("orchestrator"),
            translator=fields.text("translator"),
            receiver=fields.text("receiver"),
            webhook=fields.text("webhook"),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "pid": self.pid,
            "orchestrator": self.orchestrator,
            "translator": self.translator,
            "receiver": self.receiver,
            "webhook": self.webhook,
        }


@dataclass(frozen=True, slots=True)
class State:
    """What the file holds; ``running`` is ``None`` while the stack is down."""

    secrets: StackSecrets
    running: Running | None = None

    @classmethod
    def read(cls, data: Path) -> State | None:
        """``None`` where there is no file. Raises :class:`StackFailed` where it is not one of ours."""
        try:
            fields = Fields(load_object((data / STATE_NAME).read_bytes()))
            running = Running.from_json(fields.raw_object("running"), "running") if fields.has("running") else None
            return cls(StackSecrets.from_json(fields.raw_object("secrets"), "secrets"), running)
        except FileNotFoundError:
            return None
        except (OSError, BadMessage) as error:
            raise StackFailed(f"{data / STATE_NAME} cannot be read: {error}") from None

    def write(self, data: Path) -> None:
        """Replaces the file as a whole; it is never readable by others, not for a moment (mkstemp makes it 0600)."""
        running = self.running.to_json() if self.running else None
        handle, part = tempfile.mkstemp(prefix=".state-", dir=data)
        with os.fdopen(handle, "w") as stream:
            json.dump({"schema": 1, "secrets": self.secrets.to_json(), "running": running}, stream, indent=1)
        Path(part).replace(data / STATE_NAME)


def default_data(environment: Mapping[str, str]) -> Path:
    """``FUKIDASHI_DATA``, else ``fukidashi`` in the XDG data home: one stack a user, found from any folder."""
    chosen = environment.get("FUKIDASHI_DATA")
    if chosen:
        return Path(chosen)
    home = environment.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "fukidashi"


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Holds the data folder for one stack. The kernel lets go of it however the process ends."""
    with (data / _LOCK_NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StackFailed(f"a stack runs already with the data folder {data}") from None
        yield
