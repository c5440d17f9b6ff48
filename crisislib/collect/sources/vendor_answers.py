"""What listening platforms' answers have in common: nested values, errors in JSON, sentiment, platforms by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crisislib.collect.http_client import Answer
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_
from crisislib.core.sanitize import one_line

PLATFORM_OF: Mapping[str, str] = {
    "twitter": "x", "x": "x", "www": "news", "news": "news", "onlinenews": "news", "blog": "blog", "forum": "forum",
    "messageboard": "forum", "facebook": "facebook", "facebook_public": "facebook", "instagram": "instagram",
    "instagram_public": "instagram", "linkedin": "linkedin", "youtube": "youtube", "tiktok": "tiktok",
    "bluesky": "bluesky", "reddit": "reddit", "weibo": "weibo", "sina_weibo": "weibo", "threads": "threads",
    "wechat": "wechat", "mastodon": "mastodon", "review": "web", "tumblr": "tumblr", "print": "news",
    "broadcast": "news",
}  # fmt: skip
"""Vendors' names of networks and kinds of pages, in small letters -> ours; others are the web."""


def nested(entry: Any, *path: str) -> Any:
    """A value inside nested objects; None where it is not there.

    Parameters
    ----------
    entry : object
        From JSON.
    *path : str
        Keys, from outside to inside.
    """
    for key in path:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry


def first_of(entry: Any, *names: str) -> Any:
    """The first of some keys that has a value.

    Parameters
    ----------
    entry : object
        From JSON.
    *names : str
        Keys, the best first; dots lead inside.
    """
    values = (nested(entry, *name.split(".")) for name in names)
    return next((value for value in values if value not in (None, "", [])), None)


def body_of(answer: Answer) -> dict[str, Any]:
    """The JSON object of a refusal; empty where it is none.

    Parameters
    ----------
    answer : Answer
        With the first bytes of its body.
    """
    try:
        found = json.loads(answer.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def rows_of(answer: Answer, where: str, *path: str) -> list[Any]:
    """The list of posts inside an answer.

    Parameters
    ----------
    answer : Answer
        Of the platform.
    where : str
        Its address, named in errors.
    *path : str
        Keys that lead to the list.

    Raises
    ------
    SourceError
        There is no such list.
    """
    rows = nested(answer.json(), *path)
    if not isinstance(rows, list):
        raise SourceError(
            N_("the answer holds no {path}"),
            where=where,
            do=N_("check the address and the ids in the watch file"),
            facts={"path": ".".join(path)},
        )
    return rows


def refused(answer: Answer, where: str, texts: Sequence[object]) -> SourceError | None:
    """A refusal with the platform's own words; None where it gives none.

    Parameters
    ----------
    answer : Answer
        The refusal.
    where : str
        Address, named in the error.
    texts : sequence
        Where its words may be.
    """
    words = one_line("; ".join(str(text) for text in texts if text))  # a server may quote what it was sent
    if not words:
        return None
    remedy = {
        401: N_("check the token: it is wrong or has expired"),
        403: N_("check the rights of the token"),
        404: N_("check the ids in the watch file"),
    }
    broken = answer.status >= 500
    return SourceError(
        N_("the platform is out of order ({status}): {words}")
        if broken
        else N_("the platform refuses ({status}): {words}"),
        where=where,
        do=N_("try again later") if broken else remedy.get(answer.status, N_("correct the options named")),
        facts={"status": str(answer.status), "words": words[:300]},
    )


def platform_of(name: object, default: str = "web") -> str:
    """Our code of a network or kind of page.

    Parameters
    ----------
    name : object
        As the vendor writes it.
    default : str
        For names that are not known.
    """
    return PLATFORM_OF.get(str(name or "").strip().lower(), default)


def mood_of(value: object, *, span: float = 1.0) -> str:
    """Sentiment in words from a number; words stay as they are.

    Parameters
    ----------
    value : object
        -span … span, or a word.
    span : float
        Largest value of the vendor's scale.

    Notes
    -----
    A fifth of the scale on both sides is neutral: vendors' scales have a middle step there.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value or "").lower()
    return "positive" if value > 0.2 * span else "negative" if value < -0.2 * span else "neutral"
