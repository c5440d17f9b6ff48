"""Chats of Discord saved as a web page or as text by DiscordChatExporter, as the records that its JSON has."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

MARK = b"chatlog__message"
"""What a page of messages has and no other page."""
_VOID = {"br", "img", "meta", "link", "input", "hr", "path", "source"}
_JUMP = re.compile(r"scrollToMessage\(event,\s*['\"]?(\d+)")
_ZONE = re.compile(r"Timezone: UTC(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?")
_OUTSIDE = ("chatlog__reply", "chatlog__reference", "chatlog__edited", "chatlog__embed", "chatlog__header")
"""Beginnings of the classes of elements whose words are not those of the message."""
_RULE = re.compile(r"^={20,}\s*$", re.MULTILINE)
_BEGIN = re.compile(r"^\[(?P<at>[^\]\n]{8,40})\] (?P<name>[^\n]{1,80}?)(?: \(pinned\))?$")
_FACT = re.compile(r"^(?P<name>Guild|Channel): (?P<value>.+)$", re.MULTILINE)
_SECTION = re.compile(r"^\{(?P<name>Attachments|Embed|Stickers|Reactions)\}$")
_TIMES = re.compile(r"\((\d+)\)")
_NOTICE = re.compile(r"^(?:Joined the server|Pinned a message|Added .+ to the group|Removed .+ from the group)\.$")

Record = dict[str, Any]


def is_discord_page(data: bytes) -> bool:
    """Whether a page holds messages of Discord.

    Parameters
    ----------
    data : bytes
        The page.
    """
    return MARK in data


def is_discord_text(text: str) -> bool:
    """Whether a text is a saved channel of Discord: its guild and channel stand between rules at the top.

    Parameters
    ----------
    text : str
        Its beginning.
    """
    head = text[:2000].replace("\r\n", "\n")
    rules = [found.start() for found in _RULE.finditer(head)]
    return len(rules) > 1 and len(_FACT.findall(head[rules[0] : rules[1]])) > 1


class _Messages(HTMLParser):
    """Messages by the classes of their elements; one without an author or a time has those of its group."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.messages: list[Record] = []
        self.facts: list[str] = []
        self.zone = ""
        self._open: list[set[str]] = []
        self._group: Record = {}
        self._inside = -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a group, a message or a part of one."""
        stated = {name: value or "" for name, value in attrs}
        classes = set(stated.get("class", "").split())
        if tag in ("br", "img"):
            self._add("\n" if tag == "br" else stated.get("alt", "") if "emoji" in stated.get("class", "") else "")
        if tag in _VOID:
            return
        self._open.append(classes)
        if "chatlog__message-group" in classes:
            self._group = {"author": {"isBot": False}}
        if "preamble__entry" in classes:
            self.facts.append("")
        if stated.get("data-message-id"):
            author = dict(self._group.get("author", {}))
            self.messages.append({"content": "", **self._group, "author": author, "id": stated["data-message-id"]})
            self._inside = len(self._open)
        self._part(classes, stated)

    def _part(self, classes: set[str], stated: dict[str, str]) -> None:
        holders = [self._group, *self.messages[-1:]] if self._inside >= 0 else [self._group]
        if {"chatlog__author", "chatlog__author-name"} & classes and stated.get("data-user-id"):
            for holder in holders:
                holder.setdefault("author", {}).update({"id": stated["data-user-id"], "name": ""})
        if {"chatlog__timestamp", "chatlog__short-timestamp"} & classes and stated.get("title"):
            for holder in holders if "chatlog__timestamp" in classes else holders[1:]:
                holder["timestamp"] = stated["title"]
        if self._inside >= 0 and (jump := _JUMP.search(stated.get("onclick", ""))):
            self.messages[-1]["reference"] = {"messageId": jump[1]}
        if self._inside >= 0 and any(name.startswith("chatlog__system-notification") for name in classes):
            self.messages[-1]["type"] = "GuildMemberJoin"

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if tag in _VOID or not self._open:
            return
        if len(self._open) == self._inside:
            self._inside = -1
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Words of a part."""
        within = self._open[-1] if self._open else set()
        if "preamble__entry" in within:
            self.facts[-1] += data.strip()
        elif "postamble__entry" in within:
            self.zone = self.zone or _offset(data)
        else:
            self._add(data)

    def _add(self, data: str) -> None:
        within = set().union(*self._open) if self._open else set()
        holders = [self._group, *(self.messages[-1:] if self._inside >= 0 else [])]
        if {"chatlog__author", "chatlog__author-name"} & within:
            for holder in holders:
                author = holder.setdefault("author", {})
                author["name"] = author.get("name", "") + data.strip()
        elif "chatlog__timestamp" in within and data.strip():
            for holder in holders:
                holder.setdefault("timestamp", data.strip())
        elif self._inside >= 0 and "chatlog__reaction-count" in within and data.strip().isdigit():
            self.messages[-1].setdefault("reactions", []).append({"count": int(data)})
        elif self._inside >= 0 and "chatlog__content" in within and not any(n.startswith(_OUTSIDE) for n in within):
            self.messages[-1]["content"] += data


def _offset(words: str) -> str:
    """`Timezone: UTC-5` as the end of a time; empty where it is no zone."""
    found = _ZONE.search(words)
    return f" {found['sign']}{int(found['hours']):02}:{found['minutes'] or '00'}" if found else ""


def discord_messages(page: str) -> list[Record]:
    """The messages of a page, with the names of their guild and channel.

    Parameters
    ----------
    page : str
        An export as HTML, of the versions since 2019.
    """
    reader = _Messages()
    reader.feed(page)
    reader.close()
    facts = _chat(*reader.facts[:2])
    return [
        {**m, "content": m["content"].strip(), "timestamp": m.get("timestamp", "") + reader.zone, **facts}
        for m in reader.messages
    ]


def _chat(guild: str = "", channel: str = "") -> Record:
    return {"chat.guild.name": guild, "chat.channel.name": channel.rpartition(" / ")[2]}


def discord_lines(text: str) -> list[Record]:
    """The messages of a channel saved as text, which has neither ids nor answers.

    Parameters
    ----------
    text : str
        An export as plain text.
    """
    _, head, *parts = _RULE.split(text.replace("\r\n", "\n"))
    named = {found["name"]: found["value"].strip() for found in _FACT.finditer(head)}
    facts = _chat(named.get("Guild", ""), named.get("Channel", ""))
    zone = _offset("\n".join(parts[1:]))
    messages: list[Record] = []
    blank, section = True, ""
    for line in parts[0].split("\n") if parts else ():
        if blank and (begin := _BEGIN.match(line)):
            at = begin["at"] + zone
            messages.append({"timestamp": at, "author": {"name": begin["name"].strip()}, "content": "", **facts})
            section = ""
        elif messages and (named_part := _SECTION.match(line)):
            section = named_part["name"]
        elif messages and section == "Reactions":
            counts = [{"count": int(n)} for n in _TIMES.findall(line)]
            messages[-1]["reactions"] = [*messages[-1].get("reactions", []), *counts]
        elif messages and not section:
            messages[-1]["content"] += f"{line}\n"
        blank = not line.strip()
    for message in messages:
        message["content"] = message["content"].strip()
        if _NOTICE.match(message["content"]):
            message["type"] = "GuildMemberJoin"
    return messages
