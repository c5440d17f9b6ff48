"""The records of one JSON document: what in it is a post, however deep, and what is an envelope around posts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crisislib.collect.importing.json_tables import rows_of_table

SEARCHED = 6
"""How deep a list of records is looked for."""
SHALLOW = 3
"""How deep in an object its text and time stand at most: tools nest them below `snippet`, `legacy` or `record`."""
LIST_SAMPLE = 20
"""Items of a list that tell whether it is one of posts."""
ALIKE = 0.5
"""Share of an answer's keys that the post above it has too, where both are of one kind."""
ANSWERS = ("replies", "comments", "children", "sub_comments", "answers")
"""Lists below a post that hold posts of the same kind."""
_TEXT = {
    "text", "full_text", "content", "body", "message", "title", "caption", "desc", "description", "selftext", "snippet",
    "legacy", "正文", "内容", "标题", "微博正文", "标题/微博内容", "story_text", "comment_text", "comment", "review",
    "raw", "cooked", "video_description", "headline", "contenttext", "textdisplay", "opening_text", "hit_sentence",
}  # fmt: skip
_TIME = {
    "created_at", "created", "created_utc", "timestamp", "published", "published_at", "publishedat", "date", "time",
    "create_time", "createtime", "createdat", "created_time", "taken_at", "timestamp_ms", "ctime", "发布时间",
    "seendate", "published_date", "publish_time", "taken_at_timestamp", "createtimeiso", "indexedat", "pubdate",
    "date_unixtime",
}  # fmt: skip
_SPEAKING = frozenset(_TEXT | _TIME)
PARTS = ("record", "snippet", "legacy", "commit", "attributes", "content", "dates", "user", "author", "metadata")
"""Objects that are a part of a post and no wrapping around it."""
ENVELOPES = (
    "posts", "data", "items", "results", "hits", "statuses", "articles", "documents", "feed", "list", "entries",
    "entry", "reviews", "records", "aweme_list", "videos", "weibo", "cards", "tweets", "messages",
)  # fmt: skip
"""Lists of posts in an object that has a title and a time itself, such as a topic of a forum."""
_LISTED, _ANSWERED = frozenset(ENVELOPES), frozenset(ANSWERS)
_CHAT = "messages"
"""The list of a chat export; the chat's own facts are given to every message."""
_NOTICES = {
    "RecipientAdd", "RecipientRemove", "Call", "ChannelNameChange", "ChannelIconChange", "ChannelPinnedMessage",
    "GuildMemberJoin", "ThreadCreated",
}  # fmt: skip
"""Types of Discord's own messages, which are no posts."""
_SLACK_NOTICES = ("channel_", "group_", "bot_add", "bot_remove", "pinned_item", "tombstone")
"""How the subtypes of Slack's own messages begin."""

Record = dict[str, Any]


def is_notice(record: Record) -> bool:
    """Whether a message of a chat is one of the application itself, such as "Ann joined".

    Parameters
    ----------
    record : dict
        A message.
    """
    if record.get("type") == "service" and "actor" in record:
        return True
    if str(record.get("subtype", "")).startswith(_SLACK_NOTICES) and "ts" in record:
        return True
    return record.get("type") in _NOTICES and "author" in record and "timestamp" in record


def records(document: Any) -> Iterator[Record]:
    """The records of one document.

    Parameters
    ----------
    document : object
        As read from JSON: a list of objects, an object that is a record, or an envelope that holds records at any
        depth, such as a page of an API. Answers below a post follow it, each with the id of what it answers.
    """
    if not _has_text(document) and (rows := rows_of_table(document)) is not None:
        yield from rows
    elif isinstance(document, list):
        for item in document:
            yield from records(item) if isinstance(item, list) else _item(item) if _is_record(item) else records(item)
    elif isinstance(document, dict):
        if isinstance(document.get("includes"), dict) and "data" in document:
            yield from _with_authors(document)
        elif _is_record(document):
            yield from _item(document)
        else:
            yield from _inside(document)


def _has_text(document: Any) -> bool:
    """Whether a document has a text of its own, and so is neither a table nor around one."""
    return isinstance(document, dict) and (isinstance(document.get("text"), str) or "full_text" in document)


def _item(item: Record) -> Iterator[Record]:
    """A record out of its wrapping, and the answers below it."""
    record = _unwrapped(item)
    lists = _answers(record)
    if not lists:
        yield record
        return
    for key, answers in lists.items():
        record = {**record, key: len(answers)}
    yield record
    top = record.get("snippet", {}).get("topLevelComment") if isinstance(record.get("snippet"), dict) else None
    for answers in lists.values():
        for answer in answers:
            if top is not None:  # the YouTube API describes an answer as it does the comment inside of a thread
                yield {"snippet": {**record["snippet"], "topLevelComment": answer, "totalReplyCount": None}}
                continue
            parent = record.get("name") if str(record.get("name", "")).startswith(("t1_", "t3_")) else record.get("id")
            facts = {} if parent is None or _parent_key(answer) else {"parent_id": parent}
            yield from _item({**answer, **facts})


def _parent_key(record: Record) -> bool:
    return any(key.casefold() in ("parent_id", "parentid", "parent", "in_reply_to_id") for key in record)


def _answers(record: Record) -> dict[str, list[Record]]:
    """Lists of posts of the same kind below a post."""
    lists: dict[str, list[Record]] = {}
    if _ANSWERED.isdisjoint(record):
        return lists
    for key in ANSWERS:
        value = record.get(key)
        if isinstance(value, dict):
            value = max(_lists(value), key=len, default=None)
        items = [_unwrapped(i) for i in value if isinstance(i, dict)] if isinstance(value, list) else []
        items = [i for i in items if _is_post(i)]
        if not items:
            continue
        shared = len(set(items[0]) & set(record)) / len(items[0])
        if shared >= ALIKE or "topLevelComment" in str(record.get("snippet", ""))[:2000]:
            lists[key] = items
    return lists


def _unwrapped(item: Record) -> Record:
    """The object inside of one that only wraps it: `{"kind": …, "data": {…}}`, `{"tweet": {…}}`."""
    if _speaks(item):
        return item
    inner = [(k, v) for k, v in item.items() if isinstance(v, dict)]
    lists = [v for v in item.values() if isinstance(v, list) and v]
    if lists or not inner:
        return item
    posts = [(k, v) for k, v in inner if _is_post(v, SHALLOW - 1)]
    if len(posts) != 1 or posts[0][0] in PARTS:
        return item
    facts = {k: v for k, v in item.items() if k != posts[0][0] and k not in posts[0][1] and k != "reply"}
    return {**posts[0][1], **facts}


def _is_record(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    if isinstance(item.get(_CHAT), list):
        return False
    if _speaks(item) and not _of_posts(item):
        return True
    return not _lists(item) or _unwrapped(item) is not item


def _speaks(item: Record) -> bool:
    """Whether an object has a text or a time itself."""
    return not _SPEAKING.isdisjoint(map(str.casefold, item))


def _of_posts(envelope: Record) -> bool:
    """Whether an object with a title or a time of its own is the envelope of a list of posts all the same."""
    if not _is_post(envelope):
        return any(_posts(some) for some in _lists(envelope))
    inner = [envelope, *(v for k, v in envelope.items() if isinstance(v, dict) and k not in _ANSWERED)]
    return any(isinstance(v[k], list) and v[k] and _posts(v[k]) for v in inner for k in _LISTED & v.keys())


def _is_post(item: Any, depth: int = SHALLOW) -> bool:
    """Whether an object has a text and a time."""
    return bool(_meanings(item, depth) >= {"text", "time"})


def _meanings(item: Any, depth: int) -> set[str]:
    if not isinstance(item, dict):
        return set()
    names = {key.casefold() for key in item}
    meanings = ({"text"} if names & _TEXT else set()) | ({"time"} if names & _TIME else set())
    for value in item.values() if depth and len(meanings) < len(("text", "time")) else ():
        meanings |= _meanings(value, depth - 1)
    return meanings


def _posts(items: list[Any]) -> bool:
    """Whether most of a list are posts."""
    some = items[:LIST_SAMPLE]
    return sum(_is_post(i) for i in some) * 2 > len(some)


def _inside(envelope: Record) -> Iterator[Record]:
    """The records in an envelope, with the facts of the chat that they belong to."""
    if isinstance(envelope.get(_CHAT), list):
        facts = {f"chat.{k}": v for k, v in envelope.items() if k != _CHAT and not isinstance(v, list)}
        facts |= {f"chat.{k}.count": len(v) for k, v in envelope.items() if k == "participants" and isinstance(v, list)}
        yield from ({**m, **facts} for m in envelope[_CHAT] if isinstance(m, dict))
        return
    lists = _lists(envelope)
    if not lists:
        yield envelope
        return
    if any(_CHAT in item for some in lists for item in some):
        for some in lists:
            for item in some:
                yield from _inside(item) if _CHAT in item else ()
        return
    for item in max(lists, key=lambda some: (_posts(some), len(some))):
        yield from _item(item) if _is_record(item) else records(item)


def _lists(value: Any, depth: int = 0) -> list[list[Record]]:
    """Lists of objects at any depth, and objects of like objects that stand for one."""
    if depth > SEARCHED or not isinstance(value, dict):
        return []
    lists: list[list[Record]] = []
    for inner in value.values():
        if isinstance(inner, list):
            items = [i for i in inner if isinstance(i, dict)]
            if items and len(items) == len(inner):
                lists.append(items)
        elif isinstance(inner, dict):
            lists += _lists(inner, depth + 1)
    objects = [v for v in value.values() if isinstance(v, dict)]
    if len(objects) > 1 and len(objects) == len(value) and all(_meanings(o, 0) for o in objects):
        lists.append(objects)
    return lists


def _with_authors(page: Record) -> Iterator[Record]:
    """Posts of a page of the X API with their authors, which stand apart from them."""
    users = {str(u.get("id")): u for u in page["includes"].get("users", []) if isinstance(u, dict)}
    data = page["data"] if isinstance(page["data"], list) else [page["data"]]
    facts = {"__twarc": page["__twarc"]} if isinstance(page.get("__twarc"), dict) else {}
    for post in data:
        if isinstance(post, dict):
            author = users.get(str(post.get("author_id")))
            yield {**post, **({"author": author} if author and "author" not in post else {}), **facts}
