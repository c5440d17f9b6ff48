"""Meltwater: the documents of a saved search, and for what lies further back an export of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from crisislib.collect.http_client import Answer, get, request
from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.collect.sources.source_pace import Budget, Pace
from crisislib.collect.sources.span_reader import SPAN_OPTIONS, Span, SpanPage, read_spans
from crisislib.collect.sources.vendor_answers import body_of, first_of, nested, platform_of, refused, rows_of
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

EXPORTING = N_("{source}: an export of the last {days} days is being prepared; it will be read when it is finished")
EXPORT_LOST = N_("{source}: the export failed ({why}); what was posted before the first fetch is missing")
PUBLIC = "https://api.meltwater.com"
SIZE = 100
"""Documents a page, the most that the interface gives."""
PACE = Pace(50, 86_400.0)
"""Searches a day of the usual contract; 30,000 documents a month besides."""
FULL_DAY_S = 3600.0
"""Wait where a day's calls are used up and no header says until when: an hour, so that the new day is not missed."""
OPTIONS = {
    "key": Option("API key"),
    "search": Option("id of the saved search"),
    "export_days": Option("days before the first fetch that are read by an export (0: none)", 0, least=0),
    "url": Option(f"address of the service ({PUBLIC})", PUBLIC, form="address"),
    **SPAN_OPTIONS,
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read the documents of a saved search since the last fetch.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `export`, the id of one that is being made.

    Raises
    ------
    SourceError
        The platform did not answer well.

    Notes
    -----
    `POST /v3/search/ID` with the template `api.json`, pages by number; `POST` and `GET /v3/exports/one-time`.
    """
    client = _Client(use, Budget(PACE, state, now))
    reading = read_spans(client.page, use, state, now)
    older, after, messages = client.export(reading.state, first="until" not in state, now=now)
    items, unread = read_items([*reading.entries, *older], _item, source=use.name or use.source)
    return items_batch(
        items, use, watch, state={**after, **client.budget.stored()}, now=now,
        messages=[*reading.messages, *messages], where=client.where, unread=unread, whole=True,
    )  # fmt: skip


class _Client:
    """Asks Meltwater."""

    def __init__(self, use: SourceUse, budget: Budget) -> None:
        self.use, self.budget, self.settings = use, budget, http_settings(use)
        self.base, self.name = str(option(use, OPTIONS, "url")).rstrip("/"), use.name or use.source
        self.search = str(use.options["search"])
        self.headers = {"apikey": str(option(use, OPTIONS, "key"))}
        self.where = f"{self.base}/v3/search/{quote(self.search, safe='')}"

    def _ask(self, method: str, where: str, body: object | None = None) -> Answer:
        self.budget.spend(where)
        return request(
            method, where, headers=self.headers, json=body, settings=self.settings, also=(201,), explain=_explain
        )

    def page(self, span: Span, cursor: Any) -> SpanPage:
        """One page of the search."""
        number = int(cursor or 1)
        body = {
            "start": f"{span.since:%Y-%m-%dT%H:%M:%S}", "end": f"{span.until:%Y-%m-%dT%H:%M:%S}", "tz": "UTC",
            "page": number, "page_size": SIZE, "sort_by": "date", "sort_order": "desc",
            "template": {"name": "api.json"},
        }  # fmt: skip
        answer = self._ask("POST", self.where, body)
        rows = rows_of(answer, self.where, "result", "documents")
        total = nested(answer.json(), "result", "document_count")
        total = total if isinstance(total, int) else None
        more = number * SIZE < total if total is not None else len(rows) >= SIZE
        return SpanPage(rows, number + 1 if more and rows else None, total)

    def export(self, state: State, *, first: bool, now: datetime) -> tuple[list[Any], State, list[Message]]:
        """Ask for an export at the first fetch, and read it when it is finished."""
        days, known = int(option(self.use, OPTIONS, "export_days")), state.get("export")
        where = f"{self.base}/v3/exports/one-time"
        if first and days:
            end = now - timedelta(hours=float(option(self.use, SPAN_OPTIONS, "first_hours")))
            wanted = {
                "search_ids": [self.search], "start_date": f"{end - timedelta(days=days):%Y-%m-%dT%H:%M:%S}",
                "end_date": f"{end:%Y-%m-%dT%H:%M:%S}", "template": {"name": "api.json"}, "format": "json",
            }  # fmt: skip
            known = first_of(self._ask("POST", where, {"onetime_export": wanted}).json(), "onetime_export.id", "id")
            return [], {**state, "export": str(known)}, [(EXPORTING, {"source": self.name, "days": days})]
        if not known:
            return [], state, []
        found = self._ask("GET", f"{where}/{quote(str(known), safe='')}").json()
        status = str(first_of(found, "onetime_export.status", "status") or "")
        if status == "PENDING":
            return [], state, [(EXPORTING, {"source": self.name, "days": days})]
        after = {k: v for k, v in state.items() if k != "export"}
        address = first_of(found, "onetime_export.data_url", "data_url")
        if status != "FINISHED" or not isinstance(address, str):
            return [], after, [(EXPORT_LOST, {"source": self.name, "why": status or "?"})]
        # The address is signed and is itself the secret: it goes nowhere but into this request, and without the key.
        made = get(address, settings=self.settings).json()
        rows = made if isinstance(made, list) else first_of(made, "documents", "result.documents") or []
        return list(rows), after, []


def _explain(answer: Answer) -> SourceError | None:
    where, body = answer.url.split("?")[0], body_of(answer)
    if answer.status == 429:
        return ThrottledError(N_("the limit of calls is reached"), where=where, do=N_("read it less often"))
    if answer.status == 403 and "limit" in str(body).lower():
        return ThrottledError(
            N_("the day's calls are used up"), where=where, do=N_("read it less often"), wait_s=FULL_DAY_S
        )
    errors = body.get("errors")
    texts = [first_of(e, "details", "title") for e in errors] if isinstance(errors, list) else [errors]
    return refused(answer, where, [body.get("message"), *texts])


def _item(doc: dict[str, Any]) -> Item:
    kind = str(doc.get("content_type") or "")
    site = nested(doc, "source", "name")
    platform = platform_of(kind, platform_of(site))
    parent = first_of(doc, "parent.url", "thread.url")
    parent = parent if parent != doc.get("url") else None
    counts = nested(doc, "metrics", "engagement") or {}
    more = {
        "site": site, "reach": nested(doc, "source", "metrics", "reach"), "engagement": counts.get("total"),
        "keyphrases": nested(doc, "enrichments", "keyphrases"), "matched": nested(doc, "matched", "hit_sentence"),
    }  # fmt: skip
    return {
        "id": str(doc.get("external_id") if platform == "x" and doc.get("external_id") else doc["id"]),
        "account": nested(doc, "author", "external_id") or nested(doc, "author", "handle"),
        "name": nested(doc, "author", "name") or site,
        "text": first_of(doc, "content.body", "content.opening_text") or "",
        "title": nested(doc, "content", "title"),
        "url": doc.get("url"),
        "created": doc["published_date"],
        "likes": counts.get("likes"),
        "reposts": counts.get("shares"),
        "replies": counts.get("comments"),
        "views": nested(doc, "metrics", "views"),
        "lang": nested(doc, "enrichments", "language_code"),
        "sentiment": str(nested(doc, "enrichments", "sentiment") or "").lower() or None,
        "place": nested(doc, "location", "country_code"),
        "parent": parent,
        "kind": {"repost": "repost", "quote": "quote", "comment": "comment", "reply": "reply"}.get(
            kind.lower(), "news" if platform == "news" else "post"
        ),
        "platform": platform,
        "more": {k: v for k, v in more.items() if v} or None,
    }


SOURCE = Source(
    "meltwater",
    {"en": "Meltwater saved search", "zh": "Meltwater 已存搜索"},
    fetch,
    OPTIONS,
    required=("key", "search"),
    secrets=("key",),
    terms={
        "en": "The usual contract allows 50 searches a day and 30,000 documents a month: every_minutes: 30 or more. X "
        "gives ids only; publishers' texts are licensed for reading inside the company.",
        "zh": "一般合同每天允许 50 次搜索、每月 30,000 篇文档：every_minutes 请设为 30 以上。X 仅提供编号；"
        "出版方的文本仅许可在公司内部阅读。",
    },
    pace=PACE,
    rhythm_minutes=24 * 60,
    unconfirmed={
        "en": "Likes and shares of a document, followers, the shape of a finished export, and what 403 says when a day "
        "is used up.",
        "zh": "文档的点赞与转发数、粉丝数、完成后的导出结构，以及当日额度用尽时 403 的文字，未能确认。",
    },
)
