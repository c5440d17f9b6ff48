"""Domains of platforms, and what their addresses look like: data for reading addresses."""

from __future__ import annotations

DOMAINS = {
    "x": "x.com twitter.com mobile.twitter.com nitter.net fxtwitter.com vxtwitter.com",
    "reddit": "reddit.com redd.it",
    "weibo": "weibo.com weibo.cn",
    "facebook": "facebook.com fb.com fb.watch",
    "instagram": "instagram.com instagr.am",
    "tiktok": "tiktok.com",
    "youtube": "youtube.com youtu.be",
    "bilibili": "bilibili.com b23.tv",
    "douyin": "douyin.com iesdouyin.com",
    "kuaishou": "kuaishou.com",
    "xhs": "xiaohongshu.com xhslink.com rednote.com",
    "zhihu": "zhihu.com",
    "tieba": "tieba.baidu.com",
    "wechat": "mp.weixin.qq.com",
    "douban": "douban.com",
    "telegram": "t.me telegram.me",
    "bluesky": "bsky.app",
    "threads": "threads.net threads.com",
    "linkedin": "linkedin.com",
    "vk": "vk.com vk.ru",
    "hackernews": "news.ycombinator.com",
    "discord": "discord.com discordapp.com",
    "quora": "quora.com",
    "tumblr": "tumblr.com",
    "pinterest": "pinterest.com",
    "twitch": "twitch.tv",
    "googleplay": "play.google.com",
    "appstore": "apps.apple.com itunes.apple.com",
    "trustpilot": "trustpilot.com",
    "tripadvisor": "tripadvisor.com",
    "whatsapp": "wa.me whatsapp.com",
    "toutiao": "toutiao.com toutiaocdn.com",
}
"""Platform -> domains, whose subdomains count too."""

PATHS: dict[str, list[tuple[str, str | None]]] = {
    "x": [(r"/+(?:i/web|i|(?P<name>\w+))/status(?:es)?/(?P<id>\d+)", None), (r"/+(?P<name>\w{1,15})/?$", None)],
    "reddit": [
        (r"/comments/(?P<root>\w+)/(?:comment|[^/]*)/(?P<id>\w+)", "comment"),
        (r"/comments/(?P<id>\w+)", "forum"),
        (r"^/(?P<id>\w{5,8})/?$", None),
        (r"/u(?:ser)?/(?P<name>[\w-]+)/?$", None),
    ],
    "weibo": [
        (r"^/+(?:detail|status|statuses)/(?P<id>\w+)", None),
        (r"^/+u/+(?P<account>\d+)", None),
        (r"^/+(?:p/)?(?P<account>\d{2,})/(?P<id>[A-Za-z0-9]{3,20})/?$", None),
        (r"^/+(?P<account>\d{2,})/?$", None),
        (r"^/+n/(?P<name>[^/]+)/?$", None),
    ],
    "facebook": [
        (r"/groups/[^/]+/(?:permalink|posts)/(?P<id>\d+)", None),
        (r"^/(?P<who>[^/]+)/(?:posts|photos|activity)/(?:[^/]+/)*(?P<id>pfbid\w+|\d+)", None),
        (r"^/(?P<who>[^/]+)/videos/(?:[^/]+/)*(?P<id>\d+)", "video"),
        (r"^/reel/(?P<id>\d+)", "video"),
        (r"^/(?P<id>\d+_\d+)/?$", None),
        (r"^/(?P<who>(?!permalink|photo|watch|story|profile|groups|events)[\w.]+)/?$", None),
    ],
    "instagram": [
        (r"^/(?:[\w.]+/)?(?:p|tv|reels?)/(?P<root>[\w-]+)/c/(?P<id>\d+)", "comment"),
        (r"^/(?:(?P<name>[\w.]+)/)?(?:p|tv)/(?P<id>[\w-]+)", None),
        (r"^/(?:(?P<name>[\w.]+)/)?reels?/(?P<id>[\w-]+)", "video"),
        (r"^/(?P<name>[\w.]+)/?$", None),
    ],
    "tiktok": [
        (r"^/@(?P<name>[\w.-]+)/(?:video|photo)/(?P<id>\d+)", "video"),
        (r"^/v/(?P<id>\d+)", "video"),
        (r"^/@(?P<name>[\w.-]+)", None),
    ],
    "youtube": [
        (r"^/(?:shorts|live|embed|v)/(?P<id>[\w-]{6,})", "video"),
        (r"^/@(?P<name>[\w.-]+)", None),
        (r"^/channel/(?P<account>[\w-]+)", None),
    ],
    "bilibili": [
        (r"/video/(?P<id>BV\w+|av\d+)", "video"),
        (r"/(?:opus|read/cv|dynamic)/?(?P<id>\d+)", None),
        (r"^/(?P<account>\d+)/?(?:dynamic)?$", None),
    ],
    "douyin": [
        (r"/(?:share/)?video/(?P<id>\d+)", "video"),
        (r"/note/(?P<id>\d+)", None),
        (r"/user/(?P<account>[\w-]+)", None),
    ],
    "kuaishou": [(r"/(?:short-video|f|photo)/(?P<id>[\w-]+)", "video"), (r"/profile/(?P<account>[\w-]+)", None)],
    "xhs": [
        (r"/(?:explore|discovery/item|search_result)/(?P<id>[0-9a-zA-Z]{6,})", None),
        (r"/user/profile/(?P<account>\w+)", None),
    ],
    "zhihu": [
        (r"/answer/(?P<id>\d+)", None),
        (r"/question/(?P<id>\d+)", None),
        (r"/p/(?P<id>\d+)", None),
        (r"/zvideo/(?P<id>\d+)", "video"),
        (r"/people/(?P<account>[\w-]+)", None),
    ],
    "tieba": [(r"^/p/(?P<id>\d+)", None)],
    "wechat": [(r"^/s/(?P<id>[\w-]{10,})", None)],
    "telegram": [(r"^/(?:s/)?(?P<id>(?P<name>\w+)/\d+)", None), (r"^/(?:s/)?(?P<name>\w+)/?$", None)],
    "bluesky": [(r"^/profile/(?P<name>[\w.:-]+)/post/(?P<id>\w+)", None), (r"^/profile/(?P<name>[\w.:-]+)", None)],
    "threads": [(r"^/@(?P<name>[\w.]+)/post/(?P<id>[\w-]+)", None), (r"^/@(?P<name>[\w.]+)", None)],
    "linkedin": [(r"(?:activity|share|ugcPost)[-:](?P<id>\d+)", None), (r"^/in/(?P<name>[^/]+)", None)],
    "vk": [
        (r"wall(?P<id>(?P<account>-?\d+)_\d+)", None),
        (r"^/id(?P<account>\d+)/?$", None),
        (r"^/(?P<name>[A-Za-z][\w.]*)/?$", None),
    ],
    "discord": [(r"/channels/\d+/\d+/(?P<id>\d+)", None)],
    "trustpilot": [(r"/reviews/(?P<id>\w+)", None)],
    "toutiao": [(r"/(?:article|video|w|a|i|group)/?(?P<id>\d{6,})", None)],
}
"""Platform -> patterns of a path with what they hold, and what stands there; the first that fits counts."""
QUERY = {
    "youtube": (r"(?:^|&)v=(?P<id>[\w-]+)",),
    "facebook": (
        r"story_fbid=(?P<id>\w+)(?:&(?:.*&)?id=(?P<account>\d+))?",
        r"(?:fbid|v)=(?P<id>\d+)",
        r"^id=(?P<account>\d+)",
    ),
    "hackernews": (r"(?:^|&)id=(?P<id>\d+)",),
    "googleplay": (r"reviewId=(?P<id>[\w:.-]+)",),
    "wechat": (r"(?:^|&)sn=(?P<id>\w+)",),
    "weibo": (r"(?:^|&)(?:mid|id)=(?P<id>\d{10,})",),
}
"""Platforms whose ids stand behind the question mark."""
COMMENTS = {
    "facebook": r"(?:^|&)(?:reply_)?comment_id=(?P<id>\w+)(?!.*reply_comment_id)",
    "vk": r"(?:^|&)reply=(?P<id>\d+)",
    "youtube": r"(?:^|&)lc=(?P<id>[\w.-]+)",
}
"""Platforms whose address of a comment is that of its post with the comment's own id behind the question mark."""
