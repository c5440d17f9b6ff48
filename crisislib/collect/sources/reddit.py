"""Reddit: posts or comments of a community or a search, by its OAuth interface."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from crisislib.collect.http_client import get, request
from crisislib.collect.http_waits import header
from crisislib.collect.import_batch import Batch
from crisislib.collect.sources.backlog_reader import Page, read_back
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.collect.sources.source_pace import Budget, Pace
from crisislib.core.credentials import remember_secret
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

API, LOGIN = "https://oauth.reddit.com", "https://www.reddit.com"
PACE = Pace(100, 60.0)
"""Requests a minute that a client is allowed, without paying."""
GONE = ("[deleted]", "[removed]")
"""What stands for the text or author of a post that was taken back."""
OPTIONS = {
    "search": Option("words to search for; everything new when empty"),
    "subreddit": Option("communities, as tea+kettles; all of Reddit when empty, which needs a search"),
    "comments": Option("comments instead of posts; only without a search (false)", False),
    "client_id": Option("id of your application"),
    "client_secret": Option("secret of your application"),
    "account": Option("your account name, which Reddit wants to see in each request"),
    "max_pages": Option("pages of 100 at most (5)", 5, least=1),
    "url": Option(f"address of the interface ({API})", API, form="address"),
    "login_url": Option(f"where the token comes from ({LOGIN})", LOGIN, form="address"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read what is new in communities or in a search.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `top` and `open`. The token lives for one fetch only.

    Raises
    ------
    SourceError
        Reddit refused the application or did not answer well.

    Notes
    -----
    `POST /api/v1/access_token`, then `/r/NAME/new`, `/r/NAME/comments` or `/search`; pages by `after`.
    """
    name, base = use.name or use.source, str(option(use, OPTIONS, "url")).rstrip("/")
    where, params = _listing(use, base)
    budget, left = Budget(PACE, state, now), [1.0]
    agent = f"python:crisis-workbench:0.1 (by /u/{option(use, OPTIONS, 'account')})"
    headers = {"User-Agent": agent, "Authorization": f"Bearer {_token(use, agent)}"}

    def ask(cursor: str) -> Page:
        budget.spend(where)
        if left[0] < 1:
            raise ThrottledError(N_("the limit of requests is used up"), where=where, do=N_("read it less often"))
        more = {"after": cursor} if cursor else {}
        answer = get(where, headers=headers, params={**params, **more}, settings=http_settings(use), also=())
        remaining = header(answer.headers, "x-ratelimit-remaining")
        left[0] = float(remaining) if remaining.replace(".", "", 1).isdigit() else 1.0
        listing = answer.json()
        data = listing.get("data") if isinstance(listing, dict) else None
        if not isinstance(data, dict) or not isinstance(data.get("children"), list):
            raise SourceError(N_("the answer is no listing"), where=where, do=N_("check the name of the community"))
        return Page(data["children"], str(data.get("after") or ""))

    reading = read_back(
        ask, _second, state, pages=option(use, OPTIONS, "max_pages"), name=name, most=now.timestamp() + 60
    )
    items, unread = read_items([e for e in reading.entries if not _gone(e)], _item, source=name)
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


def _listing(use: SourceUse, base: str) -> tuple[str, dict[str, str]]:
    """Address and parameters of what is read."""
    search, community = option(use, OPTIONS, "search"), option(use, OPTIONS, "subreddit").removeprefix("r/")
    params = {"limit": "100", "raw_json": "1"}
    if search:
        path = f"/r/{community}/search" if community else "/search"
        return base + path, {**params, "q": search, "sort": "new", "type": "link", "restrict_sr": str(bool(community))}
    if not community:
        raise SourceError(N_("needs search or subreddit"), where=use.name or use.source, do=N_("give one of them"))
    return f"{base}/r/{community}/{'comments' if option(use, OPTIONS, 'comments') else 'new'}", params


def _token(use: SourceUse, agent: str) -> str:
    """A token of the application, asked for anew each time: none is stored."""
    where = f"{str(option(use, OPTIONS, 'login_url')).rstrip('/')}/api/v1/access_token"
    pair = f"{option(use, OPTIONS, 'client_id')}:{option(use, OPTIONS, 'client_secret')}"
    basic = base64.b64encode(pair.encode()).decode()
    remember_secret(basic)
    answer = request(
        "POST",
        where,
        headers={"User-Agent": agent, "Authorization": f"Basic {basic}"},
        form={"grant_type": "client_credentials"},
        settings=http_settings(use),
    ).json()
    token = str(answer.get("access_token") or "") if isinstance(answer, dict) else ""
    if not token:
        raise SourceError(N_("Reddit gave no token"), where=where, do=N_("check client_id and client_secret"))
    remember_secret(token)
    return token


def _data(thing: Any) -> dict[str, Any]:
    data = thing.get("data") if isinstance(thing, dict) else None
    return data if isinstance(data, dict) else {}


def _second(thing: Any) -> float | None:
    at = _data(thing).get("created_utc")
    return float(at) if isinstance(at, int | float) else None


def _gone(thing: Any) -> bool:
    data = _data(thing)
    return data.get("author") in GONE or data.get("selftext") in GONE or data.get("body") in GONE


def _item(thing: dict[str, Any]) -> Item:
    data, comment = thing["data"], thing["kind"] == "t1"
    community = data.get("subreddit")
    link = data.get("url_overridden_by_dest") or (None if data.get("is_self", True) else data.get("url"))
    more = {"subreddit": community, "urls": [link] if link else None, "flair": data.get("link_flair_text")}
    return {
        "id": data["name"],
        "account": data.get("author_fullname") or data["author"],
        "name": data["author"],
        "title": data.get("title"),
        "text": data.get("body") if comment else data.get("selftext") or data["title"],
        "url": f"https://www.reddit.com{data['permalink']}" if data.get("permalink") else None,
        "created": datetime.fromtimestamp(data["created_utc"], UTC).isoformat(),
        "likes": data.get("score"),
        "replies": data.get("num_comments"),
        "parent": data.get("parent_id") if comment else None,
        "root": data.get("link_id") if comment else None,
        "kind": "comment" if comment else "forum",
        "platform": "reddit",
        "more": {k: v for k, v in more.items() if v} or None,
    }


SOURCE = Source(
    "reddit",
    {"en": "Reddit: communities or a search", "zh": "Reddit：版块或搜索"},
    fetch,
    OPTIONS,
    required=("client_id", "client_secret", "account"),
    secrets=("client_secret",),
    terms={
        "en": "Needs an application of yours; commercial use needs a contract with Reddit; delete what users delete.",
        "zh": "需自行注册应用；商业使用须与 Reddit 签约；用户删除的内容应一并删除。",
    },
    pace=PACE,
)
