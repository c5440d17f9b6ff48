"""A missing parent by vote: whom posts of the same story and moment came from, and the age of the story."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crisislib.spread.cascades.forest import Ints
from crisislib.spread.cascades.tree_shape import Floats
from crisislib.spread.edges.confidence import STAR_AGE_S, STAR_BY_AGE, STAR_CHAIN
from crisislib.spread.edges.edge_builder import EdgeSet, PostColumns, concat, edge_set, no_edges
from crisislib.spread.post_arrays import NEVER, codes

_SIDE = 16
"""Neighbours in time that vote on either side: enough for a stable majority; their weight falls as 1/rank, so that more
change little."""
_PRIOR = 2.0
"""Votes that the age of the story counts for: about as much as the three nearest neighbours on one side
(1 + 1/2 + 1/3), so that a single neighbour does not decide."""
_BATCH = 10_000
"""Posts that vote at once: bounds the memory of the (batch, 32, 32) comparisons to about 100 MB."""
_UNKNOWN_AGE_S = 3600.0
"""Age in seconds of a post whose time, or whose story's, is unknown: an hour, the middle of most stories' life."""


def by_age(age_s: Floats) -> Floats:
    """How often a post of some age in its story came straight from the root.

    Parameters
    ----------
    age_s : numpy.ndarray of shape (k,)
        Seconds since the root.

    Returns
    -------
    numpy.ndarray of shape (k,)
        Share 0-1, interpolated in log time between the points of
        :data:`~crisislib.spread.edges.confidence.STAR_BY_AGE`.
    """
    share: Floats = np.interp(np.log1p(np.maximum(age_s, 0)), np.log1p(STAR_AGE_S), STAR_BY_AGE)
    return share


def parent_vote(columns: PostColumns, known: EdgeSet, *, chained: npt.NDArray[np.bool_]) -> EdgeSet:
    """Parents of posts of which only the root is known, as their neighbours in time vote.

    Parameters
    ----------
    columns : PostColumns
    known : EdgeSet
        Edges of the methods before: they are the votes.
    chained : numpy.ndarray of shape (n,)
        Posts whose source writes repost chains: without one they came straight from the root.

    Returns
    -------
    EdgeSet
        Method `star` where the root wins, else `vote`; confidence is the share of the votes. A root that is not in
        the data becomes a placeholder.

    Notes
    -----
    Of the same story the sixteen posts before and the sixteen after whose parents are known vote with
    weight 1/(1 + rank); a parent later than the post is no candidate. The root has the prior votes
    that posts of this age in their story give it (:func:`by_age`).
    """
    story, names = codes(columns.posts["root_id"])
    unlinked = ~known.linked(columns.n)
    child = np.flatnonzero(unlinked & (story >= 0) & (columns.root != np.arange(columns.n)))
    if not len(child):
        return no_edges()
    root, placeholders = _roots(columns, known, names, story, child)
    prior = by_age(_age(columns, child, story))
    parent, confidence = _winner(columns, known, child, root, story, prior)
    straight = chained[child]
    parent = np.where(straight, root, parent)
    confidence = np.where(straight, STAR_CHAIN, confidence)
    star = parent == root
    parts = [
        edge_set(child[mine], parent[mine], method=method, confidence=confidence[mine], kind=columns.kind[child[mine]])
        for method, mine in (("star", star), ("vote", ~star))
    ]
    return replace(concat(*parts), placeholders=placeholders)


def _roots(columns: PostColumns, known: EdgeSet, names: pa.Array, story: Ints, child: Ints) -> tuple[Ints, pa.Array]:
    """Node number of each child's root, and the ids of the roots that are not in the data."""
    root = columns.root[child].copy()
    missing = root < 0
    if not missing.any():
        return root, pa.array([], pa.string())
    number, placeholders = codes(names.take(pa.array(story[child[missing]])))
    root[missing] = columns.n + len(known.placeholders) + number
    return root, placeholders


def _age(columns: PostColumns, child: Ints, story: Ints) -> Floats:
    """Seconds since the root, or since the earliest post of the story where the root has no time."""
    late = np.iinfo(np.int64).max
    begin = np.full(int(story.max(initial=-1)) + 1, late)
    timed = (story >= 0) & (columns.at != NEVER)
    np.minimum.at(begin, story[timed], columns.at[timed])
    rooted = columns.root >= 0
    root_at = columns.at[columns.root[rooted]]
    np.minimum.at(begin, story[rooted], np.where(root_at == NEVER, late, root_at))
    known = (columns.at[child] != NEVER) & (begin[story[child]] != late)
    return np.where(known, (columns.at[child] - np.where(known, begin[story[child]], 0)) / 1e6, _UNKNOWN_AGE_S)


def _winner(
    columns: PostColumns, known: EdgeSet, child: Ints, root: Ints, story: Ints, prior: Floats
) -> tuple[Ints, Floats]:
    """The parent that the neighbours vote for, and its share of the votes."""
    above = np.full(columns.n, -1, dtype=np.int64)
    of_post = known.child < columns.n
    above[known.child[of_post]] = known.parent[of_post]
    voter = np.flatnonzero((above >= 0) & (story >= 0))
    voter = voter[np.lexsort((voter, story[voter]))]  # posts stand in order of time
    key = story[voter] * (columns.n + 1) + voter
    spot = np.searchsorted(key, story[child] * (columns.n + 1) + child)
    offset = np.r_[-np.arange(1, _SIDE + 1), np.arange(_SIDE)]
    rank = np.r_[np.arange(_SIDE), np.arange(_SIDE)]
    best, share = root.copy(), prior.copy()
    if not len(voter):
        return best, share
    for begin in range(0, len(child), _BATCH):  # batches bound the memory
        piece = slice(begin, begin + _BATCH)
        place = spot[piece, None] + offset
        neighbour = voter[np.clip(place, 0, len(voter) - 1)]
        candidate = above[neighbour]
        good = (place >= 0) & (place < len(voter)) & (story[neighbour] == story[child[piece], None])
        good &= (candidate >= columns.n) | (candidate < child[piece, None])  # earlier, or unknown in time
        weight = np.where(good, 1.0 / (1 + rank), 0.0)
        best[piece], share[piece] = _count(candidate, weight, root[piece], prior[piece])
    return best, share


def _count(candidate: Ints, weight: Floats, root: Ints, prior: Floats) -> tuple[Ints, Floats]:
    """Votes of one batch: shape (h, 32) candidates and weights."""
    total = weight.sum(axis=1) + _PRIOR
    same = candidate[:, :, None] == candidate[:, None, :]
    votes = (same * weight[:, None, :]).sum(axis=2)
    votes += np.where(candidate == root[:, None], _PRIOR * prior[:, None], 0.0)
    votes = np.where(weight > 0, votes, -1.0)
    top = votes.argmax(axis=1)
    row = np.arange(len(root))
    of_root = np.where((candidate == root[:, None]) & (weight > 0), weight, 0.0).sum(axis=1) + _PRIOR * prior
    other = votes[row, top] > of_root
    return np.where(other, candidate[row, top], root), np.where(other, votes[row, top], of_root) / total
