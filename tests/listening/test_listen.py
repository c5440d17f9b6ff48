"""`crisis listen` through its own door: a server, signed requests, the lake."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.core.errors import InputError
from crisislib.engine.home import Home
from crisislib.services.listening import Inbound, inbound_spool, serve
from crisislib.services.listening.signatures import WINDOW_S, checked_secret, sign

SECRET = "planted-secret-of-the-hook"
WATCH = "watch: tea\ntitle: {en: Aurora Tea}\nbrand: {names: [Aurora Tea, 星河奶茶]}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "crisis.toml").touch()
    (tmp_path / "data" / "watches").mkdir(parents=True)
    (tmp_path / "data" / "watches" / "tea.yml").write_text(WATCH, "utf-8")
    for name in ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Home.here()


class Door:
    """A server that runs, and a sender."""

    def __init__(self, home: Home, **options: Any) -> None:
        self.inbound = Inbound(home, home.watch("tea"), SECRET, **options)
        self.stop, ports = threading.Event(), []  # type: ignore[var-annotated]
        self.ended = threading.Thread(
            target=serve,
            kwargs={"inbound": self.inbound, "host": "127.0.0.1", "port": 0, "ready": ports.append, "stop": self.stop},
        )
        self.ended.start()
        while not ports:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{ports[0]}"

    def post(self, body: Any, *, at: float | None = None, secret: str = SECRET, **headers: str) -> httpx.Response:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = str(int(time.time() if at is None else at))
        signed = {"X-Crisis-Timestamp": stamp, "X-Crisis-Signature": sign(secret, stamp, data)}
        return httpx.post(self.url, content=data, headers=signed | headers, trust_env=False, timeout=30)

    def close(self) -> None:
        self.stop.set()
        self.ended.join()


@pytest.fixture
def door(home: Home) -> Iterator[Door]:
    one = Door(home)
    yield one
    one.close()


def post(n: int, **more: Any) -> dict[str, Any]:
    return {"id": str(n), "created_at": f"2026-08-01T04:{n % 60:02d}:00Z", "text": f"星河奶茶 tea {n}",
            "author": f"ann{n}",
            "likes": n, "platform": "weibo"} | more  # fmt: skip


def stored(home: Home) -> list[dict[str, Any]]:
    return home.lake.arrow("POSTS").to_pylist()


def test_signed_posts_are_in_the_lake_when_the_server_ends(home: Home, door: Door) -> None:
    assert door.post([post(1), post(2)]).status_code == 202
    assert door.post({"posts": [post(3)]}).json() == {"taken": 1, "known": 0}
    assert door.post(b"\n".join(json.dumps(post(n)).encode() for n in (4, 5))).status_code == 202
    assert door.post(post(6)).status_code == 202
    door.close()
    posts = stored(home)
    assert {p["text"] for p in posts} == {f"星河奶茶 tea {n}" for n in range(1, 7)}
    assert {p["source"] for p in posts} == {"listen"} and {p["platform"] for p in posts} == {"weibo"}
    records = home.lake.arrow("BATCHES").to_pylist()
    assert sum(r["n_kept"] for r in records) == 6 and {r["source"] for r in records} == {"listen"}


def test_the_same_request_twice_adds_nothing(home: Home, door: Door) -> None:
    assert door.post([post(1)]).json()["taken"] == 1
    assert door.post([post(1)]).json() == {"taken": 0, "known": 1}
    door.inbound.store()
    assert door.post([post(1)]).json()["known"] == 1, "also when it has been stored"
    door.close()
    again = Door(home)
    assert again.post([post(1)]).json()["known"] == 1, "also after a restart"
    again.close()
    assert len(stored(home)) == 1


@pytest.mark.parametrize("shift", [WINDOW_S + 60, -WINDOW_S - 60])
def test_an_old_request_or_one_of_the_future_is_refused(home: Home, door: Door, shift: float) -> None:
    answer = door.post([post(1)], at=time.time() + shift)
    assert answer.status_code == 401 and "timestamp" in answer.text


def test_what_is_not_signed_well_is_refused_and_leaves_nothing(home: Home, door: Door) -> None:
    assert door.post([post(1)], secret="another-secret-altogether").status_code == 401
    assert httpx.post(door.url, json=[post(1)], trust_env=False).status_code == 401
    stamp = str(int(time.time()))
    for broken in ("", "sha256=", "sha256=ü", "00"):
        headers = [(b"X-Crisis-Timestamp", stamp.encode()), (b"X-Crisis-Signature", broken.encode("latin-1"))]
        assert httpx.post(door.url, content=b"[]", headers=headers, trust_env=False).status_code == 401
    for stamp in ("soon", "", "9" * 40, "٣"):
        headers = [(b"X-Crisis-Timestamp", stamp.encode()), (b"X-Crisis-Signature", b"sha256=00")]
        assert httpx.post(door.url, content=b"[]", headers=headers, trust_env=False).status_code == 401
    door.close()
    assert not stored(home) and door.inbound.counts["received"] == 0


def test_the_signature_covers_the_time_and_the_body() -> None:
    assert sign(SECRET, "1", b"a") != sign(SECRET, "2", b"a") != sign(SECRET, "1", b"b")
    expected = hmac.new(SECRET.encode(), b"1.a", hashlib.sha256).hexdigest()
    assert sign(SECRET, "1", b"a") == f"sha256={expected}"
    with pytest.raises(InputError, match="fewer than 16"):
        checked_secret("short")


def test_hooks_after_websubs_manner_are_taken_where_asked_for(home: Home, door: Door) -> None:
    body = json.dumps({"request": {"hook_id": 1}, "documents": [post(7)]}).encode()
    sha1 = "sha1=" + hmac.new(SECRET.encode(), body, "sha1").hexdigest()
    send = {"content": body, "headers": {"X-Hub-Signature": sha1}, "trust_env": False}
    assert httpx.post(door.url, **send).status_code == 401  # type: ignore[arg-type]
    hooks = Door(home, hooks=True)
    assert httpx.post(hooks.url, **send).status_code == 202  # type: ignore[arg-type]
    hooks.close()
    assert [p["text"] for p in stored(home)] == ["星河奶茶 tea 7"]


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"3", b"[" * 50_000, b'{"posts": [1, 2]}', b"\xff\xfe"])
def test_what_holds_no_post_is_said(door: Door, body: bytes) -> None:
    answer = door.post(body)
    assert answer.status_code == 400 and answer.json()["error"]


def test_keys_that_nobody_understands_are_said_at_once(home: Home, door: Door) -> None:
    odd = {"foo": 1, "bar": True}
    answer = door.post([odd])
    assert answer.status_code == 422 and answer.json()["error"]
    mapped = Door(home, mapping={"text": "Body", "created": "When"})
    assert mapped.post([{"Body": "星河奶茶 tea", "When": "2026-08-01T04:00:00Z", "k": 1}]).status_code == 202
    mapped.close()
    assert len(stored(home)) == 1


def test_a_bad_post_costs_itself(home: Home, door: Door) -> None:
    rows = [post(1), post(2, created_at="0000-01-01"), post(3, created_at="10000-01-01"), post(4, text="\ud83d tea")]
    assert door.post(rows).status_code == 202
    door.close()
    assert {p["post_id"] for p in stored(home)} == {"weibo:1", "weibo:4"}
    assert sum(r["n_rejected"] for r in home.lake.arrow("BATCHES").to_pylist()) == 2


def test_items_that_are_no_posts_are_counted(home: Home, door: Door) -> None:
    assert door.post([post(1), "words", 5, None, {}]).json() == {"taken": 1, "known": 0, "rejected": 4}
    lines = json.dumps(post(2)).encode() + b"\n{half\n" + json.dumps(post(3)).encode()
    assert door.post(lines).json() == {"taken": 2, "known": 0, "rejected": 1}
    door.post([post(4), post(5, created_at="never")])
    door.close()
    assert door.inbound.counts["received"] == 5 and door.inbound.counts["stored"] == 4
    assert door.inbound.counts["rejected"] == 6, "five that are no posts, one without a time"


def test_a_refusal_is_in_the_log_once_and_says_why(home: Home, door: Door, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        door.post([post(1)], secret="another-secret-altogether")
    door.post([{"foo": 1, "bar": True}])
    refused = [r.message for r in caplog.records if "refused" in r.message]
    assert len(refused) == 2 and "(401): the signature does not fit" in refused[0] and "--map text=KEY" in refused[1]
    assert "bar, foo" in refused[1] and "--ask" not in refused[1], "what the sender reads helps where it stands"
    assert door.inbound.counts["refused"] == 4 and SECRET not in caplog.text


def test_a_body_that_is_packed_or_in_another_encoding_is_called_that(door: Door) -> None:
    assert (
        door.post(json.dumps([post(1)], ensure_ascii=False).encode("gbk")).json()["error"].startswith("this is no JSON")
    )
    answer = door.post(b"...", **{"Content-Encoding": "gzip"})
    assert answer.status_code == 415 and "Content-Encoding" in answer.json()["error"]


def test_too_much_is_refused_and_health_counts(home: Home, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisislib.services.listening.webhook_server.MOST_BYTES", 1000)
    assert door.post([post(n) for n in range(100)]).status_code == 413
    monkeypatch.undo()
    door.post([post(1)])
    report = httpx.get(f"{door.url}/health", trust_env=False).json()
    assert report["ok"] and report["received"] == 1
    assert httpx.get(door.url, trust_env=False).status_code == 404
    assert SECRET not in json.dumps(report) + repr(door.inbound)


def test_a_kill_between_any_two_steps_loses_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spool is what a kill leaves; another process takes it up."""
    first = Inbound(home, home.watch("tea"), SECRET)
    first.spool.add([post(1)])
    first.spool.add([post(2)])
    (group,) = first.spool.groups()  # killed with the group made
    second = Inbound(home, home.watch("tea"), SECRET)
    second.spool.add([post(3)])
    assert second.spool.groups() == [group]
    monkeypatch.setattr(second.spool, "done", lambda _: None)  # killed after the lake, before the file is gone
    second.store()
    third = Inbound(home, home.watch("tea"), SECRET)
    third.store()
    third.store()
    assert sorted(p["post_id"] for p in stored(home)) == ["weibo:1", "weibo:2", "weibo:3"]
    assert not list(third.spool.folder.glob("*.jsonl"))


def test_parts_that_a_kill_left_beside_their_group_are_not_stored_twice(home: Home) -> None:
    spool = inbound_spool.Spool(home.lake.artifact("tea", "listen", "x").parent)
    spool.add([post(1)])
    (part,) = spool.folder.glob("*.jsonl")
    body = part.read_bytes()
    (group,) = spool.groups()
    part.write_bytes(body)  # as if it had not been removed yet
    group.with_suffix(".parts").write_text(json.dumps([part.name]))
    assert spool.groups() == [group] and not part.exists()


def test_the_command_needs_a_secret_and_says_how(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRISIS_LISTEN_SECRET", raising=False)
    done = CliRunner().invoke(app, ["listen", "--watch", "tea"])
    assert done.exit_code and "CRISIS_LISTEN_SECRET" in str(done.exception)
