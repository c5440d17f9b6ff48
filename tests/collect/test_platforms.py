"""Listening platforms by their published interfaces: shapes, paging, limits and errors on loopback servers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from crisislib.collect import fetch
from crisislib.collect.sources import brandwatch
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.watch_sections import SourceUse

from .helpers import NOW, record, rows, watch
from .loopback import Asked, Reply, Server, server

__all__ = ["server"]

SECRET = "planted-771"
LATER = NOW + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_TOKEN", SECRET)


def reply(body: object, status: int = 200, **headers: str) -> Reply:
    return status, headers, body if isinstance(body, bytes) else json.dumps(body).encode()


def ask(server: Server, source: str, state: dict[str, Any] | None = None, now: datetime = NOW, **options: Any) -> Any:
    use = SourceUse(source=source, name="the platform", options={"url": server.url, **options})
    return fetch(use, watch(), state=json.loads(json.dumps(state or {})), now=now)


def at(minutes_ago: float) -> datetime:
    return NOW - timedelta(minutes=minutes_ago)


# Sprout Social: POST, filters, pages by number, 202, a bare 429, 400 past the end.


class Sprout:
    """A topic of so many messages, one a minute back from now."""

    def __init__(self, server: Server, n: int, *, total_pages: bool = True) -> None:
        self.n, self.total_pages, self.odd = n, total_pages, []  # type: ignore[var-annotated]
        server.answer_any = self.answer

    def row(self, i: int) -> dict[str, Any]:
        return {
            "guid": f"ig-{i}", "network": "WWW" if i % 5 == 4 else "INSTAGRAM", "text": f"Orla kettle leaks {i}",
            "created_time": f"{at(i + 1):%Y-%m-%dT%H:%M:%SZ}", "perma_link": f"https://example.test/p/{i}",
            "from": {"guid": f"u{i}", "name": f"Sample {i}", "followers_count": 12},
            "source": {"name": "Example Daily"}, "parent_message_id": f"ig-{i - 1}" if i == 2 else None,
            "metrics": {"likes": 4.0, "shares_count": 2.0, "replies": 1.0, "impressions": 90.0},
            "listening_metadata": {"sentiment": "negative", "language": "en", "explicit_label": False},
            "location": {"country": "US", "city": "Seattle"},
        }  # fmt: skip

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return reply({"error": "bad token"}, 401)
        if self.odd:
            return reply(*self.odd.pop(0))
        if asked.path == "/v1/metadata/client":
            return reply({"data": [{"customer_id": 687751, "name": "Acme"}]})
        body = json.loads(asked.body)
        low, high = body["filters"][0].removeprefix("created_time.in(").removesuffix(")").split("..")
        assert body["filters"][1].startswith("network.eq(FACEBOOK,INSTAGRAM")
        found = [r for i in range(self.n) if low <= (r := self.row(i))["created_time"][:19] <= high]
        if asked.path == "/v1/687751/listening/topics/t9/metrics":
            return reply(
                {"data": [{"dimensions": {"network": "INSTAGRAM"}, "metrics": {"messages_count": len(found)}}]}
            )
        assert asked.path == "/v1/687751/listening/topics/t9/messages" and body["fields"]
        pages = max(1, -(-len(found) // body["limit"]))
        if body["page"] > pages:
            return reply({"error": "page is past the end"}, 400)
        part = found[(body["page"] - 1) * body["limit"] : body["page"] * body["limit"]]
        paging = {"current_page": body["page"]} | ({"total_pages": pages} if self.total_pages else {})
        return reply({"data": part, "paging": paging})


def sprout(server: Server, state: dict[str, Any] | None = None, now: datetime = NOW, **more: Any) -> Any:
    return ask(server, "sprout", state, now, token="${VENDOR_TOKEN}", topic="t9", **more)


@pytest.mark.parametrize("total_pages", [True, False], ids=["with total_pages", "as the published sample, without"])
def test_sprout_reads_all_pages_once(server: Server, total_pages: bool) -> None:
    Sprout(server, 250, total_pages=total_pages)
    batch, state = sprout(server)
    assert record(batch)["n_kept"] == 250 and not batch.warnings
    posts = {p["post_id"]: p for p in rows(batch.posts)}
    first, reply_ = posts["instagram:ig-0"], posts["instagram:ig-2"]
    assert (first["n_likes"], first["n_reposts"], first["n_replies"], first["n_views"]) == (4, 2, 1, 90)
    assert (first["sentiment_given"], first["lang"], first["place"]) == ("negative", "en", "US Seattle")
    assert (reply_["kind"], reply_["parent_id"]) == ("reply", "instagram:ig-1")
    assert posts["news:ig-4"]["kind"] == "news"
    assert rows(batch.accounts)[0]["n_followers"] == 12
    assert state["customer"] == "687751"
    again, _ = sprout(server, state, LATER)
    assert (record(again)["n_kept"], json.loads(record(again)["gaps"])) == (0, [])
    assert SECRET not in json.dumps([state, record(batch), rows(batch.posts)], default=str)


def test_sprout_that_is_not_ready_is_asked_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisislib.collect.sources.sprout.NOT_READY_S", 0.01)
    fake = Sprout(server, 5)
    fake.odd = [(b"", 202)]
    assert record(sprout(server, customer="687751")[0])["n_kept"] == 5


def test_sprouts_bare_429_is_a_pause_and_its_errors_are_its_words(server: Server) -> None:
    fake = Sprout(server, 5)
    fake.odd = [({"error": "too many"}, 429)]
    with pytest.raises(ThrottledError) as caught:
        sprout(server, customer="687751")
    assert caught.value.wait_s == 60
    fake.odd = [({"error": "unknown topic"}, 404)]
    with pytest.raises(SourceError, match="unknown topic"):
        sprout(server, customer="687751")


def test_sprout_says_when_it_read_less_than_the_topic_counts(server: Server) -> None:
    fake = Sprout(server, 30)
    plain = fake.answer
    server.answer_any = lambda asked: (
        reply({"data": [{"dimensions": {}, "metrics": {"messages_count": 900.0}}]})
        if asked.path.endswith("metrics")
        else plain(asked)
    )
    assert any("counts 900 posts" in line and "30 of them" in line for line in sprout(server)[0].warnings)


def test_a_burst_is_read_over_several_fetches(server: Server) -> None:
    Sprout(server, 450)
    batch, state = sprout(server, max_pages=2)
    assert record(batch)["n_kept"] == 200 and any("rest is read next time" in line for line in batch.warnings)
    total = 200
    for n in range(1, 4):
        batch, state = sprout(server, state, NOW + timedelta(minutes=n), max_pages=2)
        total += record(batch)["n_kept"]
    assert total == 450 and state["rest"] == []


# Talkwalker: token in the query, hits by time, 401 with "8", a stream of objects.


class Talkwalker:
    """So many hits, one a minute back from now."""

    def __init__(self, server: Server, n: int) -> None:
        self.n, self.odd = n, []  # type: ignore[var-annotated]
        server.answer_any = self.answer

    def hit(self, i: int) -> dict[str, Any]:
        url = f"https://n.example.test/{i}"
        return {"data": {
            "url": url, "published": int(at(i + 1).timestamp() * 1000), "title": f"Kettle recall {i}", "lang": "en",
            "content": "Orla recalls kettles", "sentiment": -3, "reach": 900, "engagement": 5,
            "source_type": ["ONLINENEWS"], "parent_url": url if i else "https://n.example.test/root",
            "extra_author_attributes": {"id": f"a{i}", "name": "Ann"}, "root_url": "https://n.example.test/",
            "extra_source_attributes": {"name": "Example Daily", "world_data": {"country_code": "us"}},
            "article_extended_attributes": {"facebook_likes": 7, "num_comments": 2},
        }}  # fmt: skip

    def answer(self, asked: Asked) -> Reply:
        assert asked.query["access_token"] == [SECRET]
        if self.odd:
            return reply(*self.odd.pop(0))
        assert asked.path in ("/api/v1/search/results", "/api/v1/search/p/p1/results")
        words = asked.query["q"][0].replace("published:>", "").replace("published:<", "").split()
        low, high = int(words[-3]), int(words[-1])
        hits = sorted(
            (h for i in range(self.n) if low < (h := self.hit(i))["data"]["published"] < high),
            key=lambda h: h["data"]["published"],
        )
        shown = hits[: int(asked.query["hpp"][0])]
        following = {"next": f"GET {asked.path}?access_token={SECRET}&offset=500", "total": len(hits)}
        return reply({"status_code": "0", "status_message": "OK", "request": f"GET ?access_token={SECRET}",
                      "pagination": following, "result_content": {"data": shown}})  # fmt: skip


def test_talkwalker_searches_by_time_beyond_its_offsets(server: Server) -> None:
    Talkwalker(server, 1200)
    batch, state = ask(server, "talkwalker", token="${VENDOR_TOKEN}", query="kettle")
    assert record(batch)["n_kept"] == 1200
    assert len({q["q"][0] for q in (a.query for a in server.asked)}) == 3, "each page begins at the last hit"
    posts = {p["url"]: p for p in rows(batch.posts)}
    post = posts["https://n.example.test/3"]
    assert (post["kind"], post["platform"], post["parent_id"]) == ("news", "news", None)
    assert (post["n_likes"], post["n_replies"], post["sentiment_given"], post["place"]) == (7, 2, "negative", "us")
    assert posts["https://n.example.test/0"]["parent_id"]
    assert SECRET not in json.dumps([state, record(batch), rows(batch.posts)], default=str)


def test_talkwalkers_401_is_a_rate_where_its_code_says_so(server: Server) -> None:
    fake = Talkwalker(server, 3)
    for code, kind, words in (
        ("8", ThrottledError, "calls"),
        ("9", SourceError, "credits"),
        ("7", SourceError, "token"),
    ):
        fake.odd = [({"status_code": code, "status_message": "no"}, 401)]
        with pytest.raises(kind, match=words) as caught:
            ask(server, "talkwalker", token="${VENDOR_TOKEN}", query="kettle")
        assert SECRET not in str(caught.value)
    fake.odd = [({"status_code": "5", "status_message": "query cannot be parsed"}, 400)]
    with pytest.raises(SourceError, match="cannot be parsed"):
        ask(server, "talkwalker", token="${VENDOR_TOKEN}", project="p1", topics=["t1"])
    with pytest.raises(SourceError, match="nothing is searched for"):
        ask(server, "talkwalker", token="${VENDOR_TOKEN}")


def test_talkwalkers_stream_is_taken_up_where_it_was_left(server: Server) -> None:
    fake = Talkwalker(server, 3)
    offsets: list[str] = []

    def chunk(kind: str, **body: object) -> str:
        return json.dumps({"chunk_type": kind, **body}, indent=2, ensure_ascii=False)

    def answer(asked: Asked) -> Reply:
        offsets.append(asked.query["resume_offset"][0])
        hits = "\n".join(chunk("CT_RESULT", chunk_result={"data": fake.hit(i)}) for i in range(2))
        control = chunk("CT_CONTROL", chunk_control={"connection_id": "#1", "resume_offset": "o7"})
        odd = chunk("CT_RESULT", chunk_result={"data": {"data": {"title": "奶茶", "published": 253402300800000000}}})
        error = chunk("CT_ERROR", chunk_error={"message": "stream is over"})
        return reply((hits + control + odd + error).encode(), **{"Content-Type": "text/plain"})

    server.answer_any = answer
    batch, state = ask(server, "talkwalker", token="${VENDOR_TOKEN}", collector="c1")
    assert (record(batch)["n_kept"], record(batch)["n_rejected"], state["offset"]) == (2, 1, "o7")
    ask(server, "talkwalker", state, token="${VENDOR_TOKEN}", collector="c1")
    assert offsets == ["earliest", "o7"]
    server.answer_any = lambda _: reply(b'{"chunk_type": "CT_ERROR", "chunk_error": {"message": "no such collector"}}')
    with pytest.raises(SourceError, match="no such collector"):
        ask(server, "talkwalker", token="${VENDOR_TOKEN}", collector="c1")


# Brandwatch: password grant, cursor, 30 calls in ten minutes, nulls everywhere.


class Brandwatch:
    """So many mentions, and the limit of calls."""

    def __init__(self, server: Server, n: int, limit: int = 1000) -> None:
        self.n, self.limit, self.calls = n, limit, 0
        server.answer_any = self.answer

    def row(self, i: int) -> dict[str, Any]:
        nulls = dict.fromkeys(("title", "fullname", "impressions", "threadId", "retweetOf", "city", "region"))
        return nulls | {
            "resourceId": f"r{i}", "guid": f"{900 + i}", "pageType": "twitter" if i % 2 else "news",
            "snippet": f"tea {i}",
            "date": f"{at(i + 1):%Y-%m-%dT%H:%M:%S.000+0000}", "author": f"ann{i}",
            "url": f"https://x.example.test/{i}",
            "domain": "example.test", "twitterAuthorId": f"{i}", "twitterFollowers": 5, "twitterVerified": False,
            "sentiment": "negative", "language": "en", "twitterRetweets": 3, "replyTo": None, "countryCode": "GB",
            "classifications": [{"classifierId": "emotions", "name": "anger", "confidence": 0.9}],
        }  # fmt: skip

    def answer(self, asked: Asked) -> Reply:
        self.calls += 1
        if self.calls > self.limit:
            return reply({"error": "rate_limit", "error_description": "over 30/10m"}, 429, **{"x-rate-limit": "30/10m"})
        if asked.path == "/oauth/token":
            assert b"grant_type=api-password" in asked.body and b"brandwatch-api-client" in asked.body
            return reply({"access_token": "issued-token-5", "token_type": "bearer", "expires_in": 31535999})
        if asked.headers["authorization"] != "Bearer issued-token-5":
            return reply({"error": "invalid_token", "error_description": "no such token"}, 401)
        assert asked.path == "/projects/11/data/mentions/fulltext" and asked.query["orderBy"] == ["added"]
        begin, size = int(asked.query.get("cursor", ["0"])[0]), int(asked.query["pageSize"][0])
        part = [self.row(i) for i in range(self.n)][begin : begin + size]
        more = str(begin + size) if begin + size < self.n else None
        return reply(
            {"results": part, "resultsTotal": -1, "resultsPage": -1, "resultsPageSize": size, "nextCursor": more}
        )


def mentions(server: Server, state: dict[str, Any] | None = None, now: datetime = NOW, **more: Any) -> Any:
    brandwatch._tokens.clear()
    options = {"user": "ann", "password": "${VENDOR_TOKEN}", "project": "11", "query": "22"} | more
    return ask(server, "brandwatch", state, now, **options)


def test_brandwatch_gets_a_token_and_reads_by_cursor(server: Server) -> None:
    Brandwatch(server, 7)
    batch, state = mentions(server, page_size=3)
    assert record(batch)["n_kept"] == 7
    posts = {p["post_id"]: p for p in rows(batch.posts)}
    assert {"x:901", "news:r0"} <= set(posts)
    assert (posts["x:901"]["n_reposts"], posts["x:901"]["sentiment_given"], posts["x:901"]["place"]) == (
        3,
        "negative",
        "GB",
    )
    stored = json.dumps([state, record(batch), rows(batch.posts)], default=str)
    assert SECRET not in stored and "issued-token" not in stored
    assert SECRET not in str([a.path for a in server.asked]) + str([a.query for a in server.asked])


def test_brandwatchs_limit_in_the_middle_of_pages_costs_nothing(server: Server) -> None:
    fake = Brandwatch(server, 9, limit=3)  # the token and two pages
    batch, state = mentions(server, page_size=3)
    assert record(batch)["n_kept"] == 6 and any("asked to wait" in line for line in batch.warnings)
    with pytest.raises(ThrottledError) as caught:
        mentions(server, state, LATER, page_size=3)
    assert caught.value.wait_s == 600
    fake.limit = 1000
    later, state = mentions(server, state, LATER, page_size=3)
    assert record(later)["n_kept"] == 3 and state["rest"] == []


def test_calls_are_counted_before_the_platform_counts_them(server: Server) -> None:
    fake = Brandwatch(server, 100)
    batch, state = mentions(server, page_size=1, max_pages=100)
    assert fake.calls == 30 and record(batch)["n_kept"] == 29
    with pytest.raises(ThrottledError, match="30/10 min"):
        mentions(server, state, NOW + timedelta(minutes=1), page_size=1)
    assert fake.calls == 30, "it was not asked"


def test_brandwatch_says_whose_fault_it_is(server: Server) -> None:
    Brandwatch(server, 1)
    with pytest.raises(SourceError, match="no such token"):
        mentions(server, user="", password="", token="${VENDOR_TOKEN}")
    with pytest.raises(SourceError, match="one of token and password"):
        mentions(server, token="${VENDOR_TOKEN}")


# Meltwater: header apikey, pages by number, an export of the past, 403 for a day that is used up.


class Meltwater:
    """So many documents, and exports that are ready at the second look."""

    def __init__(self, server: Server, n: int) -> None:
        self.n, self.odd, self.looks, self.url = n, [], 0, server.url  # type: ignore[var-annotated]
        server.answer_any = self.answer

    def document(self, i: int) -> dict[str, Any]:
        return {
            "id": f"d{i}", "external_id": f"{77 + i}", "published_date": f"{at(i + 1):%Y-%m-%dT%H:%M:%SZ}",
            "url": f"https://m.example.test/{i}", "content_type": "news",
            "content": {"title": f"T{i}", "opening_text": "o"},
            "source": {"name": "Example Daily", "metrics": {"reach": 100}}, "author": {"name": "Ann"},
            "enrichments": {"sentiment": "Negative", "language_code": "en", "keyphrases": ["kettle"]},
            "location": {"country_code": "US"}, "metrics": {"views": 9, "engagement": {"total": 4}},
            "matched": {"inputs": [], "hit_sentence": "kettle"},
        }  # fmt: skip

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/signed":
            assert "apikey" not in asked.headers
            return reply({"documents": [self.document(i) for i in range(5000, 5003)]})
        if asked.headers.get("apikey") != SECRET:
            return reply({"message": "no key"}, 401)
        if self.odd:
            return reply(*self.odd.pop(0))
        if asked.path.startswith("/v3/exports/one-time"):
            if asked.method == "POST":
                return reply({"onetime_export": {"id": 31, "status": "PENDING"}}, 201)
            self.looks += 1
            done = {"status": "FINISHED", "data_url": f"{self.url}/signed?sig={SECRET}"}
            return reply({"onetime_export": {"id": 31, "status": "PENDING"} if self.looks == 1 else {"id": 31, **done}})
        body = json.loads(asked.body)
        assert asked.path == "/v3/search/55" and body["tz"] == "UTC" and body["template"] == {"name": "api.json"}
        found = [
            d for i in range(self.n) if body["start"] <= (d := self.document(i))["published_date"][:19] <= body["end"]
        ]
        part = found[(body["page"] - 1) * body["page_size"] : body["page"] * body["page_size"]]
        return reply({"result": {"document_count": len(found), "documents": part}})


def meltwater(server: Server, state: dict[str, Any] | None = None, now: datetime = NOW, **more: Any) -> Any:
    return ask(server, "meltwater", state, now, key="${VENDOR_TOKEN}", search="55", **more)


def test_meltwater_reads_pages_and_an_export_of_the_past(server: Server) -> None:
    Meltwater(server, 230)
    batch, state = meltwater(server, export_days=30)
    assert record(batch)["n_kept"] == 230 and state["export"] == "31"
    post = rows(batch.posts)[0]
    assert (post["post_id"], post["kind"], post["sentiment_given"], post["n_views"]) == (
        "news:d0",
        "news",
        "negative",
        9,
    )
    second, state = meltwater(server, state, LATER, export_days=30)
    assert any("is being prepared" in line for line in second.warnings)
    third, state = meltwater(server, state, LATER + timedelta(minutes=30), export_days=30)
    assert record(third)["n_kept"] == 3 and "export" not in state
    assert SECRET not in json.dumps([state, record(third), rows(third.posts)], default=str)


def test_meltwaters_used_up_day_is_a_pause(server: Server) -> None:
    fake = Meltwater(server, 1)
    fake.odd = [({"message": "daily limit exceeded"}, 403)]
    with pytest.raises(ThrottledError):
        meltwater(server)
    fake.odd = [({"type": "x", "errors": [{"type": "y", "title": "bad", "details": "end is before start"}]}, 400)]
    with pytest.raises(SourceError, match="end is before start"):
        meltwater(server)


@pytest.mark.parametrize("source", ["sprout", "talkwalker", "brandwatch", "meltwater"])
def test_a_strange_document_costs_itself(server: Server, source: str) -> None:
    """Every field is optional, and some rows are none."""
    fakes = {"sprout": (Sprout, "row"), "talkwalker": (Talkwalker, "hit"), "brandwatch": (Brandwatch, "row"),
             "meltwater": (Meltwater, "document")}  # fmt: skip
    options = {"sprout": {"topic": "t9"}, "talkwalker": {"query": "kettle"}, "meltwater": {"search": "55"},
               "brandwatch": {"user": "ann", "project": "11", "query": "22"}}  # fmt: skip
    kind, name = fakes[source]
    fake = kind(server, 4)
    plain = getattr(fake, name)
    made = plain(1)

    def odd(i: int) -> Any:
        if i != 1:
            return plain(i)
        broken: dict[str, Any] = json.loads(json.dumps(made))
        inner = broken["data"] if source == "talkwalker" else broken
        for key in ("guid", "published", "date", "id"):
            if key in inner and key != ("published" if source != "talkwalker" else ""):
                inner[key] = None if key != "published" else inner[key]
        inner["from"] = inner["author"] = "no object"
        return broken

    setattr(fake, name, odd)
    brandwatch._tokens.clear()
    secret_option = {"meltwater": "key", "brandwatch": "password"}.get(source, "token")
    batch, _ = ask(server, source, **{secret_option: "${VENDOR_TOKEN}"}, **options[source])
    assert record(batch)["n_kept"] >= 3 and record(batch)["ok"]
