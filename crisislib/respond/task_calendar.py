"""Deadlines as an iCalendar file (RFC 5545), for the calendars that people look at anyway."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

MEDIA_LINE = 75
"""Octets after which RFC 5545, section 3.1, folds a line."""
ALARM_MINUTES = 15
"""How long before its time a calendar reminds: the shortest clock of the shipped playbooks."""


def calendar_text(steps: pd.DataFrame, *, name: str, now: datetime, events: bool = False) -> str:
    """Steps with a due time as to-dos of an iCalendar file, or as events.

    Parameters
    ----------
    steps : pandas.DataFrame
        Open steps in words: `action_id`, `step`, `owner`, `reason`, `due_at`, `at`, `started_at`.
    name : str
        Of the calendar.
    now : datetime
        When the file is made.
    events : bool
        Each step as a VEVENT at its due time, for calendars that leave to-dos out, such as Google's and Outlook.

    Returns
    -------
    str
        The file, lines ended by CR LF; each step is a VTODO or VEVENT with a reminder and keeps its UID from file to
        file, so that a calendar that reads it again changes what it has.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Crisis Workbench//tasks//EN", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-CALNAME:{_escaped(name)}"]
    for row in steps.to_dict("records"):
        working = pd.notna(row["started_at"])
        due = _utc(row["due_at"])
        times = [f"DTSTART:{due}", f"DTEND:{due}"] if events else [f"DUE:{due}"]
        state = "CONFIRMED" if events else "IN-PROCESS" if working else "NEEDS-ACTION"
        lines += [
            f"BEGIN:{'VEVENT' if events else 'VTODO'}",
            f"UID:{_escaped(row['action_id'])}@crisis-workbench",
            f"DTSTAMP:{_utc(now)}",
            f"LAST-MODIFIED:{_utc(row['at'])}",
            *times,
            f"SUMMARY:{_escaped(row['step'])} ({_escaped(row['owner'])})",
            f"DESCRIPTION:{_escaped(row['reason'])}",
            f"STATUS:{state}",
            *(["TRANSP:TRANSPARENT"] if events else []),  # a deadline keeps nobody's hour busy
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(row['step'])}",
            f"TRIGGER;RELATED=END:-PT{ALARM_MINUTES}M",
            "END:VALARM",
            f"END:{'VEVENT' if events else 'VTODO'}",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _utc(at: datetime) -> str:
    return f"{pd.Timestamp(at).tz_convert(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: object) -> str:
    """A text value: backslash, semicolon, comma and line ends escaped (section 3.3.11), other controls left out."""
    plain = str(text).replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,")
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", r"\n")
    return "".join(c if c.isprintable() else " " for c in plain if c.isprintable() or c.isspace())


def _folded(line: str) -> str:
    """A line in pieces of at most 75 octets, none of which cuts a character."""
    pieces, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > MEDIA_LINE:
            pieces.append(piece)
            piece, size = "", 1  # the blank that begins a continued line counts
        piece, size = piece + character, size + width
    return "\r\n ".join([*pieces, piece])
