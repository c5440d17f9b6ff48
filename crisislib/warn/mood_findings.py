"""What readers are shown of the mood: what it is about, that it has changed, and what is known without a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crisislib.core.durations import duration
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.warn import evidence_posts
from crisislib.warn.mood import MAJORITY, MANY
from crisislib.warn.watch_series import ABOUT

if TYPE_CHECKING:
    from crisislib.warn.decision_evidence import DecisionBasis
from crisislib.warn.dimension_labels import shown_number

ABOUT_WHAT = N_(
    "What it is about: {about}. {share} of the posts of the public over {span} are negative (n = {n}); {usual} "
    "is usual."
)
ABOUT_ONLY = N_("What it is about: {about}.")
DRIFT = N_("The mood has changed: {share} of the posts are negative over these days, {usual} in the weeks before.")
FIRST_DAY = N_(
    "What is known without a baseline: {share} of the posts of the public in {span} are negative ({bad} of "
    "{n}). Treat it as an incident that nobody has assessed: read the posts, name who decides, prepare a "
    "holding statement."
)
FIRST_DAY_CALM = N_(
    "What is known without a baseline: {share} of the posts of the public in {span} are negative (n = {n})."
)
FEW = 10.0
"""Posts below which no share is given."""


def about_what(basis: DecisionBasis) -> list[Finding]:
    """What the newest windows are about, with the mood over the span that speaks most for it.

    Parameters
    ----------
    basis : DecisionBasis
        What was computed for the newest window.

    Returns
    -------
    list of Finding
        One.
    """
    mood, about = basis.series.mood, Phrase(ABOUT[basis.about])
    row = mood.row(basis.newest[0]) if len(basis.newest) else -1
    if row < 0 or not np.isfinite(mood.usual[row]):
        return [Finding("warn.about", ABOUT_ONLY, {"about": about}, pd.DataFrame(), weight=91.0)]
    step_s = basis.watch.window.step_minutes * 60
    span = int(mood.span[row]) if np.isfinite(mood.share[row]) else max(1, 6 * 3600 // step_s)
    begin = max(0, row + 1 - span)
    n, bad = float(mood.n[begin : row + 1].sum()), float(mood.negative[begin : row + 1].sum())
    if n < 1:
        return [Finding("warn.about", ABOUT_ONLY, {"about": about}, pd.DataFrame(), weight=91.0)]
    facts: dict[str, object] = {
        "about": about, "share": f"{bad / n:.0%}", "n": shown_number(n), "span": duration(span * step_s),
        "usual": f"{mood.usual[row]:.0%}",
    }  # fmt: skip
    end = min(basis.at, basis.newest[0] + pd.Timedelta(seconds=step_s))
    ids = evidence_posts.chosen(basis.labels, basis.posts, end - pd.Timedelta(seconds=span * step_s), end)
    return [Finding("warn.about", ABOUT_WHAT, facts, pd.DataFrame([facts]), ids, int(n), weight=91.0)]


def mood_drift(basis: DecisionBasis, ids: list[str]) -> list[Finding]:
    """That the mood has changed for days, where it has.

    Parameters
    ----------
    basis : DecisionBasis
        What was computed for the newest window.
    ids : list of str
        The posts behind the decision.

    Returns
    -------
    list of Finding
        One or none.
    """
    mood = basis.series.mood
    row = mood.row(basis.newest[0]) if len(basis.newest) else -1
    if row < 0 or not mood.drift[row]:
        return []
    facts: dict[str, object] = {"share": f"{mood.drift_share[row]:.0%}", "usual": f"{mood.drift_usual[row]:.0%}"}
    return [Finding("warn.mood", DRIFT, facts, pd.DataFrame([facts]), ids, len(ids), weight=90.0)]


def first_day(basis: DecisionBasis) -> list[Finding]:
    """The mood of the last day where no level can be given: silence is no calm, and neither is a missing baseline.

    Parameters
    ----------
    basis : DecisionBasis
        What was computed for the newest window.

    Returns
    -------
    list of Finding
        One, or none where fewer than :data:`FEW` posts are known.
    """
    mood = basis.series.mood
    rows = np.flatnonzero((mood.at > basis.at - pd.Timedelta(days=1)) & (mood.at < basis.at))
    n = float(mood.n[rows].sum()) if len(rows) else 0.0
    if n < FEW:
        return []
    bad = float(mood.negative[rows].sum())
    span_s = len(rows) * basis.watch.window.step_minutes * 60
    facts: dict[str, object] = {
        "n": shown_number(n), "share": f"{bad / n:.0%}", "bad": shown_number(bad), "span": duration(span_s)
    }  # fmt: skip
    ids = evidence_posts.chosen(basis.labels, basis.posts, mood.at[rows[0]], basis.at)
    severe = bad / n >= MAJORITY and bad >= MANY
    message, weight = (FIRST_DAY, 96.0) if severe else (FIRST_DAY_CALM, 60.0)
    return [Finding("warn.first_day", message, facts, pd.DataFrame([facts]), ids, int(n), weight=weight)]
