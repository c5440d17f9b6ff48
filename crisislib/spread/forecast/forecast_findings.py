"""Forecasts in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import tzinfo

import pandas as pd

from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase

NEEDED = 10
"""Reposts that a story needs before its size is forecast."""

_LIMITS = (
    N_(
        "The interval is meant to contain the true value four times out of five; a new event can "
        "invalidate any forecast."
    ),
    N_("Final means after about a week; posts that are not collected are not in it."),
)
_SIMULATED = N_("Trained on simulated stories, as this watch has too few finished ones of its own yet.")
_ASSUMED = N_("How much a correction lowers further sharing is an assumption of yours, not a measurement.")


def findings_of(
    table: pd.DataFrame, evidence: Mapping[str, Sequence[str]], correction: tuple[float, float], zone: tzinfo
) -> list[Finding]:
    """Findings about the largest story that can be forecast: its size, its peak, and what a correction saves.

    Parameters
    ----------
    table : pandas.DataFrame
        As :class:`~crisislib.spread.forecast.story_forecasts.Forecast` describes it.
    evidence : Mapping[str, Sequence[str]]
        Post ids of the story by its root.
    correction : tuple of float
        Least and largest assumed effect, as shares.
    zone : tzinfo
        In which times are written.

    Returns
    -------
    list of Finding
        `forecast.size`, `forecast.peak`, `forecast.correction`; or one that says what is missing.
    """
    known = table[table["forecast"].notna()]
    if not len(known):
        return [too_few("forecast.size", int(table["n"].max() - 1) if len(table) else 0, NEEDED)]
    top = known.iloc[0]
    ids = evidence.get(str(top["root_id"]), ())
    limits = [*_LIMITS, *([_SIMULATED] if str(top["forecast_method"]).startswith("simulation") else [])]
    size = {"n": int(top["n"]), "mid": round(top["forecast"]), "lo": round(top["forecast_lo"])}
    size["hi"] = round(top["forecast_hi"])
    rest = 1 - top["n"] / max(float(top["forecast"]), 1.0)
    findings = [
        Finding(
            "forecast.size",
            N_(
"The largest growing story has {n} {n:post|posts}; it is expected to end at about {mid} (80%: "
"{lo} to {hi})."
),
            size, known.head(20), ids, int(top["n"]), limits, weight=float(rest),
        )
    ]  # fmt: skip
    findings.append(_peak(top, known, ids, limits, zone))
    message = N_(
        "A correction now would save about {lo} to {hi} posts of that story, if it lowers further sharing by "
        "{least} to {most}%."
    )
    facts = {"lo": int(top["saved_lo"]), "hi": int(top["saved_hi"])}
    facts |= {"least": round(100 * correction[0]), "most": round(100 * correction[1])}
    findings.append(
        Finding(
            "forecast.correction", message, facts, known.head(20), ids, int(top["n"]), [*limits, _ASSUMED], float(rest)
        )
    )
    return findings


PEAKS = {
    "passed": N_("Its busiest hour was {at} and is expected to stay so. {above}"),
    "possible": N_("Its busiest hour so far was {at}, but a busier one is still possible. {above}"),
    "expected": N_("Its busiest hour is expected around {at}. {above}"),
}
"""Whether the peak of a story is past, to what is said of it."""
NEVER = N_("No hour to come is expected to bring {threshold} {threshold:post|posts} or more.")
HARDLY = N_(
    "No hour to come is expected to bring {threshold} {threshold:post|posts} or "
    "more; at most {hi} {hi:hour|hours} (80%)."
)
SURE = N_("{hours} {hours:hour|hours} to come will bring {threshold} {threshold:post|posts} or more.")
MORE = N_(
    "About {hours} {hours:hour|hours} to come will bring {threshold} {threshold:post|posts} or more (80%: {lo} to "
    "{hi})."
)


def _peak(top: pd.Series, known: pd.DataFrame, ids: Sequence[str], limits: Sequence[str], zone: tzinfo) -> Finding:
    lo, mid, hi = (int(top[name]) for name in ("hours_above_lo", "hours_above", "hours_above_hi"))
    facts = {
        "at": f"{top['peak_at'].tz_convert(zone):%Y-%m-%d %H}:00", "threshold": math.floor(top["threshold"]) + 1,
        "hours": mid, "lo": lo, "hi": hi,
        "above": Phrase(NEVER if hi == 0 else HARDLY if mid == 0 else SURE if lo == hi else MORE,
                        {"threshold": math.floor(top["threshold"]) + 1, "hours": mid, "lo": lo, "hi": hi}),
    }  # fmt: skip
    message = PEAKS[str(top["peak_ahead"])]
    return Finding("forecast.peak", message, facts, known.head(20), ids, int(top["n"]), limits, weight=0.3)
