"""What the outlook looks at: how far, how fast, and of what kind the last day's windows are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crisislib.core.i18n import N_
from crisislib.warn.index_weights import DIMENSIONS
from crisislib.warn.series_panel import Panel

Floats = npt.NDArray[np.float64]

SURPRISES = (
    "volume",
    "sustained_volume",
    "authors",
    "velocity",
    "negative_share",
    "negative_index",
    "negative_posts",
    "sustained_negative",
    "sensitive_posts",
    "call_to_action",
    "news",
    "reach",
)
SHARES = ("negative_share", "call_to_action", "coordination")
LOADS = ("sensitive_posts", "news", "influencers")

GROUPS: dict[str, str] = {
    "heat": N_("how much is posted"),
    "growth": N_("how fast it grows"),
    "tendency": N_("how negative it is"),
    "sensitivity": N_("sensitive subjects and calls to action"),
    "spread": N_("news and widely followed accounts"),
    "coordination": N_("accounts that act together"),
    "state": N_("where the index stands"),
}
"""Groups of features by which reasons are given."""


def _sum(x: Floats, span: int) -> Floats:
    """Trailing sum over `span` windows, NaN as nothing."""
    total = np.cumsum(np.nan_to_num(x), axis=-1)
    out = total.copy()
    out[..., span:] -= total[..., :-span]
    return out


def _max(x: Floats, span: int) -> Floats:
    out = np.nan_to_num(x)
    best = out.copy()
    for back in range(1, span):
        best[..., back:] = np.maximum(best[..., back:], out[..., :-back])
    return best


def _lag(x: Floats, back: int) -> Floats:
    out = np.full(x.shape, np.nan)
    out[..., back:] = x[..., :-back]
    return out


def features(panel: Panel) -> tuple[Floats, list[str], list[str]]:
    """Features of every window, from that window and the day before it only.

    Parameters
    ----------
    panel : Panel
        Series on one grid of hourly windows.

    Returns
    -------
    x : numpy.ndarray
        Shape (series, windows, features), float32-ready, NaN where not measured.
    names, groups : list of str
        Per feature its name and its key in :data:`GROUPS`.
    """
    made: list[tuple[str, str, Floats]] = []
    index = panel.index
    made += [
        ("index", "state", index),
        ("index_max6", "state", _max(index, 6)),
        ("index_max24", "state", _max(index, 24)),
        ("index_rise3", "state", index - _lag(index, 3)),
        ("warm_hours", "state", _sum((np.nan_to_num(index) >= 25).astype(float), 24)),
    ]
    made += [(f"score_{d}", d, panel.scores[..., i]) for i, d in enumerate(DIMENSIONS)]
    blank = np.full(index.shape, np.nan)
    of = {signal: d for d, names in DIMENSIONS.items() for signal in names}
    # Counts of negative posts rise with every burst, so the index leaves them to the trees.
    of |= {"negative_posts": "tendency", "sustained_negative": "tendency"}
    made += [(f"surprise_{s}", of[s], panel.surprise.get(s, blank)) for s in SURPRISES]
    made += _volumes(panel)
    made += _shares(panel, of)
    stacked = np.stack([values for _, _, values in made], axis=-1)
    return stacked, [name for name, _, _ in made], [group for _, group, _ in made]


def _volumes(panel: Panel) -> list[tuple[str, str, Floats]]:
    observed, due = panel.of("volume"), panel.expected.get("volume", np.full(panel.index.shape, np.nan))
    due = np.where(np.isfinite(observed), due, np.nan)
    made = [
        (f"ratio_{span}", "heat", np.log((_sum(observed, span) + 2.0) / (_sum(due, span) + 2.0)))
        for span in (1, 3, 6, 24)
    ]
    before, last = _lag(_sum(observed, 3), 3), _sum(observed, 3)
    made.append(("grow_1", "growth", np.log((observed + 1.0) / (_lag(observed, 1) + 1.0))))
    made.append(("grow_3", "growth", np.log((last + 1.0) / (before + 1.0))))
    made.append(("size", "heat", np.log1p(due)))
    return made


def _shares(panel: Panel, of: dict[str, str]) -> list[tuple[str, str, Floats]]:
    made: list[tuple[str, str, Floats]] = []
    blank = np.full(panel.index.shape, np.nan)
    for signal in SHARES:
        value, n = panel.of(signal), np.nan_to_num(panel.n.get(signal, blank))
        n = np.where(np.isfinite(value), n, 0.0)
        due = panel.expected.get(signal, blank)
        for span in (3, 12):
            posts = _sum(n, span)
            excess = _sum((value - due) * n, span) / np.maximum(posts, 4.0)
            made.append((f"{signal}_over{span}", of[signal], np.where(posts > 0, excess, np.nan)))
    posts = _sum(panel.of("volume"), 6)
    for signal in LOADS:
        share = _sum(panel.of(signal), 6) / np.maximum(posts, 4.0)
        made.append((f"{signal}_share6", of[signal], np.where(posts > 0, share, np.nan)))
    return made
