"""The analyst's part: teaching from labels, the report card, versions on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.core.prevalence import Share, prevalence
from crisislib.core.recalibration import Calibration
from crisislib.core.watch import Watch
from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.sentiment.adapt import adapt, better_later, untaught
from crisislib.nlp.sentiment.agreement import ANALYST, frame
from crisislib.nlp.sentiment.lesson_files import (
    REMEDY,
    answers,
    lesson_path,
    lesson_versions,
    load_taught,
    read_lesson,
    save_lesson,
)
from crisislib.nlp.sentiment.sentiment_model import CLASSES, VERSION, logits, probabilities, shipped
from crisislib.nlp.sentiment.taught_model import Taught
from crisislib.nlp.sentiment.teaching_report import Change, ReportCard, change, report_card

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lesson:
    """What teaching gave.

    Attributes
    ----------
    version : str
        As it stands in the `model` column after `sentiment@`.
    card : ReportCard
        How it did on labels held back from it.
    predicted : numpy.ndarray, (n_labels, 3)
        Its answers on them.
    truth : numpy.ndarray of int64, (n_labels,)
        The labels.
    model : Taught, optional
        The taught model; None where it stands on another general model than the one in use, and cannot answer.
    general : ReportCard, optional
        How the general model does on the same labels, of which it was trained on none; None where not stored.
    change : Change, optional
        What the labels bought.
    labels_version : int
        Version of the table of labels that it was taught from; -1 where that is not known.
    at : numpy.ndarray, (n_labels,), optional
        Times of the labelled posts, seconds since 1970; None in versions that did not keep them.
    """

    version: str
    card: ReportCard
    predicted: F64
    truth: I64
    model: Taught | None = None
    general: ReportCard | None = None
    change: Change | None = None
    labels_version: int = -1
    at: F64 | None = None

    @property
    def general_stays(self) -> bool:
        """Whether the general model stays in use, since what was taught was not better on later posts."""
        return self.model is not None and not self.model.classes


def teach(
    posts: pa.Table | pd.DataFrame,
    labels: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    models: Path,
    labels_version: int = -1,
    seed: int = 0,
) -> Lesson:
    """Teach the watch's sentiment model from the analyst's labels and write it as the next version.

    What was taught is used only if it does better than the general model on later posts, see
    :func:`crisislib.nlp.sentiment.adapt.better_later`; else the version holds the general model, whose share of
    negative posts the labels correct all the same.

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
    labels_version : int
        Version of the table that the labels were read from; stored with the model.
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
    texts = frame(posts).sort_values("collected_at", kind="stable").drop_duplicates("post_id", keep="last")
    given = frame(labels)
    mine = given[(given.label == "sentiment") & (given.model == ANALYST)]
    # Of several labels of one post the newest counts, whoever gave it, as in every reading of the lake.
    mine = mine.sort_values("at", kind="stable").drop_duplicates("post_id", keep="last")
    rows = mine.merge(texts[["post_id", "text", "created_at"]], on="post_id", suffixes=("_label", ""))
    rows = rows.sort_values(["created_at", "post_id"], na_position="first", kind="stable")
    unknown = sorted(set(rows.value) - set(CLASSES))
    if unknown:
        raise ModelError(
            N_("labels {unknown} are not sentiments"),
            do=N_("use {classes}"),
            facts={"unknown": unknown, "classes": ", ".join(CLASSES)},
        )
    y = np.array([CLASSES.index(value) for value in rows.value], dtype=np.int64)
    others = texts.text[~texts.post_id.isin(rows.post_id)].fillna("").drop_duplicates().head(20_000).tolist()
    words = rows.text.fillna("").tolist()
    taught = adapt(words, y, others=others, seed=seed)
    if not better_later(words, y, others=others, seed=seed):
        taught = untaught(words, y)
    usable = np.isin(y, taught.classes) if taught.classes else np.ones(len(y), dtype=bool)
    general = probabilities(logits(taught.base, fold([word for word, use in zip(words, usable, strict=True) if use])))
    at = np.asarray((rows.created_at - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1), dtype=np.float64)
    number = max([*lesson_versions(watch, models), 0]) + 1
    path = lesson_path(watch, models, number)
    save_lesson(taught, general, at[usable], path, labels_version=labels_version)
    made = _lesson(watch, models, number)
    return replace(made, model=taught)


def _lesson(watch: Watch, models: Path, number: int) -> Lesson:
    """A version with its card, and with what changed where the general model's answers were stored."""
    path = lesson_path(watch, models, number)
    arrays, about = read_lesson(path)
    predicted, truth = arrays["held"], arrays["truth"]
    made = Lesson(
        version=f"{VERSION if about.get('base') == shipped().version else about.get('base')}+{watch.watch}.{number}",
        card=report_card(predicted, truth),
        predicted=predicted,
        truth=truth,
        model=load_taught(path) if answers(arrays, about) else None,
        labels_version=int(about.get("labels", -1)),
        at=_calibration(arrays).at,
    )
    if "general" not in arrays:
        return made
    before = arrays["general"]
    return replace(made, general=report_card(before, truth), change=change(before, predicted, truth))


def lesson(watch: Watch, models: Path, *, labels_version: int | None = None) -> Lesson | None:
    """The newest taught version with its report card.

    Parameters
    ----------
    watch : Watch
    models : Path
        Folder of the taught models.
    labels_version : int, optional
        The newest that was taught from labels up to this version of LABELS; of any when left out.

    Returns
    -------
    Lesson or None
        None where there is none.
    """
    for number in reversed(lesson_versions(watch, models)):
        labels = int(read_lesson(lesson_path(watch, models, number))[1].get("labels", -1))
        if labels_version is None or labels <= labels_version:
            return _lesson(watch, models, number)
    return None


def shares(texts: Sequence[str], taught: Lesson) -> tuple[Share, Share]:
    """Share of negative posts: by the general model alone, and by the taught one corrected by its labels.

    Parameters
    ----------
    texts : sequence of str
    taught : Lesson

    Returns
    -------
    before, after : Share

    Raises
    ------
    ModelError
        The taught model stands on another general model and cannot answer.
    """
    if taught.model is None:
        raise ModelError(N_("taught over another general model"), where=taught.version, do=REMEDY)
    codes = fold(list(texts))
    before = prevalence(probabilities(logits(taught.model.base, codes))[:, 0])
    known = Calibration(taught.predicted[:, 0], taught.truth == 0, taught.at)
    return before, prevalence(taught.model.probabilities(codes)[:, 0], known)


def version_of(watch: Watch, models: Path | None) -> str:
    """What the newest taught model of a watch adds to the shipped version.

    Parameters
    ----------
    watch : Watch
    models : Path or None
        Folder of the taught models.

    Returns
    -------
    str
        `+watch.N`, or empty.
    """
    number = max(lesson_versions(watch, models), default=0)
    return f"+{watch.watch}.{number}" if number else ""


def taught_model(watch: Watch, models: Path | None) -> Taught | None:
    """A watch's newest taught model.

    Parameters
    ----------
    watch : Watch
    models : Path or None
        Folder of the taught models.

    Returns
    -------
    Taught or None
        None if nobody has taught one.

    Raises
    ------
    ModelError
        The version is missing, damaged, or stands on another general model.
    """
    versions = lesson_versions(watch, models)
    if models is None or not versions:
        return None
    return load_taught(lesson_path(watch, models, max(versions)))


def calibration(watch: Watch, models: Path | None) -> Calibration | None:
    """Predictions of the newest taught model on labels that it was not taught from, with the labels.

    Parameters
    ----------
    watch : Watch
    models : Path or None
        Folder of the taught models.

    Returns
    -------
    Calibration or None
        None if nobody has taught a model.
    """
    versions = lesson_versions(watch, models)
    if models is None or not versions:
        return None
    arrays, _ = read_lesson(lesson_path(watch, models, max(versions)))
    return _calibration(arrays)


def _calibration(arrays: dict[str, npt.NDArray[Any]]) -> Calibration:
    """The labels against the model's answers; versions before times were kept have none."""
    at = arrays["at"].astype(float) if "at" in arrays else None
    return Calibration(arrays["held"][:, 0], arrays["truth"] == 0, at)
