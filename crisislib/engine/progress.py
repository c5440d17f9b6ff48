"""How the walk tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[[str, int, int | None], None]
"""Called with (stage, done, total or None)."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Show no progress: for tests and scheduled runs.

    Parameters
    ----------
    stage : str
        Name of the stage.
    done : int
        Steps done.
    total : int or None
        Steps in all; None where that is not known.
    """


def of(told: Told, stage: str) -> Callable[[int, int | None], None]:
    """The progress callback of one stage.

    Parameters
    ----------
    told : Told
        Gets stage, steps done and steps in all.
    stage : str
        The stage.

    Returns
    -------
    Callable[[int, int or None], None]
        Takes steps done and steps in all.
    """

    def progress(done: int, total: int | None) -> None:
        told(stage, done, total)

    return progress
