"""Weeks of a made-up brand in which something happens that is no scenario: crises of other shapes, harmless twins.

The ordinary posts are those of :func:`~crisislib.simulation.incident.simulate`; an event is laid over the last of its
weeks. Texts are data (`words/brand_weeks.yml`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.simulation.incident import START, simulate
from crisislib.simulation.scenario_definition import Language

_CRISES = ("slow_burn", "viral_counter", "copy_storm", "first_day")
"""Crises that the scenarios do not have."""
_DAYS = 28
"""Length of the weeks: four, of which the event takes the last days."""


@dataclass(frozen=True)
class BrandWeek:
    """Some weeks of a brand with what is true of them.

    Attributes
    ----------
    kind : str
        Harmless: `quiet`, `own_draw`, `wire_story`, `sales_day`, `donation`, `war_news`, `regulator_usual`; a crisis:
        `slow_burn`, `viral_counter`, `copy_storm`, `first_day`.
    posts, accounts : pyarrow.Table
        POSTS and ACCOUNTS.
    watch : Watch
        The brand.
    crisis : bool
        Whether a crisis team would want to know.
    onset : datetime
        When the event begins.
    begin, end : datetime
        The weeks.
    """

    kind: str
    posts: pa.Table
    accounts: pa.Table
    watch: Watch
    crisis: bool
    onset: datetime
    begin: datetime
    end: datetime


@cache
def _words() -> dict[str, dict[Language, list[str]]]:
    text = (resources.files(__package__) / "words" / "brand_weeks.yml").read_text(encoding="utf-8")
    words: dict[str, dict[Language, list[str]]] = yaml.safe_load(text)
    return words


def brand_week(kind: str, *, seed: int = 0, language: Language = "en", posts: int = 4_000) -> BrandWeek:
    """Weeks of a brand with one event.

    Parameters
    ----------
    kind : str
        Harmless: `quiet`, `own_draw`, `wire_story`, `sales_day`, `donation`, `war_news`, `regulator_usual`; a crisis:
        `slow_burn`, `viral_counter`, `copy_storm`, `first_day`.
    seed : int
        Same seed, same weeks.
    language : str
        Of the ordinary talk and the event.
    posts : int
        Ordinary posts of all weeks; the event's size follows from their rate.

    Returns
    -------
    BrandWeek
    """
    drill = simulate(
        seed, posts, crisis=False, days=_DAYS, zh=1.0 if language == "zh" else 0.0, watch="weeks", language=language
    )
    end = START + timedelta(days=_DAYS)
    days_before = 14 if kind == "slow_burn" else 2
    onset = end - timedelta(days=days_before) + timedelta(hours=3)
    rng = np.random.default_rng([seed, len(kind)])
    daily = drill.posts.num_rows / _DAYS
    event = _event(kind, rng, language, daily, onset, end, drill.watch)
    table, begin = drill.posts, START
    if kind == "first_day":
        begin = onset
        table = table.filter(pc.greater_equal(table["created_at"], pa.scalar(onset, table["created_at"].type)))
        end = onset + timedelta(hours=12)
        table = table.filter(pc.less(table["created_at"], pa.scalar(end, table["created_at"].type)))
    parts = [table, *([conform(event, "POSTS")] if len(event) else [])]
    whole = pa.concat_tables(parts).sort_by([("created_at", "ascending"), ("post_id", "ascending")])
    return BrandWeek(kind, whole, drill.accounts, drill.watch, kind in _CRISES, onset, begin, end)


def _event(
    kind: str, rng: np.random.Generator, language: Language, daily: float, onset: datetime, end: datetime, watch: Watch
) -> pd.DataFrame:
    """POSTS of an event."""
    platform = "weibo" if language == "zh" else "x"
    own = next(a for a in watch.brand.accounts if a.startswith(f"{platform}:"))
    if kind == "quiet":
        return pd.DataFrame()
    if kind == "own_draw":
        n = max(60, round(2 * daily))
        first = _rows(rng, language, kind, 1, onset, 0.1, platform).assign(account_id=own)
        return pd.concat([first, _reposts(rng, first, n, onset, platform)], ignore_index=True)
    if kind == "wire_story":
        rows = _rows(rng, language, kind, max(30, round(daily / 2)), onset, 3.0, "news")
        return rows.assign(kind="news", account_id=[f"news:outlet{i}" for i in range(len(rows))])
    if kind == "copy_storm":
        n = max(60, round(2 * daily))
        first = _rows(rng, language, kind, 1, onset, 0.1, platform)
        return pd.concat([first, _reposts(rng, first, n, onset, platform)], ignore_index=True)
    if kind == "viral_counter":
        first = _rows(rng, language, "copy_storm", 1, onset, 0.1, platform)
        seen = [(0.1, 0), (5, 900), (11, 15_000), (17, 88_000)]
        return pd.concat(
            [first.assign(collected_at=onset + timedelta(hours=h), n_reposts=r, n_likes=2 * r) for h, r in seen],
            ignore_index=True,
        )
    if kind == "regulator_usual":
        n = max(20, round(0.12 * daily * _DAYS))
        rows = _rows(rng, language, kind, n, START, 1.0, platform)
        return _at(rows, [START + timedelta(hours=float(h)) for h in np.sort(rng.uniform(0, _DAYS * 24.0, n))])
    if kind == "slow_burn":
        span = (end - onset).total_seconds() / 3600
        n = max(40, round(daily * 10))
        hours = np.sort(span * np.sqrt(rng.uniform(0, 1, n)))  # the rate grows evenly
        rows = _rows(rng, language, "complaints", n, onset, 1.0, platform)
        return _at(rows, [onset + timedelta(hours=float(h)) for h in hours])
    size = {"sales_day": 4.0, "donation": 0.8, "war_news": 0.6, "first_day": 4.0}[kind]
    name = "complaints" if kind == "first_day" else kind
    rows = _rows(rng, language, name, max(20, round(size * daily)), onset, 4.0, platform)
    if kind == "first_day":
        n = max(100, len(rows))
        rows = _rows(rng, language, name, n, onset, 1.0, platform)
        return _at(rows, [onset + timedelta(hours=float(h)) for h in np.sort(rng.uniform(0, 11.9, n))])
    return rows


def _rows(
    rng: np.random.Generator, language: Language, name: str, n: int, onset: datetime, decay_h: float, platform: str
) -> pd.DataFrame:
    """`n` posts of an event, most of them soon after its beginning."""
    words = _words()
    texts = rng.choice(words[name][language], n)
    details = rng.choice(words["details"][language], (n, 2))
    said = [t.replace("{d}", f"{a} {b}") for t, (a, b) in zip(texts, details, strict=True)]
    hours = np.sort(np.minimum(rng.exponential(decay_h, n), 8 * decay_h))
    tag = rng.integers(1 << 40)
    rows = pd.DataFrame(
        {
            "watch": "weeks", "post_id": [f"{platform}:e{tag}-{i}" for i in range(n)], "platform": platform,
            "kind": "post", "account_id": [f"{platform}:p{a}" for a in rng.integers(0, 10**7, n)], "text": said,
            "created_precision_s": 1, "source": "simulated",
            "n_likes": rng.integers(0, 8, n), "n_reposts": rng.integers(0, 3, n), "n_replies": rng.integers(0, 3, n),
        }
    )  # fmt: skip
    return _at(rows, [onset + timedelta(hours=float(h)) for h in hours])


def _at(rows: pd.DataFrame, moments: list[datetime]) -> pd.DataFrame:
    at = pd.to_datetime(pd.Series(moments, index=rows.index), utc=True).dt.floor("s")
    return rows.assign(created_at=at, collected_at=at + pd.Timedelta(minutes=2))


def _reposts(rng: np.random.Generator, first: pd.DataFrame, n: int, onset: datetime, platform: str) -> pd.DataFrame:
    """Bare reposts of a post over the next hours."""
    source = first.iloc[0]
    rows = _rows(rng, "en", "complaints", n, onset + timedelta(minutes=10), 3.0, platform)
    name = str(source["account_id"]).split(":", 1)[1]
    text = "转发微博" if platform == "weibo" else f"RT @{name}: {source['text']}"
    return rows.assign(kind="repost", parent_id=source["post_id"], root_id=source["post_id"], text=text)
