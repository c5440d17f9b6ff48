"""MinHash of character 5-grams: grams as numbers, signatures, band keys, winnowed fingerprints."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from datasketch import MinHash

GRAM = 5
"""Characters of a shingle: short enough for edits, long enough that unlike texts share few."""
BANDS, ROWS = 32, 4
"""Bands and rows of the MinHash: at a Jaccard similarity of 0.45 one of 32 bands of 4 agrees in 74 % of the pairs, 1 -
(1 - 0.45^4)^32; fingerprints find most of the others."""
PERMUTATIONS = BANDS * ROWS
WINDOW = 8
"""Winnowing window: a shared run of WINDOW + GRAM − 1 = 12 characters always shares a fingerprint."""
U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]


@cache
def _permutations() -> tuple[U32, U32]:
    hasher = MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32")
    return hasher.permutations[0], hasher.permutations[1]


def _mix(values: U32) -> U32:
    """MurmurHash3's 32-bit finaliser, in place; datasketch mixes the same way before it permutes."""
    values ^= values >> np.uint32(16)
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values


def gram_hashes(normal: pa.Array) -> tuple[U32, I64, npt.NDArray[np.bool_]]:
    """Hashes of the character 5-grams of texts that have at least GRAM characters each.

    Parameters
    ----------
    normal : pyarrow.Array of shape (n,)
        Normalised texts.

    Returns
    -------
    hashes : numpy.ndarray of uint32
        One text after another.
    starts : numpy.ndarray of int64, shape (n + 1,)
        Where each text begins in `hashes`.
    wide : numpy.ndarray of bool, shape (n,)
        Whether a text is mostly Chinese, Japanese or Korean.
    """
    lengths = pc.utf8_length(normal).to_numpy(zero_copy_only=False).astype(np.int64)
    codes = np.frombuffer("".join(normal.to_pylist()).encode("utf-32-le"), np.uint32)
    ends = np.cumsum(lengths)
    hashes = np.zeros(max(len(codes) - GRAM + 1, 0), np.uint32)
    for place in range(GRAM):
        hashes *= np.uint32(0x01000193)
        hashes ^= codes[place : place + len(hashes)] * np.uint32(0x9E3779B1)
    keep = np.ones(len(hashes), bool)
    for back in range(1, GRAM):  # a 5-gram may not run over into the next text
        keep[ends[:-1] - back] = False
    starts = np.concatenate([[0], np.cumsum(lengths - GRAM + 1)])
    cjk = np.concatenate([[0], np.cumsum((codes >= 0x3040) & (codes <= 0x9FFF))])
    wide = np.diff(cjk[np.concatenate([[0], ends])]) * 2 > lengths
    return _mix(hashes[keep]), starts, wide


def signatures(grams: U32, starts: I64) -> U32:
    """MinHash signatures.

    Parameters
    ----------
    grams : numpy.ndarray of uint32
        Hashes of the 5-grams, one text after another.
    starts : numpy.ndarray of shape (n + 1,)
        Where each text begins in `grams`; none is empty.

    Returns
    -------
    numpy.ndarray of uint32, shape (n, PERMUTATIONS)

    Notes
    -----
    Broder 1997, doi:10.1109/SEQUEN.1997.666900; P(minimum equal) = Jaccard similarity.
    """
    first, second = _permutations()
    mixed = _mix(grams.copy())
    out = np.empty((PERMUTATIONS, len(starts) - 1), np.uint32)
    for place in range(PERMUTATIONS):
        out[place] = np.minimum.reduceat(mixed * first[place] + second[place], starts[:-1])
    return out.T


def band_keys(signature: U32) -> U32:
    """One key for each band of ROWS minima.

    Parameters
    ----------
    signature : numpy.ndarray of uint32, shape (n, PERMUTATIONS)
        From :func:`signatures`.

    Returns
    -------
    numpy.ndarray of uint32, shape (n, BANDS)
    """
    rows = signature.reshape(-1, BANDS, ROWS)
    keys = np.zeros(rows.shape[:2], np.uint32)
    for row in range(ROWS):
        keys = _mix(keys * np.uint32(0x01000193) + rows[:, :, row])
    return keys


def distinct(values: npt.NDArray[np.uint64], *, runs: bool = False) -> npt.NDArray[np.uint64]:
    """Sorted distinct values; sorting 64-bit integers is several times faster than the hashing of `numpy.unique`.

    `runs` says that they are nearly in order, so that merging is faster still.

    Parameters
    ----------
    values : numpy.ndarray of uint64
        In any order.
    runs : bool
        Whether they are nearly in order, so that merging is faster still.

    Returns
    -------
    numpy.ndarray of uint64
    """
    ordered = np.sort(values, kind="stable" if runs else "quicksort")
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def winnow(grams: U32, starts: I64) -> tuple[U32, I64]:
    """Fingerprints: each text's minima over every WINDOW neighbouring 5-grams, distinct within a text.

    Parameters
    ----------
    grams : numpy.ndarray of uint32
        Hashes of the 5-grams, one text after another.
    starts : numpy.ndarray of shape (n + 1,)
        Where each text begins in `grams`.

    Returns
    -------
    prints : numpy.ndarray of uint32
        Fingerprints, one text after another.
    starts : numpy.ndarray of shape (n + 1,)
        Where each text begins in `prints`.

    Notes
    -----
    Schleimer, Wilkerson & Aiken 2003, doi:10.1145/872757.872770.
    """
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    low = grams.copy()
    place = np.arange(len(grams))
    step = 1
    while step < WINDOW:  # minimum over a window by doubling
        same = owner[step:] == owner[:-step]
        low[:-step] = np.where(same, np.minimum(low[:-step], low[step:]), low[:-step])
        step *= 2
    # Whole windows only, and the one cut window of a text that is shorter than a window.
    full = (starts[1:][owner] - place >= WINDOW) | (place == starts[:-1][owner])
    prints = distinct((owner[full].astype(np.uint64) << np.uint64(32)) | low[full])
    counts = np.bincount((prints >> np.uint64(32)).astype(np.int64), minlength=len(starts) - 1)
    return prints.astype(np.uint32), np.concatenate([[0], np.cumsum(counts)])
