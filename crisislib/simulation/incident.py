"""The drill: a bilingual crisis with known truth, and its calm twin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.core.membership import is_among
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Brand, Respond, Risk
from crisislib.simulation import population
from crisislib.simulation.crisis import Plan, crisis_frame
from crisislib.simulation.crisis_talk import speak
from crisislib.simulation.habits import HABITS, split
from crisislib.simulation.incident_truth import Truth, logged_responses, truth_of
from crisislib.simulation.ordinary_talk import ordinary_frame
from crisislib.simulation.population import Cast
from crisislib.simulation.render import accounts_table, chain_texts, natives, posts_table
from crisislib.simulation.scenario_definition import Scenario, scenario

START = datetime(2026, 9, 7, tzinfo=UTC)
"""Default first day: a Monday."""
CRISIS_SHARE = 0.3
"""Of all posts of a drill: most stay everyday talk, so that a detector has something to tell the crisis from."""
_LEAST_POSTS, _LEAST_DAYS = 600, 5.0
"""At the default share 180 crisis posts, enough for cascades and groups; three quiet days, the rise and the fall."""


@dataclass(frozen=True)
class Drill:
    """A drill's tables: POSTS, ACCOUNTS, RESPONSES, the watch over them, and the truth."""

    posts: pa.Table
    accounts: pa.Table
    truth: Truth
    responses: pa.Table
    watch: Watch


def simulate(
    seed: int = 0,
    posts: int = 20_000,
    *,
    crisis: bool = True,
    kind: str = "rumour",
    pack: Scenario | None = None,
    answers: bool = True,
    start: datetime = START,
    days: float = 21.0,
    zh: float = 0.6,
    crisis_share: float = CRISIS_SHARE,
    watch: str = "drill",
    language: str = "zh",
) -> Drill:
    """Simulate weeks of talk about a made-up brand, with or without a crisis.

    The calm twin (`crisis=False`) has the same ordinary posts, to the id, and nothing else.

    Parameters
    ----------
    seed : int
        Same seed, same drill.
    posts : int
        Posts of the drill with its crisis; the calm twin has the ordinary part of them.
    crisis : bool
        Whether the crisis happens.
    kind : str
        One of :func:`~crisislib.simulation.scenario_definition.scenario_names`.
    pack : Scenario, optional
        A scenario of one's own in place of `kind`.
    answers : bool
        Whether the brand answers, and people react to that; without, the crisis goes as nobody answers it.
    start : datetime
        First instant, UTC.
    days : float
        Length; the crisis begins after 78 % of it.
    zh : float
        Share of ordinary talk that is Chinese, 0-1.
    crisis_share : float
        Share of the posts that belong to the crisis.
    watch : str
        Name of the watch.
    language : str
        Language of the watch.

    Returns
    -------
    Drill
        Tables in time order and the truth.

    Raises
    ------
    NotEnoughData
        Fewer than 600 posts or 5 days asked for.
    PlaybookError
        No scenario of that kind.
    """
    if posts < _LEAST_POSTS or days < _LEAST_DAYS:
        raise NotEnoughData(
            N_("a drill of {posts} {posts:post|posts} over {days:g} days is too small to hold a crisis"),
            do=N_("ask for {least} {least:post|posts} and {days_needed:g} days at least"),
            facts={"posts": posts, "days": days, "least": _LEAST_POSTS, "days_needed": _LEAST_DAYS},
        )
    pack = pack or scenario(kind)
    n_crisis = round(posts * crisis_share)
    casts = _casts(posts - n_crisis, n_crisis, zh)
    calm, calm_look, storm, storm_look, crowd = (
        np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)
    )
    clock = (start.weekday(), start.hour + start.minute / 60)
    promo_h = float(np.floor(days * 0.42) * 24 + 3.0 + calm.uniform(0, 2))
    frame = ordinary_frame(calm, posts - n_crisis, casts, days=days, zh=zh, promo_h=promo_h, clock=clock)
    size, rounds = _group(n_crisis)
    crowds = _people(crowd, casts, size, start + timedelta(days=days))
    frame = _dated(frame, start, odd=0).assign(narrative="", action="", question=False, link="", tag="", crisis=False)
    parts, tables = [frame], [posts_table(calm_look, _named(frame), crowds, watch)]
    if crisis:
        late = 2.7 if pack.root.lang == "zh" else 14.0
        onset_h = float(np.floor(days * 0.78) * 24 + late - clock[1] + storm.uniform(-1, 1))
        plan = Plan(onset_h, days * 24, zh, clock, ("weibo", "x"), size, rounds, answers)
        acted = _dated(crisis_frame(storm, n_crisis, pack, casts, plan), start, odd=1)
        acted = speak(storm, acted, pack, onset_h).assign(crisis=True)
        parts.append(acted)
        tables.append(posts_table(storm_look, _named(acted), crowds, watch))
    truth = truth_of(parts, pack if crisis else None, start, promo_h, casts, size)
    table = pa.concat_tables(tables).sort_by([("created_at", "ascending"), ("post_id", "ascending")])
    seen = crowds[is_among(crowds["account_id"], table["account_id"].unique().to_pandas())]
    responses = logged_responses(truth, pack, watch) if crisis and answers else empty("RESPONSES")
    return Drill(table, accounts_table(seen), truth, responses, _watch(watch, language))


def _casts(n_ordinary: int, n_crisis: int, zh: float) -> dict[str, Cast]:
    shares = [h.share * (zh if h.lang == "zh" else 1 - zh) for h in HABITS]
    public = dict.fromkeys((h.platform for h in HABITS), 40)
    for habit, count in zip(HABITS, split(n_ordinary, shares), strict=True):
        public[habit.platform] += int(count * 0.35)
    return {name: Cast(name, size, max(120, int(n_crisis * 0.3))) for name, size in public.items()}


def _group(n_crisis: int) -> tuple[int, int]:
    """Accounts per platform in the coordinated group, and its rounds."""
    size = int(np.clip(n_crisis * 0.004, 6, 60))
    return size, int(np.clip(0.08 * n_crisis / (1.6 * size), 4, 60))


def _people(rng: np.random.Generator, casts: dict[str, Cast], size: int, end: datetime) -> pd.DataFrame:
    """Everybody who can speak; the public first, so that both twins share it."""
    end_us = _us(end)
    publics = [(c, np.arange(c.n_public + 1), False) for c in casts.values()]
    groups = [(c, c.n_public + 1 + np.arange(size), True) for c in casts.values()]
    others = [(c, c.n_public + 1 + np.arange(size, c.n_crisis + 1), False) for c in casts.values()]
    fixed = [(c, np.array([-1, -2]), False) for c in casts.values()]
    parts = [
        population.accounts(rng, cast.platform, numbers, end_us=end_us, fresh=fresh).assign(platform=cast.platform)
        for cast, numbers, fresh in publics + groups + others + fixed
    ]
    people = pd.concat(parts, ignore_index=True)
    return people.assign(account_id=people["platform"] + ":" + people["native"], seen_us=end_us)


def _us(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def _dated(frame: pd.DataFrame, start: datetime, odd: int) -> pd.DataFrame:
    """Instants and identities of posts and authors."""
    frame = frame.assign(at_us=_us(start) + (frame["hours"].to_numpy() * 3600e6).astype(np.int64))
    native = natives(frame, odd)
    platform = frame["platform"].to_numpy(dtype=object)
    owner = population.natives(frame["number"].to_numpy(dtype=np.int64))
    return frame.assign(native=native, post_id=platform + ":" + native, account_id=platform + ":" + owner)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts as the platforms show them, with the names of those passed on."""
    names = np.full(len(frame), "", dtype=object)
    for platform in frame["platform"].unique():
        here = np.flatnonzero((frame["platform"] == platform).to_numpy())
        names[here] = population.display_names(platform, frame["number"].to_numpy(dtype=np.int64)[here])
    return frame.assign(text=chain_texts(frame, names))


def _watch(name: str, language: str) -> Watch:
    """The made-up brand's watch, with made-up money ranges."""
    own = [f"{h.platform}:{population.natives(np.array([-1]))[0]}" for h in HABITS if h.platform != "news"]
    return Watch(
        watch=name,
        title={"zh": "鹿芽茶饮（演练）", "en": "Luvaya Tea (drill)"},
        language=language,  # type: ignore[arg-type]
        timezone="Asia/Shanghai",
        brand=Brand(
            names=["鹿芽", "鹿芽茶饮", "Luvaya"],
            accounts=own,
            competitors={"山茗里": ["山茗里", "Shanmingli"], "橙野": ["橙野", "Chengye"]},
            industry="food",
        ),
        risk=Risk(
            currency="CNY",
            daily_revenue=(2.0e6, 3.5e6, 6.0e6),
            customers=(4.0e5, 8.0e5, 1.5e6),
            forms={"response": (1e5, 4e5, 2e6), "fines": (0, 2e5, 5e6), "replacement": (5e4, 3e5, 1.5e6)},
        ),
        respond=Respond(owners={"pr_lead": "陈璐" if language == "zh" else "Chen Lu"}, reputation="good"),
        notes="演练数据，品牌与人物均为虚构。Simulated data; the brand and all people are made up.",
    )
