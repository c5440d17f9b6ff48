"""What is new in the files that a crawler writes: whole records after a byte position, or a whole file that changed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

logger = logging.getLogger(__name__)

Mark = dict[str, object]
"""How far a file was read, as JSON."""

PIECE_BYTES = 32 << 20
"""Bytes taken of one file at a time: some 20,000 posts, which one batch holds with ease; the rest comes next time."""
HEAD_BYTES = 1024
"""First bytes that tell a file that grew from another one of its name."""
REST_S = 600.0
"""A file that has not changed for so long is not being written: its last line counts without an end of line, too."""
PENDING_BYTES = 1 << 20
"""An open quote that swallows more than this is a lone one: the lines below it are read after all."""
FILES = 5000
"""Files that are looked at: crawlers write one a day and kind; more is the wrong folder."""
LINES, ROWS = (".jsonl", ".ndjson"), (".csv", ".tsv", ".txt")
DATABASES = (".db", ".sqlite", ".sqlite3")
WHOLE = (".json", ".xlsx", ".xls", ".parquet", ".gz", ".zip")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins, in which an end of line is no single byte."""


@dataclass(frozen=True)
class Piece:
    """New content of one file.

    Attributes
    ----------
    name : str
        Of the file, from the output folder.
    data : bytes
        Whole records; with the header of the file where it has one.
    mark : dict
        How far the file is read with it.
    """

    name: str
    data: bytes
    mark: Mark


def output_files(path: Path, match: str) -> dict[str, Path]:
    """The data files of a crawler by their names from its folder, in order.

    Parameters
    ----------
    path : Path
        A file, or a folder with files at any depth.
    match : str
        Glob over the names (`weibo/*/*_contents_*`); all when empty.
    """
    if path.is_file():
        return {path.name: path}
    endings = (*LINES, *ROWS, *DATABASES, *WHOLE)
    paths = (p for p in sorted(path.rglob(match or "*")) if p.name.lower().endswith(endings) and p.is_file())
    files = {
        str(p.relative_to(path)): p for p in paths if not any(s.startswith(".") for s in p.relative_to(path).parts)
    }
    if len(files) > FILES:
        logger.warning("%s holds %d files; the first %d are read", path, len(files), FILES)
    return dict(list(files.items())[:FILES])


def new_piece(name: str, path: Path, mark: Mapping[str, object], *, now: datetime, settle_s: float) -> Piece | None:
    """What is new in one file; None where nothing is, or where it is still being written.

    Parameters
    ----------
    name : str
        Of the file.
    path : Path
        The file.
    mark : Mapping
        How far it was read; empty the first time.
    now : datetime
        UTC.
    settle_s : float
        Seconds that a file that is read whole must rest.

    Raises
    ------
    OSError
        The file is gone or may not be read.
    """
    status = path.stat()
    rests_s = now.timestamp() - status.st_mtime
    rows = name.lower().endswith(ROWS)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if name.lower().endswith(WHOLE) or head.startswith(_WIDE):
            return _whole(name, path, mark) if rests_s >= settle_s else None
        at = int(str(mark.get("at", 0)))
        grown = mark.get("inode") == status.st_ino and status.st_size >= at
        at = at if grown and mark.get("head") == _digest(head[:at]) else 0
        file.seek(0)
        header = _header(file.read(PENDING_BYTES)) if rows and at else b""
        file.seek(at)
        data = file.read(PIECE_BYTES)
        taken = data[: _end(data, quoted=rows, rests=rests_s >= REST_S and len(data) < PIECE_BYTES)]
        if not taken.strip():
            return None
        file.seek(0)
        after = {
            "inode": status.st_ino,
            "at": at + len(taken),
            "head": _digest(file.read(min(at + len(taken), HEAD_BYTES))),
        }
    return Piece(name, header + taken, after)


def _whole(name: str, path: Path, mark: Mapping[str, object]) -> Piece | None:
    """A file that is written anew with every post, such as a list in JSON; the lake knows the posts that it has."""
    status = path.stat()
    stamp = [status.st_size, status.st_mtime_ns]
    if not status.st_size or mark.get("stamp") == stamp:
        return None
    data = path.read_bytes()
    digest = _digest(data)
    return None if digest == mark.get("digest") else Piece(name, data, {"stamp": stamp, "digest": digest})


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _closed(data: bytes, quoted: bool) -> npt.NDArray[np.int64]:
    """Positions after each end of line, in a CSV only of those outside of quotes."""
    codes = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    if not quoted:
        return ends + 1
    quotes = np.flatnonzero(codes == ord('"'))
    closed: npt.NDArray[np.int64] = ends[np.searchsorted(quotes, ends) % 2 == 0] + 1
    return closed


def _header(data: bytes) -> bytes:
    ends = _closed(data, quoted=True)
    return data[: int(ends[0])] if len(ends) else b""


def _end(data: bytes, *, quoted: bool, rests: bool) -> int:
    """Where the last whole record ends."""
    if rests:
        return len(data)
    ends = _closed(data, quoted)
    end = int(ends[-1]) if len(ends) else 0
    if quoted and len(data) - end > PENDING_BYTES:
        end = data.rfind(b"\n") + 1
    return end
