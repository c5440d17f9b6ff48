"""How far and along which ways it went: layers, reach, platforms, and the people who carried it."""

from __future__ import annotations

import altair as alt
import pandas as pd

from crisislib.charts.theme import BAND, INK, MAIN, SOFT, clock, count_note, finish, nothing, shorten, time_axis, when
from crisislib.core.durations import duration
from crisislib.core.i18n import N_, tr
from crisislib.design import LIGHT

LAYERS = N_("Posts per layer of the spread")
REACH = N_("Growth and reach")
CROSSINGS = N_("Where it crossed from platform to platform")
BANDED = N_("line: posts; band: people reached, as a range")
UNHEARD = N_("line: posts; how many people were reached cannot be estimated from the stored data")
SPREADERS = N_("Who carried it")
GROWTH = N_("How fast it grew from span to span")
GROWTH_READ = N_("line: posts for each one of the span before, with its 80% band; above 1 it grows")
CASES = N_("orange: how many each post of the span brought directly")


def layers(*, counts: pd.DataFrame, language: str = "en") -> alt.Chart:
    """Posts in each layer: layer 1 came straight from the root.

    Parameters
    ----------
    counts : pandas.DataFrame
        `depth`, `n`, and if known `half_s` (seconds until half of the layer was there).
    language : str
        Of the reader.

    Returns
    -------
    altair.Chart
    """
    if counts.empty:
        return nothing(title=LAYERS, language=language)
    whole = counts["n"].sum()
    data = counts.assign(said=[f"{n:,.0f} · {n / whole:.0%}" for n in counts["n"]])
    y = alt.Y("depth:O", title=tr(N_("layer (0: the root)"), language))
    drawn = alt.layer(
        alt.Chart(data)
        .mark_bar(color=MAIN, height=16)
        .encode(x=alt.X("n:Q", title=tr(N_("posts"), language)), y=y, tooltip=["depth:O", "n:Q"]),
        alt.Chart(data).mark_text(align="left", dx=5, fontSize=11, color=INK).encode(x="n:Q", y=y, text="said:N"),
    ).properties(width=520, height=24 * len(data))
    return finish(drawn, title=LAYERS, language=language, notes=[count_note(whole, language)])


def reach(
    *,
    growth: pd.DataFrame,
    forecast: pd.DataFrame | None = None,
    language: str = "en",
    zone: str = "UTC",
) -> alt.Chart:
    """Posts so far and the reach as a range, on one log axis; the forecast as a bar at the end.

    Parameters
    ----------
    growth : pandas.DataFrame
        `at` (UTC), `n` (posts so far) and if known `reach_lo`, `reach_hi` (people, a range by a named method).
    forecast : pandas.DataFrame, optional
        One row: `at`, `lo`, `mid`, `hi` (final number of posts) and `coverage` (0-1).
    language, zone : str
        Of the reader and of the watch.

    Returns
    -------
    altair.Chart
    """
    data = growth[growth["n"] > 0].sort_values("at") if len(growth) else growth
    if data.empty:
        return nothing(title=REACH, language=language)
    data = data.assign(t=clock(data["at"], zone), when=when(data["at"], zone))
    title = tr(N_("posts so far, and people reached (log axis)"), language)
    scale, axis = alt.Scale(type="log"), alt.Axis(grid=False, format="~s", tickCount=6)
    x, parts = time_axis("t", language, zone), []
    people = data[data["reach_lo"].fillna(0) > 0] if {"reach_lo", "reach_hi"} <= set(data.columns) else data.iloc[:0]
    if len(people):
        lower = alt.Y("reach_lo:Q", scale=scale, title=title, axis=axis)
        band = alt.Chart(people).mark_area(color=BAND, opacity=0.7)
        parts.append(band.encode(x=x, y=lower, y2="reach_hi:Q", tooltip=["when:N", "reach_lo:Q", "reach_hi:Q"]))
    y = alt.Y("n:Q", scale=scale, title=title, axis=axis)
    parts.append(alt.Chart(data).mark_line(color=MAIN, strokeWidth=2).encode(x=x, y=y, tooltip=["when:N", "n:Q"]))
    notes = [count_note(data["n"].max(), language), tr(BANDED if len(people) else UNHEARD, language)]
    if forecast is not None and len(forecast.dropna(subset=["mid"])):
        end = forecast.dropna(subset=["mid"]).assign(t=clock(forecast["at"], zone))
        bar = alt.Chart(end)
        parts += [
            bar.mark_rule(color=LIGHT["series-2"], strokeWidth=4, opacity=0.6).encode(
                x="t:T", y=alt.Y("lo:Q", scale=scale), y2="hi:Q"
            ),
            bar.mark_point(color=LIGHT["series-2"], filled=True, size=80).encode(
                x="t:T", y=alt.Y("mid:Q", scale=scale), tooltip=["lo:Q", "mid:Q", "hi:Q"]
            ),
        ]
        notes.append(tr(N_("orange: forecast of the final number of posts, with its interval"), language))
    return finish(alt.layer(*parts).properties(width=760, height=220), title=REACH, language=language, notes=notes)


def reproduction(*, spans: pd.DataFrame, language: str = "en", zone: str = "UTC") -> alt.Chart:
    """Growth of one story from span to span, and how many each post brought.

    Parameters
    ----------
    spans : pandas.DataFrame
        `at` (UTC, start of the span), `n` (posts), `r_growth` with `lo` and `hi` (posts for each one of the span
        before, null where it was empty), `r_case` (direct children per post), `complete` (whether `r_case` is final).
    language, zone : str
        Of the reader and of the watch.

    Returns
    -------
    altair.Chart
    """
    data = spans[spans["r_growth"].notna()] if len(spans) else spans
    if data.empty:
        return nothing(title=GROWTH, language=language)
    data = data.assign(t=clock(data["at"], zone), when=when(data["at"], zone))
    # A ratio of few posts has no upper end to speak of: the band stops at four times the tallest point.
    data["top"] = data["hi"].astype(float).fillna(float("inf")).clip(upper=4 * float(data["r_growth"].max()))
    x = time_axis("t", language, zone)
    title = tr(N_("posts for each one of the span before"), language)
    drawn = alt.Chart(data)
    tips = ["when:N", "n:Q", alt.Tooltip("r_growth:Q", format=".2f"), alt.Tooltip("r_case:Q", format=".2f")]
    parts = [
        drawn.mark_area(color=BAND, opacity=0.7).encode(x=x, y=alt.Y("lo:Q", title=title), y2="top:Q"),
        alt.Chart(pd.DataFrame({"one": [1.0]})).mark_rule(color=INK, strokeDash=[4, 3]).encode(y="one:Q"),
        drawn.mark_line(color=MAIN, strokeWidth=2, point=True).encode(x=x, y="r_growth:Q", tooltip=tips),
    ]
    whole = data[data["complete"].astype(bool) & data["r_case"].notna()]
    notes = [count_note(float(spans["n"].sum()), language), tr(GROWTH_READ, language)]
    if len(whole):
        parts.append(alt.Chart(whole).mark_line(color=LIGHT["series-2"]).encode(x=x, y="r_case:Q"))
        notes.append(tr(CASES, language))
    return finish(alt.layer(*parts).properties(width=760, height=200), title=GROWTH, language=language, notes=notes)


def crossings(*, bridges: pd.DataFrame, language: str = "en", zone: str = "UTC") -> alt.Chart:
    """One lane per platform, an arrow where the story first crossed from one to the next.

    Parameters
    ----------
    bridges : pandas.DataFrame
        `platform`, `first_at` (UTC), `n`, and `source` (platform that it came from, null for the earliest),
        `lag_h` (hours after the source's first post).
    language, zone : str
        Of the reader and of the watch.

    Returns
    -------
    altair.Chart
    """
    data = bridges.dropna(subset=["first_at"]).sort_values("first_at")
    if data.empty:
        return nothing(title=CROSSINGS, language=language)
    data = data.assign(t=clock(data["first_at"], zone), when=when(data["first_at"], zone))
    first = data.set_index("platform")["t"]
    ways = data.dropna(subset=["source"])
    ways = ways[ways["source"].isin(first.index)]
    ways = ways.assign(t0=first.reindex(ways["source"]).to_numpy(), said=_lags(ways["lag_h"], language))
    lanes = list(data["platform"])
    order = alt.Scale(domain=lanes)
    y = alt.Y("platform:N", scale=order, title=None)
    x = time_axis("t", language, zone, padding=30)
    tips = ["platform:N", "when:N", "n:Q", "source:N", alt.Tooltip("lag_h:Q", format=".1f")]
    dots = alt.Chart(data).mark_circle(color=MAIN, opacity=0.95)
    size = alt.Size("n:Q", scale=alt.Scale(type="sqrt", range=[60, 600]), legend=None)
    parts = [dots.encode(x=x, y=y, size=size, tooltip=tips)]
    if len(ways):
        lines = alt.Chart(ways).mark_rule(color=SOFT, strokeWidth=1.5)
        start = alt.Y("source:N", scale=order, title=None)
        words = alt.Chart(ways).mark_text(align="left", dx=16, fontSize=11, color=INK)
        parts.insert(0, lines.encode(x="t0:T", x2="t:T", y=start, y2="platform:N"))
        parts.append(words.encode(x="t:T", y=y, text="said:N"))
    drawn = alt.layer(*parts).properties(width=660, height=44 * len(lanes))
    notes = [
        count_note(data["n"].sum(), language),
        tr(N_("dot: earliest post in the data we hold; +: how long after the platform that it came from"), language),
    ]
    return finish(drawn, title=CROSSINGS, language=language, notes=notes)


def _lags(hours: pd.Series, language: str) -> list[str]:
    return [f"+{duration(3600 * h, short=True).render(language)}" for h in hours]


def spreaders(*, people: pd.DataFrame, language: str = "en", most: int = 15) -> alt.Chart:
    """Accounts by the posts that came through them (their descendants), not by their followers.

    Parameters
    ----------
    people : pandas.DataFrame
        `name` (masked), `n_through` (posts that came through), `n_own`, and if known `platform`, `n_followers`.
    language : str
        Of the reader.
    most : int
        How many accounts at most.

    Returns
    -------
    altair.Chart
    """
    data = people[people["n_through"] > 0] if len(people) else people
    if data.empty:
        return nothing(title=SPREADERS, language=language)
    data = data.sort_values("n_through", ascending=False).head(most).reset_index(drop=True)
    # Masked names collide; the rank keeps two people in two rows.
    data = data.assign(row=[f"{i}. {n}" for i, n in enumerate(shorten(data["name"], 24), 1)])
    y = alt.Y("row:N", sort=None, title=None)
    tips = [c for c in ("row", "platform", "n_through", "n_own", "n_followers") if c in data.columns]
    drawn = alt.layer(
        alt.Chart(data)
        .mark_bar(color=MAIN, height=15)
        .encode(
            x=alt.X("n_through:Q", title=tr(N_("posts that came through the account"), language)), y=y, tooltip=tips
        ),
        alt.Chart(data)
        .mark_text(align="left", dx=5, fontSize=11, color=INK)
        .encode(x="n_through:Q", y=y, text="n_through:Q"),
    ).properties(width=520, height=22 * len(data))
    notes = [
        tr(
            N_("{shown} of {all} {all:account|accounts} that passed it on; names masked"),
            language,
            shown=len(data),
            all=int((people["n_through"] > 0).sum()),
        )
    ]
    return finish(drawn, title=SPREADERS, language=language, notes=notes)
