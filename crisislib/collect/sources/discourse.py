"""Discourse forums: the newest posts of all topics, by their numbers, back to the last one read."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any

import httpx

from crisislib.collect.http_client import Answer, get
from crisislib.collect.import_batch import Batch
from crisislib.collect.sources.backlog_reader import Page, read_back
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.markup_text import strip_html
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

LIKE = 2
"""Number of the action "like" in `actions_summary`, as Discourse counts its actions."""
OPTIONS = {
    "url": Option("address of the forum", form="address"),
    "max_pages": Option("pages of 50 posts at most (5)", 5, least=1),
    "key": Option("API key, for a forum that only members read"),
    "user": Option("name of the user of the key (system)", "system"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read what was posted on a forum.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `top`, the number of the newest post read, and `open`.

    Raises
    ------
    SourceError
        The forum did not answer well.

    Notes
    -----
    `GET /posts.json?before=ID`, fifty posts a page, newest first. Posts are named by topic and number in it, since
    replies name what they answer by that.
    """
    name, base = use.name or use.source, str(use.options["url"]).rstrip("/")
    key, where = option(use, OPTIONS, "key"), f"{base}/posts.json"
    headers = {"Api-Key": key, "Api-Username": option(use, OPTIONS, "user")} if key else {}

    def ask(cursor: str) -> Page:
        params = {"before": cursor} if cursor else {}
        answer = get(
            where, headers=headers, params=params, settings=http_settings(use), also=(), explain=_rate_limit
        ).json()
        posts = answer.get("latest_posts") if isinstance(answer, dict) else None
        if not isinstance(posts, list):
            raise SourceError(N_("the answer holds no posts"), where=where, do=N_("check the address of the forum"))
        oldest = min((n for n in map(_number, posts) if n is not None), default=0)
        return Page(posts, str(int(oldest) - 1) if oldest > 1 else "")

    reading = read_back(ask, _number, state, pages=option(use, OPTIONS, "max_pages"), name=name)
    shown = [p for p in reading.entries if not (isinstance(p, dict) and (p.get("hidden") or p.get("deleted_at")))]
    items, unread = read_items(shown, partial(_item, base=base), source=name)
    return items_batch(
        items, use, watch, state=reading.state, now=now, messages=reading.messages, where=where, unread=unread,
        whole=bool(reading.entries),
    )  # fmt: skip


def _rate_limit(answer: Answer) -> SourceError | None:
    """A forum says in the body how long to wait."""
    try:
        said = json.loads(answer.content)
    except ValueError:
        return None
    if not isinstance(said, dict) or said.get("error_type") != "rate_limit":
        return None
    extras = said.get("extras")
    wait = extras.get("wait_seconds") if isinstance(extras, dict) else None
    return ThrottledError(
        N_("the forum limits requests"),
        where=answer.url,
        do=N_("ask less often"),
        wait_s=float(wait) if isinstance(wait, int | float) else None,
    )


def _number(post: Any) -> float | None:
    found = post.get("id") if isinstance(post, dict) else None
    return float(found) if isinstance(found, int) else None


def _item(post: dict[str, Any], base: str) -> Item:
    topic, number = post["topic_id"], post["post_number"]
    host = httpx.URL(base).netloc.decode()
    likes = sum(a.get("count", 0) for a in post.get("actions_summary") or [] if a.get("id") == LIKE)
    answered = post.get("reply_to_post_number") or (1 if number > 1 else None)
    return {
        "id": f"{host}/{topic}/{number}",
        "account": f"{post['username']}@{host}",
        "name": post.get("name") or post["username"],
        "title": post.get("topic_title"),
        "text": post.get("raw") or strip_html(post.get("cooked") or ""),
        "url": f"{base}/t/{post.get('topic_slug') or '-'}/{topic}/{number}",
        "created": post["created_at"],
        "likes": likes,
        "replies": post.get("reply_count"),
        "views": post.get("reads"),
        "parent": f"{host}/{topic}/{answered}" if answered else None,
        "root": f"{host}/{topic}/1" if number > 1 else None,
        "kind": "comment" if number > 1 else "forum",
        "platform": "discourse",
    }


SOURCE = Source(
    "discourse",
    {"en": "Discourse forum", "zh": "Discourse 论坛"},
    fetch,
    OPTIONS,
    required=("url",),
    secrets=("key",),
    terms={
        "en": "Each forum has its own terms (/tos): read public posts only, and ask no more often than it allows.",
        "zh": "各论坛有各自的条款（/tos）：只读取公开帖子，访问频率不超过其限制。",
    },
)
