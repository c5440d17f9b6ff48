"""Hacker News, Discourse, Reddit, YouTube, X, Telegram against loopback servers that speak their published shapes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.collect import fetch
from crisislib.collect.sources.backlog_reader import Page, read_back
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.watch_sections import SourceUse

from .helpers import NOW, record, rows, watch
from .loopback import Reply, Server, server

__all__ = ["server"]


def ask(source: str, state: dict[str, Any] | None = None, *, now: datetime = NOW, **options: Any) -> Any:
    """One fetch; the state goes through JSON, as it does between two."""
    use = SourceUse(source=source, name="the source", options=options)
    batch, after = fetch(use, watch(), state=json.loads(json.dumps(state or {})), now=now)
    return batch, json.loads(json.dumps(after))


def texts(batch: Any) -> list[str]:
    return sorted(p["text"] for p in rows(batch.posts))


def reply(value: object, **headers: str) -> Reply:
    return 200, {"Content-Type": "application/json", **headers}, json.dumps(value).encode()


# What all of them share: newest first, and nothing of a burst is lost.


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=6),
    st.integers(1, 3),
    st.integers(1, 3),
    st.lists(st.integers(0, 5), max_size=3),
)
def test_every_entry_of_every_burst_is_read_in_the_end(
    bursts: list[int], pages: int, size: int, bad: list[int]
) -> None:
    """Whatever comes between two fetches, whenever the source asks to wait: after enough fetches all is read."""
    held: list[int] = [1]
    calls = 0

    def page(cursor: str) -> Page:
        nonlocal calls
        calls += 1
        if calls in bad:
            raise ThrottledError("wait")
        older = [n for n in sorted(held, reverse=True) if not cursor or n <= int(cursor)]
        return Page(older[:size], str(older[size]) if len(older) > size else "")

    state: dict[str, Any] = {"top": 0.0}
    came: set[int] = set()
    for number in [*bursts, *[0] * 100]:
        held += range(len(held) + 1, len(held) + 1 + number)
        try:
            reading = read_back(page, float, state, pages=pages, name="x")
        except ThrottledError:
            continue
        assert len(reading.entries) <= (pages + 1) * size
        came |= set(reading.entries)
        state = json.loads(json.dumps(reading.state))
        if any("left out" in message for message, _ in reading.messages):
            return  # more bursts in a row than are remembered, and it was said
    assert came == set(held)
    assert state["open"] == []


# Hacker News.

AT = int(NOW.timestamp()) - 3600


def hit(n: int, **more: Any) -> dict[str, Any]:
    """A comment as the Algolia index has it."""
    at = datetime.fromtimestamp(AT + n, UTC)
    return {
        "objectID": str(n),
        "author": f"user{n}",
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "created_at_i": AT + n,
        "comment_text": f"<p>Aurora Tea &amp; glass {n}",
        "story_text": None,
        "title": None,
        "url": None,
        "points": None,
        "num_comments": None,
        "story_id": 1,
        "parent_id": 1,
        "story_title": "Aurora",
        "_tags": ["comment", f"author_user{n}"],
    } | more


def index(hits: list[dict[str, Any]]) -> Any:
    """An Algolia index that answers as the real one: newest first, pages by time."""

    def answer(path: str, query: dict[str, list[str]], headers: object) -> Reply:
        assert path == "/api/v1/search_by_date" and query["query"] == ["aurora"]
        limit = int(query.get("numericFilters", [f"created_at_i<={AT * 2}"])[0].removeprefix("created_at_i<="))
        found = sorted((h for h in hits if h["created_at_i"] <= limit), key=lambda h: -h["created_at_i"])
        size = int(query["hitsPerPage"][0])
        return reply({"hits": found[:size], "nbHits": len(found), "page": 0, "nbPages": 10, "hitsPerPage": size})

    return answer


def test_hacker_news_search_goes_back_to_what_was_read(server: Server) -> None:
    story = {"comment_text": None, "title": "Aurora Tea recall", "url": "https://n.example/1", "points": 40,
             "num_comments": 7, "_tags": ["story"], "parent_id": None, "story_id": 1}  # fmt: skip
    hits = [hit(1, **story), *(hit(n) for n in range(2, 151))]
    server.answer = index(hits)
    batch, state = ask("hackernews", search="aurora", url=server.url)
    assert batch.posts.num_rows == 150
    posts = {p["post_id"]: p for p in rows(batch.posts)}
    story_, comment = posts["hackernews:1"], posts["hackernews:2"]
    assert (story_["kind"], story_["n_likes"], story_["n_replies"], story_["title"]) == (
        "forum",
        40,
        7,
        "Aurora Tea recall",
    )
    assert (comment["kind"], comment["text"], comment["parent_id"]) == (
        "comment",
        "Aurora Tea & glass 2",
        "hackernews:1",
    )
    assert comment["created_at"] == datetime.fromtimestamp(AT + 2, UTC)
    server.requests.clear()
    hits.append(hit(151))
    batch, state = ask("hackernews", state, search="aurora", url=server.url)
    assert texts(batch) == ["Aurora Tea & glass 151"] and len(server.requests) <= 2
    assert len(state["calls"]) == len(server.requests) + 2, "requests are counted over fetches"


def test_hacker_news_reads_a_burst_over_several_fetches(server: Server) -> None:
    hits = [hit(1)]
    server.answer = index(hits)
    _, state = ask("hackernews", search="aurora", url=server.url, max_pages=1)
    hits += [hit(n) for n in range(2, 402)]
    came: set[str] = set()
    for turn in range(6):
        batch, state = ask("hackernews", state, search="aurora", url=server.url, max_pages=1)
        came |= {p["post_id"] for p in rows(batch.posts)}
        assert bool(batch.warnings) is bool(state["open"]), "it says that more waits"
        assert turn or "hackernews:401" in came, "the newest first"
    assert len(came) == 400 and state["open"] == []


def test_a_strange_hit_costs_itself(server: Server) -> None:
    odd: list[Any] = ["no hit", None, {"objectID": "9"}, hit(5, created_at_i=10**15), hit(6, comment_text=7)]
    server.answer = lambda *_: reply({"hits": [hit(3), *odd, hit(1)]})
    batch, state = ask("hackernews", search="aurora", url=server.url)
    assert {p["post_id"] for p in rows(batch.posts)} == {"hackernews:3", "hackernews:1"}
    assert record(batch)["n_rejected"] == 5 and state["top"] < NOW.timestamp()
    server.answer = lambda *_: reply({"message": "no"})
    with pytest.raises(SourceError, match="no hits"):
        ask("hackernews", search="aurora", url=server.url)


def test_hacker_news_without_a_search_counts_items_up(server: Server) -> None:
    item = {"by": "ann", "id": 0, "time": AT, "type": "comment", "text": "tea", "parent": 1}
    held: dict[int, Any] = {n: {**item, "id": n, "text": f"tea {n}"} for n in range(1, 71)}
    held[69] = {"id": 69, "deleted": True, "time": AT, "type": "comment"}
    held[68] = {"by": "ann", "id": 68, "time": AT, "type": "story", "title": "Tea", "score": 3, "descendants": 2}

    def answer(path: str, *_: object) -> Reply:
        if path == "/v0/maxitem.json":
            return reply(max(held))
        return reply(held.get(int(path.rsplit("/", 1)[1].removesuffix(".json"))))

    server.answer = answer
    batch, state = ask("hackernews", url=server.url)
    assert batch.posts.num_rows == 49 and state["item"] == 70, "the last fifty, less the deleted one"
    assert [p["kind"] for p in rows(batch.posts) if p["post_id"] == "hackernews:68"] == ["forum"]
    held |= {n: {**held[70], "id": n} for n in (71, 73)}
    batch, state = ask("hackernews", state, url=server.url)
    assert {p["post_id"] for p in rows(batch.posts)} == {"hackernews:71"}
    held[72] = {**held[70], "id": 72}
    batch, state = ask("hackernews", state, url=server.url)
    assert {p["post_id"] for p in rows(batch.posts)} == {"hackernews:72", "hackernews:73"}
    held |= {n: {**held[70], "id": n} for n in range(74, 90)}
    batch, state = ask("hackernews", state, url=server.url, max_items=10)
    assert state["item"] == 83 and "6 more new items" in batch.warnings[0]


# Discourse.


def discourse_post(n: int, topic: int = 3, **more: Any) -> dict[str, Any]:
    """A post as `/posts.json` has it."""
    return {
        "id": n, "name": "Ann", "username": f"ann{n}", "created_at": f"2026-08-30T10:{n % 60:02d}:00.000Z",
        "cooked": f"<p>glass in my tea {n}</p>", "raw": f"glass in my tea {n}", "post_number": n, "post_type": 1,
        "reply_to_post_number": None, "reply_count": 2, "reads": 9, "topic_id": topic, "topic_slug": "glass",
        "topic_title": "Glass?", "actions_summary": [{"id": 2, "count": 5}], "user_id": 70 + n, "hidden": False,
    } | more  # fmt: skip


def discourse(posts: list[dict[str, Any]]) -> Any:
    def answer(path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Reply:
        assert path == "/posts.json"
        before = int(query.get("before", ["999999"])[0])
        found = sorted((p for p in posts if p["id"] <= before), key=lambda p: -p["id"])
        return reply({"latest_posts": found[:50]})

    return answer


def test_discourse_reads_posts_back_to_the_last_one(server: Server) -> None:
    posts = [discourse_post(n) for n in range(1, 61)]
    posts[1] |= {"reply_to_post_number": None}
    posts[2] |= {"reply_to_post_number": 2}
    server.answer = discourse(posts)
    batch, state = ask("discourse", url=server.url)
    assert batch.posts.num_rows == 60
    by_text = {p["text"]: p for p in rows(batch.posts)}
    first, second, third = (by_text[f"glass in my tea {n}"] for n in (1, 2, 3))
    assert (first["kind"], first["title"], first["n_likes"], first["n_views"]) == ("forum", "Glass?", 5, 9)
    assert (second["kind"], second["parent_id"], second["root_id"]) == ("comment", first["post_id"], first["post_id"])
    assert third["parent_id"] == second["post_id"]
    assert first["url"] == f"{server.url}/t/glass/3/1"
    server.requests.clear()
    posts.append(discourse_post(61))
    batch, state = ask("discourse", state, url=server.url)
    assert texts(batch) == ["glass in my tea 61"] and len(server.requests) == 1


def test_discourse_asks_with_its_key_and_says_what_it_refuses(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORUM_KEY", "hunter2hunter2")
    server.answer = discourse([discourse_post(1), discourse_post(2, hidden=True), {"id": 3}])  # type: ignore[list-item]
    batch, _ = ask("discourse", url=server.url, key="${FORUM_KEY}", user="ann")
    assert server.requests[0].headers["api-key"] == "hunter2hunter2"
    assert server.requests[0].headers["api-username"] == "ann"
    assert texts(batch) == ["glass in my tea 1"], "a post that the forum hides is hidden here, too"
    assert record(batch)["n_rejected"] == 1 and "hunter2" not in json.dumps(record(batch), default=str)
    limit = {"errors": ["too often"], "error_type": "rate_limit", "extras": {"wait_seconds": 77}}
    server.answer = lambda *_: (429, {}, json.dumps(limit).encode())
    with pytest.raises(ThrottledError) as caught:
        ask("discourse", url=server.url)
    assert caught.value.wait_s == 77
