"""Progress of a run: the callback that every stage calls."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
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


def stage_progress(progress: Progress, stage: str) -> Callable[[int, int | None], None]:
    """The progress callback of one stage.

    Parameters
    ----------
    progress : Progress
        Gets stage, steps done and steps in all.
    stage : str
        The stage.

    Returns
    -------
    Callable[[int, int or None], None]
        Takes steps done and steps in all.
    """

    def of_stage(done: int, total: int | None) -> None:
        progress(stage, done, total)

    return of_stage
