"""Whether a watch can be judged at all: history, freshness, collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crisislib.core.durations import duration
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.warn.crisis_index import Index

NOTHING = N_("Level unknown: no window has been computed yet.")
STALE = N_("Level unknown: the newest window ended {age} ago; what happened since is not known.")
BROKEN = N_("Level unknown: of the newest windows only {share}% was collected; silence is not calm.")
THIN = N_("Level unknown: {n} {n:window|windows} of history stored, {needed} needed before anything can be expected.")
NO_HEAT = N_("Level unknown: volume was not measured in the newest windows.")

HALF = 0.5
"""Share of the newest two windows that must have been collected: with less, most of what happened is not known."""
NEEDED = 24
"""Windows of history: as many as the baselines of the signals need before they expect anything."""


@dataclass(frozen=True)
class Health:
    """`ok`, or the reason (a gettext id with its facts) why no level can be given."""

    ok: bool
    reason: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def health(rows: pd.DataFrame, made: Index, watch: Watch, now: pd.Timestamp) -> Health:
    """Judge whether the newest windows can carry a level.

    Parameters
    ----------
    rows : pandas.DataFrame
        SIGNALS rows until now.
    made : Index
        Their index.
    watch : Watch
        Its step.
    now : pandas.Timestamp
        The clock.

    Returns
    -------
    Health
        `ok`, or why not.
    """
    step = pd.Timedelta(minutes=watch.window.step_minutes)
    if not len(made.at):
        return Health(False, NOTHING)
    behind = now - (made.at[-1] + step)
    if behind > 2 * step:
        return Health(False, STALE, {"age": duration(behind.total_seconds())})
    collected = float(np.nanmean(made.complete[-2:])) if len(made.complete) else 0.0
    running = (now - made.at[-1]) / step
    if running < 1.0 and len(made.complete) > 1:
        # The running window cannot be whole yet: it is judged by what of it has passed.
        share = min(1.0, made.complete[-1] / max(running, 1e-9))
        collected = float(np.mean([made.complete[-2], share]))
    if not collected >= HALF:
        return Health(False, BROKEN, {"share": round(100 * collected)})
    if not np.isfinite(made.value[-2:]).any():
        n_windows = int(rows.loc[rows["value"].notna(), "at"].nunique())
        if n_windows < NEEDED + 2:
            return Health(False, THIN, {"n": n_windows, "needed": NEEDED})
        return Health(False, NO_HEAT)
    return Health(True)
