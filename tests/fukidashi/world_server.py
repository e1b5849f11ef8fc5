"""The real orchestrator over real HTTP, for the command as a process: its URLs are those of this server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.edge.world import KEYS, PUBLIC, World

KEY = KEYS["owner-a"]


class WorldServer:
    """``world`` is to be touched under ``lock`` while a command runs. ``on_request`` is told each method and path,
    after its answer was made and under the lock: that is how time goes on."""

    def __init__(self, world: World) -> None:
        self.world, self.lock = world, threading.Lock()
        self.seen: list[str] = []
        self.on_request: Callable[[str], None] = lambda what: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        with self.lock:
            answer = self.world.call(method, f"{PUBLIC}{path}", body=body, key=None, headers=headers)
            what = f"{method} {path.partition('?')[0]}"
            self.seen.append(what)
            self.on_request(what)
        return answer.status, dict(answer.headers), answer.body.replace(PUBLIC.encode(), self.url.encode())


def _handler(server: WorldServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            given = {name.lower(): value for name, value in self.headers.items()}
            status, headers, content = server.answer(self.command, self.path, given, body)
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = _handle

    return Handler
