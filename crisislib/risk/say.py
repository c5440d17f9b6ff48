"""What the assessment says, as findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.risk.forms import FORM_WORDS, SOURCE_WORDS
from crisislib.risk.impact import PART_WORDS

LEVEL_WORDS = {
    "unknown": N_("not judged"),
    "none": N_("none"),
    "blue": N_("blue"),
    "yellow": N_("yellow"),
    "orange": N_("orange"),
    "red": N_("red"),
}
METHOD_WORDS = {
    "reached": N_("it is there already"),
    "outlook": N_("from the outlook model"),
    "rule": N_("a rule on the index, not calibrated"),
}
_IMPACT = N_(
    "Impact {impact} of 100: likelihood of orange {likelihood} ({method}) times severity {severity} of 100; "
    "the largest part is {part} ({points} points)."
)
_NO_IMPACT = N_("The impact cannot be judged: there is no index, no outlook and no level for it yet.")
_BLIND = N_("The impact cannot be judged: neither reach, tendency, sensitive subjects nor spread was measured.")
_LOSS = {
    "incident": N_(
        "Loss from this incident: median {p50}, one chance in ten above {p90}, "
        "one in twenty above {p95} (mean {mean}) {currency}."
    ),
    "year": N_(
        "Loss per year: median {p50}, one chance in ten above {p90}, "
        "one in twenty above {p95} (mean {mean}) {currency}."
    ),
}
_NO_LOSS = N_(
    "No loss is given: the watch file names no range for any form of loss (risk.forms or risk.daily_revenue)."
)
_MISSING = N_("Not assessed, so the loss is a lower bound: {forms}.")
_ASSUMED = N_("Rests on an assumption of ours, not on evidence: {forms}. A range in the watch file replaces it.")
_SECOND = N_("The likelihood is unknown; an even chance that others react was taken for the loss.")
_CHANGE = N_(
    "What would change it most: without {part} the impact would be {without} instead of {impact}; "
    "{form} is {share} of the mean loss."
)
_CHANGE_IMPACT = N_("What would change it most: without {part} the impact would be {without} instead of {impact}.")
_UNMEASURED = N_("Not measured, so left out of the severity: {parts}.")


def money(amount: float) -> str:
    """An amount with three meaningful digits and thousands separators."""
    if amount == 0 or not np.isfinite(amount):
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(amount)))))
    return f"{round(amount, 2 - int(np.floor(np.log10(abs(amount))))):,.{min(digits, 2)}f}"


def findings_of(
    watch: Watch,
    incident: Mapping[str, Any] | None,
    level: str,
    chance: float | None,
    method: str,
    impact: float | None,
    total: np.ndarray | None,
    adds: pd.DataFrame,
    forms: pd.DataFrame,
    post_ids: tuple[str, ...],
) -> list[Finding]:
    """Impact, loss, and what would change them; silence is said."""
    return [
        _impact(watch, chance, method, impact, adds, post_ids),
        _loss(watch, incident, chance, total, forms),
        *_change(watch, impact, adds, forms, post_ids),
    ]


def _joined(words: Mapping[str, str], names: list[str], language: str) -> str:
    return tr(", ", language).join(tr(words[n], language) for n in names)


def _impact(
    watch: Watch, chance: float | None, method: str, impact: float | None, adds: pd.DataFrame, post_ids: tuple[str, ...]
) -> Finding:
    language = watch.language
    n = int(adds["n"].max()) if len(adds) else 0
    blind = list(adds.loc[adds["score"].isna(), "part"])
    limits = [tr(_UNMEASURED, language, parts=_joined(PART_WORDS, blind, language))] if blind else []
    if impact is None or chance is None:
        said = _NO_IMPACT if chance is None else _BLIND
        return Finding("risk.impact", said, {}, adds, n=n, limits=limits, silent=True)
    top = adds.sort_values("contribution", ascending=False).iloc[0]
    facts = {
        "impact": f"{impact:.0f}",
        "likelihood": f"{chance:.0%}",
        "method": tr(METHOD_WORDS[method], language),
        "severity": f"{impact / chance:.0f}" if chance else "0",
        "part": tr(PART_WORDS[top["part"]], language),
        "points": f"{top['contribution']:.0f}",
    }
    return Finding("risk.impact", _IMPACT, facts, adds, post_ids, n=n, limits=limits, weight=impact / 100)


def _loss(
    watch: Watch,
    incident: Mapping[str, Any] | None,
    chance: float | None,
    total: np.ndarray | None,
    forms: pd.DataFrame,
) -> Finding:
    language = watch.language
    shown = forms.assign(
        form=[tr(FORM_WORDS[f], language) for f in forms["form"]],
        source=[tr(SOURCE_WORDS[s], language) for s in forms["source"]],
    )
    if total is None:
        return Finding("risk.loss", _NO_LOSS, {}, shown, silent=True)
    limits = []
    for source, message in (("not given", _MISSING), ("derived", _ASSUMED)):
        names = list(forms.loc[forms["source"] == source, "form"])
        if names:
            limits.append(tr(message, language, forms=_joined(FORM_WORDS, names, language)))
    if chance is None:
        limits.append(tr(_SECOND, language))
    p50, p90, p95 = np.quantile(total, [0.5, 0.9, 0.95])
    facts = {"p50": money(p50), "p90": money(p90), "p95": money(p95), "mean": money(total.mean())}
    message = _LOSS["incident" if incident is not None else "year"]
    return Finding(
        "risk.loss", message, {**facts, "currency": watch.risk.currency}, shown, n=len(total), limits=limits, weight=0.6
    )


def _change(
    watch: Watch, impact: float | None, adds: pd.DataFrame, forms: pd.DataFrame, post_ids: tuple[str, ...]
) -> list[Finding]:
    """The part and the form that weigh most."""
    if not impact:
        return []
    language = watch.language
    top = adds.sort_values("contribution", ascending=False).iloc[0]
    facts = {
        "part": tr(PART_WORDS[top["part"]], language),
        "without": f"{top['without']:.0f}",
        "impact": f"{impact:.0f}",
    }
    shares = forms.dropna(subset=["share"]).sort_values("share", ascending=False)
    if shares.empty:
        return [Finding("risk.change", _CHANGE_IMPACT, facts, adds, post_ids, n=int(top["n"]), weight=0.3)]
    first = shares.iloc[0]
    facts |= {"form": tr(FORM_WORDS[first["form"]], language), "share": f"{first['share']:.0%}"}
    return [Finding("risk.change", _CHANGE, facts, adds, post_ids, n=int(top["n"]), weight=0.3)]
