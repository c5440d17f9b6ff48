"""Work on a home that reads and then writes, as one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from crisislib.engine.home import Home

P = ParamSpec("P")
T = TypeVar("T")


def in_session(job: str) -> Callable[[Callable[Concatenate[Home, P], T]], Callable[Concatenate[Home, P], T]]:
    """Let work be a session of the lake: no erasure of personal data comes between its reading and its writing.

    Parameters
    ----------
    job : str
        What an erasure that is refused meanwhile says is at work.

    Returns
    -------
    callable
        Decorator of a function whose first argument is the home.
    """

    def around(work: Callable[Concatenate[Home, P], T]) -> Callable[Concatenate[Home, P], T]:
        @wraps(work)
        def one(home: Home, /, *args: P.args, **options: P.kwargs) -> T:
            with home.lake.session(job):
                return work(home, *args, **options)

        return one

    return around
