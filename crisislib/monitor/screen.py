"""The quick look at every tick: is anything out of the ordinary, so that the full look must come at once?

The full look takes tenths of a second a watch; the quick one, a few milliseconds for all watches. It counts the
new posts of the running window, their negative and their sensitive ones, and holds them against the interval that
the last full look expected. Only surprise above an interval can raise the index; so below it nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib import text
from crisislib.core.watch import Watch

READ = ("sentiment", "sensitive")
NEGATIVE, GRAVE = 0.5, 3.0
GRAVE_POSTS = 5
"""New posts of grade 3 and above that call for a full look; below what any hard trigger needs."""
LEAST = 0.02
"""Share of a window below which nothing was collected of it yet."""
WATCHED = ("volume", "negative_posts", "sensitive_posts")


@dataclass
class Counts:
    """What the running window holds, and what it may hold before somebody should look."""

    window: datetime | None = None
    seen: dict[str, float] = field(default_factory=dict)
    limit: dict[str, float] = field(default_factory=dict)
    grave: int = 0

    def rest(self, window: datetime, signals: pd.DataFrame, elapsed: float) -> None:
        """Begin again from a full look: its values and its upper bounds for what of the window had passed."""
        mine = signals[signals["at"] == pd.Timestamp(window)].drop_duplicates("signal", keep="last").set_index("signal")
        known = mine.reindex(list(WATCHED))
        told = self.seen if self.window == window else {}
        self.window, self.grave = window, 0
        # A window too young for a value keeps its own count.
        self.seen = {str(s): told.get(str(s), 0.0) if pd.isna(v) else float(v) for s, v in known["value"].items()}
        # One count above the bound is nothing; without a bound (no history yet) nothing can be out of it.
        self.limit = {str(s): float(v) + 1.0 for s, v in known["hi"].items() if pd.notna(v)}
        share = known["complete"].max()
        self._elapsed, self._collected = elapsed, max(LEAST, 0.0 if pd.isna(share) else float(share))
        if self._collected <= LEAST:
            self.limit = {}  # bounds of nothing would make anything unusual; the next full look comes by turns

    def add(self, found: Mapping[str, float]) -> None:
        """Count what came since."""
        for signal in WATCHED:
            self.seen[signal] = self.seen.get(signal, 0.0) + found.get(signal, 0.0)
        self.grave += int(found.get("grave", 0))

    def unusual(self, window: datetime, elapsed: float) -> bool:
        """Whether a full look is called for: a new window, a bound passed, or grave posts."""
        if self.window != window or self.grave >= GRAVE_POSTS:
            return True
        # The bounds are those of the part that had been collected; they grow with what was collected since.
        grown = 1.0 + max(0.0, elapsed - self._elapsed) / self._collected
        return any(self.seen.get(s, 0.0) > hi * grown for s, hi in self.limit.items())

    _elapsed: float = 0.0
    _collected: float = 1.0


def quick(posts: pa.Table, watches: Mapping[str, Watch], *, models: Path | None, now: datetime) -> pd.DataFrame:
    """Posts with what is quickly known of them, all watches of an industry in one go.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS of any of the watches.
    watches : mapping of str to Watch
        By name.
    models : Path or None
        Folder of taught models; None reads with what is shipped, which is enough to be alarmed by.
    now : datetime
        Written nowhere that is kept.

    Returns
    -------
    pandas.DataFrame
        `watch`, `post_id`, `created_at`, `negative` (0 or 1), `sensitive` (hits), `grade` (highest, 0 for none).
    """
    industry = pa.array([watches[w].brand.industry for w in posts["watch"].to_pylist()], pa.string())
    parts = []
    for kind in pc.unique(industry).to_pylist():
        mine = posts.filter(pc.equal(industry, kind))
        lead = next(w for w in watches.values() if w.brand.industry == kind)
        # One call for all: posts are known by their place, and stand under one watch while they are read.
        place = pa.array([str(i) for i in range(mine.num_rows)])
        as_one = mine.set_column(mine.column_names.index("post_id"), "post_id", place)
        as_one = as_one.set_column(mine.column_names.index("watch"), "watch", pa.repeat(lead.watch, mine.num_rows))
        labels = text.label(as_one, lead, now=now, models=models, only=READ)
        parts.append(_read(mine, labels.select(["post_id", "label", "score"]).to_pandas()))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def unread(posts: pa.Table) -> pd.DataFrame:
    """As :func:`quick`, of posts that nobody could read: counted, and nothing more known."""
    found: pd.DataFrame = posts.select(["watch", "post_id", "created_at"]).to_pandas()
    return found.assign(negative=0, sensitive=0, grade=0.0)


def _read(posts: pa.Table, labels: pd.DataFrame) -> pd.DataFrame:
    found = posts.select(["watch", "post_id", "created_at"]).to_pandas()
    place = labels["post_id"].astype("int64")
    mood = labels["label"] == "sentiment"
    grave = labels["label"].str.startswith("sensitive.")
    negative = (labels["score"] >= NEGATIVE)[mood].groupby(place[mood]).max()
    hits, grade = (labels["score"][grave].groupby(place[grave]).agg(how) for how in ("size", "max"))
    rows = range(len(found))
    known: pd.DataFrame = found.assign(
        negative=negative.reindex(rows, fill_value=False).astype(int),
        sensitive=hits.reindex(rows, fill_value=0).astype(int),
        grade=grade.reindex(rows).fillna(0.0),
    )
    return known


def tally(seen: pd.DataFrame) -> dict[str, float]:
    """Counts of some posts, by the names of the signals that they feed."""
    return {
        "volume": float(len(seen)),
        "negative_posts": float(seen["negative"].sum()),
        "sensitive_posts": float(seen["sensitive"].sum()),
        "grave": float((seen["grade"] >= GRAVE).sum()),
    }
