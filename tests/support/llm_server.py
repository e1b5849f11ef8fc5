"""Model servers that speak the real HTTP, Gemini's and OpenAI's, and misbehave on demand. Nothing is random."""

from __future__ import annotations

import base64
import json
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from tests.support.llm_wire import (
    HTML_PAGE,
    Block,
    Drop,
    Empty,
    Fail,
    Hang,
    Html,
    Outcome,
    Raw,
    Rule,
    Say,
    WireCall,
    good,
)

_PIECES = 3
MODELS = ("test-model", "other-model")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what some tests are about; all else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class ModelServer:
    """What both kinds have in common: the script, the calls that came, the models that there are."""

    def __init__(self, handler: type[_Handler]) -> None:
        self.calls: list[WireCall] = []
        self.hits: list[str] = []
        """The paths of all requests with a body, those that made no sense included."""
        self.checks: list[str] = []
        """The models that were asked about."""
        self.script: list[Rule] = []
        """One rule for each call to come; when it is empty, ``rule`` answers."""
        self.rule: Rule = good
        self.models: tuple[str, ...] = MODELS
        self.refused_keys: frozenset[str] = frozenset()
        self.closing = threading.Event()
        self.lock = threading.Lock()
        bound = type("Bound", (handler,), {"server_state": self})
        self._server = _Server(("127.0.0.1", 0), bound)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def asked(self) -> list[tuple[str, ...]]:
        """The ids that each call asked for."""
        return [call.ids for call in self.calls]

    def next_rule(self, call: WireCall) -> Rule:
        with self.lock:
            self.calls.append(call)
            return self.script.pop(0) if self.script else self.rule

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    """HTTP/1.1, so that a stream that breaks off can be told from one that ends."""

    protocol_version = "HTTP/1.1"
    server_state: ClassVar[ModelServer]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        self.body(status, json.dumps(value, ensure_ascii=False), "application/json", headers)

    def body(self, status: int, text: str, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def events(self, documents: list[Any], *, last: str = "", cut: bool = False) -> None:
        """Server-sent events in chunked coding. ``cut``: the connection is lost before the end."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for text in [*(json.dumps(document, ensure_ascii=False) for document in documents), *([last] if last else [])]:
            data = f"data: {text}\r\n\r\n".encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()
        if cut:
            self.drop()
        else:
            self.wfile.write(b"0\r\n\r\n")

    def drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def read_body(self) -> Any:
        self.server_state.hits.append(self.path)
        return json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")

    def act(self, call: WireCall) -> None:
        try:
            self.perform(self.server_state.next_rule(call)(call), call)
        except (BrokenPipeError, ConnectionResetError):
            # The client went away, which is what some tests are about.
            self.close_connection = True

    def perform(self, outcome: Outcome, call: WireCall) -> None:
        if isinstance(outcome, Hang):
            self.server_state.closing.wait(outcome.seconds)
            if outcome.then is None:
                self.drop()
            else:
                self.perform(outcome.then, call)
        elif isinstance(outcome, Drop):
            self.drop()
        elif isinstance(outcome, Html):
            self.body(200, HTML_PAGE, "text/html")
        elif isinstance(outcome, Raw) and (outcome.status != 200 or not call.streams):
            self.body(outcome.status, outcome.text, "application/json")
        elif isinstance(outcome, Raw):
            self.body(200, f"data: {outcome.text}\r\n\r\n", "text/event-stream")
        elif isinstance(outcome, Fail) and outcome.html:
            self.body(outcome.status, outcome.html, "text/html", outcome.headers)
        elif isinstance(outcome, Fail):
            self.fail(outcome)
        else:
            self.reply(outcome, call)

    def fail(self, failure: Fail) -> None:
        raise NotImplementedError

    def reply(self, outcome: Say | Block | Empty, call: WireCall) -> None:
        raise NotImplementedError


class _GeminiHandler(_Handler):
    """``generateContent``, ``streamGenerateContent?alt=sse`` and ``models.get`` of v1beta."""

    def do_GET(self) -> None:
        name = self.path.split("?")[0].rpartition("/")[2]
        self.server_state.checks.append(name)
        if self.headers.get("x-goog-api-key") in self.server_state.refused_keys:
            self.fail(Fail(401, "API key not valid", code="UNAUTHENTICATED"))
        elif name not in self.server_state.models:
            self.fail(Fail(404, f"models/{name} is not found for API version v1beta", code="NOT_FOUND"))
        else:
            self.json(200, {"name": f"models/{name}", "supportedGenerationMethods": ["generateContent"]})

    def do_POST(self) -> None:
        body = self.read_body()
        call = _gemini_call(self.path, self.headers.get("x-goog-api-key", ""), body)
        if call.key in self.server_state.refused_keys:
            self.server_state.next_rule(call)
            self.fail(Fail(401, f"API key not valid: {call.key}", code="UNAUTHENTICATED"))
        else:
            self.act(call)

    def fail(self, failure: Fail) -> None:
        error = {
            "code": failure.status,
            "message": failure.message,
            "status": failure.code or "INTERNAL",
            "details": list(failure.details),
        }
        self.json(failure.status, {"error": error}, failure.headers)

    def reply(self, outcome: Say | Block | Empty, call: WireCall) -> None:
        cut = isinstance(outcome, Say) and outcome.cut is not None
        documents = _gemini_documents(outcome, pieces=_PIECES if call.streams else 1)
        if call.streams:
            self.events(documents, cut=cut)
        elif cut:
            self.drop()
        else:
            self.json(200, documents[0])


def _gemini_call(path: str, key: str, body: Mapping[str, Any]) -> WireCall:
    parts = [part for content in body["contents"] for part in content["parts"]]
    return WireCall(
        path=path,
        key=key,
        body=body,
        system="".join(part["text"] for part in body["systemInstruction"]["parts"]),
        prompt="\n".join(part["text"] for part in parts if "text" in part),
        images=tuple(_bytes(part["inlineData"]["data"]) for part in parts if "inlineData" in part),
        has_schema="responseJsonSchema" in body.get("generationConfig", {}),
        streams=":streamGenerateContent" in path,
        raw=json.dumps(body, ensure_ascii=False),
    )


def _bytes(text: str) -> bytes:
    """Google's APIs take both alphabets of base64, and the SDK sends the one for URLs."""
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)


def _gemini_documents(outcome: Say | Block | Empty, *, pieces: int) -> list[dict[str, Any]]:
    usage = {"promptTokenCount": 1000, "totalTokenCount": 1000}
    if isinstance(outcome, Empty):
        return [{"usageMetadata": usage}]
    if isinstance(outcome, Block) and outcome.prompt:
        return [{"promptFeedback": {"blockReason": outcome.reason}, "usageMetadata": usage}]
    if isinstance(outcome, Block):
        return [{"candidates": [{"finishReason": outcome.reason, "index": 0}], "usageMetadata": usage}]
    counts = {
        "promptTokenCount": outcome.input_tokens,
        "candidatesTokenCount": outcome.output_tokens - 10,
        "thoughtsTokenCount": 10,
        "totalTokenCount": outcome.input_tokens + outcome.output_tokens,
    }
    texts = _cut_up(outcome.text[: outcome.cut], pieces)
    documents: list[dict[str, Any]] = [
        {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}], "usageMetadata": counts}
        for text in texts
    ]
    if outcome.cut is None:
        documents[-1]["candidates"][0]["finishReason"] = "STOP" if outcome.finish == "stop" else "MAX_TOKENS"
    return documents


class _OpenAiHandler(_Handler):
    """``chat/completions``, streaming or not, and ``models``."""

    def do_GET(self) -> None:
        self.server_state.checks.append(self.path)
        if self._key() in self.server_state.refused_keys:
            self.fail(Fail(401, "Incorrect API key provided", code="invalid_api_key"))
        elif not self.path.endswith("/models"):
            self.fail(Fail(404, "no such route"))
        else:
            data = [{"id": name, "object": "model"} for name in self.server_state.models]
            self.json(200, {"object": "list", "data": data})

    def do_POST(self) -> None:
        body = self.read_body()
        call = _openai_call(self.path, self._key(), body)
        if call.key in self.server_state.refused_keys:
            self.server_state.next_rule(call)
            self.fail(Fail(401, f"Incorrect API key provided: {call.key}", code="invalid_api_key"))
        elif body["model"] not in self.server_state.models:
            self.server_state.next_rule(call)
            self.fail(Fail(404, f"The model `{body['model']}` does not exist", code="model_not_found"))
        else:
            self.act(call)

    def _key(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    def fail(self, failure: Fail) -> None:
        error = {"message": failure.message, "type": "error", "code": failure.code or None}
        self.json(failure.status, {"error": error}, failure.headers)

    def reply(self, outcome: Say | Block | Empty, call: WireCall) -> None:
        cut = isinstance(outcome, Say) and outcome.cut is not None
        if call.streams:
            self.events(_openai_events(outcome), last="" if cut else "[DONE]", cut=cut)
        elif cut:
            self.drop()
        else:
            self.json(200, _openai_document(outcome))


def _openai_call(path: str, key: str, body: Mapping[str, Any]) -> WireCall:
    system, user = body["messages"][0]["content"], body["messages"][1]["content"]
    parts: list[Any] = [{"type": "text", "text": user}] if isinstance(user, str) else user
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return WireCall(
        path=path,
        key=key,
        body=body,
        system=system,
        prompt="\n".join(part["text"] for part in parts if part["type"] == "text"),
        images=tuple(base64.b64decode(url.partition(",")[2]) for url in urls),
        has_schema="response_format" in body,
        streams=bool(body.get("stream")),
        raw=json.dumps(body, ensure_ascii=False),
    )


def _openai_usage(outcome: Say | Block | Empty) -> dict[str, int]:
    said = outcome if isinstance(outcome, Say) else Say("", output_tokens=0)
    return {"prompt_tokens": said.input_tokens, "completion_tokens": said.output_tokens}


def _openai_document(outcome: Say | Block | Empty) -> dict[str, Any]:
    document: dict[str, Any] = {"object": "chat.completion", "choices": [], "usage": _openai_usage(outcome)}
    if isinstance(outcome, Block):
        message = {"role": "assistant", "content": None, "refusal": "I can't help with that."}
        document["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
    elif isinstance(outcome, Say):
        message = {"role": "assistant", "content": outcome.text, "refusal": None}
        document["choices"] = [{"index": 0, "message": message, "finish_reason": outcome.finish}]
    return document


def _openai_events(outcome: Say | Block | Empty) -> list[dict[str, Any]]:
    usage = {"object": "chat.completion.chunk", "choices": [], "usage": _openai_usage(outcome)}
    if isinstance(outcome, Empty):
        return [usage]
    if isinstance(outcome, Block):
        finish = "content_filter" if not outcome.prompt else "stop"
        delta = {"refusal": "I can't help with that."} if outcome.prompt else {}
        return [{"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}, usage]
    events: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
        for text in _cut_up(outcome.text[: outcome.cut], _PIECES)
    ]
    if outcome.cut is None:
        events += [{"choices": [{"index": 0, "delta": {}, "finish_reason": outcome.finish}]}, usage]
    return events


def _cut_up(text: str, pieces: int) -> list[str]:
    size = max(1, -(-len(text) // pieces))
    return [text[at : at + size] for at in range(0, len(text), size)] or [""]


@contextmanager
def gemini_server() -> Iterator[ModelServer]:
    server = ModelServer(_GeminiHandler)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def openai_server() -> Iterator[ModelServer]:
    """Its base URL is ``origin`` + ``/v1``."""
    server = ModelServer(_OpenAiHandler)
    try:
        yield server
    finally:
        server.close()
