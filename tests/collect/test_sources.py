"""Live sources against real HTTP servers on loopback: what they read, and how they fail."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crisislib.collect import SOURCES, fetch, http_client
from crisislib.core.errors import SourceError
from crisislib.core.tables import TABLES
from crisislib.core.watch_sections import SourceUse

from .helpers import NOW, record, rows, watch
from .loopback import Reply, Server, server

__all__ = ["server"]

ITEM = (
    "<item><guid>{0}</guid><link>http://n.example/{0}</link><title>{1}</title><pubDate>{2}</pubDate><description>"
    "&lt;p&gt;{1} &lt;b&gt;glass&lt;/b&gt;&lt;script&gt;x()&lt;/script&gt; &amp;amp; tea&lt;/p&gt;</description></item>"
)


def feed(items: list[tuple[str, str, str]], encoding: str = "utf-8") -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>示例日报</title>'
    return (head + "".join(ITEM.format(*item) for item in items) + "</channel></rss>").encode(encoding)


MORNING = [("a1", "星河奶茶", "Sat, 01 Aug 2026 04:30:00 GMT"), ("a2", "other", "Sat, 01 Aug 2026 05:30:00 GMT")]


def use(source: str, **options: Any) -> SourceUse:
    return SourceUse(source=source, name="the source", options=options)


def rss(server: Server, state: dict[str, Any] | None = None, query: str = "", **more: Any) -> Any:
    return fetch(use("rss", url=server.url + "/feed", **more), watch(query=query), state=state or {}, now=NOW)


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_tells_its_options_and_refuses_others(name: str) -> None:
    source = SOURCES[name]
    assert source.name == name
    assert set(source.title) == {"zh", "en"}
    assert set(source.required) <= set(source.options)
    with pytest.raises(SourceError, match="unknown options"):
        fetch(SourceUse(source=name, options={"nonsense": 1}), watch(), state={}, now=NOW)
    if source.required:
        with pytest.raises(SourceError, match="missing"):
            fetch(SourceUse(source=name), watch(), state={}, now=NOW)


def test_a_name_with_quotes_is_a_name(server: Server) -> None:
    server.answer = lambda *_: (200, {}, feed(MORNING))
    name = 'Owners\' "forum"; DROP TABLE posts --'
    batch, _ = fetch(SourceUse(source="rss", name=name, options={"url": server.url}), watch(), state={}, now=NOW)
    assert {p["source"] for p in rows(batch.posts)} == {name}


def test_an_unknown_source_lists_the_known() -> None:
    with pytest.raises(SourceError, match="rss"):
        fetch(SourceUse(source="telepathy"), watch(), state={}, now=NOW)


def test_rss_is_read_as_text_with_its_times(server: Server) -> None:
    server.answer = lambda *_: (200, {"ETag": '"v1"', "Content-Type": "application/rss+xml"}, feed(MORNING))
    batch, state = rss(server, query="星河奶茶")
    (post,) = rows(batch.posts)
    assert post["post_id"] == "news:a1"
    assert post["text"] == "星河奶茶 glass & tea"
    assert post["created_at"] == datetime(2026, 8, 1, 4, 30, tzinfo=UTC)
    assert (post["kind"], post["source"], post["account_id"]) == ("news", "the source", "news:@示例日报")
    assert (record(batch)["n_read"], record(batch)["n_kept"]) == (2, 1)
    assert state["etag"] == '"v1"'


def test_rss_asks_only_for_what_changed(server: Server) -> None:
    def answer(path: str, query: object, headers: dict[str, str]) -> Reply:
        same = headers.get("if-none-match") == '"v1"'
        return (304, {}, b"") if same else (200, {"ETag": '"v1"'}, feed(MORNING))

    server.answer = answer
    _, state = rss(server)
    again, after = rss(server, state)
    assert again.posts.schema == TABLES["POSTS"].schema
    assert (record(again)["n_read"], record(again)["ok"]) == (0, True)
    assert again.posts.num_rows == 0
    assert after["seen"] == state["seen"]


def test_rss_counts_what_it_handed_on_before_as_duplicates(server: Server) -> None:
    server.answer = lambda *_: (200, {}, feed(MORNING))
    _, state = rss(server)
    server.answer = lambda *_: (200, {}, feed([*MORNING, ("a3", "new", "Sat, 01 Aug 2026 06:30:00 GMT")]))
    batch, _ = rss(server, state)
    assert (record(batch)["n_read"], record(batch)["n_kept"], record(batch)["n_duplicate"]) == (3, 1, 2)
    assert json.loads(record(batch)["gaps"]) == []


def test_rss_notices_that_it_was_read_too_seldom(server: Server) -> None:
    server.answer = lambda *_: (200, {}, feed(MORNING))
    _, state = rss(server)
    server.answer = lambda *_: (200, {}, feed([("b9", "later", "Sun, 02 Aug 2026 06:30:00 GMT")]))
    batch, _ = rss(server, state)
    assert json.loads(record(batch)["gaps"]) == [["2026-08-01T05:30:00+00:00", "2026-08-02T06:30:00+00:00"]]
    assert any("may be missing" in line for line in batch.warnings)


def test_rss_in_another_encoding_and_undated(server: Server) -> None:
    server.answer = lambda *_: (200, {"Content-Type": "text/xml"}, feed([("c1", "奶茶", "")], "gb18030"))
    batch, _ = rss(server)
    (post,) = rows(batch.posts)
    assert post["title"] == "奶茶"
    assert post["created_at"] == NOW
    assert any("1 item states no time" in line for line in batch.warnings)


def test_atom_is_read_too(server: Server) -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id><title>tea</title>'
        "<updated>2026-08-01T12:30:00+08:00</updated>"
        "<content type='html'>&lt;i&gt;hot&lt;/i&gt;</content></entry></feed>"
    )
    server.answer = lambda *_: (200, {}, atom.encode())
    (post,) = rows(rss(server)[0].posts)
    assert (post["text"], post["created_at"]) == ("hot", datetime(2026, 8, 1, 4, 30, tzinfo=UTC))


def test_a_feed_that_breaks_off_keeps_what_could_be_read(server: Server) -> None:
    server.answer = lambda *_: (200, {}, feed(MORNING)[:-60])
    batch, _ = rss(server)
    assert batch.posts.num_rows >= 1
    assert any("malformed" in line for line in batch.warnings)


@pytest.mark.parametrize("body", [b"<html><body>Not found</body></html>", b"", b"\x00\x01", b'{"a": 1}'])
def test_what_is_no_feed_is_said(server: Server, body: bytes) -> None:
    server.answer = lambda *_: (200, {}, body)
    with pytest.raises(SourceError, match="no feed"):
        rss(server)


def test_a_server_error_is_tried_again_and_then_said(server: Server) -> None:
    server.answer = lambda *_: (500, {}, b"")
    with pytest.raises(SourceError, match="500") as caught:
        rss(server)
    assert len(server.asked) == 3
    assert server.url in str(caught.value)
    server.asked.clear()
    server.answer = lambda *_: (200, {}, feed(MORNING)) if len(server.asked) > 1 else (503, {"Retry-After": "0"}, b"")
    assert record(rss(server)[0])["n_kept"] == 2


def test_waits_are_what_the_server_asks_or_spread_over_a_quarter(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(http_client.time, "sleep", waits.append)
    monkeypatch.setattr(http_client, "BACKOFF_S", (0.5, 2.0))
    server.answer = lambda *_: (503, {"Retry-After": "7"} if len(server.asked) == 1 else {}, b"")
    with pytest.raises(SourceError, match="503"):
        rss(server)
    assert waits[0] == 7.0 and 2.0 <= waits[1] <= 2.5 and len(waits) == 2


def test_a_refusal_is_not_tried_again(server: Server) -> None:
    server.answer = lambda *_: (404, {}, b"")
    with pytest.raises(SourceError, match="404"):
        rss(server)
    server.answer = lambda *_: (429, {"Retry-After": "3600"}, b"")
    with pytest.raises(SourceError, match="wait 3,600 s"):
        rss(server)
    assert len(server.asked) == 2


def test_a_server_that_hangs_or_drowns_us_is_left(server: Server) -> None:
    def hang(*_: object) -> Reply:
        time.sleep(1.5)
        return 200, {}, b""

    server.answer = hang
    with pytest.raises(SourceError, match=r"no answer within 0\.3 s"):
        rss(server, timeout_s=0.3)
    server.answer = lambda *_: (200, {}, b"x" * 300_000)
    with pytest.raises(SourceError, match="more than"):
        rss(server, max_mb=0.1)


def test_nobody_there_is_said() -> None:
    with pytest.raises(SourceError, match="no answer"):
        fetch(use("rss", url="http://127.0.0.1:9/feed"), watch(), state={}, now=NOW)
    with pytest.raises(SourceError, match="no http address"):
        fetch(use("rss", url="file:///etc/hostname"), watch(), state={}, now=NOW)


def test_redirects_are_followed_but_not_in_circles(server: Server) -> None:
    def answer(path: str, *_: object) -> Reply:
        return (302, {"Location": "/real"}, b"") if path == "/feed" else (200, {}, feed(MORNING))

    server.answer = answer
    assert record(rss(server)[0])["n_kept"] == 2
    server.answer = lambda *_: (302, {"Location": "/feed"}, b"")
    with pytest.raises(SourceError, match="redirects"):
        rss(server)


def test_the_folder_reads_each_new_file_once(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    with pytest.raises(SourceError, match="no such folder"):
        fetch(use("folder", path=str(inbox)), watch(), state={}, now=NOW)
    inbox.mkdir()
    now = datetime.now(UTC) + timedelta(minutes=1)
    (inbox / "one.csv").write_text("id,date,text\n1,2026-08-01,a\n")
    first, state = fetch(use("folder", path=str(inbox)), watch(), state={}, now=now)
    assert record(first)["n_kept"] == 1
    (inbox / "two.csv").write_text("id,date,text\n2,2026-08-01,b\n")
    (inbox / "bad.csv").write_text("what,is,this\n1,2,3\n")
    (inbox / "copy.csv").write_text("id,date,text\n1,2026-08-01,a\n")
    second, state = fetch(use("folder", path=str(inbox)), watch(), state=state, now=now)
    assert [p["post_id"] for p in rows(second.posts)] == ["web:2"]
    assert record(second)["ok"] is False
    assert any("bad.csv" in line for line in second.warnings)
    third, _ = fetch(use("folder", path=str(inbox)), watch(), state=json.loads(json.dumps(state)), now=now)
    assert (record(third)["n_read"], record(third)["ok"]) == (0, True)


def test_a_file_that_is_still_being_written_waits(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("id,date,text\n1,2026-08-01,a\n")
    batch, state = fetch(use("folder", path=str(tmp_path), settle_s=5.0), watch(), state={}, now=datetime.now(UTC))
    assert (batch.posts.num_rows, state["read"]) == (0, {})
    assert [w for w in batch.warnings if "one.csv" in w and "read next time" in w], "nothing read, and it says why"
    assert record(batch)["ok"] is True


def status(n: int, **more: Any) -> dict[str, Any]:
    account = {"acct": "ann", "username": "ann", "display_name": "Ann", "followers_count": 7}
    return {
        "id": str(n),
        "created_at": f"2026-08-01T04:{n % 60:02d}:00.000Z",
        "content": f"<p>tea {n}</p>",
        "account": account,
    } | more


def test_mastodon_reads_all_pages_and_then_only_what_is_new(server: Server) -> None:
    def answer(path: str, query: dict[str, list[str]], headers: object) -> Reply:
        assert path == "/api/v1/timelines/tag/tea"
        if "since_id" in query:
            return 200, {}, json.dumps([status(131)] if query["since_id"] == ["130"] else []).encode()
        top = int(query.get("max_id", ["131"])[0])
        page = [status(n) for n in range(top - 1, max(top - 11, 100), -1)]
        link = f'<{server.url}{path}?max_id={top - 10}>; rel="next", <{server.url}{path}?min_id={top}>; rel="prev"'
        return 200, {"Link": link}, json.dumps(page).encode()

    server.answer = answer
    batch, state = fetch(use("mastodon", url=server.url, hashtag="tea"), watch(), state={}, now=NOW)
    assert batch.posts.num_rows == 30
    assert state["since_id"] == "130"
    assert rows(batch.posts)[0]["text"] == "tea 130"
    assert rows(batch.accounts)[0]["n_followers"] == 7
    later, state = fetch(use("mastodon", url=server.url, hashtag="tea"), watch(), state=state, now=NOW)
    assert [p["post_id"] for p in rows(later.posts)] == ["mastodon:127.0.0.1/131"]
    assert state["since_id"] == "131"
    assert json.loads(record(later)["gaps"]) == [], "it was asked for all that is new, and showed it"


def test_mastodon_reads_a_burst_over_several_fetches(server: Server) -> None:
    """More came than the pages of one fetch hold: the newest first, and nothing is lost."""
    top = 101

    def answer(path: str, query: dict[str, list[str]], headers: object) -> Reply:
        since, most = int(query.get("since_id", ["0"])[0]), int(query.get("max_id", ["999"])[0])
        ids = [n for n in range(top, since, -1) if n < most]
        page = [status(n) for n in ids[:10]]
        link = f'<{server.url}{path}?since_id={since}&max_id={ids[9]}>; rel="next"' if len(ids) > 10 else ""
        return 200, {"Link": link} if link else {}, json.dumps(page).encode()

    server.answer = answer
    _, state = fetch(use("mastodon", url=server.url, max_pages=20), watch(), state={}, now=NOW)
    top = 160
    came: list[set[str]] = []
    for _ in range(4):
        batch, state = fetch(use("mastodon", url=server.url, max_pages=2), watch(), state=state, now=NOW)
        came.append({p["post_id"].rsplit("/", 1)[1] for p in rows(batch.posts)})
        assert json.loads(record(batch)["gaps"]) == []
        assert bool(state["open"]) is any("rest is read next time" in line for line in batch.warnings)
        state = json.loads(json.dumps(state))
    assert "160" in came[0] and set().union(*came) == {str(n) for n in range(102, 161)} and state["open"] == []


def test_mastodon_boosts_and_replies_have_parents(server: Server) -> None:
    page = [
        status(3, reblog=status(1)),
        status(2, in_reply_to_id="1", tags=[{"name": "tea"}]),
        status(1),
    ]
    server.answer = lambda *_: (200, {}, json.dumps(page).encode())
    batch, _ = fetch(use("mastodon", url=server.url), watch(), state={}, now=NOW)
    boost, reply, post = rows(batch.posts)
    assert (boost["kind"], boost["parent_id"]) == ("repost", post["post_id"])
    assert (reply["kind"], reply["parent_id"], json.loads(reply["extra"])["hashtags"]) == (
        "reply",
        post["post_id"],
        ["tea"],
    )
    assert post["parent_id"] is None


def test_mastodon_limits_and_page_ends_are_said(server: Server) -> None:
    server.answer = lambda *_: (429, {"Retry-After": "900"}, b"")
    with pytest.raises(SourceError, match="ask less often"):
        fetch(use("mastodon", url=server.url), watch(), state={}, now=NOW)
    server.answer = lambda *_: (200, {}, b'{"error": "no"}')
    with pytest.raises(SourceError, match="no list of posts"):
        fetch(use("mastodon", url=server.url), watch(), state={}, now=NOW)
    link = {"Link": f'<{server.url}/api/v1/timelines/public?max_id=1>; rel="next"'}
    server.answer = lambda *_: (200, link, json.dumps([status(1)]).encode())
    batch, _ = fetch(use("mastodon", url=server.url, max_pages=2), watch(), state={}, now=NOW)
    assert any("more than 2 pages" in line for line in batch.warnings)
    server.answer = lambda *_: (200, {"Link": '<http://evil.example/x>; rel="next"'}, json.dumps([status(1)]).encode())
    with pytest.raises(SourceError, match="another host"):
        fetch(use("mastodon", url=server.url), watch(), state={}, now=NOW)


def view(n: int, **record_: Any) -> dict[str, Any]:
    author = {"did": f"did:plc:{n}", "handle": f"u{n}.example", "displayName": f"U{n}"}
    said = {"text": f"tea {n}", "createdAt": f"2026-08-01T04:{n:02d}:00.000Z"} | record_
    return {"uri": f"at://did:plc:{n}/app.bsky.feed.post/{n}", "author": author, "record": said, "likeCount": n}


def test_bluesky_search_goes_by_cursor_down_to_what_was_read(server: Server) -> None:
    reply = {"parent": {"uri": view(1)["uri"]}, "root": {"uri": view(1)["uri"]}}
    pages: dict[str, dict[str, Any]] = {
        "": {"posts": [view(5), view(4, reply=reply)], "cursor": "p2"},
        "p2": {"posts": [view(3, embed={"record": {"uri": view(1)["uri"]}}), view(1)]},
    }

    def answer(path: str, query: dict[str, list[str]], headers: object) -> Reply:
        assert path == "/xrpc/app.bsky.feed.searchPosts"
        assert query["q"] == ["tea"]
        return 200, {}, json.dumps(pages[query.get("cursor", [""])[0]]).encode()

    server.answer = answer
    batch, state = fetch(use("bluesky", url=server.url, search="tea"), watch(), state={}, now=NOW)
    kinds = {p["post_id"].rsplit("/", 1)[1]: p["kind"] for p in rows(batch.posts)}
    assert kinds == {"5": "post", "4": "reply", "3": "quote", "1": "post"}
    children = [p for p in rows(batch.posts) if p["parent_id"]]
    assert {p["parent_id"] for p in children} == {"bluesky:" + view(1)["uri"]}
    server.asked.clear()
    pages[""] = {"posts": [view(6), view(5)], "cursor": "p2"}
    later, _ = fetch(use("bluesky", url=server.url, search="tea"), watch(), state=state, now=NOW)
    assert len(server.asked) == 1
    assert (record(later)["n_kept"], record(later)["n_duplicate"]) == (1, 1)


def test_bluesky_reads_a_burst_over_several_fetches(server: Server) -> None:
    top = 1

    def answer(path: str, query: dict[str, list[str]], headers: object) -> Reply:
        begin = int(query.get("cursor", [str(top)])[0])
        page = {"posts": [view(n) for n in range(begin, max(0, begin - 5), -1)]}
        return 200, {}, json.dumps(page | ({"cursor": str(begin - 5)} if begin > 5 else {})).encode()

    server.answer = answer
    options = {"url": server.url, "search": "tea", "max_pages": 2}
    _, state = fetch(use("bluesky", **options), watch(), state={}, now=NOW)
    top = 40
    came: set[str] = set()
    for _ in range(4):
        batch, state = fetch(use("bluesky", **options), watch(), state=json.loads(json.dumps(state)), now=NOW)
        came |= {p["post_id"].rsplit("/", 1)[1] for p in rows(batch.posts)}
        assert "40" in came and json.loads(record(batch)["gaps"]) == []
    assert came == {str(n) for n in range(2, 41)} and state["open"] == []


def test_bluesky_feed_marks_reposts_and_says_what_it_does_not_understand(server: Server) -> None:
    repost = {"by": {"did": "did:plc:9", "handle": "nine.example"}, "indexedAt": "2026-08-01T05:00:00Z"}
    server.answer = lambda *_: (
        200,
        {},
        json.dumps({"feed": [{"post": view(1), "reason": repost}, {"post": view(1)}]}).encode(),
    )
    batch, _ = fetch(use("bluesky", url=server.url, actor="nine.example"), watch(), state={}, now=NOW)
    first, second = rows(batch.posts)
    assert (first["kind"], first["parent_id"], first["account_id"]) == (
        "repost",
        second["post_id"],
        "bluesky:did:plc:9",
    )
    server.answer = lambda *_: (200, {}, b"[]")
    with pytest.raises(SourceError, match="no posts"):
        fetch(use("bluesky", url=server.url, search="tea"), watch(), state={}, now=NOW)
    with pytest.raises(SourceError, match="one of search and actor"):
        fetch(use("bluesky", url=server.url), watch(), state={}, now=NOW)


@pytest.mark.parametrize("date", ["0000-00-00", "0000-00-00T00:00:00Z", "32 Foo 2026"])
def test_an_item_with_an_impossible_date_is_kept_with_the_time_of_fetching(server: Server, date: str) -> None:
    server.answer = lambda *_: (200, {}, feed([("bad", "奶茶", date), *MORNING]))
    batch, state = rss(server)
    assert {p["post_id"]: p["created_at"] for p in rows(batch.posts)}["news:bad"] == NOW
    assert batch.posts.num_rows == 3 and any("1 item states no time" in line for line in batch.warnings)
    assert state["newest"] == "2026-08-01T05:30:00+00:00", "a date of nowhere does not say how far the feed was read"
    again, _ = rss(server, state)
    assert (record(again)["n_rejected"], record(again)["n_duplicate"]) == (0, 3)


@pytest.mark.parametrize(
    ("written", "text"),
    [("&#xD800;", "\ufffd"), ("&#xD83C;&#xDF75;", "🍵"), ("&#55356;&#57205;", "🍵"), ("&#55000;", "훘")],
)
def test_a_reference_to_half_a_character_costs_that_character(server: Server, written: str, text: str) -> None:
    body = feed([("half", "tea HERE cold", MORNING[0][2]), *MORNING]).replace(b"HERE", written.encode())
    server.answer = lambda *_: (200, {}, body)
    batch, _ = rss(server)
    assert {p["post_id"]: p["title"] for p in rows(batch.posts)}["news:half"] == f"tea {text} cold"
    assert batch.posts.num_rows == 3


@pytest.mark.parametrize("content_type", ["", "text/html", "text/plain"])
def test_what_a_server_calls_a_feed_is_no_damage(server: Server, content_type: str) -> None:
    server.answer = lambda *_: (200, {"Content-Type": content_type}, feed(MORNING))
    batch, _ = rss(server)
    assert batch.posts.num_rows == 2 and not any("malformed" in line for line in batch.warnings)
    server.answer = lambda *_: (200, {"Content-Type": content_type}, feed([]))
    assert rss(server)[0].posts.num_rows == 0, "a feed without items is a feed"


STRANGE: list[Any] = [
    {"id": "7"},
    {"id": "8", "created_at": "2026-08-01T04:08:00Z", "account": "ann", "content": "tea"},
    {"id": "9", "created_at": None, "tags": 3},
    "not a post",
    None,
]


def test_a_strange_post_costs_itself_and_not_the_timeline(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.answer = lambda *_: (200, {}, json.dumps([status(3), *STRANGE, status(1)]).encode())
    batch, state = fetch(use("mastodon", url=server.url), watch(), state={}, now=NOW)
    assert {p["post_id"].rsplit("/", 1)[1] for p in rows(batch.posts)} == {"3", "1"}
    assert (record(batch)["n_read"], record(batch)["n_rejected"], record(batch)["ok"]) == (7, 5, True)
    assert all("the format that its source documents" in r["reason"] for r in rows(batch.rejects))
    assert any("5 items of the source" in line for line in batch.warnings)
    assert any("could not be read" in r.message and "KeyError" in r.message for r in caplog.records)
    again, _ = fetch(use("mastodon", url=server.url), watch(), state={**state, "since_id": ""}, now=NOW)
    assert (record(again)["n_rejected"], record(again)["n_duplicate"]) == (0, 7), "said once"


def test_half_a_character_does_not_cost_the_timeline(server: Server) -> None:
    server.answer = lambda *_: (
        200,
        {},
        json.dumps([status(1, content="<p>tea \\ud83d</p>"), status(2)]).replace("\\\\ud83d", "\\ud83d").encode(),
    )
    batch, _ = fetch(use("mastodon", url=server.url), watch(), state={}, now=NOW)
    assert sorted(p["text"] for p in rows(batch.posts)) == ["tea 2", "tea ?"]


def test_a_post_from_the_future_does_not_end_the_reading(server: Server) -> None:
    """Bluesky is read down to the newest time of last time; an author can write any time into a post."""
    liar = view(9, createdAt="9999-01-01T00:00:00Z")
    server.answer = lambda *_: (200, {}, json.dumps({"posts": [liar, view(3), "x", {"post": 1}]}).encode())
    batch, state = fetch(use("bluesky", url=server.url, search="tea"), watch(), state={}, now=NOW)
    assert state["last"] == "2026-08-01T04:03:00+00:00"
    assert record(batch)["n_kept"] == 1 and record(batch)["n_rejected"] == 3


def test_a_secret_of_an_address_is_not_stored(server: Server) -> None:
    server.answer = lambda *_: (200, {}, feed(MORNING))
    address = server.url.replace("://", "://ann:hunter2@") + "/feed?token=hunter2"
    batch, _ = fetch(use("rss", url=address), watch(), state={}, now=NOW)
    assert "hunter2" not in json.dumps([rows(batch.posts), record(batch)], default=str)


def test_a_secret_comes_from_the_environment_and_leaves_no_trace(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FEED_TOKEN", "planted-9911")
    server.answer = lambda _, query, __: (200, {}, feed([("a", f"echo {query['t'][0]}", MORNING[0][2]), *MORNING]))
    batch, state = fetch(use("rss", url=server.url + "/feed?t=${FEED_TOKEN}"), watch(), state={}, now=NOW)
    assert server.asked[0].query == {"t": ["planted-9911"]}
    assert "planted" not in json.dumps([rows(batch.posts), record(batch), state], default=str)
    server.answer = lambda *_: (404, {}, b"")
    with pytest.raises(SourceError) as caught:
        fetch(use("rss", url=server.url + "/feed?t=${FEED_TOKEN}"), watch(), state={}, now=NOW)
    assert "planted" not in str(caught.value) + caplog.text
    with pytest.raises(SourceError, match="NOT_THERE"):
        fetch(use("rss", url=server.url + "/${NOT_THERE}"), watch(), state={}, now=NOW)
    with pytest.raises(SourceError, match="plain text"):
        fetch(use("mastodon", url=server.url, token="planted-9911"), watch(), state={}, now=NOW)
    server.answer = lambda *_: (200, {}, b"[]")
    fetch(use("mastodon", url=server.url, token="${FEED_TOKEN}"), watch(), state={}, now=NOW)
    assert server.asked[-1].headers["authorization"] == "Bearer planted-9911"


@pytest.mark.parametrize("name", [n for n, s in SOURCES.items() if s.secrets])
def test_every_secret_option_is_an_option(name: str) -> None:
    assert set(SOURCES[name].secrets) <= set(SOURCES[name].options)


@pytest.mark.parametrize(
    "when", ["0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_years_that_no_calendar_has_cost_their_item_only(server: Server, when: str) -> None:
    server.answer = lambda *_: (200, {}, json.dumps([status(3, created_at=when), status(2)]).encode())
    batch, _ = fetch(use("mastodon", url=server.url), watch(), state={}, now=NOW)
    assert [p["text"] for p in rows(batch.posts)] == ["tea 2"] and batch.rejects.num_rows == 1
    server.answer = lambda *_: (200, {}, feed([("bad", "奶茶", when), *MORNING]))
    assert {p["post_id"] for p in rows(rss(server)[0].posts)} >= {"news:a1", "news:a2"}


def test_engagement_is_observed_again_while_a_post_still_moves(server: Server) -> None:
    likes = [10]
    server.answer = lambda *_: (200, {}, json.dumps({"posts": [view(5) | {"likeCount": likes[0]}, view(3)]}).encode())
    _, state = fetch(use("bluesky", url=server.url, search="tea"), watch(), state={}, now=NOW)
    kept = []
    for n in (10, 300, 301, 330):
        likes[0] = n
        batch, state = fetch(use("bluesky", url=server.url, search="tea"), watch(), state=state, now=NOW)
        kept.append([p["n_likes"] for p in rows(batch.posts)])
        assert json.loads(record(batch)["gaps"]) == [], "a known post that moved is no gap"
    assert kept == [[], [300], [], [330]]


def test_a_page_that_is_suddenly_empty_is_not_calm(server: Server) -> None:
    server.answer = lambda *_: (200, {}, json.dumps({"posts": [view(5)]}).encode())
    _, state = fetch(use("bluesky", url=server.url, search="tea"), watch(), state={}, now=NOW)
    server.answer = lambda *_: (200, {}, b'{"posts": []}')
    first, _ = fetch(use("bluesky", url=server.url, search="nothing"), watch(), state={}, now=NOW)
    assert record(first)["ok"], "nothing is known of it yet"
    batch, _ = fetch(use("bluesky", url=server.url, search="tea"), watch(), state=state, now=NOW)
    assert (record(batch)["ok"], record(batch)["state"]) == (False, "empty")
    assert any("empty page" in line for line in batch.warnings)


def test_a_source_may_be_called_as_its_user_likes(server: Server) -> None:
    server.answer = lambda *_: (200, {}, feed(MORNING))
    named = SourceUse(source="rss", name='Members\' "feed"; --', options={"url": server.url})
    batch, _ = fetch(named, watch(), state={}, now=NOW)
    assert {p["source"] for p in rows(batch.posts)} == {'Members\' "feed"; --'}
