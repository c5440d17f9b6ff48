"""Which texts are versions of one another: candidates by shared keys, then checked on their 5-grams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crisislib.nlp.duplicates.minhash import I64, PERMUTATIONS, U32, distinct
from crisislib.nlp.duplicates.sketches import Sketches

NEAR = 0.45
"""Jaccard similarity of 5-grams from which two texts are versions: a few edits in a post leave about 0.5.
This and the limits below were set on planted versions of disaster tweets, rumour replies, brand comments and
hot-search descriptions: stricter loses recall, looser begins to join strangers."""
SURE = 0.63
"""Estimate from which no exact check is needed: four standard errors above NEAR (s.e. 0.044 at 128)."""
HOPELESS = 0.28
"""Estimate below which no exact check is worth it: four standard errors below NEAR."""
PART = 0.8
"""Share of the shorter text's 5-grams found in the same end of the longer one: a cut copy."""
PART_RATIO = 0.2
"""A cut copy keeps at least this share of the text; less is a quotation of a phrase, not a copy."""
PART_GRAMS_WIDE, PART_GRAMS = 12, 28
"""Fewest 5-grams of a cut copy: 16 Chinese characters, or 32 Latin letters (about six words)."""
NEAR_GRAMS = 8
"""Texts shorter than 12 characters join only when they are equal: one edit changes half of them."""
CROWD = 24
"""In a bucket with more texts than this each is paired with its neighbours and the bucket's head only:
all pairs would be quadratic, and versions of one text are still joined through one another."""
NEIGHBOURS = 4
"""Neighbours that each text of a crowded bucket is paired with: a few chains hold where one pair fails the check."""
_CHUNK = 200_000
"""Pairs compared at once: bounds the memory of their expanded 5-grams."""


U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Links:
    """Pairs of texts that are versions of one another; `left < right`.

    Attributes
    ----------
    left, right : numpy.ndarray of int64
        Row numbers in the sketches.
    """

    left: I64
    right: I64

    def apart(self, n: int, left: I64, right: I64) -> npt.NDArray[np.bool_]:
        """Which pairs of texts these links do not join already, also by way of others.

        Parameters
        ----------
        n : int
            Number of texts.
        left, right : numpy.ndarray of shape (k,)
            Row numbers of the pairs.

        Returns
        -------
        numpy.ndarray of bool, shape (k,)
        """
        graph = coo_array((np.ones(len(self.left), np.int8), (self.left, self.right)), shape=(n, n))
        group = connected_components(graph, directed=False)[1]
        return np.asarray(group[left] != group[right])

    def and_(self, left: I64, right: I64) -> Links:
        """These links and more.

        Parameters
        ----------
        left, right : numpy.ndarray of shape (k,)
            Row numbers of further pairs, left < right.

        Returns
        -------
        Links
        """
        return Links(np.concatenate([self.left, left]), np.concatenate([self.right, right]))


def _bucket_pairs(keys: U32, rows: I64, first_new: int, weight: I64) -> U64:
    """Pairs `left << 32 | right` of rows that share a key, at least one of them new."""
    if first_new:
        fresh = np.sort(keys[rows >= first_new])  # few against many: a search is faster than numpy.isin
        if not len(fresh):
            return np.zeros(0, np.uint64)
        place = np.minimum(np.searchsorted(fresh, keys), len(fresh) - 1)
        keep = fresh[place] == keys
        keys, rows = keys[keep], rows[keep]
    # Longest first, so that the head of a crowd is the text that cut copies were cut from.
    order = np.lexsort((rows, -weight[rows], keys))
    keys, rows = keys[order], rows[order]
    edges = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(np.concatenate([edges, [len(keys)]]))
    head = np.repeat(edges, sizes)
    size = np.repeat(sizes, sizes)
    place = np.arange(len(keys))
    out = [np.stack([rows[head], rows])[:, place > head]]
    for step in range(1, CROWD):
        reach = (place - step > head) & ((size <= CROWD) | (step <= NEIGHBOURS))
        if not reach.any():
            break
        at = place[reach]
        out.append(np.stack([rows[at - step], rows[at]]))
    low, high = np.sort(np.concatenate(out, axis=1), axis=0).astype(np.uint64)
    return distinct(((low << np.uint64(32)) | high)[high >= first_new])


def candidates(sketches: Sketches, first_new: int) -> U64:
    """Pairs worth checking: texts that share a band key or a fingerprint.

    Parameters
    ----------
    sketches : Sketches
    first_new : int
        Row from which texts are new; pairs of two older ones were checked before.

    Returns
    -------
    numpy.ndarray of uint64
        `left << 32 | right`, sorted and distinct.
    """
    sizes = sketches.sizes()
    rows = np.arange(len(sketches))
    pairs = [_bucket_pairs(band, rows, first_new, sizes) for band in sketches.bands.T]
    owners = np.repeat(rows, np.diff(sketches.print_starts))
    pairs.append(_bucket_pairs(sketches.prints, owners, first_new, sizes))
    return distinct(np.concatenate(pairs))


def _expand(sketches: Sketches, rows: I64, begin: I64, count: I64) -> U64:
    """Sorted distinct `pair << 32 | gram` for a run of 5-grams of each row."""
    ends = np.cumsum(count)
    inside = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - count, count)
    grams = sketches.grams[np.repeat(sketches.starts[rows] + begin, count) + inside]
    pair = np.repeat(np.arange(len(rows), dtype=np.uint64), count)
    return distinct((pair << np.uint64(32)) | grams, runs=True)


def _counts(keys: U64, n: int) -> I64:
    return np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=n)


def _shared(one: U64, two: U64, n: int) -> I64:
    both = np.concatenate([one, two])
    both.sort(kind="stable")  # two sorted runs: merged, not sorted
    return _counts(both[1:][both[1:] == both[:-1]], n)


def jaccard(sketches: Sketches, left: I64, right: I64) -> npt.NDArray[np.float64]:
    """Exact Jaccard similarity of the 5-gram sets of pairs of texts.

    Parameters
    ----------
    sketches : Sketches
    left, right : numpy.ndarray of shape (k,)
        Row numbers of the pairs.

    Returns
    -------
    numpy.ndarray of shape (k,)
        Similarity 0-1.
    """
    out = np.zeros(len(left))
    sizes = sketches.sizes()
    for at in range(0, len(left), _CHUNK):
        a, b = left[at : at + _CHUNK], right[at : at + _CHUNK]
        zero = np.zeros(len(a), np.int64)
        one, two = _expand(sketches, a, zero, sizes[a]), _expand(sketches, b, zero, sizes[b])
        both = _shared(one, two, len(a))
        out[at : at + _CHUNK] = both / np.maximum(_counts(one, len(a)) + _counts(two, len(a)) - both, 1)
    return out


def part(sketches: Sketches, left: I64, right: I64) -> npt.NDArray[np.float64]:
    """Share of the shorter text's 5-grams that lie in the head, or in the tail, of the longer one.

    The head and the tail are a quarter longer than the shorter text, so that small edits do not
    matter and a phrase quoted in the middle of something else does not count.

    Parameters
    ----------
    sketches : Sketches
    left, right : numpy.ndarray of shape (k,)
        Row numbers of the pairs.

    Returns
    -------
    numpy.ndarray of shape (k,)
        Share 0-1.
    """
    out = np.zeros(len(left))
    sizes = sketches.sizes()
    for at in range(0, len(left), _CHUNK):
        a, b = left[at : at + _CHUNK], right[at : at + _CHUNK]
        short, long = np.where(sizes[a] <= sizes[b], a, b), np.where(sizes[a] <= sizes[b], b, a)
        zero = np.zeros(len(a), np.int64)
        small = _expand(sketches, short, zero, sizes[short])
        span = np.minimum(sizes[short] + sizes[short] // 4 + 4, sizes[long])
        head = _shared(small, _expand(sketches, long, zero, span), len(a))
        tail = _shared(small, _expand(sketches, long, sizes[long] - span, span), len(a))
        out[at : at + _CHUNK] = np.maximum(head, tail) / np.maximum(_counts(small, len(a)), 1)
    return out


def _least_alike(ratio: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Least estimate for a cut copy: the Jaccard that PART implies at this ratio of sizes, less three s.e."""
    implied = PART * ratio / (1 + (1 - PART) * ratio)
    return np.asarray(implied - 3 * np.sqrt(implied * (1 - implied) / PERMUTATIONS))


def links(sketches: Sketches, first_new: int = 0, joined: Links | None = None) -> Links:
    """Enough pairs of versions to join all that belong together, at least one text of each from `first_new` on.

    Parameters
    ----------
    sketches : Sketches
        Of all texts, row by row.
    first_new : int
        Row of the first text that was not compared before.
    joined : Links, optional
        Texts that are known to belong together.

    Returns
    -------
    Links
        Near-duplicates (Jaccard at least NEAR) and cut copies (PART of the shorter text). A pair that others join
        already is not checked: in a wave of copies nearly all are such, and the groups are the same.
    """
    coded = candidates(sketches, first_new)
    left, right = (coded >> np.uint64(32)).astype(np.int64), (coded & np.uint64(0xFFFFFFFF)).astype(np.int64)
    sizes, n = sketches.sizes(), len(sketches)
    small, large = np.minimum(sizes[left], sizes[right]), np.maximum(sizes[left], sizes[right])
    alike = _estimated(sketches, left, right)
    long_enough = small >= NEAR_GRAMS
    near = long_enough & (alike >= SURE)
    pairs = (joined or Links(left[:0], right[:0])).and_(left[near], right[near])
    unsure = np.flatnonzero(long_enough & (alike >= HOPELESS) & (alike < SURE) & pairs.apart(n, left, right))
    alike[unsure] = jaccard(sketches, left[unsure], right[unsure])
    near[unsure] = alike[unsure] >= NEAR
    pairs = pairs.and_(left[unsure][near[unsure]], right[unsure][near[unsure]])
    wide = sketches.wide[left] & sketches.wide[right]
    cut = ~near & (small >= np.where(wide, PART_GRAMS_WIDE, PART_GRAMS)) & (small >= PART_RATIO * large)
    cut &= (alike >= _least_alike(small / np.maximum(large, 1))) & pairs.apart(n, left, right)
    maybe = np.flatnonzero(cut)
    maybe = maybe[part(sketches, left[maybe], right[maybe]) >= PART]
    return pairs.and_(left[maybe], right[maybe])


def _estimated(sketches: Sketches, left: I64, right: I64) -> npt.NDArray[np.float64]:
    """Jaccard similarity as the low bytes of the permutations tell it."""
    alike = np.zeros(len(left))
    for at in range(0, len(left), _CHUNK):
        same = sketches.low[left[at : at + _CHUNK]] == sketches.low[right[at : at + _CHUNK]]
        share = same.sum(1) / PERMUTATIONS
        alike[at : at + _CHUNK] = (share - 1 / 256) / (1 - 1 / 256)
    return alike
