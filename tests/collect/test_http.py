"""The HTTP door against real servers on loopback: deadlines, addresses, waits, secrets, odd headers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from crisislib.collect import checked_transport, http_client, http_network
from crisislib.collect.http_client import HttpSettings, get, request
from crisislib.collect.http_network import Deadline, is_public, names_private
from crisislib.collect.http_stream import stream
from crisislib.collect.http_waits import LONGEST_S, resets_in, retry_after
from crisislib.collect.sources.source_pace import Budget, Pace
from crisislib.core.errors import SourceError, ThrottledError

from .helpers import NOW
from .loopback import Reply, Server, server

__all__ = ["server"]

SOON = HttpSettings(timeout_s=0.5)


class RawServer:
    """Sends the bytes that a test writes, piece by piece."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]]) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/"
        self.connections = 0
        self._pieces = pieces
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> RawServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._send, args=(connection,), daemon=True).start()

    def _send(self, connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            try:
                for piece in self._pieces():
                    connection.sendall(piece)
            except OSError:
                return


def raw(*pieces: bytes, every_s: float = 0.0, forever: bytes = b"") -> RawServer:
    def send() -> Iterator[bytes]:
        yield from pieces
        while forever:
            time.sleep(every_s)
            yield forever

    return RawServer(send)


@pytest.mark.parametrize(
    ("head", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"H"),
    ],
    ids=["a header at a time", "a byte of the body at a time", "a byte of the status line at a time"],
)
def test_one_deadline_holds_from_the_connection_to_the_last_byte(head: bytes, drip: bytes) -> None:
    slow = raw(head, every_s=0.05, forever=drip) if head else raw(every_s=0.05, forever=drip)
    begun = time.monotonic()
    with slow, pytest.raises(SourceError, match=r"no answer within 0\.5 s"):
        get(slow.url, settings=SOON)
    assert time.monotonic() - begun < 5, "the pieces came in time, the whole did not"


def test_the_resolver_has_to_hurry_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2) or [])
    with pytest.raises(SourceError, match="not resolved in time"):
        get("http://slow.example/feed", settings=SOON)


def found(address: str, port: int) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def test_a_name_that_leads_inside_is_refused_unless_allowed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answer = lambda *_: (200, {}, b"inner")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found("127.0.0.1", server.port))
    address = f"http://feed.example:{server.port}/x"
    with pytest.raises(SourceError, match="private address 127") as caught:
        get(address)
    assert "allow_private" in caught.value.do and not server.asked
    assert get(address, settings=HttpSettings(allow_private=True)).content == b"inner"


def test_the_address_that_was_checked_is_connected_to(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the resolver says a public address first and the inner one ever after."""
    server.answer = lambda *_: (200, {}, b"inner")
    said: list[str] = []
    connected: list[str] = []

    def resolver(*_: object, **__: object) -> list[Any]:
        said.append("192.0.9.1" if not said else "127.0.0.1")
        return found(said[-1], server.port)

    def connect(self: object, host: str, *_: object, **__: object) -> None:
        connected.append(host)
        raise checked_transport.httpcore.ConnectError("unreachable in this test")

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(checked_transport.httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(SourceError, match="no answer"):
        get(f"http://rebind.example:{server.port}/", settings=SOON)
    assert connected == ["192.0.9.1"] and said == ["192.0.9.1"], "asked once, and nothing else connected to"


def test_a_redirect_does_not_lead_inside(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch allows this one public name; where it leads on to is not trusted."""
    inner = f"http://127.0.0.1:{server.port}/real"
    server.answer = lambda path, *_: (302, {"Location": inner}, b"") if path == "/x" else (200, {}, b"inner")
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda h, p, *a, **k: found("127.0.0.1", p) if h == "pub.example" else real(h, p, *a, **k),
    )
    monkeypatch.setattr(http_network, "is_public", lambda address: not server.asked)
    with pytest.raises(SourceError, match="private address"):
        get(f"http://pub.example:{server.port}/x")
    assert [a.path for a in server.asked] == ["/x"]


def test_tokens_do_not_follow_to_another_host(server: Server) -> None:
    other = Server()
    other.answer = lambda *_: (200, {}, b"there")
    server.answer = lambda *_: (302, {"Location": other.url + "/x"}, b"")
    answer = get(server.url, headers={"Authorization": "Bearer planted", "apikey": "planted", "If-None-Match": '"v"'})
    assert answer.content == b"there"
    assert "planted" not in str(other.asked) and other.asked[0].headers["if-none-match"] == '"v"'
    with pytest.raises(SourceError, match="redirects a POST to another host"):
        request("POST", server.url, json={"q": "x"})
    other.http.shutdown()
    other.http.server_close()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2606:4700::1111", True),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_which_hosts_are_private_by_their_form() -> None:
    assert all(map(names_private, ["localhost", "127.0.0.1", "[::1]", "rsshub", "LOCALHOST.", "a.localhost"]))
    assert not any(map(names_private, ["feed.example", "8.8.8.8", "internal.example.org"]))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_S),
        ("Sat, 01 Jan 0000 00:00:00 GMT", 0.0),
        ("Sat, 01 Jan 10000 00:00:00 GMT", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("9" * 400, LONGEST_S),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-After": said}, NOW) == seconds


def test_limits_that_name_the_instant_of_their_reset() -> None:
    headers = {"X-Rate-Limit-Reset": str(int(NOW.timestamp()) + 30)}
    assert resets_in(headers, "x-rate-limit-reset", NOW) == 30
    assert resets_in({"x": "2026-09-01T00:01:00Z"}, "x", NOW) == 60
    assert resets_in({"x": "10000-01-01"}, "x", NOW) is None and resets_in({}, "x", NOW) is None


def test_a_date_in_retry_after_is_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(http_client.time, "sleep", waits.append)
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=8), usegmt=True)
    server.answer = lambda *_: (429, {"Retry-After": at}, b"") if len(server.asked) == 1 else (200, {}, b"ok")
    assert get(server.url).content == b"ok"
    assert 5 < waits[0] <= 8


def test_a_server_that_asks_for_a_long_pause_is_left_and_its_pause_is_known(server: Server) -> None:
    server.answer = lambda *_: (429, {"Retry-After": "3600"}, b"")
    with pytest.raises(ThrottledError, match="wait 3,600 s") as caught:
        get(server.url)
    assert caught.value.wait_s == 3600 and len(server.asked) == 1


def test_a_source_may_read_a_refusal_by_its_own_documentation(server: Server) -> None:
    def explain(answer: http_client.Answer) -> SourceError | None:
        limited = answer.status == 401 and answer.json()["status_code"] == "8"
        return ThrottledError("too many calls", where="t", do="ask less often", wait_s=60) if limited else None

    server.answer = lambda *_: (401, {}, b'{"status_code": "8"}')
    with pytest.raises(ThrottledError, match="too many calls"):
        get(server.url, explain=explain)
    server.answer = lambda *_: (401, {}, b'{"status_code": "7"}')
    with pytest.raises(SourceError, match="401"):
        get(server.url, explain=explain)


@pytest.mark.long
def test_a_broken_connection_is_tried_again() -> None:
    broken = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
    with broken, pytest.raises(SourceError, match="no answer"):
        get(broken.url, settings=HttpSettings(timeout_s=2))
    assert broken.connections == 3


def test_headers_beyond_ascii_go_there_and_back(server: Server) -> None:
    etag = '"été-\x8a"'
    reply: Reply = (200, {"ETag": etag}, b"ok")
    server.answer = lambda *_: reply
    known = http_client.header(get(server.url).headers, "etag")
    assert known == etag
    get(server.url, headers={"If-None-Match": '"été"', "X-Token": "奶茶", "X-Broken": "a\r\nHost: evil"})
    sent = server.asked[-1].headers
    assert sent["if-none-match"] == '"été"' and "x-broken" not in sent
    assert sent["x-token"].encode("latin-1").decode() == "奶茶"


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "http://", "//x", "", "http://[::1", "http://\ud83d.example/", "gopher://x.example"]
)
def test_what_is_no_http_address_is_said(url: str) -> None:
    with pytest.raises(SourceError, match=r"no http address|no answer"):
        get(url)


@pytest.mark.parametrize("location", ["http://[::1", "file:///etc/passwd", "javascript:1", "http://"])
def test_a_redirect_to_no_address_is_said(server: Server, location: str) -> None:
    server.answer = lambda *_: (302, {"Location": location}, b"")
    with pytest.raises(SourceError, match=r"no http address|more than 5 redirects|no answer"):
        get(server.url)


def test_json_that_is_none_or_too_deep_is_said(server: Server) -> None:
    for body in (b"<html>", b"[" * 100_000, b"\xff\xfe"):
        server.answer = lambda *_, body=body: (200, {}, body)
        with pytest.raises(SourceError, match="no JSON"):
            get(server.url).json()


def test_the_query_of_an_address_stays_beside_parameters(server: Server) -> None:
    server.answer = lambda *_: (200, {}, b"")
    get(server.url + "/x?a=1", params={"b": "二"})
    assert server.asked[0].query == {"a": ["1"], "b": ["二"]}


def test_a_proxy_is_used_where_it_is_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback server plays the proxy: it is asked with the whole address."""
    server.answer = lambda *_: (200, {}, b"through")
    assert get("http://feed.invalid/x", settings=HttpSettings(proxy=server.url)).content == b"through"
    assert server.asked[0].headers["host"] == "feed.invalid"
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    assert get("http://feed.invalid/x").content == b"through"
    assert http_client.proxy_of("http://127.0.0.1:1/") == "", "what is inside is not asked through a proxy"
    with pytest.raises(SourceError, match="proxy"):
        get("http://feed.invalid/x", settings=HttpSettings(proxy="gopher://x"))


def test_no_secret_is_in_an_error() -> None:
    with pytest.raises(SourceError) as caught:
        get("http://ann:planted@127.0.0.1:9/feed?token=planted&access_token=planted")
    assert "planted" not in str(caught.value)


def test_a_deadline_gives_what_is_left() -> None:
    deadline = Deadline(10)
    assert 9 < deadline.left() <= 10 and deadline.left(1) == 1 and not deadline.passed
    assert Deadline(-1).passed and Deadline(-1).left() == 0.001


def test_a_stream_is_read_for_a_while_and_its_lines_are_whole() -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Cursor: 7\r\nConnection: close\r\n\r\n"
    with raw(head, b"one\r\ntw", b"o\nthr", b"ee") as ends, stream(ends.url, for_s=5, settings=SOON) as found:
        assert (list(found.lines()), found.ended, found.headers["X-Cursor"]) == (
            [b"one", b"two", b"three"],
            "server",
            "7",
        )
    with raw(head, every_s=0.05, forever=b"x\n") as on, stream(on.url, for_s=0.4, settings=SOON) as found:
        assert set(found.lines()) == {b"x"} and found.ended == "time"
    with (
        raw(head, b"one\n", every_s=2, forever=b"late\n") as dead,
        stream(dead.url, for_s=5, idle_s=0.2, settings=SOON) as found,
        pytest.raises(SourceError, match="sent nothing for too long"),
    ):
        list(found.lines())
    small = HttpSettings(timeout_s=1, max_bytes=1000)
    with (
        raw(head, every_s=0.0, forever=b"x" * 500) as endless,
        stream(endless.url, for_s=5, settings=small) as found,
        pytest.raises(SourceError, match=r"a line of more than 1,000 bytes"),
    ):
        list(found.lines())


def test_a_stream_that_is_refused_says_why(server: Server) -> None:
    server.answer = lambda *_: (429, {"Retry-After": "30"}, b"")
    with pytest.raises(ThrottledError, match="429"), stream(server.url, for_s=1):
        pass
    with pytest.raises(SourceError, match="no answer"), stream("http://127.0.0.1:9/", for_s=1, settings=SOON):
        pass


def test_a_socket_for_other_clients_is_checked_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_network.open_socket("127.0.0.1", server.port, seconds=2, private=True) as connection:
        assert connection.getpeername()[1] == server.port
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found("127.0.0.1", server.port))
    with pytest.raises(SourceError, match="private address"):
        http_network.open_socket("jetstream.example", server.port, seconds=2)


def test_a_budget_counts_calls_over_restarts() -> None:
    pace = Pace(3, 600)
    first = Budget(pace, {}, NOW)
    for _ in range(3):
        first.spend("t")
    with pytest.raises(ThrottledError, match="3/10 min") as caught:
        first.spend("t")
    assert caught.value.wait_s == 600
    assert Budget(pace, first.stored(), NOW + timedelta(seconds=300)).left == 0
    assert Budget(pace, first.stored(), NOW + timedelta(seconds=601)).left == 3
    assert Budget(pace, first.stored(), NOW - timedelta(days=1)).left == 3, "a clock that was set back"
