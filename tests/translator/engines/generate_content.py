"""A real HTTP server that speaks ``generateContent``, as well as it is told to."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        return "".join(part.get("text", "") for part in self.body["contents"][0]["parts"])

    @property
    def image(self) -> bytes:
        (part,) = [part["inlineData"] for part in self.body["contents"][0]["parts"] if "inlineData" in part]
        return base64.urlsafe_b64decode(part["data"])

    @property
    def ids(self) -> list[str]:
        lines = self.text.partition("x1,y1):\n")[2].splitlines()
        return [line.partition(":")[0] for line in lines]


@dataclass(frozen=True)
class Said:
    """An answer: ``body`` as it is sent."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def says(text: str, *, finish: str = "STOP") -> Said:
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": finish, "index": 0}
    return Said(body=json.dumps({"candidates": [candidate], "usageMetadata": {"promptTokenCount": 9}}))


def texts(**found: str) -> Said:
    return says(json.dumps({"texts": [{"id": name, "text": text} for name, text in found.items()]}))


def refusal() -> Said:
    return Said(body=json.dumps({"promptFeedback": {"blockReason": "SAFETY"}}))


def error(status: int, message: str = "no", *, retry_s: float | None = None) -> Said:
    inner: dict[str, Any] = {"code": status, "message": message, "status": "X"}
    if retry_s is not None:
        inner["details"] = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_s}s"}]
    return Said(status, json.dumps({"error": inner}))


class GenerateContent:
    """``answers`` are given in order; after the last one, every text is ``"?"``."""

    def __init__(self, *answers: Said | Callable[[Asked], Said]) -> None:
        self.answers, self.asked = list(answers), list[Asked]()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                outer.asked.append(asked)
                answer = outer.answers.pop(0) if outer.answers else texts(**dict.fromkeys(asked.ids, "?"))
                said = answer if isinstance(answer, Said) else answer(asked)
                data = said.body.encode()
                self.send_response(said.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
