"""What the estimate of an effect comes to, in a sentence with its interval and its placebos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Listing, Phrase
from crisislib.core.watch import Watch
from crisislib.respond.effect_placebos import ENOUGH_PLACEBOS
from crisislib.respond.response_kinds import RESPONSE_KINDS
from crisislib.respond.usual_course import LEAST

TOO_CLOSE = 2
"""Two responses within so many windows cannot be distinguished."""
COUNTS = ("volume", "authors", "complaint", "news", "sensitive_posts")
"""Signals that are counts: their change is a ratio. All others change in their own units."""

SIGNAL_WORDS = {
    "volume": N_("volume"),
    "negative_index": N_("the negative-sentiment index"),
    "negative_share": N_("the negative share"),
    "call_to_action": N_("the share of calls to action"),
}
_FELL = N_(
    "After the {kind} at {at}, {signal} was {change} below what was to be expected without it (95% interval "
    "{lo} to {hi}; {placebos} {placebos:placebo moment|placebo moments}, {p} of them with as much; {n} "
    "{n:window|windows})."
)
_ROSE = N_(
    "After the {kind} at {at}, {signal} was {change} above what was to be expected without it (95% interval "
    "{lo} to {hi}; {placebos} {placebos:placebo moment|placebo moments}, {p} of them with as much; {n} "
    "{n:window|windows})."
)
_UNSURE = N_(
    "After the {kind} at {at}, no change of {signal} can be distinguished from chance (95% interval {lo} to {hi}; "
    "{placebos} {placebos:placebo moment|placebo moments}, {p} of them with as much; {n} {n:window|windows})."
)
_FEW = N_(
    "Whether the {kind} at {at} changed {signal} is not known: only {placebos} {placebos:placebo "
    "moment|placebo moments} before it, {needed} needed (95% interval {lo} to {hi}; {n} {n:window|windows})."
)
_CLOSE = N_(
    "The {kind} at {at} cannot be separated from another response less than {windows} {windows:window|windows} away."
)
_LITTLE = N_(
    "Too little data to tell what the {kind} at {at} did to {signal}: {before} {before:window lies|windows lie} "
    "between the peak and it, {after} after it; each takes {needed}."
)
_LITTLE_EACH = N_(
    "Too little data to tell what changed after {list}. Each takes {needed} {needed:window|windows} between the peak "
    "of the posts and the response, and {needed} after it."
)
_ONE_LITTLE = N_("the {kind} at {at} ({signals}: {before} between, {after} after)")
_CLOSE_EACH = N_(
    "What changed after {list} cannot be separated: each has another response less than {windows} "
    "{windows:window|windows} away."
)
_ONE_CLOSE = N_("the {kind} at {at}")
_DECAY = N_(
    "The comparison is with the decline that bursts show by themselves, fitted to the windows "
    "before; other events at the same time count too."
)


def effect_sentences(table: pd.DataFrame, watch: Watch) -> list[Finding]:
    """The sentences of several estimates: what is not known in one of them, with what each response lacks.

    Parameters
    ----------
    table : pandas.DataFrame
        Of :func:`~crisislib.respond.effect_estimate.effect`.
    watch : Watch
        Its time zone is the reader's.

    Returns
    -------
    list of Finding
        One for each that was estimated; one for all with too little data, and one for all too close to another.
    """
    made = [effect_finding(row, watch) for row in table[table["status"] == "estimated"].to_dict("records")]
    for status, message, given in (
        ("too_little", _LITTLE_EACH, {"needed": LEAST}),
        ("too_close", _CLOSE_EACH, {"windows": TOO_CLOSE}),
    ):
        rows = table[table["status"] == status]
        if len(rows) == 1:
            made.append(effect_finding(rows.iloc[0].to_dict(), watch))
        elif len(rows):
            facts = {"list": Listing(tuple(_not_estimated(rows, watch, status))), **given}
            made.append(Finding("respond.effect", message, facts, rows.reset_index(drop=True), silent=True))
    return made


def _not_estimated(rows: pd.DataFrame, watch: Watch, status: str) -> list[Phrase]:
    """Each response once, with the signals of which too little is known."""
    made: list[Phrase] = []
    for _, group in rows.groupby(["response_id", "n_before", "n_after"], sort=False):
        first = group.iloc[0].to_dict()
        facts = {"kind": _kind_of(first), "at": _moment_of(first, watch)}
        if status == "too_little":
            signals = Listing(tuple(Phrase(SIGNAL_WORDS.get(str(one), str(one))) for one in group["signal"]))
            counted = {"signals": signals, "before": int(first["n_before"]), "after": int(first["n_after"])}
            made.append(Phrase(_ONE_LITTLE, facts | counted))
        else:
            made.append(Phrase(_ONE_CLOSE, facts))
    return made


def _kind_of(row: Mapping[Any, Any]) -> Phrase:
    return Phrase(RESPONSE_KINDS.get(str(row["kind"]), str(row["kind"])))


def _moment_of(row: Mapping[Any, Any], watch: Watch) -> str:
    return f"{pd.Timestamp(row['at']).tz_convert(watch.timezone):%m-%d %H:%M}"


def effect_finding(row: Mapping[Any, Any], watch: Watch) -> Finding:
    """The sentence of one estimate.

    Parameters
    ----------
    row : mapping
        A row of the table of :func:`~crisislib.respond.effect_estimate.effect`.
    watch : Watch
        Its time zone is the reader's.

    Returns
    -------
    Finding
        Silent where nothing was estimated.
    """
    facts: dict[str, object] = {
        "kind": _kind_of(row),
        "at": _moment_of(row, watch),
        "signal": Phrase(SIGNAL_WORDS.get(str(row["signal"]), str(row["signal"]))),
    }
    table, key = pd.DataFrame([row]), "respond.effect"
    if row["status"] == "too_close":
        return Finding(key, _CLOSE, {**facts, "windows": TOO_CLOSE}, table, silent=True)
    if row["status"] == "too_little":
        counted = {"before": row["n_before"], "after": row["n_after"], "needed": LEAST}
        return Finding(key, _LITTLE, {**facts, **counted}, table, silent=True)
    change, lo, hi = (float(row[k]) for k in ("change", "lo", "hi"))
    form = "{:+.0%}" if row["signal"] in COUNTS else "{:+.2g}"
    figures: dict[str, object] = {
        "lo": form.format(lo), "hi": form.format(hi), "n": f"{row['n_before']}+{row['n_after']}",
        "placebos": int(row["n_placebo"]),
    }  # fmt: skip
    p = float(row["p_placebo"])
    if np.isnan(p):
        message, figures = _FEW, {**figures, "needed": ENOUGH_PLACEBOS}
    else:
        claimed = bool(row["claimed"])
        message = _UNSURE if not claimed else _FELL if change < 0 else _ROSE
        size = {"change": form.format(abs(change)).lstrip("+")} if claimed else {}
        as_much = round(float(p) * (1 + int(row["n_placebo"])) - 1)
        figures = {**figures, **size, "p": as_much}
    limits = [Phrase(_DECAY)]
    return Finding(key, message, {**facts, **figures}, table, n=int(row["n_posts"]), limits=limits, weight=0.5)
