"""How a burst of headlines reads as it unfolds: the mean of what had been listed by each moment."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.errors import TableError
from crisislib.warn.onset.headline_classifier import Reader

NAMES_AND_FIGURES = 1.5
"""What a Latin letter or digit takes off a headline: models, prices and versions tell of launches."""
UNSURE = 5.0
"""Average headlines that a brand's past is mixed with, so that a short past says little."""
PAST_COUNTS = 2.0
"""Headlines of the burst that the brand's past weighs as much as."""


def values(titles: pd.Series, reader: Reader) -> npt.NDArray[np.float64]:
    """How far each headline speaks for a crisis.

    Parameters
    ----------
    titles : pandas.Series of str
    reader : Reader

    Returns
    -------
    numpy.ndarray
        Shape (titles,), in standard deviations of the reader's answers.
    """
    marked = titles.astype(str).str.contains("[A-Za-z0-9]").to_numpy(dtype=float)
    return reader.read(titles) - NAMES_AND_FIGURES * marked


def tone(earlier: pd.DataFrame, reader: Reader) -> pd.Series:
    """How the headlines about a brand read before its burst.

    Parameters
    ----------
    earlier : pandas.DataFrame
        Columns `burst`, `title`: headlines that were listed before the burst began.
    reader : Reader

    Returns
    -------
    pandas.Series
        Index burst; sum of values / (n + 5), so 0 (the average headline) for a brand without a past.

    Notes
    -----
    A history of crises intensifies the next one (Coombs 2007, https://doi.org/10.1057/palgrave.crr.1550049).
    """
    different = earlier.drop_duplicates(["burst", "title"]).reset_index(drop=True)
    found = pd.DataFrame({"burst": different.burst, "value": values(different.title, reader)}).groupby("burst").value
    shrunk: pd.Series = found.sum() / (found.size() + UNSURE)
    return shrunk


def course(listings: pd.DataFrame, reader: Reader, earlier: pd.DataFrame) -> pd.DataFrame:
    """Score of each burst at every moment at which a headline of it was new.

    Parameters
    ----------
    listings : pandas.DataFrame
        Columns `burst` (any key), `title` (str), `age` (seconds since the burst's first listing).
        One headline may be listed many times; only its first listing counts.
    reader : Reader
    earlier : pandas.DataFrame
        Headlines about the same brand before the burst, as in :func:`tone`; empty where there was none.

    Returns
    -------
    pandas.DataFrame
        Columns burst, age, score, n (headlines so far); by burst and age. Rows after an age are
        not looked at for it, so the score at an age is what was known then.

    Raises
    ------
    TableError
        A column is missing, or an age is below 0.

    Notes
    -----
    score(t) = mean over the headlines first listed by t of (reading - 1.5 x holds a Latin letter or digit); the tone
    of the past enters that mean as two more headlines.
    """
    missing = {"burst", "title", "age"} - set(listings.columns)
    if missing:
        raise TableError(f"no column {sorted(missing)}", where="listings", do="give burst, title, age")
    if (listings.age < 0).any():
        raise TableError("an age is below 0", where="listings.age", do="count from the burst's first listing")
    first = listings.groupby(["burst", "title"])[["age"]].min().reset_index()
    first = first.sort_values(["burst", "age", "title"], ignore_index=True)
    first["value"] = values(first.title, reader)
    by_burst = first.groupby("burst")
    first["n"] = by_burst.cumcount() + 1
    past = first.burst.map(tone(earlier, reader)).astype(float).fillna(0.0)
    first["score"] = (by_burst.value.cumsum() + PAST_COUNTS * past) / (first.n + PAST_COUNTS)
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
