"""YouTube: comments under videos or under all videos of a channel, by the Data API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from crisislib.collect.http_client import Answer, get
from crisislib.collect.import_batch import Batch
from crisislib.collect.sources.backlog_reader import Page, read_each
from crisislib.collect.sources.live_source import Item, Source, State, instant, items_batch, read_items
from crisislib.collect.sources.source_options import HTTP_OPTIONS, Option, http_settings, option
from crisislib.collect.sources.source_pace import Budget, Pace
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

API = "https://www.googleapis.com/youtube/v3"
PACE = Pace(10_000, 86_400.0)
"""Units a day of a project; a page of comments costs one."""
PACIFIC = ZoneInfo("America/Los_Angeles")
"""Where the day of the quota ends at midnight."""
OPTIONS = {
    "videos": Option("ids of videos", []),
    "channel": Option("id of a channel: comments under all its videos"),
    "search": Option("words that a comment must hold, for the service's own search"),
    "key": Option("key of the Data API"),
    "max_pages": Option("pages of 100 threads at most, for each video (3)", 3, least=1),
    "url": Option(f"address of the interface ({API})", API, form="address"),
    **HTTP_OPTIONS,
}


def fetch(use: SourceUse, watch: Watch, *, state: State, now: datetime) -> tuple[Batch, State]:
    """Read the newest comments, with the replies that come along.

    Parameters
    ----------
    use : SourceUse
        The entry of the watch file, see :data:`OPTIONS`.
    watch, state, now
        As in :func:`crisislib.collect.fetch`; the state holds `parts`, the place in each video, and `calls`.

    Raises
    ------
    SourceError
        The key is refused, or no video could be read. A video without comments is named, and the others are read.

    Notes
    -----
    `GET /commentThreads?part=snippet,replies&order=time`. The list is ordered by threads, so a late reply in an old
    thread is not seen.
    """
    name, where = use.name or use.source, f"{str(option(use, OPTIONS, 'url')).rstrip('/')}/commentThreads"
    videos, channel = option(use, OPTIONS, "videos"), option(use, OPTIONS, "channel")
    parts = [
        *(f"videoId={video}" for video in videos),
        *([f"allThreadsRelatedToChannelId={channel}"] if channel else []),
    ]
    if not parts:
        raise SourceError(N_("needs videos or channel"), where=name, do=N_("give one of them"))
    budget, search = Budget(PACE, state, now), option(use, OPTIONS, "search")

    def ask(part: str, cursor: str) -> Page:
        budget.spend(where)
        params = {"part": "snippet,replies", "order": "time", "textFormat": "plainText", "maxResults": "100"}
        params |= dict([part.split("=", 1)]) | ({"searchTerms": search} if search else {})
        params |= {"key": option(use, OPTIONS, "key")} | ({"pageToken": cursor} if cursor else {})
        answer = get(where, params=params, settings=http_settings(use), also=(), explain=partial(_refusal, now=now))
        page = answer.json()
        threads = page.get("items") if isinstance(page, dict) else None
        if not isinstance(threads, list):
            raise SourceError(
                N_("the answer holds no comments"), where=where, do=N_("check the ids of videos and channel")
            )
        return Page(threads, str(page.get("nextPageToken") or ""))

    reading = read_each(
        parts, ask, partial(_second, now=now), state, pages=option(use, OPTIONS, "max_pages"), name=name,
        most=now.timestamp() + 60,
    )  # fmt: skip
    threads, unread = read_items(reading.entries, _comments, source=name)
    items: list[Item] = [item for thread in threads for item in thread["all"]]  # type: ignore[attr-defined]
    after = {**reading.state, **budget.stored()}
    return items_batch(
        items,
        use,
        watch,
        state=after,
        now=now,
        messages=reading.messages,
        where=where,
        unread=unread,
        whole=bool(reading.entries),
    )


def _refusal(answer: Answer, now: datetime) -> SourceError | None:
    """What the reason of a refusal means: a used-up quota comes back at midnight in California."""
    try:
        found = answer.json()
    except SourceError:
        return None
    error = found.get("error") if isinstance(found, dict) else None
    errors = error.get("errors") if isinstance(error, dict) else None
    reason = str(errors[0].get("reason", "")) if errors and isinstance(errors[0], dict) else ""
    where = answer.url.split("?")[0]
    if reason in ("quotaExceeded", "dailyLimitExceeded"):
        local = now.astimezone(PACIFIC)
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        wait = (midnight.astimezone(UTC) - now).total_seconds()
        return ThrottledError(
            N_("the quota of the day is used up"), where=where, do=N_("read it less often"), wait_s=wait
        )
    if reason in ("rateLimitExceeded", "userRateLimitExceeded"):
        return ThrottledError(N_("the service limits requests"), where=where, do=N_("read it less often"))
    if reason == "commentsDisabled":
        return SourceError(N_("comments are switched off"), where=where, do=N_("take the video out of the watch file"))
    return None


def _second(thread: Any, now: datetime) -> float | None:
    top = ((thread.get("snippet") or {}).get("topLevelComment") or {}) if isinstance(thread, dict) else {}
    at = instant((top.get("snippet") or {}).get("publishedAt"), now)
    return datetime.fromisoformat(at).timestamp() if at else None


def _comments(thread: dict[str, Any]) -> Item:
    """A thread as its comment and the replies that came along, which are read together."""
    snippet = thread["snippet"]
    first, video = snippet["topLevelComment"], snippet.get("videoId")
    replies = (thread.get("replies") or {}).get("comments") or []
    top = _comment(first, video, parent=video, replies=snippet.get("totalReplyCount"))
    return {"all": [top, *(_comment(reply, video, parent=first["id"], replies=None) for reply in replies)]}


def _comment(comment: dict[str, Any], video: str | None, *, parent: str | None, replies: int | None) -> Item:
    said = comment["snippet"]
    return {
        "id": comment["id"],
        "account": (said.get("authorChannelId") or {}).get("value"),
        "name": said.get("authorDisplayName"),
        "text": said.get("textOriginal") or said.get("textDisplay"),
        "url": f"https://www.youtube.com/watch?v={video}&lc={comment['id']}" if video else None,
        "created": said["publishedAt"],
        "likes": said.get("likeCount"),
        "replies": replies,
        "parent": parent,
        "root": video,
        "kind": "comment",
        "platform": "youtube",
    }


SOURCE = Source(
    "youtube",
    {"en": "YouTube comments of videos or a channel", "zh": "YouTube 视频或频道的评论"},
    fetch,
    OPTIONS,
    required=("key",),
    secrets=("key",),
    terms={
        "en": "A key of your own, 10,000 units a day; stored data is to be refreshed or deleted after 30 days.",
        "zh": "Data API 条款：须使用自己的密钥，每日 10,000 单位；存储的数据满 30 天须刷新或删除。",
    },
    pace=PACE,
)
