"""How a burst of headlines reads as it unfolds: the share of harm in what had been listed by each moment."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from crisislib.core.errors import TableError
from crisislib.core.i18n import N_
from crisislib.warn.onset.headline_classifier import Reader, mask

UNSURE = 2.0
"""Headlines of even odds that are mixed in, so that one headline says less than ten: one of each kind."""


def course(
    listings: pd.DataFrame, reader: Reader, names: Mapping[Hashable, Sequence[str]] | None = None
) -> pd.DataFrame:
    """Score of each burst at every moment at which a headline of it was new.

    Parameters
    ----------
    listings : pandas.DataFrame
        Columns `burst` (any key), `title` (str), `age` (seconds since the burst's first listing).
        One headline may be listed many times; only its first listing counts.
    reader : Reader
    names : Mapping, optional
        Burst -> names that are masked before its headlines are read.

    Returns
    -------
    pandas.DataFrame
        Columns burst, age, score (-0.5 to 0.5), n (headlines so far); by burst and age. Rows after an age are
        not looked at for it, so the score at an age is what was known then.

    Raises
    ------
    TableError
        A column is missing, or an age is below 0.

    Notes
    -----
    score(t) = sum of (p - 1/2) / (m + 2) over the m headlines first listed by t of which something is left after
    masking; p is the reader's probability. A shrunken share of headlines that tell of harm: no single wild reading
    decides (p is bounded), and more headlines of one kind say more. Nothing of the brand's past is read.
    """
    missing = {"burst", "title", "age"} - set(listings.columns)
    if missing:
        raise TableError(
            N_("no column {missing}"),
            where="listings",
            do=N_("give burst, title, age"),
            facts={"missing": sorted(missing)},
        )
    if (listings.age < 0).any():
        raise TableError(N_("an age is below 0"), where="listings.age", do=N_("count from the burst's first listing"))
    first = listings.groupby(["burst", "title"])[["age"]].min().reset_index()
    first = first.sort_values(["burst", "age", "title"], ignore_index=True)
    masked = pd.Series("", index=first.index, dtype="object")
    for burst, rows in first.groupby("burst"):
        masked[rows.index] = mask(rows.title, (names or {}).get(burst, ()))
    odds = pd.Series(reader.read(masked), index=first.index)
    first["lean"] = odds.map(lambda x: 1 / (1 + math.exp(-x)) - 0.5).fillna(0.0)
    first["m"] = odds.notna().astype(float)
    by_burst = first.groupby("burst")
    first["n"] = by_burst.cumcount() + 1
    first["score"] = by_burst.lean.cumsum() / (by_burst.m.cumsum() + UNSURE)
    last: pd.DataFrame = first.drop_duplicates(["burst", "age"], keep="last")
    return last[["burst", "age", "score", "n"]].reset_index(drop=True)


def called(told: pd.DataFrame, threshold: float) -> pd.Series:
    """Age in seconds at which each burst is first called; NaN where it never is.

    Parameters
    ----------
    told : pandas.DataFrame
        Of :func:`course`.
    threshold : float
        A burst is called as soon as its score is above it.

    Returns
    -------
    pandas.Series
        Index burst.
    """
    over = told[told.score > threshold].groupby("burst").age.min()
    return over.reindex(told.burst.unique()).astype(float).rename("age")
