"""Cascades as flat arrays: every method of this room works on whole arrays of events, never on one post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY = 86400.0
"""Seconds of a day."""
_NIGHT_AND_DAY = (
    "0.8 0.55 0.4 0.3 0.3 0.4 0.65 0.9 1.05 1.15 1.2 1.2 1.2 1.2 1.15 1.1 1.1 1.1 1.15 1.25 1.35 1.4 1.3 1.05"
)
AWAKE = np.array([float(share) for share in _NIGHT_AND_DAY.split()])
"""How awake an audience is by local clock hour: few at four in the night, most at nine in the evening.
A round-number assumption, not fitted to any data set; scaled to mean 1 where it is used."""


@dataclass(frozen=True)
class Events:
    """Many cascades, their reposts in time order, one after the other.

    Attributes
    ----------
    ids : Sequence[str]
        Name of each cascade, length k.
    offset : numpy.ndarray
        Length k + 1; the reposts of cascade i are rows `offset[i]:offset[i + 1]`. The root is not a row.
    t : numpy.ndarray
        Seconds since the root's post, rising within a cascade, never negative.
    depth : numpy.ndarray
        Generation (1 = straight from the root); NaN where no tree is known.
    user : numpy.ndarray
        Integer per account; -1 where unknown.
    audience : numpy.ndarray
        Followers of who reposted; NaN where unknown.
    root_audience : numpy.ndarray
        Followers of who posted the root, length k; NaN where unknown.
    clock : numpy.ndarray
        Seconds of the root's post since any midnight of the place where the audience lives, length k;
        NaN where unknown. Only the hour of the day and the day of the week are used.
    """

    ids: Sequence[str]
    offset: Ints
    t: Floats
    depth: Floats
    user: Ints
    audience: Floats
    root_audience: Floats
    clock: Floats

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def size(self) -> Ints:
        """Reposts of each cascade."""
        return np.diff(self.offset)

    @property
    def owner(self) -> Ints:
        """Cascade number of each row."""
        return np.repeat(np.arange(len(self.ids), dtype=np.int64), self.size)

    def count(self, age: Floats | float) -> Ints:
        """Reposts of each cascade up to an age.

        Parameters
        ----------
        age : float or numpy.ndarray of shape (k,)
            Seconds since the root, one for all or one each.

        Returns
        -------
        numpy.ndarray of shape (k,)
        """
        inside = self.t <= np.broadcast_to(np.asarray(age, dtype=float), len(self.ids))[self.owner]
        return np.bincount(self.owner, weights=inside, minlength=len(self.ids)).astype(np.int64)

    def take(self, chosen: npt.ArrayLike) -> Events:
        """Some cascades, in the order given.

        Parameters
        ----------
        chosen : array_like
            Positions or a mask of shape (k,).

        Returns
        -------
        Events
        """
        which = np.asarray(chosen)
        which = np.flatnonzero(which) if which.dtype == bool else which.astype(np.int64)
        size = self.size[which]
        offset = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        rows = np.arange(offset[-1]) - np.repeat(offset[:-1] - self.offset[which], size)
        return Events(
            [self.ids[int(i)] for i in which],
            offset,
            self.t[rows],
            self.depth[rows],
            self.user[rows],
            self.audience[rows],
            self.root_audience[which],
            self.clock[which],
        )

    def until(self, age: Floats | float) -> Events:
        """What was visible at an age: later reposts are removed.

        Parameters
        ----------
        age : float or numpy.ndarray of shape (k,)
            Seconds since the root, one for all or one each.

        Returns
        -------
        Events
            The same k cascades.
        """
        owner = self.owner
        keep = self.t <= np.broadcast_to(np.asarray(age, dtype=float), len(self.ids))[owner]
        size = np.bincount(owner[keep], minlength=len(self.ids))
        return replace(
            self,
            offset=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
            t=self.t[keep],
            depth=self.depth[keep],
            user=self.user[keep],
            audience=self.audience[keep],
        )


def build_events(
    ids: Sequence[str],
    owner: npt.ArrayLike,
    t: npt.ArrayLike,
    *,
    depth: npt.ArrayLike | None = None,
    user: npt.ArrayLike | None = None,
    audience: npt.ArrayLike | None = None,
    root_audience: npt.ArrayLike | None = None,
    clock: npt.ArrayLike | None = None,
) -> Events:
    """Group rows into :class:`Events`.

    Parameters
    ----------
    ids : Sequence[str]
        Name of each cascade, length k.
    owner : array_like of int
        Cascade number of each row.
    t : array_like of float
        Seconds since the root; a row that claims to be earlier than its root counts as 0.
    depth, user, audience : array_like, optional
        Per row; unknown when left out.
    root_audience, clock : array_like, optional
        Per cascade; unknown when left out.

    Returns
    -------
    Events
        Rows grouped by cascade and ordered by time.
    """
    who = np.asarray(owner, dtype=np.int64)
    when = np.maximum(np.asarray(t, dtype=float), 0.0)
    order = np.lexsort((when, who))
    size = np.bincount(who, minlength=len(ids))

    def per_row(values: npt.ArrayLike | None) -> Floats:
        return np.full(len(who), np.nan) if values is None else np.asarray(values, dtype=float)[order]

    def per_cascade(values: npt.ArrayLike | None) -> Floats:
        return np.full(len(ids), np.nan) if values is None else np.asarray(values, dtype=float)

    users = np.full(len(who), -1, dtype=np.int64) if user is None else np.asarray(user, dtype=np.int64)[order]
    return Events(
        list(ids),
        np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        when[order],
        per_row(depth),
        users,
        per_row(audience),
        per_cascade(root_audience),
        per_cascade(clock),
    )
