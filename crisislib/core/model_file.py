"""Model files: arrays and their description, in one `.npz` without pickles."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crisislib.core.errors import ModelError
from crisislib.core.i18n import N_

Arrays = dict[str, npt.NDArray[Any]]


def read_model_file(path: Path, *, version: int, remedy: str) -> tuple[Arrays, dict[str, Any]]:
    """The arrays of a model file and its `about`.

    Parameters
    ----------
    path : Path
        An `.npz` with the array `about`, which holds JSON with the key `version`.
    version : int
        That the reader understands.
    remedy : str
        What to do where it cannot be read.

    Raises
    ------
    ModelError
        Not such a file, damaged, or of another version.
    """
    try:
        arrays = _arrays(path)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as fault:
        raise ModelError(N_("not readable: {fault}"), where=str(path), do=remedy, facts={"fault": fault}) from fault
    try:
        about = json.loads(str(arrays.get("about", "")))
    except json.JSONDecodeError as fault:
        raise ModelError(
            N_("not readable: it does not say what it is ({fault})"), where=str(path), do=remedy, facts={"fault": fault}
        ) from fault
    result = about.get("version") if isinstance(about, dict) else None
    if result != version:
        raise ModelError(
            N_("version {result}, {version} needed"),
            where=str(path),
            do=remedy,
            facts={"result": result, "version": version},
        )
    return arrays, about


def _arrays(path: Path) -> Arrays:
    """All arrays; numpy says ValueError of a file that is none of its own."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
