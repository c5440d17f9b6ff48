"""Hard triggers: harm that makes a crisis red whatever the index says, where it is more than the series' own usual."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.warn.watch_series import SeriesEvidence


@dataclass(frozen=True)
class Trigger:
    """One entry of :data:`TRIGGERS`.

    Attributes
    ----------
    name : str
        Key.
    title : str
        What readers see (a gettext id).
    subjects : tuple of str
        `harm.<subject>` tallies that feed it; `<subject>.4` counts the most severe words only.
    posts : int
        Posts in the look-back that it needs.
    """

    name: str
    title: str
    subjects: tuple[str, ...]
    posts: int = 8


_ALL = (
    Trigger("casualties", N_("deaths or injuries"), ("casualties.4", "patient_safety.4", "food_safety.4")),
    Trigger("regulator", N_("a regulator stepping in"), ("regulator",)),
    Trigger("personal_data", N_("leaked personal data"), ("personal_data_leak",)),
    Trigger("minors", N_("harm to minors"), ("minors", "campus_safety")),
    Trigger("sexual_misconduct", N_("sexual misconduct"), ("sexual_misconduct",)),
)
TRIGGERS: dict[str, Trigger] = {trigger.name: trigger for trigger in _ALL}

LOOK_BACK = pd.Timedelta(hours=6)
"""What is counted: long enough for eight posts of a small brand, short enough to be early."""
TIMES = 4.0
"""How many times its usual rate a subject must reach: a hospital is always near illness."""
CHANCE = 1e-3
"""Chance of so many posts at the usual rate, below which they are not usual; the rate is as uncertain as the time held
makes it."""
LEAST_SHARE = 0.05
"""Share of the public's posts: one post in twenty. Of 50,000 posts a day a few always speak of anything."""
HISTORY = pd.Timedelta(days=1)
"""Time held before the look-back from which there is a usual rate."""
WITHOUT_SHARE, WITHOUT_TIMES = 1.0 / 3.0, 2
"""Without a usual rate: the share of the public's posts, and how many times the posts, that speak for themselves."""


@dataclass(frozen=True)
class Fired:
    """A trigger that fired.

    Attributes
    ----------
    trigger : Trigger
        Which.
    n : int
        Posts of harm within the look-back.
    usual : float
        Posts in as much time before; NaN where too little is stored to know.
    share : float
        Part of the public's posts, 0-1.
    first_at : pandas.Timestamp
        Start of the first window with such a post.
    post_ids : tuple of str
        Posts behind it.
    """

    trigger: Trigger
    n: int
    usual: float
    share: float
    first_at: pd.Timestamp
    post_ids: tuple[str, ...]


def fired(series: SeriesEvidence, labels: pd.DataFrame | None, now: pd.Timestamp) -> list[Fired]:
    """Triggers that hold now.

    Parameters
    ----------
    series : SeriesEvidence
        Tallies of the watch.
    labels : pandas.DataFrame or None
        LABELS rows of the last hours, for the posts to show.
    now : pandas.Timestamp
        The clock; windows that begin later are not counted.

    Returns
    -------
    list of Fired

    Notes
    -----
    With c posts in h look-backs held before, n posts are unusual where n ≥ 4·c/h and P(N ≥ n) ≤ 0.001, N negative
    binomial with size c + 1/2 and success probability h/(h + 1): Poisson counts at a rate that is known as well as
    h look-backs tell (Jeffreys prior).
    """
    tallies = series.tallies
    if not len(tallies):
        return []
    step = pd.Timedelta(minutes=series.watch.window.step_minutes)
    back = max(LOOK_BACK, step)
    index = tallies.index
    low, high = int(index.searchsorted(now - back - step, side="right")), int(index.searchsorted(now))
    low = max(low, high - max(1, int(back / step)))
    if low >= high:
        return []
    memory = int(index.searchsorted(index[low] - pd.Timedelta(days=series.watch.window.baseline_days)))
    covered = (low - memory) * step
    public = float(series.public[low:high].sum())
    out = []
    for trigger in TRIGGERS.values():
        posts = series.harms(trigger.subjects)
        fresh, count = posts[low:high], float(posts[memory:low].sum())
        n, share = float(fresh.sum()), float(fresh.sum()) / max(public, 1.0)
        usual = count / max(covered / back, 1e-9) if covered >= HISTORY else float("nan")
        if _unusual(trigger, n, share, count, covered / back, covered >= HISTORY):
            first = index[low:high][fresh > 0][0]
            out.append(Fired(trigger, int(n), usual, share, first, _posts(labels, trigger, first, now)))
    return out


def _unusual(trigger: Trigger, n: float, share: float, count: float, spans: float, known: bool) -> bool:
    if not known:
        return n >= WITHOUT_TIMES * trigger.posts and share >= WITHOUT_SHARE
    if n < max(trigger.posts, TIMES * count / spans) or share < LEAST_SHARE:
        return False
    from scipy import stats  # takes a second to load, and pages ask for the names of triggers only

    return float(stats.nbinom.sf(n - 1, count + 0.5, spans / (spans + 1.0))) <= CHANCE


def _posts(labels: pd.DataFrame | None, trigger: Trigger, since: pd.Timestamp, now: pd.Timestamp) -> tuple[str, ...]:
    if labels is None or not len(labels):
        return ()
    names = [f"harm.{subject.removesuffix('.4')}" for subject in trigger.subjects]
    mine = labels[labels["label"].isin(names) & (labels["created_at"] >= since) & (labels["created_at"] <= now)]
    ordered = mine.sort_values(["score", "created_at", "post_id"], ascending=[False, True, True])
    return tuple(ordered["post_id"].drop_duplicates().head(20))
