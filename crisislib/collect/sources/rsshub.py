"""RSSHub: routes of an instance of your own, such as the hot lists of Weibo, Zhihu and Bilibili."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from crisislib.collect.http_client import Answer, get
from crisislib.collect.import_batch import Batch
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.markup_text import strip_html
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

HOT = (
    "/weibo/search/hot", "/zhihu/hot", "/zhihu/hotlist", "/bilibili/hot-search", "/bilibili/popular",
    "/bilibili/ranking", "/douyin/hot", "/toutiao/hot", "/baidu/top", "/36kr/hot-list", "/tieba/hot",
)  # fmt: skip
"""Routes that are lists of topics by rank."""
STANDS_STILL = timedelta(hours=3)
"""A hot list moves every few minutes by day and every hour at night."""
PLATFORMS = {"xiaohongshu": "xhs", "twitter": "x", "youtube": "youtube", "telegram": "telegram"}
"""First part of a route -> platform, where they differ or are worth a word; else the part itself."""
OPTIONS = {
    "route": Option("route, such as /weibo/search/hot or /weibo/keyword/星河奶茶"),
    "url": Option("address of your RSSHub (http://localhost:1200)", "http://localhost:1200", form="address"),
    "key": Option("access key of the instance, where it wants one"),
    "hot_list": Option("whether it is a list of topics by rank: yes, no, or by the route (auto)", "auto"),
    "platform": Option("platform of its items; by the route when empty"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read one route.

    Parameters as for :func:`crisislib.collect.fetch`.

    Raises
    ------
    SourceError
        The instance did not answer well; an empty or blocked route is a failure of it, never an empty list.

    Notes
    -----
    JSON Feed 1.1 (`?format=json`). Of a hot list every topic is one post of kind `topic` an hour, as in exports of such
    lists, with its rank; the routes give no heat.
    """
    name, route = use.name or use.source, "/" + str(use.options["route"]).strip("/")
    where = f"{str(option(use, OPTIONS, 'url')).rstrip('/')}{route}"
    key = option(use, OPTIONS, "key")
    params = {"format": "json", "sorted": "false"} | ({"key": key} if key else {})
    feed = get(where, params=params, settings=http_settings(use), also=(), explain=_empty_route).json()
    entries = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(entries, list) or not entries:
        raise SourceError(
            N_("the route gave no items"), where=where, do=N_("open it in a browser; it may need cookies")
        )
    hot = option(use, OPTIONS, "hot_list") == "yes" or (option(use, OPTIONS, "hot_list") == "auto" and _is_hot(route))
    first = route.split("/")[1]
    platform = option(use, OPTIONS, "platform") or PLATFORMS.get(first, first)
    title = str(feed.get("title") or route)
    ranked = [(rank, entry) for rank, entry in enumerate(entries, 1)]
    read = partial(_topic, title=title, platform=platform, now=now) if hot else partial(_post, title, platform, now)
    items, unread = read_items(ranked, read, source=name)
    after = _moving(entries, state, now, where) if hot else state
    return items_batch(items, use, watch, state=after, now=now, where=where, unread=unread, whole=hot)


def _moving(entries: list[Any], state: State, now: datetime, where: str) -> State:
    """Since when a hot list is as it is: one that stands still is a cache of a route that is blocked."""
    digest = short_hash(*(str(entry.get("title")) if isinstance(entry, dict) else "" for entry in entries))
    since = state["since"] if state.get("digest") == digest else now.isoformat()
    if now - datetime.fromisoformat(since) > STANDS_STILL:
        raise SourceError(
            N_("the list is the same since {since}"),
            where=where,
            do=N_("look into RSSHub; the route may be blocked"),
            facts={"since": since[:16]},
        )
    return {**state, "digest": digest, "since": since}


def _is_hot(route: str) -> bool:
    return route.startswith(HOT)


def _empty_route(answer: Answer) -> SourceError | None:
    """RSSHub answers with an error page where the platform gave it nothing."""
    text = strip_html(answer.content.decode("utf-8", "replace"))
    if answer.status < 500 or ("RSSHub" not in text and "route" not in text):
        return None
    return SourceError(
        N_("the route failed: {text}"),
        where=answer.url.split("?")[0],
        do=N_("look into RSSHub; it may need cookies"),
        facts={"text": text[:200]},
    )


def _topic(ranked: tuple[int, dict[str, Any]], *, title: str, platform: str, now: datetime) -> Item:
    """A topic in the hour in which it stood on the list."""
    rank, entry = ranked
    hour = now.replace(minute=0, second=0, microsecond=0)
    topic, about = str(entry["title"]).strip(), strip_html(entry.get("content_html") or "")
    return {
        "id": f"topic-{short_hash(platform, topic)}-{hour:%Y%m%d%H}",
        "name": title,
        "title": topic,
        "text": topic if not about or about == topic else f"{topic} {about}",
        "url": entry.get("url"),
        "created": hour.isoformat(),
        "kind": "topic",
        "platform": platform,
        "more": {"rank": rank},
    }


def _post(title: str, platform: str, now: datetime, ranked: tuple[int, dict[str, Any]]) -> Item:
    _, entry = ranked
    authors = [a["name"] for a in entry.get("authors") or [] if isinstance(a, dict) and a.get("name")]
    return {
        "id": entry.get("id") or entry["url"],
        "account": authors[0] if authors else None,
        "name": authors[0] if authors else title,
        "title": entry.get("title"),
        "text": strip_html(entry.get("content_html") or "") or entry.get("content_text") or entry["title"],
        "url": entry.get("url"),
        "created": _when(entry.get("date_published")) or now.isoformat(),
        "kind": "video" if platform in ("bilibili", "douyin") else "post",
        "platform": platform,
        "more": {"tags": entry["tags"]} if entry.get("tags") else None,
    }


def _when(text: object) -> str:
    """A time as RSSHub writes it, which is that of mail (RFC 5322), or ISO; empty where there is none."""
    if not isinstance(text, str) or not text:
        return ""
    try:
        return parsedate_to_datetime(text).isoformat()
    except ValueError:
        return text


SOURCE = Source(
    "rsshub",
    {"en": "RSSHub route (hot lists of Weibo, Zhihu, Bilibili …)", "zh": "RSSHub 路由（微博、知乎、哔哩哔哩热榜等）"},
    fetch,
    OPTIONS,
    required=("route",),
    secrets=("key",),
    terms={
        "en": "Run an instance of your own; it reads the platforms for you, so that their terms bind you.",
        "zh": "请自建实例；它代您读取各平台，因此须遵守各平台的条款。",
    },
)
