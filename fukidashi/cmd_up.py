"""``fukidashi up``: the local stack, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from fukidashi.errors import UsageError
from fukidashi.exit_code import ExitCode
from fukidashi.stack import Stack, StackPlan
from fukidashi.state import Running, StackSecrets, State, default_data, only_one


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "up",
        help="start the local stack and keep it running",
        description="Starts the orchestrator, a translator and the webhook receiver on this machine, without an "
        "account anywhere, and keeps them running until Ctrl-C.",
    )
    parser.add_argument("--port", type=_port, default=8787, help="the orchestrator's (default 8787; 0: any free one)")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="everything stored, logs and secrets (default: the XDG data home)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Mapping[str, str]) -> ExitCode:
    """Starts, tells, supervises; stops all on SIGINT, SIGTERM or SIGHUP. Raises ``StackFailed``."""
    console = Console(stderr=True, highlight=False)
    data = (options.data or default_data(environment)).absolute()
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"{data} cannot be used: {error.strerror or error}") from None
    with _stop_signals() as received, only_one(data):
        known = State.read(data)
        state = State(known.secrets if known else StackSecrets.generate())
        state.write(data)
        plan = StackPlan(data, options.port, state.secrets, environment)
        stack = Stack(plan, log=lambda text: console.print(text, markup=False), stopping=lambda: bool(received))
        _keep(stack, state, data, console)
        console.print("stopped")
    return ExitCode.SUCCESS


def _keep(stack: Stack, state: State, data: Path, console: Console) -> None:
    try:
        console.print("starting the translator, the receiver and the orchestrator …")
        running = stack.start()
        if running is not None:
            replace(state, running=running).write(data)
            _tell(console, running, data)
            stack.supervise()
    finally:
        state.write(data)
        stack.stop()


def _tell(console: Console, running: Running, data: Path) -> None:
    rows = {
        "orchestrator": running.orchestrator,
        "translator": running.translator,
        "receiver": running.receiver,
        "logs": str(data / "logs"),
    }
    console.print(f"[bold green]ready[/]  (pid {os.getpid()})")
    for name, value in rows.items():
        console.print(f"  [bold]{name:<13}[/]{value}", soft_wrap=True)
    console.print("fukidashi translate finds this stack by itself. Ctrl-C stops it.")


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """A list that a signal is put into: the loops look at it, nothing is torn out of the middle of its work."""
    received: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda got, _frame: received.append(got)) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port number from 0 to 65535")
    return int(text)
