"""The assessment: how likely, how bad, how much money, what drives it, what would change it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.levels import Level, worst
from crisislib.core.tables import conform, table
from crisislib.core.watch import Watch
from crisislib.risk.exposure import loss_factor, loss_severity, people_reached
from crisislib.risk.fair import Form, Shape, exceedance, incident_losses, yearly_losses
from crisislib.risk.loss_forms import assessable
from crisislib.risk.risk_findings import findings_of
from crisislib.risk.severity import EVIDENCE, Part, contributions, likelihood, parts

DRAWS = 20_000
"""Simulated incidents or years: the rank of the 90 % point is then known to ±0.2 percentage points (one σ)."""
CORRELATION = 0.4
"""Between any two forms of loss: a bad incident tends to be bad in every way. An assumption."""
UNKNOWN_SECONDARY = 0.5
"""Probability that others react where no likelihood is known; stated in the findings."""


@dataclass(frozen=True)
class Assessment:
    """What the risk room says.

    Attributes
    ----------
    risks : pyarrow.Table
        RISKS, one row: for the incident, or for the watch (loss per year) where there is none. Findings and
        pictures read it, so that no figure has a second source.
    curve : pandas.DataFrame
        scope (`incident` or `year`), loss (currency), p_exceed (0-1).
    forms : pandas.DataFrame
        form, source, low, mode, high, mean, share, tornado_lo, tornado_hi (currency); forms that were
        not given have nulls.
    contributions : pandas.DataFrame
        From :func:`~crisislib.risk.severity.contributions`.
    findings : list of Finding
        Level and impact, loss, what is not known, what would change it.
    """

    risks: pa.Table
    curve: pd.DataFrame
    forms: pd.DataFrame
    contributions: pd.DataFrame
    findings: list[Finding]


def assess(
    watch: Watch,
    *,
    incident: Mapping[str, Any] | None,
    signals: pa.Table | pd.DataFrame | None = None,
    cascades: pa.Table | pd.DataFrame | None = None,
    labels: pa.Table | pd.DataFrame | None = None,
    now: datetime,
    seed: int = 0,
    outlook: float | None = None,
    draws: int = DRAWS,
    rho: float = CORRELATION,
    shape: Shape = "pert",
) -> Assessment:
    """Assess an incident, or the watch's year where `incident` is None.

    Parameters
    ----------
    watch : Watch
        Money ranges (`watch.risk`), history and reputation.
    incident : mapping or None
        A row of INCIDENTS.
    signals, cascades, labels : tables, optional
        SIGNALS, CASCADES, LABELS; what is not given is not measured, and marked as such.
    now : datetime
        UTC.
    seed : int
        Same seed, same answer.
    outlook : float, optional
        Probability of reaching orange from the outlook model; a rule on the index stands in otherwise.
    draws : int
        Simulated incidents, and simulated years.
    rho : float
        Correlation between forms of loss, 0-1.
    shape : {"pert", "lognormal"}
        Shape of the forms.

    Returns
    -------
    Assessment
        See there. Loss is null where no range of any form was given: no money is invented.

    Notes
    -----
    Open FAIR (The Open Group, O-RA and O-RT): frequency Poisson with a PERT rate, magnitude per form
    PERT or lognormal, joined by a Gaussian copula.
    """
    rng = np.random.default_rng(seed)
    chance, method = likelihood(incident, watch, outlook)
    found = parts(
        incident,
        watch,
        signals=_frame(signals, "SIGNALS"),
        cascades=_frame(cascades, "CASCADES"),
        labels=_frame(labels, "LABELS"),
        now=now,
    )
    adds = contributions(found, chance)
    severity = _severity(adds)
    people = people_reached(_frame(signals, "SIGNALS"), now, worst=incident is None)
    moved = loss_severity(severity, people)
    forms, missing = assessable(watch.risk, severity=moved, shape=shape, factor=loss_factor(people))
    secondary = chance if chance is not None else UNKNOWN_SECONDARY
    losses = incident_losses(rng, forms, draws, secondary=secondary, rho=rho)
    yearly = yearly_losses(rng, forms, draws, rate=watch.risk.incidents_per_year, secondary=secondary, rho=rho)
    total = losses.sum(axis=1) if incident is not None else yearly
    seen = any(p.score is not None for p in found if p.name in EVIDENCE)
    impact = float(adds["contribution"].sum()) if chance is not None and seen else None
    level = _level(incident, impact, watch)
    curve = pd.concat([_curve("incident", losses.sum(axis=1)), _curve("year", yearly)], ignore_index=True)
    if not forms:
        curve = curve.iloc[:0]
    table_forms = _tornado(forms, missing, losses)
    figures = {"level": level, "likelihood": chance, "impact": impact, **_loss(total if forms else None), "seed": seed}
    drivers = {
        "likelihood_method": method,
        "parts": json.loads(adds.round(4).to_json(orient="records")),
        "forms": json.loads(table_forms.round(2).to_json(orient="records")),
        "loss_p95": round(float(np.quantile(total, 0.95)), 2) if forms else None,
        "per": "incident" if incident is not None else "year",
        "people_reached": people,
        "severity": severity,
    }
    risks = _row(watch, incident, now, figures, drivers, curve)
    return Assessment(risks, curve, table_forms, adds, findings_of(risks.to_pylist()[0], _posts(found)))


def _frame(data: pa.Table | pd.DataFrame | None, name: str) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return data
    held = table(name).schema.empty_table() if data is None else data
    return pd.DataFrame(held.to_pandas())


def _severity(adds: pd.DataFrame) -> float | None:
    """Weighted mean of the measured parts, 0-1."""
    measured = adds[adds["score"].notna()]
    return float(np.average(measured["score"], weights=measured["weight"])) if len(measured) else None


def _level(incident: Mapping[str, Any] | None, impact: float | None, watch: Watch) -> Level:
    """The worse of the incident's level and the level that the impact alone would have."""
    own: Level = "unknown"
    if impact is not None:
        steps: tuple[Level, ...] = ("blue", "yellow", "orange", "red")
        held: list[Level] = [s for s in steps if impact >= getattr(watch.levels, s)]
        own = held[-1] if held else "none"
    return worst([own, (incident or {}).get("level") or "unknown"])


def _curve(scope: str, losses: np.ndarray) -> pd.DataFrame:
    loss, p = exceedance(losses)
    return pd.DataFrame({"scope": scope, "loss": loss, "p_exceed": p})


def _tornado(forms: list[Form], missing: list[str], losses: np.ndarray) -> pd.DataFrame:
    """Each form's part of the mean, and the mean total when the form lies in its lowest or highest tenth."""
    total = losses.sum(axis=1)
    rows: list[tuple[object, ...]] = []
    for i, form in enumerate(forms):
        mine = losses[:, i]
        lo, hi = np.quantile(mine, [0.1, 0.9])
        share = mine.mean() / total.mean() if total.mean() > 0 else np.nan
        rows.append(
            (form.name, form.source, *form.span, mine.mean(), share, total[mine <= lo].mean(), total[mine >= hi].mean())
        )
    rows += [(name, "not given", *[np.nan] * 7) for name in missing]
    columns = ["form", "source", "low", "mode", "high", "mean", "share", "tornado_lo", "tornado_hi"]
    return pd.DataFrame(rows, columns=columns)


def _posts(scored: list[Part]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for part in scored for i in part.post_ids))


def _loss(total: np.ndarray | None) -> dict[str, float]:
    """Mean and quantiles of the simulated losses; null without a range of any form."""
    if total is None:
        return dict.fromkeys(("loss_mean", "loss_p50", "loss_p90"), np.nan)
    return {"loss_mean": total.mean(), "loss_p50": np.quantile(total, 0.5), "loss_p90": np.quantile(total, 0.9)}


def _row(
    watch: Watch,
    incident: Mapping[str, Any] | None,
    now: datetime,
    figures: Mapping[str, object],
    drivers: Mapping[str, object],
    curve: pd.DataFrame,
) -> pa.Table:
    """RISKS, one row; drivers and curve as JSON."""
    scope = curve[curve["scope"] == drivers["per"]]
    row = {
        "watch": watch.watch,
        "incident_id": (incident or {}).get("incident_id") or f"{watch.watch}:year",
        "at": now,
        **figures,
        "currency": watch.risk.currency,
        "drivers": json.dumps(drivers, ensure_ascii=False),
        "curve": scope[["loss", "p_exceed"]].round(4).to_json(orient="values"),
    }
    frame = pd.DataFrame([row]).astype({"likelihood": "float64", "impact": "float64"})
    return conform(frame.where(frame.notna(), None), "RISKS")
