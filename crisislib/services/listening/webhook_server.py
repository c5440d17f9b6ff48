"""`crisis listen`: an HTTP server that takes signed posts, and a thread that puts them into the lake."""

from __future__ import annotations

import json
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from crisislib.core.errors import CrisisError, InputError
from crisislib.core.i18n import N_
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.sanitize import one_line
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.inbound_posts import check_inbound, store_inbound
from crisislib.services.listening.inbound_spool import Spool, posts_in, shape_of
from crisislib.services.listening.signatures import refusal_of

logger = logging.getLogger(__name__)

MOST_BYTES = 16_000_000
"""Of one request: some 20,000 posts; more are sent in several."""
READ_S = 20.0
"""For the whole of one request, so that a sender of a byte now and then does not hold a thread."""
AT_ONCE = 64
"""Requests at a time; others are asked to come again."""
PAUSE_S = 1.5
"""Between two looks into the spool: posts are to be readable within five seconds, and each look that finds some is a
commit of three tables."""

COUNTED = ("received", "again", "refused", "rejected", "stored")
"""What `/health` counts: posts taken, sent again, requests refused, posts that cannot be read, posts in the lake."""
KEYS = 20
"""Keys of posts that an answer names."""
LOGGED_S = 60.0
"""Between two lines of the log about refusals of one kind: a sender that is set up wrongly tries every second."""
ADVICE = "start crisis listen with --map text=KEY --map created=KEY; the keys here are {keys}"

Reply = tuple[int, dict[str, object]]


@dataclass
class Inbound:
    """What is received for one watch, and where it goes.

    Attributes
    ----------
    home : Home
        The workbench.
    watch : Watch
        Whose posts they are.
    secret : str
        Shared with the sender.
    mapping : Mapping of str to str
        As of an import.
    hooks : bool
        Whether signatures without a time are taken, too.
    """

    home: Home
    watch: Watch
    secret: str = field(repr=False)
    mapping: Mapping[str, str] = field(default_factory=dict)
    hooks: bool = False
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    fault: str = ""

    def __post_init__(self) -> None:
        self.spool = Spool(self.home.lake.artifact(self.watch.watch, "listen", "known.json").parent)
        self._shapes: set[str] = set()
        self._logged: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """One request: refused, or safe on disk.

        Parameters
        ----------
        headers : Mapping of str to str
            Names in small letters.
        body : bytes
            JSON.
        """
        if why := refusal_of(headers, body, self.secret, time.time(), hooks=self.hooks):
            return self.refused(401, why)
        posts, others = posts_in(body)
        if why := self._unreadable(posts):
            return self.refused(422, why)
        fresh = self.spool.add(posts)
        self._count("received" if fresh else "again", len(posts))
        self._count("rejected", others if fresh else 0)
        taken = {"taken": len(posts) if fresh else 0, "known": 0 if fresh else len(posts)}
        return 202, {**taken, "rejected": others} if others else {**taken}

    def refused(self, status: int, why: str) -> Reply:
        """The answer to a request that is not taken: counted, and in the log once a minute for each reason.

        Parameters
        ----------
        status : int
            Of HTTP.
        why : str
            For the sender.
        """
        self._count("refused")
        now = time.monotonic()
        with self._lock:
            new = now - self._logged.get(why, -LOGGED_S) >= LOGGED_S
            if new:
                self._logged = {w: at for w, at in self._logged.items() if now - at < LOGGED_S} | {why: now}
        if new:
            logger.warning("a request for %s was refused (%d): %s", self.watch.watch, status, why)
        return status, {"error": why}

    def _count(self, name: str, n: int = 1) -> None:
        with self._lock:
            self.counts[name] += n

    def _unreadable(self, posts: list[dict[str, Any]]) -> str:
        """Why posts of this shape cannot be read; asked once a shape, so that a sender learns it at once."""
        shape = shape_of(posts)
        if shape in self._shapes:
            return ""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "posts.jsonl"
            file.write_text("".join(json.dumps(post) + "\n" for post in posts[:50]), "utf-8")
            try:
                check_inbound(self.home, self.watch, file, mapping=self.mapping, now=datetime.now(UTC))
            except InputError as fault:
                keys = sorted({key for post in posts for key in post})
                return one_line(f"{fault.what}; {ADVICE.format(keys=', '.join(keys[:KEYS]))}")
        self._shapes.add(shape)
        return ""

    def store(self) -> int:
        """Put what waits into the lake; how many posts were added."""
        added = 0
        for group in self.spool.groups():
            result = run_isolated(
                f"posts that were sent for {self.watch.watch}",
                lambda group=group: self._stored(group),  # type: ignore[misc]
                on_error=lambda failure, group=group: self._failed(failure, group),  # type: ignore[misc]
                logger=logger,
                watch=self.watch.watch,
            )
            added += result
        return added

    def _stored(self, group: Path) -> int:
        result = store_inbound(self.home, self.watch, group, mapping=self.mapping, now=datetime.now(UTC))
        self.spool.done(group)
        self.fault = ""
        n = result.posts.num_rows if result.posts is not None else 0
        self._count("stored", n)
        self._count("rejected", result.rejected)
        return n

    def _failed(self, failure: Failure, group: Path) -> int:
        """A group that cannot be read is put aside; where the lake cannot be written it waits."""
        self.fault = failure.text
        if isinstance(failure.error, InputError):
            logger.error("posts that were sent cannot be read; they lie in %s", self.spool.put_aside(group).name)
        return 0

    def report(self) -> dict[str, object]:
        """For `/health`."""
        return {"ok": not self.fault, "watch": self.watch.watch, "fault": self.fault, **self.counts}


class _Handler(BaseHTTPRequestHandler):
    """How one request is answered; :func:`serve` makes a class of it for its watch."""

    protocol_version = "HTTP/1.1"
    timeout = READ_S
    inbound: Inbound
    slots: threading.Semaphore

    def do_GET(self) -> None:
        if self.path != "/health":
            self._answer((404, {"error": "POST posts, or GET /health"}))
            return
        report = self.inbound.report()
        self._answer((200 if report["ok"] else 503, report))

    def do_POST(self) -> None:
        if not self.slots.acquire(blocking=False):
            self.close_connection = True
            self._answer((503, {"error": "busy; try again"}))
            return
        try:
            self._answer(run_isolated("POST", self._take, on_error=self._broken, logger=logger))
        finally:
            self.slots.release()

    def _take(self) -> Reply:
        packed = self.headers.get("Content-Encoding", "identity")
        if packed != "identity":
            self.close_connection = True
            return self.inbound.refused(415, "Content-Encoding is not taken; send the body as it is")
        size = self.headers.get("Content-Length", "")
        if not size.isascii() or not size.isdigit():
            self.close_connection = True
            return self.inbound.refused(411, "Content-Length is missing")
        if int(size) > MOST_BYTES:
            self.close_connection = True
            return self.inbound.refused(413, f"more than {MOST_BYTES:,} bytes; send the posts in several requests")
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            return self.inbound.take(headers, self._body(int(size)))
        except InputError as fault:
            return self.inbound.refused(400, one_line(f"{fault.what}; {fault.do}"))

    def _body(self, size: int) -> bytes:
        ends, parts = time.monotonic() + READ_S, []
        while size:
            part = self.rfile.read1(min(size, 65_536))
            if not part or time.monotonic() > ends:
                self.close_connection = True
                raise InputError(N_("the body did not come in time"), where="body", do=N_("send it again"))
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _broken(self, failure: Failure) -> Reply:
        return 500, {"error": f"not stored; send it again [error {failure.error_id}]"}

    def _answer(self, reply: Reply) -> None:
        body = json.dumps(reply[1]).encode()
        self.send_response(reply[0])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "crisis-workbench"

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: every request would be a line."""


def serve(inbound: Inbound, *, host: str, port: int, ready: Callable[[int], None], stop: threading.Event) -> None:
    """Take posts until `stop` is set; what waits then is stored before it returns.

    Parameters
    ----------
    inbound : Inbound
        Where posts go.
    host, port
        Where to listen; port 0 takes any free one.
    ready : callable
        Gets the port once requests are taken.
    stop : threading.Event
        Ends it.

    Raises
    ------
    CrisisError
        The port cannot be used.
    """
    try:
        handler = type("Handler", (_Handler,), {"inbound": inbound, "slots": threading.Semaphore(AT_ONCE)})
        server = ThreadingHTTPServer((host, port), handler)
    except OSError as fault:
        raise CrisisError(
            N_("cannot listen: {fault}"), where=f"{host}:{port}", do=N_("choose another --port"), facts={"fault": fault}
        ) from fault
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="listen").start()
    ready(int(server.server_address[1]))
    try:
        while not stop.wait(PAUSE_S):
            inbound.store()
    finally:
        server.shutdown()
        server.server_close()
        inbound.store()
