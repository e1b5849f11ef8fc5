"""Runs a command and ends it when the process that started this one is gone, however that died.

``python guard.py GRACE_S COMMAND…``, in a session of its own, with a pipe as standard input that the starter holds and
never writes to. The pipe's end (the starter closed it, or the kernel did because the starter was killed) is the signal
to stop: SIGTERM, ``GRACE_S`` seconds, SIGKILL to all that is left of the group. Run as a file, it imports nothing else.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main(arguments: list[str]) -> int:
    grace_s, command = float(arguments[0]), arguments[1:]
    # Ignored here, and by nobody else: the child gets its own defaults back, and the starter decides by the pipe.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_defaults)
    stopping = threading.Event()
    threading.Thread(target=_stop_at_end, args=(child, grace_s, stopping), daemon=True).start()
    status = child.wait()
    if stopping.is_set():
        # The child is gone; what it started may not be. This ends the guard too, which nobody asks for its status then.
        os.killpg(0, signal.SIGKILL)
    return status if status >= 0 else 128 - status


def _defaults() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _stop_at_end(child: subprocess.Popen[bytes], grace_s: float, stopping: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    stopping.set()
    child.terminate()
    try:
        child.wait(grace_s)
    except subprocess.TimeoutExpired:
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
