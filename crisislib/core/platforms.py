"""What platforms are called: POSTS holds a code, a reader gets the name that people use."""

from __future__ import annotations

from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase

PLATFORMS: dict[str, str] = {
    "weibo": N_("Weibo"),
    "wechat": N_("WeChat"),
    "douyin": N_("Douyin"),
    "kuaishou": N_("Kuaishou"),
    "bilibili": N_("Bilibili"),
    "xhs": N_("Xiaohongshu"),
    "zhihu": N_("Zhihu"),
    "tieba": N_("Baidu Tieba"),
    "toutiao": N_("Toutiao"),
    "x": N_("X (Twitter)"),
    "threads": N_("Threads"),
    "tiktok": N_("TikTok"),
    "youtube": N_("YouTube"),
    "facebook": N_("Facebook"),
    "instagram": N_("Instagram"),
    "linkedin": N_("LinkedIn"),
    "reddit": N_("Reddit"),
    "mastodon": N_("Mastodon"),
    "bluesky": N_("Bluesky"),
    "telegram": N_("Telegram"),
    "news": N_("news sites"),
    "forum": N_("forums"),
    "blog": N_("blogs"),
    "web": N_("the web"),
}
"""Code of a platform -> its name; gettext ids."""
SPELLINGS: dict[str, str] = {
    "twitter": "x", "推特": "x", "微博": "weibo", "新浪微博": "weibo", "小红书": "xhs", "xiaohongshu": "xhs",
    "rednote": "xhs", "抖音": "douyin", "知乎": "zhihu", "贴吧": "tieba", "微信": "wechat", "b站": "bilibili",
    "哔哩哔哩": "bilibili", "快手": "kuaishou",
}  # fmt: skip
"""Other names by which people call a platform -> its code."""
SPOKEN: dict[str, str] = {
    r"twitter|^x( |$|/|\()": "x", "weibo|微博": "weibo", "wechat|weixin|微信|公众号": "wechat",
    "xiaohongshu|rednote|小红书": "xhs", "douyin|抖音": "douyin", "facebook": "facebook", "instagram": "instagram",
    "youtube": "youtube", "tiktok": "tiktok", "reddit": "reddit", "linkedin": "linkedin", "bluesky": "bluesky",
    "mastodon": "mastodon", "telegram": "telegram", "^threads": "threads",
}  # fmt: skip
"""Pattern over what a tool writes for a platform, lower case (`X (formerly Twitter)`, `Facebook Page`) -> its code."""

_UNKNOWN = N_("an unnamed platform")


def account_code(account: str) -> str:
    """An account as tables hold it, `platform:id`, however its platform is called.

    Parameters
    ----------
    account : str
        As people write it: `twitter:123`, `微博:123`.

    Returns
    -------
    str
        `x:123`, `weibo:123`; what names no platform stays as it is.
    """
    platform, colon, identity = account.strip().partition(":")
    code = platform.strip().casefold()
    return f"{SPELLINGS.get(code, code)}:{identity.strip()}" if colon else account.strip()


def platform_name(code: object) -> Phrase | str:
    """The name of a platform in the reader's language, when it is shown; a code without a name stays as it is.

    Parameters
    ----------
    code : object
        A code of the column `platform`; None, NaN or an empty one is the unknown platform.

    Returns
    -------
    Phrase or str
        Rendered later in the reader's language.
    """
    if not isinstance(code, str) or not code:
        return Phrase(_UNKNOWN)
    return Phrase(PLATFORMS[code]) if code in PLATFORMS else code
