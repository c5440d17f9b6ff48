"""News of the world: the article search of the GDELT project, by windows of time, with full text where it is wanted."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crisislib.collect.http_client import get
from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.sources.article_texts import with_texts
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.collect.sources.source_pace import Pace
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

FULL = N_(
    "{source} has more than {n} articles in {minutes} {minutes:minute|minutes}; the others of that time are missing"
)
OWED = N_("{source} could not be asked for all of the time since it was read last; the rest is asked for next time")
API = "https://api.gdeltproject.org/api/v2/doc/doc"
MOST = 250
"""Articles that an answer holds at most; a fuller window is halved."""
PACE = Pace(1, 5.0)
"""One question in five seconds, as GDELT asks of everybody."""
PAUSE_S = 5.5
"""Seconds between two questions of one fetch: the pace, and what a clock may differ."""
QUESTIONS = 8
"""Questions of one fetch: with their pauses 44 s, less than the shortest usual interval between two fetches."""
OVERLAP = timedelta(minutes=30)
"""How far a window reaches back into the last one: GDELT enters articles by quarter hours, some late."""
SHORTEST = timedelta(minutes=15)
"""Length below which a window is not halved: GDELT's times are quarter hours."""
FIRST = timedelta(days=1)
"""How far the first fetch reaches back."""
REACH = timedelta(days=85)
"""How far the search reaches back: three months, less a week for their different lengths."""
_STAMP = "%Y%m%d%H%M%S"
OPTIONS = {
    "search": Option("query in GDELT's language, such as '\"Aurora Tea\" sourcelang:english'"),
    "full_text": Option("read each article's page, as its site's robots.txt allows (false)", False),
    "max_articles": Option("pages read at once for full text (20)", 20, least=1),
    "url": Option(f"address of the interface ({API})", API, form="address"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read the articles that GDELT has seen since last time.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `until`, the end of what was asked for, and `windows`,
        those that are owed.

    Raises
    ------
    SourceError
        GDELT refuses the query, or does not answer well.

    Notes
    -----
    DOC 2.0, `mode=artlist&format=json`. The time of an article is when GDELT saw it, to the quarter hour.
    """
    name, where = use.name or use.source, str(option(use, OPTIONS, "url"))
    since = datetime.fromisoformat(state["until"]) - OVERLAP if state.get("until") else now - FIRST
    windows = [(max(since, now - REACH), now)]
    windows += [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in state.get("windows", [])]
    entries: list[Any] = []
    messages: list[Message] = []
    for number in range(QUESTIONS):
        if not windows:
            break
        if number:
            time.sleep(PAUSE_S)
        begin, end = windows.pop(0)
        try:
            articles = _articles(use, where, begin, end)
        except ThrottledError:
            if not number:
                raise
            windows.insert(0, (begin, end))
            break
        if len(articles) >= MOST and end - begin > SHORTEST:
            middle = begin + (end - begin) / 2
            windows = [(middle, end), (begin, middle), *windows]
            continue
        if len(articles) >= MOST:
            minutes = round((end - begin).total_seconds() / 60)
            messages.append((FULL, {"source": name, "n": MOST, "minutes": minutes}))
        entries += articles
    if windows:
        messages.append((OWED, {"source": name}))
    items, unread = read_items(_different(entries), _item, source=name)
    after = {**state, "until": now.isoformat(), "windows": [(a.isoformat(), b.isoformat()) for a, b in windows]}
    if option(use, OPTIONS, "full_text"):
        items, after, more = with_texts(
            items, http_settings(use), after, most=option(use, OPTIONS, "max_articles"), name=name
        )
        messages += more
    return items_batch(
        items, use, watch, state=after, now=now, messages=messages, where=where, unread=unread, whole=True
    )


def _articles(use: SourceUse, where: str, begin: datetime, end: datetime) -> list[Any]:
    """Articles of one window."""
    params = {
        "query": str(use.options["search"]),
        "mode": "artlist",
        "format": "json",
        "maxrecords": str(MOST),
        "sort": "datedesc",
        "startdatetime": begin.astimezone(UTC).strftime(_STAMP),
        "enddatetime": end.astimezone(UTC).strftime(_STAMP),
    }
    content = get(where, params=params, settings=http_settings(use), also=()).content
    if not content.lstrip().startswith(b"{"):
        # A query that it does not take is answered by a sentence and status 200.
        raise SourceError(
            N_("GDELT says: {content}"),
            where=where,
            do=N_("correct the search; words of fewer than three letters and OR without brackets are refused"),
            facts={"content": content[:200].decode("utf-8", "replace").strip() or "nothing"},
        )
    try:
        found = json.loads(_escapes_mended(content), strict=False)
    except (ValueError, RecursionError) as fault:
        raise SourceError(
            N_("the answer is no JSON: {fault}"), where=where, do=N_("try again later"), facts={"fault": fault}
        ) from fault
    articles = found.get("articles", [])
    if not isinstance(articles, list):
        raise SourceError(N_("the answer holds no articles"), where=where, do=N_("check the address"))
    return articles


_ESCAPE = re.compile(rb'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})|\\')


def _escapes_mended(content: bytes) -> bytes:
    r"""Titles may hold a backslash that escapes nothing, such as `\&`, which JSON does not allow."""
    return _ESCAPE.sub(lambda match: match[0] if match[1] else rb"\\", content)


def _different(articles: Sequence[Any]) -> list[Any]:
    """Each address once: windows overlap."""
    known: dict[Any, Any] = {}
    for number, article in enumerate(articles):
        known.setdefault(article.get("url", number) if isinstance(article, dict) else number, article)
    return list(known.values())


def _item(article: dict[str, Any]) -> Item:
    at = datetime.strptime(article["seendate"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    more = {
        "country": article.get("sourcecountry"),
        "image": article.get("socialimage"),
        "language": article.get("language"),
    }
    return {
        "id": article["url"],
        "name": article.get("domain"),
        "title": article["title"],
        "text": article["title"],
        "url": article["url"],
        "created": at.isoformat(),
        "kind": "news",
        "platform": "news",
        "more": {k: v for k, v in more.items() if v} or None,
    }


SOURCE = Source(
    "gdelt",
    {"en": "World news by GDELT", "zh": "GDELT 全球新闻"},
    fetch,
    OPTIONS,
    required=("search",),
    terms={
        "en": "Free for any use with a mention of the GDELT Project; one question in five seconds.",
        "zh": "可免费用于任何用途，须注明 GDELT 项目；每五秒一次请求。",
    },
    pace=PACE,
)
