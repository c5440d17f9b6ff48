"""Hard triggers: subjects that make a crisis red whatever the numbers say."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from crisislib.core.i18n import N_


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
        `sensitive.<subject>` labels that feed it.
    grade : float
        Least grade (1-4) of a post that counts.
    posts : int
        Distinct posts in the look-back that it needs.
    """

    name: str
    title: str
    subjects: tuple[str, ...]
    grade: float = 3.0
    posts: int = 8


_ALL = (
    Trigger("casualties", N_("deaths or injuries"), ("casualties", "patient_safety", "food_safety"), grade=4.0),
    Trigger("regulator", N_("a regulator stepping in"), ("regulator",)),
    Trigger("personal_data", N_("leaked personal data"), ("personal_data_leak",)),
    Trigger("minors", N_("harm to minors"), ("minors", "campus_safety")),
    Trigger("sexual_misconduct", N_("sexual misconduct"), ("sexual_misconduct",)),
)
TRIGGERS: dict[str, Trigger] = {trigger.name: trigger for trigger in _ALL}

LOOK_BACK = pd.Timedelta(hours=6)
USUAL = pd.Timedelta(days=14)
TIMES = 4.0
"""How many times its usual rate a subject must reach: a hospital is always near illness."""


@dataclass(frozen=True)
class Fired:
    """A trigger that fired, with the posts behind it."""

    trigger: Trigger
    n: int
    usual: float
    first_at: pd.Timestamp
    post_ids: tuple[str, ...]


def fired(labels: pd.DataFrame | None, now: pd.Timestamp) -> list[Fired]:
    """Triggers that hold now.

    Parameters
    ----------
    labels : pandas.DataFrame or None
        LABELS rows of the watch, at least of the last 14 days where they are held.
    now : pandas.Timestamp
        The clock; what was created or labelled after it is not looked at.

    Returns
    -------
    list of Fired
        A trigger fires when the last six hours hold its number of distinct posts and four times
        what six hours usually held (mean plus three Poisson deviations) in the fortnight before.
    """
    if labels is None or not len(labels):
        return []
    seen = labels[(labels["created_at"] <= now) & labels["label"].str.startswith("sensitive.")]
    found = []
    for trigger in TRIGGERS.values():
        names = [f"sensitive.{subject}" for subject in trigger.subjects]
        hits = seen[seen["label"].isin(names) & (seen["score"].fillna(1.0) >= trigger.grade)]
        fresh = hits[hits["created_at"] > now - LOOK_BACK].drop_duplicates("post_id")
        before = hits[(hits["created_at"] <= now - LOOK_BACK) & (hits["created_at"] > now - USUAL)]
        usual = before["post_id"].nunique() * (LOOK_BACK / (USUAL - LOOK_BACK))
        if len(fresh) >= max(trigger.posts, TIMES * usual, usual + 3.0 * math.sqrt(usual)):
            ordered = fresh.sort_values(["created_at", "post_id"])
            ids = tuple(ordered["post_id"].head(20))
            found.append(Fired(trigger, len(fresh), float(usual), ordered["created_at"].iloc[0], ids))
    return found
