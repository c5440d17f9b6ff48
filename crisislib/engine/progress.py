"""How the walk tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[[str, int, int | None], None]
"""Called with (stage, done, total or None)."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Say nothing: for tests and scheduled runs."""


def of(told: Told, stage: str) -> Callable[[int, int | None], None]:
    """The progress callback of one stage."""

    def progress(done: int, total: int | None) -> None:
        told(stage, done, total)

    return progress
