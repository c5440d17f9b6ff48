"""The coverage card: what some posts cover and what they lack, computed once for import, run, page and report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.collect.importing.layout import Layout
from crisislib.core.durations import duration
from crisislib.core.i18n import N_, tr
from crisislib.core.memory_database import session

HEAD = N_(
    "Coverage: {posts} {posts:post|posts} from {first} to {last} ({platforms}); {read} {read:row|rows} read, "
    "{rejected} rejected, {twice} twice"
)
WITHOUT = N_("Posts that lack a part: {shares}")
AUTHOR, TEXT, COUNTS = N_("author {n}"), N_("text {n}"), N_("engagement counts {n}")
FOLLOWERS, PARENT = N_("followers of the author {n}"), N_("the post passed on or answered {n}")
CLOCK = N_("time of day {n}")
GAP = N_("No post from {first} to {last} ({span}), where about {n} were to be expected")
REPOSTS = N_("The counters say {stated} reposts, {collected} are collected")
REPLIES = N_("The counters say {stated} replies, {collected} are collected")
UNUSED = N_("Columns kept as they were written, in extra: {columns}")
NEEDED = {"post_id", "created_at", "collected_at", "platform", "kind", "account_id", "parent_id", "text", "n_reposts"}
"""Columns of POSTS without which there is no card."""
EXPECTED = 5.0
"""Posts that a gap must lack: by a Poisson law so many fail to come by chance in less than one of a hundred gaps."""
DAYS = 4
"""Days from which each hour of the day has a usual number of its own; less would take a night for a gap."""
NIGHT_H = 12
"""Hours that a gap must last where the usual night is not known."""
NAMED, COLUMNS = 3, 12
"""Gaps and columns that are named; the longest and the fullest are what a reader acts on."""
SMALL = 0.005
"""A share below half a percent is left out: it rounds to nothing."""
SAMPLE = 500
"""Posts whose unused cells are looked at."""

_TWICE = "SELECT count(DISTINCT hash(post_id)) < count(*) AS twice FROM posts"
_ONCE = """
SELECT post_id, platform, kind, account_id, parent_id, length(text) AS size, created_at,
    created_precision_s AS precision_s, n_reposts, n_replies, coalesce(n_likes, n_reposts, n_replies, n_views) AS n
FROM posts
"""
"""The same as the next where each post stands once, as in one export: a tenth of the time and of the memory."""
_LATEST = """
SELECT post_id, arg_max(platform, collected_at) AS platform, arg_max(kind, collected_at) AS kind,
    arg_max(account_id, collected_at) AS account_id, arg_max(parent_id, collected_at) AS parent_id,
    max(length(text)) AS size, max(created_at) AS created_at, max(created_precision_s) AS precision_s,
    max(n_reposts) AS n_reposts, max(n_replies) AS n_replies, max(coalesce(n_likes, n_reposts, n_replies, n_views)) AS n
FROM posts GROUP BY post_id
"""
_SHARES = """
SELECT count(*) AS posts, min(created_at) AS first, max(created_at) AS last,
    count(*) FILTER (account_id IS NULL) AS author, count(*) FILTER (coalesce(size, 0) = 0) AS text,
    count(*) FILTER (n IS NULL) AS counts, count(*) FILTER (precision_s >= 86400) AS clock,
    count(*) FILTER (kind IN ('repost', 'reply', 'comment', 'quote') AND parent_id IS NULL) AS parent,
    coalesce(sum(n_reposts) FILTER (kind <> 'repost'), 0) AS stated_reposts,
    coalesce(sum(n_replies) FILTER (kind <> 'repost'), 0) AS stated_replies,
    count(*) FILTER (kind = 'repost' AND parent_id IN (SELECT post_id FROM latest)) AS reposts,
    count(*) FILTER (kind IN ('reply', 'comment') AND parent_id IN (SELECT post_id FROM latest)) AS replies
FROM latest
"""


@dataclass(frozen=True)
class CoverageCard:
    """What some posts cover.

    Attributes
    ----------
    facts : Mapping of str to object
        `posts`, `first`, `last`, `platforms` (name -> posts), `without` (part -> share of posts), `gaps` (list of
        first, last, hours, expected), `stated` and `collected` (reposts, replies), `unused` (columns), and of the
        records `read`, `rejected`, `twice`. Empty where there are no posts.
    zone : ZoneInfo
        In which times are written.
    """

    facts: Mapping[str, object]
    zone: ZoneInfo

    def lines(self, language: str) -> list[str]:
        """The whole card.

        Parameters
        ----------
        language : str
            `zh` or `en`.
        """
        if not self.facts:
            return []
        platforms = self._dict("platforms")
        ends = {"first": self._local(self.facts["first"]), "last": self._local(self.facts["last"])}
        counts = {name: f"{self.facts[name]:,}" for name in ("posts", "read", "rejected", "twice")}
        named = ", ".join(f"{name} {n:,}" for name, n in platforms.items())
        head = tr(HEAD, language, platforms=named, **ends, **counts)
        return [head, *self.details(language)]

    def details(self, language: str) -> list[str]:
        """What is lacking, without the numbers of rows.

        Parameters
        ----------
        language : str
            `zh` or `en`.
        """
        if not self.facts:
            return []
        shares = {part: share for part, share in self._dict("without").items() if share >= SMALL}
        result = []
        if shares:
            parts = [tr(_PARTS[part], language, n=f"{share:.0%}") for part, share in shares.items()]
            result.append(tr(WITHOUT, language, shares=tr(N_(", "), language).join(parts)))
        gaps = self.facts["gaps"]
        for first, last, hours, expected in gaps if isinstance(gaps, list) else ():
            ends = {"first": self._local(first), "last": self._local(last)}
            result.append(tr(GAP, language, span=duration(3600 * hours).render(language), n=f"{expected:,.0f}", **ends))
        for sentence, kind in ((REPOSTS, "reposts"), (REPLIES, "replies")):
            stated, collected = self._dict("stated")[kind], self._dict("collected")[kind]
            if stated > collected:
                result.append(tr(sentence, language, stated=f"{stated:,}", collected=f"{collected:,}"))
        unused = self.facts["unused"]
        if isinstance(unused, list) and unused:
            result.append(tr(UNUSED, language, columns=", ".join(unused)))
        return result

    def _dict(self, name: str) -> dict[str, float]:
        value = self.facts[name]
        return dict(value) if isinstance(value, Mapping) else {}

    def _local(self, moment: object) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else str(moment)


_PARTS = {"author": AUTHOR, "text": TEXT, "counts": COUNTS, "followers": FOLLOWERS, "parent": PARENT, "clock": CLOCK}


def coverage_card(
    posts: duckdb.DuckDBPyRelation | pa.Table,
    zone: ZoneInfo,
    *,
    records: Sequence[Mapping[str, object]] = (),
    accounts: pa.Table | None = None,
    columns: bool = False,
    layouts: Sequence[Layout] = (),
) -> CoverageCard:
    """What some posts cover and what they lack.

    Parameters
    ----------
    posts : relation or pyarrow.Table
        POSTS; several observations of a post are one.
    zone : ZoneInfo
        Whose hours of the day are compared, and in which times are written.
    records : sequence of Mapping
        BATCHES rows of these posts: what was read, rejected and given twice.
    accounts : pyarrow.Table, optional
        ACCOUNTS of these posts; without it nothing is reported on followers.
    columns : bool, default False
        Whether to name columns of the export that stand in extra.
    layouts : sequence of Layout
        By which they were read; a column that says the kind or the parent of a row was used, though it stands there.

    Notes
    -----
    A gap is a run of hours without a post in which at least :data:`EXPECTED` were to be expected: by the median of the
    same hour on the other days, or, of fewer than :data:`DAYS` days, by the median of all hours and from
    :data:`NIGHT_H` hours on.
    """
    names = posts.column_names if isinstance(posts, pa.Table) else posts.columns
    if not set(names) >= NEEDED:
        return CoverageCard({}, zone)
    latest = _query(posts, _LATEST if _query(posts, _TWICE)["twice"][0].as_py() else _ONCE)
    if latest.num_rows == 0:
        return CoverageCard({}, zone)
    with session() as db:
        db.register("latest", latest)
        row = db.sql(_SHARES).to_arrow_table().to_pylist()[0]
        platforms = db.sql("SELECT platform, count(*) FROM latest GROUP BY 1 ORDER BY 2 DESC, 1").fetchall()
    n = row["posts"]
    without = {part: row[part] / n for part in ("author", "text", "counts", "parent", "clock")}
    if accounts is not None and accounts.num_rows:
        without["followers"] = accounts["n_followers"].null_count / accounts.num_rows
    totals = {
        name: sum(int(str(r.get(column) or 0)) for r in records)
        for name, column in (("read", "n_read"), ("rejected", "n_rejected"), ("twice", "n_duplicate"))
    }
    facts = {
        **{name: row[name] for name in ("posts", "first", "last")},
        **totals,
        "platforms": dict(platforms),
        "without": without,
        "gaps": _gaps(latest["created_at"].to_pandas(), zone) if without["clock"] < SMALL else [],
        "stated": {"reposts": int(row["stated_reposts"]), "replies": int(row["stated_replies"])},
        "collected": {"reposts": row["reposts"], "replies": row["replies"]},
        "unused": _unused(posts, layouts) if columns else [],
    }
    return CoverageCard(facts, zone)


def _query(posts: duckdb.DuckDBPyRelation | pa.Table, query: str) -> pa.Table:
    if isinstance(posts, pa.Table):
        with session() as db:
            db.register("posts", posts)
            return db.sql(query).to_arrow_table()
    return posts.query("posts", query).to_arrow_table()


def _gaps(created: pd.Series, zone: ZoneInfo) -> list[tuple[datetime, datetime, int, float]]:
    """The longest runs of hours without a post where posts were to be expected, in order of time."""
    hours = created.dropna().dt.tz_convert("UTC").dt.floor("h")
    if hours.empty:
        return []
    grid = pd.date_range(hours.min(), hours.max(), freq="h")
    counts = hours.value_counts().reindex(grid, fill_value=0)
    of_day = grid.tz_convert(zone).hour
    long_enough = len(grid) >= DAYS * len(set(range(24)))
    usual = counts.groupby(of_day).median().reindex(of_day).to_numpy() if long_enough else None
    expected = usual if usual is not None else np.full(len(grid), float(counts.median()))
    empty = counts.to_numpy() == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], empty, [False]]).astype(int)))
    runs = []
    for first, last in edges.reshape(-1, 2):
        lack = float(expected[first:last].sum())
        if lack >= EXPECTED and (usual is not None or last - first >= NIGHT_H):
            end = grid[first] + pd.Timedelta(hours=int(last - first))
            runs.append((grid[first].to_pydatetime(), end.to_pydatetime(), int(last - first), lack))
    return sorted(sorted(runs, key=lambda run: -run[3])[:NAMED])


def _unused(posts: duckdb.DuckDBPyRelation | pa.Table, layouts: Sequence[Layout]) -> list[str]:
    """Names of the cells in `extra`, the fullest first."""
    rows = _query(posts, f"SELECT extra FROM posts WHERE extra IS NOT NULL AND extra <> '{{}}' LIMIT {SAMPLE}")
    names: dict[str, int] = {}
    for extra in rows["extra"].to_pylist():
        for name in json.loads(extra):
            names[name] = names.get(name, 0) + 1
    names = {name: n for name, n in names.items() if not any(layout.places(name) for layout in layouts)}
    ordered = sorted(names, key=lambda name: (-names[name], name))
    return [*ordered[:COLUMNS], "…"] if len(ordered) > COLUMNS else ordered
