"""RSS and Atom feeds: conditional GET, text without markup, gaps noticed."""

from __future__ import annotations

import calendar
import re
import struct
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import feedparser
from feedparser.exceptions import CharacterEncodingOverride, NonXMLContentType

from crisislib.collect.http_client import get, header
from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.sources.article_texts import with_texts
from crisislib.collect.sources.live_source import Item, Source, State, Unread, items_batch, read_items
from crisislib.collect.sources.markup_text import strip_html
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

MALFORMED = N_("the feed is malformed ({why}); what could be read of it was taken")
UNDATED = N_("{n} {n:item states|items state} no time; the time of fetching was taken")
_HALVES = re.compile(rb"(?:&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*5[5-7][0-9]{3});)+")
"""References to surrogates (decimal: and to their neighbours), which are no characters of XML: feedparser stops."""
_UNIT = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
OPTIONS = {
    "url": Option("address of the feed", form="address"),
    "platform": Option("platform of its items (default news)", "news"),
    "kind": Option("kind of its items (default news)", "news", form="kind"),
    "full_text": Option("read each item's page, as its site's robots.txt allows (false)", False),
    "max_articles": Option("pages read at once for full text (20)", 20, least=1),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read one feed.

    Parameters
    ----------
    use : SourceUse
        Options `url`; `platform` (default news), `kind` (news), `timeout_s` (20), `max_mb` (10).
    watch : Watch
        Its query chooses.
    state : dict
        `etag` and `modified` of the last answer, ids seen.
    now : datetime
        UTC.

    Raises
    ------
    SourceError
        The server did not answer well, or what it sent is no feed.
    """
    url = str(use.options["url"])
    headers = {"Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"}
    headers |= {
        name: state[key]
        for name, key in (("If-None-Match", "etag"), ("If-Modified-Since", "modified"))
        if state.get(key)
    }
    answer = get(url, headers=headers, settings=http_settings(use))
    if answer.status == 304:
        return _stored([], [], state, [], use, watch, now, whole=True)
    sent_as = {"content-type": header(answer.headers, "content-type")}
    feed = feedparser.parse(_whole_characters(answer.content), response_headers=sent_as)
    damage = feed.get("bozo_exception") if feed.bozo else None
    if isinstance(damage, NonXMLContentType | CharacterEncodingOverride):
        damage = None  # what a server calls a feed is no damage to it
    if not feed.entries and (damage or not feed.get("version")):
        why = feed.get("bozo_exception", "no feed elements")
        raise SourceError(
            N_("this is no feed: {why}"),
            where=url,
            do=N_("open the address; give that of the RSS or Atom feed"),
            facts={"why": why},
        )
    outlet = strip_html(feed.feed.get("title", "")) or url
    name = use.name or use.source
    items, unread = read_items(feed.entries, lambda entry: _item(entry, outlet, use, now), source=name)
    messages: list[Message] = []
    if isinstance(damage, Exception):
        messages.append((MALFORMED, {"why": str(damage)}))
    if undated := sum(not _when(entry) for entry in feed.entries):
        messages.append((UNDATED, {"n": undated}))
    kept = {"etag": header(answer.headers, "etag"), "modified": header(answer.headers, "last-modified")}
    return _stored(items, unread, {**state, **kept}, messages, use, watch, now, whole=False)


def _whole_characters(content: bytes) -> bytes:
    """A feed whose references to halves of a character are the characters that they make, or U+FFFD."""

    def whole(match: re.Match[bytes]) -> bytes:
        units = [int(h, 16) if h else int(d) for h, d in _UNIT.findall(match[0])]
        text = struct.pack(f"<{len(units)}H", *units).decode("utf-16-le", "replace")
        return "".join(f"&#{ord(character)};" for character in text).encode()

    return _HALVES.sub(whole, content)


def _stored(
    items: list[Item],
    unread: list[Unread],
    state: State,
    messages: list[Message],
    use: SourceUse,
    watch: Watch,
    now: datetime,
    *,
    whole: bool,
) -> tuple[Batch, State]:
    """The batch, with the text of the items' pages where it is wanted; items that were read before join the feed."""
    if option(use, OPTIONS, "full_text"):
        most, name = option(use, OPTIONS, "max_articles"), use.name or use.source
        listed = len(items)
        items, state, more = with_texts(items, http_settings(use), state, most=most, name=name)
        whole, messages = whole or len(items) < listed, [*messages, *more]
    where = str(use.options["url"])
    return items_batch(
        items, use, watch, state=state, now=now, messages=messages, where=where, unread=unread, whole=whole
    )


def _stated(entry: Mapping[str, Any]) -> time.struct_time | None:
    """The time that an entry states in a form that can be read: published, else updated."""
    found: time.struct_time | None = entry.get("published_parsed") or entry.get("updated_parsed")
    return found


def _when(entry: Mapping[str, Any]) -> str:
    """When it was published, ISO in UTC; empty where no time is stated, or none that a calendar has.

    Databases write `0000-00-00` for nothing, so that such an item is as good as one without a time.
    """
    stated = _stated(entry)
    if stated is None:
        return ""
    try:
        return datetime.fromtimestamp(calendar.timegm(stated), UTC).isoformat()
    except (ValueError, OverflowError):
        return ""


def _item(entry: Mapping[str, Any], outlet: str, use: SourceUse, now: datetime) -> Item:
    content = " ".join(part.get("value", "") for part in entry.get("content", [])) or entry.get("summary", "")
    more = {"author": entry.get("author"), "tags": [t.get("term") for t in entry.get("tags", [])] or None}
    return {
        "id": entry.get("id") or entry.get("link"),
        "name": outlet,
        "title": strip_html(entry.get("title", "")),
        "text": strip_html(content),
        "url": entry.get("link"),
        "created": _when(entry) or now.isoformat(),
        "platform": option(use, OPTIONS, "platform"),
        "kind": option(use, OPTIONS, "kind"),
        "more": {k: v for k, v in more.items() if v} or None,
    }


SOURCE = Source(
    "rss",
    {"en": "RSS or Atom feed", "zh": "RSS/Atom 订阅"},
    fetch,
    OPTIONS,
    required=("url",),
    terms={
        "en": "A feed is offered for reading; its publisher's terms say whether its texts may be stored. One request "
        "per interval, and only for what has changed.",
        "zh": "订阅源供阅读使用，其文本能否保存以发布方条款为准。每个周期只请求一次，且只取有变化的内容。",
    },
)
