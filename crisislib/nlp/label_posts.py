"""From posts to labels: each different text once, in batches, through the table of labellers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.core.table_definitions import TIME
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.nlp.label_batch import Batch, Labeller, Part
from crisislib.nlp.labeller_registry import LABELLERS

BATCH = 20_000
"""Different texts a batch; bounds memory at roughly 400 MB for texts of 100 characters."""


def label(
    posts: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    now: datetime,
    models: Path | None = None,
    only: Iterable[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pa.Table:
    """Label posts.

    Parameters
    ----------
    posts : pyarrow.Table or pandas.DataFrame
        POSTS; of several observations of a post the newest text counts.
    watch : Watch
        Brand, competitors and industry; only its posts are labelled.
    now : datetime
        Written to `at`; with a time zone.
    models : Path, optional
        Folder of the models taught by analysts for this and other watches.
    only : iterable of str, optional
        Names from :data:`LABELLERS`; all when left out.
    progress : callable, optional
        Called with (texts done, texts in all) after each batch.

    Returns
    -------
    pyarrow.Table
        LABELS, one row per post and label; `created_at` is the post's time, `p` is null where a labeller does not
        claim a probability, `evidence` is JSON with the words that led to it.

    Raises
    ------
    ModelError
        An unknown labeller, an industry without a list, or a model that cannot be read.
    TableError
        The frame is not POSTS.
    """
    chosen = _chosen(only)
    latest = _latest(conform(posts, "POSTS"), watch)
    if not latest.num_rows:
        return empty("LABELS")
    codes = pc.fill_null(latest["text"], "").combine_chunks().dictionary_encode()
    texts, index = codes.dictionary, codes.indices.to_numpy(zero_copy_only=False)
    # posts ordered by text: the posts of text i are order[start[i]:start[i + 1]]
    order = np.argsort(index, kind="stable")
    start = np.searchsorted(index[order], np.arange(len(texts) + 1))
    rows = []
    for low in range(0, len(texts), BATCH):
        batch = Batch(texts.slice(low, BATCH), watch, models)
        for labeller in chosen:
            model = labeller.model(watch, models)
            rows += [_rows(part, low, order, start, latest, model, now, watch) for part in _parts(labeller, batch)]
        if progress is not None:
            progress(min(low + BATCH, len(texts)), len(texts))
    return conform(pa.concat_tables(rows), "LABELS") if rows else empty("LABELS")


def models_of(watch: Watch, models: Path | None = None) -> dict[str, str]:
    """The model that each labeller uses now; posts without labels of this model are to be labelled.

    Parameters
    ----------
    watch : Watch
    models : Path, optional
        Folder of the models that analysts have taught; only what is shipped when left out.

    Returns
    -------
    dict of str to str
        Labeller -> value of the column `model`.
    """
    return {name: labeller.model(watch, models) for name, labeller in LABELLERS.items()}


def _chosen(only: Iterable[str] | None) -> list[Labeller]:
    names = list(LABELLERS) if only is None else list(only)
    unknown = [name for name in names if name not in LABELLERS]
    if unknown:
        raise ModelError(
            N_("no labeller {unknown}"),
            do=N_("use some of {labellers}"),
            facts={"unknown": ", ".join(unknown), "labellers": ", ".join(LABELLERS)},
        )
    return [LABELLERS[name] for name in names]


def _latest(posts: pa.Table, watch: Watch) -> pa.Table:
    """The newest observation of each post of the watch."""
    mine = posts.filter(pc.equal(posts["watch"], watch.watch))
    texts = mine.select(["post_id", "created_at", "text"]).append_column("row", pa.array(np.arange(mine.num_rows)))
    ordered = texts.take(pc.sort_indices(mine, sort_keys=[("post_id", "ascending"), ("collected_at", "ascending")]))
    ids = ordered["post_id"].combine_chunks()
    last = np.ones(len(ids), dtype=bool)
    if len(ids) > 1:
        last[:-1] = pc.not_equal(ids[:-1], ids[1:]).to_numpy(zero_copy_only=False)
    return ordered.filter(pa.array(last))


def _parts(labeller: Labeller, batch: Batch) -> Iterator[Part]:
    for part in labeller.fn(batch):
        if not len(part.doc) == len(part.value) == len(part.evidence):
            raise ModelError(
                N_("labeller {name!r} gave rows of different length"),
                do=N_("correct the labeller"),
                facts={"name": labeller.name},
            )
        yield part


def _rows(
    part: Part, low: int, order: np.ndarray, start: np.ndarray, posts: pa.Table, model: str, now: datetime, watch: Watch
) -> pa.Table:
    """The rows of a part, one for each post that has the text."""
    text = part.doc + low
    counts = start[text + 1] - start[text]
    which = np.repeat(np.arange(len(text)), counts)
    inside = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    post = order[np.repeat(start[text], counts) + inside]
    n = len(which)
    take = pa.array(which)
    nothing = pa.nulls(n, pa.float64())
    return pa.table(
        {
            "watch": pa.repeat(watch.watch, n),
            "post_id": posts["post_id"].take(pa.array(post)),
            "label": pa.repeat(part.label, n),
            "model": pa.repeat(model, n),
            "at": pa.repeat(pa.scalar(now, TIME), n),
            "created_at": posts["created_at"].take(pa.array(post)),
            "value": part.value.take(take),
            "p": nothing if part.p is None else pa.array(part.p[which]),
            "score": nothing if part.score is None else pa.array(part.score[which]),
            "evidence": part.evidence.take(take),
        }
    )
