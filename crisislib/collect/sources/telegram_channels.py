"""Telegram: public channels by their web preview, which needs no account."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup, Tag

from crisislib.collect.http_client import get
from crisislib.collect.import_batch import Batch
from crisislib.collect.sources.backlog_reader import Page, read_each
from crisislib.collect.sources.live_source import Item, Source, State, items_batch, read_items
from crisislib.collect.sources.markup_text import strip_html
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

WEB = "https://t.me"
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]{3,31}$")
OPTIONS = {
    "channels": Option("names of public channels, without @", []),
    "max_pages": Option("pages of 20 messages at most, for each channel (5)", 5, least=1),
    "url": Option(f"address of the preview ({WEB})", WEB, form="address"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read what channels posted.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `parts`, the number of each channel's newest message.

    Raises
    ------
    SourceError
        A name is none, or no channel could be read: a channel may have no public preview.

    Notes
    -----
    `GET /s/CHANNEL?before=ID`: twenty messages as HTML, with `data-post="channel/id"`. A forward names the message that
    it repeats; reactions are not in the preview of every channel.
    """
    name, base = use.name or use.source, str(option(use, OPTIONS, "url")).rstrip("/")
    channels = [str(channel).lstrip("@") for channel in option(use, OPTIONS, "channels")]
    if wrong := [channel for channel in channels if not _NAME.match(channel)]:
        raise SourceError(
            N_("{wrong!r} is no name of a channel"),
            where=name,
            do=N_("write it as in t.me/NAME"),
            facts={"wrong": wrong[0]},
        )

    def ask(channel: str, cursor: str) -> Page:
        where = f"{base}/s/{channel}"
        page = get(where, params={"before": cursor} if cursor else {}, settings=http_settings(use), also=()).content
        soup = BeautifulSoup(page, "html.parser")
        messages = soup.select("[data-post]")
        if not messages and not soup.find(class_="tgme_channel_info"):
            raise SourceError(
                N_("the channel has no public preview"),
                where=where,
                do=N_("check the name; private channels cannot be read"),
            )
        head = soup.find(class_="tgme_channel_info_header_title")
        title = head.get_text(strip=True) if head else channel
        oldest = min((n for n in map(_number, messages) if n is not None), default=0)
        return Page([_Message(one, title) for one in messages], str(int(oldest)) if oldest > 1 else "")

    reading = read_each(
        channels, ask, lambda one: _number(one.tag), state, pages=option(use, OPTIONS, "max_pages"), name=name
    )
    posts = [one for one in reading.entries if "service_message" not in (one.tag.get("class") or [])]
    items, unread = read_items(posts, _item, source=name)
    return items_batch(
        items,
        use,
        watch,
        state=reading.state,
        now=now,
        messages=reading.messages,
        where=base,
        unread=unread,
        whole=bool(reading.entries),
    )


class _Message:
    """A message as the page has it, with the title of its channel; its markup where it is shown as unreadable."""

    def __init__(self, tag: Tag, title: str) -> None:
        self.tag, self.title = tag, title

    def __str__(self) -> str:
        return str(self.tag)


def _number(tag: Tag) -> float | None:
    number = str(tag.get("data-post", "")).rpartition("/")[2]
    return int(number) if number.isascii() and number.isdigit() else None


def _item(message: _Message) -> Item:
    tag, post = message.tag, str(message.tag["data-post"])
    channel = post.partition("/")[0]
    reply = tag.select_one(".tgme_widget_message_reply")
    answered = _post_of(reply.get("href")) if reply else None
    for quoted in tag.select(".tgme_widget_message_reply, .tgme_widget_message_link_preview"):
        quoted.extract()  # their words are not this message's
    source = tag.select_one(".tgme_widget_message_forwarded_from_name")
    forwarded = _post_of(source.get("href")) if source else None
    text = tag.select_one(".tgme_widget_message_text")
    when = tag.select_one("time[datetime]")
    if when is None:
        raise SourceError(N_("a message without a time"), where=post)
    views = tag.select_one(".tgme_widget_message_views")
    media = tag.select(".tgme_widget_message_photo_wrap, .tgme_widget_message_video, .tgme_widget_message_document")
    body = strip_html(str(text)) if text else ""
    origin = source.get_text(strip=True) if source else None
    more: dict[str, Any] = {"media": len(media) or None, "forwarded_from": origin}
    return {
        "id": post,
        "account": channel,
        "name": message.title,
        "text": body or ("[media]" if media else ""),
        "url": f"https://t.me/{post}",
        "created": str(when["datetime"]),
        "views": views.get_text(strip=True) if views else None,
        "parent": forwarded or answered,
        "kind": "repost" if source else "reply" if answered else "post",
        "platform": "telegram",
        "more": {k: v for k, v in more.items() if v} or None,
    }


def _post_of(href: object) -> str | None:
    """`channel/id` of an address such as https://t.me/channel/17; None for anything else."""
    found = re.search(r"t\.me/(?:s/)?([A-Za-z]\w+)/(\d+)", str(href or ""))
    return f"{found[1]}/{found[2]}" if found else None


SOURCE = Source(
    "telegram",
    {"en": "Telegram channels (public preview)", "zh": "Telegram 公开频道"},
    fetch,
    OPTIONS,
    required=("channels",),
    terms={
        "en": "Only what a channel shows to everybody on t.me; Telegram's terms forbid to train models with it.",
        "zh": "仅读取频道在 t.me 上向所有人公开的内容；Telegram 条款禁止用其内容训练模型。",
    },
    unconfirmed={
        "en": "The preview is a web page and no documented interface; its markup may change.",
        "zh": "预览页是网页而非有文档的接口，其标记可能变化。",
    },
)
