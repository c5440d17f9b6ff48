"""Posts a second through `crisis listen`, and seconds from arrival to readable in the lake.

    python -m benchmarks.listen [--rate 5000] [--seconds 20]

Posts have the shape that a Jetstream reader hands on (at-uri, DID, text, languages, times). Senders offer `--rate`
posts a second in signed requests of 250, over loopback, to a server of its own process on an empty lake with the
product's defaults. A post has arrived when its request was answered; it is readable when a query on the lake shows
it, asked five times a second. `posts_per_s`: posts over the time from the first request to the last post readable;
`readable_s` (median, p99, longest): of all requests.

`stream_`: the same number of posts comes from a Jetstream-shaped WebSocket server of its own process, read by the
source `jetstream` as `crisis collect` asks it, again and again; longest time from a post's instant to its being
stored. Sender, server and reader share the machine's cores.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from benchmarks.harness import Figures, finish, parser, say
from crisislib import engine
from crisislib.engine import Home
from crisislib.services.listening.signatures import sign

BATCH = 250
"""Posts a request: what a relay collects in a twentieth of a second."""
SENDERS = 4
"""Who send side by side at the peak: one alone waits for its answers."""
PEAK = 10_000
"""Posts for each second of the peak: twice the aim."""
WATCH = "watch: bench\ntitle: {en: Bench}\nbrand: {names: [tea]}\n"
WORDS = ("tea", "glass", "refund", "store", "why", "again", "奶茶", "玻璃", "退款", "good", "bad", "service")


def body(first: int, rng: np.random.Generator) -> bytes:
    """One request of posts, numbered on."""
    at = datetime.now(UTC).isoformat()
    posts = []
    for n in range(first, first + BATCH):
        did = f"did:plc:{rng.integers(0, 200_000):024d}"
        words = " ".join(WORDS[i] for i in rng.integers(0, len(WORDS), 14))
        posts.append(
            {
                "id": f"at://{did}/app.bsky.feed.post/{n}",
                "author_id": did,
                "text": f"{words} {n}",
                "created_at": at,
                "lang": "en",
                "platform": "bluesky",
                "views": n + 1,
            }
        )
    return json.dumps(posts).encode()


def start(root: Path, secret: str) -> tuple[subprocess.Popen[str], str]:
    """The server, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crisislib.cli", "listen", "--watch", "bench", "--port", "0"],
        cwd=root,
        env={**os.environ, "CRISIS_LISTEN_SECRET": secret, "PYTHONPATH": os.getcwd(), "CRISIS_HOME": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    return process, line.split(" on ")[1].split()[0]


def readable(home: Home) -> int:
    """How many of the posts a reader of the lake sees; they come in order."""
    found = home.lake.sql("POSTS", watch="bench").aggregate("max(n_views)").fetchall()[0][0]
    return int(found or 0)


def through_stream(rate: int, seconds: int) -> Figures:
    """Posts of a Jetstream by the source of that name, asked as soon as it has answered."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    feed = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.jetstream_feed", str(port), str(rate), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert feed.stdout is not None
    begun = int(feed.stdout.readline().split()[1]) / 1e6
    total, stored, waits = rate * seconds, 0, []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "crisis.toml").touch()
        (root / "data" / "watches").mkdir(parents=True)
        source = f"sources: [{{source: jetstream, options: {{url: 'ws://127.0.0.1:{port}/subscribe'}}}}]\n"
        (root / "data" / "watches" / "bench.yml").write_text(WATCH + source, "utf-8")
        home = Home.here(root=root)
        watch = home.watch("bench")
        try:
            while stored < total and time.time() - begun < 5 * seconds + 60:
                (result,) = engine.collect(home, watch, now=datetime.now(UTC))
                if not result.ok or result.posts is None:
                    say(result.sentence())
                    break
                stored += result.posts.num_rows
                if result.posts.num_rows:
                    waits.append(time.time() - pc.min(result.posts["created_at"]).as_py().timestamp())
            ended = time.time()
        finally:
            feed.kill()
            feed.wait()
    say(f"stream: {stored} of {total} posts in {ended - begun:.1f} s")
    return {
        "stream_posts_per_s": stored / (ended - begun),
        "stream_readable_max_s": max(waits, default=float("nan")),
        "stream_lost": total - stored,
    }


@dataclass(frozen=True)
class Sent:
    """What came of some requests to a server of its own process on an empty lake."""

    posts: int
    readable: int
    sent_s: float
    shown_s: float
    waits: npt.NDArray[np.float64]


def through_webhook(rate: int, seconds: int, *, senders: int = 1) -> Sent:
    """Posts in signed requests; at `rate`, or with `rate` 0 as fast as they are answered, `seconds` as at PEAK."""
    rng, secret = np.random.default_rng(7), secrets.token_urlsafe(32)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "crisis.toml").touch()
        (root / "data" / "watches").mkdir(parents=True)
        (root / "data" / "watches" / "bench.yml").write_text(WATCH, "utf-8")
        requests = [body(n * BATCH, rng) for n in range((rate or PEAK) * seconds // BATCH)]
        process, address = start(root, secret)
        home = Home.here(root=root)
        arrived = np.full(len(requests), np.nan)

        def send(first: int) -> None:
            with httpx.Client(trust_env=False, timeout=60) as client:
                for n in range(first, len(requests), senders):
                    if rate:
                        time.sleep(max(0.0, begun + n * BATCH / rate - time.monotonic()))
                    stamp, data = str(int(time.time())), requests[n]
                    headers = {"X-Crisis-Timestamp": stamp, "X-Crisis-Signature": sign(secret, stamp, data)}
                    client.post(address, content=data, headers=headers).raise_for_status()
                    arrived[n] = time.monotonic()

        begun, total = time.monotonic(), len(requests) * BATCH
        for first in range(senders):
            threading.Thread(target=send, args=(first,), daemon=True).start()
        seen: list[tuple[float, int]] = [(begun, 0)]
        try:
            while seen[-1][1] < total and time.monotonic() - begun < 5 * seconds + 60:
                seen.append((time.monotonic(), readable(home)))
                time.sleep(0.2)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    shown_at = [next((t for t, n in seen if n >= (i + 1) * BATCH), float("nan")) for i in range(len(arrived))]
    sent_s = float(np.nanmax(arrived)) - begun
    return Sent(total, seen[-1][1], sent_s, seen[-1][0] - begun, np.array(shown_at) - arrived)


def main() -> None:
    """Send, read, and count."""
    options = parser("listen", __doc__ or "")
    options.add_argument("--rate", type=int, default=5000, help="posts offered a second")
    options.add_argument("--seconds", type=int, default=20, help="for so long")
    args = options.parse_args()
    steady = through_webhook(args.rate, args.seconds)
    say(f"{steady.readable} of {steady.posts} readable; sent within {steady.sent_s:.1f} s")
    peak = through_webhook(0, args.seconds, senders=SENDERS)
    say(f"as fast as answered: {peak.readable} of {peak.posts} readable within {peak.shown_s:.1f} s")
    finish(
        "listen",
        {
            "posts_per_s": steady.readable / steady.shown_s,
            "offered_per_s": steady.posts / steady.sent_s,
            "readable_s": float(np.median(steady.waits)),
            "readable_p99_s": float(np.quantile(steady.waits, 0.99)),
            "readable_max_s": float(np.max(steady.waits)),
            "lost": steady.posts - steady.readable,
            "peak_posts_per_s": peak.readable / peak.shown_s,
            "peak_lost": peak.posts - peak.readable,
            **through_stream(args.rate, args.seconds),
        },
    )


if __name__ == "__main__":
    main()
