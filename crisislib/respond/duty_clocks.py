"""Duties towards authorities with their clocks, by jurisdiction and what sets them off, as data with sources."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field

from crisislib.respond.roles_resources import Words

Unit = Literal[
    "hour", "calendar_day", "business_day", "trading_day", "month", "immediate", "promptly", "before_next_open"
]


class DutyClock(BaseModel):
    """One duty: until when what must be reported to whom, by which rule, where that can be read and when it was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    jurisdiction: str
    trigger: str
    duty: Words
    deadline: str
    value: float
    unit: Unit
    counted_from: Words
    to_whom: Words
    legal_basis: Words
    sources: list[str] = Field(min_length=1)
    checked: date
    note: Words | None = None

    def due(self, begin: datetime) -> datetime | None:
        """When it is due.

        Parameters
        ----------
        begin : datetime
            When its clock began, as `counted_from` says.

        Returns
        -------
        datetime or None
            Weekends are left out of business and trading days, holidays are not; a month is 30 days, the shortest
            reading. None where the rule names no length: it is due at once.
        """
        if self.unit == "hour":
            return begin + timedelta(hours=self.value)
        if self.unit == "calendar_day":
            return begin + timedelta(days=self.value)
        if self.unit == "month":
            return begin + timedelta(days=30 * self.value)
        if self.unit in ("business_day", "trading_day"):
            return (pd.Timestamp(begin) + pd.offsets.BusinessDay(int(self.value))).to_pydatetime()
        return None


@cache
def known_duties() -> tuple[DutyClock, ...]:
    """The shipped clocks; each is borne out by a public page that it names."""
    text = (resources.files(__package__) / "regulator_clocks.yml").read_text(encoding="utf-8")
    return tuple(DutyClock.model_validate(one) for one in yaml.safe_load(text)["clocks"])
