"""Texts as one array of code points, so that a batch of posts is folded and cut in array passes.

A batch is laid end to end with a line break after each text. Every substring has a 64-bit
polynomial hash that costs two look-ups, so that word lists of any size and n-grams of any order
are read with the same few passes, and no loop over posts is needed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.folding import CJK_RANGES, PLANES, plain_table

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

SPACE, WORD, CJK, SYMBOL, MARK, STOP = range(6)
"""Classes of code points: space, letter or digit of a spaced script, Chinese (Japanese, Korean)
character, emoji or other symbol, punctuation inside a clause, punctuation that ends a clause."""

_BASE = 0x9E3779B97F4A7C15  # odd, therefore invertible modulo 2**64
_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_STOPS = "\n.。!！?？;；…~～|,，、"

_CLEAN = (
    (r"&lt;", "<"),
    (r"&gt;", ">"),
    (r"&quot;", '"'),
    (r"&(#39|apos);", "'"),
    (r"&nbsp;", " "),
    (r"&amp;", "&"),
    (r"(https?://|www\.|t\.cn/)[0-9A-Za-z\-._~:/?#\[\]@!$&'()*+,;=%]+", " "),
    (r"(//|回复)?[@＠][\p{L}\p{N}_\-·]+[:：]?", " "),
    (r"<[A-Za-z/][^<>]*>", " "),
    (r"[\x00-\x09\x0b-\x1f\x7f\x{200b}-\x{200d}\x{2060}\x{feff}\x{fe0f}]", " "),
    (r"[’‘`´]", "'"),
)


def clean(texts: Sequence[str | None] | pa.Array | pa.ChunkedArray) -> pa.Array:
    """Texts without addresses, mentions, markup and control characters; null becomes empty.

    Parameters
    ----------
    texts : sequence of str, or an Arrow string array
        As collected; anything may stand in it.

    Returns
    -------
    pyarrow.StringArray
        As many, in the same order. Hashtag words and `[emoticon]` words stay.
    """
    array = texts if isinstance(texts, (pa.Array, pa.ChunkedArray)) else pa.array(list(texts), pa.string())
    array = pc.fill_null(array.cast(pa.string()), "")
    for pattern, instead in _CLEAN:
        array = pc.replace_substring_regex(array, pattern, instead)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


@cache
def _class_table() -> U8:
    """Class of each code point (:data:`SPACE` and following)."""
    table = np.full(PLANES, SYMBOL, dtype=np.uint8)
    for code in range(PLANES):
        category = unicodedata.category(chr(code))
        if category[0] in "LNM" or code == 0x27:
            table[code] = WORD
        elif category[0] == "Z" or category == "Cc":
            table[code] = SPACE
        elif category[0] == "P":
            table[code] = MARK
    for low, high in CJK_RANGES:
        table[low : high + 1] = CJK
    table[[ord(stop) for stop in _STOPS]] = STOP
    table[ord("_")] = WORD
    return table


@dataclass(frozen=True)
class Codes:
    """A batch of folded texts as one array.

    Attributes
    ----------
    points : numpy.ndarray of uint32
        Folded code points of all texts, each text followed by a line break.
    ends : numpy.ndarray of int64
        Where each text ends (position of its line break); text i starts at `ends[i-1] + 1`.
    """

    points: U32
    ends: I64

    @property
    def n(self) -> int:
        """Number of texts."""
        return len(self.ends)

    @cached_property
    def starts(self) -> I64:
        """Where each text starts."""
        return np.concatenate([[0], self.ends[:-1] + 1]).astype(np.int64) if self.n else self.ends

    @cached_property
    def kinds(self) -> U8:
        """Class of each position."""
        return np.asarray(_class_table()[np.minimum(self.points, PLANES - 1)])

    @cached_property
    def docs(self) -> npt.NDArray[np.int32]:
        """Index of the text that each position belongs to."""
        return np.repeat(np.arange(self.n, dtype=np.int32), np.diff(self.ends, prepend=-1))

    @cached_property
    def _sums(self) -> tuple[U64, U64]:
        n = len(self.points)
        with np.errstate(over="ignore"):
            power = _powers(_BASE, n)
            sums = np.zeros(n + 1, dtype=np.uint64)
            np.cumsum((self.points + np.uint64(1)) * power[:-1], out=sums[1:])
            inverse = _powers(_INVERSE, n)
        return sums, inverse

    def hashes(self, start: I64, end: I64) -> U64:
        """Hashes of substrings.

        Parameters
        ----------
        start, end : numpy.ndarray of int64, shape (k,)
            Positions of the first character and after the last.

        Returns
        -------
        numpy.ndarray of uint64, shape (k,)
            Equal for equal substrings.

        Notes
        -----
        Polynomial hash modulo 2^64 from prefix sums: (S[end] - S[start]) times the inverse power of the base.
        """
        sums, inverse = self._sums
        with np.errstate(over="ignore"):
            return mix((sums[end] - sums[start]) * inverse[start])

    def runs(self, length: int) -> U64:
        """Hash of every substring of one length.

        Parameters
        ----------
        length : int
            Characters.

        Returns
        -------
        numpy.ndarray of uint64
            By start position; shorter than `points` by length - 1.
        """
        sums, inverse = self._sums
        with np.errstate(over="ignore"):
            return mix((sums[length:] - sums[:-length]) * inverse[: len(sums) - length])

    def text(self, start: int, end: int) -> str:
        """The folded text between two positions.

        Parameters
        ----------
        start, end : int
            Positions of the first character and after the last.

        Returns
        -------
        str
        """
        return self.points[start:end].astype("<u4").tobytes().decode("utf-32-le", errors="replace")


def _powers(base: int, n: int) -> U64:
    """1, base, base² … baseⁿ modulo 2⁶⁴."""
    factors = np.full(n + 1, base, dtype=np.uint64)
    factors[0] = 1
    return np.cumprod(factors)


def mix(value: U64) -> U64:
    """Spread the bits of a hash, so that its low bits may be used as a table index.

    Parameters
    ----------
    value : numpy.ndarray of uint64
        Any shape.

    Returns
    -------
    numpy.ndarray of uint64
        The same shape.
    """
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint64(33))) * _MIX
        return np.asarray(value ^ (value >> np.uint64(29)))


def fold(texts: Sequence[str | None] | pa.Array | pa.ChunkedArray, *, cleaned: bool = False) -> Codes:
    """Lay a batch of texts end to end, cleaned and folded.

    Width, case and script are folded (full to half width, lower case, traditional to simplified),
    and a character repeated more than twice is cut to two, so that "soooo" and "sooo" are one word.

    Parameters
    ----------
    texts : sequence of str, or an Arrow string array
        The batch, null allowed.
    cleaned : bool
        The texts are already the result of :func:`clean`.

    Returns
    -------
    Codes
        With as many texts as were given.
    """
    array: pa.Array = texts if cleaned else clean(texts)
    lengths = pc.utf8_length(array).to_numpy(zero_copy_only=False).astype(np.int64)
    if not len(lengths):
        return Codes(np.zeros(0, np.uint32), np.zeros(0, np.int64))
    joined = "\n".join(array.to_pylist()) + "\n"
    raw = np.frombuffer(joined.encode("utf-32-le"), dtype="<u4")
    points = np.where(raw < PLANES, plain_table()[np.minimum(raw, PLANES - 1)], raw).astype(np.uint32)
    ends = np.cumsum(lengths + 1) - 1
    again = np.zeros(len(points), dtype=bool)
    again[2:] = (points[2:] == points[1:-1]) & (points[1:-1] == points[:-2])
    again &= ~((points >= 48) & (points <= 57))
    again[ends] = False
    position = np.cumsum(~again) - 1
    return Codes(points[~again], position[ends].astype(np.int64))
