"""Ordinary weeks: everyday talk with daily and weekly rhythm, and one harmless burst."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crisislib.simulation.daily_rhythm import crisis_rate, daily, draw, ordinary_rate
from crisislib.simulation.grammar import Ints, Texts, fill, ordinary, pick
from crisislib.simulation.habits import HABITS, OPENERS, Habit, split
from crisislib.simulation.population import Cast
from crisislib.simulation.repost_tree import attach, flatten, roots

SENTIMENTS = ("positive", "neutral", "negative")
# Sentiment of an answer (columns) given that of the post it answers (rows).
_ANSWER = np.array([[0.62, 0.30, 0.08], [0.30, 0.52, 0.18], [0.10, 0.30, 0.60]])
_PROMO_SHARE = 0.04
"""Everyday posts that belong to the one advertising campaign: a burst that is no crisis, and no more than one."""


def ordinary_frame(
    rng: np.random.Generator,
    n: int,
    casts: dict[str, Cast],
    *,
    days: float,
    zh: float,
    promo_h: float,
    clock: tuple[int, float],
) -> pd.DataFrame:
    """`n` everyday posts in time order.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    n : int
        Posts.
    casts : dict
        Platform -> who can speak.
    days : float
        Length.
    zh : float
        Share of Chinese.
    promo_h : float
        Hour at which a harmless burst (a liked joint event) begins.
    clock : tuple
        Weekday (0 Monday) and hour of the start, UTC.

    Returns
    -------
    pandas.DataFrame
        One row per post; `parent` and `root` are row numbers, -1 for none.
    """
    counts = split(n, [h.share * (zh if h.lang == "zh" else 1 - zh) for h in HABITS])
    grid = np.arange(0.0, days * 24 + 1e-9, 0.25)
    parts = [
        _rows(rng, habit, count, casts[habit.platform], grid, promo_h, clock)
        for habit, count in zip(HABITS, counts, strict=True)
    ]
    frame = pd.concat(parts, ignore_index=True).sort_values("hours", kind="stable", ignore_index=True)
    frame["parent"] = _parents(rng, frame)
    frame["root"] = roots(frame["parent"].to_numpy())
    return _words(rng, frame)


def _rows(
    rng: np.random.Generator,
    habit: Habit,
    n: int,
    cast: Cast,
    grid: np.ndarray,
    promo_h: float,
    clock: tuple[int, float],
) -> pd.DataFrame:
    activity = daily(grid, habit.lang, start_weekday=clock[0], start_hour=clock[1])
    hours = draw(rng, grid, ordinary_rate(rng, grid, activity), n)
    promo = rng.random(n) < _PROMO_SHARE
    burst = crisis_rate(grid - promo_h, 1e9, rise_h=1.5, decay_h=5.0, bend=1.0) * activity
    hours[promo] = draw(rng, grid, burst, int(promo.sum()))
    kinds = np.array(list(habit.kinds), dtype=object)
    who = (
        _outlets(rng, habit.lang, n)
        if habit.platform == "news"
        else (cast.n_public * rng.random(n) ** 2.2).astype(np.int64)
    )
    return pd.DataFrame(
        {
            "hours": hours,
            "platform": habit.platform,
            "lang": habit.lang,
            "kind": kinds[pick(rng, list(habit.kinds.values()), n)],
            "number": who,
            "promo": promo,
        }
    )


def _outlets(rng: np.random.Generator, lang: str, n: int) -> Ints:
    """News is written by the few outlets of its language."""
    return rng.integers(0, 10, n) if lang == "zh" else rng.integers(10, 18, n)


def _parents(rng: np.random.Generator, frame: pd.DataFrame) -> Ints:
    """Everyday answers: near in time, few levels, some posts much more answered than others."""
    parent: Ints = np.full(len(frame), -1, dtype=np.int64)
    weight = rng.normal(0, 1, len(frame))
    alone = frame["kind"].isin(OPENERS).to_numpy()
    weight[alone] += 1.5
    for platform in frame["platform"].unique():
        here = (frame["platform"] == platform).to_numpy()
        passes = (frame["kind"] == "repost").to_numpy()
        for mine, eligible in ((~alone & ~passes, ~passes), (passes, alone)):
            children = np.flatnonzero(here & mine)
            parent[children] = attach(rng, children, np.flatnonzero(here & eligible), weight, rounds=3, span=60.0)
    return flatten(parent, (frame["platform"] == "forum").to_numpy())


def _words(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Topics, sentiments and texts, from the root down."""
    orphan = (frame["parent"] < 0) & ~frame["kind"].isin(OPENERS)
    frame.loc[orphan, "kind"] = frame.loc[orphan, "platform"].map({h.platform: h.opener for h in HABITS})
    text: Texts = np.full(len(frame), "", dtype=object)
    topic: Texts = np.full(len(frame), "", dtype=object)
    mood: Ints = np.ones(len(frame), dtype=np.int64)
    root = frame["root"].to_numpy()
    alone = frame["parent"].to_numpy() < 0
    for lang in ("zh", "en"):
        rows = np.flatnonzero((frame["lang"] == lang).to_numpy() & alone)
        text[rows], topic[rows], mood[rows] = _openers(rng, lang, frame.iloc[rows])
    topic = topic[root]
    chance = np.cumsum(_ANSWER, axis=1)[mood[root]]
    answer = (rng.random(len(frame))[:, None] > chance).sum(axis=1).clip(0, 2)
    mood = np.where(alone, mood, answer)
    for lang in ("zh", "en"):
        rows = np.flatnonzero((frame["lang"] == lang).to_numpy() & ~alone)
        text[rows] = _answers(rng, lang, mood[rows])
    return frame.assign(
        text=text,
        topic=topic,
        sentiment=np.array(SENTIMENTS, dtype=object)[mood],
        role=np.where(frame["promo"], "promo", "ordinary"),
    )


def _openers(rng: np.random.Generator, lang: str, rows: pd.DataFrame) -> tuple[Texts, Texts, Ints]:
    words = ordinary(lang)
    flat = [
        (line, name, SENTIMENTS.index(mood), topic.weight / sum(len(getattr(topic, m)) for m in SENTIMENTS))
        for name, topic in words.topics.items()
        for mood in SENTIMENTS
        for line in getattr(topic, mood)
    ]
    flat += [(line, "news", 1, 0.0) for line in words.news]
    weight = np.array([w for *_, w in flat])
    cheer = np.array([float(name == "event" and mood == 0) for _, name, mood, _ in flat])
    press = np.array([float(name == "news") for _, name, _, _ in flat])
    which: Ints = pick(rng, weight, len(rows))  # type: ignore[arg-type]
    for mask, weights in ((rows["promo"].to_numpy(), cheer), ((rows["platform"] == "news").to_numpy(), press)):
        which[mask] = pick(rng, weights, int(mask.sum()))  # type: ignore[arg-type]
    text = fill(rng, [line for line, *_ in flat], which, words.slots)
    topics = np.array([name for _, name, *_ in flat], dtype=object)
    moods = np.array([mood for _, _, mood, _ in flat])
    return text, topics[which], moods[which]


def _answers(rng: np.random.Generator, lang: str, mood: Ints) -> Texts:
    words = ordinary(lang)
    lines = [line for name in SENTIMENTS for line in words.children[name]]
    sizes = np.array([len(words.children[name]) for name in SENTIMENTS])
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    which = first[mood] + (rng.random(len(mood)) * sizes[mood]).astype(np.int64)
    return fill(rng, lines, which, words.slots)
