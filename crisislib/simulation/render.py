"""From the frame of a drill to POSTS and ACCOUNTS as a collector would have stored them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import conform
from crisislib.simulation.grammar import Ints, Texts
from crisislib.simulation.repost_tree import depths

_PROVINCES = np.array(["浙江", "上海", "广东", "四川", "湖北", "江苏", "北京", "陕西", "湖南", "山东"], dtype=object)
_ADDRESS = {
    "weibo": "https://weibo.example/detail/",
    "x": "https://x.example/i/status/",
    "douyin": "https://douyin.example/video/",
    "reddit": "https://reddit.example/comments/",
    "forum": "https://forum.example/t/",
    "news": "https://news.example/a/",
}
APART = ("weibo", "douyin")
"""Where comments have numbers of their own."""
_CHAIN_LIMIT = 280
"""Letters of a Weibo repost with its chain; twice the 140 of a post, so that some chains are cut as in real exports."""


def chain_texts(frame: pd.DataFrame, names: Texts) -> Texts:
    """Repost texts as platforms show them: `own//@B:B's` on Weibo, `RT @name: text` on X.

    Weibo cuts long chains; what is cut cannot be linked by a reader of the export.

    Parameters
    ----------
    frame : pandas.DataFrame
        `text`, `parent` (row number, -1 without one), `kind`, `platform`; parents stand before their children.
    names : array of object, shape (len(frame),)
        Display name of the author of each row.

    Returns
    -------
    array of object, shape (len(frame),)
        Texts, Weibo chains cut to 280 characters.
    """
    text: Texts = frame["text"].to_numpy(dtype=object).copy()
    parent = frame["parent"].to_numpy()
    repost = (frame["kind"] == "repost").to_numpy() & (parent >= 0)
    plain = np.flatnonzero(repost & (frame["platform"] == "x").to_numpy())
    chained = repost & (frame["platform"] == "weibo").to_numpy()
    chained &= repost[np.maximum(parent, 0)]
    level = depths(parent)
    for depth in range(2, int(level[chained].max(initial=0)) + 1):  # over levels, never over posts
        rows = np.flatnonzero(chained & (level == depth))
        above = parent[rows]
        text[rows] = text[rows] + "//@" + names[above] + ":" + text[above]
        long = rows[np.array(pc.utf8_length(pa.array(text[rows], pa.string())).to_numpy()) > _CHAIN_LIMIT]
        text[long] = pc.utf8_slice_codeunits(pa.array(text[long], pa.string()), 0, _CHAIN_LIMIT).to_numpy(
            zero_copy_only=False
        )
    text[plain] = "RT @" + names[parent[plain]] + ": " + text[parent[plain]]
    return text


def natives(frame: pd.DataFrame, odd: int) -> Texts:
    """Platform ids that grow with time, distinct between the ordinary and the crisis part.

    As the importers form them: comments on Weibo and Douyin count apart from posts and are marked with
    a `c`, news is known by its address.

    Parameters
    ----------
    frame : pandas.DataFrame
        `at_us` (microseconds since 1970), `platform`, `kind`, by time.
    odd : int
        0 for the ordinary part and 1 for the crisis, so that no id occurs twice.

    Returns
    -------
    array of object, shape (len(frame),)
        Platform ids, or addresses of news.
    """
    order = (np.arange(len(frame)) * 2 + odd) % 10_000
    number = (frame["at_us"].to_numpy() // 1_000_000 * 10_000 + order).astype(str).astype(object)
    platform, kind = frame["platform"].to_numpy(), frame["kind"].to_numpy()
    mark = np.where((kind == "comment") & np.isin(platform, APART), "c", "")
    return np.where(platform == "news", _ADDRESS["news"] + number, mark + number)


def counts(rng: np.random.Generator, frame: pd.DataFrame, followers: Ints) -> dict[str, pa.Array]:
    """Likes, reposts, replies and views as shown on the day of collection; null where not shown.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    frame : pandas.DataFrame
        `parent`, `root` (row numbers), `kind`, `platform`.
    followers : array of int, shape (len(frame),)
        Followers of the author of each row.

    Returns
    -------
    dict of str to pyarrow.Array
        `n_reposts`, `n_replies`, `n_likes`, `n_views`, each of len(frame) int64. Reposts and replies are at least
        those in the frame, with about 15 % more that were never collected.
    """
    n, parent, root = len(frame), frame["parent"].to_numpy(), frame["root"].to_numpy()
    passes = np.isin(frame["kind"], ["repost", "quote"])
    answers = np.isin(frame["kind"], ["comment", "reply"])
    shown: dict[str, np.ndarray] = {}
    for name, mine in (("n_reposts", passes), ("n_replies", answers)):
        mine = mine & (parent >= 0)
        under = np.bincount(root[mine], minlength=n)
        direct = np.bincount(parent[mine], minlength=n)
        collected_n = np.maximum(under, direct)
        shown[name] = collected_n + rng.poisson(collected_n * 0.15)
    pull = np.log1p(followers) * 0.3 + 0.7 * np.log1p(shown["n_reposts"] + shown["n_replies"])
    shown["n_likes"] = rng.poisson(np.exp(np.minimum(pull + rng.normal(-1.2, 0.8, n), 13)))
    shown["n_views"] = (shown["n_likes"] + 1) * rng.integers(12, 60, n)
    platform = frame["platform"].to_numpy()
    news, unseen = platform == "news", ~np.isin(platform, ["x", "douyin"])
    hide = {"n_reposts": news | np.isin(platform, ["reddit", "forum", "douyin"]), "n_views": unseen}
    return {k: pa.array(v, pa.int64(), mask=hide.get(k, news)) for k, v in shown.items()}


def posts_table(rng: np.random.Generator, frame: pd.DataFrame, people: pd.DataFrame, watch: str) -> pa.Table:
    """POSTS from a whole frame (`post_id`, `account_id`, `text` and structure already in it).

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws (time of collection, counts, place).
    frame : pandas.DataFrame
        One row a post, in time order; `parent` and `root` are row numbers, `at_us` microseconds.
    people : pandas.DataFrame
        `account_id`, `n_followers`.
    watch : str
        Name of the watch that the posts belong to.

    Returns
    -------
    pyarrow.Table
        In the schema of POSTS.
    """
    n, parent, root = len(frame), frame["parent"].to_numpy(), frame["root"].to_numpy()
    ids, platform = frame["post_id"].to_numpy(dtype=object), frame["platform"].to_numpy(dtype=object)
    at = frame["at_us"].to_numpy()
    # collected each quarter of an hour; one in fifty comes up to six hours late
    late = np.where(rng.random(n) < 0.02, rng.integers(0, 6 * 3600, n), rng.integers(20, 180, n)) * 1_000_000
    step = 900_000_000
    collected = (at // step + 1) * step + late
    alone = parent < 0
    # what a Weibo export holds of a repost is the original, not the one it was passed on from
    unseen = alone | ((platform == "weibo") & (frame["kind"] == "repost").to_numpy())
    followers = people.set_index("account_id")["n_followers"].reindex(frame["account_id"]).to_numpy()
    news = platform == "news"
    native = frame["native"].to_numpy(dtype=object)
    address = np.where(news, native, pd.Series(platform).map(_ADDRESS).to_numpy(dtype=object) + native)
    stamp = pa.timestamp("us", tz="UTC")
    columns = {
        "watch": pa.array(np.full(n, watch, dtype=object)),
        "post_id": ids,
        "collected_at": pa.array(collected).cast(stamp),
        "platform": platform,
        "kind": frame["kind"].to_numpy(dtype=object),
        "account_id": frame["account_id"].to_numpy(dtype=object),
        "created_at": pa.array(at).cast(stamp),
        "created_precision_s": pa.array(np.ones(n, dtype=np.int64)),
        "parent_id": pa.array(ids[np.maximum(parent, 0)], mask=unseen),
        "root_id": pa.array(ids[root], mask=alone),
        "text": frame["text"].to_numpy(dtype=object),
        "lang": pa.array(frame["lang"].to_numpy(dtype=object), mask=platform != "x"),
        "url": address,
        "title": pa.array(frame["text"].to_numpy(dtype=object), mask=~news),
        **counts(rng, frame, followers),
        "place": pa.array(_PROVINCES[rng.integers(len(_PROVINCES), size=n)], mask=platform != "weibo"),
        "source": pa.array(np.full(n, "drill", dtype=object)),
        "extra": _extra(frame),
    }
    return conform(pa.table(columns), "POSTS")


def _extra(frame: pd.DataFrame) -> pa.Array:
    """Links and hashtags as JSON, null where there are none."""
    link, tag = frame["link"].to_numpy(dtype=object), frame["tag"].to_numpy(dtype=object)
    linked, tagged = link != "", tag != ""
    made = np.where(linked, '"urls": ["' + link + '"]', "")
    made = made + np.where(linked & tagged, ", ", "") + np.where(tagged, '"hashtags": ["' + tag + '"]', "")
    return pa.array("{" + made + "}", mask=~(linked | tagged), type=pa.string())


def accounts_table(people: pd.DataFrame) -> pa.Table:
    """ACCOUNTS from the rows of people.

    Parameters
    ----------
    people : pandas.DataFrame
        `account_id`, `platform`, `name`, `n_followers`, `is_verified`, `kind`, `seen_us`, `created_us`
        (microseconds).

    Returns
    -------
    pyarrow.Table
        In the schema of ACCOUNTS; names of unverified people are masked.
    """
    stamp = pa.timestamp("us", tz="UTC")
    name = people["name"].to_numpy(dtype=object)
    open_name = people["is_verified"].to_numpy() | (people["kind"] != "person").to_numpy()
    text = pd.Series(name, dtype="str")
    masked = (text.str[0] + "***" + text.str[-1]).to_numpy(dtype=object)
    return conform(
        pa.table(
            {
                "account_id": people["account_id"].to_numpy(dtype=object),
                "seen_at": pa.array(people["seen_us"].to_numpy()).cast(stamp),
                "platform": people["platform"].to_numpy(dtype=object),
                "name": name,
                "name_masked": np.where(open_name, name, masked),
                "n_followers": people["n_followers"].to_numpy(),
                "is_verified": people["is_verified"].to_numpy(dtype=bool),
                "kind": people["kind"].to_numpy(dtype=object),
                "created_at": pa.array(people["created_us"].to_numpy()).cast(stamp),
            }
        ),
        "ACCOUNTS",
    )
