"""Share of voice of the brand and of each competitor: last week, and the week before."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pandas as pd
import pyarrow as pa

from crisislib.core.brand_match import competitors_asked
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import whole_percents
from crisislib.engine.context import RunContext

WEEK = timedelta(days=7)
"""Over which shares are taken: days of the week differ."""
MOST_POSTS = 20
"""Posts that the sentence leads to; the others are found by their labels."""
LEAST = 10
"""Posts that name anybody, below which shares of a week say nothing."""
SHARES = N_(
    "{n} {n:post|posts} of the last 7 days name the brand or a competitor; {share} of the mentions are of the brand."
)
LIMIT = N_("Only what was collected: a query that asks for one brand finds little of the others.")
_NAMED = """
    SELECT DISTINCT n.post_id, n.created_at > $middle AS late, w.owner
    FROM named n JOIN owners w USING (word) JOIN posts p USING (post_id) LEFT JOIN spoken s USING (post_id)
    WHERE coalesce(s.voice, CASE p.kind WHEN 'repost' THEN 'repost' ELSE 'original' END) NOT IN ('repost', 'own')
"""
"""Who is named in which post; as for the signal `share_of_voice`, neither bare reposts nor the brand itself count."""
_WORDS = """
    SELECT post_id, created_at, lower(unnest(from_json(evidence -> 'words', '["VARCHAR"]'))) AS word
    FROM rows WHERE label = 'entity'
"""


def market_voice(ctx: RunContext) -> list[Finding]:
    """How the talk of the last week is shared among the brand and its competitors.

    Parameters
    ----------
    ctx : RunContext
        The run.

    Returns
    -------
    list of Finding
        `market.voice` with a table: `name` (empty for the brand), `n` posts, `share` and `before` (0-1, of all
        mentions: a post that names several counts for each, so that the shares add up to one). Empty where the watch
        names no competitors, where too few posts name anybody, or where its query does not ask for them and no post is
        about them alone.
    """
    watch = ctx.watch
    if not watch.brand.competitors:
        return []
    rows = _named(ctx)
    late, early = rows[rows["late"]], rows[~rows["late"]]
    n, before = late["post_id"].nunique(), early["post_id"].nunique()
    brand = late.loc[late["owner"] == "", "post_id"]
    if n < LEAST or (n == len(brand) and not competitors_asked(watch)):
        return []
    counts = [(name, int((late["owner"] == name).sum()), int((early["owner"] == name).sum()))
              for name in ("", *watch.brand.competitors)]  # fmt: skip
    table = pd.DataFrame(counts, columns=["name", "n", "before"])
    earlier = table["before"] / table["before"].sum() if before >= LEAST else float("nan")
    table = table.assign(share=table["n"] / table["n"].sum(), before=earlier)[["name", "n", "share", "before"]]
    table = table.sort_values("n", ascending=False, kind="stable").reset_index(drop=True)
    mine = float(table.loc[table["name"] == "", "share"].iloc[0])
    facts = {"n": f"{n:,}", "share": whole_percents(mine)}
    shown = tuple(late.sort_values("post_id")["post_id"].drop_duplicates().head(MOST_POSTS))
    return [Finding("market.voice", SHARES, facts, table, shown, n, (LIMIT,))]


def _named(ctx: RunContext) -> pd.DataFrame:
    """`post_id`, `late` (of the last week) and `owner` (empty for the brand): one row for each name in a post."""
    watch, until = ctx.watch, ctx.window.at
    owners = {word.lstrip("@#").lower(): "" for word in watch.brand.names}
    for name, words in watch.brand.competitors.items():
        owners |= {bare: name for word in words if (bare := word.lstrip("@#").lower()) not in owners}
    labels, posts = (
        ctx.lake.sql(table, watch=watch.watch, since=until - 2 * WEEK, until=until) for table in ("LABELS", "POSTS")
    )
    db = duckdb.connect()
    db.register("named", labels.query("rows", _WORDS).to_arrow_table())
    spoken = labels.query("rows", "SELECT post_id, \"value\" AS voice FROM rows WHERE label = 'voice'")
    db.register("spoken", spoken.to_arrow_table())
    db.register("posts", posts.project("post_id, kind").to_arrow_table())
    db.register("owners", pa.table({"word": list(owners), "owner": list(owners.values())}))
    made: pd.DataFrame = db.execute(_NAMED, {"middle": until - WEEK}).df()
    return made
