"""The outlook's model file: trees and calibration per horizon, bands for the fallback, and its card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crisislib.core.boosted_trees import Trees
from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_
from crisislib.core.model_file import read_model_file

Floats = npt.NDArray[np.float64]

VERSION = 1
"""Layout of the file; raised when its arrays or their meaning change, so that an older file is refused."""
HORIZONS: dict[int, int] = {3600: 1, 21600: 6, 86400: 24}
"""Horizon in seconds -> hourly windows."""
ORANGE = 75.0
"""Index from which a watch is orange unless its settings say otherwise."""
BANDS = (0.0, 10.0, 25.0, 40.0, 60.0, 75.0)
"""Lower edges of the index bands of the fallback."""


@dataclass(frozen=True)
class Horizon:
    """One horizon: trees, then an isotonic map of their log-odds to a probability."""

    trees: Trees
    knots: Floats
    heights: Floats

    def probability(self, x: npt.NDArray[np.floating[Any]]) -> Floats:
        """Calibrated probability per row.

        Parameters
        ----------
        x : numpy.ndarray
            Features, shape (rows, features).

        Returns
        -------
        numpy.ndarray
            Shape (rows,), 0-1.
        """
        calibrated: Floats = np.interp(self.trees.log_odds(x), self.knots, self.heights)
        return calibrated


@dataclass(frozen=True)
class Model:
    """A trained outlook.

    Attributes
    ----------
    horizons : dict of int to Horizon
        By seconds.
    names, groups : tuple of str
        Features in order, and the group of each.
    usual : numpy.ndarray
        Median of each feature in calm windows; reasons are given against it.
    bands : numpy.ndarray
        Shape (horizons, bands): how often windows of each index band went on to orange.
    card : Mapping
        What it was trained on, when, how well it did.
    """

    horizons: Mapping[int, Horizon]
    names: tuple[str, ...]
    groups: tuple[str, ...]
    usual: Floats
    bands: Floats
    card: Mapping[str, Any]

    def of_index(self, index: Floats) -> dict[int, Floats]:
        """How often windows of the same band of the index went on to orange, by horizon; a longer one never less.

        Parameters
        ----------
        index : numpy.ndarray
            Index, 0-100, any shape.

        Returns
        -------
        dict of int to numpy.ndarray
            Horizon in seconds -> shares, same shape, 0-1.
        """
        band = np.digitize(index, BANDS[1:])
        return rising({seconds: self.bands[i, band] for i, seconds in enumerate(self.horizons)})


def rising(p: Mapping[int, Floats]) -> dict[int, Floats]:
    """Probabilities by horizon such that a longer one, which holds the shorter, is never less likely.

    Parameters
    ----------
    p : Mapping of int to numpy.ndarray
        Horizon in seconds -> probabilities, all of one shape.

    Returns
    -------
    dict of int to numpy.ndarray
        The running maximum over the horizons.
    """
    seconds = sorted(p)
    return dict(zip(seconds, np.maximum.accumulate([p[s] for s in seconds], axis=0), strict=True))


def save(model: Model, path: Path) -> None:
    """Write one npz file; arrays and JSON only, so that reading it runs no code.

    Parameters
    ----------
    model : Model
        The outlook.
    path : Path
        File to write; its folder is made where there is none.
    """
    arrays: dict[str, Any] = {"usual": model.usual.astype(np.float32), "bands": model.bands}
    for seconds, horizon in model.horizons.items():
        arrays |= horizon.trees.arrays(f"h{seconds}")
        arrays |= {f"h{seconds}_knots": horizon.knots, f"h{seconds}_heights": horizon.heights}
    about = {
        "version": VERSION,
        "names": model.names,
        "groups": model.groups,
        "horizons": list(model.horizons),
        "card": dict(model.card),
    }
    arrays["about"] = np.array(json.dumps(about, ensure_ascii=False))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)


def load(path: Path | None = None) -> Model:
    """Read a model file; the shipped one by default.

    Parameters
    ----------
    path : Path, optional
        An npz file.

    Returns
    -------
    Model
        Reading it runs no code of the file.

    Raises
    ------
    ModelError
        Missing, broken, or of another version.
    """
    file = path if path is not None else Path(str(resources.files("crisislib.warn") / "models" / "outlook.npz"))
    if not file.is_file():
        raise ModelError(N_("there is no outlook model"), where=str(file), do=N_("train one: crisis train"))
    arrays, about = read_model_file(file, version=VERSION, remedy=N_("train it again: crisis train"))
    horizons = {
        int(s): Horizon(Trees.read(arrays, f"h{s}"), arrays[f"h{s}_knots"], arrays[f"h{s}_heights"])
        for s in about["horizons"]
    }
    return Model(
        horizons,
        tuple(about["names"]),
        tuple(about["groups"]),
        arrays["usual"].astype(float),
        arrays["bands"],
        about["card"],
    )
