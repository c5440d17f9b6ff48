"""`/health` for people and watchdogs, `/metrics` for Prometheus, on this machine only."""

from __future__ import annotations

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_
from crisislib.core.isolation import Failure, run_isolated
from crisislib.services.monitor.vitals import Vitals

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"


def _broken(failure: Failure) -> tuple[int, str, bytes]:
    """A watchdog takes everything but 200 for unwell, which is right."""
    return 500, "text/plain", f"{failure.text}\n".encode()


def start(vitals: Vitals, port: int, host: str = HOST) -> ThreadingHTTPServer:
    """Serve `/health` and `/metrics` in a thread.

    Parameters
    ----------
    vitals : Vitals
        What is asked at each request.
    port : int
        Port to listen on; 0 takes any free one.
    host : str
        Address to listen on.

    Returns
    -------
    ThreadingHTTPServer
        Running; `server_address` has the port.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*run_isolated(f"GET {self.path}", self._page, on_error=_broken, logger=logger))

        def _page(self) -> tuple[int, str, bytes]:
            if self.path == "/health":
                report = vitals.report()
                return 200 if report["ok"] else 503, "application/json", json.dumps(report, default=str).encode()
            if self.path == "/metrics":
                vitals.measure()
                return 200, CONTENT_TYPE_LATEST, generate_latest(vitals.registry)
            return 404, "text/plain", b"/health or /metrics\n"

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: every request would be a line."""

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as fault:
        raise CrisisError(
            N_("cannot listen: {fault}"), where=f"{host}:{port}", do=N_("choose another --port"), facts={"fault": fault}
        ) from fault
    threading.Thread(target=server.serve_forever, daemon=True, name="web").start()
    return server
