"""A missing parent from the company it keeps: whom posts of the same moment came from, and its age."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crisislib.spread.cascades.forest import Floats, Ints
from crisislib.spread.edges.confidence import STAR_AGE_S, STAR_BY_AGE, STAR_CHAIN
from crisislib.spread.edges.edge_builder import Board
from crisislib.spread.post_arrays import NEVER, codes

_SIDE = 16
"""Neighbours in time that are asked on either side."""
_PRIOR = 2.0
"""Votes that the age of the story counts for."""


def by_age(age_s: Floats) -> Floats:
    """How often a post of that age in its story came straight from the root."""
    share: Floats = np.interp(np.log1p(np.maximum(age_s, 0)), np.log1p(STAR_AGE_S), STAR_BY_AGE)
    return share


def vote(board: Board, chained: npt.NDArray[np.bool_]) -> None:
    """Posts of which only the root is known take the parent that their neighbours in time vote for.

    Parameters
    ----------
    board : Board
    chained : numpy.ndarray of shape (n,)
        Posts whose source writes repost chains: without one they came straight from the root.

    Notes
    -----
    Of the same story the sixteen posts before and the sixteen after whose parents are known vote with
    weight 1/(1 + rank); a parent later than the post is no candidate. The root has the prior votes
    that posts of this age in their story give it. The share of the winner is calibrated by
    :data:`crisislib.spread.edges.confidence.VOTE`.
    """
    story, names = codes(board.posts["root_id"])
    child = np.flatnonzero(board.open & (story >= 0) & (board.root != np.arange(board.n)))
    if not len(child):
        return
    root = board.root[child].copy()
    lost = root < 0
    if lost.any():
        number, lost_names = codes(names.take(pa.array(story[child[lost]])))
        root[lost] = board.add_nodes(lost_names) + number
    age = _age(board, child, story)
    parent, trust = _winner(board, child, root, story, by_age(age))
    straight = chained[child]
    parent = np.where(straight, root, parent)
    trust = np.where(straight, STAR_CHAIN, trust)
    for is_root in (True, False):
        mine = (parent == root) == is_root
        method = "star" if is_root else "vote"
        board.link(child[mine], parent[mine], method=method, confidence=trust[mine], kind=board.kind[child[mine]])


def _age(board: Board, child: Ints, story: Ints) -> Floats:
    """Seconds since the root, or since the earliest post of the story where the root has no time."""
    late = np.iinfo(np.int64).max
    begin = np.full(int(story.max(initial=-1)) + 1, late)
    timed = (story >= 0) & (board.at != NEVER)
    np.minimum.at(begin, story[timed], board.at[timed])
    held = board.root >= 0
    np.minimum.at(begin, story[held], np.where(board.at[board.root[held]] == NEVER, late, board.at[board.root[held]]))
    known = (board.at[child] != NEVER) & (begin[story[child]] != late)
    return np.where(known, (board.at[child] - np.where(known, begin[story[child]], 0)) / 1e6, 3600.0)


def _winner(board: Board, child: Ints, root: Ints, story: Ints, prior: Floats) -> tuple[Ints, Floats]:
    """The parent that the neighbours vote for, and its share of the votes."""
    above = np.full(board.n, -1, dtype=np.int64)
    for part in board.found:
        mine = part.child < board.n
        above[part.child[mine]] = part.parent[mine]
    known = np.flatnonzero((above >= 0) & (story >= 0))
    known = known[np.lexsort((known, story[known]))]  # posts stand in order of time
    key = story[known] * (board.n + 1) + known
    spot = np.searchsorted(key, story[child] * (board.n + 1) + child)
    offset = np.r_[-np.arange(1, _SIDE + 1), np.arange(_SIDE)]
    rank = np.r_[np.arange(_SIDE), np.arange(_SIDE)]
    best, share = root.copy(), prior.copy()
    if not len(known):
        return best, share
    size = 10_000
    for begin in range(0, len(child), size):  # batches bound the memory
        piece = slice(begin, begin + size)
        place = spot[piece, None] + offset
        neighbour = known[np.clip(place, 0, len(known) - 1)]
        candidate = above[neighbour]
        good = (place >= 0) & (place < len(known)) & (story[neighbour] == story[child[piece], None])
        good &= (candidate >= board.n) | (candidate < child[piece, None])  # earlier, or unknown in time
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
