"""Bluesky as it is written: the Jetstream of all public posts, from a moment in microseconds on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage
from websockets.sync.client import ClientConnection, connect

from crisislib.collect.checked_transport import trusted_authorities
from crisislib.collect.http_network import names_private, open_socket
from crisislib.collect.import_batch import Batch, Message
from crisislib.collect.sources.live_source import Item, Source, State, instant, items_batch, read_items
from crisislib.collect.sources.source_options import Option, option
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

BEHIND_STREAM = N_(
    "{source} is {minutes} {minutes:minute|minutes} behind the stream; it catches up at the next fetches"
)
TOO_OLD = N_(
    "{source} was not read since {since}; the stream reaches back a day and a half, and older posts are missing"
)
STREAM = "wss://jetstream1.us-east.bsky.network/subscribe"
POSTS = "app.bsky.feed.post"
REACH = timedelta(hours=36)
"""How far a Jetstream reaches back; an older cursor is moved up without a word, so the gap is named here."""
MOST = 100_000
"""Posts of one fetch: what a batch holds with ease; the cursor stands behind the last of them."""
LARGEST = 1 << 20
"""Bytes of a message: a post is a few thousand."""
OPTIONS = {
    "listen_s": Option("seconds to listen at most, where it has not caught up before (15)", 15.0, least=0.1),
    "idle_s": Option("seconds without a message after which the stream counts as broken (30)", 30.0, least=0.1),
    "backfill_minutes": Option("how far the first fetch reaches back (10)", 10.0),
    "accounts": Option("DIDs of accounts; all when empty", []),
    "languages": Option("languages that a post may name, such as zh; all when empty", []),
    "url": Option(f"address of the stream ({STREAM})", STREAM),
    "timeout_s": Option("seconds for the connection (20)", 20.0, least=0.01),
    "allow_private": Option("whether its name may lead to a private address (false)", False),
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read what was posted since the cursor, until the stream has caught up with the moment of asking.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `cursor`, microseconds since 1970, and `same`, what was
        read at that very one.

    Raises
    ------
    SourceError
        No connection, an answer that is no stream, or nothing for too long. What had come before is read again then.

    Notes
    -----
    `GET /subscribe?wantedCollections=…&cursor=…` as a WebSocket: one JSON object a message, with `time_us`. Events at
    the cursor come again and are left out by their address. A repost has no text and is not among the posts.
    """
    name, where = use.name or use.source, str(option(use, OPTIONS, "url"))
    messages: list[Message] = []
    floor = int((now - REACH).timestamp() * 1e6)
    cursor = int(
        state.get("cursor") or (now - timedelta(minutes=option(use, OPTIONS, "backfill_minutes"))).timestamp() * 1e6
    )
    if cursor < floor:
        since = datetime.fromtimestamp(cursor / 1e6, UTC).astimezone(watch.zone)
        messages.append((TOO_OLD, {"source": name, "since": f"{since:%Y-%m-%d %H:%M}"}))
        cursor = floor
    same = set(state.get("same", []))
    asked_us = int(now.timestamp() * 1e6)
    events: list[dict[str, Any]] = []
    languages = set(option(use, OPTIONS, "languages"))
    at_cursor = set(same)
    for event in _events(use, where, cursor, asked_us):
        at = event.get("time_us")
        if not isinstance(at, int) or at < cursor:
            continue
        if at > cursor:
            cursor, at_cursor = at, set()
        mark = _mark(event)
        at_cursor.add(mark)
        if mark not in same and _wanted(event, languages):
            events.append(event)
    items, unread = read_items(events, _item, source=name)
    if asked_us - cursor > 60e6 and events:
        messages.append((BEHIND_STREAM, {"source": name, "minutes": round((asked_us - cursor) / 60e6)}))
    after = {**state, "cursor": cursor, "same": sorted(at_cursor)}
    return items_batch(
        items, use, watch, state=after, now=now, messages=messages, where=where, unread=unread, whole=True
    )


def _events(use: SourceUse, where: str, cursor: int, asked_us: int) -> Iterator[dict[str, Any]]:
    """Events from the cursor on, until one is younger than the question, time is up or there are enough."""
    ends = time.monotonic() + option(use, OPTIONS, "listen_s")
    idle = option(use, OPTIONS, "idle_s")
    number = 0
    with _connected(use, where, cursor) as stream:
        while number < MOST:
            try:
                text = stream.recv(timeout=max(0.01, min(idle, ends - time.monotonic())))
            except TimeoutError:
                if time.monotonic() >= ends:
                    return
                raise SourceError(
                    N_("nothing came for {idle:g} s"),
                    where=where,
                    do=N_("it is connected to again next time"),
                    facts={"idle": idle},
                ) from None
            except ConnectionClosed as fault:
                if number:
                    return  # the cursor stands behind what came
                raise SourceError(
                    N_("the stream closed: {fault}"), where=where, do=N_("try again later"), facts={"fault": fault}
                ) from fault
            number += 1
            event = _parsed(text)
            if event:
                yield event
                at = event.get("time_us")
                if isinstance(at, int) and at >= asked_us:
                    return
            if time.monotonic() >= ends:
                return


def _connected(use: SourceUse, where: str, cursor: int) -> ClientConnection:
    """A connection to a checked address."""
    parts = urlsplit(where)
    secure, host = parts.scheme == "wss", parts.hostname or ""
    if parts.scheme not in ("ws", "wss") or not host:
        raise SourceError(
            N_("{where!r} is no address of a stream"),
            where=where,
            do=N_("give a wss:// address"),
            facts={"where": where},
        )
    wanted = [("wantedCollections", POSTS), *(("wantedDids", did) for did in option(use, OPTIONS, "accounts"))]
    query = urlencode([*wanted, ("cursor", str(cursor))])
    seconds = option(use, OPTIONS, "timeout_s")
    private = option(use, OPTIONS, "allow_private") or names_private(host)
    plain = open_socket(host, parts.port or (443 if secure else 80), seconds=seconds, private=private)
    try:
        return connect(
            f"{where}?{query}",
            sock=plain,
            ssl=trusted_authorities() if secure else None,
            open_timeout=seconds,
            close_timeout=1.0,
            max_size=LARGEST,
            proxy=None,
        )
    except (InvalidHandshake, InvalidMessage, OSError, EOFError) as fault:
        plain.close()
        raise SourceError(
            N_("no stream: {fault}"), where=where, do=N_("check the address of the stream"), facts={"fault": fault}
        ) from fault


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _mark(event: dict[str, Any]) -> str:
    commit = event.get("commit")
    part = commit if isinstance(commit, dict) else {}
    return f"{event.get('did')}/{part.get('collection', event.get('kind'))}/{part.get('rkey', '')}"


def _wanted(event: dict[str, Any], languages: set[str]) -> bool:
    """A new or changed post, in one of the languages where some are named."""
    commit = event.get("commit")
    if event.get("kind") != "commit" or not isinstance(commit, dict) or commit.get("collection") != POSTS:
        return False
    if commit.get("operation") not in ("create", "update"):
        return False
    record = commit.get("record")
    tags = record.get("langs") if isinstance(record, dict) else None
    return not languages or bool(languages & {str(tag).partition("-")[0] for tag in tags or []})


def _item(event: dict[str, Any]) -> Item:
    """One post; a claimed time in the future gives way to the time at which the stream had it."""
    commit, record = event["commit"], event["commit"]["record"]
    uri = f"at://{event['did']}/{commit['collection']}/{commit['rkey']}"
    reply = record.get("reply") or {}
    quoted = ((record.get("embed") or {}).get("record") or {}).get("uri")
    came = datetime.fromtimestamp(event["time_us"] / 1e6, UTC).isoformat()
    created = instant(record.get("createdAt"), datetime.fromtimestamp(event["time_us"] / 1e6, UTC))
    facets = [f for facet in record.get("facets") or [] for f in facet.get("features") or []]
    more = {
        "hashtags": [f["tag"] for f in facets if "tag" in f],
        "urls": [f["uri"] for f in facets if "uri" in f],
        "mentions": [f["did"] for f in facets if "did" in f],
    }
    return {
        "id": uri,
        "account": event["did"],
        "name": None,
        "text": record["text"],
        "url": f"https://bsky.app/profile/{event['did']}/post/{commit['rkey']}",
        "created": created if created and created <= came else came,
        "lang": (record.get("langs") or [None])[0],
        "parent": (reply.get("parent") or {}).get("uri") or quoted,
        "root": (reply.get("root") or {}).get("uri"),
        "kind": "reply" if reply else "quote" if quoted else "post",
        "platform": "bluesky",
        "more": {k: v for k, v in more.items() if v} or None,
    }


SOURCE = Source(
    "jetstream",
    {"en": "Bluesky as it is written (Jetstream)", "zh": "Bluesky 实时流（Jetstream）"},
    fetch,
    OPTIONS,
    terms={
        "en": "Public data without a key; delete what users delete; one connection for a watch is enough.",
        "zh": "公开数据，无需密钥；用户删除的内容应一并删除；每个监测使用一个连接即可。",
    },
)
