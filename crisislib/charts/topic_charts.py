"""What people talk about: topics by size and over time, what is new, and how stories live."""

from __future__ import annotations

import altair as alt
import pandas as pd

from crisislib.charts.theme import ALARM, INK, MAIN, clock, count_note, finish, nothing, shorten, time_axis, when
from crisislib.core.i18n import N_, tr

BARS = N_("What people talk about")
OVER_TIME = N_("Topics over time")
EMERGING = N_("Topics that are growing")
NARRATIVES = N_("Stories and how long they live")


def topic_bars(*, topics: pd.DataFrame, language: str = "en", most: int = 12) -> alt.Chart:
    """Topics by number of posts, with their words.

    Parameters
    ----------
    topics : pandas.DataFrame
        `title` (in the reader's language), `words`, `n`, `share` (0-1 of all posts).
    language : str
        Of the reader.
    most : int
        How many topics at most.

    Returns
    -------
    altair.Chart
    """
    if topics.empty:
        return nothing(title=BARS, language=language)
    data = topics.sort_values("n", ascending=False).head(most)
    data = data.assign(
        name=shorten(data["title"], 34),
        said=[f"{n:,.0f} · {s:.0%}" for n, s in zip(data["n"], data["share"], strict=True)],
    )
    y = alt.Y("name:N", sort=None, title=None)
    bars = alt.Chart(data).mark_bar(color=MAIN, height=16)
    words = alt.Chart(data).mark_text(align="left", dx=5, fontSize=11, color=INK)
    drawn = alt.layer(
        bars.encode(
            x=alt.X("n:Q", title=tr(N_("posts"), language)),
            y=y,
            tooltip=["title:N", "words:N", "n:Q", alt.Tooltip("share:Q", format=".1%")],
        ),
        words.encode(x="n:Q", y=y, text="said:N"),
    ).properties(width=520, height=24 * len(data))
    notes = [count_note(topics["n"].sum(), language)]
    if len(topics) > most:
        notes.append(tr(N_("{shown} of {all} {all:topic|topics} shown"), language, shown=most, all=len(topics)))
    return finish(drawn, title=BARS, language=language, notes=notes)


def topics_over_time(*, counts: pd.DataFrame, language: str = "en", zone: str = "UTC", most: int = 8) -> alt.Chart:
    """Posts per topic and window, the biggest topics stacked, the others as one.

    Parameters
    ----------
    counts : pandas.DataFrame
        `at` (UTC), `title`, `n`.
    language, zone : str
        Of the reader and of the watch.
    most : int
        How many topics get a colour of their own.

    Returns
    -------
    altair.Chart
    """
    if counts.empty:
        return nothing(title=OVER_TIME, language=language)
    big = counts.groupby("title")["n"].sum().sort_values(ascending=False).index[:most]
    rest = tr(N_("other topics"), language)
    data = counts.assign(name=counts["title"].where(counts["title"].isin(big), rest))
    data = data.groupby(["at", "name"])["n"].sum().reset_index()
    data = data.assign(t=clock(data["at"], zone), when=when(data["at"], zone), name=shorten(data["name"], 30))
    order = [*shorten(pd.Series(list(big)), 30), rest]
    width = max(1.0, 720 / max(1, data["at"].nunique()) - 1)
    drawn = (
        alt.Chart(data)
        .mark_bar(size=min(width, 24))
        .encode(
            x=time_axis("t", language, zone),
            y=alt.Y("n:Q", title=tr(N_("posts per window"), language), stack="zero"),
            color=alt.Color("name:N", sort=order, title=None, legend=alt.Legend(columns=3)),
            tooltip=["when:N", "name:N", "n:Q"],
        )
        .properties(width=760, height=220)
    )
    return finish(drawn, title=OVER_TIME, language=language, notes=[count_note(data["n"].sum(), language)])


def emerging(*, growth: pd.DataFrame, language: str = "en", most: int = 10) -> alt.Chart:
    """Growth of each topic against the time before, as a ratio with its interval on a log axis.

    Parameters
    ----------
    growth : pandas.DataFrame
        `title`, `ratio`, `lo`, `hi` (times as many posts per hour as before), `n_now`, `n_before`.
    language : str
        Of the reader.
    most : int
        How many topics at most.

    Returns
    -------
    altair.Chart
    """
    data = growth.dropna(subset=["ratio", "lo", "hi"])
    data = data[(data["lo"] > 0) & (data["ratio"] > 0)]
    if data.empty:
        return nothing(title=EMERGING, language=language)
    data = data.sort_values("lo", ascending=False).head(most)
    data = data.assign(name=shorten(data["title"], 34), sure=data["lo"].gt(1).map({True: ALARM, False: MAIN}))
    scale = alt.Scale(type="log")
    title = tr(N_("times as many posts per hour as before (log axis)"), language)
    y = alt.Y("name:N", sort=None, title=None)
    colour = alt.Color("sure:N", scale=None)
    base = alt.Chart(data)
    one = alt.Chart(pd.DataFrame({"one": [1.0]})).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="one:Q")
    tips = ["title:N", *[alt.Tooltip(f"{c}:Q", format=".2f") for c in ("ratio", "lo", "hi")], "n_now:Q", "n_before:Q"]
    drawn = alt.layer(
        base.mark_rule(strokeWidth=3, opacity=0.5).encode(
            x=alt.X("lo:Q", scale=scale, title=title), x2="hi:Q", y=y, color=colour
        ),
        base.mark_point(filled=True, size=70).encode(x=alt.X("ratio:Q", scale=scale), y=y, color=colour, tooltip=tips),
        one,
    ).properties(width=520, height=26 * len(data))
    notes = [
        count_note(data["n_now"].sum() + data["n_before"].sum(), language),
        tr(N_("point: ratio, line: 95% interval; red: surely growing; dashed: no change"), language),
    ]
    return finish(drawn, title=EMERGING, language=language, notes=notes)


def narratives(*, stories: pd.DataFrame, language: str = "en", zone: str = "UTC", most: int = 15) -> alt.Chart:
    """Each story (texts that nearly copy one another) as a line from its first to its last post.

    Parameters
    ----------
    stories : pandas.DataFrame
        `text` (an example), `first_at`, `last_at` (UTC), `n`, `n_platforms`.
    language, zone : str
        Of the reader and of the watch.
    most : int
        How many stories at most.

    Returns
    -------
    altair.Chart
    """
    if stories.empty:
        return nothing(title=NARRATIVES, language=language)
    data = stories.sort_values("n", ascending=False).head(most)
    data = data.assign(
        t=clock(data["first_at"], zone),
        end=clock(data["last_at"], zone),
        first=when(data["first_at"], zone),
        last=when(data["last_at"], zone),
        # Two stories may open with the same words; the number keeps their rows apart.
        name=[f"{i}. {s}" for i, s in enumerate(shorten(data["text"], 30), 1)],
        example=shorten(data["text"], 140),
    )
    y = alt.Y("name:N", sort=None, title=None)
    tips = ["example:N", "first:N", "last:N", "n:Q", "n_platforms:Q"]
    drawn = alt.layer(
        alt.Chart(data)
        .mark_rule(color=MAIN, opacity=0.75, strokeCap="round")
        .encode(
            x=time_axis("t", language, zone),
            x2="end:T",
            y=y,
            strokeWidth=alt.StrokeWidth("n:Q", scale=alt.Scale(type="sqrt", range=[2, 14]), legend=None),
            tooltip=tips,
        ),
        alt.Chart(data).mark_point(filled=True, color=INK, size=30).encode(x="t:T", y=y, tooltip=tips),
        alt.Chart(data).mark_text(align="left", dx=8, fontSize=11, color=INK).encode(x="end:T", y=y, text="n:Q"),
    ).properties(width=560, height=24 * len(data))
    notes = [
        count_note(stories["n"].sum(), language),
        tr(N_("dot: earliest in the data we hold; number: posts that carry it"), language),
    ]
    return finish(drawn, title=NARRATIVES, language=language, notes=notes)
