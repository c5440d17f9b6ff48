"""Brandwatch Consumer Research: the mentions of a query, by when they were added, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from crisislib.collect.http_client import Answer, get, request
from crisislib.collect.import_batch import Batch
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.collect.sources.source_pace import Budget, Pace
from crisislib.collect.sources.span_reader import SPAN_OPTIONS, Span, SpanPage, read_spans
from crisislib.collect.sources.vendor_answers import body_of, first_of, nested, platform_of, refused, rows_of
from crisislib.core.credentials import remember_secret
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

PUBLIC = "https://api.brandwatch.com"
PACE = Pace(30, 600.0)
"""Published limit of a client; its 429 does not say how long to wait."""
CLIENT = "brandwatch-api-client"
"""The client id that Brandwatch publishes for passwords."""
OPTIONS = {
    "token": Option("bearer token, which lasts a year; else user and password"),
    "user": Option("user name, where there is no token"),
    "password": Option("password of the user"),
    "project": Option("id of the project"),
    "query": Option("id of the query"),
    "full_text": Option("whether the whole texts are asked for (true)", True),
    "page_size": Option("mentions a page, 5000 at most (1000)", 1000, least=1),
    "url": Option(f"address of the service ({PUBLIC})", PUBLIC, form="address"),
    **SPAN_OPTIONS,
    **HTTP_OPTIONS,
}
_tokens: dict[str, str] = {}
"""Tokens that this process was given for passwords; stored nowhere else."""


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read the mentions of a query since the last fetch.

    Parameters and errors as for :func:`crisislib.collect.fetch`.

    Notes
    -----
    `GET /projects/P/data/mentions` and `…/mentions/fulltext`, `orderBy=added`, pages by `nextCursor`.
    """
    base, settings = str(option(use, OPTIONS, "url")).rstrip("/"), http_settings(use)
    budget, name = Budget(PACE, state, now), use.name or use.source
    tail = "/fulltext" if option(use, OPTIONS, "full_text") else ""
    where = f"{base}/projects/{quote(str(use.options['project']), safe='')}/data/mentions{tail}"

    def ask(span: Span, cursor: Any) -> SpanPage:
        headers = {"Authorization": f"Bearer {_token(use, base, budget)}"}
        budget.spend(where)
        params = {
            "queryId": str(use.options["query"]),
            "startDate": span.since.isoformat(),
            "endDate": span.until.isoformat(),
            "pageSize": str(option(use, OPTIONS, "page_size")),
            "orderBy": "added",
            "orderDirection": "asc",
            **({"cursor": str(cursor)} if cursor else {}),
        }
        answer = get(where, headers=headers, params=params, settings=settings, explain=_explain)
        rows, found = rows_of(answer, where, "results"), answer.json()
        total = found.get("resultsTotal")
        return SpanPage(rows, found.get("nextCursor") or None if rows else None, total if total != -1 else None)

    reading = read_spans(ask, use, state, now)
    items, unread = read_items(reading.entries, _item, source=name)
    after = {**reading.state, **budget.stored()}
    return items_batch(
        items, use, watch, state=after, now=now, messages=reading.messages, where=where, unread=unread, whole=True
    )


def _token(use: SourceUse, base: str, budget: Budget) -> str:
    """The token of the watch file, or one for user and password."""
    if given := str(option(use, OPTIONS, "token")):
        return given
    user, password = str(option(use, OPTIONS, "user")), str(option(use, OPTIONS, "password"))
    where = f"{base}/oauth/token"
    if not (user and password):
        raise SourceError(N_("neither a token nor a user with a password"), where=where, do=N_("give token: ${NAME}"))
    key = short_hash(base, user, password)
    if key not in _tokens:
        budget.spend(where)
        form = {"grant_type": "api-password", "username": user, "password": password, "client_id": CLIENT}
        found = request("POST", where, form=form, settings=http_settings(use), explain=_explain).json()
        token = nested(found, "access_token")
        if not isinstance(token, str):
            raise SourceError(N_("the answer holds no token"), where=where, do=N_("check user and password"))
        remember_secret(token)
        _tokens[key] = token
    return _tokens[key]


def _explain(answer: Answer) -> SourceError | None:
    where = answer.url.split("?")[0]
    if answer.status == 429:
        return ThrottledError(
            N_("more than {pace} calls"),
            where=where,
            do=N_("read it less often"),
            wait_s=PACE.seconds,
            facts={"pace": PACE},
        )
    if answer.status == 401:
        _tokens.clear()  # one that has run out is asked for anew
    body = body_of(answer)
    errors = body.get("errors")
    texts = [nested(e, "message") for e in errors] if isinstance(errors, list) else []
    return refused(answer, where, [body.get("error_description") or body.get("error"), *texts])


def _kind(row: Mapping[str, Any], platform: str) -> str:
    if row.get("retweetOf"):
        return "repost"
    if row.get("replyTo"):
        return "reply"
    return {"news": "news", "forum": "forum", "youtube": "video"}.get(platform, "post")


def _item(row: dict[str, Any]) -> Item:
    platform = platform_of(row.get("pageType"))
    author = first_of(row, "author", "fullname")
    likes = first_of(row, "twitterLikeCount", "facebookLikes", "instagramLikeCount", "tiktokLikes", "linkedinLikes",
                     "youtubeLikes", "blueskyLikes")  # fmt: skip
    replies = first_of(row, "twitterReplyCount", "facebookComments", "instagramCommentCount", "tiktokComments",
                       "youtubeCommentCount")  # fmt: skip
    classes = [nested(c, "name") for c in row.get("classifications") or []]
    more = {"reach": row.get("reachEstimate"), "site": row.get("domain"), "classes": classes, "guid": row.get("guid")}
    return {
        "id": str(row["guid"]) if platform == "x" and row.get("guid") else str(row["resourceId"]),
        "account": row.get("twitterAuthorId") or (author if platform not in ("news", "blog") else None),
        "name": author or row.get("domain"),
        "followers": row.get("twitterFollowers"),
        "verified": row.get("twitterVerified"),
        "text": first_of(row, "fullText", "snippet") or "",
        "title": row.get("title"),
        "url": row.get("url"),
        "created": str(row["date"]).replace("+0000", "+00:00"),
        "likes": likes,
        "reposts": first_of(row, "twitterRetweets", "facebookShares", "tiktokShares"),
        "replies": replies,
        "views": first_of(row, "impressions", "twitterImpressions"),
        "lang": row.get("language"),
        "sentiment": str(row.get("sentiment") or "").lower() or None,
        "place": " ".join(str(row[k]) for k in ("countryCode", "region", "city") if row.get(k)) or None,
        "parent": first_of(row, "retweetOf", "replyTo"),
        "root": row.get("threadId"),
        "kind": _kind(row, platform),
        "platform": platform,
        "more": {k: v for k, v in more.items() if v} or None,
    }


SOURCE = Source(
    "brandwatch",
    {"en": "Brandwatch mentions", "zh": "Brandwatch 提及"},
    fetch,
    OPTIONS,
    required=("project", "query"),
    either=("token", "password"),
    secrets=("token", "password"),
    terms={
        "en": "30 calls in ten minutes for a client. X comes without its text, Reddit is cut since January 2026; the "
        "networks' rules on storing posts go with them.",
        "zh": "每个客户端十分钟内至多 30 次调用。X 不含正文，Reddit 自 2026 年 1 月起为节选；"
        "各平台关于保存帖子的规定同样适用。",
    },
    pace=PACE,
    rhythm_minutes=24 * 60,
    unconfirmed={
        "en": "The name of the field with the whole text (fullText), and that startDate counts by publication.",
        "zh": "全文字段名（fullText）以及 startDate 是否按发布时间计算，未能确认。",
    },
)
