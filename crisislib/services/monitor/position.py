"""Up to when each watch has been decided on: one small file a monitor, replaced whole, where every machine sees it."""

from __future__ import annotations

import json
from datetime import datetime

from crisislib.lake.shared_files import SharedFiles

FOLDER, BEGIN = "monitor", "monitor/positions"


def read_positions(files: SharedFiles) -> dict[str, datetime]:
    """The positions that are stored, by whichever monitor: a watch may have changed its shard.

    Parameters
    ----------
    files : SharedFiles
        Of the lake.

    Returns
    -------
    dict[str, datetime]
        Watch → the instant up to which it was decided on; empty at the first start.

    Raises
    ------
    ValueError
        A file is not what :func:`write_positions` writes.
    """
    result: dict[str, datetime] = {}
    for name in files.names(FOLDER):
        if name.startswith(BEGIN):
            for watch, at in _read(files, name).items():
                result[watch] = max(at, result.get(watch, at))
    return result


def write_positions(files: SharedFiles, positions: dict[str, datetime], shard: str = "") -> None:
    """Replace the positions that this monitor stored; watches that it does not monitor now keep theirs.

    Parameters
    ----------
    files : SharedFiles
        Of the lake.
    positions : dict[str, datetime]
        Watch → the instant up to which it was decided on.
    shard : str, default ""
        Which part of the watches it has, such as `2of4`: nobody else writes that file.
    """
    name = f"{BEGIN}-{shard}.json" if shard else f"{BEGIN}.json"
    every = {**_read(files, name), **positions}
    files.write(name, json.dumps({k: v.isoformat() for k, v in every.items()}).encode())


def _read(files: SharedFiles, name: str) -> dict[str, datetime]:
    return {k: datetime.fromisoformat(v) for k, v in json.loads(files.read(name) or b"{}").items()}
