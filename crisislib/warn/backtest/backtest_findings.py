"""What a backtest comes to, in sentences: what was missed, the lead, the false alarms and a suggestion."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.warn.backtest.vendor_rules import RULES

LEAD = N_(
    "The levels in use warned of {hit} of {events} {events:incident|incidents}, {lead} h before the peak "
    "(median), with {false} {false:false alarm|false alarms} a week. Set to {budget} {budget:false alarm|false "
    "alarms} a week, the crisis index leads by {index_lead} h and the best published rule ({peer}) by "
    "{peer_lead} h."
)
QUIETLY = N_("No incident is known in this history, so only false alarms can be counted, not warnings.")
SUGGEST = N_("For {budget} {budget:false alarm|false alarms} a week set blue to {threshold}.")
AFTER = N_("The history was computed after the fact, so posts that arrived late count as if they had been on time.")
FEW = N_("Fewer than ten incidents: lead time and recall are rough.")


def backtest_findings(
    table: pd.DataFrame, settings: Mapping[str, float], budget: float | None, late: bool
) -> list[Finding]:
    """The sentences of a backtest.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a rule and setting, as :class:`~crisislib.warn.backtest.replay.Backtest` has it.
    settings : Mapping of str to float
        Rule -> the threshold at the budget of false alarms.
    budget : float or None
        False alarms a week; None for as many as the level itself gives.
    late : bool
        Whether the history was computed after the fact.

    Returns
    -------
    list of Finding
        The comparison with the other rules, and the suggested threshold.
    """
    limits = [AFTER] if late else []
    at_budget = table[table["setting"] == "budget"].set_index("rule")
    level = table[table["rule"] == "level"].iloc[0]
    events = int(level["events"])
    asked_for = round(float(level["false_per_week"] if budget is None else budget), 2)
    suggestion: dict[str, object] = {"budget": asked_for, "threshold": round(float(settings["index"]), 1)}
    suggested = [Finding("warn.threshold", SUGGEST, suggestion, table, (), events, limits, weight=40.0)]
    if events == 0:
        return [Finding("warn.backtest", QUIETLY, {}, table, (), 0, limits, weight=50.0), *suggested]
    if events < 3:
        return [too_few("warn.backtest", events, 3), *suggested]
    peer = at_budget.loc[list(RULES)].sort_values("lead_hours").iloc[-1]
    facts = {
        "hit": round(float(level["recall"]) * events),
        "events": events,
        "lead": round(float(level["lead_hours"]), 1),
        "false": round(float(level["false_per_week"]), 2),
        "budget": asked_for,
        "index_lead": round(float(at_budget["lead_hours"]["index"]), 1),
        "peer": Phrase(RULES[str(peer.name)].vendor),
        "peer_lead": round(float(peer["lead_hours"]), 1),
    }
    limits = [*limits, *([FEW] if events < 10 else [])]
    return [Finding("warn.backtest", LEAD, facts, table, (), events, limits, weight=50.0), *suggested]
