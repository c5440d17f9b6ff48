"""What the team's answers do to a drill: how much of the crisis still appears, and how people reply to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from crisislib.simulation.grammar import fill, pick, reactions
from crisislib.simulation.scenario_definition import Scenario

SHARE = 0.8
"""Share of the crisis's posts that appear while nobody answers: the rest is what a wrong answer adds."""
EASING_H = 0.6
"""Hours in which an answer takes effect, as in :func:`crisislib.simulation.daily_rhythm.crisis_rate`."""
BEND = {
    "holding": 0.85, "statement": None, "correction": 0.7, "press_conference": 0.7, "one_to_one": 0.93,
    "takedown": 0.95, "recall": 0.8, "compensation": 0.8,
}  # fmt: skip
"""Kind of response -> share of the rate that is left when it has taken effect; None: what the scenario says of its
statement. A second answer of a kind adds nothing. Assumptions of the drill, not measurements."""
WRONG = 1.25
"""What a denial of what is true, or an apology for what is not, leaves of the rate: more, up to the whole crisis."""
SPOKEN = ("holding", "statement", "correction", "press_conference")
"""Kinds of response that everybody sees as a post of the brand."""
MIX = {"right": "accept:5 support:3 more:2 distrust:1", "wrong": "distrust:6 angry:3 mock:2 more:1"}
"""How people answer an answer: reactions of the simulator with their weights."""


@dataclass(frozen=True)
class Response:
    """What the team did, as the drill sees it.

    Attributes
    ----------
    response_id, kind, text : str
        Of the response log.
    strategy : str
        Its tags.
    at : datetime
        When.
    """

    response_id: str
    kind: str
    text: str
    strategy: str
    at: datetime


def rate_left(pack: Scenario, onset: datetime, at: datetime, responses: Sequence[Response]) -> float:
    """Share of the crisis's posts that appear at an instant.

    Parameters
    ----------
    pack : Scenario
        What happens.
    onset : datetime
        First post of the crisis; what was said before it does nothing.
    at : datetime
        The instant.
    responses : sequence of Response
        What the team has done.

    Returns
    -------
    float
        :data:`SHARE` where nothing was answered; each first answer of a kind multiplies it by
        b + (1 - b) exp(-h / :data:`EASING_H`), with its :data:`BEND` b and the hours h since; at most 1.
    """
    rate, used = SHARE, set[str]()
    for one in sorted(responses, key=lambda r: r.at):
        left = BEND.get(one.kind, 1.0)
        if one.at > at or one.kind in used or one.at < onset:
            continue
        used.add(one.kind)
        bend = WRONG if is_wrong(one, pack) else pack.dynamics.bend if left is None else left
        hours = (at - one.at).total_seconds() / 3600
        rate *= bend + (1 - bend) * float(np.exp(-hours / EASING_H))
    return min(1.0, rate)


def is_wrong(response: Response, pack: Scenario) -> bool:
    """Whether a public answer says what the truth of the scenario does not bear.

    Parameters
    ----------
    response : Response
        With its strategy tags.
    pack : Scenario
        With what is true.

    Returns
    -------
    bool
        A denial of what is true, or an apology or compensation for what is not; answers without tags are taken
        as right.
    """
    tags = set(response.strategy.replace(",", " ").split())
    denies = bool(tags & {"deny.denial", "deny.attack_accuser", "deny.scapegoat", "simple_denial", "attack_accuser"})
    owns = bool(tags & {"rebuild.apology", "rebuild.compensation", "mortification"})
    return response.kind in SPOKEN and (denies if pack.known_true else owns)


def replies_to(response: Response, pack: Scenario, rng: np.random.Generator, n: int) -> npt.NDArray[np.object_]:
    """What people write under an answer, by whether it is right.

    Parameters
    ----------
    response : Response
        The answer.
    pack : Scenario
        With its words.
    rng : numpy.random.Generator
        Source of chance.
    n : int
        How many texts.

    Returns
    -------
    numpy.ndarray of str
        Shape (n,).
    """
    words = reactions(pack.root.lang)
    mix = MIX["wrong" if is_wrong(response, pack) else "right"]
    weights = {name: float(w) for name, w in (item.split(":") for item in mix.split())}
    lines = [line for name in weights for line in words.classes[name].templates]
    sizes = np.array([len(words.classes[name].templates) for name in weights])
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    chosen = pick(rng, list(weights.values()), n)
    which = first[chosen] + (rng.random(n) * sizes[chosen]).astype(np.int64)
    slots: Mapping[str, Sequence[str]] = {**words.slots, **pack.slots[pack.root.lang]}
    return np.asarray(fill(rng, lines, which, slots))
