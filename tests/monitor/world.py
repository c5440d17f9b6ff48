"""A small world on loopback: a feed with a planted crisis, a receiver of alerts, a clock that a test turns."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pandas as pd

from crisislib.core.watch import Watch, load_watch
from crisislib.engine import Home
from crisislib.lake import Lake

START = datetime(2026, 3, 1, tzinfo=UTC)
PATIENCE_S = 300.0
"""Seconds to wait for a source that does answer: on a busy machine the asking process takes long to start."""
CALM = ["nice", "Acme", "phone", "today", "new", "screen", "colour", "shop", "weather", "coffee"]
GRAVE = [
    "Acme",
    "exploded",
    "fire",
    "injured",
    "hospital",
    "recall",
    "lawsuit",
    "scandal",
    "terrible",
    "boycott",
    "dead",
]


def texts(rng: np.random.Generator, words: list[str], n: int) -> list[str]:
    return [" ".join(rng.choice(words, 9)) + f" {rng.integers(1 << 40)}" for _ in range(n)]


def written(since: datetime, until: datetime, *, rate: float, words: list[str], seed: int) -> pd.DataFrame:
    """Posts at a rate per hour: at, text."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(rate * (until - since).total_seconds() / 3600)
    at = pd.Timestamp(since) + pd.to_timedelta(np.sort(rng.uniform(0, (until - since).total_seconds(), n)), unit="s")
    return pd.DataFrame({"at": at.floor("ms"), "text": texts(rng, words, n)})


class Feed:
    """A Mastodon-like timeline that shows what had been posted by the clock, and a hook that takes alerts."""

    def __init__(self, posts: pd.DataFrame, clock: object) -> None:
        self.posts, self.clock = posts, clock
        self.got: list[dict[str, object]] = []
        self.answer, self.delay_s = 200, 0.0
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                since = int(parse_qs(urlparse(self.path).query).get("since_id", ["0"])[0])
                self._send(feed.answer, json.dumps(feed.page(since)).encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(feed.delay_s)
                feed.got.append(json.loads(body))
                self._send(200, b"{}")

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    def page(self, since: int) -> list[dict[str, object]]:
        shown = self.posts.iloc[since:][self.posts["at"].iloc[since:] <= pd.Timestamp(self.clock())]
        return [
            {
                "id": str(since + i + 1), "created_at": at.isoformat(), "content": text, "url": f"http://x/{since + i}",
                "account": {"id": str((since + i) % 300), "acct": f"u{(since + i) % 300}"},
            }
            for i, (at, text) in enumerate(zip(shown["at"], shown["text"], strict=True))
        ][::-1]  # fmt: skip

    def items(self) -> list[str]:
        """Item ids that the receiver got, in order."""
        return [str(g["message"]).rsplit("item ", 1)[-1].strip() for g in self.got]


@contextmanager
def feed_of(posts: pd.DataFrame, clock: object) -> Iterator[Feed]:
    feed = Feed(posts, clock)
    try:
        yield feed
    finally:
        feed.server.shutdown()
        feed.server.server_close()


def home_at(root: Path, feed: Feed | None, *, more: str = "", name: str = "acme") -> tuple[Home, Watch]:
    """A home with one watch that reads the feed and tells the hook."""
    (root / "watches").mkdir(parents=True, exist_ok=True)
    url = feed.url if feed else "127.0.0.1:9"
    (root / "watches" / f"{name}.yml").write_text(
        f"watch: {name}\ntitle: {{en: Acme}}\nbrand: {{names: [Acme]}}\nsources:\n"
        f"  - {{source: mastodon, name: feed, every_minutes: 1, options: {{url: 'http://{url}'}}}}\n{more}"
        f"notify:\n  - {{name: hook, url: 'json://{url}/', from_level: blue}}\n",
        encoding="utf-8",
    )
    return Home(root / "lake", root / "watches", root / "reports"), load_watch(root / "watches" / f"{name}.yml")


def history(lake: Lake, watch: Watch, until: datetime, *, hours: int = 72, rate: float = 8.0) -> None:
    """Calm posts before the monitor starts, with the records that say that all was collected."""
    since = until - timedelta(hours=hours)
    posts = written(since, until, rate=rate, words=CALM, seed=7)
    n = len(posts)
    lake.append(
        "POSTS",
        pd.DataFrame(
            {
                "watch": watch.watch, "post_id": [f"mastodon:h{i}" for i in range(n)], "collected_at": posts["at"],
                "platform": "mastodon", "kind": "post", "account_id": [f"mastodon:u{i % 300}" for i in range(n)],
                "created_at": posts["at"], "text": posts["text"], "source": "feed",
            }
        ),
    )  # fmt: skip
    record = {"batch_id": "h", "at": until, "watch": watch.watch, "source": "feed", "since": since, "until": until}
    lake.append("BATCHES", pd.DataFrame([{**record, "ok": True}]))
