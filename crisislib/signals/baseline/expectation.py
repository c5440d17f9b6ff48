"""One door to the baselines: a kind of signal to its expectation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_
from crisislib.signals.baseline.amounts import amounts
from crisislib.signals.baseline.counts import Expectation, counts
from crisislib.signals.baseline.ratios import shares
from crisislib.signals.baseline.resumable_passes import Passes

Floats = npt.NDArray[np.float64]
WHOLE = 0.9
"""Share of a window that must have been collected for it to teach, or for an amount to be judged."""


def expect(
    kind: str,
    value: Floats,
    n: Floats,
    k: Floats,
    slots: npt.NDArray[np.int64],
    *,
    step_s: int,
    complete: Floats | None = None,
    first: int = 0,
    passes: Passes | None = None,
    phase: int = 0,
) -> Expectation:
    """Expectation and surprise of some series of one kind.

    Parameters
    ----------
    kind : str
        `count`, `share`, `amount`, `change`; `bound` (the interval of another signal) and `tally` have none.
    value, n, k : numpy.ndarray
        Values, posts behind them, and numerators of shares, shape (series, windows).
    slots : numpy.ndarray
        Hour of week per window.
    step_s : int
        Length of a window, seconds.
    complete : numpy.ndarray, optional
        Share of each window that was collected.
    first : int
        Intervals are wanted from this window on; with `passes` surprise, too.
    passes : Passes, optional
        Where the causal passes may be taken up, and are remembered.
    phase : int
        Number of the first window, see :func:`~crisislib.signals.baseline.calibration_ranks.calibrate`.
    """
    part = np.ones(value.shape[1]) if complete is None else complete
    if kind == "count":
        return counts(value, slots, step_s=step_s, complete=part, first=first, passes=passes, phase=phase)
    if kind == "share":
        known = np.where(np.isfinite(value), n, np.nan)
        return shares(k, known, slots, step_s=step_s, first=first, passes=passes, phase=phase)
    if kind in ("amount", "change"):
        # A partly collected window would read as a fall: it is neither judged nor learned from.
        whole = np.where(part > WHOLE, value, np.nan)
        return amounts(whole, slots, step_s=step_s, signed=kind == "change", first=first, passes=passes, phase=phase)
    if kind in ("bound", "tally"):
        blank = np.full(value.shape, np.nan)
        return Expectation(blank, blank, blank, blank, blank, np.zeros(value.shape, dtype=np.int64))
    raise CrisisError(
        N_("there is no baseline for kind {kind!r}"), do=N_("use count, share, amount or change"), facts={"kind": kind}
    )
