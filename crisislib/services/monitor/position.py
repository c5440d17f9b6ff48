"""Up to when each watch has been decided on: one small file, replaced whole."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path


def read_positions(file: Path) -> dict[str, datetime]:
    """The positions that are stored.

    Parameters
    ----------
    file : Path
        The file; it need not exist.

    Returns
    -------
    dict[str, datetime]
        Watch → the instant up to which it was decided on; empty at the first start.

    Raises
    ------
    ValueError
        The file is not what :func:`write_positions` writes.
    """
    if not file.exists():
        return {}
    return {k: datetime.fromisoformat(v) for k, v in json.loads(file.read_text(encoding="utf-8")).items()}


def write_positions(file: Path, positions: dict[str, datetime]) -> None:
    """Replace the stored positions; watches that are not monitored now keep theirs.

    Parameters
    ----------
    file : Path
        The file; its folder must exist.
    positions : dict[str, datetime]
        Watch → the instant up to which it was decided on.
    """
    every = {**read_positions(file), **positions}
    part = file.with_suffix(".part")
    part.write_text(json.dumps({k: v.isoformat() for k, v in every.items()}), encoding="utf-8")
    part.replace(file)
