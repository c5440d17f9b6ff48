"""What the cells of a column look like as a whole, so that most are read by one cast.

A few passes over a column's bytes tell whether any cell needs the long way round: unusual counts,
several forms of time, entities, ids that a spreadsheet has touched. Where none does, the SELECT over
the column is short, which saves the engine's planning as well as its work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Piece = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]
"""Length of every cell in bytes, and the bytes of all cells."""
_STAMP = "dddd-dd-dd dd:dd:dd"
_LOOK = 1 << 18
"""Bytes compared at a time: what is compared and the answer stay in the processor's cache."""
_SHORTEST_WORD, _LONGEST_WORD = 1, 9  # bytes of the words that tools write for nothing, `-` to `undefined`


class Shape:
    """Facts about one column of text; each is looked at when first asked for.

    A fact is only true where it holds for every cell, so that the long way is taken in doubt.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Cells as strings.
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._column = column
        pieces = [_piece(chunk) for chunk in column.chunks]
        self._pieces = [p for p in pieces if p is not None]
        self._known = len(self._pieces) == len(pieces)

    @cached_property
    def filled(self) -> bool:
        """Whether any cell is not empty."""
        if self._known:
            return any(len(data) > 0 for _, data in self._pieces)
        return bool(pc.any(pc.not_equal(self._column, "")).as_py())

    @cached_property
    def full(self) -> bool:
        """No cell is empty."""
        return self._all(lambda lengths, _: bool((lengths > 0).all()))

    @cached_property
    def digits(self) -> bool:
        """Every cell is empty or a whole number of at most 18 digits."""
        return self._all(lambda lengths, data: bool((lengths <= 18).all()) and _digits(data))

    @cached_property
    def stamped(self) -> bool:
        """Every cell is empty or written as `2026-08-01 10:00:00`."""
        return self._all(_stamps)

    @cached_property
    def worded(self) -> bool:
        """No cell is a word that tools write for nothing, such as `nan` or `None`."""
        if self.digits or self.stamped:
            return True
        return self._all(lambda lengths, _: not bool(((lengths >= _SHORTEST_WORD) & (lengths <= _LONGEST_WORD)).any()))

    @cached_property
    def bare(self) -> bool:
        """No cell can be a quoted, guarded or rounded id."""
        return self.digits or self.lacks(b"\"'`=.+")

    @cached_property
    def jsonable(self) -> bool:
        """Every cell stands in JSON as it is, between quotes."""
        return self.lacks(b'"\\') and self._all(lambda _, data: data.size == 0 or int(data.min()) >= ord(" "))

    @cached_property
    def visible(self) -> bool:
        """No cell can hold a control or a mark of writing direction."""
        if self.digits or self.stamped:
            return True
        plain = self._all(
            lambda _, data: data.size == 0 or (int(data.min()) >= ord(" ") and int((data == 0x7F).sum()) == 0)
        )
        return plain and self.lacks(b"\xe2\xc2\xef")

    def lacks(self, marks: bytes) -> bool:
        """Whether none of some bytes is in any cell.

        Parameters
        ----------
        marks : bytes
            ASCII characters, or bytes that characters begin with.
        """
        return self._all(lambda _, data: not any(_holds(data, marks)))

    def _all(self, holds: Callable[[npt.NDArray[np.int64], npt.NDArray[np.uint8]], bool]) -> bool:
        return self._known and all(holds(*piece) for piece in self._pieces)


def ragged(column: pa.Array | pa.ChunkedArray) -> bool:
    """Whether any cell may begin or end with a space of any kind, by the first and last byte of each.

    Parameters
    ----------
    column : pyarrow.Array or ChunkedArray
        Strings.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    for piece in map(_piece, chunks):
        if piece is None:
            return True
        lengths, data = piece
        ends = np.cumsum(lengths)
        if not (filled := lengths > 0).all():
            lengths, ends = lengths[filled], ends[filled]
        if _OPENS[data[ends - lengths]].any() or _CLOSES[data[ends - 1]].any():
            return True
    return False


def _table(members: bytes) -> npt.NDArray[np.bool_]:
    found = np.zeros(256, dtype=bool)
    found[list(members)] = True
    return found


# Space, tab, line ends; and the first and last bytes of no-break space, full-width space, marks without width.
_OPENS, _CLOSES = _table(b" \t\n\r\xc2\xe2\xe3\xef"), _table(b" \t\n\r\xa0\x80\xbf\x8b\x8e\x8f")


def _piece(chunk: pa.Array) -> Piece | None:
    """Lengths and bytes of one array of strings, without a copy of the bytes; None where it is stored otherwise."""
    if chunk.type != pa.string() or chunk.null_count:
        return None
    if len(chunk) == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    _, offsets, data = chunk.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32, count=len(chunk) + 1, offset=chunk.offset * 4)
    whole = np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else np.zeros(0, dtype=np.uint8)
    return np.diff(ends).astype(np.int64), whole[ends[0] : ends[-1]]


def _holds(data: npt.NDArray[np.uint8], marks: bytes) -> Iterator[bool]:
    """Whether a mark is there, piece by piece of the bytes."""
    for at in range(0, len(data), _LOOK):
        block = data[at : at + _LOOK]
        yield any(bool((block == mark).any()) for mark in marks)


def _digits(data: npt.NDArray[np.uint8]) -> bool:
    return bool(((data - np.uint8(48)) < 10).all())


def _stamps(lengths: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]) -> bool:
    if not ((lengths == len(_STAMP)) | (lengths == 0)).all():
        return False
    places = data.reshape(-1, len(_STAMP))
    marks = [(i, mark) for i, mark in enumerate(_STAMP) if mark != "d"]
    numbers = [i for i, mark in enumerate(_STAMP) if mark == "d"]
    return all(bool((places[:, i] == ord(mark)).all()) for i, mark in marks) and all(
        _digits(places[:, i]) for i in numbers
    )
