"""What a run leaves for its reader: level, incident, findings, report, next steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import Level

INCIDENT = N_("Incident")
REPORT = N_("Report")
NEXT = N_("What to do next")
LEVEL_WORDS: dict[Level, str] = {
    "unknown": N_("UNKNOWN"),
    "none": N_("BELOW BLUE"),
    "blue": N_("BLUE"),
    "yellow": N_("YELLOW"),
    "orange": N_("ORANGE"),
    "red": N_("RED"),
}
HEADLINE = N_("{level}: {title}, as at {at}")
UNCHANGED = N_(
    "Nothing has changed since the run of {at}: its results stand. To compute everything again, add --fresh."
)
PEAKED = N_("{level}: {title}, as at {at} (highest in this window: {peak} at {peak_at})")


@dataclass(frozen=True)
class RunResult:
    """The outcome of one run over one watch.

    Attributes
    ----------
    level : str
        At the end of the window.
    peak, peak_at : str, datetime
        Highest level of the window and when it was first reached.
    findings : list of Finding
        Of every stage, unsorted.
    seconds : dict
        Stage -> seconds.
    stands : datetime or None
        When the run was made whose results these are, since nothing has changed after it; None where they are new.
    """

    watch: str
    title: str
    language: str
    zone: ZoneInfo
    at: datetime
    level: Level
    peak: Level = "unknown"
    peak_at: datetime | None = None
    incident: str = ""
    findings: list[Finding] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    next_steps: list[str] = field(default_factory=list)
    report: Path | None = None
    deliveries: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    stands: datetime | None = None

    def unchanged(self) -> str:
        """That nothing has changed since the run whose results these are; empty where they are new."""
        return tr(UNCHANGED, self.language, at=self._when(self.stands)) if self.stands else ""

    def headline(self) -> str:
        """The level in a word, of what, as at when; and the peak where the window has passed it."""
        facts: dict[str, object] = {
            "level": tr(LEVEL_WORDS[self.level], self.language),
            "title": self.title,
            "at": self._when(self.at),
        }
        if self.peak_at is None or self.peak == self.level:
            return tr(HEADLINE, self.language, **facts)
        peak = {"peak": tr(LEVEL_WORDS[self.peak], self.language), "peak_at": self._when(self.peak_at)}
        return tr(PEAKED, self.language, **facts, **peak)

    def leading(self, most: int) -> list[Finding]:
        """The findings that matter most, one a room before a second of any; silent ones come last.

        Parameters
        ----------
        most : int
            Findings at most.

        Returns
        -------
        list of Finding
            By `silent`, then turn of the room, then weight.
        """
        ranked = sorted(self.findings, key=lambda f: (f.silent, -f.weight))
        turn_of: dict[str, int] = {}
        turns = []
        for place, finding in enumerate(ranked):
            room = finding.key.split(".")[0]
            turn_of[room] = turn_of.get(room, 0) + 1
            turns.append((finding.silent, turn_of[room], place))
        return [ranked[place] for _, _, place in sorted(turns)][:most]

    def _when(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"
