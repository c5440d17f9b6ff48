"""The analyst's part: which posts to label next, teaching from labels, the report card, versions on disk."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from crisislib.core.errors import ModelError, NotEnoughData
from crisislib.core.prevalence import Calibration
from crisislib.core.watch import Watch
from crisislib.text.adapt import Taught, adapt
from crisislib.text.model import CLASSES, shipped
from crisislib.text.report import ReportCard, report_card

F64 = npt.NDArray[np.float64]
ANALYST = "analyst"


def queue(
    posts: pa.Table | pd.DataFrame, labels: pa.Table | pd.DataFrame, *, n: int = 100, seed: int = 0
) -> pd.DataFrame:
    """The posts that are worth labelling next.

    Parameters
    ----------
    posts : pyarrow.Table or pandas.DataFrame
        POSTS.
    labels : pyarrow.Table or pandas.DataFrame
        LABELS with the model's `sentiment` rows, and the analyst's so far.
    n : int
        How many posts to offer.
    seed : int
        Same tables and seed, same posts.

    Returns
    -------
    pandas.DataFrame
        post_id, text, value, p, why (`sample` or `unsure`), at most one of posts with the same text. Half are a
        sample stratified by predicted class and day, from which shares can be corrected; half are those that the
        model is least sure of, which teach it most. Posts already labelled by an analyst are left out.

    Raises
    ------
    NotEnoughData
        No post has a sentiment label.
    """
    texts = _frame(posts)[["post_id", "text", "collected_at"]].sort_values("collected_at", kind="stable")
    texts = texts.drop_duplicates("post_id", keep="last")
    held = _frame(labels)
    held = held[held.label == "sentiment"]
    done = set(held.post_id[held.model == ANALYST])
    rows = (
        held[held.model != ANALYST]
        .sort_values(["at", "model"])
        .drop_duplicates("post_id", keep="last")
        .merge(texts, on="post_id")
    )
    rows = rows[rows.text.fillna("").str.strip() != ""]
    if rows.empty:
        raise NotEnoughData("no post has a sentiment label yet", do="run the text stage first")
    finished = set(rows.text[rows.post_id.isin(done)])
    rows = rows[~rows.text.isin(finished)].sort_values("post_id").drop_duplicates("text").reset_index(drop=True)
    rng = np.random.default_rng(seed)
    sample = _stratified(rows, (n + 1) // 2, rng)
    rest = rows.drop(sample)
    unsure = rest.assign(_tie=rng.random(len(rest))).sort_values(["p", "_tie"]).index[: n - len(sample)]
    chosen = rows.loc[[*sample, *unsure]].assign(why=["sample"] * len(sample) + ["unsure"] * len(unsure))
    return chosen[["post_id", "text", "value", "p", "why"]].reset_index(drop=True)


def _stratified(rows: pd.DataFrame, n: int, rng: np.random.Generator) -> list[int]:
    """Row numbers, spread over predicted class and day: a random order dealt round the strata."""
    shuffled = rows.iloc[rng.permutation(len(rows))]
    strata = [shuffled.value, pd.to_datetime(shuffled.created_at, utc=True).dt.date]
    turn = shuffled.groupby(strata, dropna=False).cumcount()
    return [int(i) for i in turn.sort_values(kind="stable").index[:n]]


def _frame(data: pa.Table | pd.DataFrame) -> pd.DataFrame:
    return data.to_pandas() if isinstance(data, pa.Table) else data


@dataclass(frozen=True)
class Lesson:
    """What teaching gave.

    Attributes
    ----------
    version : str
        As it stands in the `model` column after `sentiment@`.
    model : Taught
        The taught model.
    card : ReportCard
        How it did on labels held back from it.
    """

    version: str
    model: Taught
    card: ReportCard


def teach(
    posts: pa.Table | pd.DataFrame, labels: pa.Table | pd.DataFrame, watch: Watch, *, models: Path, seed: int = 0
) -> Lesson:
    """Teach the watch's sentiment model from the analyst's labels and write it as the next version.

    Parameters
    ----------
    posts : pyarrow.Table or pandas.DataFrame
        POSTS that the labels are about, and others of the watch.
    labels : pyarrow.Table or pandas.DataFrame
        LABELS; the rows `sentiment` of the model `analyst` teach.
    watch : Watch
        Whose model it is.
    models : Path
        Folder of the versions; older ones stay, so that old reports can be made again.
    seed : int
        Of the folds.

    Returns
    -------
    Lesson

    Raises
    ------
    NotEnoughData
        Fewer than 50 labels, or fewer than 5 of a second class.
    ModelError
        A label is not negative, neutral or positive.
    """
    texts = _frame(posts).sort_values("collected_at", kind="stable").drop_duplicates("post_id", keep="last")
    held = _frame(labels)
    mine = held[(held.label == "sentiment") & (held.model == ANALYST)].drop_duplicates("post_id", keep="last")
    rows = mine.merge(texts[["post_id", "text"]], on="post_id").sort_values("post_id")
    unknown = sorted(set(rows.value) - set(CLASSES))
    if unknown:
        raise ModelError(f"labels {unknown} are not sentiments", do=f"use {', '.join(CLASSES)}")
    y = np.array([CLASSES.index(value) for value in rows.value], dtype=np.int64)
    others = texts.text[~texts.post_id.isin(rows.post_id)].fillna("").drop_duplicates().head(20_000).tolist()
    taught = adapt(rows.text.fillna("").tolist(), y, others=others, seed=seed)
    number = max([*_versions(watch, models), 0]) + 1
    card = report_card(taught.held, taught.truth, seed=seed)
    _save(taught, card, _path(watch, models, number))
    return Lesson(f"{taught.base.version}+{watch.watch}.{number}", taught, card)


def version_of(watch: Watch, models: Path | None) -> str:
    """What the newest taught model of a watch adds to the shipped version: `+watch.N`, or nothing."""
    number = max(_versions(watch, models), default=0)
    return f"+{watch.watch}.{number}" if number else ""


def taught_model(watch: Watch, models: Path | None, number: int | None = None) -> Taught | None:
    """A watch's taught model, the newest unless a number is given; None if nobody has taught one.

    Raises
    ------
    ModelError
        The version is missing, damaged, or stands on another general model.
    """
    found = _versions(watch, models)
    if models is None or (not found and number is None):
        return None
    return _load(_path(watch, models, number or max(found)))


def calibration(watch: Watch, models: Path | None) -> Calibration | None:
    """What the labels say of the newest taught model, for corrected shares; None if nobody has taught one."""
    taught = taught_model(watch, models)
    return None if taught is None else Calibration(taught.held[:, 0], taught.truth == 0)


def _path(watch: Watch, models: Path, number: int) -> Path:
    return models / f"sentiment+{watch.watch}.{number}.safetensors"


def _versions(watch: Watch, models: Path | None) -> list[int]:
    if models is None or not models.is_dir():
        return []
    pattern = re.compile(rf"sentiment\+{re.escape(watch.watch)}\.(\d+)\.safetensors")
    return sorted(int(found[1]) for path in models.iterdir() if (found := pattern.fullmatch(path.name)))


def _save(taught: Taught, card: ReportCard, path: Path) -> None:
    """Only the n-grams that weigh anything are written; the file appears whole or not at all."""
    used = np.flatnonzero(np.abs(taught.grams).max(axis=1) > 1e-5)
    tensors: dict[str, npt.NDArray[np.generic]] = {
        "classes": np.array(taught.classes, dtype=np.int64),
        "offset": taught.offset,
        "dense": taught.dense,
        "used": used.astype(np.int32),
        "grams": taught.grams[used],
        "heat": np.array([taught.heat]),
        "held": taught.held,
        "truth": taught.truth,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(tensors, str(part), metadata={"base": taught.base.version, "card": json.dumps(card.facts())})
    part.replace(path)


def _load(path: Path) -> Taught:
    remedy = "teach the model again from the labels, which are kept"
    if not path.is_file():
        raise ModelError("this taught model is missing", where=path.name, do=remedy)
    try:
        with safe_open(str(path), framework="numpy") as file:
            about = file.metadata() or {}
            held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as fault:
        raise ModelError(f"this taught model cannot be read: {fault}", where=path.name, do=remedy) from fault
    base = shipped()
    if about.get("base") != base.version:
        raise ModelError(
            f"taught over the general model {about.get('base')!r}, and this is {base.version!r}",
            where=path.name,
            do=remedy,
        )
    grams = np.zeros((len(base.grams), len(held["classes"])), dtype=np.float32)
    grams[held["used"]] = held["grams"]
    classes = tuple(int(c) for c in held["classes"])
    return Taught(
        base, classes, held["offset"], held["dense"], grams, float(held["heat"][0]), held["held"], held["truth"]
    )
