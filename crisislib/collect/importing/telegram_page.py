"""Chats saved as web pages by Telegram Desktop, as the records that its JSON has."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

MARK = b'class="message default'
"""What a page of messages has and no other page."""
_VOID = {"br", "img", "meta", "link", "input", "hr"}
_FIELDS = {"from_name": "from", "text": "text"}


def is_telegram_page(data: bytes) -> bool:
    """Whether a page holds messages of Telegram.

    Parameters
    ----------
    data : bytes
        The page.
    """
    return MARK in data


class _Messages(HTMLParser):
    """Messages by the classes of their elements; one without a name continues the one before it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.messages: list[dict[str, Any]] = []
        self.chat = ""
        self._open: list[str] = []
        self._depth_of: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a message or a part of one."""
        stated = dict(attrs)
        classes = set((stated.get("class") or "").split())
        if tag == "br":
            self._add("\n")
        if tag in _VOID:
            return
        self._open.append(" ".join(classes))
        if {"message", "default"} <= classes:
            self._begin(stated.get("id") or "", joined="joined" in classes)
        elif self.messages:
            self._part(self.messages[-1], tag, classes, stated)

    def _begin(self, name: str, *, joined: bool) -> None:
        before = self.messages[-1] if self.messages else {}
        self.messages.append({"id": name.removeprefix("message"), "type": "message", "text": ""})
        if joined:
            self.messages[-1]["from"] = before.get("from", "")

    def _part(self, message: dict[str, Any], tag: str, classes: set[str], stated: dict[str, str | None]) -> None:
        if "date" in classes and stated.get("title") and "date" not in message:
            message["date"] = stated["title"]
        if "forwarded" in classes:
            message["forwarded_from"] = ""
        if tag == "a" and "reply_to" in " ".join(self._open[-2:-1]):
            message["reply_to_message_id"] = (stated.get("href") or "").rpartition("message")[2]

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if tag not in _VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Text of a part."""
        self._add(data)

    def _add(self, data: str) -> None:
        within = set(" ".join(self._open).split())
        if not self.messages:
            if {"page_header", "text"} <= within:
                self.chat += data.strip()
            return
        message = self.messages[-1]
        if "count" in within and data.strip().isdigit():
            message["reactions.count"] = message.get("reactions.count", 0) + int(data)
        elif "from_name" in within and "date" not in within:
            key = "forwarded_from" if "forwarded" in within else "from"
            message[key] = message.get(key, "") + data.strip() if key in message or data.strip() else ""
        elif "text" in within and "message" in within:
            message["text"] += " ".join(data.split("\n")) if data != "\n" else "\n"


def telegram_messages(page: str) -> list[dict[str, Any]]:
    """The messages of a page, with the name of their chat.

    Parameters
    ----------
    page : str
        `messages.html` of an export.
    """
    reader = _Messages()
    reader.feed(page)
    reader.close()
    name = reader.chat or "chat"
    chat = {"chat.name": name, "chat.id": name}
    return [{**m, "text": m["text"].strip(), **chat} for m in reader.messages]
