"""Data health: what a reader must know of the data before any number; the run, the page and the board read it here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
import pandas as pd

from crisislib.core.durations import duration
from crisislib.core.i18n import N_, tr
from crisislib.core.silence import silent_records
from crisislib.core.watch import Watch
from crisislib.core.zone_names import zone_name
from crisislib.engine.coverage_card import CoverageCard, coverage_card
from crisislib.engine.source_use import expected_minutes

NO_DATA = N_("No posts are stored for this window. That is not calm: nothing was collected.")
HOLDS = N_(
    "{n} {n:post|posts} from {sources} {sources:source|sources}, {first} to {newest}; the newest was "
    "{age} old at this reading."
)
MISSING = N_("Failed, silent or never collected: {names}. What they would have collected is missing below.")
UNCOLLECTED = N_("Nothing was collected from {first} to {last} ({span}): what was posted then is missing below.")
ASSUMED = N_("When the files were read ({layout}): {sentence}")
WINDOW = N_("Window: {since} to {until} ({zone}).")
STATES = {
    "ok": N_("collected"),
    "failed": N_("failed"),
    "throttled": N_("asked us to pause"),
    "empty": N_("answers with empty pages"),
    "none": N_("never collected"),
    "quiet": N_("collected, no posts"),
    "silent": N_("answers, nothing new for unusually long"),
}
"""How a reader is told of the state of a source."""
BAD = ("failed", "throttled", "empty", "none", "silent")
"""States in which a source says nothing of the present."""
ALIKE = N_("{names} ({state})")
BETWEEN = N_("; ")

NAMED = 3
"""Holes that are named, the longest first; a reader acts on the first, and the chart of collection shows all."""
HOLE_H, HALF = 6.0, 0.5
"""Hours from which a hole is named, as long as the silence that counts as one; and the collected share of a window
below which it has no values."""
_HOLES = """
SELECT min("at") AS first, max("at" + to_seconds(step_s)) AS last FROM (
    SELECT "at", step_s, complete, sum((complete >= $HALF)::INT) OVER (ORDER BY "at") AS part
    FROM windows WHERE signal = 'volume'
) WHERE complete < $HALF GROUP BY part ORDER BY first
""".replace("$HALF", str(HALF))
_BATCHES = """
SELECT source, max("at") AS asked, max("at") FILTER (coalesce(ok, true)) AS last, arg_max(ok, "at") AS ok,
       sum(n_rejected) AS n_rejected,
       arg_max(coalesce(state, ''), "at") AS fault,
       arg_max(warnings, "at") AS warnings, arg_max(coalesce(gaps, ''), "at") AS gaps,
       arg_max(n_read, "at") AS n_read, arg_max(n_duplicate, "at") AS n_duplicate FROM batches GROUP BY source
"""
_ASSUMED = """
SELECT layout, arg_max(warnings, "at") AS warnings FROM batches
WHERE ok AND file IS NOT NULL AND coalesce(warnings, '') <> '' GROUP BY layout ORDER BY max("at") DESC
"""
SENTENCES = 8
"""What was assumed of the files that are named; the newest layouts first."""
_POSTS = """
SELECT coalesce(source, '?') AS source, count(*) AS n, min(created_at) AS oldest, max(created_at) AS newest
FROM posts GROUP BY 1
"""
_RHYTHM = """
SELECT source, median(waited) / 60 AS usual FROM (
    SELECT source, date_diff('second', lag("at") OVER (PARTITION BY source ORDER BY "at"), "at") AS waited
    FROM batches WHERE ok AND n_read > n_duplicate
) GROUP BY source
"""
_SPANS = """
SELECT source, since AS "at", "until", ok, coalesce(n_kept, 0) AS n, n_read, n_duplicate, gaps
FROM batches WHERE since IS NOT NULL AND "until" > since ORDER BY 1, 2
"""


@dataclass(frozen=True)
class DataHealth:
    """What is stored for a window, and which sources are silent.

    Attributes
    ----------
    watch : Watch
        Whose data.
    sources : pandas.DataFrame
        `source`, `state` (ok, quiet, silent, throttled, empty, failed, none), `n`, `oldest`, `newest` (post),
        `last` (when it last answered), `n_rejected`, `warnings`; `every`, `limit`, `usual`: minutes between two
        questions, without anything new after which it counts as silent (missing where that is learned), and that
        usually lie between two answers with something new; the fullest first.
    since, until : datetime
        Window over when posts were created; `since` None where nothing says it.
    now : datetime
        Moment of the reading.
    holes : pandas.DataFrame
        `first`, `last`: spans between the oldest and the newest post in which nothing was collected.
    card : CoverageCard
        What the posts of the window cover and lack.
    assumed : tuple of (str, str)
        Layout and what was assumed or lost when its newest file was read: zone, order of days, rounding, encoding,
        unused columns; in the language of the watch.
    """

    watch: Watch
    sources: pd.DataFrame
    since: datetime | None
    until: datetime
    now: datetime
    holes: pd.DataFrame
    card: CoverageCard
    assumed: tuple[tuple[str, str], ...] = ()

    @property
    def n(self) -> int:
        """Posts in the window."""
        return int(self.sources["n"].sum())

    @property
    def bad(self) -> list[str]:
        """Sources that say nothing of the present."""
        return [str(name) for name in self.sources.loc[self.sources["state"].isin(BAD), "source"]]

    def lines(self, language: str) -> list[str]:
        """The sentences: what the data cover, what is missing, the window, and the notes of the watch.

        Parameters
        ----------
        language : str
            `zh` or `en`.

        Returns
        -------
        list of str
            At least one.
        """
        result = [self._holds(language) if self.n else tr(NO_DATA, language)]
        if self.bad:
            result.append(tr(MISSING, language, names=self._bad_names(language)))
        hours = (self.holes["last"] - self.holes["first"]).dt.total_seconds() / 3600
        for first, last, long in self.holes.assign(long=hours).nlargest(NAMED, "long").sort_values("first").to_numpy():
            ends = {"first": self._local(first), "last": self._local(last)}
            result.append(tr(UNCOLLECTED, language, span=duration(3600 * long).render(language), **ends))
        result += self.card.details(language)
        result += [tr(ASSUMED, language, layout=layout, sentence=sentence) for layout, sentence in self.assumed]
        if self.since:
            span = {"since": self._local(self.since), "until": self._local(self.until)}
            result.append(tr(WINDOW, language, zone=zone_name(self.watch.timezone, language), **span))
        return [*result, self.watch.notes] if self.watch.notes else result

    def _bad_names(self, language: str) -> str:
        """The sources that say nothing of the present, by what is wrong with them."""
        states = self.sources.groupby("state", sort=False)["source"].agg(list)
        return tr(BETWEEN, language).join(
            tr(ALIKE, language, names=", ".join(map(str, states[state])), state=tr(STATES[state], language))
            for state in BAD
            if state in states.index
        )

    def _holds(self, language: str) -> str:
        newest = self.sources["newest"].max()
        age = (pd.Timestamp(self.now) - newest).total_seconds()
        facts = {
            "n": f"{self.n:,}",
            "sources": int((self.sources["n"] > 0).sum()),
            "first": self._local(self.sources["oldest"].min()),
            "newest": self._local(newest),
            "age": duration(age).render(language),
        }
        return tr(HOLDS, language, **facts)

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.watch.zone):%Y-%m-%d %H:%M}"


def data_health(
    posts: duckdb.DuckDBPyRelation,
    batches: duckdb.DuckDBPyRelation,
    windows: duckdb.DuckDBPyRelation,
    watch: Watch,
    *,
    since: datetime | None,
    until: datetime,
    now: datetime,
) -> DataHealth:
    """Judge the data of one watch in one window.

    Parameters
    ----------
    posts : relation
        POSTS of the window: at least `source` and `created_at`.
    batches : relation
        BATCHES of the watch, whole.
    windows : relation
        SIGNALS of the window: at least `signal`, `at`, `step_s`, `complete`.
    watch : Watch
        Names the sources that should have been collected.
    since, until : datetime
        The window that `posts` was cut to.
    now : datetime
        Moment of the reading.
    """
    stored = posts.query("posts", _POSTS).to_arrow_table().to_pandas()
    asked = batches.query("batches", _BATCHES).to_arrow_table().to_pandas()
    wanted = pd.DataFrame({"source": [s.name or s.source for s in watch.sources]}, dtype="str")
    rows = wanted.merge(stored, how="outer", on="source").merge(asked, how="outer", on="source")
    rows["n"] = rows["n"].fillna(0).astype("int64")
    ran = rows["asked"].notna()
    wrong = ran & ~rows["ok"].fillna(True).astype(bool)
    cases = {
        "throttled": wrong & (rows["fault"] == "throttled"),
        "empty": wrong & (rows["fault"] == "empty"),
        "failed": wrong,
        "silent": ran & silent_records(rows),
        "ok": rows["n"] > 0,
        "quiet": ran,
    }
    rows["state"] = np.select(list(cases.values()), list(cases), "none")
    rows["warnings"] = rows["warnings"].map(_joined)
    rows = rows.merge(_rhythm(batches, watch), how="left", on="source")
    rows = rows.drop(columns=["asked", "gaps", "n_read", "n_duplicate", "ok", "fault"])
    ordered = rows.sort_values(["n", "source"], ascending=[False, True]).reset_index(drop=True)
    card = coverage_card(posts, watch.zone)
    return DataHealth(watch, ordered, since, until, now, _holes(windows, stored), card, _assumed(batches))


def _assumed(batches: duckdb.DuckDBPyRelation) -> tuple[tuple[str, str], ...]:
    """What was assumed as the newest file of each layout was read."""
    rows = batches.query("batches", _ASSUMED).fetchall()
    sentences = [(str(layout), line) for layout, text in rows for line in str(text).split("\n") if line]
    return tuple(dict.fromkeys(sentences))[:SENTENCES]


def _rhythm(batches: duckdb.DuckDBPyRelation, watch: Watch) -> pd.DataFrame:
    """What a source's rhythm should be, by the watch file and its kind, and what it is, by its answers; minutes."""
    usual: pd.DataFrame = batches.query("batches", _RHYTHM).to_arrow_table().to_pandas()
    wanted = pd.DataFrame(
        {
            "source": [s.name or s.source for s in watch.sources],
            "every": [float(s.every_minutes) for s in watch.sources],
            "limit": [float(expected_minutes(s)) or np.nan for s in watch.sources],
        }
    ).astype({"source": "str", "every": "float64", "limit": "float64"})
    return wanted.merge(usual, how="left", on="source")


def _holes(windows: duckdb.DuckDBPyRelation, stored: pd.DataFrame) -> pd.DataFrame:
    """Long spans without collection that lie between posts: what lies outside them the other sentences say."""
    spans: pd.DataFrame = windows.query("windows", _HOLES).to_arrow_table().to_pandas()
    inside = (spans["first"] >= stored["oldest"].min()) & (spans["last"] <= stored["newest"].max())
    long: pd.DataFrame = spans[inside & (spans["last"] - spans["first"] >= pd.Timedelta(hours=HOLE_H))]
    return long.reset_index(drop=True)


def _joined(warnings: object) -> str:
    """The warnings of a batch in one line, from the JSON list that it was stored as."""
    if not isinstance(warnings, str) or not warnings.strip():
        return ""
    try:
        stored = json.loads(warnings)
    except json.JSONDecodeError:  # stored as plain words
        return warnings
    return "; ".join(map(str, stored)) if isinstance(stored, list) else str(stored)


def collected_spans(batches: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """Spans of collection per source: `source`, `at`, `until`, `state` (ok, quiet, silent, failed), `n`.

    Parameters
    ----------
    batches : duckdb.DuckDBPyRelation
        BATCHES rows.

    Returns
    -------
    pandas.DataFrame
        `source`, `at` (start), `until`, `n` posts and `state`: ok, quiet (an answer without anything new), silent or
        failed.
    """
    spans: pd.DataFrame = batches.query("batches", _SPANS).to_arrow_table().to_pandas()
    known = spans["ok"].fillna(True).astype(bool)
    spans["state"] = np.select([~known, silent_records(spans), spans["n"] > 0], ["failed", "silent", "ok"], "quiet")
    return spans.drop(columns=["ok", "n_read", "n_duplicate", "gaps"])
