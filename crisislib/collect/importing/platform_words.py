"""The platform that the words of column names, or of a file's name, speak of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crisislib.collect.importing.addresses import read_address
from crisislib.core.platforms import SPELLINGS

_BY_COLUMN = {
    "weibo": r"微博|博文|^attitudes count$|^reposts count$|weibo|@用户|头条文章",
    "x": r"\b(re)?tweet(s|ed|er)?\b|twitter|^(in reply to|quoted|retweeted) status id( str)?$",
    "reddit": r"subreddit|upvote ratio|link flair|^selftext$",
    "xhs": r"小红书|笔记|xsec token|xiaohongshu|rednote",
    "douyin": r"抖音|aweme|douyin",
    "tiktok": r"tiktok|\bdigg count\b|^video web url$|^(stats )?digg count$",
    "bilibili": r"\bbvid\b|\bavid\b|\brpid\b|\buname\b|弹幕|danmaku|b站|bilibili|哔哩|投币",
    "zhihu": r"知乎|zhihu|voteup count",
    "tieba": r"贴吧|tieba|楼层",
    "wechat": r"公众号|微信|wechat|在看数|^str content$|^talker( id)?$",
    "youtube": r"youtube|^channel title$|^video (title|id)$|text display",
    "telegram": r"telegram|^peer id$|^fwd from$|^channel username$|date unixtime",
    "instagram": r"instagram|^owner username$|^short ?code$|^edge liked by",
    "facebook": r"facebook|^haha( count)?$|^page name$",
    "bluesky": r"bluesky|^record created at$",
    "linkedin": r"linkedin",
    "googleplay": r"google play|thumbs up count|review created version|^star rating$|review submit",
    "appstore": r"app store|^user rating$|^im version$",
    "forum": r"^forum (id|name)$|^poster id$|^post subject$|^topic title$",
    "news": r"^guid is perma link$|^link href$|^pub date$",
    "trustpilot": r"trustpilot|date of experience",
}  # fmt: skip
"""Platform -> pattern over a column name in words; these are the platforms' own terms."""
_PATTERNS = {platform: re.compile(pattern) for platform, pattern in _BY_COLUMN.items()}
_NAMES = {
    **{p: p for p in _BY_COLUMN if p not in ("x", "xhs")},
    **SPELLINGS,
    "tweets": "x", "mastodon": "mastodon", "kuaishou": "kuaishou", "豆瓣": "douban", "google_play": "googleplay",
    "google-play": "googleplay", "app_store": "appstore", "threads": "threads", "signal": "signal", "slack": "slack",
}  # fmt: skip


def platform_of_columns(names: Sequence[str]) -> str | None:
    """The platform whose own terms the column names have; None where none, or several as much.

    Parameters
    ----------
    names : sequence of str
        Column names in words.
    """
    hits = {p: sum(pattern.search(n) is not None for n in names) for p, pattern in _PATTERNS.items()}
    if hits["douyin"]:  # both of one house, which calls its likes diggs
        hits["tiktok"] = 0
    most = max(hits.values())
    best = [p for p, n in hits.items() if n == most]
    return best[0] if most and len(best) == 1 else None


def platform_above(lines: str) -> str | None:
    """The one platform to which the addresses in the lines above a table lead.

    Parameters
    ----------
    lines : str
        Such as `URL: https://…` in an export of the comments below one post.
    """
    led = {read_address(a).platform for a in re.findall(r"https?://[^\s\"',;]+", lines)} - {None}
    return led.pop() if len(led) == 1 else None


def platform_of_file(name: str) -> str | None:
    """The one platform that a file's name speaks of.

    Parameters
    ----------
    name : str
        File name, with the sheet or table.
    """
    folded = name.casefold()
    if folded.endswith(" [x]"):  # a sheet of that name; in a longer name the letter says nothing
        return "x"
    spoken = {platform for word, platform in _NAMES.items() if word in folded}
    return spoken.pop() if len(spoken) == 1 else None
