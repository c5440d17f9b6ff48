"""The rumour score taught from a watch's own labelled stories: a report card on later ones, versions on disk."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.core.model_file import read_model_file
from crisislib.core.watch import Watch
from crisislib.spread.forecast.events import Floats, Ints
from crisislib.spread.post_arrays import Frame
from crisislib.spread.rumour.labelled_stories import Stories
from crisislib.spread.rumour.rumour_lesson import AgeCard, RumourLesson
from crisislib.spread.rumour.rumour_model import EACH, NEEDED, RumourModel, enough, fit
from crisislib.spread.rumour.story_scores import read_stories, shipped_scores

AGES = (0.0, 600.0, 3600.0, 86400.0)
"""Seconds since the source post that models are trained for: the post, ten minutes, an hour, a day."""
TRAIN_SHARE = 0.7
"""Share of the labelled stories, the oldest, that a model learns from while the newest test it."""
FORMAT = 1
"""Version of the layout of the file; a file of another one is refused."""
REMEDY = N_("teach it again from the labels, which are kept: crisis teach WATCH --rumours")


def learn(
    posts: Frame,
    edges: Frame,
    accounts: Frame,
    labels: pd.Series,
    *,
    watch: Watch,
    now: datetime,
    models: Path,
    ages: tuple[float, ...] = AGES,
    seed: int = 0,
) -> RumourLesson:
    """Learn rumour models from stories that analysts of the watch have labelled, and store them where they help.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
    labels : pandas.Series
        1 = rumour, 0 = not, by root_id; other stories are left out.
    watch : Watch
        Its time zone gives the clock.
    now : datetime
        Posts after it are not used.
    models : Path
        Folder of the versions; older ones stay.
    ages : tuple of float
        Seconds since the source post; one model each.
    seed : int
        Of the boosted trees.

    Returns
    -------
    RumourLesson
        Stored only where it ranks the newest stories better than the shipped weights, over all ages.

    Raises
    ------
    NotEnoughData
        Fewer than sixty labelled stories, or fewer than ten of a kind, among the older seven tenths; or only one kind
        among the newer ones.
    """
    stories = read_stories(posts, edges, accounts, watch, now)
    y = labels.reindex(stories.roots).to_numpy(dtype=float, na_value=np.nan)
    chosen = np.flatnonzero(np.isfinite(y))
    chosen = chosen[np.argsort(stories.start[chosen], kind="stable")]
    known, truth = stories.known.take(chosen), y[chosen].astype(np.int64)
    cut = round(TRAIN_SHARE * len(truth))
    if not enough(truth[:cut]) or len(np.unique(truth[cut:])) < 2:
        raise NotEnoughData(
            N_(
                "{n} {n:labelled story|labelled stories} that spread, {value} of them rumours; about "
                "{needed} are needed, {each} of each kind among the older and some among the newer"
            ),
            do=N_("label more stories (crisis label WATCH FILE --stories), or use the shipped weights"),
            facts={"n": len(truth), "value": int(truth.sum()), "needed": round(NEEDED / TRAIN_SHARE), "each": EACH},
        )
    card = tuple(_card(known, truth, cut, age, seed) for age in ages)
    better = np.mean([c.auc for c in card]) > np.mean([c.shipped_auc for c in card])
    models_by_age = {age: fit(known, truth, age, seed=seed) for age in ages}
    lesson = RumourLesson(0, models_by_age, len(truth), int(truth.sum()), len(truth) - cut, card)
    return _store(lesson, models) if better else lesson


def _card(known: Stories, truth: Ints, cut: int, age: float, seed: int) -> AgeCard:
    from sklearn.metrics import roc_auc_score

    old, new = known.take(np.arange(cut)), known.take(np.arange(cut, len(truth)))
    p: Floats = fit(old, truth[:cut], age, seed=seed).predict(new)
    later = truth[cut:]
    aucs = [float(roc_auc_score(later, answer)) for answer in (p, shipped_scores(new, age))]
    return AgeCard(age, aucs[0], float(np.mean((p > 0.5) == later)), aucs[1])


def _versions(models: Path) -> dict[int, Path]:
    """Number -> file."""
    return {int(p.stem): p for p in models.glob("[0-9]*.npz") if p.stem.isdigit()}


def _store(lesson: RumourLesson, models: Path) -> RumourLesson:
    """Write the next version in one move, so that a kill leaves no half file."""
    number = max([*_versions(models), 0]) + 1
    arrays: dict[str, Any] = {}
    for i, model in enumerate(lesson.models.values()):
        arrays |= model.arrays(f"m{i}")
    about = {
        "version": FORMAT, "models": len(lesson.models), "n": lesson.n, "rumours": lesson.rumours,
        "held_back": lesson.held_back, "card": [asdict(c) for c in lesson.card],
    }  # fmt: skip
    models.mkdir(parents=True, exist_ok=True)
    half = models / f"{number:04d}.half.npz"
    np.savez_compressed(half, about=np.array(json.dumps(about)), **arrays)
    os.replace(half, models / f"{number:04d}.npz")
    return replace(lesson, version=number)


def taught(models: Path) -> RumourLesson | None:
    """The newest version that a watch was taught.

    Parameters
    ----------
    models : Path
        Folder of the versions.

    Returns
    -------
    RumourLesson or None
        None where there is none.

    Raises
    ------
    ModelError
        Its file is damaged or of another version of the program.
    """
    versions = _versions(models)
    if not versions:
        return None
    number = max(versions)
    arrays, about = read_model_file(versions[number], version=FORMAT, remedy=REMEDY)
    read = [RumourModel.read(arrays, f"m{i}") for i in range(about["models"])]
    card = tuple(AgeCard(**row) for row in about["card"])
    return RumourLesson(number, {m.age: m for m in read}, about["n"], about["rumours"], about["held_back"], card)
