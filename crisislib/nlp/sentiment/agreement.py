"""Who labelled what, and how far analysts agree who labelled the same posts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.nlp.proportions import share_interval

ANALYST = "analyst"
"""The `model` of a label that a person gave; it wins over every model."""

AGREED = N_(
    "{n} {n:post was|posts were} labelled by more than one analyst, who agreed in {share} of the pairs of "
    "labels (n = {pairs}, 95% interval {lo} to {hi}; Krippendorff's α {alpha})."
)
ALONE = N_("No post was labelled by two analysts, so it is not known how far two would agree.")
FEW_PAIRS = N_("So few pairs say little of agreement; label some of each other's posts.")
ENOUGH = 30
"""Pairs of labels below which the interval of agreement is wider than 35 points and a warning is due."""


@dataclass(frozen=True)
class Agreement:
    """How far analysts agree.

    Attributes
    ----------
    n : int
        Posts with labels of two or more analysts.
    pairs : int
        Pairs of labels of one post.
    share, lo, hi : float
        Share of the pairs that agree, and its exact 95 % interval; NaN without a pair.
    alpha : float
        Krippendorff's α of nominal labels; NaN where all labels are of one class.
    """

    n: int
    pairs: int
    share: float
    lo: float
    hi: float
    alpha: float

    def finding(self) -> Finding:
        """The agreement as a sentence."""
        if not self.pairs:
            return Finding("text.agreement", ALONE, {}, pd.DataFrame(), silent=True)
        facts: dict[str, object] = {"n": self.n, "pairs": self.pairs}
        facts |= {name: f"{getattr(self, name):.0%}" for name in ("share", "lo", "hi")}
        facts["alpha"] = "–" if np.isnan(self.alpha) else f"{self.alpha:.2f}"
        limits = (FEW_PAIRS,) if self.pairs < ENOUGH else ()
        return Finding("text.agreement", AGREED, facts, pd.DataFrame(), n=self.n, limits=limits)


def by_whom(labels: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """Analysts' sentiment labels, the newest of each analyst and post.

    Labels from before names were stored are of the analyst `?`.

    Parameters
    ----------
    labels : LABELS

    Returns
    -------
    pandas.DataFrame
        `post_id`, `by`, `value`, `why`, `at`; labels from before names were stored are of the analyst `?`.
    """
    table = frame(labels)
    mine = table[(table.label == "sentiment") & (table.model == ANALYST)]
    given = [_details(cell) for cell in mine["evidence"]] if "evidence" in mine else [{}] * len(mine)
    rows = pd.DataFrame(
        {
            "post_id": mine.post_id,
            "by": pd.Series([s.get("by") or "?" for s in given], index=mine.index, dtype="object"),
            "value": mine.value,
            "why": pd.Series([s.get("why") or "" for s in given], index=mine.index, dtype="object"),
            "at": mine["at"],
        }
    )
    rows = rows.sort_values("at", kind="stable").drop_duplicates(["post_id", "by"], keep="last")
    return rows.reset_index(drop=True)


def frame(data: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """A table as pandas.

    Parameters
    ----------
    data : pyarrow.Table or pandas.DataFrame

    Returns
    -------
    pandas.DataFrame
    """
    return data.to_pandas() if isinstance(data, pa.Table) else data


def _details(cell: object) -> dict[str, str]:
    table = json.loads(cell) if isinstance(cell, str) and cell.startswith("{") else {}
    return {str(k): str(v) for k, v in table.items()}


def agreement(labels: pa.Table | pd.DataFrame) -> Agreement:
    """How far analysts agree on the posts that more than one has labelled.

    Parameters
    ----------
    labels : LABELS

    Returns
    -------
    Agreement

    Notes
    -----
    α = 1 − observed / expected disagreement over the coincidences of pairable labels, each label of a post with m
    labels weighing 1/(m − 1). Krippendorff 2004, Content Analysis, 11.3; Hayes & Krippendorff 2007,
    doi:10.1080/19312450709336664.
    """
    given = by_whom(labels)
    double = given[given.groupby("post_id")["by"].transform("size") > 1]
    if double.empty:
        return Agreement(0, 0, np.nan, np.nan, np.nan, np.nan)
    classes = sorted(double.value.unique())
    coincidences = np.zeros((len(classes), len(classes)))
    hits = pairs = 0
    for _, values in double.groupby("post_id")["value"]:
        codes = [classes.index(v) for v in values]
        for a, b in combinations(codes, 2):
            coincidences[a, b] += 1 / (len(codes) - 1)
            coincidences[b, a] += 1 / (len(codes) - 1)
            hits, pairs = hits + (a == b), pairs + 1
    of = coincidences.sum(axis=1)
    whole = of.sum()
    apart = 1 - np.trace(coincidences) / whole
    chance = 1 - (of * (of - 1)).sum() / (whole * (whole - 1))
    lo, hi = share_interval(hits, pairs)
    alpha = 1 - apart / chance if chance > 0 else np.nan
    return Agreement(double.post_id.nunique(), pairs, hits / pairs, float(lo), float(hi), float(alpha))
