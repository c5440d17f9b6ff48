"""Streams against servers on loopback that speak as the real ones: Jetstream over WebSocket, Mastodon over SSE."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from crisislib.collect import fetch
from crisislib.core.errors import SourceError
from crisislib.core.watch_sections import SourceUse

from .helpers import NOW, record, rows, watch

START = int((NOW - timedelta(minutes=5)).timestamp() * 1e6)
"""Microseconds at which the stream of the tests begins."""
DID = "did:plc:" + "a" * 24


def event(n: int, *, at: int | None = None, **record_: Any) -> dict[str, Any]:
    """A new post as Jetstream sends it."""
    said = {
        "$type": "app.bsky.feed.post",
        "text": f"glass {n}",
        "createdAt": "2026-08-31T23:00:00.000Z",
        "langs": ["en"],
    }
    commit = {"rev": f"r{n}", "operation": "create", "collection": "app.bsky.feed.post", "rkey": f"k{n}", "cid": "bafy",
              "record": said | record_}  # fmt: skip
    return {"did": DID, "time_us": START + n if at is None else at, "kind": "commit", "commit": commit}


class Stream:
    """A Jetstream: plays back from a cursor, then closes, hangs or waits for what is new."""

    def __init__(self, events: list[Any]) -> None:
        self.events, self.asked = events, list[dict[str, list[str]]]()
        self.cut_after: int | None = None
        self.stays_open = True
        self.url = ""

    def handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        self.asked.append(query)
        cursor = int(query["cursor"][0])
        for number, one in enumerate(self.events):
            if self.cut_after is not None and number >= self.cut_after:
                return
            if isinstance(one, dict) and isinstance(one.get("time_us"), int) and one["time_us"] < cursor:
                continue
            connection.send(one if isinstance(one, str) else json.dumps(one))
        if self.stays_open:
            connection.recv(timeout=5)


@contextmanager
def streaming(events: list[Any]) -> Iterator[Stream]:
    stream = Stream(events)

    def handle(connection: ServerConnection) -> None:
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            stream.handle(connection)

    with serve(handle, "127.0.0.1", 0) as server:
        stream.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield stream
        server.shutdown()
        thread.join(timeout=5)


def ask(
    stream: Stream, state: dict[str, Any] | None = None, *, now: datetime = NOW, query: str = "", **more: Any
) -> Any:
    use = SourceUse(source="jetstream", name="the stream", options={"url": stream.url, "listen_s": 1.0, **more})
    batch, after = fetch(use, watch(query=query), state=json.loads(json.dumps(state or {})), now=now)
    return batch, json.loads(json.dumps(after))


def texts(batch: Any) -> list[str]:
    return sorted(p["text"] for p in rows(batch.posts))


END = {"did": DID, "time_us": int(NOW.timestamp() * 1e6) + 5, "kind": "identity", "identity": {"did": DID}}
"""Anything younger than the moment of asking: the stream has caught up."""


def test_the_stream_is_read_from_the_cursor_on() -> None:
    parent = {"uri": f"at://{DID}/app.bsky.feed.post/k1", "cid": "bafy"}
    reply = event(2, reply={"root": parent, "parent": parent}, langs=["zh-Hans"])
    quote = event(3, embed={"$type": "app.bsky.embed.record", "record": parent}, createdAt="2099-01-01T00:00:00Z")
    gone = {**event(4), "commit": {"operation": "delete", "collection": "app.bsky.feed.post", "rkey": "k1"}}
    with streaming([event(1), reply, quote, gone, END]) as stream:
        batch, state = ask(stream)
        posts = {p["text"]: p for p in rows(batch.posts)}
        assert {t: p["kind"] for t, p in posts.items()} == {"glass 1": "post", "glass 2": "reply", "glass 3": "quote"}
        assert posts["glass 2"]["parent_id"] == posts["glass 2"]["root_id"] == f"bluesky:{parent['uri']}"
        assert posts["glass 3"]["parent_id"] == f"bluesky:{parent['uri']}"
        assert posts["glass 3"]["created_at"] < NOW, "a claim of the future gives way to the stream's own time"
        assert state["cursor"] == END["time_us"]
        assert stream.asked[0]["wantedCollections"] == ["app.bsky.feed.post"]
        stream.events.insert(-1, event(9))
        later = NOW + timedelta(seconds=10)
        stream.events += [event(10, at=END["time_us"] + 1), {**END, "time_us": int(later.timestamp() * 1e6) + 1}]
        batch, state = ask(stream, state, now=later)
        assert texts(batch) == ["glass 10"] and stream.asked[1]["cursor"] == [str(END["time_us"])]
        only = ask(stream, languages=["zh"])[0]
        assert texts(only) == ["glass 2"]
        assert texts(ask(stream, query='"glass 10"', now=later)[0]) == ["glass 10"], "the watch's query chooses"


def test_events_of_one_microsecond_are_all_read_once() -> None:
    same = [event(n, at=START + 7) for n in range(3)]
    with streaming(same) as stream:
        stream.stays_open = False
        first, state = ask(stream)
        assert len(texts(first)) == 3
        stream.events += [event(5, at=START + 7), END]
        second, _ = ask(stream, state)
        assert texts(second) == ["glass 5"] and record(second)["n_duplicate"] == 0


def test_a_broken_stream_goes_on_where_it_broke() -> None:
    with streaming([event(n) for n in range(1, 101)] + [END]) as stream:
        stream.cut_after = 40
        first, state = ask(stream)
        assert len(texts(first)) == 40 and record(first)["ok"]
        assert "behind" in " ".join(first.warnings)
        stream.cut_after = None
        second, state = ask(stream, state)
        assert len(texts(second)) == 60 and second.warnings == []
        stream.cut_after = 0
        with pytest.raises(SourceError, match="closed"):
            ask(stream, state)


def test_odd_messages_cost_themselves() -> None:
    odd: list[Any] = ["no json", "[1]", {"kind": "commit", "time_us": "x"}, event(3, embed=[1]), event(4, reply=7), END]
    with streaming([event(1), *odd]) as stream:
        batch, _ = ask(stream)
        assert texts(batch) == ["glass 1"] and record(batch)["n_rejected"] == 2


def test_a_silent_stream_and_a_wrong_address_are_errors() -> None:
    with streaming([]) as stream:
        with pytest.raises(SourceError, match="nothing came for"):
            ask(stream, idle_s=0.2, listen_s=3.0)
        stream.url = stream.url.replace("ws://", "http://")
        with pytest.raises(SourceError, match="no address of a stream"):
            ask(stream)
    with pytest.raises(SourceError, match="no answer"):
        ask(stream, url="ws://127.0.0.1:9/subscribe", timeout_s=2.0)


def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with streaming([END]) as stream:
        inside = [(2, 1, 6, "", ("127.0.0.1", 0))]
        monkeypatch.setattr("crisislib.collect.http_network.socket.getaddrinfo", lambda *_, **__: inside)
        named = stream.url.replace("127.0.0.1", "stream.example.com")
        with pytest.raises(SourceError, match="private address"):
            ask(stream, url=named)
        assert stream.asked == []


def test_what_the_stream_does_not_reach_any_more_is_said() -> None:
    with streaming([END]) as stream:
        old = int((NOW - timedelta(days=4)).timestamp() * 1e6)
        batch, _ = ask(stream, {"cursor": old})
        assert "day and a half" in batch.warnings[0]
        assert int(stream.asked[0]["cursor"][0]) > old


# Mastodon: server-sent events.


def toot(n: int, **more: Any) -> dict[str, Any]:
    account = {"acct": "ann", "username": "ann", "display_name": "Ann", "followers_count": 7}
    at = (NOW - timedelta(minutes=60 - n)).isoformat()
    return {"id": str(n), "created_at": at, "content": f"<p>tea {n}</p>", "account": account} | more


class Instance:
    """A timeline, and a stream that sends pieces cut anywhere, then stays open or closes."""

    def __init__(self) -> None:
        self.timeline: list[dict[str, Any]] = []
        self.pieces: list[bytes] = []
        self.closes = False
        self.asked: list[tuple[str, str]] = []
        instance = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                instance.asked.append((parts.path, self.headers.get("Authorization", "")))
                if "/streaming/" not in parts.path:
                    since = int(parse_qs(parts.query).get("since_id", ["0"])[0])
                    body = json.dumps([t for t in instance.timeline if int(t["id"]) > since]).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for piece in instance.pieces:
                    self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                    self.wfile.flush()
                if instance.closes:
                    self.wfile.write(b"0\r\n\r\n")
                else:
                    instance.over.wait(5)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.over = threading.Event()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.setenv("MASTODON_TOKEN", "hunter2hunter2")
    one = Instance()
    yield one
    one.over.set()
    one.http.shutdown()
    one.http.server_close()


def read_instance(instance: Instance, state: dict[str, Any] | None = None) -> Any:
    options = {"url": instance.url, "token": "${MASTODON_TOKEN}", "stream_s": 0.5}
    use = SourceUse(source="mastodon", name="the instance", options=options)
    batch, after = fetch(use, watch(), state=json.loads(json.dumps(state or {})), now=NOW)
    return batch, json.loads(json.dumps(after))


def sse(*events: tuple[str, Any]) -> bytes:
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events).encode()


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_the_stream_of_an_instance_goes_on_where_its_timeline_ends(instance: Instance, size: int) -> None:
    instance.timeline = [toot(2), toot(1)]
    edited = toot(1, content="<p>tea 1, edited</p>")
    whole = b":)\n:thump\n" + sse(("update", toot(3)), ("delete", "2"), ("status.update", edited), ("update", "odd"))
    instance.pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    batch, state = read_instance(instance)
    assert texts(batch) == ["tea 1, edited", "tea 2", "tea 3"] and state["since_id"] == "3"
    assert record(batch)["n_rejected"] == 1 and record(batch)["ok"]
    assert ("/api/v1/streaming/public", "Bearer hunter2hunter2") in instance.asked


def test_what_a_broken_stream_did_not_bring_comes_from_the_timeline(instance: Instance) -> None:
    instance.timeline = [toot(1)]
    instance.pieces, instance.closes = [sse(("update", toot(2)))], True
    batch, state = read_instance(instance)
    assert texts(batch) == ["tea 1", "tea 2"] and "closed the stream" in batch.warnings[0]
    instance.timeline = [toot(4), toot(3), toot(2), toot(1)]
    instance.pieces = []
    batch, _ = read_instance(instance, state)
    assert texts(batch) == ["tea 3", "tea 4"]
