"""Deadlines in a calendar: what stands on the board comes back word for word from a reader of RFC 5545."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crisislib.respond.task_calendar import calendar_text

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
words = st.text(
    st.characters(categories=["L", "N", "P", "S", "Zs"], include_characters="\n;,\\:\r\t"), min_size=1, max_size=120
)
times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC))


def lines_of(text: str) -> list[str]:
    """Content lines, unfolded as section 3.1 says; each physical line is short enough."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def read_back(value: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)


def plain(text: str) -> str:
    """A text as a calendar shows it: line ends are one, every other blank is a blank."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c if c == "\n" or not c.isspace() else " " for c in text if c.isprintable() or c.isspace())


@settings(max_examples=120)
@given(words, words, words, times, st.booleans())
@example("核实　事实", "a\\nb", "10\u00a0000; x, y", NOW, True)
def test_every_word_and_time_is_read_back(step: str, owner: str, reason: str, due: datetime, begun: bool) -> None:
    row = {"action_id": "inc-1/rumour/verify", "step": step, "owner": owner, "reason": reason, "due_at": due,
           "at": NOW, "started_at": NOW if begun else pd.NaT}  # fmt: skip
    lines = lines_of(calendar_text(pd.DataFrame([row, {**row, "action_id": "b"}]), name=step, now=NOW))
    assert lines.count("BEGIN:VTODO") == lines.count("END:VTODO") == 2, "no word opens or ends a task"
    fields = dict(line.split(":", 1) for line in lines[lines.index("BEGIN:VTODO") : lines.index("BEGIN:VALARM")])
    assert read_back(fields["SUMMARY"]) == f"{plain(step)} ({plain(owner)})"
    assert read_back(fields["DESCRIPTION"]) == plain(reason)
    assert datetime.strptime(fields["DUE"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) == due
    assert fields["STATUS"] == ("IN-PROCESS" if begun else "NEEDS-ACTION")
    assert read_back(next(line for line in lines if line.startswith("X-WR-CALNAME:")).split(":", 1)[1]) == plain(step)
