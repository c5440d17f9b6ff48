"""X: the recent search of its API, version 2, by the number of the newest post read."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from crisislib.collect.http_client import Answer, get
from crisislib.collect.http_waits import resets_in
from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.sources.backlog_reader import Page, read_back
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.collect.sources.source_pace import Budget, Pace
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

BEYOND = N_(
    "{source} was not read for more than six days; its search reaches back only seven days, so older posts are missing"
)
API = "https://api.x.com"
PACE = Pace(450, 900.0)
"""Searches in 15 minutes that an application is allowed."""
REACH = timedelta(days=6)
"""The search knows seven days and refuses older posts as a start; a day is left for clocks and time zones."""
LONGEST_QUERY = 512
"""Characters of a query, but for enterprise contracts, which name their own limit in `longest_query`."""
FIELDS = "id,text,author_id,created_at,lang,conversation_id,public_metrics,referenced_{posts},note_{post},entities"
OPTIONS = {
    "search": Option('query in X\'s own language, such as (星河奶茶 OR "Aurora Tea") -is:nullcast'),
    "token": Option("bearer token of the application"),
    "max_pages": Option("pages of 100 posts at most; each post is paid for (5)", 5, least=1),
    "newer_names": Option("ask by the names of the newest schema (post.fields) instead of tweet.fields (false)", False),
    "longest_query": Option("characters that your contract allows (512)", LONGEST_QUERY),
    "url": Option(f"address of the interface ({API})", API, form="address"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read what a search has that is new, with counts, reposts, replies, quotes and their authors.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `top`, the newest post's number, `open`, and `asked`.

    Raises
    ------
    SourceError
        The token or the query is refused, or the service did not answer well.

    Notes
    -----
    `GET /2/tweets/search/recent` with `since_id`, so that no post is paid for twice; pages by `next_token`, which
    belongs to the `since_id` that it was given for. Old and new names of fields are read, whichever were asked for.
    """
    name, where = use.name or use.source, f"{str(option(use, OPTIONS, 'url')).rstrip('/')}/2/tweets/search/recent"
    search = option(use, OPTIONS, "search")
    if len(search) > option(use, OPTIONS, "longest_query"):
        raise SourceError(
            N_("the query has {search} characters"),
            where=name,
            do=N_("shorten it, or make two entries"),
            facts={"search": len(search)},
        )
    messages: list[Message] = []
    asked = state.get("asked")
    if asked and now - datetime.fromisoformat(asked) > REACH:
        state = {k: v for k, v in state.items() if k not in ("top", "open")}
        messages.append((BEYOND, {"source": name}))
    budget, headers = Budget(PACE, state, now), {"Authorization": f"Bearer {option(use, OPTIONS, 'token')}"}

    def ask(cursor: str) -> Page:
        budget.spend(where)
        since, _, token = cursor.partition(" ") if cursor else (str(state.get("top") or ""), "", "")
        params = _fields(option(use, OPTIONS, "newer_names")) | {"query": search, "max_results": "100"}
        params |= ({"since_id": since} if since else {}) | ({"next_token": token} if token else {})
        answer = get(
            where, headers=headers, params=params, settings=http_settings(use), also=(),
            explain=partial(_refusal, now=now),
        )  # fmt: skip
        page = answer.json()
        if not isinstance(page, dict) or not isinstance(page.get("meta"), dict):
            raise SourceError(
                N_("the search failed: {problem}"),
                where=where,
                do=N_("check query and contract"),
                facts={"problem": _problem(page)},
            )
        more = page["meta"].get("next_token")
        return Page(_with_includes(page), f"{since} {more}" if more else "")

    reading = read_back(ask, _number, state, pages=option(use, OPTIONS, "max_pages"), name=name)
    items, unread = read_items(reading.entries, _item, source=name)
    after = {**reading.state, **budget.stored(), "asked": now.isoformat()}
    return items_batch(
        items, use, watch, state=after, now=now, messages=[*messages, *reading.messages], where=where, unread=unread,
        whole=True,
    )  # fmt: skip


def _fields(newer: bool) -> dict[str, str]:
    """What is asked for, by the older or the newer names."""
    one, many = ("post", "posts") if newer else ("tweet", "tweets")
    fields = FIELDS.format(post=one, posts=many)
    expansions = f"author_id,referenced_{many}.id,referenced_{many}.id.author_id"
    return {
        f"{one}.fields": fields,
        "expansions": expansions,
        "user.fields": "id,name,username,verified,public_metrics",
    }


def _refusal(answer: Answer, now: datetime) -> SourceError | None:
    where = answer.url.split("?")[0]
    if answer.status == 429:
        wait = resets_in(answer.headers, "x-rate-limit-reset", now)
        return ThrottledError(
            N_("the limit of searches is used up"), where=where, do=N_("read it less often"), wait_s=wait
        )
    if answer.status in (400, 401, 402, 403):
        try:
            found = answer.json()
        except SourceError:
            return None
        return SourceError(
            N_("X refuses: {problem}"),
            where=where,
            do=N_("check the query, the token and the contract"),
            facts={"problem": _problem(found)},
        )
    return None


def _problem(page: object) -> str | Phrase:
    """What the service says went wrong."""
    if not isinstance(page, dict):
        return Phrase(N_("the answer is no search result"))
    errors = page.get("errors") or [{}]
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
    return str(first.get("message") or page.get("detail") or first.get("detail") or page.get("title") or "no result")


def _with_includes(page: dict[str, Any]) -> list[Any]:
    """Posts with their authors and the posts that they refer to beside them."""
    includes = page.get("includes") or {}
    users = {u["id"]: u for u in includes.get("users") or [] if isinstance(u, dict) and "id" in u}
    others = [*(includes.get("tweets") or []), *(includes.get("posts") or [])]
    posts = {p["id"]: p for p in others if isinstance(p, dict) and "id" in p}
    return [
        {"post": post, "user": users.get(post.get("author_id")), "posts": posts} if isinstance(post, dict) else post
        for post in page.get("data") or []
    ]


def _number(entry: Any) -> float | None:
    found = entry["post"].get("id") if isinstance(entry, dict) else None
    return int(found) if isinstance(found, str) and found.isascii() and found.isdigit() else None


_KINDS = {"retweeted": "repost", "reposted": "repost", "quoted": "quote", "replied_to": "reply"}


def _item(entry: dict[str, Any]) -> Item:
    post, user = entry["post"], entry["user"] or {}
    counts = post.get("public_metrics") or {}
    links = post.get("referenced_tweets") or post.get("referenced_posts") or []
    referred = {_KINDS[link["type"]]: link["id"] for link in links if link.get("type") in _KINDS}
    kind = next((k for k in ("repost", "reply", "quote") if k in referred), "post")
    shown = entry["posts"].get(referred["repost"]) if kind == "repost" else None  # a repost's own text is cut
    entities = post.get("entities") or {}
    more = {
        "hashtags": [t.get("tag") for t in entities.get("hashtags") or []],
        "mentions": [m.get("username") for m in entities.get("mentions") or []],
        "urls": [u.get("expanded_url") or u.get("url") for u in entities.get("urls") or []],
        "quoted": referred.get("quote") if kind == "reply" else None,
    }
    return {
        "id": post["id"],
        "account": post["author_id"],
        "name": user.get("username") or user.get("name"),
        "followers": (user.get("public_metrics") or {}).get("followers_count"),
        "verified": user.get("verified"),
        "text": _text(shown or post),
        "url": f"https://x.com/{user.get('username') or 'i'}/status/{post['id']}",
        "created": post["created_at"],
        "likes": counts.get("like_count"),
        "reposts": counts.get("retweet_count", counts.get("repost_count")),
        "replies": counts.get("reply_count"),
        "views": counts.get("impression_count"),
        "lang": post.get("lang"),
        "parent": referred.get(kind),
        "root": post.get("conversation_id") if kind == "reply" else None,
        "kind": kind,
        "platform": "x",
        "more": {k: v for k, v in more.items() if v} or None,
    }


def _text(post: dict[str, Any]) -> str:
    """The whole text: of a long post the note."""
    note = post.get("note_tweet") or post.get("note_post") or {}
    return str(note.get("text") or post["text"])


SOURCE = Source(
    "x",
    {"en": "X: recent search (API v2)", "zh": "X 近期搜索（API v2）"},
    fetch,
    OPTIONS,
    required=("search", "token"),
    secrets=("token",),
    terms={
        "en": "Each post read is paid for; the developer agreement asks to delete posts that were deleted on X.",
        "zh": "按读取的帖子计费；开发者协议要求删除已在 X 上删除的帖子。",
    },
    pace=PACE,
    unconfirmed={
        "en": "X is renaming its fields (tweet to post): both names are read; newer_names asks by the newer ones.",
        "zh": "X 正在更名字段（tweet 改为 post）：两种名称均可读取；newer_names 按新名称请求。",
    },
)
