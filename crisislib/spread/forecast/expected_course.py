"""When the rest will come: the expected posts of each coming hour, and what fewer of them a correction would leave."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crisislib.spread.forecast.events import Events, Floats
from crisislib.spread.forecast.seismic import Kernel, state

HOUR = 3600.0
"""Seconds of an hour: the step of the expected course."""
_BINS = np.concatenate([[0.0], np.geomspace(30, 90 * 86400, 120)])
_MOST_BRANCHING = 0.9
"""Reposts that one repost may bring at most: a cascade that does not end has no course, and at 0.9 a post still brings
ten in all."""


@dataclass(frozen=True)
class Course:
    """Expected course of k cascades over h hours after they are looked at.

    Attributes
    ----------
    share : numpy.ndarray
        Share of all posts still to come that falls in each hour, shape (k, h).
    branching : numpy.ndarray
        Reposts that one repost brings, length k, capped at 0.9.
    first : numpy.ndarray
        Reposts still to come straight from what is already there, per unit of branching, shape (k, h).
    """

    share: Floats
    branching: Floats
    first: Floats

    def saved(self, effect: float) -> Floats:
        """Share of the remaining reposts that is avoided when each post brings fewer.

        Parameters
        ----------
        effect : float
            Share, 0-1, by which a correction lowers what each post brings.

        Returns
        -------
        numpy.ndarray of shape (k,)
            Share 0-1; 0 where nothing is left to come.
        """
        plain = _total(self.first, self.branching)
        less = _total(self.first, self.branching * (1 - effect))
        return np.asarray(np.where(plain > 0, 1 - less / np.maximum(plain, 1e-12), 0.0))


def _total(first: Floats, branching: Floats) -> Floats:
    """Expected posts still to come in all: the first generation and all that it brings."""
    return np.asarray(branching * first.sum(axis=1) / (1 - branching))


def course(events: Events, age: Floats, hours: int, *, awake: Floats | None = None) -> Course:
    """Expected course from the mean of the self-exciting process.

    Parameters
    ----------
    events : Events
        What is visible; rows later than `age` are not looked at.
    age : numpy.ndarray
        Seconds since the root, length k.
    hours : int
        Hours to look ahead.
    awake : numpy.ndarray, optional
        Activity by local clock hour with mean 1 (24 values); cascades without a clock ignore it.

    Notes
    -----
    λ_h = b (Σ_i ∫_h φ(s - t_i) ds + Σ_{g<h} λ_g ∫ φ), the mean-field recursion of a Hawkes process by hours,
    times the clock profile; only its shape is used, its sum comes from the size forecast.
    """
    law, k = Kernel(), len(events)
    bare = replace(events, audience=np.full(len(events.t), np.nan))
    branching = np.minimum(state(bare, age, law).p, _MOST_BRANCHING)
    visible = events.until(age)
    lag = np.concatenate([age[visible.owner] - visible.t, age])
    owner = np.concatenate([visible.owner, np.arange(k)])
    place = np.clip(np.searchsorted(_BINS, lag, side="right") - 1, 0, len(_BINS) - 1)
    exposure = np.bincount(owner * len(_BINS) + place, minlength=k * len(_BINS)).reshape(k, len(_BINS))
    ahead = np.arange(hours + 1) * HOUR
    response = np.diff(law.mass(_BINS[:, None] + ahead[None]), axis=1)
    first = exposure @ response
    later = np.diff(law.mass(np.maximum(ahead - HOUR / 2, 0.0)))
    rate = branching[:, None] * first
    for h in range(1, hours):
        rate[:, h] += branching * (rate[:, :h] @ later[1 : h + 1][::-1])
    if awake is not None:
        clock = (np.nan_to_num(events.clock) + age)[:, None] // HOUR + np.arange(hours)[None]
        rate = rate * np.where(np.isfinite(events.clock)[:, None], awake[clock.astype(np.int64) % 24], 1.0)
    total = rate.sum(axis=1, keepdims=True)
    even = np.full_like(rate, 1 / hours)
    return Course(np.where(total > 0, rate / np.maximum(total, 1e-12), even), branching, first)
