"""Bluesky: a search, or one account's feed, by pages, back to what was read last."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from crisislib.collect.http_client import Answer, get
from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.sources.backlog_reader import Page, read_back
from crisislib.collect.sources.live_source import Item, Source, State, instant, items_batch, read_items
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

MORE = N_(
    "{source} had more than {pages} {pages:page|pages}; older posts were not read; raise max_pages or read it "
    "more often"
)
PUBLIC = "https://public.api.bsky.app"
OPTIONS = {
    "search": Option("what to search for"),
    "actor": Option("handle or DID of one account"),
    "url": Option(f"address of the service ({PUBLIC})", PUBLIC, form="address"),
    "max_pages": Option("pages of 100 posts at most (10)", 10, least=1),
    "token": Option("access token, where the service wants one"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read a search or a feed from its newest post down to the newest of last time.

    Parameters
    ----------
    use : SourceUse
        Options `search` or `actor`, `url` (the public AppView), `max_pages` (10), `token`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `last`, the newest time read, and `open`, what a burst
        left unread.

    Raises
    ------
    SourceError
        The service did not answer well; nothing is handed on then, so that no page is skipped.

    Notes
    -----
    XRPC `app.bsky.feed.searchPosts` and `app.bsky.feed.getAuthorFeed`; pages by `cursor`.
    """
    search, actor = option(use, OPTIONS, "search"), option(use, OPTIONS, "actor")
    method = "app.bsky.feed.searchPosts" if search else "app.bsky.feed.getAuthorFeed"
    where = f"{option(use, OPTIONS, 'url').rstrip('/')}/xrpc/{method}"
    headers = {"Authorization": f"Bearer {option(use, OPTIONS, 'token')}"} if option(use, OPTIONS, "token") else {}
    params = {"q": search, "sort": "latest", "limit": "100"} if search else {"actor": actor, "limit": "100"}
    last, pages, name = instant(state.get("last", ""), now), option(use, OPTIONS, "max_pages"), use.name or use.source

    def ask(cursor: str) -> Page:
        asked = {**params, "cursor": cursor} if cursor else params
        return Page(*views(get(where, headers=headers, params=asked, settings=http_settings(use), also=()), where))

    top = datetime.fromisoformat(last).timestamp() if last else None
    before, place = {**state, "top": top}, partial(_place, now=now)
    reading = read_back(ask, place, before, pages=pages, name=name, inclusive=True)
    messages: list[Message] = list(reading.messages)
    if reading.cut:
        messages.append((MORE, {"source": name, "pages": pages}))
    items, unread = read_items(reading.entries, _item, source=name)
    # A post dated years ahead must not make every later one look old.
    newest = max([last, *(instant(i["created"], now) for i in items)])
    after = {**state, "last": newest, "open": reading.state["open"]}
    # What was not read yet is owed, so that nothing lies between; a listing that is suddenly empty is no answer.
    whole = bool(last and reading.entries)
    return items_batch(
        items, use, watch, state=after, now=now, messages=messages, where=where, unread=unread, whole=whole
    )


def _place(view: dict[str, Any], now: datetime) -> float | None:
    """The time of a post in seconds; None where it states no plausible one."""
    at = instant(_time(view), now) if isinstance(view.get("record"), dict) else ""
    return datetime.fromisoformat(at).timestamp() if at else None


def views(answer: Answer, where: str) -> tuple[list[dict[str, Any]], str]:
    """The posts of one page and the cursor of the next; feed entries keep their repost's reason.

    Parameters
    ----------
    answer : Answer
        Of the service.
    where : str
        Its address, named in errors.
    """
    found = answer.json()
    page = found.get("posts", found.get("feed")) if isinstance(found, dict) else None
    if not isinstance(page, list):
        raise SourceError(N_("the answer holds no posts"), where=where, do=N_("check the address of the service"))
    posts = [_unwrapped(entry) for entry in page]
    if posts and not any("uri" in post and isinstance(post.get("record"), dict) for post in posts):
        raise SourceError(N_("a post has no uri or record"), where=where, do=N_("check the address of the service"))
    return posts, str(found.get("cursor") or "")


def _unwrapped(entry: object) -> dict[str, Any]:
    """A post of a search as it is, one of a feed with the reason of its repost; anything else as an empty post."""
    if not isinstance(entry, dict):
        return {"entry": entry}
    return {**entry["post"], "reason": entry.get("reason")} if isinstance(entry.get("post"), dict) else entry


def _time(view: dict[str, Any]) -> str:
    reason = view.get("reason") or {}
    return str(reason.get("indexedAt") or view["record"].get("createdAt") or view.get("indexedAt") or "")


def _item(view: dict[str, Any]) -> Item:
    """One post view. An author's own clock may run ahead, so a later indexing time goes before it."""
    record, author, reason = view["record"], view.get("author") or {}, view.get("reason") or {}
    reply = record.get("reply") or {}
    embed = record.get("embed") or {}
    quoted = (embed.get("record") or {}).get("uri") or ((embed.get("record") or {}).get("record") or {}).get("uri")
    reposter = reason.get("by") or {}
    who = reposter or author
    parent = view["uri"] if reposter else (reply.get("parent") or {}).get("uri") or quoted
    kind = "repost" if reposter else "reply" if reply else "quote" if quoted else "post"
    facets = [f for facet in record.get("facets", []) for f in facet.get("features", [])]
    more = {
        "hashtags": [f["tag"] for f in facets if "tag" in f],
        "urls": [f["uri"] for f in facets if "uri" in f],
        "mentions": [f["did"] for f in facets if "did" in f],
        "handle": author.get("handle"),
    }
    return {
        "id": f"{view['uri']}#repost-{reposter.get('did')}" if reposter else view["uri"],
        "account": who.get("did"),
        "name": who.get("displayName") or who.get("handle"),
        "text": record.get("text", ""),
        "url": f"https://bsky.app/profile/{author.get('handle')}/post/{str(view['uri']).rsplit('/', 1)[-1]}",
        "created": _time(view),
        "likes": view.get("likeCount"),
        "reposts": view.get("repostCount"),
        "replies": view.get("replyCount"),
        "lang": (record.get("langs") or [None])[0],
        "parent": parent,
        "root": (reply.get("root") or {}).get("uri"),
        "kind": kind,
        "platform": "bluesky",
        "more": {k: v for k, v in more.items() if v} or None,
    }


SOURCE = Source(
    "bluesky",
    {"en": "Bluesky search or account", "zh": "Bluesky 搜索或账号"},
    fetch,
    OPTIONS,
    either=("search", "actor"),
    secrets=("token",),
    terms={
        "en": "Public posts of an open network: honour deletions (crisis forget), and ask no more than 3,000 times in "
        "five minutes.",
        "zh": "开放网络的公开帖子：请尊重删除（crisis forget），五分钟内请求不超过 3,000 次。",
    },
)
