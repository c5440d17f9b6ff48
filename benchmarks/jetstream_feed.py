"""A Jetstream-shaped server for `benchmarks.listen`: so many posts a second of the wall clock, from any cursor on."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

WORDS = ("tea", "glass", "refund", "store", "why", "again", "奶茶", "玻璃", "退款", "good", "bad", "service")


def event(number: int, at_us: int) -> str:
    """One commit of a post, as the wire of version 1 has it."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at_us // 1_000_000)) + f".{at_us % 1_000_000:06d}Z"
    words = " ".join(WORDS[(number * 7 + i * i) % len(WORDS)] for i in range(14))
    record = {"$type": "app.bsky.feed.post", "text": f"{words} {number}", "createdAt": at, "langs": ["en"]}
    commit = {"rev": f"r{number}", "operation": "create", "collection": "app.bsky.feed.post", "rkey": f"k{number}",
              "cid": f"c{number}", "record": record}  # fmt: skip
    return json.dumps({"did": f"did:plc:{number % 200_000:024d}", "time_us": at_us, "kind": "commit", "commit": commit})


def main_loop(port: int, rate: int, seconds: int) -> None:
    """Serve until the reader is gone; after `seconds` only signs of life are sent."""
    begun, total, step = time.time_ns() // 1000, rate * seconds, 1_000_000 // rate

    def stream(connection: ServerConnection) -> None:
        query = parse_qs(urlsplit(connection.request.path if connection.request else "").query)
        cursor = int(query.get("cursor", ["0"])[0])
        number = max(0, -(-(cursor - begun) // step))
        with contextlib.suppress(ConnectionClosed):
            send(connection, number)

    def send(connection: ServerConnection, number: int) -> None:
        while True:
            now = time.time_ns() // 1000
            while number < total and begun + number * step <= now:
                connection.send(event(number, begun + number * step))
                number += 1
            alive = {"did": "did:plc:x", "time_us": now, "kind": "identity", "identity": {}}
            connection.send(json.dumps(alive))
            time.sleep(0.05)

    with serve(stream, "127.0.0.1", port, compression=None) as server:
        print(f"ready {begun}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main_loop(*map(int, sys.argv[1:4]))
