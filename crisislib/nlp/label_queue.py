"""Which posts an analyst should label next."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.nlp.sentiment.agreement import ANALYST, by_whom, frame


def queue(
    posts: pa.Table | pd.DataFrame,
    labels: pa.Table | pd.DataFrame,
    *,
    n: int = 100,
    seed: int = 0,
    by: str = "",
    again: int = 0,
) -> pd.DataFrame:
    """The posts that are worth labelling next.

    Parameters
    ----------
    posts : pyarrow.Table or pandas.DataFrame
        POSTS; `post_id`, `text` and `collected_at` are read.
    labels : pyarrow.Table or pandas.DataFrame
        LABELS with the model's `sentiment` rows, and the analysts' so far.
    n : int
        How many posts to offer.
    seed : int
        Same tables and seed, same posts.
    by : str
        Who will label.
    again : int
        At most so many posts that only others have labelled, from which agreement is measured.

    Returns
    -------
    pandas.DataFrame
        post_id, text, value, p, why (`sample`, `unsure` or `again`), at most one of posts with the same text. Half are
        a sample stratified by predicted class and day, from which shares can be corrected; half are those that the
        model is least sure of, which teach it most. Posts already labelled are left out, but for the `again`.

    Raises
    ------
    NotEnoughData
        No post has a sentiment label.
    """
    texts = frame(posts)[["post_id", "text", "collected_at"]].sort_values("collected_at", kind="stable")
    texts = texts.drop_duplicates("post_id", keep="last")
    texts = texts[texts.text.fillna("").str.strip() != ""]
    given = frame(labels)
    given = given[given.label == "sentiment"]
    done = set(given.post_id[given.model == ANALYST])
    rows = (
        given[given.model != ANALYST]
        .sort_values(["at", "model"])
        .drop_duplicates("post_id", keep="last")
        .merge(texts, on="post_id")
    )
    finished = texts[texts.post_id.isin(done)]
    if rows.empty and finished.empty:
        raise NotEnoughData(N_("no post has a sentiment label yet"), do=N_("run the text stage first: crisis run"))
    rng = np.random.default_rng(seed)
    second = _second(finished, given, by, min(again, n), rng)
    rows = rows[~rows.text.isin(set(finished.text))]
    rows = rows.sort_values("post_id").drop_duplicates("text").reset_index(drop=True)
    n -= len(second)
    sample = _stratified(rows, (n + 1) // 2, rng)
    rest = rows.drop(sample)
    unsure = rest.assign(_tie=rng.random(len(rest))).sort_values(["p", "_tie"]).index[: n - len(sample)]
    chosen = rows.loc[[*sample, *unsure]].assign(why=["sample"] * len(sample) + ["unsure"] * len(unsure))
    queued = pd.concat([chosen, second]) if len(second) else chosen
    return queued[["post_id", "text", "value", "p", "why"]].reset_index(drop=True)


def _second(finished: pd.DataFrame, given: pd.DataFrame, by: str, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Posts that others have labelled and this analyst has not."""
    given = by_whom(given)
    mine = set(given.post_id[given.by == by])
    rest = finished[~finished.post_id.isin(mine)].drop_duplicates("text").sort_values("post_id")
    chosen = rest.iloc[rng.permutation(len(rest))[:n]]
    return chosen[["post_id", "text"]].assign(value=None, p=np.nan, why="again")


def _stratified(rows: pd.DataFrame, n: int, rng: np.random.Generator) -> list[int]:
    """Row numbers, spread over predicted class and day: a random order dealt round the strata."""
    shuffled = rows.iloc[rng.permutation(len(rows))]
    strata = [shuffled.value, pd.to_datetime(shuffled.created_at, utc=True).dt.date]
    turn = shuffled.groupby(strata, dropna=False).cumcount()
    return [int(i) for i in turn.sort_values(kind="stable").index[:n]]
