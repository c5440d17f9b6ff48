"""What readers are shown of a correction beside its story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo

import numpy as np
import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase

NEEDED = 10
"""Accounts that spread the story, below which nothing is reported on whom the correction reached."""
_REACHED = N_(
    "The correction of {at} reached {share} of the {n} accounts that spread the story: {both} of them took part in "
    "it. It was seen by {corrected} people, the story by {believed}; {overlap} saw both."
)
_NOBODY = N_(
    "None of the {n} accounts that spread the story has taken part in the correction of {at}; at most {hi} saw it."
)
_FEW = N_("Only {n} accounts spread the story: too few to say whom the correction of {at} reached.")
_AHEAD = N_(
    "Since the correction, {story} more accounts have passed on the story and {correction} the "
    "correction, which has led since {since}; in the last hour {story_h} and {correction_h}."
)
_BEHIND = N_(
    "Since the correction, {story} more accounts have passed on the story and {correction} the "
    "correction, which is behind; in the last hour {story_h} and {correction_h}."
)
_VARIANTS = N_(
    "Since the correction, {n} new {n:version|versions} of the story {n:has|have} appeared, spread "
    "by {accounts} {accounts:account|accounts}."
)
_NO_VARIANTS = N_("Since the correction no new version of the story has appeared.")
_BOUNDS = N_(
    "Bounds, not estimates. They assume that whoever took part saw it, and that viewers of the story "
    "respond to the correction no less often than other viewers. Audiences range from the planning "
    "share of followers who see a post to all followers."
)


@dataclass(frozen=True)
class Bounds:
    """What lies between, with both ends possible.

    Attributes
    ----------
    lo, hi : float
        Ends.
    """

    lo: float
    hi: float


def reach_finding(
    story: Bounds, correction: Bounds, overlap: Bounds, reached: Bounds, a: int, m: int, at: str, frame: pd.DataFrame
) -> Finding:
    """How many of those who saw the story saw the correction, too.

    Parameters
    ----------
    story, correction, overlap : Bounds
        Accounts that saw each, and both.
    reached : Bounds
        Share of the audience that saw both, 0-1.
    a, m : int
        Accounts known to have seen the story, and both.
    at : str
        When the correction appeared, in words.
    frame : pandas.DataFrame
        What stands behind it.

    Returns
    -------
    Finding
        With its limits.
    """
    table = pd.DataFrame(
        [
            ("story", story.lo, story.hi), ("correction", correction.lo, correction.hi),
            ("both", overlap.lo, overlap.hi), ("spreaders_reached", reached.lo, reached.hi),
        ],
        columns=["what", "lo", "hi"],
    )  # fmt: skip
    key, shown = "spread.refutation", {"n": a, "at": at}
    if a < NEEDED:
        return Finding(key, _FEW, shown, table, n=len(frame), silent=True)
    posts = frame.groupby("side")["post_id"].head(3).tolist()
    if m == 0:
        return Finding(key, _NOBODY, {**shown, "hi": f"{reached.hi:.0%}"}, table, posts, len(frame), [_BOUNDS], 0.6)
    known = {"lo": f"{reached.lo:.0%}", "hi": f"{reached.hi:.0%}"}
    share = Phrase(_BETWEEN, known) if reached.hi < 1 else Phrase(_LEAST, {"lo": known["lo"]})
    facts = {
        **shown, "share": share, "both": m, "corrected": _range(correction), "believed": _range(story),
        "overlap": _range(overlap),
    }  # fmt: skip
    return Finding(key, _REACHED, facts, table, posts, len(frame), [_BOUNDS], 0.7)


_UNKNOWN, _BETWEEN, _LEAST = N_("an unknown number of"), N_("{lo} to {hi}"), N_("at least {lo}")


def _range(bounds: Bounds) -> Phrase:
    if np.isnan(bounds.hi):
        return Phrase(_LEAST if bounds.lo else _UNKNOWN, {"lo": f"{bounds.lo:,.0f}"} if bounds.lo else {})
    return Phrase(_BETWEEN, {"lo": f"{bounds.lo:,.0f}", "hi": f"{bounds.hi:,.0f}"})


def race_finding(race: pd.DataFrame, zone: tzinfo) -> Finding:
    """Who has gained more accounts since the correction, and since when it leads.

    Parameters
    ----------
    race : pandas.DataFrame
        `at`, `story`, `correction`: accounts so far.
    zone : tzinfo
        Of the reader.

    Returns
    -------
    Finding
        With the last hour of it.
    """
    gained = race[["story", "correction"]] - race[["story", "correction"]].iloc[0]
    ahead = gained["correction"] > gained["story"]
    last_hour = race[race["at"] > race["at"].iloc[-1] - timedelta(hours=1)]
    facts: dict[str, object] = {
        "story": int(gained["story"].iloc[-1]), "correction": int(gained["correction"].iloc[-1]),
        "story_h": int(last_hour["story_new"].sum()), "correction_h": int(last_hour["correction_new"].sum()),
    }  # fmt: skip
    key = "spread.refutation_race"
    if not ahead.iloc[-1]:
        return Finding(key, _BEHIND, facts, race, n=int(race[["story", "correction"]].iloc[-1].sum()), weight=0.5)
    behind = np.flatnonzero(~ahead.to_numpy())
    since = race["at"].iloc[int(behind[-1]) + 1]
    facts["since"] = f"{since.astimezone(zone):%m-%d %H:%M}"
    return Finding(key, _AHEAD, facts, race, n=int(race[["story", "correction"]].iloc[-1].sum()), weight=0.5)


def variant_finding(variants: pd.DataFrame) -> Finding:
    """Which variants of the story go on since the correction.

    Parameters
    ----------
    variants : pandas.DataFrame
        One row a variant, with its `accounts`.

    Returns
    -------
    Finding
        Also where there is none.
    """
    key = "spread.refutation_variants"
    if variants.empty:
        return Finding(key, _NO_VARIANTS, {}, variants, weight=0.2)
    facts = {"n": len(variants), "accounts": int(variants["accounts"].sum())}
    return Finding(
        key, _VARIANTS, facts, variants, variants["post_id"].tolist(), int(variants["accounts"].sum()), weight=0.6
    )
