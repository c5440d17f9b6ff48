"""The course of an incident's posts: its picture with what happened, and whether it rises or is past its peak."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from crisislib.charts import course_drawings, event_list, level_name
from crisislib.charts.windows import grid
from crisislib.core.i18n import N_
from crisislib.design import Figure
from crisislib.engine.rendering import response_word
from crisislib.workbench.pages.chart_svg import widths_of
from crisislib.workbench.pages.incident_tiles import newest_window
from crisislib.workbench.pages.incident_time import answers_of, begun_at, closed_at
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading

PAST, RISES, HOLDS, OVER = (
    N_("past its peak ({peak} in an hour at {at}, now {now})"),
    N_("rising (now {now} in an hour)"),
    N_("peak {peak} in an hour at {at}, now {now}"),
    N_("peak {peak} in an hour at {at}, closed {closed}"),
)
PEAK = N_("peak {peak} in an hour at {at}")
COURSE, BAND, FILTERED = (
    N_("Posts over time"),
    N_("Band: an ordinary week."),
    N_("Only the selected posts; the band of an ordinary week covers all posts and is not drawn."),
)
FIRST_POST, ALERT = N_("first post {at}"), N_("{level} {at}")
ALT = N_("{n} {n:post|posts} from {first} to {last}; the most in one window: {peak} at {at}.")
BEFORE_DAYS = 2.5
"""Days before the incident that the course shows, so that what is usual is seen."""
AFTER_DAYS = 1.0
"""Days after a closed incident that the course shows, so that it is seen to have ended."""
HALF = 0.5
"""Of the peak, below which an incident is past it."""


def volume_trend(reading: Reading, row: pd.Series, choice: Choice | None = None) -> str:
    """Where the volume of an incident stands against its peak; that of the chosen posts, where the reader chose some.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series
        The INCIDENTS row.
    choice : Choice, optional
        The chosen posts.

    Returns
    -------
    str
        Empty where windows are no hours, or none was measured.
    """
    over, last = closed_at(reading, row), newest_window(reading)
    if last is None or reading.hour != 1:
        return ""
    chosen = choice if reading.address.filtered() else None
    rows = _hours(reading, row, chosen, last["at"])
    if rows.empty or not rows["value"].max():
        return ""
    peak, now = rows.iloc[int(rows["value"].to_numpy().argmax())], float(rows["value"].iloc[-1])
    if chosen is not None and reading.address.until:  # it ends where the reader chose, and not now
        return reading.words(PEAK, peak=f"{peak['value']:,.0f}", at=reading.time(peak["at"]))
    facts = {"peak": f"{peak['value']:,.0f}", "at": reading.time(peak["at"]), "now": f"{now:,.0f}"}
    if over is not None:
        return reading.words(OVER, peak=facts["peak"], at=facts["at"], closed=reading.time(over))
    before = rows[rows["at"] < last["at"]]["value"].tail(3)
    if now < HALF * peak["value"]:
        return reading.words(PAST, **facts)
    return (
        reading.words(RISES, now=facts["now"])
        if len(before) and now > 1.2 * before.mean()
        else reading.words(HOLDS, **facts)
    )


def _hours(reading: Reading, row: pd.Series, chosen: Choice | None, last: pd.Timestamp) -> pd.DataFrame:
    """Hours of an incident up to the last one that is over: `at`, `value`."""
    rows, until = reading.snapshot.signal("volume"), closed_at(reading, row) or last
    rows = rows[(rows["at"] >= begun_at(reading, row).floor("h")) & rows["value"].notna() & (rows["at"] <= until)]
    if chosen is None or rows.empty:
        return rows
    since, end = reading.address.window(reading.zone)
    rows = rows[(rows["at"] >= pd.Timestamp(since).floor("h"))] if since else rows
    rows = rows[rows["at"] < pd.Timestamp(end)] if end else rows
    counted = reading.snapshot.posts.per_window(chosen, step_s=3600).set_index("at")["value"]
    return rows.assign(value=rows["at"].map(counted).fillna(0.0).astype(float))


def course_figure(reading: Reading, row: pd.Series | None, choice: Choice) -> Figure:
    """Posts over time with the usual band and the moments that matter.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row.
    choice : Choice
        The chosen posts.

    Returns
    -------
    Figure
    """
    incident = None if row is None else row["incident_id"]
    frame = _windows(reading, row)
    filtered = any((choice.platform, choice.sentiment, choice.story, choice.account, choice.ids, choice.claims))
    if filtered and len(frame):
        frame = _counted(reading, frame, choice)
    widths = widths_of(reading.screen)
    events = reading.steady(("events", incident), lambda: _events(reading, row))
    drawn = course_drawings(
        frame=frame, events=events,
        language=reading.language, zone=reading.zone.key, widths=list(widths.values()),
    )  # fmt: skip
    made = dict(zip(widths, drawn, strict=True))
    known = frame.dropna(subset=["value"])
    alt, figures, marks = "", [], []
    if len(known):
        marks = event_list(events, [frame["t"].min(), frame["end"].max()], zone=reading.zone.key)
        peak = known.iloc[int(known["value"].to_numpy().argmax())]
        alt = reading.words(
            ALT,
            n=f"{known['value'].sum():,.0f}",
            first=reading.time(known["at"].min()),
            last=reading.time(known["at"].max()),
            peak=f"{peak['value']:,.0f}",
            at=reading.time(peak["at"]),
        )
        year = f"{pd.Timestamp(reading.now).tz_convert(reading.zone):%Y}-"
        figures = [
            [at.removeprefix(year), f"{v:,.0f}"] for at, v in known[["when", "value"]].tail(48).itertuples(index=False)
        ]
    note = reading.words(FILTERED if filtered else BAND)
    return Figure(
        reading.words(COURSE),
        made.get("wide", ""),
        made.get("narrow", ""),
        alt,
        note,
        [[reading.words(N_("time")), reading.words(N_("posts"))], *figures],
        marks,
    )


def _windows(reading: Reading, row: pd.Series | None) -> pd.DataFrame:
    """The windows that the course shows, on their full grid; the same for every filter but that of time."""
    first, last = reading.address.window(reading.zone)
    incident = None if row is None else row["incident_id"]
    begin = None if row is None else row["opened_at"] - pd.Timedelta(days=BEFORE_DAYS)
    over = closed_at(reading, row)
    end = None if over is None else over + pd.Timedelta(days=AFTER_DAYS)

    def made(since: object, until: object) -> pd.DataFrame:
        rows = reading.snapshot.signal("volume")
        over = rows["at"] + pd.to_timedelta(rows["step_s"], unit="s")  # a window that is not over looks like a fall
        rows = rows[over <= pd.Timestamp(reading.status.judged_until or reading.now)]
        if since is not None:
            rows = rows[rows["at"] >= pd.Timestamp(since)]  # type: ignore[arg-type]
        if until is not None:
            rows = rows[rows["at"] < pd.Timestamp(until)]  # type: ignore[arg-type]
        return grid(rows, zone=reading.zone.key) if len(rows) else rows

    if first or last:
        return made(first or begin, last or end)
    return reading.steady(("course", incident), lambda: made(begin, end))


def _counted(reading: Reading, frame: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """The same windows with the chosen posts only; without a band, which is of all posts."""
    step = int(frame["step_s"].dropna().iloc[0])
    first, last = frame["at"].min(), frame["at"].max() + pd.Timedelta(seconds=step)
    # The picture begins before the posts of the incident, and ends after them: those there count, too.
    drawn = replace(choice, since=first.to_pydatetime(), until=min(last.to_pydatetime(), reading.now))
    counted = reading.snapshot.posts.per_window(drawn, step_s=step).set_index("at")["value"]
    value = frame["at"].map(counted).fillna(0.0).where(~frame["gap"]).astype(float)
    return frame.assign(value=value, n_posts=value, expected=float("nan"), lo=float("nan"), hi=float("nan"))


def _events(reading: Reading, row: pd.Series | None) -> pd.DataFrame:
    """First post of the claim, first alert, and what was published in response."""
    made: list[dict[str, object]] = []
    if row is not None:
        named = str(row["incident_id"])
        claim = reading.finding("brief.claim", named)
        if claim is not None and "first_at" in claim.facts:
            at = claim.facts["first_at"]
            made.append({"at": at, "label": reading.words(FIRST_POST, at=reading.clock(at))})
        alerts = reading.snapshot.table("ALERTS")
        # When it was decided: its window began earlier, before posts that it was decided on.
        mine = alerts[(alerts["incident_id"] == named) & (alerts["made_at"] <= pd.Timestamp(reading.now))]
        mine = mine.sort_values("made_at").drop_duplicates("level")
        for level, at in mine[["level", "made_at"]].itertuples(index=False):
            name = level_name(level, reading.language)
            made.append({"at": at, "label": reading.words(ALERT, level=name, at=reading.clock(at))})
    for kind, at in answers_of(reading, row)[["kind", "at"]].itertuples(index=False):
        word = response_word(kind, reading.language)
        made.append({"at": at, "label": f"{word} {reading.clock(at)}"})
    found = pd.DataFrame(made, columns=["at", "label"])
    found["at"] = pd.to_datetime(found["at"], utc=True, format="ISO8601")
    return found
