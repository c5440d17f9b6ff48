"""Web pages that are watched: what is new on one of them becomes a post."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from soupsieve import SelectorSyntaxError

from crisislib.collect.http_client import header
from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.sources.backlog_reader import PART_FAILED
from crisislib.collect.sources.live_source import Item, Source, State, items_batch
from crisislib.collect.sources.page_reader import PageReader
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

BEGUN = N_("{page} is watched from now on; it has {n} {n:line|lines}")
LINES = 3000
"""Lines of a page that are remembered: a page that is longer is a list, of which the beginning changes."""
SHOWN = 5000
"""Characters of what is new that become the post."""
_MENUS = "script, style, noscript, template, nav, header, footer, aside, form, svg"
OPTIONS = {
    "pages": Option("addresses of the pages", []),
    "selector": Option(
        "CSS selector of the part that counts, such as main or #notices; the body without menus when empty"
    ),
    "platform": Option("platform of its items (default web)", "web"),
    "kind": Option("kind of its items (default news)", "news", form="kind"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Compare pages with what they said last time.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds for each page its lines (hashed) and its ETag.

    Raises
    ------
    SourceError
        No page could be read. Where some can, the others are named.
    """
    name, reader = use.name or use.source, PageReader(http_settings(use))
    known: dict[str, dict[str, Any]] = dict(state.get("pages", {}))
    pages = [str(page) for page in option(use, OPTIONS, "pages")]
    items: list[Item] = []
    messages: list[Message] = []
    faults: list[SourceError] = []
    for page in pages:
        try:
            found, item = _compared(reader, page, known.get(page), use, now)
        except SourceError as fault:
            faults.append(fault)
            messages.append((PART_FAILED, {"part": page, "source": name, "why": fault.wrong}))
            continue
        if page not in known:
            messages.append((BEGUN, {"page": page, "n": len(found["lines"])}))
        known[page] = found
        items += [item] if item else []
    if faults and len(faults) == len(pages):
        raise faults[0]
    after = {**state, "pages": {page: known[page] for page in pages if page in known}}
    return items_batch(items, use, watch, state=after, now=now, messages=messages, where=", ".join(pages), whole=True)


def _compared(
    reader: PageReader, page: str, before: dict[str, Any] | None, use: SourceUse, now: datetime
) -> tuple[dict[str, Any], Item | None]:
    """What to remember of a page, and a post of what is new on it; none the first time and where nothing is."""
    last = before or {}
    conditions = {"If-None-Match": last.get("etag"), "If-Modified-Since": last.get("modified")}
    answer = reader.read(page, {key: value for key, value in conditions.items() if value})
    if answer.status == 304 and before is not None:
        return before, None
    title, lines = _lines(answer.content, option(use, OPTIONS, "selector"), page)
    marks = [short_hash(line, length=12) for line in lines]
    after = {
        "etag": header(answer.headers, "etag"),
        "modified": header(answer.headers, "last-modified"),
        "lines": marks,
    }
    if before is None:
        return after, None
    old, new = set(before["lines"]), set(marks)
    fresh = [line for line, mark in zip(lines, marks, strict=True) if mark not in old]
    gone = len(old - new)
    if not fresh and not gone:
        return after, None
    item: Item = {
        "id": f"{page}#{short_hash(*marks, length=12)}",
        "name": urlsplit(page).hostname,
        "title": title,
        "text": "\n".join(fresh)[:SHOWN] or title,
        "url": page,
        "created": now.isoformat(),
        "kind": option(use, OPTIONS, "kind"),
        "platform": option(use, OPTIONS, "platform"),
        "more": {"new_lines": len(fresh), "lines_taken_away": gone},
    }
    return after, item


def _lines(content: bytes, selector: str, page: str) -> tuple[str, list[str]]:
    """Title and lines of text of the part that counts."""
    soup = BeautifulSoup(content, "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else page
    try:
        parts = list(soup.select(selector)) if selector else [soup.body or soup]
    except SelectorSyntaxError as fault:
        raise SourceError(
            N_("this is no CSS selector: {selector}"),
            where=page,
            do=N_("correct the option selector"),
            facts={"selector": selector},
        ) from fault
    if not parts:
        raise SourceError(
            N_("nothing on the page matches {selector!r}"),
            where=page,
            do=N_("correct the option selector"),
            facts={"selector": selector},
        )
    for menu in soup.select(_MENUS):
        menu.extract()
    text = "\n".join(part.get_text("\n") for part in parts)
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return title, [line for line in lines if line][:LINES]


SOURCE = Source(
    "page",
    {"en": "Watched web pages: what is new on them", "zh": "网页监测：新增内容"},
    fetch,
    OPTIONS,
    required=("pages",),
    terms={
        "en": "Only what the site's robots.txt allows; read public pages only.",
        "zh": "仅读取网站 robots.txt 允许的公开页面。",
    },
)
