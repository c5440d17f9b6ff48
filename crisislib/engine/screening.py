"""Screening at every tick: is anything out of the ordinary, so that the evaluation must come at once?

An evaluation takes tenths of a second a watch; screening, a few milliseconds for all watches. It counts the
new posts of the running window, their negative and their sensitive ones, and holds them against the interval that
the last evaluation expected. Only surprise above an interval can raise the index; so below it nothing changes.
A window that has just begun is compared with the bounds of the last one until its first evaluation, by turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

NEGATIVE, SEVERE = 0.5, 3.0
"""P(negative) from which negative is the likelier class; grade from which a subject is severe, as in triggers."""
SEVERE_POSTS = 5
"""New posts of grade 3 and above that call for an evaluation; below what any hard trigger needs."""
LEAST = 0.02
"""Share of a window below which nothing was collected of it yet."""
WATCHED = ("volume", "negative_posts", "sensitive_posts")


@dataclass
class Counts:
    """Counts of the running window, and the bounds above which it must be evaluated.

    Attributes
    ----------
    window : datetime or None
        Start of the window that was evaluated last; None before the first evaluation.
    counted : dict[str, float]
        Signal → count in the running window.
    limit : dict[str, float]
        Signal → upper bound for what had been collected at the evaluation.
    severe : int
        Severe posts since the evaluation.
    """

    window: datetime | None = None
    counted: dict[str, float] = field(default_factory=dict)
    limit: dict[str, float] = field(default_factory=dict)
    severe: int = 0

    def rest(self, window: datetime, signals: pd.DataFrame, elapsed: float) -> None:
        """Begin again from an evaluation: its values, and its upper bounds for the part of the window that had
        passed.

        Parameters
        ----------
        window : datetime
            Start of the running window.
        signals : pandas.DataFrame
            SIGNALS rows of the evaluation.
        elapsed : float
            Share of the window that had passed, 0-1.
        """
        mine = signals[signals["at"] == pd.Timestamp(window)].drop_duplicates("signal", keep="last").set_index("signal")
        known = mine.reindex(list(WATCHED))
        before = self.counted if self._counting == window else {}
        self.window, self._counting, self.severe = window, window, 0
        # A window too young for a value keeps its own count.
        self.counted = {str(s): before.get(str(s), 0.0) if pd.isna(v) else float(v) for s, v in known["value"].items()}
        # One count above the bound is nothing; without a bound (no history yet) nothing can be out of it.
        self.limit = {str(s): float(v) + 1.0 for s, v in known["hi"].items() if pd.notna(v)}
        share = known["complete"].max()
        self._elapsed, self._collected = elapsed, max(LEAST, 0.0 if pd.isna(share) else float(share))
        if self._collected <= LEAST:
            self.limit = {}  # bounds of nothing would make anything unusual; the next evaluation comes by turns

    def add(self, counts: Mapping[str, float], window: datetime | None = None) -> None:
        """Add counts of new posts.

        Parameters
        ----------
        counts : Mapping[str, float]
            Counts by signal, from :func:`tally`.
        window : datetime or None, default None
            Start of the window that they lie in; the one evaluated last when left out.
        """
        window = window or self.window
        if window != self._counting:
            self._counting, self.counted = window, {}
        for signal in WATCHED:
            self.counted[signal] = self.counted.get(signal, 0.0) + counts.get(signal, 0.0)
        self.severe += int(counts.get("severe", 0))

    def unusual(self, window: datetime, elapsed: float) -> bool:
        """Whether an evaluation is called for: there was none yet, a bound is passed, or enough severe posts came.

        Parameters
        ----------
        window : datetime
            Start of the running window.
        elapsed : float
            Share of it that has passed, 0-1.

        Returns
        -------
        bool
            True where the counts are above the bounds, which grow with the part that was collected since.
        """
        if self.window is None or self.severe >= SEVERE_POSTS:
            return True
        # The bounds are those of the part that had been collected; they grow with what was collected since.
        if self.window == window:
            growth = 1.0 + max(0.0, elapsed - self._elapsed) / self._collected
        else:
            growth = max(1.0, elapsed / self._collected)
        counted = self.counted if self._counting == window else {}
        return any(counted.get(s, 0.0) > hi * growth for s, hi in self.limit.items())

    _counting: datetime | None = None
    _elapsed: float = 0.0
    _collected: float = 1.0


def known(posts: pa.Table, labels: pa.Table) -> pd.DataFrame:
    """What screening counts of some posts.

    Parameters
    ----------
    posts : pyarrow.Table
        POSTS rows.
    labels : pyarrow.Table
        LABELS rows of them.
    """
    result: pd.DataFrame = posts.select(["watch", "post_id", "created_at"]).to_pandas()
    wanted = pc.or_(pc.equal(labels["label"], "sentiment"), pc.starts_with(labels["label"], "sensitive."))
    read = labels.select(["watch", "post_id", "label", "score"]).filter(wanted).to_pandas()
    mood = read["label"] == "sentiment"
    read = read.assign(negative=(mood & (read["score"] >= NEGATIVE)).astype(int), sensitive=(~mood).astype(int))
    read["grade"] = read["score"].where(~mood, 0.0).fillna(0.0)
    each = read.groupby(["watch", "post_id"], as_index=False).agg(
        negative=("negative", "max"), sensitive=("sensitive", "sum"), grade=("grade", "max")
    )
    result = result.drop_duplicates(["watch", "post_id"]).merge(each, on=["watch", "post_id"], how="left")
    counts = {c: result[c].fillna(0).astype(int) for c in ("negative", "sensitive")}
    return result.assign(**counts, grade=result["grade"].fillna(0.0))


def tally(posts: pd.DataFrame) -> dict[str, float]:
    """Counts of some posts, by the names of the signals that they feed.

    Parameters
    ----------
    posts : pandas.DataFrame
        From :func:`known`, of one watch and window.

    Returns
    -------
    dict[str, float]
        `volume`, `negative_posts`, `sensitive_posts`, `severe`.
    """
    return {
        "volume": float(len(posts)),
        "negative_posts": float(posts["negative"].sum()),
        "sensitive_posts": float(posts["sensitive"].sum()),
        "severe": float((posts["grade"] >= SEVERE).sum()),
    }
