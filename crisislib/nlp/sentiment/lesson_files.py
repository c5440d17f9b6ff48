"""Taught models on disk: each version in a file of its own, with its report card."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.nlp.sentiment.sentiment_model import shipped
from crisislib.nlp.sentiment.taught_model import Taught
from crisislib.nlp.sentiment.teaching_report import report_card

F64 = npt.NDArray[np.float64]
ROWS = "rows"
"""Mark of a file whose arrays lie row by row; weights of three classes without it were stored scrambled."""
REMEDY = N_("teach the model again from the labels, which are kept: crisis teach")


def lesson_path(watch: Watch, models: Path, number: int) -> Path:
    """The file of a version.

    Parameters
    ----------
    watch : Watch
        Whose.
    models : Path
        Folder of its models.
    number : int
        Of the version.

    Returns
    -------
    Path
        It need not exist.
    """
    return models / f"sentiment+{watch.watch}.{number}.safetensors"


def lesson_versions(watch: Watch, models: Path | None) -> list[int]:
    """Numbers of the versions that are stored.

    Parameters
    ----------
    watch : Watch
        Whose.
    models : Path or None
        Folder of its models.

    Returns
    -------
    list of int
        In order.
    """
    if models is None or not models.is_dir():
        return []
    pattern = re.compile(rf"sentiment\+{re.escape(watch.watch)}\.(\d+)\.safetensors")
    return sorted(int(match[1]) for path in models.iterdir() if (match := pattern.fullmatch(path.name)))


def save_lesson(taught: Taught, general: F64, at: F64, path: Path, *, labels_version: int) -> None:
    """Write a version; only the n-grams that weigh anything, and the file appears whole or not at all.

    Parameters
    ----------
    taught : Taught
        The model.
    general, at : numpy.ndarray
        The general model's probabilities, shape (labels, 3), and when each label's post was written.
    path : Path
        From :func:`lesson_path`.
    labels_version : int
        State of LABELS that it was taught from.
    """
    used = np.flatnonzero(np.abs(taught.grams).max(axis=1, initial=0.0) > 1e-5)
    tensors: dict[str, npt.NDArray[np.generic]] = {
        "classes": np.array(taught.classes, dtype=np.int64),
        "offset": taught.offset,
        "dense": taught.dense,
        "used": used.astype(np.int32),
        "grams": taught.grams[used],
        "heat": np.array([taught.heat, taught.rest]),
        "held": taught.predicted,
        "truth": taught.truth,
        "general": general,
        "at": at,
    }
    card = report_card(taught.predicted, taught.truth)
    about = {
        "base": taught.base.version,
        "card": json.dumps(card.facts()),
        "labels": str(labels_version),
        "order": ROWS,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    # safetensors writes the buffer as it lies: weights that a fit left in columns would come back scrambled
    whole = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    save_file(whole, str(part), metadata=about)
    part.replace(path)


def read_lesson(path: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
    """What a version's file holds, and what is said about it.

    Parameters
    ----------
    path : Path
        From :func:`lesson_path`.

    Returns
    -------
    tuple of dict and dict
        Arrays and notes.

    Raises
    ------
    ModelError
        It is missing or cannot be read.
    """
    if not path.is_file():
        raise ModelError(N_("this taught model is missing"), where=path.name, do=REMEDY)
    try:
        with safe_open(str(path), framework="numpy") as file:
            about = dict(file.metadata() or {})
            return {name: file.get_tensor(name) for name in file.keys()}, about  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as fault:
        raise ModelError(
            N_("this taught model cannot be read: {fault}"), where=path.name, do=REMEDY, facts={"fault": fault}
        ) from fault


def answers(arrays: Mapping[str, npt.NDArray[Any]], about: Mapping[str, str]) -> bool:
    """Whether a stored model can label: it stands on the shipped general one, and its weights lie as they should.

    Parameters
    ----------
    arrays, about : mapping
        From :func:`read_lesson`.

    Returns
    -------
    bool
    """
    return about.get("base") == shipped().version and (len(arrays["classes"]) < 3 or about.get("order") == ROWS)


def load_taught(path: Path) -> Taught:
    """A stored model.

    Parameters
    ----------
    path : Path
        From :func:`lesson_path`.

    Returns
    -------
    Taught
        Over the shipped general model.

    Raises
    ------
    ModelError
        It is missing, cannot be read, or was taught over another general model.
    """
    arrays, about = read_lesson(path)
    base = shipped()
    if about.get("base") != base.version:
        raise ModelError(
            N_("taught over the general model {base!r}, and this is {version!r}"),
            where=path.name,
            do=REMEDY,
            facts={"base": about.get("base"), "version": base.version},
        )
    if not answers(arrays, about):
        raise ModelError(N_("its weights were stored in another order"), where=path.name, do=REMEDY)
    grams = np.zeros((len(base.grams), len(arrays["classes"])), dtype=np.float32)
    grams[arrays["used"]] = arrays["grams"]
    classes = tuple(int(c) for c in arrays["classes"])
    heat, rest = (float(v) for v in arrays["heat"])
    return Taught(base, classes, arrays["offset"], arrays["dense"], grams, heat, arrays["held"], arrays["truth"], rest)
