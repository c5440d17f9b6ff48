"""What analysts' labels say of the model: its answers against theirs, and the share before and after teaching."""

from __future__ import annotations

import altair as alt
import pandas as pd

from crisislib.charts.sentiment_charts import CLASS_NAMES
from crisislib.charts.theme import ALARM, GRID, INK, MAIN, count_note, finish, nothing
from crisislib.core.i18n import N_, tr

CONFUSION = N_("Labels against answers")
CORRECTED = N_("Share of negative posts, before and after teaching")


def confusion(*, counts: pd.DataFrame, language: str = "en") -> alt.Chart:
    """Labels in rows, answers in columns; on the diagonal the model is right.

    Parameters
    ----------
    counts : pandas.DataFrame
        `labelled`, `said` (negative, neutral, positive), `n` labels.
    language : str
        Of the reader.

    Returns
    -------
    altair.Chart
    """
    if counts.empty or not counts["n"].sum():
        return nothing(title=CONFUSION, language=language)
    order = [tr(v, language) for v in CLASS_NAMES.values()]
    whole = counts.groupby("labelled")["n"].transform("sum")
    data = counts.assign(
        row=[tr(CLASS_NAMES.get(v, v), language) for v in counts["labelled"]],
        column=[tr(CLASS_NAMES.get(v, v), language) for v in counts["said"]],
        share=counts["n"] / whole.where(whole > 0, 1),
    )
    base = alt.Chart(data).encode(
        x=alt.X("column:N", sort=order, title=tr(N_("the model's answer"), language), axis=alt.Axis(labelAngle=0)),
        y=alt.Y("row:N", sort=order, title=tr(N_("the analyst's label"), language)),
    )
    colour = alt.Color(
        "share:Q", scale=alt.Scale(domain=[0, 1], range=["#ffffff", MAIN], interpolate="rgb"), legend=None
    )
    ink = alt.when(alt.datum["share"] > 0.55).then(alt.value("#ffffff")).otherwise(alt.value(INK))
    tips = ["row:N", "column:N", "n:Q", alt.Tooltip("share:Q", format=".0%")]
    drawn = alt.layer(
        base.mark_rect(stroke=GRID).encode(color=colour, tooltip=tips),
        base.mark_text(fontSize=15).encode(text="n:Q", color=ink),
    ).properties(width=300, height=200)
    note = tr(
        N_("n = {n} {n:held-back label|held-back labels}; darker: a larger part of the row"),
        language,
        n=int(data["n"].sum()),
    )
    return finish(drawn, title=CONFUSION, language=language, notes=[note])


def corrected(*, shares: pd.DataFrame, language: str = "en") -> alt.Chart:
    """Share of negative posts by each model with its interval.

    Parameters
    ----------
    shares : pandas.DataFrame
        `model` (in the reader's words), `value`, `lo`, `hi` (0-1), `n` posts.
    language : str
        Of the reader.

    Returns
    -------
    altair.Chart
    """
    if shares.dropna(subset=["value"]).empty:
        return nothing(title=CORRECTED, language=language)
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%")
    base = alt.Chart(shares).encode(y=alt.Y("model:N", sort=None, title=None))
    tips = ["model:N", *[alt.Tooltip(f"{c}:Q", format=".1%") for c in ("value", "lo", "hi")], "n:Q"]
    title = tr(N_("share of negative posts"), language)
    drawn = alt.layer(
        base.mark_rule(color=ALARM, opacity=0.5, strokeWidth=4).encode(
            x=alt.X("lo:Q", scale=scale, axis=axis, title=title), x2="hi:Q", tooltip=tips
        ),
        base.mark_circle(color=ALARM, size=110, opacity=1).encode(x=alt.X("value:Q", scale=scale), tooltip=tips),
    ).properties(width=460, height=34 * len(shares))
    notes = [count_note(shares["n"].max(), language), tr(N_("line: 95% interval of the share"), language)]
    return finish(drawn, title=CORRECTED, language=language, notes=notes)
