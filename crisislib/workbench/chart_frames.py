"""Reductions of the tables of a report to the small frames that charts are drawn from."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.workbench.evidence_table import short
from crisislib.workbench.report_context import ReportContext

OUTSIDE = N_("outside all topics")
MOST_WINDOWS = 400  # windows in one picture; more cannot be told apart
Z_975 = 1.959963984540054  # 97.5 % point of the normal distribution


def window_seconds(context: ReportContext) -> int:
    """Seconds of a window: that of the watch, coarser where the window that is read is long.

    Parameters
    ----------
    context : ReportContext
        The watch, and the window that is read.

    Returns
    -------
    int
        At least the watch's own step; such that at most :data:`MOST_WINDOWS` stand in a chart, up to a week.
    """
    base = context.watch.window.step_minutes * 60
    if context.since is None:
        return base
    wanted = (context.until - context.since).total_seconds() / MOST_WINDOWS
    return next((s for s in (base, 3600, 10800, 21600, 86400, 604800) if s >= max(base, wanted)), 604800)


def signals(context: ReportContext, names: Sequence[str] = ()) -> pd.DataFrame:
    """SIGNALS rows in the window, of the finest step that each signal has.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    names : sequence of str
        Signals; all when empty.

    Returns
    -------
    pandas.DataFrame
        By signal and time.
    """
    found = context.sql('SELECT * FROM signals ORDER BY signal, "at"', "SIGNALS")
    found = found[found["signal"].isin(names)] if names else found
    finest = found.groupby("signal")["step_s"].transform("min")
    return found[found["step_s"] == finest]


def negative(context: ReportContext) -> pd.DataFrame:
    """Share of negative posts per window as it was measured: `at`, `share`, `lo`, `hi` (90 %), `n`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        Shares 0-1, by time.
    """
    rows = signals(context, ["negative_share", "negative_share.lo", "negative_share.hi"])
    wide = rows.pivot_table(index="at", columns="signal", values="value", aggfunc="last")
    wide = wide.reindex(columns=["negative_share", "negative_share.lo", "negative_share.hi"])
    wide.columns = pd.Index(["share", "lo", "hi"])
    n = rows[rows["signal"] == "negative_share"].set_index("at")["n_posts"]
    return wide.assign(n=n).dropna(subset=["share"]).reset_index()


def platforms(context: ReportContext) -> pd.DataFrame:
    """Posts per platform: `platform`, `n`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        The platform with most posts first.
    """
    return context.sql("SELECT platform, count(*) AS n FROM posts GROUP BY 1 ORDER BY 2 DESC", "POSTS")


def mood(context: ReportContext) -> pd.DataFrame:
    """Sentiment classes per platform: `group`, `value`, `n`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        One row a platform (`group`) and class (`value`).
    """
    label = context.label_rows("sentiment")
    return context.sql(
        f"""SELECT platform AS "group", s."value" AS "value", count(*) AS n FROM {label} s
            JOIN posts USING (post_id) GROUP BY 1, 2 ORDER BY 1, 2""",
        "POSTS",
    )


def titled(context: ReportContext) -> str:
    """SQL of topic id to its title and words in the reader's language.

    Parameters
    ----------
    context : ReportContext
        Whose language.

    Returns
    -------
    str
        A query in brackets: `topic_id`, `title`, `words`.
    """
    title = "title_zh" if context.language == "zh" else "title_en"
    none = tr(OUTSIDE, context.language).replace("'", "''")
    return f"""(SELECT 'outside' AS topic_id, '{none}' AS title, NULL AS words UNION ALL
                SELECT topic_id, any_value(coalesce({title}, title_en, title_zh, words)) AS title,
                any_value(words) AS words FROM topics GROUP BY topic_id)"""


def stories(context: ReportContext, *, most: int = 15) -> pd.DataFrame:
    """Narratives: `narrative`, `first_id`, `text` (of the earliest held), `first_at`, `last_at`, `n`, `n_platforms`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    most : int
        Narratives at most, the largest first.

    Returns
    -------
    pandas.DataFrame
        One row a narrative of at least two posts.
    """
    label = context.label_rows("narrative")
    found = context.sql(
        f"""SELECT n."value" AS narrative, arg_min(post_id, n.created_at) AS first_id, min(n.created_at) AS first_at,
            max(n.created_at) AS last_at, count(*) AS n, count(DISTINCT platform) AS n_platforms
            FROM {label} n JOIN posts USING (post_id) GROUP BY 1 HAVING count(*) > 1
            ORDER BY n DESC, narrative LIMIT {most}""",
        "POSTS",
    )
    texts = context.posts_by_id(list(found["first_id"])).set_index("post_id")["text"]
    found["text"] = [short(texts.get(i), 160) for i in found["first_id"]]
    return found


def members(context: ReportContext, root: str) -> pd.DataFrame:
    """The tree below a root: `post_id`, `parent_id`, `at`, `account_id`, `platform`, `label` (masked), `ghost`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    root : str
        Post id of the root.

    Returns
    -------
    pandas.DataFrame
        One row a post, by time, the root included; `ghost` where the post itself is not in the data.
    """
    found = context.sql(
        """WITH RECURSIVE best AS (  -- of several runs' edges into a post the surest, so that they form a tree
               SELECT src, dst, "at" FROM edges WHERE dst <> $root AND src <> dst
               QUALIFY row_number() OVER (PARTITION BY dst ORDER BY confidence DESC, made_at DESC, src) = 1),
             below(post_id, parent_id, at_edge) AS (
               SELECT $root, NULL::VARCHAR, NULL::TIMESTAMPTZ
             UNION ALL
               SELECT e.dst, e.src, e."at" FROM best e JOIN below b ON e.src = b.post_id)
           SELECT b.post_id, b.parent_id, coalesce(p.created_at, b.at_edge) AS "at", p.account_id, p.platform,
                  coalesce(a.name_masked, '') AS label, p.post_id IS NULL AS ghost
           FROM below b LEFT JOIN posts p USING (post_id)
           LEFT JOIN (SELECT account_id, any_value(name_masked) AS name_masked FROM accounts GROUP BY 1) a
                  USING (account_id)
           ORDER BY "at", b.post_id""",
        "POSTS",
        "EDGES",
        "ACCOUNTS",
        root=root,
    )
    return found.drop_duplicates("post_id")


def cascades(context: ReportContext) -> pd.DataFrame:
    """CASCADES of the watch that began in the window, the biggest first.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        CASCADES.
    """
    found = context.sql("SELECT * FROM cascades ORDER BY n DESC, root_id", "CASCADES")
    return found if context.since is None else found[found["last_at"] >= pd.Timestamp(context.since)]


def json_frame(cell: object, columns: Sequence[str]) -> pd.DataFrame:
    """A JSON cell as a frame: a list of objects, a list of lists, or an object of lists.

    Parameters
    ----------
    cell : object
        JSON text; anything else counts as empty.
    columns : sequence of str
        Columns of the frame, and the order within inner lists.

    Returns
    -------
    pandas.DataFrame
        Exactly these columns; missing ones are null.
    """
    held = json.loads(cell) if isinstance(cell, str) and cell.strip() else []
    if isinstance(held, list) and held and not isinstance(held[0], dict):
        held = [dict(zip(columns, row, strict=False)) for row in held]
    return pd.DataFrame(held).reindex(columns=list(columns))


def drivers(cell: object) -> pd.DataFrame:
    """Forms of loss in a `drivers` cell of RISKS: `name`, `low`, `high` (mean loss with the form at its ends).

    Parameters
    ----------
    cell : object
        JSON text with `forms`; anything else counts as empty.

    Returns
    -------
    pandas.DataFrame
        One row a form of loss, in currency.
    """
    held = json.loads(cell) if isinstance(cell, str) and cell.strip() else {}
    forms = pd.DataFrame(held.get("forms", [])).reindex(columns=["form", "tornado_lo", "tornado_hi"])
    return forms.rename(columns={"form": "name", "tornado_lo": "low", "tornado_hi": "high"})


def layers(nodes: pd.DataFrame) -> pd.DataFrame:
    """Posts per layer of a tree: `depth`, `n`.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Posts of a tree, see :func:`members`.

    Returns
    -------
    pandas.DataFrame
        `depth` from 0 at the root.
    """
    if nodes.empty:
        return pd.DataFrame(columns=["depth", "n"])
    depth = _depth(nodes)[0]
    return pd.Series(depth[depth >= 0], name="depth").value_counts().sort_index().rename("n").reset_index()


def _depth(nodes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Depth, subtree size and parent index of each node."""
    from crisislib.charts.propagation import sizes

    parent = pd.Index(nodes["post_id"]).get_indexer(pd.Index(nodes["parent_id"].fillna("")))
    depth, size = sizes(parent)
    return depth, size, parent


def growth_curve(nodes: pd.DataFrame, cascade: pd.DataFrame, *, step_s: int) -> pd.DataFrame:
    """Posts so far per window, and reach in proportion to the reach of the whole: `at`, `n`, `reach_lo`, `reach_hi`.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Posts of a tree, see :func:`members`.
    cascade : pandas.DataFrame
        Its row of CASCADES, for the reach of the whole.
    step_s : int
        Seconds of a window; an hour at most.

    Returns
    -------
    pandas.DataFrame
        One row a window with posts; counts are cumulative.
    """
    times = nodes["at"].dropna()
    if times.empty:
        return pd.DataFrame(columns=["at", "n", "reach_lo", "reach_hi"])
    counts = times.dt.floor(f"{min(step_s, 3600)}s").value_counts().sort_index().cumsum()
    found = pd.DataFrame({"at": counts.index, "n": counts.to_numpy()})
    for side in ("reach_lo", "reach_hi"):
        whole = cascade[side].dropna()
        if len(whole):
            found[side] = found["n"] / found["n"].max() * float(whole.iloc[0])
    return found


def forecast(cascade: pd.DataFrame) -> pd.DataFrame:
    """The forecast of a cascade, drawn at its last post: `at`, `lo`, `mid`, `hi`.

    Parameters
    ----------
    cascade : pandas.DataFrame
        Rows of CASCADES.

    Returns
    -------
    pandas.DataFrame
        Posts in the end, with the interval; no row where there is no forecast.
    """
    names = {"last_at": "at", "forecast_lo": "lo", "forecast": "mid", "forecast_hi": "hi"}
    return cascade.rename(columns=names).reindex(columns=list(names.values())).dropna(subset=["mid"])


def bridges(nodes: pd.DataFrame) -> pd.DataFrame:
    """Platforms of a tree: `platform`, `first_at`, `n`, `source` (platform of the parent of its earliest), `lag_h`.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Posts of a tree, see :func:`members`.

    Returns
    -------
    pandas.DataFrame
        One row a platform, the earliest first; `lag_h` in hours after the first post of `source`.
    """
    columns = ["platform", "first_at", "n", "source", "lag_h"]
    if nodes.empty or nodes["platform"].isna().all():
        return pd.DataFrame(columns=columns)
    held = nodes.dropna(subset=["platform", "at"]).sort_values("at")
    of = nodes.set_index("post_id")["platform"]
    found = held.groupby("platform", sort=False).agg(
        first_at=("at", "min"), n=("at", "size"), up=("parent_id", "first")
    )
    found = found.reset_index()
    source = found["up"].map(of)
    found["source"] = source.where(source.notna() & (source != found["platform"]), None)
    first = found.set_index("platform")["first_at"]
    lag = pd.to_datetime(found["first_at"]) - pd.to_datetime(found["source"].map(first))
    found["lag_h"] = lag.dt.total_seconds() / 3600
    return found[columns]


def key_spreaders(nodes: pd.DataFrame) -> pd.DataFrame:
    """Accounts of a tree: `account_id`, `name`, `platform`, `n_through` (posts below theirs), `n_own`, `post_id`.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Posts of a tree, see :func:`members`.

    Returns
    -------
    pandas.DataFrame
        One row an account, the one that most came through first; `post_id` is its most passed-on post.
    """
    columns = ["account_id", "name", "platform", "n_through", "n_own", "post_id"]
    if nodes.empty:
        return pd.DataFrame(columns=columns)
    _, size, parent = _depth(nodes)
    who = nodes["account_id"].fillna("").to_numpy()
    # A post directly below one of the same account would count its branch twice.
    own_child = (parent >= 0) & (who == who[parent])
    found = nodes.assign(n_through=np.where(own_child, 0, size - 1), n_own=1)[who != ""]
    found = found.sort_values("n_through", ascending=False)
    grouped = found.groupby("account_id", sort=False).agg(
        name=("label", "first"),
        platform=("platform", "first"),
        n_through=("n_through", "sum"),
        n_own=("n_own", "sum"),
        post_id=("post_id", "first"),
    )
    people: pd.DataFrame = grouped.reset_index().sort_values("n_through", ascending=False)[columns]
    return people


def filter_posts(context: ReportContext, *, platform: str = "", mood: str = "", topic: str = "") -> pd.DataFrame:
    """Ids of the posts that fit all filters, the most reposted first; an empty filter keeps all.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    platform : str
        Such as `weibo`.
    mood : str
        Class of sentiment.
    topic : str
        Topic id.

    Returns
    -------
    pandas.DataFrame
        One column, `post_id`.
    """
    moods, topics_ = context.label_rows("sentiment"), context.label_rows("topic")
    return context.sql(
        f"""SELECT post_id FROM posts
            WHERE ($platform = '' OR platform = $platform)
              AND ($mood = '' OR post_id IN (SELECT post_id FROM {moods} WHERE "value" = $mood))
              AND ($topic = '' OR post_id IN (SELECT post_id FROM {topics_} WHERE "value" = $topic))
            ORDER BY coalesce(n_reposts, 0) DESC, created_at, post_id""",
        "POSTS",
        platform=platform,
        mood=mood,
        topic=topic,
    )
