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

_UNKNOWN = N_("an unnamed platform")


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
