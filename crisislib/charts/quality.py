"""How far the numbers can be trusted: calibration, lead time against false alarms, and data health."""

from __future__ import annotations

import altair as alt
import pandas as pd

from crisislib.charts.theme import INK, MAIN, clock, finish, nothing, time_axis, when
from crisislib.core.i18n import N_, tr
from crisislib.design import LIGHT

RELIABILITY = N_("Are the probabilities right?")
LEAD = N_("Lead time against false alarms")
HEALTH = N_("Data health")
HEALTH_NAMES = {
    "ok": N_("collected"),
    "quiet": N_("collected, no posts"),
    "part": N_("partly collected"),
    "none": N_("not collected"),
    "silent": N_("answers, nothing new for unusually long"),
    "failed": N_("failed"),
}
HEALTH_COLOURS = {
    "ok": LIGHT["ok"], "quiet": LIGHT["band"], "part": LIGHT["level-yellow"],
    "none": LIGHT["line"], "silent": LIGHT["series-5"], "failed": LIGHT["bad"],
}  # fmt: skip


def reliability(*, bins: pd.DataFrame, language: str = "en") -> alt.Chart:
    """Observed share against stated probability; on the diagonal the probabilities hold.

    Parameters
    ----------
    bins : pandas.DataFrame
        `p` (mean stated probability of the bin, 0-1), `observed`, `lo`, `hi` (share and its interval), `n`.
    language : str
        Of the reader.

    Returns
    -------
    altair.Chart
    """
    data = bins.dropna(subset=["p", "observed"])
    if data.empty:
        return nothing(title=RELIABILITY, language=language)
    unit = alt.Scale(domain=[0, 1])
    x = alt.X("p:Q", scale=unit, axis=alt.Axis(format="%"), title=tr(N_("stated probability"), language))
    y = alt.Y("observed:Q", scale=unit, axis=alt.Axis(format="%"), title=tr(N_("share that came true"), language))
    line = alt.Chart(pd.DataFrame({"p": [0.0, 1.0], "observed": [0.0, 1.0]}))
    drawn = alt.layer(
        line.mark_line(color=INK, strokeDash=[4, 3], strokeWidth=1).encode(x=x, y=y),
        alt.Chart(data)
        .mark_rule(color=MAIN, opacity=0.5, strokeWidth=2)
        .encode(x=x, y=alt.Y("lo:Q", scale=unit), y2="hi:Q"),
        alt.Chart(data)
        .mark_circle(color=MAIN, opacity=0.95)
        .encode(
            x=x,
            y=y,
            size=alt.Size("n:Q", scale=alt.Scale(type="sqrt", range=[30, 400]), legend=None),
            tooltip=["p:Q", "observed:Q", "lo:Q", "hi:Q", "n:Q"],
        ),
    ).properties(width=320, height=320)
    note = tr(
        N_("n = {n} {n:prediction|predictions}; line: 95% interval; on the dashed line they are right on average"),
        language,
        n=f"{int(data['n'].sum()):,}",
    )
    return finish(drawn, title=RELIABILITY, language=language, notes=[note])


def lead_time(*, runs: pd.DataFrame, language: str = "en") -> alt.Chart:
    """What each threshold buys: hours of warning against false alarms per week.

    Parameters
    ----------
    runs : pandas.DataFrame
        `method`, `threshold`, `false_per_week`, `lead_h` (median hours from alert to peak), `recall` (0-1),
        `n_events`.
    language : str
        Of the reader.

    Returns
    -------
    altair.Chart
    """
    data = runs.dropna(subset=["false_per_week", "lead_h"])
    if data.empty:
        return nothing(title=LEAD, language=language)
    x = alt.X("false_per_week:Q", title=tr(N_("false alarms per week"), language))
    y = alt.Y("lead_h:Q", title=tr(N_("median hours of warning before the peak"), language))
    colour = alt.Color("method:N", title=None)
    tips = [
        "method:N",
        "threshold:Q",
        "false_per_week:Q",
        "lead_h:Q",
        alt.Tooltip("recall:Q", format=".0%"),
        "n_events:Q",
    ]
    base = alt.Chart(data)
    drawn = alt.layer(
        base.mark_line(opacity=0.6).encode(x=x, y=y, color=colour, order="threshold:Q"),
        base.mark_circle(opacity=0.95).encode(
            x=x,
            y=y,
            color=colour,
            size=alt.Size("recall:Q", scale=alt.Scale(domain=[0, 1], range=[20, 300]), legend=None),
            tooltip=tips,
        ),
    ).properties(width=560, height=260)
    note = tr(
        N_("{n} {n:incident|incidents}; each dot a threshold; size: share of incidents that were caught"),
        language,
        n=int(data["n_events"].max()),
    )
    return finish(drawn, title=LEAD, language=language, notes=[note])


def data_health(*, coverage: pd.DataFrame, language: str = "en", zone: str = "UTC") -> alt.Chart:
    """Which source was collected when; a failed or silent source shows before any number does.

    Parameters
    ----------
    coverage : pandas.DataFrame
        `source`, `at`, `until` (UTC), `state` (ok, quiet, part, none, silent, failed), `n` posts.
    language, zone : str
        Of the reader and of the watch.

    Returns
    -------
    altair.Chart
    """
    if coverage.empty:
        return nothing(title=HEALTH, language=language)
    data = coverage.assign(
        t=clock(coverage["at"], zone),
        end=clock(coverage["until"], zone),
        since=when(coverage["at"], zone),
        name=[tr(HEALTH_NAMES[s], language) for s in coverage["state"]],
    )
    scale = alt.Scale(domain=[tr(v, language) for v in HEALTH_NAMES.values()], range=list(HEALTH_COLOURS.values()))
    drawn = (
        alt.Chart(data)
        .mark_bar(height=16)
        .encode(
            x=time_axis("t", language, zone),
            x2="end:T",
            y=alt.Y("source:N", title=None),
            color=alt.Color("name:N", scale=scale, title=None),
            tooltip=["source:N", "since:N", "name:N", "n:Q"],
        )
        .properties(width=680, height=30 * data["source"].nunique())
    )
    note = tr(
        N_("{n} {n:post|posts} from {sources} {sources:source|sources}"),
        language,
        n=f"{int(data['n'].sum()):,}",
        sources=data["source"].nunique(),
    )
    return finish(drawn, title=HEALTH, language=language, notes=[note])
