"""How people feel: the share of negative posts with its interval, and the classes side by side."""

from __future__ import annotations

import altair as alt
import pandas as pd

from crisislib.charts.event_marks import event_marks, event_notes
from crisislib.charts.theme import ALARM, clock, count_note, finish, nothing, time_axis, when
from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import render
from crisislib.core.platforms import platform_name
from crisislib.design import LIGHT

SHARE = N_("Share of negative posts")
CLASSES = N_("Sentiment of the posts")
WIDTH = 760
"""Of the plot, pixels: a page's column; a narrower place shrinks it."""
CLASS_NAMES = {"negative": N_("negative"), "neutral": N_("neutral"), "positive": N_("positive")}
CLASS_COLOURS = {"negative": LIGHT["bad"], "neutral": LIGHT["line"], "positive": LIGHT["ok"]}


def sentiment_share(
    *,
    shares: pd.DataFrame,
    events: pd.DataFrame | None = None,
    language: str = "en",
    zone: str = "UTC",
) -> alt.Chart:
    """Share of negative posts per window with its interval; windows without posts are left open.

    Parameters
    ----------
    shares : pandas.DataFrame
        `at` (UTC), `share`, `lo`, `hi` (0-1), `n` posts judged.
    events : pandas.DataFrame, optional
        `at`, `label`.
    language, zone : str
        Of the reader and of the watch.

    Returns
    -------
    altair.Chart
    """
    data = shares.sort_values("at")
    if data.dropna(subset=["share"]).empty:
        return nothing(title=SHARE, language=language)
    data = data.assign(
        t=clock(data["at"], zone), when=when(data["at"], zone), piece=data["share"].isna().cumsum().astype(int)
    )
    data = data.dropna(subset=["share"])
    title = tr(N_("share of the classified posts"), language)
    y = alt.Y("share:Q", title=title, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    band = alt.Chart(data).mark_area(color=ALARM, opacity=0.18)
    tips = ["when:N", *[alt.Tooltip(f"{c}:Q", format=".1%") for c in ("share", "lo", "hi")], "n:Q"]
    domain = [data["t"].min(), data["t"].max()]
    drawn = alt.layer(
        band.encode(x="t:T", y=alt.Y("lo:Q", title=title), y2="hi:Q", detail="piece:N"),
        alt.Chart(data)
        .mark_line(color=ALARM, point={"filled": True, "size": 16, "color": ALARM})
        .encode(x=time_axis("t", language, zone), y=y, detail="piece:N", tooltip=tips),
        *event_marks(events, domain, zone=zone, width=WIDTH),
    )
    notes = [count_note(data["n"].sum(), language), tr(N_("band: 95% interval of the share"), language)]
    notes += event_notes(events, domain, zone=zone)
    return finish(drawn.properties(width=WIDTH, height=180), title=SHARE, language=language, notes=notes)


def sentiment_classes(*, classes: pd.DataFrame, language: str = "en") -> alt.Chart:
    """Negative, neutral and positive shares, one bar per group (platform, topic, …).

    Parameters
    ----------
    classes : pandas.DataFrame
        `group` (a platform's code is shown by its name), `value` (negative, neutral, positive), `n`.
    language : str
        Of the reader.

    Returns
    -------
    altair.Chart
    """
    if classes.empty or not classes["n"].sum():
        return nothing(title=CLASSES, language=language)
    data = classes.assign(
        name=[tr(CLASS_NAMES.get(v, v), language) for v in classes["value"]],
        order=classes["value"].map({k: i for i, k in enumerate(CLASS_NAMES)}),
        whole=classes.groupby("group")["n"].transform("sum"),
    )
    data["share"] = data["n"] / data["whole"]
    names = {one: str(render(platform_name(one), language)) for one in data["group"].unique()}
    data["row"] = data["group"].map(names) + " (n=" + data["whole"].map("{:,.0f}".format) + ")"
    scale = alt.Scale(domain=[tr(v, language) for v in CLASS_NAMES.values()], range=list(CLASS_COLOURS.values()))
    drawn = (
        alt.Chart(data)
        .mark_bar(height=18)
        .encode(
            x=alt.X("share:Q", axis=alt.Axis(format="%"), title=tr(N_("share of the classified posts"), language)),
            y=alt.Y("row:N", title=None, sort="-x"),
            color=alt.Color("name:N", scale=scale, title=None),
            order="order:Q",
            tooltip=["row:N", "name:N", "n:Q", alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(width=620, height=26 * data["row"].nunique())
    )
    return finish(drawn, title=CLASSES, language=language, notes=[count_note(data["n"].sum(), language)])
