"""Talkwalker, Hootsuite's listening: search results by time, or a collector's stream from where it was left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from crisislib.collect.http_client import Answer, get
from crisislib.collect.http_stream import stream
from crisislib.collect.import_batch import Batch
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.collect.sources.source_pace import Budget, Pace
from crisislib.collect.sources.span_reader import SPAN_OPTIONS, Span, SpanPage, read_spans
from crisislib.collect.sources.vendor_answers import body_of, first_of, mood_of, nested, platform_of, refused
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

PUBLIC = "https://api.talkwalker.com"
HITS = 500
"""Hits a page, the most that the interface gives."""
PACE = Pace(60, 60.0)
"""Published limit of searches in a project; outside of one it is 240."""
SENTIMENT_SPAN = 5.0
"""Sentiment goes from -5 to 5."""
OPTIONS = {
    "token": Option("access token, read_only is enough"),
    "query": Option("what to search for, as Talkwalker writes queries"),
    "project": Option("id of the project"),
    "topics": Option("ids of topics of the project", []),
    "collector": Option("id of a collector, whose stream is read instead of a search"),
    "stream_s": Option("seconds that one fetch reads a stream at most (30)", 30.0, least=1),
    "url": Option(f"address of the service ({PUBLIC})", PUBLIC, form="address"),
    **SPAN_OPTIONS,
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read what a search finds since the last fetch, or what a collector holds since its offset.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `offset` of the stream.

    Raises
    ------
    SourceError
        The platform did not answer well, or ended the stream with an error before the first hit.

    Notes
    -----
    `GET /api/v1/search/results`, `/api/v1/search/p/PROJECT/results` by time of publication, oldest first, each page
    from the last hit on, since offsets end early; `GET /api/v3/stream/c/COLLECTOR/results`, JSON objects one after
    another, with `resume_offset` as the cursor.
    """
    if option(use, OPTIONS, "collector"):
        return _from_stream(use, watch, state, now)
    project = str(option(use, OPTIONS, "project"))
    if not (option(use, OPTIONS, "query") or (project and option(use, OPTIONS, "topics"))):
        raise SourceError(
            N_("nothing is searched for"),
            where=use.name or use.source,
            do=N_("give query, project with topics, or collector"),
        )
    path = f"search/p/{quote(project, safe='')}/results" if project else "search/results"
    where, budget = f"{_base(use)}/api/v1/{path}", Budget(PACE, state, now)

    def ask(span: Span, cursor: Any) -> SpanPage:
        budget.spend(where)
        begin, end = span.milliseconds
        answer = get(where, params=_params(use, cursor or begin, end), settings=http_settings(use), explain=_explain)
        found = answer.json()
        if str(nested(found, "status_code")) != "0":
            raise _fault(answer) or SourceError(
                N_("the answer is no search result"), where=where, do=N_("check the address")
            )
        hits = nested(found, "result_content", "data") or []
        newest = max((p for h in hits if isinstance(p := nested(h, "data", "published"), int)), default=0)
        following = newest if len(hits) >= HITS and newest > (cursor or begin) else None
        total = nested(found, "pagination", "total")
        return SpanPage(hits, following, total if isinstance(total, int) else None)

    reading = read_spans(ask, use, state, now)
    items, unread = read_items(reading.entries, _item, source=use.name or use.source)
    after = {**reading.state, **budget.stored()}
    return items_batch(
        items, use, watch, state=after, now=now, messages=reading.messages, where=where, unread=unread, whole=True
    )


def _base(use: SourceUse) -> str:
    return str(option(use, OPTIONS, "url")).rstrip("/")


def _params(use: SourceUse, since_ms: int, until_ms: int) -> dict[str, Any]:
    bounds = f"published:>{since_ms - 1} AND published:<{until_ms + 1}"
    query = option(use, OPTIONS, "query")
    chosen = {"topic": option(use, OPTIONS, "topics")} if option(use, OPTIONS, "topics") else {}
    return {
        "access_token": option(use, OPTIONS, "token"),
        "q": f"({query}) AND {bounds}" if query else bounds,
        "sort_by": "published",
        "sort_order": "asc",
        "hpp": str(HITS),
        "hl": "false",
        **chosen,
    }


def _from_stream(use: SourceUse, watch: Watch, state: State, now: datetime) -> tuple[Batch, State]:
    where = f"{_base(use)}/api/v3/stream/c/{quote(str(option(use, OPTIONS, 'collector')), safe='')}/results"
    params = {
        "access_token": str(option(use, OPTIONS, "token")),
        "resume_offset": str(state.get("offset") or "earliest"),
        "end_behaviour": "stop",
    }
    hits: list[Any] = []
    offset = state.get("offset")
    with stream(
        where, for_s=option(use, OPTIONS, "stream_s"), params=params, settings=http_settings(use), explain=_explain
    ) as found:
        for chunk in objects_in(found.chunks()):
            kind = nested(chunk, "chunk_type")
            if kind == "CT_RESULT":
                hits.append(nested(chunk, "chunk_result", "data"))
            elif kind == "CT_CONTROL":
                offset = nested(chunk, "chunk_control", "resume_offset") or offset
            elif kind == "CT_ERROR" and not hits:
                text = first_of(chunk, "chunk_error.message", "chunk_error.status_message", "chunk_error")
                raise SourceError(
                    N_("the stream ended: {text}"), where=where, do=N_("check the collector"), facts={"text": text}
                )
    items, unread = read_items(hits, _item, source=use.name or use.source)
    after = {**state, "offset": offset}
    return items_batch(items, use, watch, state=after, now=now, where=where, unread=unread, whole=True)


def objects_in(pieces: Iterator[bytes]) -> Iterator[Any]:
    """JSON objects that follow one another without a separator, as the pieces come; what is no JSON ends it.

    Parameters
    ----------
    pieces : iterator of bytes
        Of the body; an object may lie across pieces.
    """
    decoder, rest = json.JSONDecoder(), b""
    for piece in pieces:
        rest += piece
        if b"}" not in piece:
            continue
        text, place = rest.decode("utf-8", "surrogateescape"), 0
        while (place := _begin(text, place)) < len(text):
            try:
                value, place = decoder.raw_decode(text, place)
            except ValueError:
                break
            yield value
        rest = text[place:].encode("utf-8", "surrogateescape")


def _begin(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \r\n\t,":
        place += 1
    return place


def _fault(answer: Answer) -> SourceError | None:
    """What a status code of Talkwalker's means; a rate that is exceeded comes with HTTP 401 and the code 8."""
    body, where = body_of(answer), answer.url.split("?")[0]
    code = str(body.get("status_code") or "")
    if code in ("8", "30"):
        return ThrottledError(
            N_("more than {pace} calls") if code == "8" else N_("too many streams are open"),
            where=where,
            do=N_("read it less often"),
            facts={"pace": PACE},
            wait_s=PACE.seconds,
        )
    if code == "9":
        return SourceError(N_("no credits are left"), where=where, do=N_("buy credits, or read it less often"))
    if code == "7":
        return SourceError(N_("the token is not valid"), where=where, do=N_("check the token"))
    return refused(answer, where, [body.get("status_message"), body.get("result_error")])


_explain = _fault


def _item(hit: dict[str, Any]) -> Item:
    doc: dict[str, Any] = hit["data"]
    kinds = doc.get("source_type") or []
    kind = str(kinds[-1] if isinstance(kinds, list) and kinds else kinds)
    platform = platform_of(kind.removeprefix("SOCIALMEDIA_"))
    url, parent = doc.get("url"), doc.get("parent_url")
    counts = doc.get("article_extended_attributes") or {}
    world = nested(doc, "extra_source_attributes", "world_data") or {}
    site = nested(doc, "extra_source_attributes", "name") or doc.get("root_url")
    published = datetime.fromtimestamp(doc["published"] / 1000, UTC)
    more = {"reach": doc.get("reach"), "engagement": doc.get("engagement"), "site": site,
            "topics": doc.get("matched_profile"), "source_type": kinds}  # fmt: skip
    return {
        "id": doc.get("external_id") or url,
        "account": first_of(doc, "extra_author_attributes.id", "external_author_id"),
        "name": nested(doc, "extra_author_attributes", "name") or (site if platform in ("news", "blog") else None),
        "text": doc.get("content") or doc.get("content_snippet") or "",
        "title": doc.get("title"),
        "url": url,
        "created": published.isoformat(),
        "likes": first_of(counts, "facebook_likes", "instagram_likes", "twitter_likes", "youtube_likes", "likes"),
        "reposts": first_of(counts, "twitter_retweets", "twitter_shares", "facebook_shares"),
        "replies": counts.get("num_comments"),
        "views": counts.get("youtube_views"),
        "lang": doc.get("lang"),
        "sentiment": mood_of(doc.get("sentiment"), span=SENTIMENT_SPAN),
        "place": " ".join(str(world[k]) for k in ("country_code", "region", "city") if world.get(k)) or None,
        "parent": parent if parent and parent != url else None,
        "kind": "news" if platform == "news" else "comment" if parent and parent != url else "post",
        "platform": platform,
        "more": {k: v for k, v in more.items() if v} or None,
    }


SOURCE = Source(
    "talkwalker",
    {"en": "Talkwalker (Hootsuite listening)", "zh": "Talkwalker（Hootsuite 聆听）"},
    fetch,
    OPTIONS,
    required=("token",),
    secrets=("token",),
    terms={
        "en": "Each hit costs a credit. Posts of Facebook, Instagram, Reddit, TikTok and LinkedIn are not handed out, "
        "X gives ids only, articles are cut: show the address, not a copy.",
        "zh": "每条结果消耗一个点数。Facebook、Instagram、Reddit、TikTok、LinkedIn 的帖子不提供，X 仅提供编号，"
        "文章为节选：请引用地址，不要复制全文。",
    },
    pace=PACE,
    rhythm_minutes=24 * 60,
    unconfirmed={
        "en": "The scale of sentiment, that an address as parent is a comment, and the text of CT_ERROR chunks.",
        "zh": "情感的取值范围、父地址是否表示评论、CT_ERROR 块的文字，未能确认。",
    },
)
