"""A loopback server whose answers a test writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from crisislib.collect import http_client

Reply = tuple[int, dict[str, str], bytes]
Answering = Callable[[str, dict[str, list[str]], dict[str, str]], Reply]


@dataclass
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = field(default=b"")


class Server:
    """A loopback server whose answers a test writes, and which remembers what it was asked.

    `answer` gets path, query and headers; `answer_any`, where it is set, the whole request.
    """

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.answer: Answering = lambda *_: (404, {}, b"")
        self.answer_any: Callable[[Asked], Reply] | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            def serve(self) -> None:
                parts = urlsplit(self.path)
                headers = {k.lower(): v for k, v in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length") or 0))
                asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, body)
                server.requests.append(asked)
                if server.answer_any is not None:
                    status, said, sent = server.answer_any(asked)
                else:
                    status, said, sent = server.answer(asked.path, asked.query, asked.headers)
                self.send_response(status)
                for name, value in said.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = do_PUT = do_DELETE = serve

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = int(self.http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def asked(self) -> list[Asked]:
        """What came in."""
        return self.requests


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server, no proxy, and short waits."""
    monkeypatch.setattr(http_client, "BACKOFF_S", (0.01, 0.01))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    one = Server()
    yield one
    one.http.shutdown()
    one.http.server_close()
