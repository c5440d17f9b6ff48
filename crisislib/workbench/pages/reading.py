"""One reading of a page: whose data, in which language and zone, at which moment; and how values become words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from crisislib.core.durations import duration
from crisislib.core.finding import Finding
from crisislib.core.i18n import tr
from crisislib.core.phrase import Amount, render, short_amount
from crisislib.core.platforms import platform_name
from crisislib.core.zone_names import zone_name
from crisislib.engine.runs import WatchStatus
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.posts_of_claim import posts_of_claim
from crisislib.workbench.pages.snapshot import Snapshot
from crisislib.workbench.pages.visitor import ANYBODY, Visitor

T = TypeVar("T")
Typed = tuple[tuple[str, str], ...]
"""Fields of a form: name and value."""
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}
"""Currencies with a sign of their own that readers know; the others keep their code."""


@dataclass(frozen=True)
class Reading:
    """Everything that a page model needs.

    Attributes
    ----------
    snapshot : Snapshot
        The watch at one version of the lake.
    address : Address
        What was asked for.
    language : {"zh", "en"}
        Of the page.
    zone : ZoneInfo
        In which times are shown.
    now : datetime
        Moment of the reading.
    screen, visitor : str, Visitor
        Width of the reader's screen (wide, narrow), where the browser reports it; who reads.
    typed : tuple of (str, str)
        Fields of a form that the reader sent and that was refused: what they typed stays in it.
    """

    snapshot: Snapshot
    address: Address
    language: str
    zone: ZoneInfo
    now: datetime
    screen: str = ""
    visitor: Visitor = ANYBODY
    typed: Typed = ()

    @property
    def status(self) -> WatchStatus:
        """Level, and until when it was decided; `cached_property` would lock, and two pages wait for each other."""
        return self.snapshot.status(self.now)

    @property
    def hour(self) -> float:
        """Hours of a window of the watch."""
        return self.snapshot.watch.window.step_minutes / 60

    def steady(self, key: object, make: Callable[[], T]) -> T:
        """What no filter changes: made once for all readers of a language and zone, and anew every minute.

        Parameters
        ----------
        key : object
            What it is, and of which incident.
        make : callable
            Makes it.

        Returns
        -------
        object
            Shared: not to be changed.
        """
        return self.snapshot.once(("steady", key, self.language, self.zone.key, f"{self.now:%F %H:%M}"), make)

    def words(self, message: str, **values: object) -> str:
        """A marked sentence in the reader's language.

        Parameters
        ----------
        message : str
            Gettext id.
        **values : object
            Fills its places; words of :mod:`crisislib.core.phrase` are rendered.

        Returns
        -------
        str
        """
        return tr(message, self.language, **{k: render(v, self.language) for k, v in values.items()})

    def finding(self, key: str, incident: str) -> Finding | None:
        """The finding of an incident with that key, where its newest run stored one that says something.

        Parameters
        ----------
        key : str
            Such as `brief.claim`.
        incident : str
            Its id.

        Returns
        -------
        Finding or None
        """
        return next((f for f in self.findings(key, incident) if not f.silent), None)

    def findings(self, beginning: str, incident: str) -> list[Finding]:
        """Findings of an incident whose keys begin so.

        Parameters
        ----------
        beginning : str
            Of the key.
        incident : str
            Its id; empty for those of the watch.

        Returns
        -------
        list of Finding
        """
        return [f for f in self.snapshot.findings(self.now).get(incident, []) if f.key.startswith(beginning)]

    # -- values as words ----------------------------------------------------------------------------

    def time(self, moment: object) -> str:
        """An instant in the reader's zone.

        Parameters
        ----------
        moment : object
            datetime, Timestamp or ISO 8601 text.

        Returns
        -------
        str
            With the year only where it is another one; a dash where there is none.
        """
        at = _instant(moment)
        if pd.isna(at):
            return "–"
        local, today = at.tz_convert(self.zone), pd.Timestamp(self.now).tz_convert(self.zone)
        return str(local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M"))

    def clock(self, moment: object) -> str:
        """Hours and minutes of an instant in the reader's zone, where the date is plain.

        Parameters
        ----------
        moment : object
            datetime, Timestamp or ISO 8601 text.

        Returns
        -------
        str
        """
        return str(_instant(moment).tz_convert(self.zone).strftime("%H:%M"))

    def span(self, seconds: float) -> str:
        """A duration in its largest unit.

        Parameters
        ----------
        seconds : float
            How long.

        Returns
        -------
        str
        """
        return str(duration(seconds, short=True).render(self.language))

    @property
    def zone_name(self) -> str:
        """What the zone is called; it is named once a page."""
        return zone_name(self.zone.key, self.language)

    def amount(self, value: float, *, unit_of: float | None = None) -> str:
        """A large number in the units that the reader thinks in.

        Parameters
        ----------
        value : float
            A count.
        unit_of : float, optional
            The number whose unit is used; its own when left out.

        Returns
        -------
        str
        """
        return short_amount(value, self.language, unit_of=unit_of).replace(" million", " M").replace(" ", " ")

    def money(self, sum_: Amount) -> str:
        """A sum with the sign of its currency before it in English, its name after it in Chinese.

        Parameters
        ----------
        sum_ : Amount
            The sum.

        Returns
        -------
        str
        """
        sign = SYMBOLS.get(sum_.currency)
        if self.language == "zh" or sign is None:
            return str(sum_.render(self.language))
        return sign + self.amount(sum_.value)

    def platform(self, code: object) -> str:
        """What a platform is called.

        Parameters
        ----------
        code : object
            Its code.

        Returns
        -------
        str
        """
        return str(render(platform_name(code), self.language))

    def listed(self, items: Sequence[str]) -> str:
        """Some words with the comma of the language.

        Parameters
        ----------
        items : sequence of str
            The words.

        Returns
        -------
        str
        """
        return ("、" if self.language == "zh" else ", ").join(items)

    def joined(self, *parts: str) -> str:
        """Some facts in one line, with a dot between them; empty ones are left out.

        Parameters
        ----------
        *parts : str
            The facts.

        Returns
        -------
        str
        """
        return " · ".join(part for part in parts if part)

    # -- which posts --------------------------------------------------------------------------------

    def choice(self, since: object = None, until: datetime | None = None) -> Choice:
        """The posts that the page speaks of: the reader's filters, never anything after the reading.

        Parameters
        ----------
        since : object, optional
            Begin where the reader chose none.
        until : datetime, optional
            End of what can be chosen; the moment of the reading when left out.

        Returns
        -------
        Choice
        """
        asked = self.address
        of_claims = posts_of_claim(self.snapshot, asked.claim, self.now) if asked.claim else Choice()
        first, last = asked.window(self.zone)
        begin = first or (None if since is None else pd.Timestamp(since).to_pydatetime())  # type: ignore[arg-type]
        latest = min(until or self.now, self.now)
        end = min(last or latest, latest)
        chosen = Choice(begin, end, asked.platform, asked.sentiment, asked.story, asked.account)
        return replace(chosen, ids=of_claims.ids, claims=of_claims.claims)


def _instant(moment: Any) -> Any:
    """An instant as pandas has it; most are already, and to convert one costs more than to write it."""
    known = isinstance(moment, pd.Timestamp) and moment.tzinfo is not None
    return moment if known else pd.to_datetime(moment, utc=True)
