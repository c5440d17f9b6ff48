"""What it may cost, and which assumptions that hangs on."""

from __future__ import annotations

import altair as alt
import pandas as pd

from crisislib.charts.theme import ALARM, BAND, INK, MAIN, finish, nothing
from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import short_amount

EXCEEDANCE = N_("How likely a loss above each amount is")
TORNADO = N_("What the loss depends on")


def exceedance(
    *,
    curve: pd.DataFrame,
    p50: float | None = None,
    p90: float | None = None,
    currency: str = "",
    language: str = "en",
) -> alt.Chart:
    """Probability that the loss is larger than an amount, median and 90th percentile marked.

    Parameters
    ----------
    curve : pandas.DataFrame
        `loss` (in `currency`), `p` (probability that the loss exceeds it, 0-1).
    p50, p90 : float, optional
        Quantiles of the loss; a mark is drawn only above zero, for the axis is logarithmic.
    currency, language : str
        Of the amounts, and of the reader.

    Returns
    -------
    altair.Chart
    """
    data = curve.dropna(subset=["loss", "p"])
    data = data[data["loss"] > 0].sort_values("loss") if len(data) else data
    if data.empty:
        return nothing(title=EXCEEDANCE, language=language)
    axis = alt.Axis(format="~s", labelOverlap=True)
    x = alt.X(
        "loss:Q",
        scale=alt.Scale(type="log"),
        axis=axis,
        title=tr(N_("loss in {currency} (log axis)"), language, currency=currency),
    )
    y = alt.Y(
        "p:Q",
        axis=alt.Axis(format="%"),
        scale=alt.Scale(domain=[0, 1]),
        title=tr(N_("chance of a larger loss"), language),
    )
    tips = [alt.Tooltip("loss:Q", format=",.0f"), alt.Tooltip("p:Q", format=".1%")]
    parts = [
        alt.Chart(data).mark_area(color=MAIN, opacity=0.15).encode(x=x, y=y),
        alt.Chart(data).mark_line(color=MAIN, strokeWidth=2).encode(x=x, y=y, tooltip=tips),
    ]
    marks = pd.DataFrame(
        [
            {"loss": value, "p": chance, "row": row, "said": f"{name} {short_amount(value, language)}"}
            for name, value, chance, row in (("P50", p50, 0.5, -20), ("P90", p90, 0.1, -7))
            if value is not None and value > 0
        ]
    )
    if len(marks):
        parts += [
            alt.Chart(marks).mark_rule(color=ALARM, strokeDash=[4, 3]).encode(x="loss:Q"),
            alt.Chart(marks)
            .mark_text(align="left", dx=5, fontSize=11, color=INK)
            .encode(x="loss:Q", y=alt.Y("row:Q", scale=None, axis=None), text="said:N"),
        ]
    notes = [
        tr(N_("chance of any loss at all: {p}"), language, p=f"{data['p'].iloc[0]:.0%}"),
        tr(N_("P50: as likely above as below; P90: one case in ten is worse"), language),
    ]
    return finish(alt.layer(*parts).properties(width=620, height=240), title=EXCEEDANCE, language=language, notes=notes)


def tornado(
    *, drivers: pd.DataFrame, base: float, currency: str = "", language: str = "en", most: int = 10
) -> alt.Chart:
    """Loss when one assumption is at its low or high end and the others stay as they are.

    Parameters
    ----------
    drivers : pandas.DataFrame
        `name` (words), `low`, `high` (loss with that assumption at its low and high end).
    base : float
        Loss with all assumptions in the middle.
    currency, language : str
        Of the amounts, and of the reader.
    most : int
        How many assumptions at most.

    Returns
    -------
    altair.Chart
    """
    data = drivers.dropna(subset=["low", "high"])
    if data.empty:
        return nothing(title=TORNADO, language=language)
    data = data.assign(swing=(data["high"] - data["low"]).abs()).sort_values("swing", ascending=False).head(most)
    y = alt.Y("name:N", sort=None, title=None)
    title = tr(N_("loss in {currency}"), language, currency=currency)
    low, high = tr(N_("at its low end"), language), tr(N_("at its high end"), language)
    sides = pd.concat([data.assign(end=data["low"], side=low), data.assign(end=data["high"], side=high)]).assign(
        base=base
    )
    drawn = alt.layer(
        alt.Chart(sides)
        .mark_bar(height=16)
        .encode(
            x=alt.X("base:Q", title=title, axis=alt.Axis(format="~s"), scale=alt.Scale(zero=False)),
            x2="end:Q",
            y=y,
            color=alt.Color("side:N", scale=alt.Scale(domain=[low, high], range=[BAND, MAIN]), title=None),
            tooltip=["name:N", "side:N", alt.Tooltip("end:Q", format=",.0f")],
        ),
        alt.Chart(pd.DataFrame({"base": [base]})).mark_rule(color=INK).encode(x="base:Q"),
    ).properties(width=560, height=26 * len(data))
    note = tr(
        N_("line: all assumptions in the middle ({base}); longest bar first"),
        language,
        base=f"{short_amount(base, language)} {currency}",
    )
    return finish(drawn, title=TORNADO, language=language, notes=[note])
