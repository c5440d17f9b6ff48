"""The newest correction of a watch against the story that it answers: which posts are which, and how both spread."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from crisislib import spread
from crisislib.core.errors import NotEnoughData
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.membership import is_among
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext
from crisislib.engine.home import Home
from crisislib.engine.records import record
from crisislib.engine.trace import Traced, accounts_of
from crisislib.lake import Lake

PUBLIC_KINDS = ("correction", "statement", "holding", "press_conference")
"""Kinds of response that answer a story where everybody can see it, the most telling first."""
SOON = timedelta(hours=2)
"""Within which the brand's own post belongs to a response that was logged without its address."""
LOOK_BACK = timedelta(days=14)
"""Of posts that are read: stories that are answered after a fortnight are others."""


def refutation_findings(ctx: RunContext, traced: Traced) -> list[Finding]:
    """Findings of a run on its newest correction; empty where nothing public was said, or no post of it is known.

    Parameters
    ----------
    ctx : RunContext
        The run.
    traced : Traced
        Its posts, edges, accounts and cascades.

    Returns
    -------
    list of Finding
        `spread.refutation`, `spread.refutation_race`, `spread.refutation_variants`.
    """
    made = _laid_side_by_side(
        ctx.lake, ctx.watch, traced.posts, traced.edges, traced.accounts, story="", correction="", now=ctx.window.at
    )
    return [] if made is None else made.findings


def refutation(
    home: Home, watch: Watch, *, by: str, now: datetime, story: str = "", correction: str = "", collected: float = 1.0
) -> spread.Refutation:
    """Lay a correction beside its story as of now; what comes of it is recorded.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    by : str
        Who asks.
    now : datetime
        Wall clock.
    story, correction : str
        A post of each; the largest story before the newest public response, and that response, when empty.
    collected : float
        Share (0-1] of the posts on the matter that the watch holds.

    Returns
    -------
    Refutation
        Bounds, the race, new versions, findings.

    Raises
    ------
    NotEnoughData
        No public response whose post is known, or no story before it.
    """
    since = now - LOOK_BACK
    posts = home.lake.arrow("POSTS", watch=watch.watch, since=since, until=now)
    edges = home.lake.arrow("EDGES", watch=watch.watch, since=since, until=now)
    accounts = accounts_of(home.lake, posts)
    made = _laid_side_by_side(
        home.lake, watch, posts, edges, accounts, story=story, correction=correction, now=now, collected=collected
    )
    if made is None:
        raise NotEnoughData(
            N_("no public response whose post is known, or no story before it"),
            where=watch.watch,
            do=N_(
                "log the response with its address (crisis respond --url), or name posts with --story and --correction"
            ),
        )
    asked = {"story": story, "correction": correction, "collected": collected}
    record(home, watch, "refutation", made.findings, by=by, now=now, parameters=asked)
    return made


def _laid_side_by_side(
    lake: Lake, watch: Watch, posts: pa.Table, edges: pa.Table, accounts: pa.Table, *, story: str, correction: str,
    now: datetime, collected: float = 1.0,
) -> spread.Refutation | None:  # fmt: skip
    columns = ["post_id", "account_id", "created_at", "url", "kind", "root_id"]
    frame = posts.select(columns).to_pandas().drop_duplicates("post_id", keep="last")
    answers = [correction] if correction else _correction_posts(lake, watch, frame, now)
    at = frame.loc[frame["post_id"].isin(answers), "created_at"].min()
    if pd.isna(at):
        return None
    told = story or _story_post(lake, watch, frame, at)
    if not told:
        return None
    narratives = lake.sql("LABELS", watch=watch.watch).filter("label = 'narrative'").project("post_id, value").df()
    mine = narratives.loc[narratives["post_id"] == told, "value"]
    copies = narratives.loc[narratives["value"].isin(mine), "post_id"]
    return spread.refutation(
        posts, edges, accounts, story={told, *copies} - set(answers), correction=answers, now=now, zone=watch.zone,
        narratives=narratives, collected=collected,
    )  # fmt: skip


def _correction_posts(lake: Lake, watch: Watch, frame: pd.DataFrame, now: datetime) -> list[str]:
    """Posts of the newest public response: by its address, else the brand's own soon after it."""
    log = lake.read("RESPONSES", watch=watch.watch)
    log = log[log["kind"].isin(PUBLIC_KINDS) & (log["at"] <= pd.Timestamp(now))].sort_values("at", ascending=False)
    own = frame[frame["account_id"].isin(watch.brand.accounts) & (frame["kind"] != "repost")]
    for row in log.to_dict("records"):
        named = frame.loc[(frame["url"] == row["url"]) & bool(row["url"]), "post_id"].tolist()
        near = own["created_at"].between(row["at"] - timedelta(minutes=5), row["at"] + SOON)
        if found := named or own.loc[near, "post_id"].tolist():
            return [str(one) for one in found]
    return []


def _story_post(lake: Lake, watch: Watch, frame: pd.DataFrame, at: pd.Timestamp) -> str:
    """The root of the largest story that began before the correction and is not the brand's own."""
    cascades = lake.read("CASCADES", watch=watch.watch)
    own = frame.loc[frame["account_id"].isin(watch.brand.accounts), "post_id"]
    known = cascades[is_among(cascades["root_id"], frame["post_id"]) & ~is_among(cascades["root_id"], own)]
    before = known[known["started_at"] < at].sort_values(["n", "root_id"], ascending=[False, True])
    return "" if before.empty else str(before["root_id"].iloc[0])
