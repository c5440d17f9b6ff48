"""The crisis: a first post, its cascade, copies, a coordinated group, press, and the brand's answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crisislib.simulation.daily_rhythm import Floats, crisis_rate, daily, draw
from crisislib.simulation.grammar import Ints, pick
from crisislib.simulation.habits import CRISIS_KINDS, HABITS, OPENERS, Habit, split
from crisislib.simulation.population import Cast
from crisislib.simulation.repost_tree import attach, flatten, roots
from crisislib.simulation.scenario_definition import Scenario

# What a role adds to a post's pull, on the scale of log followers.
_PULL = {"root": 9.0, "influencer": 8.0, "statement": 9.0, "holding": 6.0, "news": 1.0}


@dataclass(frozen=True)
class Plan:
    """When things happen, in hours from the drill's start, and who acts together."""

    onset_h: float
    end_h: float
    zh: float
    clock: tuple[int, float]
    group_platforms: tuple[str, ...]
    group_size: int
    rounds: int
    answered: bool = True


def crisis_frame(rng: np.random.Generator, n: int, pack: Scenario, casts: dict[str, Cast], plan: Plan) -> pd.DataFrame:
    """`n` crisis posts in time order, without words.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    n : int
        Posts to make; a few fixed ones (first post, statement) are made even where `n` is smaller.
    pack : Scenario
        Kind of crisis, its dynamics in hours, and who posts the first post.
    casts : dict of str to Cast
        Accounts of each platform.
    plan : Plan
        Onset and end in hours from the drill's start, and the coordinated group.

    Returns
    -------
    pandas.DataFrame
        hours, platform, lang, kind, number, role, round, parent, root, phase.
    """
    fixed = _fixed(pack, plan)
    together = _together(rng, pack, casts, plan)
    rest = _organic(rng, max(0, n - len(fixed) - len(together)), pack, casts, plan)
    frame = pd.concat([fixed, together, rest], ignore_index=True)
    frame = frame[frame["hours"] < plan.end_h].sort_values("hours", kind="stable", ignore_index=True)
    said_at = plan.onset_h + pack.dynamics.statement_h if plan.answered else np.inf
    frame["phase"] = np.where(frame["hours"] >= said_at, "after", "before")
    frame["parent"] = _parents(rng, frame, casts)
    orphan = (frame["parent"] < 0) & ~frame["kind"].isin(OPENERS)
    frame.loc[orphan, "kind"] = frame.loc[orphan, "platform"].map({h.platform: h.opener for h in HABITS})
    frame["root"] = roots(frame["parent"].to_numpy())
    return frame


def _fixed(pack: Scenario, plan: Plan) -> pd.DataFrame:
    """The few posts whose author and moment are part of the story."""
    flow = pack.dynamics
    rows: list[tuple[float, str, str, str, int]] = [(0.0, pack.root.platform, pack.root.lang, "root", 0)]
    star = "weibo" if pack.root.lang == "zh" else "x"
    rows += [(flow.rise_h * 0.6, star, pack.root.lang, "influencer", -2)]
    homes = [("weibo", "zh"), ("douyin", "zh"), ("forum", "zh"), ("x", "en"), ("reddit", "en")]
    for moment, role in ((flow.holding_h, "holding"), (flow.statement_h, "statement")) if plan.answered else ():
        rows += [(moment + 0.01 * i, place, lang, role, -1) for i, (place, lang) in enumerate(homes)]
    frame = pd.DataFrame(rows, columns=["hours", "platform", "lang", "role", "number"])
    frame["hours"] += plan.onset_h
    frame["kind"] = frame["platform"].map({h.platform: h.opener for h in HABITS})
    return frame.assign(round=-1)


def _together(rng: np.random.Generator, pack: Scenario, casts: dict[str, Cast], plan: Plan) -> pd.DataFrame:
    """Groups that post the same thing within seconds, again and again, one on each platform."""
    parts = []
    for place, platform in enumerate(plan.group_platforms):
        moments = plan.onset_h + rng.uniform(0.8, pack.dynamics.statement_h + 10, plan.rounds)
        turn, member = np.nonzero(rng.random((plan.rounds, plan.group_size)) < 0.8)
        rows = {
            "hours": moments[turn] + rng.exponential(3.0, len(turn)) / 3600,
            "platform": platform,
            "lang": "zh" if platform == "weibo" else "en",
            "role": "coordinated",
            "number": casts[platform].n_public + 1 + member,
            "kind": "post",
            "round": turn + place * plan.rounds,
        }
        parts.append(pd.DataFrame(rows))
    return pd.concat(parts, ignore_index=True)


def _organic(rng: np.random.Generator, n: int, pack: Scenario, casts: dict[str, Cast], plan: Plan) -> pd.DataFrame:
    lean = min(0.95, plan.zh * 1.15) if pack.root.lang == "zh" else plan.zh * 0.8
    counts = split(n, [h.crisis_share * (lean if h.lang == "zh" else 1 - lean) for h in HABITS])
    return pd.concat(
        [_rows(rng, h, c, pack, casts[h.platform], plan) for h, c in zip(HABITS, counts, strict=True)],
        ignore_index=True,
    )


def _rows(rng: np.random.Generator, habit: Habit, n: int, pack: Scenario, cast: Cast, plan: Plan) -> pd.DataFrame:
    flow = pack.dynamics
    grid = np.arange(plan.onset_h, plan.end_h, 1 / 30)
    # other languages and the press come to it later than the place where it began
    late = 3.3 if habit.platform == "news" else (0.02 if habit.lang == pack.root.lang else 1.5)
    since = grid - plan.onset_h
    said_at = flow.statement_h if plan.answered else np.inf
    rate = crisis_rate(since, said_at, rise_h=flow.rise_h, decay_h=flow.decay_h, bend=flow.bend)
    clock = daily(grid, habit.lang, start_weekday=plan.clock[0], start_hour=plan.clock[1])
    hours = draw(rng, grid, np.where(since >= late, rate * (0.45 + 0.55 * clock), 0.0), n)
    kinds = CRISIS_KINDS[habit.platform]
    public = (cast.n_public * rng.random(n) ** 1.5).astype(np.int64)
    fresh = (
        cast.n_public
        + 1
        + plan.group_size
        + (max(1, cast.n_crisis - plan.group_size - 1) * rng.random(n) ** 1.6).astype(np.int64)
    )
    number = np.where(rng.random(n) < 0.3, public, fresh)
    if habit.platform == "news":
        number = rng.integers(0, 10, n) if habit.lang == "zh" else rng.integers(10, 18, n)
    kind = np.array(list(kinds), dtype=object)[pick(rng, list(kinds.values()), n)]
    copied = np.isin(kind, OPENERS) & (rng.random(n) < 0.45)
    role = np.where(habit.platform == "news", "news", np.where(copied, "copy", "organic"))
    return pd.DataFrame(
        {
            "hours": hours,
            "platform": habit.platform,
            "lang": habit.lang,
            "role": role,
            "number": number,
            "kind": kind,
            "round": -1,
        }
    )


def _parents(rng: np.random.Generator, frame: pd.DataFrame, casts: dict[str, Cast]) -> Ints:
    """Cascades per platform; part of what follows a statement hangs under it."""
    kind, platform = frame["kind"].to_numpy(), frame["platform"].to_numpy()
    parent: Ints = np.full(len(frame), -1, dtype=np.int64)
    weight: Floats = rng.normal(0, 2.0, len(frame)) + frame["role"].map(_PULL).fillna(0.0).to_numpy()
    alone = np.isin(kind, OPENERS)
    weight += alone * 1.5 - 2.0 * (frame["role"] == "coordinated").to_numpy()
    passes, answers = kind == "repost", np.isin(kind, ["comment", "reply"])
    for place in casts:
        here = platform == place
        # X credits a plain repost to the original only; elsewhere people pass on one another's reposts
        carriers = here & ~answers if place == "weibo" else here & ~passes
        for mine, eligible in ((passes, carriers), (~alone & ~passes, here & (~passes | (place == "weibo")))):
            children = np.flatnonzero(here & mine)
            parent[children] = attach(rng, children, np.flatnonzero(eligible), weight, rounds=4, span=400.0)
        for role, share in (("root", 0.22), ("influencer", 0.18)):
            hub = np.flatnonzero(here & (frame["role"] == role).to_numpy())
            if len(hub):
                later = np.flatnonzero(here & ~alone & (np.arange(len(frame)) > hub[0]))
                parent[later[rng.random(len(later)) < share]] = hub[0]
        said = np.flatnonzero(here & (frame["role"] == "statement").to_numpy())
        if len(said):
            later = np.flatnonzero(here & ~alone & (np.arange(len(frame)) > said[0]))
            under = later[rng.random(len(later)) < 0.35]
            parent[under] = said[0]
    return flatten(parent, platform == "forum")
