"""What a post points at or repeats: links, hashtags, images, threads, duplicate groups, its words.

Cells that have no column of their own stand in POSTS.extra under the names that the exports give
them, as plain text or as JSON; links and hashtags stand in the text as well. One SQL query reads a
kind for all posts.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from crisislib.core.memory_database import session

CELLS: dict[str, tuple[str, ...]] = {
    "link": ("urls", "url", "links", "link", "Expanded URLs", "Display URLs", "entities.urls", "entity_urls",
             "头条文章url", "article_url", "urls_expanded"),
    "hashtag": ("hashtags", "Hashtags", "entities.hashtags", "话题", "topics", "tag_list", "challenges"),
    "image": ("media", "images", "image_list", "image_urls", "pictures", "pics", "微博图片url", "原始图片url",
              "Media URLs", "images.url"),
    "thread": ("thread_key", "thread_id", "Thread Id", "conversation_id", "question_id"),
    "duplicate": ("cluster_id", "meta_cluster_id", "object_id"),
}  # fmt: skip
"""Kind -> names of the cells of `extra` that hold it."""

SHORT = 12
"""Characters below which equal texts say nothing about each other."""

_URL = r"https?://[^\s\"''<>,;\[\]{}|，。；、）)]+"
_HASH = r"[#＃]([^#＃\s,，。:：!！?？\"]{2,60})"


def _cell(kind: str) -> str:
    """The cells of a kind as one text."""
    parts = ", ".join(f"json_extract_string(extra, '$.\"{name}\"')" for name in CELLS[kind])
    return f"CASE WHEN regexp_matches(extra, '{_names(kind)}') AND json_valid(extra) THEN concat_ws(' , ', {parts}) END"


def _names(kind: str) -> str:
    return "|".join(f'"{name}"'.replace(".", r"\.") for name in CELLS[kind])


_TRACKING = r"#.*$|[?&](utm_\w+|spm|from)=[^&#]*|/+$"
_LINK = f"""regexp_replace(lower(regexp_extract(u, '^https?://([^/?#]+)', 1)), '^www\\.', '')
    || regexp_replace(regexp_extract(u, '^https?://[^/?#]+(.*)$', 1), '{_TRACKING}', '', 'g')"""

QUERIES: dict[str, str] = {
    "link": f"""SELECT row, {_LINK} AS key FROM (SELECT row, unnest(regexp_extract_all(
        concat_ws(' ', text, {_cell("link")}), '{_URL}')) AS u FROM p)""",
    "hashtag": f"""SELECT row, lower(h) AS key FROM (
        SELECT row, unnest(regexp_extract_all(text, '{_HASH}', 1)) AS h FROM p
        UNION ALL SELECT row, unnest(string_split_regex(regexp_replace({_cell("hashtag")},
        '"\\w+":|[\\[\\]{{}}"#＃]', '', 'g'), '[,;|、\\s]+')) AS h FROM p) WHERE NOT regexp_matches(h, '^\\d*$')""",
    "image": f"""SELECT row, m AS key FROM (SELECT row, unnest(string_split_regex(regexp_replace(
        {_cell("image")}, '[\\[\\]{{}}"]', '', 'g'), '[,;|\\s]+')) AS m FROM p) WHERE length(m) > 5""",
    "thread": f"SELECT row, {_cell('thread')} AS key FROM p",
    "duplicate": f"SELECT row, {_cell('duplicate')} AS key FROM p",
    "text": f"""SELECT row, x AS key FROM (SELECT row, regexp_replace(lower(text),
        'https?://\\S+|[@＠][^\\s:：]+[:：]?|[#＃][^\\s#＃]+[#＃]?|\\s+', '', 'g') AS x FROM p WHERE text IS NOT NULL)
        WHERE length(x) >= {SHORT}""",
    "url": f"SELECT row, {_LINK} AS key FROM (SELECT row, url AS u FROM p WHERE url IS NOT NULL)",
}
"""What counts as the same object, as a query over `p` (POSTS and the number of the row)."""


def keys(posts: pa.Table, kind: str) -> pd.DataFrame:
    """The objects of one kind.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS, or some columns of it: `text`, `extra`, `url`.
    kind : str
        One of :data:`QUERIES`.

    Returns
    -------
    pandas.DataFrame
        `row` (position in `posts`), `key`; every pair once, by row and key.
    """
    table = posts.select([c for c in ("text", "extra", "url") if c in posts.column_names])
    table = table.append_column("row", pa.array(range(posts.num_rows), pa.int64()))
    with session() as con:
        con.register("p", table)
        objects: pd.DataFrame = con.sql(
            f"SELECT DISTINCT row, key FROM ({QUERIES[kind]}) WHERE key IS NOT NULL AND key <> '' ORDER BY row, key"
        ).df()
    return objects
