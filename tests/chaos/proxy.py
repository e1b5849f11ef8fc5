"""A TCP proxy that cuts and stalls connections, as networks do."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 4096


@dataclass
class Proxy:
    """``cuts``: the share of pieces, of either direction, in the middle of which the connection is cut. ``stalls``: the
    share of those before whose cut it hangs for a while."""

    port: int
    target: tuple[str, int]
    chance: random.Random
    cuts: float = 0.0
    stalls: float = 0.0
    connections: int = 0
    cut: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def allowed(self, size: int) -> tuple[int, float]:
        """How many bytes of a piece pass, and for how long the connection hangs then."""
        with self.lock:
            if self.chance.random() >= self.cuts:
                return size, 0.0
            self.cut += 1
            return self.chance.randrange(size), 0.5 if self.chance.random() < self.stalls else 0.0


@contextmanager
def proxy(target_port: int, *, seed: int = 1) -> Iterator[Proxy]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    made = Proxy(listener.getsockname()[1], ("127.0.0.1", target_port), random.Random(seed))
    thread = threading.Thread(target=_accept, args=(listener, made), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _accept(listener: socket.socket, made: Proxy) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(client, made), daemon=True).start()


def _serve(client: socket.socket, made: Proxy) -> None:
    made.connections += 1
    try:
        server = socket.create_connection(made.target, timeout=10)
    except OSError:
        client.close()
        return
    back = threading.Thread(target=_pump, args=(server, client, made), daemon=True)
    back.start()
    _pump(client, server, made)
    back.join(30)
    for end in (client, server):
        end.close()


def _pump(source: socket.socket, sink: socket.socket, made: Proxy) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            allowed, stall = made.allowed(len(piece))
            sink.sendall(piece[:allowed])
            if allowed < len(piece):
                time.sleep(stall)
                break
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
