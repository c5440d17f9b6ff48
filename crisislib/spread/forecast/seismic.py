"""SEISMIC: final size of a cascade as a self-exciting point process, all cascades at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crisislib.spread.forecast.events import Events, Floats


@dataclass(frozen=True)
class Kernel:
    """How long people take to repost: constant up to `flat_s`, then a power law with exponent 1 + `theta`.

    The defaults were fitted on Twitter in 2011 (Zhao et al. 2015) and must be refitted per platform.
    """

    flat_s: float = 300.0
    theta: float = 0.2314843

    @property
    def height(self) -> float:
        """Density on the flat part, so that the whole integrates to one (1/s)."""
        return 1.0 / (self.flat_s * (1.0 + 1.0 / self.theta))

    def mass(self, s: Floats) -> Floats:
        """Share of reactions that have come by some time.

        Parameters
        ----------
        s : numpy.ndarray
            Seconds since the post; any shape.

        Returns
        -------
        numpy.ndarray
            Share 0-1, shape of `s`.
        """
        x = np.maximum(s, 0.0)
        tail = self.height * self.flat_s / self.theta
        late = self.height * self.flat_s + tail * (1.0 - (np.maximum(x, self.flat_s) / self.flat_s) ** -self.theta)
        return np.where(x <= self.flat_s, self.height * x, late)

    def mass_integral(self, s: Floats) -> Floats:
        """Integral of :meth:`mass` from 0 to some time.

        Parameters
        ----------
        s : numpy.ndarray
            Seconds since the post; any shape.

        Returns
        -------
        numpy.ndarray
            Seconds, shape of `s`.
        """
        x, s0, c, th = np.maximum(s, 0.0), self.flat_s, self.height, self.theta
        far = np.maximum(x, s0)
        late = c * s0**2 / 2 + c * s0 * (1 + 1 / th) * (far - s0)
        late = late - c * s0 / th * s0**th * (far ** (1 - th) - s0 ** (1 - th)) / (1 - th)
        return np.where(x <= s0, c * x**2 / 2, late)


@dataclass(frozen=True)
class State:
    """What the process says of each cascade at one age (arrays of length k)."""

    n: Floats
    """Reposts so far."""
    p: Floats
    """Infectiousness: reposts per follower who sees a post; per repost where followers are unknown."""
    waiting: Floats
    """Audience that has not yet reacted, the sum of n_i (1 - mass)."""
    audience: Floats
    """Mean audience of who reposted."""


def audiences(events: Events) -> tuple[Floats, Floats]:
    """Audience per row and per root; 1 throughout where a cascade has no follower counts.

    Unknown counts inside a cascade that has some take that cascade's mean.

    Parameters
    ----------
    events : Events
        With k cascades and n reposts.

    Returns
    -------
    rows : numpy.ndarray of shape (n,)
        Followers of who reposted, at least 0.
    root : numpy.ndarray of shape (k,)
        Followers of who posted, at least 1.
    """
    owner, k = events.owner, len(events)
    known = np.isfinite(events.audience)
    share = np.bincount(owner, weights=known, minlength=k) / np.maximum(events.size, 1)
    has = share > 0.5
    total = np.bincount(owner, weights=np.where(known, events.audience, 0.0), minlength=k)
    mean = total / np.maximum(np.bincount(owner, weights=known, minlength=k), 1)
    rows = np.where(has[owner], np.where(known, events.audience, mean[owner]), 1.0)
    root = np.where(has, np.where(np.isfinite(events.root_audience), events.root_audience, mean), 1.0)
    return np.maximum(rows, 0.0), np.maximum(root, 1.0)


def state(
    events: Events,
    age: Floats | float,
    kernel: Kernel | None = None,
    *,
    window_s: tuple[float, float] = (300.0, 7200.0),
) -> State:
    """Infectiousness and waiting audience of every cascade at its age.

    Parameters
    ----------
    events : Events
        Rows later than `age` are ignored.
    age : float or numpy.ndarray
        Seconds since the root, one for all or one each.
    kernel : Kernel, optional
        Reaction-time law.
    window_s : tuple of float
        Shortest and longest smoothing window; in between it is half the age.

    Returns
    -------
    State
        With `p` = sum of triangular weights of recent reposts / expected weighted exposure.

    Notes
    -----
    p_t = sum_i K(t - t_i) / sum_i n_i ∫ K(t - s) φ(s - t_i) ds with K(u) = max(1 - u/w, 0), the root
    exposing but not counted. By parts the integral is Φ(a) - (Ψ(a) - Ψ(a - w))/w with Φ, Ψ the first
    two integrals of φ and a = t - t_i. Zhao, Erdogdu, He, Rajaraman, Leskovec 2015, KDD,
    doi:10.1145/2783258.2783401.
    """
    law = kernel or Kernel()
    k, owner = len(events), events.owner
    at = np.broadcast_to(np.asarray(age, dtype=float), k)
    width = np.clip(at / 2, *window_s)
    rows, root = audiences(events)
    since = at[owner] - events.t
    elapsed = since >= 0

    def exposure(lag: Floats, w: Floats) -> Floats:
        early = law.mass_integral(np.maximum(lag - w, 0.0))
        return np.maximum(law.mass(lag) - (law.mass_integral(lag) - early) / w, 0.0)

    def total(values: Floats) -> Floats:
        return np.bincount(owner, weights=np.where(elapsed, values, 0.0), minlength=k).astype(np.float64)

    hits = total(np.maximum(1 - since / width[owner], 0.0))
    exposed = total(rows * exposure(np.maximum(since, 0.0), width[owner])) + root * exposure(at, width)
    waiting = total(rows * (1 - law.mass(since))) + root * (1 - law.mass(at))
    n = total(np.ones(len(since)))
    return State(n, hits / np.maximum(exposed, 1e-12), waiting, total(rows) / np.maximum(n, 1))


def final_size(now: State, *, mean_audience: Floats | float, alpha: float = 1.0, gamma: float = 1.0) -> Floats:
    """Expected final number of reposts; infinite where the process is supercritical.

    Parameters
    ----------
    now : State
        From :func:`state`.
    mean_audience : float or numpy.ndarray
        n*, the mean audience of those still to come (100 in the paper; 1 where followers are unknown).
    alpha, gamma : float
        Corrections fitted on finished cascades; 1 is the plain process.

    Notes
    -----
    R∞ = R_t + α p (N_t - N_t^e) / (1 - γ p n*), infinite for γ p n* >= 1 (Zhao et al. 2015, eq. 7 and section 4).
    """
    left = 1 - gamma * now.p * mean_audience
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(left > 0, now.n + alpha * now.p * now.waiting / left, np.inf)
