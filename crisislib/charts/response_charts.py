"""What to do by when, and whether what was done helped."""

from __future__ import annotations

from datetime import datetime

import altair as alt
import pandas as pd

from crisislib.charts.event_marks import event_marks, event_notes
from crisislib.charts.hover_values import hover_values
from crisislib.charts.theme import ALARM, BAND, INK, MAIN, clock, count_note, finish, nothing, shorten, time_axis, when
from crisislib.core.i18n import N_, tr
from crisislib.design import LIGHT

CLOCK = N_("What is due when")
EFFECT = N_("Before and after the response")
VALUE, WITHOUT = N_("{at}: {value}"), N_("{at}: {value}, without the response {expected} ({lo}–{hi})")
WITH_BAND = N_("line: observed; dashed and band: expected without the response, with its interval")
NO_BAND = N_("line: observed; what would have been expected without the response cannot be estimated yet")
STATES = {"done": N_("done"), "open": N_("open"), "overdue": N_("overdue")}
STATE_COLOURS = {"done": LIGHT["ok"], "open": LIGHT["accent"], "overdue": LIGHT["bad"]}


def action_clock(
    *, actions: pd.DataFrame, now: datetime, language: str = "en", zone: str = "UTC", most: int = 18
) -> alt.Chart:
    """Steps of the playbook from the opening of the incident to when they are due.

    Parameters
    ----------
    actions : pandas.DataFrame
        `step` (words), `owner`, `opened_at`, `due_at`, `done_at` (UTC, null while open).
    now : datetime
        Moment of the reading; what is due before it and not done is overdue.
    language, zone : str
        Of the reader and of the watch.
    most : int
        How many steps at most, the earliest due first.

    Returns
    -------
    altair.Chart
    """
    data = actions.dropna(subset=["due_at"]).sort_values("due_at")
    if data.empty:
        return nothing(title=CLOCK, language=language)
    late = pd.to_datetime(data["due_at"], utc=True) < pd.Timestamp(now)
    state = pd.Series("open", index=data.index).mask(late, "overdue").mask(data["done_at"].notna(), "done")
    tally = state.value_counts()
    data = data.assign(state=[tr(STATES[s], language) for s in state]).head(most)
    end = pd.to_datetime(data["done_at"], utc=True).fillna(pd.to_datetime(data["due_at"], utc=True))
    data = data.assign(
        t=clock(data["opened_at"], zone),
        end=clock(end, zone),
        due=when(data["due_at"], zone),
        row=[f"{i}. {s}" for i, s in enumerate(shorten(data["step"], 44), 1)],
    )
    y = alt.Y("row:N", sort=None, title=None)
    scale = alt.Scale(domain=[tr(v, language) for v in STATES.values()], range=list(STATE_COLOURS.values()))
    here = pd.DataFrame({"t": clock(pd.Series([pd.Timestamp(now)]), zone), "said": [tr(N_("now"), language)]})
    drawn = alt.layer(
        alt.Chart(data)
        .mark_bar(height=13, cornerRadius=2)
        .encode(
            x=time_axis("t", language, zone, days=data["end"].max() - data["t"].min() > pd.Timedelta(days=2)),
            x2="end:T",
            y=y,
            color=alt.Color("state:N", scale=scale, title=None),
            tooltip=["step:N", "owner:N", "due:N", "state:N"],
        ),
        alt.Chart(data).mark_text(align="left", dx=5, fontSize=10, color=INK).encode(x="end:T", y=y, text="owner:N"),
        alt.Chart(here).mark_rule(color=ALARM).encode(x="t:T"),
        alt.Chart(here)
        .mark_text(color=ALARM, align="left", dx=3, dy=-4, fontSize=11, baseline="bottom")
        .encode(x="t:T", y=alt.value(0), text="said:N"),
    ).properties(width=560, height=22 * len(data))
    note = tr(
        N_("{done} done, {open} open, {overdue} overdue"),
        language,
        **{k: int(tally.get(k, 0)) for k in STATES},
    )
    return finish(drawn, title=CLOCK, language=language, notes=[note])


def effect(
    *,
    series: pd.DataFrame,
    responses: pd.DataFrame | None = None,
    name: str = "",
    unit: str = "",
    language: str = "en",
    zone: str = "UTC",
    width: int = 760,
) -> alt.Chart:
    """What was seen against what would have been expected without the response.

    Parameters
    ----------
    series : pandas.DataFrame
        `at` (UTC), `value`, `expected`, `lo`, `hi` (counterfactual and its interval; null before the response).
    responses : pandas.DataFrame, optional
        `at`, `label`.
    name, unit : str
        Of the signal, in words.
    language, zone : str
        Of the reader and of the watch.
    width : int
        Of the plot, pixels.

    Returns
    -------
    altair.Chart
    """
    data = series.sort_values("at")
    if data.dropna(subset=["value"]).empty:
        return nothing(title=EFFECT, language=language)
    data = data.assign(
        t=clock(data["at"], zone), when=when(data["at"], zone), piece=data["value"].isna().cumsum().astype(int)
    )
    title = f"{name} ({unit})" if name and unit else name or unit or tr(N_("posts per window"), language)
    seen = data.dropna(subset=["value"])
    without = data.dropna(subset=["expected"])
    tips = ["when:N", "value:Q", "expected:Q", "lo:Q", "hi:Q"]
    y = alt.Y("value:Q", title=title)
    domain = [data["t"].min(), data["t"].max()]
    drawn = alt.layer(
        alt.Chart(without).mark_area(color=BAND, opacity=0.7).encode(x="t:T", y=alt.Y("lo:Q", title=title), y2="hi:Q"),
        alt.Chart(without)
        .mark_line(color=LIGHT["series-2"], strokeDash=[5, 4])
        .encode(x="t:T", y=alt.Y("expected:Q", title=title)),
        alt.Chart(seen)
        .mark_line(color=MAIN, strokeWidth=2)
        .encode(x=time_axis("t", language, zone), y=y, detail="piece:N", tooltip=tips),
        *event_marks(responses, domain, zone=zone, width=width),
        hover_values(_spans(seen), _in_words(seen, language)),
    ).properties(width=width, height=220)
    notes = [tr(WITH_BAND if len(without) else NO_BAND, language), *event_notes(responses, domain, zone=zone)]
    if "n_posts" in data.columns:
        notes.insert(0, count_note(data["n_posts"].sum(), language))
    return finish(drawn, title=EFFECT, language=language, notes=notes)


def _spans(rows: pd.DataFrame) -> pd.DataFrame:
    """Each window with its end, which is where the next begins at the latest."""
    step = rows["t"].diff().min()
    return rows.assign(end=rows["t"] + (pd.Timedelta(hours=1) if pd.isna(step) else step))


def _in_words(rows: pd.DataFrame, language: str) -> list[str]:
    made = []
    for at, value, expected, lo, hi in rows[["when", "value", "expected", "lo", "hi"]].itertuples(index=False):
        facts = {"at": at[5:], "value": f"{value:,.0f}"}
        if pd.isna(expected):
            made.append(tr(VALUE, language, **facts))
        else:
            bounds = {"expected": f"{expected:,.0f}", "lo": f"{lo:,.0f}", "hi": f"{hi:,.0f}"}
            made.append(tr(WITHOUT, language, **facts, **bounds))
    return made


RACE = N_("The story and its correction: accounts that passed each on")
SIDES = {"story": N_("story"), "correction": N_("correction")}
"""Side of the race to its name; gettext ids."""


def race(*, race: pd.DataFrame, language: str = "en", zone: str = "UTC") -> alt.Chart:
    """How many accounts have passed on the story and the correction, minute by minute.

    Parameters
    ----------
    race : pandas.DataFrame
        `at` (UTC), `story`, `correction`: accounts so far.
    language, zone : str
        Of the reader and of the watch.

    Returns
    -------
    altair.Chart
    """
    if race.empty:
        return nothing(title=RACE, language=language)
    long = race.melt("at", ["story", "correction"], "side", "accounts").sort_values("at")
    names = {key: tr(words, language) for key, words in SIDES.items()}
    long = long.assign(t=clock(long["at"], zone), side=long["side"].map(names), moment=when(long["at"], zone))
    scale = alt.Scale(domain=list(names.values()), range=[ALARM, INK])
    drawn = (
        alt.Chart(long)
        .mark_line(interpolate="step-after")
        .encode(
            x=time_axis("t", language, zone, days=long["t"].max() - long["t"].min() > pd.Timedelta(days=2)),
            y=alt.Y("accounts:Q", title=tr(N_("Accounts"), language)),
            color=alt.Color("side:N", scale=scale, title=None),
            tooltip=["side:N", "accounts:Q", "moment:N"],
        )
        .properties(width=560, height=220)
    )
    return finish(drawn, title=RACE, language=language, notes=[])
