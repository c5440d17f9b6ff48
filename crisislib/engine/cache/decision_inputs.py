"""The labels and posts that a decision reads: the last fortnight, reduced to what can matter.

One rule for the batch run, which reads them from the lake, and for the monitor, which adds to them tick by tick:
evidence is the few highest of an episode, and the few highest of any span of whole buckets are among the few highest
of its buckets. So what is left out can never have been chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd

from crisislib.core.membership import is_among
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.core.window_times import origin
from crisislib.lake import Lake

LOOK_BACK = timedelta(days=14)
"""What the hard triggers call usual."""
SURE = 0.8
"""P(negative) from which a post can be evidence of mood: clear cases are shown, not doubtful ones."""
HARM = "harm."
"""Beginning of the labels that are needed whole: the posts that hard triggers show."""
TOP = 20
"""Posts of a bucket that can be evidence: as many as an alert names (:data:`crisislib.warn.evidence_posts.MOST`)."""
LABEL_COLUMNS = ["post_id", "label", "value", "p", "score", "created_at"]
POST_COLUMNS = ["post_id", "created_at", "n_likes", "n_reposts", "n_replies"]
MOOD = ("sentiment", "target_sentiment")


def bucket_s(watch: Watch) -> int:
    """Length of a bucket: a window, or an hour where windows are longer (episodes begin at whole hours).

    Parameters
    ----------
    watch : Watch
        Its `window.step_minutes`.

    Returns
    -------
    int
        Seconds.
    """
    return min(watch.window.step_minutes * 60, 3600)


def none_of(columns: list[str], name: str) -> pd.DataFrame:
    """An empty frame with some columns of a table.

    Parameters
    ----------
    columns : list of str
        Columns of the table.
    name : str
        Name of the table.

    Returns
    -------
    pandas.DataFrame, shape (0, columns)
        With the types of the table.
    """
    frame: pd.DataFrame = empty(name).select(columns).to_pandas()
    return frame


@dataclass
class DecisionInputs:
    """Labels and posts of the fortnight before the newest decision.

    Attributes
    ----------
    labels : pandas.DataFrame
        `post_id`, `label`, `value`, `p`, `score`, `created_at`: sensitive subjects, harm, clear mood.
    posts : pandas.DataFrame
        `post_id`, `created_at` and the counters.
    """

    watch: Watch
    labels: pd.DataFrame = field(default_factory=lambda: none_of(LABEL_COLUMNS, "LABELS"))
    posts: pd.DataFrame = field(default_factory=lambda: none_of(POST_COLUMNS, "POSTS"))

    def add(self, labels: pd.DataFrame, posts: pd.DataFrame, *, oldest: datetime) -> None:
        """Add newer rows in the place of older ones of the same posts, and drop what lies before an instant.

        Parameters
        ----------
        labels : pandas.DataFrame
            LABELS rows, at least :data:`LABEL_COLUMNS`.
        posts : pandas.DataFrame
            POSTS rows, at least :data:`POST_COLUMNS`.
        oldest : datetime
            Event time before which rows are dropped.
        """
        # What was labelled anew is known by its mark: an edited post may have lost what it had.
        anew = labels.loc[labels["label"] == "labelled", "post_id"]
        earlier = self.labels[~is_among(self.labels["post_id"], anew)]
        labels = _joined(earlier, relevant(labels)[LABEL_COLUMNS], ["post_id", "label"], oldest)
        posts = _joined(self.posts, posts[POST_COLUMNS], ["post_id"], oldest)
        self.labels, self.posts = _reduced_labels(labels, self.watch), _reduced_posts(posts, self.watch)

    def at(self, moment: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Labels and posts of the fortnight up to a moment.

        Parameters
        ----------
        moment : datetime
            Event time, the end of the fortnight.

        Returns
        -------
        tuple of pandas.DataFrame and pandas.DataFrame
            Labels and posts, as :func:`crisislib.warn.decide` takes them.
        """
        return tuple(_between(f, moment - LOOK_BACK, moment) for f in (self.labels, self.posts))  # type: ignore[return-value]


def read_inputs(lake: Lake, watch: Watch, since: datetime, until: datetime) -> DecisionInputs:
    """Read the inputs of all decisions within [since, until] from the lake.

    Parameters
    ----------
    lake : Lake
        The lake.
    watch : Watch
        The watch.
    since : datetime
        Event time of the first decision; rows of :data:`LOOK_BACK` before are read too.
    until : datetime
        Event time of the last.

    Returns
    -------
    DecisionInputs
        Reduced to the rows that a decision can choose.
    """
    scope = {"watch": watch.watch, "since": since - LOOK_BACK, "until": until}
    zero, length = origin(watch).isoformat(), bucket_s(watch)
    bucket = f"(epoch_us(created_at) - epoch_us(TIMESTAMPTZ '{zero}')) // {length * 1_000_000}"
    mood = ", ".join(f"'{name}'" for name in MOOD)
    subject, harm = "starts_with(label, 'sensitive.')", f"starts_with(label, '{HARM}')"
    labels = lake.sql("LABELS", **scope).filter(  # type: ignore[arg-type]
        f"value IS NOT NULL AND ({subject} OR {harm} OR (label IN ({mood}) AND score >= {SURE}))"
    )
    # The reduction is made once, in Python; here only what it would drop anyway is left behind.
    first = f"row_number() OVER (PARTITION BY {bucket}, {subject}, {harm} ORDER BY score DESC, post_id) <= {TOP}"
    few = labels.query("rows", f"SELECT {', '.join(LABEL_COLUMNS)} FROM rows QUALIFY {harm} OR {first}")
    weight = "coalesce(n_likes, 0) + coalesce(n_reposts, 0) + coalesce(n_replies, 0)"
    high = f"row_number() OVER (PARTITION BY {bucket} ORDER BY {weight} DESC, created_at, post_id) <= {TOP}"
    posts = lake.sql("POSTS", **scope).query(  # type: ignore[arg-type]
        "rows", f"SELECT {', '.join(POST_COLUMNS)} FROM rows QUALIFY {high}"
    )
    result = DecisionInputs(watch)
    result.add(_frame(few, "LABELS"), _frame(posts, "POSTS"), oldest=since - LOOK_BACK)
    return result


def relevant(labels: pd.DataFrame) -> pd.DataFrame:
    """The labels that decisions and evidence read.

    Parameters
    ----------
    labels : pandas.DataFrame
        LABELS rows: `label` and `score`.

    Returns
    -------
    pandas.DataFrame
        The sensitive subjects, harm, and sentiment from :data:`SURE` on.
    """
    clear = labels["label"].isin(MOOD) & (labels["score"] >= SURE)
    return labels[labels["value"].notna() & (clear | labels["label"].str.startswith((HARM, "sensitive.")))]


def _frame(rows: object, name: str) -> pd.DataFrame:
    columns = LABEL_COLUMNS if name == "LABELS" else POST_COLUMNS
    schema = empty(name).select(columns).schema
    frame: pd.DataFrame = rows.to_arrow_table().cast(schema).to_pandas()  # type: ignore[attr-defined]
    return frame


def _joined(old: pd.DataFrame, new: pd.DataFrame, key: list[str], oldest: datetime) -> pd.DataFrame:
    both = new if old.empty else old if new.empty else pd.concat([old, new], ignore_index=True)
    both = both.drop_duplicates(key, keep="last")
    return both[both["created_at"] >= pd.Timestamp(oldest)].reset_index(drop=True)


def _bucket(times: pd.Series, watch: Watch) -> pd.Series:
    return (times - pd.Timestamp(origin(watch))) // pd.Timedelta(seconds=bucket_s(watch))


def _reduced_labels(labels: pd.DataFrame, watch: Watch) -> pd.DataFrame:
    """Posts of harm whole; of the rest the highest of each bucket."""
    subject = labels["label"].str.startswith("sensitive.")
    whole = labels["label"].str.startswith(HARM)
    order = labels.sort_values(["score", "post_id", "label"], ascending=[False, True, True])
    rest = order[~whole.reindex(order.index)]
    rank = rest.groupby([_bucket(rest["created_at"], watch), subject.reindex(rest.index)], sort=False).cumcount()
    chosen = pd.concat([labels[whole], rest[rank < TOP]])
    return chosen.sort_values(["created_at", "post_id", "label"]).reset_index(drop=True)


def _reduced_posts(posts: pd.DataFrame, watch: Watch) -> pd.DataFrame:
    """The most engaged posts of each bucket."""
    weight = posts[["n_likes", "n_reposts", "n_replies"]].fillna(0).astype(float).sum(axis=1)
    order = posts.assign(weight=weight).sort_values(["weight", "created_at", "post_id"], ascending=[False, True, True])
    rank = order.groupby(_bucket(order["created_at"], watch), sort=False).cumcount()
    chosen = order[rank < TOP].drop(columns="weight")
    return chosen.sort_values(["created_at", "post_id"]).reset_index(drop=True)


def _between(frame: pd.DataFrame, since: datetime, until: datetime) -> pd.DataFrame:
    """Rows created in [since, until]; the frame is in order of time."""
    times = frame["created_at"]
    low = times.searchsorted(pd.Timestamp(since), side="left")
    return frame.iloc[int(low) : int(times.searchsorted(pd.Timestamp(until), side="right"))]
