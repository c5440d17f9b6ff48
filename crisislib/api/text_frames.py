"""What posts say: labels, topics, narratives, and how many are negative."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib import nlp
from crisislib.api.open_frames import WatchLike, open_watch
from crisislib.api.plain_frames import FrameT, as_given, as_posts, newest, utc
from crisislib.core.errors import InputError, TableError
from crisislib.core.i18n import counted
from crisislib.core.prevalence import Share
from crisislib.core.recalibration import Calibration


def label(
    posts: FrameT, watch: WatchLike, *, only: str | Iterable[str] | None = None, now: datetime | None = None
) -> FrameT:
    """Label posts: language, sentiment, stance, named entities, sensitive subjects, kind of crisis.

    Parameters
    ----------
    posts : pandas.DataFrame or pyarrow.Table
        With `text`; `post_id` and `created_at` where there are any.
    watch : Watch, str, Path, mapping or sequence of str
        As for :func:`~crisislib.open_watch`: brand, competitors and industry.
    only : str or iterable of str, optional
        Names of labellers (`crisislib.nlp.LABELLERS`); all when left out.
    now : datetime, optional
        Written to `at`; the newest post's time when left out.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        LABELS, one row per post and label: `post_id`, `label`, `value`, `p` (0-1, null where no probability is
        claimed), `evidence` (JSON).

    Raises
    ------
    ModelError
        An unknown labeller, or an industry without a list.
    TableError
        The frame has no `text`.

    Examples
    --------
    >>> import pandas as pd
    >>> import crisislib
    >>> posts = pd.DataFrame({"text": ["I love this tea", "This tea made me sick, awful", "刚买的茶是坏的，太差了"]})
    >>> labels = crisislib.label(posts, ["Luvaya"], only=["sentiment"])
    >>> labels.loc[labels["label"] == "sentiment", "value"].tolist()
    ['positive', 'negative', 'negative']
    """
    opened = open_watch(watch)
    table = as_posts(posts, opened.watch)
    only = [only] if isinstance(only, str) else only
    return as_given(
        nlp.label(table, opened, now=utc(now, "now") or newest(table, column="collected_at"), only=only), posts
    )


@dataclass(frozen=True)
class PostTopics:
    """Topics of some posts.

    Attributes
    ----------
    topics : pandas.DataFrame
        TOPICS: `topic_id`, `words`, `title_en`, `title_zh`, `n`, `share`.
    labels : pandas.DataFrame
        LABELS `topic`: which topic each post belongs to (`outside`: none), with `p` and `score`.
    """

    topics: pd.DataFrame
    labels: pd.DataFrame


def topics(
    posts: pd.DataFrame | Any,
    watch: WatchLike,
    *,
    state: Path | str | None = None,
    seed: int = 0,
    now: datetime | None = None,
) -> PostTopics:
    """Find what posts speak about.

    Parameters
    ----------
    posts : pandas.DataFrame or pyarrow.Table
        With `text`.
    watch : Watch, str, Path, mapping or sequence of str
        As for :func:`~crisislib.open_watch`; its key `text.topics` names the embedder and the number of topics.
    state : Path or str, optional
        Folder that keeps the model, so that the next call gives the same ids; nothing is kept when left out.
    seed : int
        Same posts, state and seed: same answer.
    now : datetime, optional
        Time of the rows; the newest post's when left out.

    Returns
    -------
    PostTopics

    Raises
    ------
    ModelError
        An embedder that is unknown or not installed.

    Examples
    --------
    >>> import crisislib
    >>> drill = crisislib.simulate(posts=600, seed=1)
    >>> found = crisislib.topics(drill.posts, drill.watch)
    >>> int(found.topics["n"].max()) > 20
    True
    """
    opened = open_watch(watch)
    table = as_posts(posts, opened.watch)
    at = utc(now, "now") or newest(table, column="collected_at")
    with tempfile.TemporaryDirectory() as once:
        result = nlp.discover_topics(table, opened, now=at, state=Path(state or once), seed=seed)
    return PostTopics(result.topics.to_pandas(), result.labels.to_pandas())


def narratives(posts: FrameT, watch: WatchLike, *, now: datetime | None = None) -> FrameT:
    """Find posts that are copies or versions of one text.

    Parameters
    ----------
    posts : pandas.DataFrame or pyarrow.Table
        With `text`.
    watch : Watch, str, Path, mapping or sequence of str
        As for :func:`~crisislib.open_watch`.
    now : datetime, optional
        Time of the rows; the newest post's when left out.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        LABELS `narrative`: `value` is the narrative's id, `score` the similarity (0-1) to the text that it began with.

    Notes
    -----
    MinHash of 5-grams, checked exactly, and winnowed fingerprints of cut copies;
    see :func:`crisislib.nlp.narratives`.

    Examples
    --------
    >>> import pandas as pd
    >>> import crisislib
    >>> text = "Breaking: the new tea of Luvaya made nine people sick in Hangzhou this morning"
    >>> posts = pd.DataFrame({"text": [text, text + "!!", "Lovely weather for a walk by the lake today, is it not"]})
    >>> crisislib.narratives(posts, ["Luvaya"])["value"].nunique()
    2
    """
    opened = open_watch(watch)
    table = as_posts(posts, opened.watch)
    at = utc(now, "now") or newest(table, column="collected_at")
    with tempfile.TemporaryDirectory() as once:
        return as_given(nlp.narratives(table, opened, now=at, state=Path(once)), posts)


def prevalence(
    p_negative: npt.ArrayLike,
    labelled: pd.DataFrame | None = None,
    *,
    window: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Share:
    """Share of negative posts, corrected for the classifier's errors.

    Parameters
    ----------
    p_negative : array-like, (n_posts,)
        P(negative) of each post, 0-1.
    labelled : pandas.DataFrame, optional
        Posts of the same stream that a person labelled: `p` (the classifier's P(negative), 0-1) and `negative` (bool).
        30 are needed, with 5 on either side; else the interval is wide.
    window : array-like of int, (n_posts,), optional
        Window of each post, from 0; one window when left out.
    level : float
        Nominal coverage of the interval, 0-1.

    Returns
    -------
    Share
        `value`, `lo`, `hi`, `raw` per window.

    Raises
    ------
    NotEnoughData
        A probability is missing or outside 0-1.
    InputError
        Values are no numbers, `window` is of another length, or `level` is outside 0-1.
    TableError
        `labelled` lacks a column.

    Notes
    -----
    See :func:`crisislib.core.prevalence.prevalence` (Platt 1999; Saerens, Latinne and Decaestecker 2002).

    Examples
    --------
    >>> import crisislib
    >>> share = crisislib.prevalence([0.9, 0.8, 0.2, 0.1] * 25)
    >>> bool(share.lo[0] < share.value[0] < share.hi[0])
    True
    """
    p = _numbers(p_negative, "p_negative")
    if not 0 < level < 1:
        raise InputError(f"{level} is no coverage", where="level", do="give a share between 0 and 1, such as 0.95")
    where = None if window is None else _numbers(window, "window").astype(np.int64)
    if where is not None and where.shape != p.shape:
        raise InputError(
            f"{counted(where.size, 'window')} for {counted(p.size, 'post')}",
            where="window",
            do="give one for each post",
        )
    windows = 1 if where is None or not where.size else int(where.max()) + 1
    known = None
    if labelled is not None:
        if absent := {"p", "negative"} - set(labelled.columns):
            raise TableError(f"columns {sorted(absent)} are missing", where="labelled", do="rename or add them")
        known = Calibration(labelled["p"].to_numpy(dtype=float), labelled["negative"].to_numpy(dtype=bool))
    return nlp.prevalence(p, known, window=where, n_windows=windows, level=level)


def _numbers(values: npt.ArrayLike, name: str) -> npt.NDArray[np.float64]:
    try:
        return np.asarray(values, dtype=float)
    except ValueError as fault:
        raise InputError(f"not all numbers: {fault}", where=name, do="convert them") from fault
