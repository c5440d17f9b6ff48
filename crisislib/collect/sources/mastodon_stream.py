"""An instance's stream of new posts as server-sent events, listened to for a while."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crisislib.collect.http_client import HttpSettings
from crisislib.collect.http_stream import stream
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase

HEARTBEAT_S = 45.0
"""Three heartbeats of Mastodon, which sends one in 15 s: a connection that is silent for longer is dead."""
MOST = 50_000
"""Posts of one fetch: what a batch holds with ease."""
NEW = ("update", "status.update")
"""Events that bring a post: a new one, and one that was edited."""


def streamed(
    base: str, tag: str, headers: Mapping[str, str], *, seconds: float, settings: HttpSettings
) -> tuple[list[Any], str | Phrase]:
    """Posts that an instance sends within some seconds.

    Parameters
    ----------
    base : str
        Address of the instance.
    tag : str
        Hashtag without #; all public posts when empty.
    headers : Mapping of str to str
        With the access token, which instances ask for since Mastodon 4.2.
    seconds : float
        How long to listen.
    settings : HttpSettings
        Limits; the time limit is for the head of the answer.

    Returns
    -------
    posts : list
        As the events have them.
    fault : str or Phrase
        Why the stream ended early; empty where its time was over. What came before is kept.

    Notes
    -----
    `GET /api/v1/streaming/public` or `/hashtag?tag=`: text/event-stream, comments as heartbeats.
    """
    path = "hashtag" if tag else "public"
    where, params = f"{base}/api/v1/streaming/{path}", {"tag": tag} if tag else {}
    posts: list[Any] = []
    try:
        with stream(
            where, for_s=seconds, idle_s=HEARTBEAT_S, headers=headers, params=params, settings=settings
        ) as answer:
            for name, data in events(answer.lines()):
                if name in NEW:
                    posts.append(_parsed(data))
                if len(posts) >= MOST:
                    break
            whole = answer.ended == "time" or len(posts) >= MOST
            ended = "" if whole else Phrase(N_("the instance closed the stream"))
    except SourceError as fault:
        return posts, fault.wrong
    return posts, ended


def events(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Server-sent events: name and data of each.

    Parameters
    ----------
    lines : iterable of bytes
        Without their ends.

    Notes
    -----
    WHATWG HTML, section 9.2: an empty line ends an event; lines of data are joined; a colon begins a comment.
    """
    name, data = "", list[str]()
    for raw in lines:
        line = raw.decode("utf-8", "replace")
        if not line:
            if data:
                yield name or "message", "\n".join(data)
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)


def _parsed(data: str) -> Any:
    """A post, or the text itself where it is none, which is then among the rejected."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data
