"""What people do on each platform, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass

OPENERS = ("post", "video", "forum", "news")
"""Kinds that stand alone; every other kind has a parent."""


@dataclass(frozen=True)
class Habit:
    """One platform in one language.

    Attributes
    ----------
    platform, lang : str
        Where, and in which language.
    share, crisis_share : float
        Part of its language's everyday talk and of its crisis talk.
    kinds : dict
        Kind of post -> share of the platform's posts.
    """

    platform: str
    lang: str
    share: float
    crisis_share: float
    kinds: dict[str, float]

    @property
    def opener(self) -> str:
        """The kind that stands alone here."""
        return next(kind for kind in self.kinds if kind in OPENERS)


HABITS = (
    Habit("weibo", "zh", 0.50, 0.58, {"post": 0.46, "repost": 0.24, "comment": 0.30}),
    Habit("douyin", "zh", 0.26, 0.26, {"video": 0.22, "comment": 0.78}),
    Habit("forum", "zh", 0.20, 0.13, {"forum": 0.25, "reply": 0.75}),
    Habit("news", "zh", 0.04, 0.03, {"news": 1.0}),
    Habit("x", "en", 0.56, 0.62, {"post": 0.46, "repost": 0.16, "quote": 0.08, "reply": 0.30}),
    Habit("reddit", "en", 0.39, 0.34, {"post": 0.24, "comment": 0.76}),
    Habit("news", "en", 0.05, 0.04, {"news": 1.0}),
)
"""Made-up but plausible shares; those of one language add up to 1, in everyday talk and in the crisis alike."""
CRISIS_KINDS = {
    "weibo": {"post": 0.20, "repost": 0.50, "comment": 0.30},
    "x": {"post": 0.24, "repost": 0.40, "quote": 0.10, "reply": 0.26},
    "douyin": {"video": 0.12, "comment": 0.88},
    "reddit": {"post": 0.08, "comment": 0.92},
    "forum": {"forum": 0.10, "reply": 0.90},
    "news": {"news": 1.0},
}


def split(n: int, shares: list[float]) -> list[int]:
    """`n` divided in proportion, in whole numbers that add up to `n`.

    Parameters
    ----------
    n : int
        What is to be divided.
    shares : list of float
        Relative sizes, at least 0, with a sum above 0.

    Returns
    -------
    list of int
        One for each share; cumulative rounding, so that none is off by more than 1.
    """
    total, done, taken, parts = sum(shares), 0.0, 0, []
    for share in shares:
        done += share
        parts.append(round(n * done / total) - taken)
        taken += parts[-1]
    return parts
