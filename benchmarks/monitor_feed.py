"""A feed on loopback for the monitor benchmark, in a process of its own: posts by the clock, and a hook for alerts."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np

CALM = ["nice", "Acme", "phone", "today", "new", "screen", "colour", "shop", "weather", "coffee", "music", "train"]
GRAVE = ["Acme", "exploded", "fire", "injured", "hospital", "recall", "lawsuit", "scandal", "terrible", "boycott"]
PAGE = 2000
"""Posts a page; a real server gives fewer and is asked more often."""


class Stream:
    """Posts of some watches: number k of a watch was made at `times[watch][k]`; calm, or grave where it storms."""

    def __init__(self, plan: dict[str, dict[str, list[float]]]) -> None:
        rng = np.random.default_rng(1)
        self.words = [[" ".join(rng.choice(words, 9)) for _ in range(4000)] for words in (CALM, GRAVE)]
        self.plan = plan

    def page(self, watch: str, since: int, now: float) -> list[dict[str, object]]:
        """What was posted after number `since` until now, newest first, at most a page of the oldest."""
        piece = self.plan.get(watch)
        if piece is None:
            return []
        if "rate" in piece:  # endless and even
            (begin, rate, grave) = piece["rate"]
            last = max(0, int((now - begin) * rate))
            made = [(begin + k / rate, int(grave)) for k in range(since, min(last, since + PAGE))]
        else:
            last = int(np.searchsorted(piece["at"], now, side="right"))
            span = slice(since, min(last, since + PAGE))
            made = list(zip(piece["at"][span], map(int, piece["grave"][span]), strict=True))
        return [self._post(watch, since + i, at, grave) for i, (at, grave) in enumerate(made)][::-1]

    def _post(self, watch: str, k: int, at: float, grave: int) -> dict[str, object]:
        text = self.words[grave][k * 7919 % 4000]
        made = datetime.fromtimestamp(at, UTC).isoformat()
        account = {"id": str(k % 5000), "acct": f"u{k % 5000}"}
        return {
            "id": str(k + 1),
            "created_at": made,
            "content": f"{text} {k}",
            "url": f"http://x/{watch}/{k}",
            "account": account,
        }


def main() -> None:
    """Serve ROOT/plan.json on a free port, which is written to ROOT/port; the clock is ROOT/clock, else the wall's."""
    root = Path(sys.argv[1])
    held: dict[str, object] = {"mtime": 0, "stream": Stream({})}

    def stream() -> Stream:
        plan = root / "plan.json"
        if plan.exists() and plan.stat().st_mtime_ns != held["mtime"]:
            held["mtime"], held["stream"] = plan.stat().st_mtime_ns, Stream(json.loads(plan.read_text()))
        found = held["stream"]
        assert isinstance(found, Stream)
        return found

    def now() -> float:
        clock = root / "clock"
        return datetime.fromisoformat(clock.read_text()).timestamp() if clock.exists() else time.time()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlparse(self.path)
            since = int(parse_qs(address.query).get("since_id", ["0"])[0])
            self._send(json.dumps(stream().page(address.path.split("/")[1], since, now())).encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with (root / "got").open("a") as file:
                file.write(str(body["message"]).rsplit("item ", 1)[-1].strip() + "\n")
            self._send(b"{}")

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    (root / "port").write_text(str(server.server_port))
    server.serve_forever()


if __name__ == "__main__":
    main()
