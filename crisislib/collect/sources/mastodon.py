"""Mastodon: a hashtag's or an instance's public timeline, by pages, back to what was read last."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from crisislib.collect.http_client import Answer, get
from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.sources.backlog_reader import Page, read_back
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.markup_text import strip_html
from crisislib.collect.sources.mastodon_stream import streamed
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

MORE = N_(
    "{source} had more than {pages} {pages:page|pages}; older posts were not read; raise max_pages or read it "
    "more often"
)
STREAM_BROKE = N_("the stream of {source} was interrupted: {why}; what was posted since will be read next time")
OPTIONS = {
    "url": Option("address of the instance", form="address"),
    "hashtag": Option("hashtag without #; the public timeline when empty"),
    "max_pages": Option("pages of 40 posts at most (10)", 10, least=1),
    "token": Option("access token, where the instance wants one"),
    "stream_s": Option("seconds to listen to the stream after reading, which needs a token (0)", 0.0),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read a timeline from its newest post down to the newest of last time.

    Parameters
    ----------
    use : SourceUse
        Options `url` (instance), `hashtag` (public timeline when empty), `max_pages` (10), `token`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `since_id`, and `open`, what a burst left unread.

    Raises
    ------
    SourceError
        The instance did not answer well, also in the middle of its pages: nothing is handed on then,
        so that no page is skipped for good.

    Notes
    -----
    Mastodon REST API, `GET /api/v1/timelines/tag/:hashtag` and `/public`; pages by the Link header.
    """
    base = str(use.options["url"]).rstrip("/")
    tag = option(use, OPTIONS, "hashtag")
    where = f"{base}/api/v1/timelines/" + (f"tag/{quote(tag.lstrip('#'), safe='')}" if tag else "public")
    headers = {"Authorization": f"Bearer {option(use, OPTIONS, 'token')}"} if option(use, OPTIONS, "token") else {}
    pages: int = option(use, OPTIONS, "max_pages")
    host = httpx.URL(base).host
    params = {"limit": "40"} | ({"since_id": state["since_id"]} if state.get("since_id") else {})
    name = use.name or use.source

    def ask(cursor: str) -> Page:
        asked = None if cursor else params
        answer = get(cursor or where, headers=headers, params=asked, settings=http_settings(use), also=())
        posts = statuses(answer, where)
        return Page(posts, (_following(answer) or "") if posts else "")

    reading = read_back(ask, _place, {**state, "top": _number(state.get("since_id"))}, pages=pages, name=name)
    messages: list[Message] = list(reading.messages)
    if reading.cut:
        messages.append((MORE, {"source": name, "pages": pages}))
    items, unread = read_items(reading.entries, lambda post: _item(post, host), source=name)
    if listen_s := option(use, OPTIONS, "stream_s"):
        posts, fault = streamed(base, tag.lstrip("#"), headers, seconds=listen_s, settings=http_settings(use))
        good, bad = read_items(posts, lambda post: _item(post, host), source=name)
        items, unread = [*reversed(good), *items], unread + bad
        if fault:
            messages.append((STREAM_BROKE, {"source": name, "why": fault}))
    newest = max((str(i["native"]) for i in items), key=lambda i: (len(i), i), default=state.get("since_id", ""))
    after = {**state, "since_id": newest, "open": reading.state["open"]}
    # It was asked for what came after the newest one, and what was not read of it yet is owed: nothing lies between.
    whole = "since_id" in params
    return items_batch(
        items, use, watch, state=after, now=now, messages=messages, where=where, unread=unread, whole=whole
    )


def _place(post: Any) -> float | None:
    return _number(post.get("id")) if isinstance(post, dict) else None


def _number(id_: object) -> int | None:
    """Ids in the order of instances: by length, then as text, which is the order of numbers to base 36."""
    text = str(id_ or "")
    return int(text, 36) if text.isascii() and text.isalnum() else None


def statuses(answer: Answer, where: str) -> list[dict[str, Any]]:
    """The posts of one page; an answer that is no list of posts is a failure, a strange post among others is not.

    Parameters
    ----------
    answer : Answer
        Of the instance.
    where : str
        Its address, named in errors.
    """
    found = answer.json()
    if not isinstance(found, list) or (found and not any(isinstance(p, dict) and "id" in p for p in found)):
        raise SourceError(N_("the answer is no list of posts"), where=where, do=N_("check the address of the instance"))
    return found


def _following(answer: Answer) -> str | None:
    """The address of the next, older page, as the Link header names it; only on the same host."""
    link = next((v for k, v in answer.headers.items() if k.lower() == "link"), "")
    url = httpx.Response(200, headers={"link": link}).links.get("next", {}).get("url") if link else None
    if url is not None and httpx.URL(url).host != httpx.URL(answer.url).host:
        raise SourceError(
            N_("the next page is on another host: {url}"),
            where=answer.url,
            do=N_("check the instance"),
            facts={"url": url},
        )
    return url


def _item(post: dict[str, Any], host: str) -> Item:
    """One status; a boost is a repost of the status inside it."""
    inner = post.get("reblog") or {}
    account = post.get("account") or {}
    parent = inner.get("uri") or (f"{host}/{post['in_reply_to_id']}" if post.get("in_reply_to_id") else None)
    more = {
        "hashtags": [t.get("name") for t in post.get("tags", [])],
        "mentions": [m.get("acct") for m in post.get("mentions", [])],
        "media": [m.get("url") for m in post.get("media_attachments", [])],
    }
    shown = inner or post
    return {
        "native": str(post["id"]),
        "id": f"{host}/{post['id']}",
        "account": account.get("acct") and (account["acct"] if "@" in account["acct"] else f"{account['acct']}@{host}"),
        "name": account.get("display_name") or account.get("username"),
        "followers": account.get("followers_count"),
        "text": strip_html(shown.get("content", "")),
        "title": shown.get("spoiler_text") or None,
        "url": post.get("url") or post.get("uri"),
        "created": post["created_at"],
        "likes": post.get("favourites_count"),
        "reposts": post.get("reblogs_count"),
        "replies": post.get("replies_count"),
        "lang": post.get("language"),
        "parent": f"{host}/{inner['id']}" if inner.get("id") else parent,
        "kind": "repost" if inner else "reply" if post.get("in_reply_to_id") else "post",
        "platform": "mastodon",
        "more": {k: v for k, v in more.items() if v} or None,
    }


SOURCE = Source(
    "mastodon",
    {"en": "Mastodon timeline", "zh": "Mastodon 时间线"},
    fetch,
    OPTIONS,
    required=("url",),
    secrets=("token",),
    terms={
        "en": "Each instance has its own rules (/about): public posts only; many forbid indexing. 300 requests in five "
        "minutes are usual.",
        "zh": "各实例有各自的规则（/about）：仅限公开帖子，许多实例禁止建立索引。通常五分钟内至多 300 次请求。",
    },
)
