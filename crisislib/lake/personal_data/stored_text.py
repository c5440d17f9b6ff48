"""The texts of any file that a workbench writes: pages, notebooks, journals, arrays, Parquet, archives."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_RUN = re.compile(rb"[\t\x20-\x7e\x80-\xf4]{8,}")
"""Bytes that can be text, long enough not to be numbers by chance."""
_LINES = re.compile(r"\.(jsonl|ndjson|log|txt)(\.\d+)?$")
"""Journals and logs, also those that were turned over: what betrays a person goes line by line."""


def texts_of(name: str, data: bytes) -> Iterator[str]:
    """Every text in a file, whatever its format.

    Parameters
    ----------
    name : str
        Its name, for the ending.
    data : bytes
        Its content.

    Yields
    ------
    str
        Of unknown formats the runs of bytes that can be text.
    """
    if data[:2] == b"\x1f\x8b":
        yield from texts_of(name.removesuffix(".gz"), gzip.decompress(data))
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from texts_of(member, archive.read(member))
    elif data[:4] == b"PAR1":
        yield from _parquet(data)
    elif data[:6] == b"\x93NUMPY":
        array = np.load(io.BytesIO(data), allow_pickle=False)
        yield from map(str, array.ravel().tolist()) if array.dtype.kind in "US" else ()
    elif b"\x00" in data:
        yield from (run[0].decode("utf-8", "ignore") for run in _RUN.finditer(data))
    else:
        yield data.decode("utf-8", "ignore")


def _parquet(data: bytes) -> Iterator[str]:
    try:
        table = pq.read_table(io.BytesIO(data))
    except pa.ArrowInvalid:  # half a file, left by a kill
        yield data.decode("utf-8", "ignore")
        return
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            yield from (v for v in column.unique().to_pylist() if v is not None)
        elif pa.types.is_nested(column.type):
            yield from (str(v) for v in column.to_pylist())


def is_journal(path: Path) -> bool:
    """Whether a file consists of lines that are records of their own.

    Parameters
    ----------
    path : Path
        Only its name counts.

    Returns
    -------
    bool
        True for JSON lines, logs and plain text, rotated ones too.
    """
    return _LINES.search(path.name) is not None


def files_below(folder: Path) -> list[Path]:
    """Every file below a folder, hidden ones and parts of unfinished ones too.

    Parameters
    ----------
    folder : Path
        May be missing.

    Returns
    -------
    list of Path
        Sorted.
    """
    return sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
