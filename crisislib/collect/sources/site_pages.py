"""A web site by its sitemaps: articles that are new, with their text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.importing.packed_streams import unpack_stream
from crisislib.collect.sources.article_texts import NO_EXTRACTOR
from crisislib.collect.sources.live_source import Item, Source, State, instant, items_batch
from crisislib.collect.sources.page_reader import Article, PageReader, article_of, has_extractor
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.core.errors import InputError, SourceError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

UNREAD_PAGES = N_("{n} {n:page|pages} of {source} could not be read: {why}")
LATER_PAGES = N_("{n} more new {n:page|pages} of {source} will be read next time")
TIMELESS = N_("{n} {n:address|addresses} in the sitemaps of {source} {n:has|have} no time and {n:is|are} left out")
FIRST = timedelta(days=1)
"""How far the first fetch reaches back."""
LATE = timedelta(hours=2)
"""Sitemaps are written in intervals: an address may appear after a younger one."""
SITEMAPS = 20
"""Sitemaps read at once: the youngest of an index; older ones hold no news."""
REMEMBERED = 5000
"""Addresses known again: more than a news sitemap may list (1,000)."""
TRIES = 3
"""Fetches at which a page is tried before it is given up."""
OPTIONS = {
    "url": Option("address of a sitemap, or of the site, whose robots.txt names its sitemaps", form="address"),
    "match": Option("pattern (regular expression) that addresses must hold; all when empty"),
    "max_articles": Option("pages read at once (20)", 20, least=1),
    "platform": Option("platform of its items (default news)", "news"),
    "kind": Option("kind of its items (default news)", "news", form="kind"),
    **HTTP_OPTIONS,
}


@dataclass(frozen=True)
class Listed:
    """An address of a sitemap."""

    url: str
    at: str
    """ISO, UTC: when it was published, else changed."""
    title: str = ""
    tries: int = 0


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read the pages that a site's sitemaps list as new.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `top`, the newest time listed, `known`, addresses that
        were taken, and `later`, pages that wait.

    Raises
    ------
    SourceError
        There is no sitemap, robots.txt forbids it, or it lists no times.

    Notes
    -----
    Sitemap protocol 0.9 with indexes and Google's news extension. A page that fails is tried three times.
    """
    name, url = use.name or use.source, str(use.options["url"])
    reader = PageReader(http_settings(use))
    pattern = _pattern(option(use, OPTIONS, "match"), name)
    listed, timeless = _listed(reader, url, now)
    listed = [one for one in listed if pattern.search(one.url)]
    if timeless and not listed:
        raise SourceError(
            N_("the sitemaps list no times"), where=url, do=N_("use the site's feed, or watch a page of it")
        )
    known, messages = list(state.get("known", [])), _notes(timeless, name)
    floor = str(state.get("top") or "") and (datetime.fromisoformat(state["top"]) - LATE).isoformat()
    floor = floor or (now - FIRST).isoformat()
    taken = set(known)
    fresh = {one.url: one for one in listed if one.at >= floor and one.url not in taken}
    queue = sorted(fresh.values(), key=lambda one: one.at, reverse=True)
    queue += [Listed(**one) for one in state.get("later", []) if one["url"] not in fresh]
    items, again, faults = _pages(reader, queue[: option(use, OPTIONS, "max_articles")], use)
    later = [*again, *queue[option(use, OPTIONS, "max_articles") :]][:REMEMBERED]
    if faults:
        messages.append((UNREAD_PAGES, {"n": len(faults), "source": name, "why": faults[-1]}))
    if later:
        messages.append((LATER_PAGES, {"n": len(later), "source": name}))
    if items and not has_extractor():
        messages.append((NO_EXTRACTOR, {}))
    after = {
        **state,
        "top": max([*(one.at for one in listed), str(state.get("top") or "")]) or None,
        "known": [*known, *fresh][-REMEMBERED:],
        "later": [asdict(one) for one in later],
    }
    return items_batch(items, use, watch, state=after, now=now, messages=messages, where=url, whole=True)


def _pattern(text: str, name: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as fault:
        raise SourceError(
            N_("match is no regular expression: {fault}"),
            where=name,
            do=N_("correct the option"),
            facts={"fault": fault},
        ) from fault


def _notes(timeless: int, name: str) -> list[Message]:
    return [(TIMELESS, {"n": timeless, "source": name})] if timeless else []


def _pages(reader: PageReader, queue: list[Listed], use: SourceUse) -> tuple[list[Item], list[Listed], list[Phrase]]:
    """Items of the pages that can be read, those to try again, and why others failed."""
    items: list[Item] = []
    again: list[Listed] = []
    faults: list[Phrase] = []
    for one in queue:
        try:
            article = article_of(reader.read(one.url).content, one.url)
        except SourceError as fault:
            faults.append(fault.wrong)
            if one.tries + 1 < TRIES and "robots.txt" not in fault.what:
                again.append(Listed(one.url, one.at, one.title, one.tries + 1))
            elif one.title:
                items.append(_item(one, Article(one.title, one.title), use))
            continue
        items.append(_item(one, article, use))
    return items, again, faults


def _item(one: Listed, article: Article, use: SourceUse) -> Item:
    return {
        "id": one.url,
        "name": article.site or urlsplit(one.url).hostname,
        "title": one.title or article.title,
        "text": article.text or article.title,
        "url": one.url,
        "created": one.at,
        "lang": article.language or None,
        "kind": option(use, OPTIONS, "kind"),
        "platform": option(use, OPTIONS, "platform"),
        "more": {"author": article.author} if article.author else None,
    }


def _listed(reader: PageReader, url: str, now: datetime) -> tuple[list[Listed], int]:
    """Addresses of all sitemaps with their times, and how many have none."""
    queue = [url] if _is_sitemap(url) else list(reader.robots(url).sitemaps) or [f"{url.rstrip('/')}/sitemap.xml"]
    listed: list[Listed] = []
    timeless = 0
    asked: set[str] = set()
    while queue and len(asked) < SITEMAPS:
        where = queue.pop(0)
        if where in asked or urlsplit(where).scheme not in ("http", "https"):
            continue
        asked.add(where)
        root = _parsed(reader.read(where).content, where)
        if _name(root) == "sitemapindex":
            children = sorted(_entries(root, "sitemap"), key=lambda e: instant(e.get("lastmod"), now), reverse=True)
            queue += [e["loc"] for e in children if e.get("loc")]
            continue
        for entry in _entries(root, "url"):
            at = instant(entry.get("publication_date") or entry.get("lastmod"), now)
            if entry.get("loc") and at:
                listed.append(Listed(entry["loc"], at, entry.get("title", "")))
            timeless += not at
    return listed, timeless


def _is_sitemap(url: str) -> bool:
    return urlsplit(url).path.lower().endswith((".xml", ".xml.gz"))


def _parsed(content: bytes, where: str) -> ElementTree.Element:
    """A sitemap as XML; without a document type, in which entities could be defined that fill the memory."""
    try:
        data = unpack_stream(content, Path(urlsplit(where).path))
    except InputError as fault:
        raise SourceError(
            N_("{fault}"), where=where, do=N_("check the address of the sitemap"), facts={"fault": fault.wrong}
        ) from fault
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise SourceError(N_("the sitemap defines entities"), where=where, do=N_("use the site's feed"))
    try:
        return ElementTree.fromstring(data.lstrip())
    except ElementTree.ParseError as fault:
        raise SourceError(
            N_("this is no sitemap: {fault}"),
            where=where,
            do=N_("check the address of the sitemap"),
            facts={"fault": fault},
        ) from fault


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _entries(root: ElementTree.Element, kind: str) -> Iterator[dict[str, Any]]:
    """Each entry as its elements by name, those of extensions included."""
    for entry in root:
        if _name(entry) == kind:
            yield {_name(part): (part.text or "").strip() for part in entry.iter() if part is not entry and part.text}


SOURCE = Source(
    "site",
    {"en": "Web site by its sitemaps", "zh": "网站（站点地图）"},
    fetch,
    OPTIONS,
    required=("url",),
    terms={
        "en": "Only what the site's robots.txt allows, one page a second at most; its texts stay its own.",
        "zh": "仅读取网站 robots.txt 允许的内容，每秒最多一页；文章版权归网站所有。",
    },
)
