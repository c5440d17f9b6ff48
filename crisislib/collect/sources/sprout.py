"""Sprout Social: the messages of a listening topic, checked against the topic's own count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crisislib.collect.http_client import Answer, get, request
from crisislib.collect.import_batch import Batch
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.collect.sources.source_pace import Budget, Pace
from crisislib.collect.sources.span_reader import SPAN_OPTIONS, Span, SpanPage, read_spans
from crisislib.collect.sources.vendor_answers import body_of, first_of, mood_of, nested, platform_of, refused, rows_of
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

PUBLIC = "https://api.sproutsocial.com"
LIMIT = 100
"""Rows a page, the most that the interface gives."""
MOST_ROWS = 10_000
"""Rows that one question reaches; older ones are asked for with an earlier end of the span."""
PACE = Pace(60, 60.0)
"""Published limit of an account, calls a minute; 250,000 a month besides, which a quarter-hourly source never meets."""
NOT_READY_S = 5.0
"""Wait after 202, which means that the numbers are still being made."""
NETWORKS = ["FACEBOOK", "INSTAGRAM", "LINKEDIN", "YOUTUBE", "TIKTOK", "TUMBLR", "WWW", "BLUESKY"]
"""Networks that a listening topic can hold; X is not among them."""
FIELDS = ["guid", "created_time", "network", "content_category", "text", "title", "perma_link", "from.guid",
          "from.name", "from.screen_name", "from.profile_url", "from.followers_count", "source.name", "source.url",
          "parent_message_id", "hashtags", "language", "sentiment", "location.city", "location.province",
          "location.country", "listening_metadata.sentiment", "listening_metadata.language"]  # fmt: skip
METRICS = ["likes", "replies", "shares_count", "impressions", "engagements", "from.followers_count"]
OPTIONS = {
    "token": Option("API token or OAuth token"),
    "topic": Option("id of the listening topic"),
    "customer": Option("id of the customer; the token's own when empty"),
    "networks": Option("networks to read (all that topics hold)", NETWORKS),
    "check_count": Option("whether the topic's own count is asked for, too (true)", True),
    "url": Option(f"address of the service ({PUBLIC})", PUBLIC, form="address"),
    **SPAN_OPTIONS,
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read the messages of a listening topic since the last fetch.

    Parameters and errors as for :func:`crisislib.collect.fetch`.

    Notes
    -----
    `POST /v1/CUSTOMER/listening/topics/TOPIC/messages` and `…/metrics`, pages by number, newest first.
    """
    reader = _Topic(use, Budget(PACE, state, now), str(state.get("customer", "")))
    reading = read_spans(reader.page, use, state, now)
    items, unread = read_items(reading.entries, _item, source=use.name or use.source)
    after = {**reading.state, **reader.budget.stored(), "customer": reader.customer}
    return items_batch(
        items, use, watch, state=after, now=now, messages=reading.messages, where=reader.where, unread=unread,
        whole=True,
    )  # fmt: skip


class _Topic:
    """Asks for pages of one topic."""

    def __init__(self, use: SourceUse, budget: Budget, customer: str) -> None:
        self.use, self.budget, self.settings = use, budget, http_settings(use)
        self.base = str(option(use, OPTIONS, "url")).rstrip("/")
        self.headers = {"Authorization": f"Bearer {option(use, OPTIONS, 'token')}", "Accept": "application/json"}
        self.customer = str(option(use, OPTIONS, "customer")) or customer
        self.where = f"{self.base}/v1/metadata/client"

    def page(self, span: Span, cursor: Any) -> SpanPage:
        """One page; the count of the topic comes with the first."""
        if not self.customer:
            self.customer = self._own_customer()
        self.where = f"{self.base}/v1/{self.customer}/listening/topics/{option(self.use, OPTIONS, 'topic')}/messages"
        number, until = (cursor or [1, f"{span.until:%Y-%m-%dT%H:%M:%S}"])[:2]
        filters = self._filters(span, until)
        rows, paging = self._messages(filters, number)
        pages = paging.get("total_pages") if isinstance(paging, dict) else None
        more = number < pages if isinstance(pages, int) else len(rows) >= LIMIT
        following: list[Any] | None = [number + 1, until] if more and rows else None
        if following and number * LIMIT >= MOST_ROWS:
            oldest = min((str(row.get("created_time")) for row in rows if isinstance(row, dict)), default="")
            # The end of a span is included, so that the same second is read once more and recognised.
            following = [1, oldest.removesuffix("Z")[:19]] if oldest and oldest[:19] != until else None
        total = self._count(filters) if cursor is None and option(self.use, OPTIONS, "check_count") else None
        return SpanPage(rows, following, total)

    def _filters(self, span: Span, until: str) -> list[str]:
        networks = ",".join(option(self.use, OPTIONS, "networks"))
        return [f"created_time.in({span.since:%Y-%m-%dT%H:%M:%S}..{until})", f"network.eq({networks})"]

    def _post(self, where: str, body: Mapping[str, object]) -> Answer:
        self.budget.spend(where)
        return request("POST", where, headers=self.headers, json=body, settings=self.settings, explain=_explain)

    def _messages(self, filters: list[str], number: int) -> tuple[list[Any], Any]:
        body = {"filters": filters, "fields": FIELDS, "metrics": METRICS, "sort": ["created_time:desc"],
                "timezone": "UTC", "limit": LIMIT, "page": number}  # fmt: skip
        answer = self._post(self.where, body)
        return rows_of(answer, self.where, "data"), nested(answer.json(), "paging")

    def _count(self, filters: list[str]) -> int | None:
        where = self.where.removesuffix("messages") + "metrics"
        body = {"filters": filters, "metrics": ["messages_count"], "dimensions": ["network"], "timezone": "UTC"}
        rows = rows_of(self._post(where, body), where, "data")
        counts = [nested(row, "metrics", "messages_count") for row in rows]
        return int(sum(n for n in counts if isinstance(n, int | float)))

    def _own_customer(self) -> str:
        self.budget.spend(self.where)
        answer = get(self.where, headers=self.headers, settings=self.settings, also=(), explain=_explain)
        found = [str(row["customer_id"]) for row in rows_of(answer, self.where, "data") if nested(row, "customer_id")]
        if len(found) != 1:
            raise SourceError(
                N_("the token belongs to {found} customers"),
                where=self.where,
                do=N_("give one of them as customer"),
                facts={"found": len(found)},
            )
        return found[0]


def _explain(answer: Answer) -> SourceError | None:
    if answer.status == 202:
        return ThrottledError(N_("the answer is still being made"), where=answer.url, do=N_("wait"), wait_s=NOT_READY_S)
    if answer.status == 429:
        return ThrottledError(
            N_("more than {pace} calls"),
            where=answer.url,
            do=N_("read it less often"),
            wait_s=PACE.seconds,
            facts={"pace": PACE},
        )
    return refused(answer, answer.url, [body_of(answer).get("error")])


def _item(row: dict[str, Any]) -> Item:
    network = str(row.get("network") or "")
    platform, parent = platform_of(network), row.get("parent_message_id")
    counts = {**row, **(row.get("metrics") or {})}
    more = {
        "hashtags": row.get("hashtags"),
        "engagements": counts.get("engagements"),
        "site": nested(row, "source", "name"),
        "handle": nested(row, "from", "screen_name"),
        "category": row.get("content_category"),
    }
    place = [nested(row, "location", key) for key in ("country", "province", "city")]
    return {
        "id": str(row["guid"]),
        "account": nested(row, "from", "guid"),
        "name": nested(row, "from", "name") or nested(row, "source", "name"),
        "followers": first_of(row, "from.followers_count") or _whole(counts.get("from.followers_count")),
        "text": row.get("text") or "",
        "title": row.get("title"),
        "url": row.get("perma_link"),
        "created": row["created_time"],
        "likes": _whole(counts.get("likes")),
        "reposts": _whole(counts.get("shares_count")),
        "replies": _whole(counts.get("replies")),
        "views": _whole(counts.get("impressions")),
        "lang": first_of(row, "listening_metadata.language", "language"),
        "sentiment": mood_of(first_of(row, "listening_metadata.sentiment", "sentiment", "sentiment_raw")),
        "place": " ".join(str(part) for part in place if part) or None,
        "parent": parent,
        "kind": "news" if platform == "news" else "reply" if parent else "post",
        "platform": platform,
        "more": {k: v for k, v in more.items() if v} or None,
    }


def _whole(value: object) -> int | None:
    """Counters come as 4.0."""
    return int(value) if isinstance(value, int | float) and value == value else None


SOURCE = Source(
    "sprout",
    {"en": "Sprout Social listening topic", "zh": "Sprout Social 聆听主题"},
    fetch,
    OPTIONS,
    required=("token", "topic"),
    secrets=("token",),
    terms={
        "en": "Sprout's API terms: your own account's data, no more than 60 calls a minute; networks' rules on storing "
        "posts go with them. X is not in listening topics, Reddit no longer since May 2026.",
        "zh": "遵守 Sprout API 条款：仅限自己账户的数据，每分钟至多 60 次调用；各平台关于保存帖子的规定同样适用。"
        "聆听主题不含 X，自 2026 年 5 月起也不含 Reddit。",
    },
    pace=PACE,
    rhythm_minutes=24 * 60,
    unconfirmed={
        "en": "Whether counters stand in metrics or beside the other fields: both are read.",
        "zh": "计数位于 metrics 内还是与其他字段并列，未能确认：两种都会读取。",
    },
)
