"""Hacker News: a search by its Algolia index, or every new item by the site's own API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from crisislib.collect.http_client import get
from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.sources.backlog_reader import Page, read_back
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.markup_text import strip_html
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.collect.sources.source_pace import Budget, Pace
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

BEHIND_ITEMS = N_("{source} has {n} more new items; the rest is read next time")
ALGOLIA, SITE = "https://hn.algolia.com", "https://hacker-news.firebaseio.com"
PAGE = 100
"""Hits of a page; the index gives a thousand at most in all, which the time in the question goes around."""
PACE = Pace(10_000, 3600.0)
"""Requests an hour that the index allows one address."""
FIRST_ITEMS = 50
"""Items read the first time without a search: those of the last few minutes."""
OPTIONS = {
    "search": Option("words to search for; every new item of the site when empty"),
    "tags": Option("kinds of items, as Algolia writes them ((story,comment))", "(story,comment)"),
    "max_pages": Option("pages of 100 hits at most (5)", 5, least=1),
    "max_items": Option("without a search: items read at once, each one request (300)", 300, least=1),
    "url": Option(f"address of the index ({ALGOLIA}), without a search that of the site ({SITE})", form="address"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read what is new on Hacker News.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `top` and `open`, with a search, or `item`, the number of
        the newest item read.

    Raises
    ------
    SourceError
        The service did not answer well.

    Notes
    -----
    Algolia: `GET /api/v1/search_by_date` with `numericFilters=created_at_i<=T`. Site: `GET /v0/maxitem.json` and
    `/v0/item/ID.json`, where an item that is not there yet is `null`.
    """
    return _search(use, watch, state, now) if option(use, OPTIONS, "search") else _all(use, watch, state, now)


def _search(use: SourceUse, watch: Watch, state: State, now: datetime) -> tuple[Batch, State]:
    name = use.name or use.source
    where = f"{(option(use, OPTIONS, 'url') or ALGOLIA).rstrip('/')}/api/v1/search_by_date"
    budget = Budget(PACE, state, now)

    def ask(cursor: str) -> Page:
        budget.spend(where)
        params = {"query": option(use, OPTIONS, "search"), "tags": option(use, OPTIONS, "tags")}
        params |= {"hitsPerPage": str(PAGE)} | ({"numericFilters": f"created_at_i<={cursor}"} if cursor else {})
        hits = get(where, params=params, settings=http_settings(use), also=()).json()
        entries = hits.get("hits") if isinstance(hits, dict) else None
        if not isinstance(entries, list):
            raise SourceError(N_("the answer holds no hits"), where=where, do=N_("check the address of the index"))
        oldest = min((at for at in map(_second, entries) if at is not None), default=None)
        more = len(entries) >= PAGE and oldest is not None and str(int(oldest)) != cursor
        return Page(entries, str(int(oldest)) if more and oldest is not None else "")

    reading = read_back(
        ask, _second, state, pages=option(use, OPTIONS, "max_pages"), name=name, most=now.timestamp() + 60
    )
    items, unread = read_items(reading.entries, _hit, source=name)
    after = {**reading.state, **budget.stored()}
    return items_batch(
        items,
        use,
        watch,
        state=after,
        now=now,
        messages=reading.messages,
        where=where,
        unread=unread,
        whole=bool(reading.entries),
    )


def _second(hit: Any) -> float | None:
    at = hit.get("created_at_i") if isinstance(hit, dict) else None
    return float(at) if isinstance(at, int) else None


def _hit(hit: dict[str, Any]) -> Item:
    comment = hit.get("comment_text") is not None or "comment" in (hit.get("_tags") or [])
    return _post(
        hit["objectID"],
        by=hit.get("author"),
        markup=hit.get("comment_text") or hit.get("story_text") or "",
        title=hit.get("title"),
        link=hit.get("url"),
        created=datetime.fromtimestamp(hit["created_at_i"], UTC).isoformat(),
        points=hit.get("points"),
        replies=hit.get("num_comments"),
        parent=hit.get("parent_id") if comment else None,
        root=hit.get("story_id") if comment else None,
    )


def _all(use: SourceUse, watch: Watch, state: State, now: datetime) -> tuple[Batch, State]:
    """Items by their numbers, which count up; one that is not there yet is asked for again next time."""
    name = use.name or use.source
    base = f"{(option(use, OPTIONS, 'url') or SITE).rstrip('/')}/v0"
    settings = http_settings(use)
    newest = get(f"{base}/maxitem.json", settings=settings, also=()).json()
    if not isinstance(newest, int):
        raise SourceError(N_("the answer is no item number"), where=base, do=N_("check the address of the site's API"))
    first = int(state.get("item", max(0, newest - FIRST_ITEMS))) + 1
    last = min(newest, first + option(use, OPTIONS, "max_items") - 1)
    entries, reached = [], first - 1
    for number in range(first, last + 1):
        entry = get(f"{base}/item/{number}.json", settings=settings, also=()).json()
        if entry is None and number > newest - FIRST_ITEMS:
            break
        reached = number
        if entry is not None:
            entries.append(entry)
    dead = [e for e in entries if isinstance(e, dict) and (e.get("deleted") or e.get("dead") or "by" not in e)]
    items, unread = read_items([e for e in entries if e not in dead], _site_item, source=name)
    messages: list[Message] = []
    if newest > last:
        messages.append((BEHIND_ITEMS, {"source": name, "n": newest - last}))
    return items_batch(
        items, use, watch, state={**state, "item": reached}, now=now, messages=messages, where=base, unread=unread,
        whole=True,
    )  # fmt: skip


def _site_item(entry: dict[str, Any]) -> Item:
    return _post(
        entry["id"],
        by=entry["by"],
        markup=entry.get("text") or "",
        title=entry.get("title"),
        link=entry.get("url"),
        created=datetime.fromtimestamp(entry["time"], UTC).isoformat(),
        points=entry.get("score"),
        replies=entry.get("descendants"),
        parent=entry.get("parent"),
        root=None,
    )


def _post(
    number: object,
    *,
    by: str | None,
    markup: str,
    title: str | None,
    link: str | None,
    created: str,
    points: object,
    replies: object,
    parent: object,
    root: object,
) -> Item:
    return {
        "id": str(number),
        "account": by,
        "name": by,
        "title": title,
        "text": strip_html(markup) or title,
        "url": f"https://news.ycombinator.com/item?id={number}",
        "created": created,
        "likes": points,
        "replies": replies,
        "parent": str(parent) if parent else None,
        "root": str(root) if root else None,
        "kind": "comment" if parent else "forum",
        "platform": "hackernews",
        "more": {"urls": [link]} if link else None,
    }


SOURCE = Source(
    "hackernews",
    {"en": "Hacker News: search, or all new items", "zh": "Hacker News：搜索或全部新内容"},
    fetch,
    OPTIONS,
    terms={
        "en": "Public data without a key; 10,000 searches an hour for one address; deleted items are left out.",
        "zh": "公开数据，无需密钥；每个地址每小时最多 10,000 次搜索；已删除的内容不收入。",
    },
    pace=PACE,
)
