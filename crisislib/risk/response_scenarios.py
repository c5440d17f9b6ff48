"""What a response may change about the loss: the same simulation with as many people as it would leave."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Amount, Phrase
from crisislib.core.watch import Watch
from crisislib.risk.exposure import loss_factor, loss_severity
from crisislib.risk.fair import Range, incident_losses
from crisislib.risk.loss_assessment import CORRELATION, DRAWS, UNKNOWN_SECONDARY
from crisislib.risk.loss_forms import assessable

Origin = Literal["measured", "past", "given", "assumed"]
ORIGIN_WORDS: dict[Origin, str] = {
    "measured": N_("measured in this incident, {n} {n:response|responses}"),
    "past": N_("measured after {n} earlier responses of this kind"),
    "given": N_("given in the watch file"),
    "assumed": N_("an assumption of ours, not evidence"),
}
"""Where an effect comes from -> its words; gettext ids."""
ASSUMED: dict[str, Range] = {
    "holding": (-0.3, -0.1, 0.1),
    "statement": (-0.4, -0.15, 0.1),
    "correction": (-0.5, -0.2, 0.1),
    "press_conference": (-0.4, -0.1, 0.2),
    "compensation": (-0.5, -0.2, 0.05),
    "recall": (-0.4, -0.1, 0.2),
    "takedown": (-0.3, -0.05, 0.2),
    "one_to_one": (-0.1, -0.02, 0.0),
}
"""Assumption: change of the posts of the coming day after a response, least to most, where nothing has been measured.
Wide, and most may make it worse: no study gives figures that hold across brands. `risk.responses` in the watch file
replaces it."""
_SUMS = {"now": "loss_now", "with_it": "loss", "without": "loss", "lo": "loss_lo", "hi": "loss_hi"}
_HELPS = N_(
    "Of the responses still open, {kind} would change the median loss most: from {now} to {with_it} ({lo} to {hi}); "
    "{origin}."
)
_LANDED = N_("Without the {kind} that was made, the median loss would be {without} ({lo} to {hi}) instead of {now}.")
_NOTHING = N_("What a response may change about the loss cannot be assessed: there is no loss, or no reach is known.")
_RANGE = N_(
    "The interval is that of the effect on the volume; money ranges are as uncertain as before, and what a response "
    "itself costs is not in it."
)


@dataclass(frozen=True)
class ResponseEffect:
    """By how much a kind of response changes the volume.

    Attributes
    ----------
    kind : str
        Kind of response.
    change : tuple of float
        Least, most likely and most: -0.2 is a fifth fewer posts.
    origin : {"measured", "past", "given", "assumed"}
        Where the figures come from.
    n : int
        Responses that were measured.
    landed : bool
        Whether it has been made in this incident: its effect is in the assessment already.
    """

    kind: str
    change: Range
    origin: Origin
    n: int = 0
    landed: bool = False


def what_if(watch: Watch, risk: Mapping[str, Any], effects: Sequence[ResponseEffect]) -> pd.DataFrame:
    """The loss with each response that is still open, and without each that was made.

    Parameters
    ----------
    watch : Watch
        Its money ranges.
    risk : mapping
        The RISKS row of the incident; people reached, severity, likelihood and seed are read from it.
    effects : sequence of ResponseEffect
        One for each kind.

    Returns
    -------
    pandas.DataFrame
        kind, landed, origin, n, change_lo, change, change_hi (of the volume), loss_now, loss, loss_lo, loss_hi (median,
        in the currency; of a landed response what it would be without). Empty where no loss or no reach is known.

    Notes
    -----
    People reached are multiplied by 1 + change (divided, for a response that has landed), and the simulation of
    :func:`~crisislib.risk.assess` is run again with the same draws, so that differences are those of the response.
    """
    drivers = json.loads(risk["drivers"])
    people = drivers.get("people_reached")
    if (
        people is None
        or "severity" not in drivers
        or risk["loss_mean"] is None
        or pd.isna(risk["loss_mean"])
        or drivers["per"] != "incident"
    ):
        return pd.DataFrame()
    severity = drivers["severity"]
    chance = risk["likelihood"]
    secondary = UNKNOWN_SECONDARY if chance is None or pd.isna(chance) else float(chance)

    def median(times: float) -> float:
        moved = loss_severity(severity, people * times)
        forms, _ = assessable(watch.risk, severity=moved, factor=loss_factor(people * times))
        rng = np.random.default_rng(int(risk["seed"]))
        return float(np.median(incident_losses(rng, forms, DRAWS, secondary=secondary, rho=CORRELATION).sum(axis=1)))

    now, rows = median(1.0), []
    for one in effects:
        times = [1 / (1 + c) if one.landed else 1 + c for c in one.change]
        middle, ends = median(times[1]), sorted((median(times[0]), median(times[2])))
        rows.append({
            "kind": one.kind, "landed": one.landed, "origin": one.origin, "n": one.n, "change_lo": one.change[0],
            "change": one.change[1], "change_hi": one.change[2], "loss_now": now, "loss": middle, "loss_lo": ends[0],
            "loss_hi": ends[1],
        })  # fmt: skip
    return pd.DataFrame(rows)


def what_if_findings(table: pd.DataFrame, currency: str, names: Mapping[str, str]) -> list[Finding]:
    """What the table of :func:`what_if` says in sentences.

    Parameters
    ----------
    table : pandas.DataFrame
        See there.
    currency : str
        Of the sums.
    names : mapping of str to str
        Kind of response -> its name, a gettext id.

    Returns
    -------
    list of Finding
        `risk.responses`: the open response that changes most, then each that has landed.
    """
    if table.empty:
        return [Finding("risk.responses", _NOTHING, {}, table, silent=True)]
    findings = []
    still = table[~table["landed"]].sort_values("loss", kind="stable")
    for message, rows in ((_HELPS, still.head(1)), (_LANDED, table[table["landed"]])):
        for row in rows.to_dict("records"):
            money = {key: Amount(float(row[column]), currency) for key, column in _SUMS.items()}
            origin = Phrase(ORIGIN_WORDS[row["origin"]], {"n": int(row["n"])})
            facts = {"kind": Phrase(names.get(row["kind"], row["kind"])), "origin": origin, **money}
            findings.append(Finding("risk.responses", message, facts, table, limits=[Phrase(_RANGE)], weight=0.35))
    return findings
