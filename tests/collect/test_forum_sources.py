"""Hacker News, Discourse, Reddit, YouTube, X, Telegram against loopback servers that speak their published shapes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.collect import fetch
from crisislib.collect.sources.backlog_reader import Page, read_back
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.watch_sections import SourceUse

from .helpers import NOW, record, rows, watch
from .loopback import Asked, Reply, Server, server

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


@settings(max_examples=100)
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


def test_a_listing_that_is_suddenly_empty_is_not_calm(server: Server) -> None:
    server.answer = index([hit(1)])
    _, state = ask("hackernews", search="aurora", url=server.url)
    server.answer = index([])
    batch, _ = ask("hackernews", state, search="aurora", url=server.url)
    assert (record(batch)["ok"], record(batch)["state"]) == (False, "empty")
    assert record(ask("hackernews", search="aurora", url=server.url)[0])["ok"], "a search that never had anything may"


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


# Reddit.


def thing(n: int, kind: str = "t3", **more: Any) -> dict[str, Any]:
    """A post or comment as a listing has it."""
    data = {
        "name": f"{kind}_{n}", "id": str(n), "author": f"ann{n}", "author_fullname": f"t2_{n}",
        "created_utc": float(AT + n), "score": 3, "subreddit": "tea", "permalink": f"/r/tea/comments/{n}/",
        "title": f"Glass {n}", "selftext": "", "is_self": True, "num_comments": 4, "url": "https://www.reddit.com/r/tea",
    }  # fmt: skip
    if kind == "t1":
        data |= {"body": f"glass {n}", "parent_id": "t3_1", "link_id": "t3_1"}
    return {"kind": kind, "data": data | more}


def reddit(things: list[dict[str, Any]], size: int = 100, remaining: str = "99.0") -> Any:
    """Reddit: a token for the right pair, then listings by `after`."""

    def answer(asked: Asked) -> Reply:
        assert asked.headers["user-agent"].endswith("(by /u/ann)")
        if asked.path == "/api/v1/access_token":
            assert asked.headers["authorization"] == "Basic aWQ6aHVudGVyMmh1bnRlcjI="  # id:hunter2hunter2
            assert asked.body == b"grant_type=client_credentials"
            return reply({"access_token": "tok-123456", "token_type": "bearer", "expires_in": 86400})
        assert asked.headers["authorization"] == "Bearer tok-123456"
        names = [t["data"]["name"] for t in things] if things else []
        at = names.index(asked.query["after"][0]) + 1 if "after" in asked.query else 0
        after = names[at + size - 1] if at + size < len(things) else None
        listing = {"kind": "Listing", "data": {"after": after, "children": things[at : at + size]}}
        return reply(listing, **{"X-Ratelimit-Remaining": remaining, "X-Ratelimit-Reset": "60"})

    return answer


def of_reddit(server: Server, state: dict[str, Any] | None = None, **more: Any) -> Any:
    base = {"client_id": "id", "client_secret": "${REDDIT_SECRET}", "account": "ann", "subreddit": "tea"}
    return ask("reddit", state, url=server.url, login_url=server.url, **{**base, **more})


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDDIT_SECRET", "YOUTUBE_KEY", "X_TOKEN"):
        monkeypatch.setenv(name, "hunter2hunter2")


@pytest.mark.usefixtures("keys")
def test_reddit_reads_posts_and_comments(server: Server) -> None:
    server.answer_any = reddit([thing(3, selftext="in my cup"), thing(2, author="[deleted]"), thing(1)])
    batch, state = of_reddit(server)
    assert texts(batch) == ["Glass 1", "in my cup"]
    post = next(p for p in rows(batch.posts) if p["text"] == "in my cup")
    assert (post["kind"], post["post_id"], post["n_likes"], post["n_replies"]) == ("forum", "reddit:t3_3", 3, 4)
    assert post["account_id"] == "reddit:t2_3" and json.loads(post["extra"])["subreddit"] == "tea"
    assert [a.path for a in server.requests] == ["/api/v1/access_token", "/r/tea/new"]
    assert "hunter2" not in json.dumps([state, record(batch)], default=str)
    assert "tok-1" not in json.dumps([state, record(batch)], default=str)
    server.answer_any = reddit([thing(9, "t1")])
    batch, _ = of_reddit(server, comments=True)
    (comment,) = rows(batch.posts)
    assert (comment["kind"], comment["parent_id"], comment["root_id"]) == ("comment", "reddit:t3_1", "reddit:t3_1")


@pytest.mark.usefixtures("keys")
def test_reddit_stops_where_its_limit_is_used_up_and_goes_on_next_time(server: Server) -> None:
    server.answer_any = reddit([thing(1)])
    _, state = of_reddit(server)
    things = [thing(n) for n in range(30, 0, -1)]
    server.answer_any = reddit(things, size=10, remaining="0.0")
    batch, state = of_reddit(server, state)
    assert batch.posts.num_rows == 10 and "asked to wait" in batch.warnings[0]
    server.answer_any = reddit(things, size=10)
    batch, state = of_reddit(server, state)
    assert batch.posts.num_rows == 19 and state["open"] == []
    with pytest.raises(SourceError, match="search or subreddit"):
        of_reddit(server, subreddit="")
    with pytest.raises(SourceError, match="plain text"):
        of_reddit(server, client_secret="hunter2hunter2")


# YouTube.


def thread(n: int, replies: int = 0, **more: Any) -> dict[str, Any]:
    """A thread of comments as the Data API has it."""

    def comment(id_: str, text: str) -> dict[str, Any]:
        at = datetime.fromtimestamp(AT + n, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "kind": "youtube#comment", "id": id_,
            "snippet": {"authorDisplayName": "Ann", "authorChannelId": {"value": "UCann"}, "textDisplay": text,
                        "textOriginal": text, "likeCount": 6, "publishedAt": at, "updatedAt": at, "videoId": "v1"},
        }  # fmt: skip

    found = {
        "kind": "youtube#commentThread", "id": f"c{n}",
        "snippet": {"videoId": "v1", "topLevelComment": comment(f"c{n}", f"glass {n}"), "totalReplyCount": replies},
    }  # fmt: skip
    if replies:
        found["replies"] = {"comments": [comment(f"c{n}.{r}", f"reply {n}.{r}") for r in range(replies)]}
    return found | more


def youtube(threads: list[dict[str, Any]], refuse: dict[str, Reply] | None = None) -> Any:
    def answer(path: str, query: dict[str, list[str]], headers: object) -> Reply:
        assert path == "/commentThreads" and query["key"] == ["hunter2hunter2"] and query["order"] == ["time"]
        if refuse and (video := query.get("videoId", [""])[0]) in refuse:
            return refuse[video]
        at = int(query.get("pageToken", ["0"])[0])
        page = {"kind": "youtube#commentThreadListResponse", "items": threads[at : at + 2]}
        return reply(page | ({"nextPageToken": str(at + 2)} if at + 2 < len(threads) else {}))

    return answer


def api_error(status: int, reason: str) -> Reply:
    error = {
        "code": status,
        "message": "no",
        "errors": [{"message": "no", "domain": "youtube.quota", "reason": reason}],
    }
    return status, {}, json.dumps({"error": error}).encode()


@pytest.mark.usefixtures("keys")
def test_youtube_reads_comments_with_their_replies(server: Server) -> None:
    server.answer = youtube([thread(3, replies=2), thread(2), thread(1)])
    batch, state = ask("youtube", videos=["v1"], key="${YOUTUBE_KEY}", url=server.url)
    posts = {p["post_id"]: p for p in rows(batch.posts)}
    assert set(posts) == {"youtube:c3", "youtube:c3.0", "youtube:c3.1", "youtube:c2", "youtube:c1"}
    top, answer = posts["youtube:c3"], posts["youtube:c3.0"]
    assert (top["parent_id"], top["n_likes"], top["n_replies"]) == ("youtube:v1", 6, 2)
    assert (answer["parent_id"], answer["root_id"]) == ("youtube:c3", "youtube:v1")
    server.answer = youtube([thread(4), thread(3, replies=2), thread(2), thread(1)])
    server.requests.clear()
    batch, state = ask("youtube", state, videos=["v1"], key="${YOUTUBE_KEY}", url=server.url)
    assert texts(batch) == ["glass 4"] and len(server.requests) == 2
    assert "hunter2" not in json.dumps([state, record(batch)], default=str)


@pytest.mark.usefixtures("keys")
def test_youtube_says_why_it_refuses(server: Server) -> None:
    server.answer = youtube([thread(1)], {"v2": api_error(403, "commentsDisabled")})
    batch, _ = ask("youtube", videos=["v2", "v1"], key="${YOUTUBE_KEY}", url=server.url)
    assert texts(batch) == ["glass 1"]
    assert "v2" in batch.warnings[0] and "switched off" in batch.warnings[0]
    server.answer = lambda *_: api_error(403, "quotaExceeded")
    with pytest.raises(ThrottledError, match="quota") as caught:
        ask("youtube", channel="UC1", key="${YOUTUBE_KEY}", url=server.url)
    assert caught.value.wait_s == timedelta(hours=7).total_seconds(), "midnight in California"
    with pytest.raises(SourceError, match="videos or channel"):
        ask("youtube", key="${YOUTUBE_KEY}", url=server.url)


# X.


def tweet(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(10**18 + n), "text": f"glass {n}", "author_id": "7", "conversation_id": str(10**18 + n), "lang": "en",
        "created_at": datetime.fromtimestamp(AT + n, UTC).isoformat().replace("+00:00", ".000Z"),
        "public_metrics": {"like_count": 2, "retweet_count": 5, "reply_count": 1, "impression_count": 90},
    } | more  # fmt: skip


USER = {
    "id": "7",
    "username": "sample_a",
    "name": "Sample A",
    "verified": True,
    "public_metrics": {"followers_count": 12},
}


def x_api(posts: list[dict[str, Any]], *, size: int = 100, newer: bool = False) -> Any:
    """The recent search: newest first after `since_id`, by the old or the new names."""

    def answer(path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Reply:
        assert path == "/2/tweets/search/recent" and headers["authorization"] == "Bearer hunter2hunter2"
        since = int(query.get("since_id", ["0"])[0])
        found = sorted((p for p in posts if int(p["id"]) > since), key=lambda p: -int(p["id"]))
        at = int(query.get("next_token", ["t0"])[0].removeprefix("t"))
        page = found[at : at + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if at + size < len(found):
            meta["next_token"] = f"t{at + size}"
        if not page:
            return reply({"meta": meta})
        return reply(
            {"data": page, "includes": {"users": [USER], "posts" if newer else "tweets": [ORIGINAL]}, "meta": meta}
        )

    return answer


ORIGINAL = tweet(1, text="the whole text of the original, which a repost cuts off")


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("newer", [False, True])
def test_x_reads_reposts_replies_and_counts_by_either_names(server: Server, newer: bool) -> None:
    links = "referenced_posts" if newer else "referenced_tweets"
    first = ORIGINAL["id"]
    posts = [
        ORIGINAL,
        tweet(2, text="RT @sample_a: the whole text of the…",
              **{links: [{"type": "reposted" if newer else "retweeted", "id": first}]}),
        tweet(3, conversation_id=first, **{links: [{"type": "replied_to", "id": first}]}),
        tweet(4, **{links: [{"type": "quoted", "id": first}]}),
        tweet(5, note_tweet={"text": "a long post"}),
    ]  # fmt: skip
    if newer:
        posts[0] = {**ORIGINAL, "public_metrics": {"like_count": 2, "repost_count": 5}}
    server.answer = x_api(posts, newer=newer)
    batch, state = ask("x", search="glass", token="${X_TOKEN}", url=server.url, newer_names=newer)
    found = {int(p["post_id"].split(":")[1]) - 10**18: p for p in rows(batch.posts)}
    assert {n: p["kind"] for n, p in found.items()} == {1: "post", 2: "repost", 3: "reply", 4: "quote", 5: "post"}
    assert {n: p["parent_id"] for n, p in found.items() if n in (2, 3, 4)} == dict.fromkeys((2, 3, 4), f"x:{first}")
    assert found[2]["text"] == ORIGINAL["text"] and found[5]["text"] == "a long post"
    assert found[1]["n_reposts"] == 5 and found[3]["root_id"] == f"x:{first}"
    (account,) = rows(batch.accounts)
    assert (account["n_followers"], account["is_verified"]) == (12, True)
    assert ("post.fields" if newer else "tweet.fields") in server.requests[0].query
    assert state["top"] == 10**18 + 5, "numbers of 19 digits stay whole"


@pytest.mark.usefixtures("keys")
def test_x_pays_for_no_post_twice_and_reads_a_burst_to_its_end(server: Server) -> None:
    posts = [tweet(1)]
    server.answer = x_api(posts, size=3)
    _, state = ask("x", search="glass", token="${X_TOKEN}", url=server.url)
    posts += [tweet(n) for n in range(2, 12)]
    came: list[str] = []
    for _ in range(4):
        batch, state = ask("x", state, search="glass", token="${X_TOKEN}", url=server.url, max_pages=1)
        assert record(batch)["n_duplicate"] == 0
        came += texts(batch)
    assert sorted(came) == sorted(f"glass {n}" for n in range(2, 12)) and state["open"] == []
    later, _ = ask("x", state, search="glass", token="${X_TOKEN}", url=server.url, now=NOW + timedelta(days=7))
    assert any("seven" in line for line in later.warnings) and "since_id" not in server.requests[-1].query


@pytest.mark.usefixtures("keys")
def test_x_says_what_is_refused(server: Server) -> None:
    reset = str(int(NOW.timestamp()) + 300)
    server.answer = lambda *_: (
        429,
        {"x-rate-limit-reset": reset},
        b'{"title":"Too Many Requests","type":"about:blank"}',
    )
    with pytest.raises(ThrottledError) as caught:
        ask("x", search="glass", token="${X_TOKEN}", url=server.url)
    assert caught.value.wait_s == pytest.approx(300, abs=1)
    problem = {
        "errors": [{"message": "There were errors processing your request: no viable alternative"}],
        "title": "Bad",
    }
    server.answer = lambda *_: (400, {}, json.dumps(problem).encode())
    with pytest.raises(SourceError, match="no viable alternative"):
        ask("x", search="glass (", token="${X_TOKEN}", url=server.url)
    server.answer = lambda *_: reply({"errors": [{"title": "Forbidden", "detail": "not in your plan"}]})
    with pytest.raises(SourceError, match="not in your plan"):
        ask("x", search="glass", token="${X_TOKEN}", url=server.url)
    with pytest.raises(SourceError, match="513 characters"):
        ask("x", search="g" * 513, token="${X_TOKEN}", url=server.url)


# Telegram.


def message(n: int, inner: str = "", text: str = "", time: str = "", service: str = "") -> str:
    """A message as the preview of a channel has it."""
    at = time or f"2026-08-31T10:{n % 60:02d}:00+00:00"
    body = f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text or f"glass &amp; tea {n}"}</div>'
    return (
        f'<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message {service} '
        f'js-widget_message" data-post="teanews/{n}" data-view="x"><div class="tgme_widget_message_bubble">{inner}'
        f'{body}<div class="tgme_widget_message_footer"><span class="tgme_widget_message_views">1.2K</span>'
        f'<a class="tgme_widget_message_date" href="https://t.me/teanews/{n}"><time datetime="{at}" class="time">x'
        "</time></a></div></div></div></div>"
    )


def channel(messages: dict[int, str], size: int = 20) -> Any:
    def answer(path: str, query: dict[str, list[str]], headers: object) -> Reply:
        if path != "/s/teanews":
            return 200, {}, b"<html><div class='tgme_page'>If you have Telegram, you can contact @x right away.</div>"
        before = int(query.get("before", ["999999"])[0])
        numbers = sorted(n for n in messages if n < before)[-size:]
        title = '<div class="tgme_channel_info_header_title"><span>Tea News</span></div>'
        head = f'<div class="tgme_channel_info">{title}</div>'
        return 200, {}, f"<html><body>{head}{''.join(messages[n] for n in numbers)}</body></html>".encode()

    return answer


def test_telegram_channels_are_read_back_to_the_last_message(server: Server) -> None:
    forward = (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from <a class="tgme_widget_message_'
        'forwarded_from_name" href="https://t.me/origin_chan/77"><span>Origin</span></a></div>'
    )
    quoted = (
        '<a class="tgme_widget_message_reply" href="https://t.me/teanews/20"><div class="tgme_widget_message_text '
        'js-message_reply_text">what was said before</div></a>'
    )
    messages = {n: message(n) for n in range(1, 46)}
    messages[44], messages[45] = message(44, forward), message(45, quoted, "answer<br/>here")
    messages[43] = message(43, service="service_message", text="Channel photo updated")
    messages[42] = message(42, time="never")
    server.answer = channel(messages)
    batch, state = ask("telegram", channels=["@teanews"], url=server.url)
    posts = {p["post_id"]: p for p in rows(batch.posts)}
    assert len(posts) == 43 and record(batch)["n_rejected"] == 1, "a notice is no post, and one message has no time"
    plain, repost, answer = (posts[f"telegram:teanews/{n}"] for n in (41, 44, 45))
    assert (plain["kind"], plain["text"], plain["n_views"]) == ("post", "glass & tea 41", 1200)
    assert (repost["kind"], repost["parent_id"]) == ("repost", "telegram:origin_chan/77")
    assert (answer["kind"], answer["text"], answer["parent_id"]) == ("reply", "answer here", "telegram:teanews/20")
    assert rows(batch.accounts)[0]["name"] == "Tea News"
    server.requests.clear()
    messages[46] = message(46)
    batch, state = ask("telegram", state, channels=["@teanews"], url=server.url)
    assert texts(batch) == ["glass & tea 46"] and len(server.requests) == 1


def test_a_channel_without_a_preview_costs_itself(server: Server) -> None:
    server.answer = channel({1: message(1)})
    batch, _ = ask("telegram", channels=["teanews", "private_one"], url=server.url)
    assert texts(batch) == ["glass & tea 1"] and "private_one" in batch.warnings[0]
    with pytest.raises(SourceError, match="no public preview"):
        ask("telegram", channels=["private_one"], url=server.url)
    with pytest.raises(SourceError, match="no name of a channel"):
        ask("telegram", channels=["../etc"], url=server.url)
