"""A drill's news: the newest articles as a feed, older ones as the story list of a media database."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd

MEDIA_CLOUD = "stories_id,publish_date,title,url,language,ap_syndicated,themes,media_id,media_name,media_url"
FEED_ITEMS = 1_000
"""Articles in the feed, the newest: real feeds hold no more, and a source refuses one of tens of megabytes."""


def media_cloud(f: pd.DataFrame) -> pd.DataFrame:
    """Articles as the rows of a Media Cloud story list.

    Parameters
    ----------
    f : pandas.DataFrame
        News posts in text form, from :mod:`crisislib.simulation.made_exports`.

    Returns
    -------
    pandas.DataFrame
        One row an article; some of the columns of :data:`MEDIA_CLOUD`.
    """
    return pd.DataFrame(
        {
            "stories_id": f["post"],
            "publish_date": f["at"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "title": f["text"],
            "url": f["url"],
            "language": f["lang"],
            "media_name": f["name"],
        }
    )


def write_feed(f: pd.DataFrame, path: Path) -> Path:
    """Write articles as an RSS 2.0 feed; the outlet stands as the item's author.

    Parameters
    ----------
    f : pandas.DataFrame
        News posts in text form, from :mod:`crisislib.simulation.made_exports`.
    path : Path
        File to write.

    Returns
    -------
    Path
        The file.
    """
    cells = zip(f["text"], f["url"], f["name"], f["at"].dt.strftime("%a, %d %b %Y %H:%M:%S +0000"), strict=True)
    items = [
        f"<item><title>{escape(title)}</title><link>{escape(url)}</link><guid>{escape(url)}</guid>"
        f"<dc:creator>{escape(who)}</dc:creator><pubDate>{when}</pubDate><description>{escape(title)}</description></item>"
        for title, url, who, when in cells
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    head += '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
    about = (
        "<title>Drill news</title><link>https://news.example/</link><description>News of a made-up brand</description>"
    )
    path.write_text(head + about + "\n".join(items) + "</channel></rss>\n", encoding="utf-8")
    return path
