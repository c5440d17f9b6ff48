"""The alert levels and their order; `unknown` is not calm, it is the absence of an answer."""

from __future__ import annotations

from typing import Literal, get_args

from crisislib.core.i18n import N_

Level = Literal["unknown", "none", "blue", "yellow", "orange", "red"]

LEVELS: tuple[Level, ...] = get_args(Level)
"""From least to most urgent. `none`: decided, and below blue. `unknown`: too little data to decide."""

LEVEL_NAMES: dict[str, str] = {
    "unknown": N_("unknown"),
    "none": N_("none"),
    "blue": N_("blue"),
    "yellow": N_("yellow"),
    "orange": N_("orange"),
    "red": N_("red"),
}
"""What readers see; gettext ids."""


def rank(level: str) -> int:
    """Order of a level: unknown −1, none 0, blue 1, yellow 2, orange 3, red 4.

    Parameters
    ----------
    level : str
        One of :data:`LEVELS`.

    Returns
    -------
    int
        −1 to 4.

    Raises
    ------
    ValueError
        There is no such level.
    """
    return LEVELS.index(level) - 1


def worst(levels: list[Level]) -> Level:
    """The most urgent of some levels; `unknown` when there are none.

    Parameters
    ----------
    levels : list of Level
        In any order.

    Returns
    -------
    Level
        The one of the highest :func:`rank`.
    """
    return max(levels, key=rank, default="unknown")
