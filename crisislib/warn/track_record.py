"""What is known of the rule that fired: how it did in the last backtest of the watch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase

WARNED = N_(
    "In the backtest of {date} this rule gave {false} false alarms a week over {weeks} weeks; of {events} known "
    "incidents it warned of {hit}, {lead} h before the peak (median)."
)
FALSE_ONLY = N_("In the backtest of {date} this rule gave {false} false alarms a week over {weeks} weeks.")


@dataclass(frozen=True)
class TrackRecord:
    """How the rules of a watch did in its newest backtest.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row a rule, as :func:`crisislib.warn.backtest.replayed_rules.rules_in_use` gives them.
    at : datetime
        Until when the history of the backtest reached.
    """

    rows: pd.DataFrame
    at: datetime

    def of(self, rule: str) -> Mapping[str, Any]:
        """The facts of one rule; empty where the backtest does not hold it.

        Parameters
        ----------
        rule : str
            As in the column `by` of INCIDENTS, such as `index@1`.

        Returns
        -------
        mapping of str to object
            `false_per_week`, `weeks`, `events`, and with events `recall` (0-1) and `lead_hours`; `until` as ISO 8601.
        """
        mine = self.rows[self.rows["rule"] == rule] if len(self.rows) else self.rows
        if not len(mine):
            return {}
        row = mine.iloc[-1]
        events = int(row["events"])
        facts: dict[str, Any] = {"false_per_week": round(float(row["false_per_week"]), 2), "events": events}
        if events:
            facts |= {"recall": round(float(row["recall"]), 2), "lead_hours": round(float(row["lead_hours"]), 1)}
        return facts | {"weeks": round(float(row["weeks"]), 1), "until": self.at.isoformat()}

    def limit(self, rule: str, zone: str) -> Phrase | None:
        """What a reader of an alert must know of the rule that fired.

        Parameters
        ----------
        rule : str
            As in the column `by` of INCIDENTS.
        zone : str
            Time zone of the date.

        Returns
        -------
        Phrase or None
            None where the backtest does not hold the rule.
        """
        known = self.of(rule)
        if not known:
            return None
        day = pd.Timestamp(self.at).tz_convert(zone).strftime("%Y-%m-%d")
        facts = {"date": day, "false": f"{known['false_per_week']:.2g}", "weeks": f"{known['weeks']:.0f}"}
        if not known["events"]:
            return Phrase(FALSE_ONLY, facts)
        hit, lead = round(known["recall"] * known["events"]), f"{known['lead_hours']:.1f}"
        return Phrase(WARNED, facts | {"events": known["events"], "hit": hit, "lead": lead})
