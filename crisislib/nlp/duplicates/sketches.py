"""Sketches of texts: character 5-grams, their MinHash bands, and winnowed fingerprints.

The permutations and the scheme are datasketch's, so a row of :func:`signatures` equals the
`MinHash` that datasketch would build from the same 5-gram hashes (a test holds that). The passes are
ours: datasketch builds one Python object a text (about 3,000 texts a second and core), an array pass
over all texts at once does the same arithmetic some fifty times faster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crisislib.nlp.duplicates.minhash import BANDS, I64, PERMUTATIONS, U32, band_keys, gram_hashes, signatures, winnow

_CHUNK = 20_000
"""Texts sketched at once: bounds the memory of their 5-gram hashes."""


@dataclass(frozen=True)
class Sketches:
    """Sketches of n distinct texts.

    Attributes
    ----------
    grams, starts : numpy.ndarray
        5-gram hashes of all texts one after another, in reading order; text i owns
        `grams[starts[i]:starts[i + 1]]`.
    bands : numpy.ndarray of uint32, shape (n, BANDS)
        One key a band; texts that share a band's key are candidates.
    low : numpy.ndarray of uint8, shape (n, PERMUTATIONS)
        Lowest byte of each minimum, enough to estimate Jaccard (b-bit MinHash, b = 8).
    prints, print_starts : numpy.ndarray
        Winnowed fingerprints, laid out like `grams`.
    wide : numpy.ndarray of bool, shape (n,)
        Whether most characters are Chinese, Japanese or Korean, of which fewer say as much.
    """

    grams: U32
    starts: I64
    bands: U32
    low: npt.NDArray[np.uint8]
    prints: U32
    print_starts: I64
    wide: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.wide)

    def sizes(self) -> I64:
        """Number of 5-grams of each text."""
        return np.diff(self.starts)


def _one(normal: pa.Array) -> Sketches:
    grams, starts, wide = gram_hashes(normal)
    signature = signatures(grams, starts)
    prints, print_starts = winnow(grams, starts)
    return Sketches(grams, starts, band_keys(signature), signature.astype(np.uint8), prints, print_starts, wide)


def join(parts: list[Sketches]) -> Sketches:
    """Sketches of several parts as one, in order.

    Parameters
    ----------
    parts : list of Sketches
        At least one.

    Returns
    -------
    Sketches
    """
    if len(parts) == 1:
        return parts[0]
    starts, print_starts, at, print_at = [np.zeros(1, np.int64)], [np.zeros(1, np.int64)], 0, 0
    for part in parts:
        starts.append(part.starts[1:] + at)
        print_starts.append(part.print_starts[1:] + print_at)
        at, print_at = at + len(part.grams), print_at + len(part.prints)
    return Sketches(
        np.concatenate([p.grams for p in parts]),
        np.concatenate(starts),
        np.concatenate([p.bands for p in parts]),
        np.concatenate([p.low for p in parts]),
        np.concatenate([p.prints for p in parts]),
        np.concatenate(print_starts),
        np.concatenate([p.wide for p in parts]),
    )


def _runs(values: U32, starts: I64, rows: I64) -> tuple[U32, I64]:
    """The runs of some rows, one after another, and their starts."""
    count = np.diff(starts)[rows]
    ends = np.cumsum(count)
    inside = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - count, count)
    return values[np.repeat(starts[rows], count) + inside], np.concatenate([[0], ends])


def take(sketches: Sketches, rows: I64) -> Sketches:
    """Sketches of some texts.

    Parameters
    ----------
    sketches : Sketches
    rows : numpy.ndarray of int64
        Row numbers.

    Returns
    -------
    Sketches
        In the order of `rows`.
    """
    grams, starts = _runs(sketches.grams, sketches.starts, rows)
    prints, print_starts = _runs(sketches.prints, sketches.print_starts, rows)
    return Sketches(grams, starts, sketches.bands[rows], sketches.low[rows], prints, print_starts, sketches.wide[rows])


def none() -> Sketches:
    """Sketches of no text."""
    return Sketches(
        np.zeros(0, np.uint32),
        np.zeros(1, np.int64),
        np.zeros((0, BANDS), np.uint32),
        np.zeros((0, PERMUTATIONS), np.uint8),
        np.zeros(0, np.uint32),
        np.zeros(1, np.int64),
        np.zeros(0, bool),
    )


def sketch(normal: pa.Array) -> Sketches:
    """Sketch distinct normalised texts of at least GRAM characters each; memory stays flat by chunks.

    Parameters
    ----------
    normal : pyarrow.Array of shape (n,)
        Distinct normalised texts.

    Returns
    -------
    Sketches
    """
    parts = [_one(normal.slice(at, _CHUNK)) for at in range(0, len(normal), _CHUNK)]
    return join(parts) if parts else none()
