"""Trace: topics, edges, cascades with forecast and rumour score, and co-sharing groups of a window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib import nlp, spread
from crisislib.core.finding import Finding
from crisislib.core.memory_database import session
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext
from crisislib.engine.home import Home
from crisislib.engine.label_changes import changed_labels
from crisislib.lake import Lake

FORECAST = ("forecast_lo", "forecast", "forecast_hi", "forecast_method")
RUMOUR = ("rumour_p", "reasons")


@dataclass(frozen=True)
class Traced:
    """The spread of a window: POSTS, EDGES and ACCOUNTS as they were traced, the stories, and their findings.

    Attributes
    ----------
    posts : pyarrow.Table
        POSTS rows of the window.
    edges : pyarrow.Table
        EDGES rows among them.
    accounts : pyarrow.Table
        ACCOUNTS rows of their authors.
    cascades : pandas.DataFrame
        CASCADES rows, the largest first.
    findings : list of Finding
        Of spread, forecast and rumour score.
    """

    posts: pa.Table
    edges: pa.Table
    accounts: pa.Table
    cascades: pd.DataFrame
    """CASCADES, the largest first."""
    findings: list[Finding]

    def spreaders(self, tree: pd.DataFrame) -> pd.DataFrame:
        """Accounts of a story by the posts that came through them, with `name_masked`; empty where none passed on.

        Parameters
        ----------
        tree : pandas.DataFrame
            The posts of the story: `post_id`.

        Returns
        -------
        pandas.DataFrame
            As :func:`crisislib.spread.spreaders` gives them, with `name_masked`.
        """
        if tree.empty:
            return tree
        ids = pa.array(tree["post_id"].astype(str))
        posts = self.posts.filter(pc.is_in(self.posts["post_id"], ids))
        edges = self.edges.filter(pc.is_in(self.edges["dst"], ids))
        result = spread.spreaders(posts, edges, self.accounts)
        names = self.accounts.select(["account_id", "name_masked"]).to_pandas().drop_duplicates("account_id")
        named: pd.DataFrame = result.merge(names, on="account_id", how="left")
        return named.assign(name_masked=named["name_masked"].fillna(""))


def rumour_models(home: Home, watch: Watch) -> Path:
    """Folder of the rumour models taught for a watch.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.

    Returns
    -------
    Path
        Made if missing.
    """
    return home.lake.artifact(watch.watch, "models", "rumours")


def topics(ctx: RunContext) -> list[Finding]:
    """Find the topics of the window and store them; their identities stay from run to run.

    Parameters
    ----------
    ctx : RunContext
        The run.

    Returns
    -------
    list of Finding
        Topics, then stories that were copied.
    """
    ctx.progress("topics", 0, 1)
    # In one order however the lake's files lie: where clusters begin follows from the order of the posts.
    posts = ctx.lake.arrow("POSTS", **ctx.scope()).sort_by([("created_at", "ascending"), ("post_id", "ascending")])
    state = ctx.lake.artifact(ctx.watch.watch, "models", "topics")
    result = nlp.discover_topics(posts, ctx.watch, now=ctx.window.now, state=state)
    ctx.append("LABELS", changed_labels(ctx.lake, ctx.watch, result.labels))
    ctx.append("TOPICS", result.topics)
    rows = ctx.lake.sql("LABELS", **ctx.scope()).filter("label IN ('narrative', 'form')").to_arrow_table()
    stories = nlp.narrative_table(rows, posts, now=ctx.window.at)
    ctx.progress("topics", 1, 1)
    return [
        *result.findings,
        *nlp.narrative_findings(
            stories, pc.sum(pc.equal(rows["label"], "narrative")).as_py() or 0, zone=ctx.watch.zone
        ),
    ]


def trace(ctx: RunContext) -> Traced:
    """Build and store edges, cascades with forecast and rumour score, and co-sharing groups of the window.

    Parameters
    ----------
    ctx : RunContext
        The run.

    Returns
    -------
    Traced
        Posts, edges, accounts, cascades (largest first) and findings.

    Notes
    -----
    It reads nothing that the decisions of this run make, and they read of it only what earlier runs have stored, so
    that a replay decides as the monitor did.
    """
    ctx.progress("spread", 0, 3)
    watch, at = ctx.watch, ctx.window.at
    posts = ctx.lake.arrow("POSTS", **ctx.scope())
    accounts = accounts_of(ctx.lake, posts)
    edges = spread.infer_edges(posts, accounts, watch=watch, now=ctx.window.now)
    ctx.append("EDGES", edges)
    ctx.progress("spread", 1, 3)
    groups = spread.detect_coordination(posts, watch=watch, now=at)
    ctx.append("GROUPS", groups)
    stories = ctx.lake.sql("LABELS", **ctx.scope()).filter("label = 'narrative'").to_arrow_table()
    findings = list(spread.findings(posts, edges, accounts, groups, now=at, narratives=stories, zone=watch.zone))
    ctx.progress("spread", 2, 3)
    cascades = spread.measure_cascades(posts, edges, accounts, watch=watch, now=at)
    ahead = spread.forecast_stories(posts, edges, accounts, watch=watch, now=at)
    own = spread.taught_rumours(rumour_models(ctx.home, watch))
    rumours = spread.rumour_score(posts, edges, accounts, watch=watch, now=at, taught=own)
    table = _with_outlook(cascades, ahead.table, rumours.table)
    ctx.append("CASCADES", table)
    ctx.progress("spread", 3, 3)
    largest_first = table.to_pandas().sort_values(["n", "root_id"], ascending=[False, True]).reset_index(drop=True)
    return Traced(posts, edges, accounts, largest_first, [*findings, *ahead.findings, *rumours.findings])


def _with_outlook(cascades: pa.Table, ahead: pd.DataFrame, rumours: pd.DataFrame) -> pa.Table:
    """Cascades with the columns that forecast and rumour score know of the same stories."""
    frame = cascades.to_pandas().set_index("root_id")
    for table, columns in ((ahead, FORECAST), (rumours, RUMOUR)):
        known = table.drop_duplicates("root_id").set_index("root_id")
        for column in columns:
            frame[column] = known[column].reindex(frame.index)
    return conform(frame.reset_index(), "CASCADES")


def accounts_of(lake: Lake, posts: pa.Table) -> pa.Table:
    """The present state of the accounts that wrote some posts.

    Parameters
    ----------
    lake : Lake
        The lake.
    posts : pyarrow.Table
        POSTS rows.

    Returns
    -------
    pyarrow.Table
        ACCOUNTS rows, one an account.
    """
    db = session()
    db.register("posts", posts)
    db.register("accounts", lake.sql("ACCOUNTS").to_arrow_table())
    query = "SELECT * FROM accounts WHERE account_id IN (SELECT account_id FROM posts)"
    return conform(db.sql(query).to_arrow_table(), "ACCOUNTS")


def path_to(posts: pa.Table, edges: pa.Table, post_id: str) -> pd.DataFrame:
    """How a story came to one post; see :func:`crisislib.spread.path`.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS rows of the story.
    edges : pyarrow.Table
        EDGES rows among them.
    post_id : str
        Where the path ends.

    Returns
    -------
    pandas.DataFrame
        One row a post on the way, from the origin.
    """
    return spread.path(posts, edges, post_id)
