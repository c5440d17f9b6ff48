"""What the assessment says, as findings over the row of RISKS that holds it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Amount, Listing, Phrase
from crisislib.risk.loss_forms import FORM_WORDS
from crisislib.risk.severity import PART_WORDS

METHOD_WORDS = {
    "reached": N_("already reached"),
    "outlook": N_("from the outlook model"),
    "rule": N_("a rule on the index, not calibrated"),
}
_IMPACT = N_(
    "Impact {impact} of 100: likelihood of orange {likelihood} ({method}) times severity {severity} of 100; "
    "the largest part is {part} ({points} {points:point|points})."
)
_NO_IMPACT = N_("The impact cannot be assessed: there is no index, no outlook and no level for it yet.")
_BLIND = N_("The impact cannot be assessed: neither reach, tendency, sensitive subjects nor spread was measured.")
_LOSS = {
    "incident": N_(
        "Loss from this incident: median {p50}, one chance in ten above {p90}, one in twenty above {p95}, mean {mean}."
    ),
    "year": N_("Loss per year: median {p50}, one chance in ten above {p90}, one in twenty above {p95}, mean {mean}."),
}
_NO_LOSS = N_(
    "No loss is given: the watch file names no range for any form of loss "
    "(risk.forms, risk.daily_revenue or risk.market_value)."
)
_MISSING = N_("Not assessed, so the loss is a lower bound: {forms}.")
_ASSUMED = N_("Rests on an assumption of ours, not on evidence: {forms}. A range in the watch file replaces it.")
_REACHED = N_("Scaled by how many people were reached in a day: about {people}.")
_SECOND = N_("The likelihood is unknown; an even chance that others react was taken for the loss.")
_CHANGE = N_(
    "What would change it most: without {part} the impact would be {without} instead of {impact}; "
    "{form} is {share} of the mean loss."
)
_CHANGE_IMPACT = N_("What would change it most: without {part} the impact would be {without} instead of {impact}.")
_UNMEASURED = N_("Not measured, so left out of the severity: {parts}.")


def findings_of(risk: Mapping[str, Any], post_ids: Sequence[str]) -> list[Finding]:
    """Impact, loss, and what would change them; silence is reported.

    Parameters
    ----------
    risk : mapping
        A row of RISKS; every figure of the sentences is one of its.
    post_ids : sequence of str
        The posts behind the severity.
    """
    drivers = json.loads(risk["drivers"])
    parts = pd.DataFrame(drivers["parts"]).astype({"score": "float64", "contribution": "float64"})
    forms = pd.DataFrame(drivers["forms"]).astype({"share": "float64"})
    return [
        _impact(risk, drivers, parts, post_ids),
        _loss(risk, drivers, parts, forms),
        *_change(risk, parts, forms, post_ids),
    ]


def _listed(words: Mapping[str, str], names: Iterable[str]) -> Listing:
    return Listing(tuple(Phrase(words[name]) for name in names))


def _impact(
    risk: Mapping[str, Any], drivers: Mapping[str, Any], parts: pd.DataFrame, post_ids: Sequence[str]
) -> Finding:
    n = int(parts["n"].max()) if len(parts) else 0
    blind = list(parts.loc[parts["score"].isna(), "part"])
    limits = [Phrase(_UNMEASURED, {"parts": _listed(PART_WORDS, blind)})] if blind else []
    impact, chance = risk["impact"], risk["likelihood"]
    if impact is None or chance is None:
        return Finding(
            "risk.impact", _NO_IMPACT if chance is None else _BLIND, {}, parts, n=n, limits=limits, silent=True
        )
    top = parts.sort_values("contribution", ascending=False).iloc[0]
    facts = {
        "impact": f"{impact:.0f}",
        "likelihood": f"{chance:.0%}",
        "method": Phrase(METHOD_WORDS[drivers["likelihood_method"]]),
        "severity": f"{impact / chance:.0f}" if chance else "0",
        "part": Phrase(PART_WORDS[top["part"]]),
        "points": f"{top['contribution']:.0f}",
    }
    return Finding("risk.impact", _IMPACT, facts, parts, post_ids, n=n, limits=limits, weight=impact / 100)


def _loss(risk: Mapping[str, Any], drivers: Mapping[str, Any], parts: pd.DataFrame, forms: pd.DataFrame) -> Finding:
    if risk["loss_mean"] is None:
        return Finding("risk.loss", _NO_LOSS, {}, forms, silent=True)
    limits = []
    for source, message in (("not given", _MISSING), ("derived", _ASSUMED)):
        names = list(forms.loc[forms["source"] == source, "form"])
        if names:
            limits.append(Phrase(message, {"forms": _listed(FORM_WORDS, names)}))
    if drivers.get("people_reached") is not None:
        limits.append(Phrase(_REACHED, {"people": f"{drivers['people_reached']:,.0f}"}))
    if risk["likelihood"] is None:
        limits.append(Phrase(_SECOND))
    figures = {name: risk[f"loss_{name}"] for name in ("p50", "p90", "mean")} | {"p95": drivers["loss_p95"]}
    facts = {name: Amount(float(value), risk["currency"]) for name, value in figures.items()}
    n = int(parts["n"].max()) if len(parts) else 0
    return Finding("risk.loss", _LOSS[drivers["per"]], facts, forms, n=n, limits=limits, weight=0.6)


def _change(
    risk: Mapping[str, Any], parts: pd.DataFrame, forms: pd.DataFrame, post_ids: Sequence[str]
) -> list[Finding]:
    """The part and the form that weigh most."""
    if not risk["impact"]:
        return []
    top = parts.sort_values("contribution", ascending=False).iloc[0]
    facts: dict[str, object] = {
        "part": Phrase(PART_WORDS[top["part"]]),
        "without": f"{top['without']:.0f}",
        "impact": f"{risk['impact']:.0f}",
    }
    shares = forms.dropna(subset=["share"]).sort_values("share", ascending=False)
    message = _CHANGE_IMPACT
    if len(shares):
        first = shares.iloc[0]
        facts |= {"form": Phrase(FORM_WORDS[first["form"]]), "share": f"{first['share']:.0%}"}
        message = _CHANGE
    return [Finding("risk.change", message, facts, parts, post_ids, n=int(top["n"]), weight=0.3)]
