"""Make the file of the size forecast without history: simulate, fit, write.

    python -m tools.training.forecast

Takes about twenty seconds. The same settings give the same file on the same versions of numpy and scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import crisislib
from crisislib.core.model_file import Arrays
from crisislib.spread.forecast.events import Events
from crisislib.spread.forecast.shipped import AGES, FILE, NODES, VERSION
from crisislib.spread.forecast.size_model import Settings, SizeModel, fit
from tools.training.hawkes import varied

CASCADES = 1500
"""Simulated cascades: enough that a thousand have ten reposts after the first ten minutes."""
SEED = 20_150_810
SETTINGS = Settings(trees=100, boosters=0, size_share=0.0, seed=0)
"""Growth only: the simulation knows nothing about how large stories get on a platform."""
TARGET = Path(crisislib.__file__).parent / "spread" / "forecast" / FILE


def simulated() -> Events:
    """The cascades that are learnt from."""
    return varied(CASCADES, seed=SEED)


def packed(models: Iterable[SizeModel]) -> tuple[Arrays, dict[str, Any]]:
    """Fitted models as the arrays of a file and what is said of them; read by `shipped.read_model`."""
    arrays: Arrays = {}
    about: dict[str, Any] = {
        "version": VERSION,
        "made_of": f"{CASCADES} simulated cascades, seed {SEED}",
        "settings": asdict(SETTINGS),
        "models": {},
    }
    for model in models:
        key, forest = f"{model.age:.0f}", model.growth.forest
        of_model = {
            **{name: getattr(forest, name) for name in NODES},
            "leaves": (model.growth.leaves - forest.root).astype(np.uint16),
            **{name: getattr(model, name) for name in ("profile", "fill", "past_growth", "past_size")},
        }
        arrays |= {f"{key}_{name}": array for name, array in of_model.items()}
        about["models"][key] = {
            "columns": model.columns,
            "seen_range": model.seen_range,
            "levels": model.levels,
            "depth": forest.depth,
        }
    return arrays, about


def write(path: Path, arrays: Arrays) -> None:
    """The file, as `numpy.load` reads it; LZMA makes it a fifth smaller than `numpy.savez_compressed` does."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as file:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy")  # of 1980: equal models give equal files
            info.compress_type = zipfile.ZIP_LZMA
            with file.open(info, "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def main() -> None:
    """Fit every age and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=TARGET, help="file to write")
    cascades = simulated()
    arrays, about = packed(fit(cascades, age, settings=SETTINGS) for age in AGES)
    arrays["about"] = np.array(json.dumps(about))
    write(parser.parse_args().out, arrays)


if __name__ == "__main__":
    main()
