"""The local stack: the orchestrator, a translator and the webhook receiver, as processes that are kept running."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fukidashi.errors import StackFailed
from fukidashi.service import Service, ServiceSpec, is_healthy
from fukidashi.state import Running, StackSecrets

START_S = 180.0
"""Until all are healthy: the translator loads its models, perhaps from a slow disk."""
_OWNER = "local"
_TICK_S = 0.1
_CONFIGURING = frozenset(
    {"PORT", "HOST", "PUBLIC_URL", "TRANSLATOR_URL", "API_KEYS", "FUKIDASHI_API_KEY", "RECEIVER_DB"}
    | {"CALLBACK_SECRETS", "WEBHOOK_SECRETS", "TOKEN_SECRETS", "INTERNAL_TOKEN"}
    | {"S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"}
)
"""Names in the user's environment that must not reach the services of a local stack."""
COMMANDS: Mapping[str, Sequence[str]] = {
    "translator": (sys.executable, "-m", "translator"),
    "receiver": (sys.executable, "-m", "next_callbacks"),
    "orchestrator": (sys.executable, "-m", "local"),
}


@dataclass(frozen=True, slots=True)
class StackPlan:
    """``environment`` is the user's; ``port`` the orchestrator's (0: any free one); ``commands`` are for tests."""

    data: Path
    port: int
    secrets: StackSecrets
    environment: Mapping[str, str] = field(repr=False)
    commands: Mapping[str, Sequence[str]] = field(default_factory=lambda: COMMANDS)

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    def translator(self, port: int = 0) -> ServiceSpec:
        own = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "CALLBACK_SECRETS": self.secrets.callback_secret,
            "INTERNAL_TOKEN": self.secrets.internal_token,
            "THREADS": self.environment.get("THREADS") or str(_cpus()),
            # Somebody who presses Ctrl-C waits for this; the pages in work come out of the next attempt.
            "DRAIN_S": "3",
        }
        return self._spec("translator", (), own)

    def receiver(self, port: int = 0) -> ServiceSpec:
        own = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "WEBHOOK_SECRETS": self.secrets.webhook_secret,
            "RECEIVER_DB": str(self.data / "chapters.sqlite"),
        }
        return self._spec("receiver", (), own)

    def orchestrator(self, translator_url: str, port: int | None = None) -> ServiceSpec:
        own = {
            "TRANSLATOR_URL": translator_url,
            "API_KEYS": json.dumps({_OWNER: hashlib.sha256(self.secrets.api_key.encode()).hexdigest()}),
            "CALLBACK_SECRETS": self.secrets.callback_secret,
            "WEBHOOK_SECRETS": self.secrets.webhook_secret,
            "TOKEN_SECRETS": self.secrets.token_secret,
            "ALLOW_PRIVATE_WEBHOOKS": "1",
            # Somebody watches the bar, and a callback costs nothing here.
            "HEARTBEAT_S": self.environment.get("HEARTBEAT_S") or "1",
            "LEASE_S": self.environment.get("LEASE_S") or "30",
        }
        arguments = ("--data", str(self.data / "platform"), "--port", str(self.port if port is None else port))
        return self._spec("orchestrator", (*arguments, "--sweep-s", "2"), own)

    def _spec(self, name: str, arguments: Sequence[str], own: Mapping[str, str]) -> ServiceSpec:
        inherited = {key: value for key, value in self.environment.items() if key not in _CONFIGURING}
        # A proxy is for the world outside: the services speak to each other on this machine.
        around = ",".join(filter(None, (inherited.get("NO_PROXY"), inherited.get("no_proxy"), "127.0.0.1,localhost")))
        environment = {**inherited, "NO_PROXY": around, "no_proxy": around, "PYTHONUNBUFFERED": "1", **own}
        return ServiceSpec(name, (*self.commands[name], *arguments), environment, self.logs)


class Stack:
    """Starts the services, starts one again that has crashed (on its old port), and ends them all."""

    def __init__(
        self,
        plan: StackPlan,
        *,
        log: Callable[[str], None],
        stopping: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._plan, self._log, self._stopping, self._clock, self._sleep = plan, log, stopping, clock, sleep
        self._services: list[_Kept] = []

    def start(self) -> Running | None:
        """All three, healthy; ``None`` where ``stopping()`` became true. Raises :class:`StackFailed`."""
        plan, deadline = self._plan, self._clock() + START_S
        translator = self._begin(plan.translator(), lambda port: plan.translator(port))
        receiver = self._begin(plan.receiver(), lambda port: plan.receiver(port))
        if not self._until(translator.has_url, deadline) or not self._until(receiver.has_url, deadline):
            return None
        orchestrator = self._begin(
            plan.orchestrator(translator.url), lambda port: plan.orchestrator(translator.url, port)
        )
        if not self._until(orchestrator.has_url, deadline) or not self._until(self._all_healthy, deadline):
            return None
        return Running(os.getpid(), orchestrator.url, translator.url, receiver.url, receiver.webhook)

    def supervise(self) -> None:
        """Until ``stopping()``: starts again what has ended."""
        while not self._stopping():
            now = self._clock()
            for kept in self._services:
                kept.revive(now, self._log)
            self._sleep(_TICK_S)

    def stop(self) -> None:
        """All at once; the orchestrator, started last, is waited for first. Returns when no process is left."""
        for kept in reversed(self._services):
            kept.service.begin_stop()
        for kept in reversed(self._services):
            kept.service.stop()

    def _begin(self, spec: ServiceSpec, again: Callable[[int], ServiceSpec]) -> _Kept:
        kept = _Kept(Service.start(spec), again)
        self._services.append(kept)
        return kept

    def _until(self, holds: Callable[[], bool], deadline: float) -> bool:
        while not holds():
            if self._stopping():
                return False
            for kept in self._services:
                kept.service.check()
            if self._clock() > deadline:
                raise StackFailed(f"not all services are ready after {START_S:.0f} s; their logs: {self._plan.logs}")
            self._sleep(_TICK_S)
        return True

    def _all_healthy(self) -> bool:
        return all(is_healthy(kept.url) for kept in self._services)


class _Kept:
    """A service and what it takes to start it again where its peers know it to be."""

    FIRST_S, LONGEST_S, STEADY_S = 1.0, 30.0, 60.0

    def __init__(self, service: Service, again: Callable[[int], ServiceSpec]) -> None:
        self.service, self._again = service, again
        self.url = self.webhook = ""
        self._backoff_s = self.FIRST_S
        self._due: float | None = None
        self._started: float | None = None

    def has_url(self) -> bool:
        fields = self.service.announced()
        if fields is not None:
            self.url = fields.text("url").rstrip("/")
            self.webhook = fields.text("webhook", default=self.url)
        return fields is not None

    def revive(self, now: float, log: Callable[[str], None]) -> None:
        """A step of the supervision: notices the end, waits out the backoff, starts."""
        if self.service.is_running:
            if self._started is not None and now - self._started > self.STEADY_S:
                self._backoff_s, self._started = self.FIRST_S, None
        elif self._due is None:
            name, status = self.service.spec.name, self.service.exit_status
            log(f"{name} ended with status {status}; it starts again in {self._backoff_s:g} s")
            self.service.stop()
            self._due = now + self._backoff_s
            self._backoff_s = min(self.LONGEST_S, self._backoff_s * 2)
        elif now >= self._due:
            port = int(self.url.rpartition(":")[2])
            self.service, self._due, self._started = Service.start(self._again(port)), None, now


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
