"""An OpenAI-compatible endpoint on the loopback, whose model is a function of the request."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from crisislib.nlp.llm import Endpoint

Reply = Callable[[dict[str, Any]], Any]


class Server:
    """An OpenAI-compatible endpoint whose model is a function of the request."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.reply: Reply = lambda request: {"sentences": []}
        self.status, self.delay, self.raw = 200, 0.0, b""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append({**request, "path": self.path, "key": self.headers.get("Authorization")})
                time.sleep(outer.delay)
                content = json.dumps(outer.reply(request), ensure_ascii=False)
                body = outer.raw or json.dumps({"choices": [{"message": {"content": content}}]}).encode()
                with contextlib.suppress(BrokenPipeError):  # the client may have given up waiting
                    self.send_response(outer.status)
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = Endpoint(f"http://127.0.0.1:{self.http.server_port}/v1", "tiny", "secret", timeout_s=2.0)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


def items(request: dict[str, Any]) -> list[dict[str, str]]:
    """What the model is shown."""
    return json.loads(request["messages"][1]["content"])


def saying(*claims: tuple[str, list[str]]) -> Reply:
    return lambda request: {"sentences": [{"text": text, "ids": ids} for text, ids in claims]}
