"""Weibo writes the number of a post in two ways: as digits (mid) and in base 62 in addresses (bid); here as digits."""

from __future__ import annotations

import re
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Weibo's order of digits in base 62."""
_BID = re.compile(r"(?=.*[A-Za-z])[0-9A-Za-z]{9}", re.ASCII)
"""Nine signs for sixteen digits, as all posts since 2011 have; a number alone is no bid."""
GROUP, WIDTH = 4, 7
"""Signs from the right that stand for a group of digits, and its digits."""


@lru_cache(maxsize=1 << 16)
def mid_of(bid: str) -> str:
    """The number of a post.

    Parameters
    ----------
    bid : str
        As in an address; anything else comes back as it is.
    """
    if not _BID.fullmatch(bid):
        return bid
    parts = [bid[max(0, end - GROUP) : end] for end in range(len(bid), 0, -GROUP)]
    numbers = []
    for part in parts:
        number = 0
        for sign in part:
            number = number * len(_DIGITS) + _DIGITS.index(sign)
        numbers.append(number)
    if any(number >= 10**WIDTH for number in numbers[:-1]):
        return bid
    return str(numbers[-1]) + "".join(f"{number:0{WIDTH}d}" for number in reversed(numbers[:-1]))


def has_bids(cells: pa.ChunkedArray) -> bool:
    """Whether any cell of a column may be a bid.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        Strings.
    """
    return bool(pc.any(pc.match_substring_regex(cells, "^[0-9A-Za-z]{9}$")).as_py())


def mids(cells: pa.ChunkedArray) -> pa.Array:
    """A column with bids as numbers.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        Strings; null where there is none.
    """
    return pa.array([None if c is None else mid_of(c) for c in cells.to_pylist()], pa.string())
