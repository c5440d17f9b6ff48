"""GDELT, sitemaps, watched pages, full text and RSSHub against loopback servers that speak their published shapes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.collect import fetch
from crisislib.collect.sources import gdelt, page_reader
from crisislib.collect.sources.page_reader import article_of, has_extractor
from crisislib.collect.sources.robots_rules import Robots, parse_robots
from crisislib.core.errors import SourceError
from crisislib.core.watch_sections import SourceUse

from .helpers import NOW, record, rows, watch
from .loopback import Reply, Server, server

__all__ = ["server"]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Pauses are counted and not waited for."""
    pauses: list[float] = []
    for module in (gdelt, page_reader):
        monkeypatch.setattr(module.time, "sleep", pauses.append)
    yield pauses


def ask(source: str, state: dict[str, Any] | None = None, *, now: datetime = NOW, **options: Any) -> Any:
    """One fetch; the state goes through JSON, as it does between two."""
    use = SourceUse(source=source, name="the source", options=options)
    batch, after = fetch(use, watch(), state=json.loads(json.dumps(state or {})), now=now)
    return batch, json.loads(json.dumps(after))


def texts(batch: Any) -> list[str]:
    return sorted(p["text"] for p in rows(batch.posts))


# robots.txt

RULES = """
# comment
User-agent: Other
Disallow: /

User-agent: CrisisWorkbench
User-agent: Friend
Disallow: /private/
Disallow: /*?print=
Disallow: /old$
Allow: /private/press/
Crawl-delay: 7

Sitemap: https://n.example/sitemap.xml
User-agent: *
Disallow: /all
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True), ("/private/a", False), ("/private/press/a", True), ("/a?print=1", False), ("/a?q=1&print=1", True),
        ("/old", False), ("/older", True), ("/all", True), ("/%70rivate/a", False), ("/robots.txt", True),
    ],
)  # fmt: skip
def test_the_longest_rule_of_our_own_group_counts(path: str, allowed: bool) -> None:
    robots = parse_robots(RULES, "CrisisWorkbench")
    assert robots.allows(f"https://n.example{path}") is allowed
    assert (robots.delay_s, robots.sitemaps) == (7.0, ("https://n.example/sitemap.xml",))
    assert not parse_robots(RULES, "Stranger").allows("https://n.example/all")
    assert parse_robots("", "x") == Robots()


@settings(max_examples=100)
@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_is_some_rules(text: str, path: str) -> None:
    assert parse_robots(f"User-agent: *\n{text}", "x").allows(f"https://n.example/{path}") in (True, False)


# The article of a page.

STORY = (
    "The maker of Aurora Tea has called back three batches after shards of glass were found in bottles, "
    "the company said on Saturday. Customers should not drink it and can return it in every shop."
)


def page(title: str = "Aurora Tea recall", text: str = STORY, *, schema: str = "") -> bytes:
    """A news page as they are: menus, metadata, an article, teasers."""
    return (
        f'<!doctype html><html lang="en-GB"><head><title>{title} | The Daily</title>'
        f'<meta property="og:title" content="{title}"><meta property="og:site_name" content="The Daily">'
        f'<meta property="article:published_time" content="2026-08-31T09:30:00+01:00">{schema}</head><body>'
        "<nav><ul><li>Home</li><li>Sport</li></ul></nav><main><article>"
        f"<h1>{title}</h1><p>{text}</p><p>{text.replace('Saturday', 'Sunday')}</p></article></main>"
        "<aside><p>Read also: ten teas that you have never heard of, and why they matter to everybody</p></aside>"
        "<footer><p>All rights reserved by the owner of this site and its partners, terms apply</p></footer></body>"
        "</html>"
    ).encode()


def test_an_article_is_found_in_its_page() -> None:
    found = article_of(page(), "https://daily.example/a")
    assert (found.title, found.site, found.language) == ("Aurora Tea recall", "The Daily", "en")
    assert found.published == "2026-08-31T09:30:00+01:00"
    assert "shards of glass" in found.text and "Read also" not in found.text and "rights reserved" not in found.text
    graph = json.dumps({"@graph": [{"@type": "NewsArticle", "datePublished": "2026-08-30T08:00:00Z"}]})
    bare = page().replace(b"article:published_time", b"other")
    with_schema = bare.replace(b"</head>", f'<script type="application/ld+json">{graph}</script></head>'.encode())
    assert article_of(with_schema, "https://daily.example/a").published == "2026-08-30T08:00:00Z"


@settings(max_examples=50)
@given(st.binary(max_size=400))
def test_any_bytes_are_some_page(content: bytes) -> None:
    assert isinstance(article_of(content, "https://daily.example/a").text, str)


# GDELT.


def seen(n: int, at: datetime) -> dict[str, Any]:
    return {
        "url": f"https://n.example/{n}", "url_mobile": "", "title": f"Aurora Tea {n}", "domain": "n.example",
        "seendate": at.strftime("%Y%m%dT%H%M%SZ"), "socialimage": "", "language": "English", "sourcecountry": "Mexico",
    }  # fmt: skip


def doc_api(articles: list[dict[str, Any]]) -> Any:
    """GDELT's article search: a window of time, at most 250, `{}` where there is nothing."""

    def answer(path: str, query: dict[str, list[str]], headers: object) -> Reply:
        if path == "/robots.txt":
            return 404, {}, b""
        assert (query["mode"], query["format"], query["maxrecords"]) == (["artlist"], ["json"], ["250"])
        begin, end = (query[name][0] for name in ("startdatetime", "enddatetime"))
        found = [a for a in articles if begin <= a["seendate"].replace("T", "").rstrip("Z") <= end][:250]
        return 200, {"Content-Type": "application/json"}, json.dumps({"articles": found} if found else {}).encode()

    return answer


def test_gdelt_is_asked_for_the_time_since_it_was_asked_last(server: Server) -> None:
    articles = [seen(n, NOW - timedelta(hours=n)) for n in range(1, 10)]
    server.answer = doc_api(articles)
    batch, state = ask("gdelt", search="aurora", url=server.url)
    assert batch.posts.num_rows == 9
    post = next(p for p in rows(batch.posts) if p["text"] == "Aurora Tea 1")
    assert (post["platform"], post["kind"], post["created_at"]) == ("news", "news", NOW - timedelta(hours=1))
    assert json.loads(post["extra"])["country"] == "Mexico"
    later = NOW + timedelta(minutes=15)
    articles.append(seen(10, NOW - timedelta(minutes=20)))  # entered late
    articles.append(seen(11, later))
    batch, state = ask("gdelt", state, search="aurora", url=server.url, now=later)
    assert texts(batch) == ["Aurora Tea 10", "Aurora Tea 11"]
    assert server.requests[-1].query["startdatetime"] == [(NOW - timedelta(minutes=30)).strftime("%Y%m%d%H%M%S")]


def test_a_full_window_is_halved_and_what_is_not_asked_yet_is_owed(server: Server, no_pauses: list[float]) -> None:
    articles = [seen(n, NOW - timedelta(minutes=n)) for n in range(1, 1400)]
    server.answer = doc_api(articles)
    came: set[str] = set()
    state: dict[str, Any] = {}
    for _ in range(6):
        batch, state = ask("gdelt", state, search="aurora", url=server.url)
        came |= set(texts(batch))
        assert bool(state["windows"]) is any("rest" in line for line in batch.warnings)
    assert len(came) == 1399 and state["windows"] == []
    assert set(no_pauses) == {gdelt.PAUSE_S}, "one question in five seconds"
    crowd = [seen(n, NOW - timedelta(minutes=5)) for n in range(300)]
    server.answer = doc_api(crowd)
    batch, _ = ask("gdelt", {"until": NOW.isoformat()}, search="aurora", url=server.url)
    assert batch.posts.num_rows == 250 and "more than 250 articles" in " ".join(batch.warnings)


def test_gdelt_says_what_it_does_not_take_and_odd_articles_cost_themselves(server: Server) -> None:
    server.answer = lambda *_: (200, {"Content-Type": "text/html"}, b"Your search was too short.")
    with pytest.raises(SourceError, match="too short"):
        ask("gdelt", search="a", url=server.url)
    odd = json.dumps({"articles": [seen(1, NOW), {"url": "https://n.example/2"}, 7, None]})
    odd = odd.replace("Aurora Tea 1", "Aurora \\& Tea\\u0020\\/ 1\\x")
    server.answer = lambda *_: (200, {}, odd.encode())
    batch, _ = ask("gdelt", search="aurora", url=server.url)
    assert texts(batch) == ["Aurora \\& Tea / 1\\x"] and record(batch)["n_rejected"] == 3


def test_full_text_comes_from_the_pages_that_allow_it(server: Server) -> None:
    articles = [seen(n, NOW - timedelta(minutes=n)) for n in range(1, 6)]
    for n, article in enumerate(articles, 1):
        article["url"] = f"{server.url}/{'closed' if n == 5 else 'open'}/{n}"
    search = doc_api(articles)

    def answer(path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Reply:
        if path == "/robots.txt":
            return 200, {}, b"User-agent: *\nDisallow: /closed/\nCrawl-delay: 3"
        return (200, {}, page(text=f"{STORY} {path}")) if path.startswith("/open/") else search(path, query, headers)

    server.answer = answer
    options = {"search": "aurora", "url": server.url, "full_text": True, "max_articles": 2}
    first, state = ask("gdelt", **options)
    full = [t for t in texts(first) if "shards of glass" in t]
    assert len(full) == 2 and first.posts.num_rows == 5 and "3 articles" in " ".join(first.warnings)
    second, state = ask("gdelt", state, **options)
    assert len([t for t in texts(second) if "shards of glass" in t]) == 2, "the same articles, now with their text"
    third, state = ask("gdelt", state, **options)
    assert "robots.txt" in " ".join(third.warnings) and state["later"] == []
    assert not [r for r in server.requests if r.path == "/closed/5"]


# Sitemaps.


def sitemap(entries: list[tuple[str, str, str]]) -> bytes:
    body = "".join(
        f"<url><loc>{loc}</loc><news:news><news:publication_date>{at}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news></url>"
        for loc, at, title in entries
    )
    head = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {head}>{body}</urlset>'.encode()


class Site:
    """A site: robots.txt names an index, which names a packed sitemap."""

    def __init__(self, server: Server) -> None:
        self.url, self.pages, self.broken = server.url, dict[str, bytes](), set[str]()
        self.entries: list[tuple[str, str, str]] = []
        server.answer = self.answer

    def publish(self, n: int, at: datetime) -> None:
        self.pages[f"/news/{n}"] = page(f"Aurora {n}", f"{STORY} Number {n}.")
        self.entries.append((f"{self.url}/news/{n}", at.isoformat(), f"Aurora {n}"))

    def answer(self, path: str, query: object, headers: object) -> Reply:
        if path == "/robots.txt":
            return 200, {}, f"User-agent: *\nDisallow: /news/13\nSitemap: {self.url}/index.xml".encode()
        if path == "/index.xml":
            head = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
            loc = f"<sitemap><loc>{self.url}/news.xml.gz</loc><lastmod>2026-08-31</lastmod></sitemap>"
            return 200, {}, f"<sitemapindex {head}>{loc}</sitemapindex>".encode()
        if path == "/news.xml.gz":
            return 200, {}, gzip.compress(sitemap(self.entries))
        if path in self.broken:
            return 404, {}, b""
        return (200, {}, self.pages[path]) if path in self.pages else (404, {}, b"")


def test_a_site_is_read_by_its_sitemaps(server: Server, no_pauses: list[float]) -> None:
    site = Site(server)
    for n in range(1, 6):
        site.publish(n, NOW - timedelta(hours=n))
    site.publish(9, NOW - timedelta(days=3))
    batch, state = ask("site", url=server.url)
    assert batch.posts.num_rows == 5, "yesterday's and older ones are not owed the first time"
    post = next(p for p in rows(batch.posts) if p["title"] == "Aurora 1")
    assert "shards of glass" in post["text"] and post["created_at"] == NOW - timedelta(hours=1)
    assert (post["platform"], post["kind"]) == ("news", "news")
    assert no_pauses, "a site is not asked without pauses"
    site.publish(6, NOW + timedelta(minutes=5))
    site.publish(13, NOW + timedelta(minutes=6))
    server.requests.clear()
    batch, state = ask("site", state, url=server.url, now=NOW + timedelta(minutes=10))
    assert [p["title"] for p in rows(batch.posts)] == ["Aurora 13", "Aurora 6"]
    assert [r.path for r in server.requests if r.path.startswith("/news/")] == ["/news/6"], "robots.txt is honoured"
    assert "robots.txt" in " ".join(batch.warnings)
    batch, _ = ask("site", state, url=server.url, now=NOW + timedelta(minutes=20))
    assert record(batch)["n_read"] == 0


def test_pages_beyond_the_limit_and_broken_ones_come_the_next_times(server: Server) -> None:
    site = Site(server)
    for n in range(1, 6):
        site.publish(n, NOW - timedelta(hours=n))
    site.broken = {"/news/2"}
    state: dict[str, Any] = {}
    came: list[str] = []
    for _ in range(5):
        batch, state = ask("site", state, url=f"{server.url}/index.xml", max_articles=2)
        came += [p["title"] for p in rows(batch.posts)]
    assert sorted(came) == [f"Aurora {n}" for n in range(1, 6)] and state["later"] == []
    assert len([r for r in server.requests if r.path == "/news/2"]) == 3, "three tries, then its title only"


def test_a_hostile_sitemap_is_refused(server: Server) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url>&b;</url></urlset>'
    for content in (bomb, b"<html>no</html", b"\x1f\x8bno", b""):
        server.answer = lambda path, *_, content=content: (
            (404, {}, b"") if path == "/robots.txt" else (200, {}, content)
        )
        with pytest.raises(SourceError):
            ask("site", url=f"{server.url}/sitemap.xml")
    timeless = sitemap([(f"{server.url}/a", "", "")])
    server.answer = lambda path, *_: (404, {}, b"") if path == "/robots.txt" else (200, {}, timeless)
    with pytest.raises(SourceError, match="no times"):
        ask("site", url=f"{server.url}/sitemap.xml")
    server.answer = lambda path, *_: (503, {}, b"")
    with pytest.raises(SourceError, match="forbids"):
        ask("site", url=f"{server.url}/sitemap.xml")


# Watched pages.


def test_what_is_new_on_a_page_is_a_post(server: Server) -> None:
    notices = ["Notice of May"]
    tag = [1]

    def answer(path: str, query: object, headers: dict[str, str]) -> Reply:
        if path == "/robots.txt":
            return 404, {}, b""
        if headers.get("if-none-match") == f'"{tag[0]}"':
            return 304, {}, b""
        items = "".join(f"<li>{n}</li>" for n in notices)
        body = f"<body><nav>Menu {tag[0]}</nav><ul id=list>{items}</ul></body>"
        head = "<html><head><title>Notices</title></head>"
        return 200, {"ETag": f'"{tag[0]}"'}, f"{head}{body}</html>".encode()

    server.answer = answer
    options = {"pages": [f"{server.url}/notices"], "selector": "#list"}
    first, state = ask("page", **options)
    assert first.posts.num_rows == 0 and "watched from now on" in first.warnings[0]
    notices.insert(0, "召回公告：星河奶茶")
    tag[0] = 2
    second, state = ask("page", state, **options)
    (post,) = rows(second.posts)
    assert (post["text"], post["title"], post["created_at"]) == ("召回公告：星河奶茶", "Notices", NOW)
    third, state = ask("page", state, **options)
    assert record(third)["n_read"] == 0
    notices.pop(0)
    tag[0] = 3
    fourth, _ = ask("page", state, **options)
    assert json.loads(rows(fourth.posts)[0]["extra"])["lines_taken_away"] == 1, "a notice that vanishes is news, too"
    with pytest.raises(SourceError, match="nothing on the page"):
        ask("page", pages=[f"{server.url}/notices"], selector="#nowhere")


# RSSHub.


def json_feed(items: list[dict[str, Any]], title: str = "微博热搜榜") -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": title, "items": items}).encode()


def test_a_hot_list_is_topics_by_the_hour(server: Server) -> None:
    topics = ["星河奶茶 玻璃", "天气", "#星河奶茶召回#"]
    items = [{"id": t, "url": f"https://s.weibo.example/{t}", "title": t, "content_html": t} for t in topics]
    server.answer = lambda *_: (200, {}, json_feed(items))
    batch, state = ask("rsshub", route="weibo/search/hot", url=server.url)
    posts = {p["text"]: p for p in rows(batch.posts)}
    assert {p["kind"] for p in posts.values()} == {"topic"} and len(posts) == 3
    top = posts["星河奶茶 玻璃"]
    assert (top["platform"], json.loads(top["extra"])["rank"], top["created_at"]) == ("weibo", 1, NOW)
    assert server.requests[0].path == "/weibo/search/hot" and server.requests[0].query["sorted"] == ["false"]
    same, state = ask("rsshub", state, route="/weibo/search/hot", url=server.url, now=NOW + timedelta(minutes=30))
    assert record(same)["n_duplicate"] == 3
    later, _ = ask("rsshub", state, route="/weibo/search/hot", url=server.url, now=NOW + timedelta(hours=1))
    assert later.posts.num_rows == 3, "an hour later it stands there again"
    with pytest.raises(SourceError, match="the same since 2026-09-01"):
        ask("rsshub", state, route="/weibo/search/hot", url=server.url, now=NOW + timedelta(hours=4))


def test_a_route_of_posts_has_authors_and_times_and_a_broken_one_is_an_error(server: Server) -> None:
    entry = {
        "id": "https://weibo.example/1", "url": "https://weibo.example/1", "title": "玻璃",
        "content_html": "<p>奶茶里有玻璃</p>",
        "date_published": "Sat, 29 Aug 2026 04:30:00 GMT", "authors": [{"name": "小明"}], "tags": ["星河奶茶"],
    }  # fmt: skip
    server.answer = lambda *_: (200, {}, json_feed([entry, {"title": 3}, "x"]))  # type: ignore[list-item]
    batch, _ = ask("rsshub", route="/weibo/keyword/星河奶茶", url=server.url)
    (post,) = rows(batch.posts)
    assert (post["kind"], post["text"], post["account_id"]) == ("post", "奶茶里有玻璃", "weibo:小明")
    assert post["created_at"] == datetime(2026, 8, 29, 4, 30, tzinfo=UTC) and record(batch)["n_rejected"] == 2
    error = (
        b"<html><h1>Looks like something went wrong</h1><p>Route: /weibo/keyword this route is empty</p> RSSHub</html>"
    )
    server.answer = lambda *_: (503, {}, error)
    with pytest.raises(SourceError, match="this route is empty"):
        ask("rsshub", route="/weibo/keyword/x", url=server.url)
    server.answer = lambda *_: (200, {}, json_feed([]))
    with pytest.raises(SourceError, match="no items"):
        ask("rsshub", route="/weibo/keyword/x", url=server.url)


def test_without_the_extractor_a_reader_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("site_pages", "article_texts", "page_reader"):
        monkeypatch.setattr(f"crisislib.collect.sources.{module}.has_extractor", lambda: False)
    site = Site(server)
    site.publish(1, NOW - timedelta(hours=1))
    batch, _ = ask("site", url=server.url)
    assert "trafilatura is not installed" in " ".join(batch.warnings) and "shards of glass" in texts(batch)[0]


@pytest.mark.skipif(not has_extractor(), reason="the package trafilatura is not installed")
def test_with_the_extractor_nobody_is_told(server: Server) -> None:
    site = Site(server)
    site.publish(1, NOW - timedelta(hours=1))
    batch, _ = ask("site", url=server.url)
    assert batch.warnings == [] and "shards of glass" in texts(batch)[0]


def test_a_feed_is_read_with_the_text_of_its_pages(server: Server) -> None:
    """Feeds teem with teasers; the text is on the page. Nothing is handed on twice, and a real gap is still one."""
    numbers = [1, 2, 3]

    def answer(path: str, query: object, headers: dict[str, str]) -> Reply:
        if path == "/robots.txt":
            return 404, {}, b""
        if path.startswith("/a/"):
            return 200, {}, page(text=f"{STORY} {path}")
        tag = f'"{max(numbers)}"'
        if headers.get("if-none-match") == tag:
            return 304, {}, b""
        items = "".join(
            f"<item><guid>{n}</guid><link>{server.url}/a/{n}</link><title>Tea {n}</title>"
            f"<description>teaser</description><pubDate>Mon, 31 Aug 2026 {n:02d}:00:00 GMT</pubDate></item>"
            for n in numbers
        )
        feed = f'<rss version="2.0"><channel><title>The Daily</title>{items}</channel></rss>'
        return 200, {"ETag": tag}, feed.encode()

    server.answer = answer
    options = {"url": f"{server.url}/feed", "full_text": True, "max_articles": 2}
    first, state = ask("rss", **options)
    assert sum("shards of glass" in t for t in texts(first)) == 2 and "teaser" in texts(first)
    second, state = ask("rss", state, **options)
    assert [("shards of glass" in t) for t in texts(second)] == [True], "read although the feed has not changed"
    numbers.append(4)
    third, state = ask("rss", state, **options)
    assert ["/a/4" in t for t in texts(third)] == [True] and json.loads(record(third)["gaps"]) == []
    numbers[:] = [8, 9]
    fourth, _ = ask("rss", state, **options)
    assert len(json.loads(record(fourth)["gaps"])) == 1, "none of the items that were known is shown any more"
