"""The impact score, 0-100: likelihood times severity, with what each part adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.core.watch import Watch

RECENT = timedelta(hours=24)
ENOUGH = 24
"""Windows of history that a percentile needs."""
WEIGHTS = {
    "reach": 0.25,
    "tendency": 0.20,
    "sensitivity": 0.25,
    "spread": 0.10,
    "responsibility": 0.12,
    "history": 0.08,
}
EVIDENCE = ("reach", "tendency", "sensitivity", "spread")
"""Parts that come from posts; without any of them there is no impact to speak of."""
PART_WORDS = {
    "reach": N_("reach"),
    "tendency": N_("negative tendency"),
    "sensitivity": N_("sensitive subjects"),
    "spread": N_("potential to spread further"),
    "responsibility": N_("perceived responsibility"),
    "history": N_("crisis history and reputation"),
}
# Responsibility that people attribute, by crisis type (SCCT clusters: victim, accidental, preventable).
RESPONSIBILITY = {
    "rumour": 0.33,
    "malicious_attack": 0.33,
    "data_breach": 0.66,
    "product_harm": 0.66,
    "service_outage": 0.66,
    "customer_service": 0.66,
    "executive_misconduct": 1.0,
    "labour": 1.0,
    "discrimination": 1.0,
}
SLOPE = 8.0
"""Index points over which the rule of thumb for the likelihood goes from even to nearly sure."""


@dataclass(frozen=True)
class Part:
    """One part of the severity: its score 0-1 (None: not measured), weight, and the posts behind it."""

    name: str
    score: float | None
    n: int
    post_ids: tuple[str, ...] = ()


def likelihood(incident: Mapping[str, Any] | None, watch: Watch, given: float | None) -> tuple[float | None, str]:
    """Probability that it reaches orange, and how that is known.

    Parameters
    ----------
    incident : mapping or None
        `level` and `index` (0-100) of the incident; None where there is none.
    watch : Watch
        Its threshold for orange.
    given : float or None
        Probability (0-1) of the trained model, where there is one.

    Returns
    -------
    probability : float or None
        None where nothing is known.
    method : str
        `reached`, `outlook` (given by the trained model), `rule` (logistic in the index around the
        orange threshold; not calibrated) or `unknown`.
    """
    if incident and rank(incident.get("level") or "unknown") >= rank("orange"):
        return 1.0, "reached"
    if given is not None:
        return float(given), "outlook"
    index = (incident or {}).get("index")
    if index is not None and np.isfinite(index):
        return float(1 / (1 + np.exp(-(index - watch.levels.orange) / SLOPE))), "rule"
    return None, "unknown"


def parts(
    incident: Mapping[str, Any] | None,
    watch: Watch,
    *,
    signals: pd.DataFrame,
    cascades: pd.DataFrame,
    labels: pd.DataFrame,
    now: datetime,
) -> list[Part]:
    """The measured and unmeasured parts of the severity, in the order of :data:`WEIGHTS`.

    Parameters
    ----------
    incident : mapping or None
        `kind` of the incident; None where there is none.
    watch : Watch
        Reputation and crisis history of the brand.
    signals : pandas.DataFrame
        SIGNALS; a part from a signal is the percentile of the last 24 hours' worst window among all windows
        before.
    cascades : pandas.DataFrame
        CASCADES.
    labels : pandas.DataFrame
        LABELS; those that begin with `sensitive.` have a grade of 1-4 as score.
    now : datetime
        Moment of the assessment; nothing later is read.

    Returns
    -------
    list of Part
        Six, of score 0-1, or None where not measured.
    """
    kind = (incident or {}).get("kind") or ""
    known = RESPONSIBILITY.get(kind)
    past = {"good": 0.0, "neutral": 0.5, "bad": 1.0}[watch.respond.reputation]
    reach, n_reach = _first_measured(signals, ("reach", "volume"), now)
    tendency, n_tendency = _first_measured(signals, ("negative_index", "negative_share", "negative"), now)
    return [
        Part("reach", reach, n_reach),
        Part("tendency", tendency, n_tendency),
        _sensitivity(labels, now),
        _spread(cascades, now),
        Part("responsibility", known, 1 if known is not None else 0),
        Part("history", 1.0 if watch.respond.crisis_history else past * 0.7, 1),
    ]


def _first_measured(signals: pd.DataFrame, names: tuple[str, ...], now: datetime) -> tuple[float | None, int]:
    for name in names:
        score, n = _percentile(signals, name, now)
        if score is not None:
            return score, n
    return None, 0


def _percentile(signals: pd.DataFrame, name: str, now: datetime) -> tuple[float | None, int]:
    """Where the worst window of the last day stands among all windows before it, and its posts."""
    rows = signals[(signals["signal"] == name) & signals["value"].notna() & (signals["at"] <= now)]
    recent, past = rows[rows["at"] > now - RECENT], rows[rows["at"] <= now - RECENT]
    if recent.empty or len(past) < ENOUGH:
        return None, 0
    score = float((past["value"].to_numpy() < recent["value"].max()).mean())
    return score, int(recent["n_posts"].fillna(0).sum())


def _sensitivity(labels: pd.DataFrame, now: datetime) -> Part:
    """Grade (1-4) of the most severe subject of the last day, fuller with more posts, full at ten."""
    if labels.empty:
        return Part("sensitivity", None, 0)
    fresh = labels[(labels["created_at"] <= now) & (labels["created_at"] > now - RECENT)]
    hits = fresh[fresh["label"].str.startswith("sensitive.")]
    if fresh.empty:
        return Part("sensitivity", None, 0)
    if hits.empty:
        return Part("sensitivity", 0.0, int(fresh["post_id"].nunique()))
    by_subject = hits.groupby("label").agg(grade=("score", "max"), n=("post_id", "nunique"))
    scores = by_subject["grade"].fillna(1.0) / 4 * np.minimum(1.0, by_subject["n"] / 10)
    gravest = str(scores.idxmax())
    ids = hits.loc[hits["label"] == gravest, "post_id"].drop_duplicates().sort_values().head(20)
    return Part("sensitivity", float(min(1.0, scores.max())), int(by_subject["n"].to_dict()[gravest]), tuple(ids))


def _spread(cascades: pd.DataFrame, now: datetime) -> Part:
    """Offspring per post of the cascades that moved in the last day, weighted by size; full at 1."""
    if cascades.empty:
        return Part("spread", None, 0)
    live = cascades[(cascades["last_at"] > now - RECENT) & cascades["r_number"].notna()]
    if live.empty:
        return Part("spread", None, 0)
    size = live["n"].fillna(1).to_numpy(dtype=float)
    ids = tuple(live.sort_values(["n", "root_id"], ascending=[False, True])["root_id"].head(10))
    return Part("spread", float(np.clip(np.average(live["r_number"], weights=size), 0, 1)), int(size.sum()), ids)


def contributions(scored: list[Part], chance: float | None) -> pd.DataFrame:
    """What each part adds to the impact, and what the impact would be without it.

    Parameters
    ----------
    scored : list of Part
        As :func:`parts` gives them.
    chance : float or None
        Likelihood, 0-1; without it no contribution is known.

    Returns
    -------
    pandas.DataFrame
        part, score (0-1, null where not measured), weight, contribution (points), without (impact if
        the part were 0), n. Contributions add up to the impact = 100 · likelihood · Σ w·s / Σ w over
        the measured parts.
    """
    frame = pd.DataFrame(
        [(p.name, p.score, WEIGHTS[p.name], p.n) for p in scored], columns=["part", "score", "weight", "n"]
    ).astype({"score": "float64"})
    measured = frame["score"].notna()
    scale = 100 * (chance if chance is not None else np.nan) / frame.loc[measured, "weight"].sum()
    frame["contribution"] = frame["score"] * frame["weight"] * scale
    frame["without"] = frame["contribution"].sum(min_count=1) - frame["contribution"]
    return frame
