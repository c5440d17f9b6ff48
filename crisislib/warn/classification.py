"""What an incident is: its subject, by evidence with a minimum share, and how its claims stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.warn.bad_stories import LEAST_GAIN
from crisislib.warn.incidents import LEAD_IN
from crisislib.warn.watch_series import HALF, SeriesEvidence

SUBJECTS = (
    "product_harm", "service_outage", "data_breach", "executive_misconduct", "labour", "discrimination",
)  # fmt: skip
"""Subjects that there is a playbook for; rumour and attack say how a claim stands, not what it is about."""
GENERAL = "customer_service"
"""Complaints about how customers are treated (manners, refunds, prices): they are part of every crisis, and its subject
only where nothing else is."""
OUTWEIGHS = 2.0
"""Times the posts of a subject that the general one needs beside it: what went wrong comes before manners."""
STANDINGS: dict[str, str] = {
    "unverified": N_("unverified"),
    "disputed": N_("disputed"),
    "denied": N_("denied by the brand"),
    "confirmed": N_("confirmed by the brand"),
}
"""How the claims of an incident stand, in words."""
LEAST, LEAST_SHARE = 5.0, 0.15
"""Posts and share of the negative posts that a subject needs: nine posts of 1,200 are no subject."""
DOUBT = 0.12
"""Share of the public's posts that doubt, deny or call it a rumour, from which the claim is one: first-hand complaints
are hardly doubted."""
ASKED = 0.05
"""The same for posts that ask whether it is true or call it a rumour, without those that deny: who was there does not
ask, while words of denial ("wrong", "lies") stand in complaints as well."""
DISPUTED = 0.5
"""Part of those who take a side that deny it."""
SIDES = 5.0
"""Posts that take a side, below which nothing is disputed."""
ATTACK = 0.15
"""Share of negative posts that call it an attack, or of posts by accounts that act together, from which it is one."""
HOLDS = 0.5
"""Part of its share at which what an incident was called stands still: a share about the limit must not turn it over
at every hour, and with it the playbook."""
CLEARLY = 1.5
"""Times the posts of the present subject that another needs to take its place."""
PAST = pd.Timedelta(days=28)
"""What the usual rate of a subject is taken from."""


@dataclass(frozen=True)
class Classification:
    """What an incident is.

    Attributes
    ----------
    subject : str
        One of :data:`SUBJECTS` or :data:`GENERAL`, `other` where the evidence is thin.
    standing : str
        Key of :data:`STANDINGS`.
    coordinated : bool
        Whether accounts that act together carry much of it.
    kind : str
        Playbook that follows from both.
    posts : int
        Posts that speak for the subject.
    """

    subject: str
    standing: str
    coordinated: bool
    kind: str
    posts: int


def classify(
    series: SeriesEvidence,
    opened_at: pd.Timestamp,
    now: pd.Timestamp,
    coordination: float,
    before: tuple[str, str] = ("other", "other"),
) -> Classification:
    """What an incident is, by all that was said since it began.

    Parameters
    ----------
    series : SeriesEvidence
        Tallies of the watch.
    opened_at : pandas.Timestamp
        When the incident was opened.
    now : pandas.Timestamp
        The clock.
    coordination : float
        Share of the posts by accounts that act together, 0-1; 0 where nothing is known.
    before : (str, str)
        Subject and kind that it has so far: they stand at :data:`HOLDS` of what they needed at first.

    Returns
    -------
    Classification

    Notes
    -----
    Counts are those above the usual rate of the series. A subject holds with :data:`LEAST` posts and
    :data:`LEAST_SHARE` of the negative posts. The brand's own denial or admission outranks what the public says.
    """
    tallies = series.tallies
    if not len(tallies):
        return Classification("other", "unverified", False, "other", 0)
    mine = tallies[(tallies.index >= opened_at - LEAD_IN) & (tallies.index < now)]
    past = tallies[(tallies.index >= opened_at - PAST) & (tallies.index < opened_at - LEAD_IN)]
    rate = past.sum() / max(len(past), 1)
    more = (mine.sum() - rate * len(mine)).clip(lower=0.0)
    bad = max(more.get("negative_posts", 0.0), 1e-9)
    public = max(float(more.get("volume", 0.0) - more.get("voice.own", 0.0)), bad)
    counts = {s: float(more.get(f"kind.{s}", 0.0)) for s in (*SUBJECTS, GENERAL)}
    subject = _subject(counts, bad, before[0])
    if subject == "other":
        subject = _of_story(mine)
    doubt = float(more.get("kind.rumour", 0.0) + more.get("stance.query", 0.0) + more.get("stance.deny", 0.0))
    asks = float(more.get("kind.rumour", 0.0) + more.get("stance.query", 0.0))
    held = HOLDS if before[1] == "rumour" else 1.0
    rumour = (doubt >= LEAST and doubt / public >= held * DOUBT) or (asks >= LEAST and asks / public >= held * ASKED)
    standing = _standing(mine.sum(), more, public)
    coordinated = coordination >= ATTACK
    hostile, held = float(more.get("kind.malicious_attack", 0.0)), HOLDS if before[1] == "malicious_attack" else 1.0
    attack = hostile >= LEAST and hostile / bad >= held * ATTACK
    kind = subject
    if standing != "confirmed":
        kind = "malicious_attack" if attack or (coordinated and rumour) else "rumour" if rumour else subject
    return Classification(subject, standing, coordinated, kind, int(counts.get(subject, 0.0)))


def _subject(counts: dict[str, float], bad: float, before: str) -> str:
    """The subject that most posts speak for, or the present one while nothing speaks clearly for another."""
    best, present = max(SUBJECTS, key=lambda s: counts[s]), counts.get(before, 0.0)
    if counts[best] < LEAST or counts[best] / bad < LEAST_SHARE or counts[GENERAL] >= OUTWEIGHS * counts[best]:
        best = GENERAL
    if present >= LEAST and present / bad >= HOLDS * LEAST_SHARE and counts[best] < CLEARLY * present:
        return before
    return best if counts[best] >= LEAST and counts[best] / bad >= LEAST_SHARE else "other"


def _of_story(mine: pd.DataFrame) -> str:
    """The subject of the post of bad news that most people acted on, where little else is written."""
    most = {s: float(mine.get(f"gain.{s}", pd.Series(dtype=float)).max()) for s in (*SUBJECTS, GENERAL)}
    best = max(most, key=lambda s: np.nan_to_num(most[s]))
    whole = float(mine.get("gain.negative", pd.Series(dtype=float)).max())
    return best if most[best] >= max(LEAST_GAIN, HALF * whole) else "other"


def _standing(whole: pd.Series, more: pd.Series, public: float) -> str:
    own_denial, own_admission = (float(whole.get(f"statement.{v}", 0.0)) for v in ("deny", "admit"))
    if own_denial or own_admission:
        return "denied" if own_denial > own_admission else "confirmed"
    deny, support = (float(more.get(f"stance.{v}", 0.0)) for v in ("deny", "support"))
    if deny >= SIDES and deny / max(deny + support, 1e-9) >= DISPUTED and deny / public >= DOUBT / 2:
        return "disputed"
    return "unverified"
