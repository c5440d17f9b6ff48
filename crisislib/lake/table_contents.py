"""What of the lake a watch can see, as one short text that changes when any of it does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crisislib.core.ids import short_hash
from crisislib.core.tables import table
from crisislib.lake.queries import Bounds
from crisislib.lake.store import Lake


def contents(lake: Lake, watch: str, names: Sequence[str]) -> str:
    """Identity of the rows of a watch in some tables, by the files that can hold them; no row is read.

    Parameters
    ----------
    lake : Lake
        The lake.
    watch : str
        Name of the watch; tables without that column count as a whole.
    names : sequence of str
        Tables.

    Returns
    -------
    str
        Another one after any commit that brought or took rows of the watch, or joined files that hold some.
    """
    parts = []
    for name in names:
        spec = table(name)
        files = lake.tables.files(spec, lake.tables.present(spec.name), [Bounds(watch)])
        parts.append(f"{name}:{' '.join(sorted(Path(f).name for f in files))}")
    return short_hash(*parts)
