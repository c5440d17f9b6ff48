"""The analyst's part: teaching from labels, the report card, versions on disk."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from crisislib.core.errors import ModelError
from crisislib.core.prevalence import Calibration, Share, prevalence
from crisislib.core.watch import Watch
from crisislib.text.adapt import Taught, adapt
from crisislib.text.agreement import ANALYST, frame
from crisislib.text.codes import fold
from crisislib.text.model import CLASSES, logits, probabilities, shipped
from crisislib.text.report import Change, ReportCard, change, report_card

F64 = npt.NDArray[np.float64]


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
    general : ReportCard, optional
        How the general model does on the same labels, none of which it has seen; None in versions that did not keep it.
    change : Change, optional
        What the labels bought.
    seen : int
        Version of the table of labels that it was taught from; -1 where that is not known.
    """

    version: str
    model: Taught
    card: ReportCard
    general: ReportCard | None = None
    change: Change | None = None
    seen: int = -1


def teach(
    posts: pa.Table | pd.DataFrame,
    labels: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    models: Path,
    seen: int = -1,
    seed: int = 0,
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
    seen : int
        Version of the table that the labels were read from; kept with the model.
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
    held = frame(labels)
    mine = held[(held.label == "sentiment") & (held.model == ANALYST)]
    # Of several labels of one post the newest counts, whoever gave it, as in every reading of the lake.
    mine = mine.sort_values("at", kind="stable").drop_duplicates("post_id", keep="last")
    rows = mine.merge(texts[["post_id", "text"]], on="post_id").sort_values("post_id")
    unknown = sorted(set(rows.value) - set(CLASSES))
    if unknown:
        raise ModelError(f"labels {unknown} are not sentiments", do=f"use {', '.join(CLASSES)}")
    y = np.array([CLASSES.index(value) for value in rows.value], dtype=np.int64)
    others = texts.text[~texts.post_id.isin(rows.post_id)].fillna("").drop_duplicates().head(20_000).tolist()
    words = rows.text.fillna("").tolist()
    taught = adapt(words, y, others=others, seed=seed)
    used = [word for word, kept in zip(words, np.isin(y, taught.classes), strict=True) if kept]
    general = probabilities(logits(taught.base, fold(used)))
    number = max([*_versions(watch, models), 0]) + 1
    _save(taught, general, _path(watch, models, number), seen=seen)
    return _lesson(watch, number, taught, general, seen, seed=seed)


def _lesson(watch: Watch, number: int, taught: Taught, general: F64 | None, seen: int, *, seed: int = 0) -> Lesson:
    """A version with its card, and with what changed where the general model's answers were kept."""
    card = report_card(taught.held, taught.truth, seed=seed)
    version = f"{taught.base.version}+{watch.watch}.{number}"
    if general is None:
        return Lesson(version, taught, card, seen=seen)
    before = report_card(general, taught.truth, seed=seed)
    return Lesson(version, taught, card, before, change(general, taught.held, taught.truth, seed=seed), seen)


def lesson(watch: Watch, models: Path, *, seen: int | None = None) -> Lesson | None:
    """The newest version with its card; with `seen` the newest that was taught from labels up to that version."""
    for number in reversed(_versions(watch, models)):
        taught, general, labels = _load(_path(watch, models, number))
        if seen is None or labels <= seen:
            return _lesson(watch, number, taught, general, labels)
    return None


def shares(texts: Sequence[str], taught: Lesson) -> tuple[Share, Share]:
    """Share of negative posts: by the general model alone, and by the taught one corrected by its labels."""
    codes = fold(list(texts))
    before = prevalence(probabilities(logits(taught.model.base, codes))[:, 0])
    known = Calibration(taught.model.held[:, 0], taught.model.truth == 0)
    return before, prevalence(taught.model.probabilities(codes)[:, 0], known)


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
    return _load(_path(watch, models, number or max(found)))[0]


def calibration(watch: Watch, models: Path | None, number: int | None = None) -> Calibration | None:
    """What the labels say of a taught model, the newest unless a number is given; None if nobody has taught one."""
    taught = taught_model(watch, models, number)
    return None if taught is None else Calibration(taught.held[:, 0], taught.truth == 0)


def _path(watch: Watch, models: Path, number: int) -> Path:
    return models / f"sentiment+{watch.watch}.{number}.safetensors"


def _versions(watch: Watch, models: Path | None) -> list[int]:
    if models is None or not models.is_dir():
        return []
    pattern = re.compile(rf"sentiment\+{re.escape(watch.watch)}\.(\d+)\.safetensors")
    return sorted(int(found[1]) for path in models.iterdir() if (found := pattern.fullmatch(path.name)))


def _save(taught: Taught, general: F64, path: Path, *, seen: int) -> None:
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
        "general": general,
    }
    card = report_card(taught.held, taught.truth)
    about = {"base": taught.base.version, "card": json.dumps(card.facts()), "labels": str(seen)}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(tensors, str(part), metadata=about)
    part.replace(path)


def _load(path: Path) -> tuple[Taught, F64 | None, int]:
    """A version, the general model's answers on its labels, and the version of the labels."""
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
    heat, kept = float(held["heat"][0]), int(about.get("labels", -1))
    taught = Taught(base, classes, held["offset"], held["dense"], grams, heat, held["held"], held["truth"])
    return taught, held.get("general"), kept
