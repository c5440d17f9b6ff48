"""The model for a watch without history: trained on simulated cascades only, so that it has nobody's data."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from crisislib.core.i18n import N_
from crisislib.core.model_file import Arrays, read_model_file
from crisislib.spread.forecast.analogue import AnalogueForest, Forest
from crisislib.spread.forecast.events import Floats
from crisislib.spread.forecast.size_model import Settings, SizeModel

AGES = (600.0, 1800.0, 3600.0, 10800.0, 21600.0, 43200.0, 86400.0, 172800.0, 345600.0)
"""Seconds since the root that models are trained for; a cascade is read by the nearest in log time."""
VERSION = 1
"""Of the file's layout."""
FILE = "simulated.npz"
"""Made by `python -m tools.training.forecast`."""
NODES = ("feature", "cut", "left", "right", "root")
"""Arrays of a forest in the file."""


def nearest(age: Floats) -> Floats:
    """The age of :data:`AGES` nearest to each age in log time.

    Parameters
    ----------
    age : numpy.ndarray of shape (k,)
        Seconds since the root.

    Returns
    -------
    numpy.ndarray of shape (k,)
        Seconds, values of :data:`AGES`.
    """
    grid = np.array(AGES)
    distance = np.abs(np.log(np.maximum(age, 1.0))[:, None] - np.log(grid)[None])
    return np.asarray(grid[np.argmin(distance, axis=1)])


@cache
def _stored() -> tuple[Arrays, dict[str, Any]]:
    path = Path(str(resources.files("crisislib.spread.forecast") / FILE))
    return read_model_file(path, version=VERSION, remedy=N_("install the package again"))


@cache
def shipped(age: float) -> SizeModel:
    """The simulation-trained model of one age; read on first use and cached.

    Parameters
    ----------
    age : float
        Seconds, one of :data:`AGES`.

    Returns
    -------
    SizeModel

    Notes
    -----
    Analogues are weighed by growth only (`size_share` 0): the simulation knows nothing about how large
    stories get on a platform. See the model card, `forecast/CARD.md`, for its measured error.
    """
    return read_model(*_stored(), age)


def read_model(arrays: Arrays, about: dict[str, Any], age: float) -> SizeModel:
    """The model of one age out of a file's arrays and what it says of them.

    Parameters
    ----------
    arrays : dict of str to numpy.ndarray
        Named `<age in seconds>_<name>`; leaves are numbered from the root of their tree.
    about : dict
        `settings`, and for each age in `models` the columns, range of counts, levels and depth.
    age : float
        Seconds since the root.
    """
    key = f"{age:.0f}"
    stored = {name.removeprefix(f"{key}_"): a for name, a in arrays.items() if name.startswith(f"{key}_")}
    facts = about["models"][key]
    forest = Forest(**{name: stored[name] for name in NODES}, depth=int(facts["depth"]))
    low, high = facts["seen_range"]
    return SizeModel(
        age,
        Settings(**about["settings"]),
        stored["profile"],
        list(facts["columns"]),
        stored["fill"],
        AnalogueForest(forest, stored["leaves"].astype(np.int32) + forest.root),
        None,
        stored["past_growth"],
        stored["past_size"],
        (float(low), float(high)),
        levels=(float(facts["levels"][0]), float(facts["levels"][1])),
    )
