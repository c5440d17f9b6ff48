"""One sitting of an analyst: the posts in turn, what was given, going back, and writing in small batches."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pandas as pd

from crisislib.core.watch import Watch
from crisislib.engine import Home
from crisislib.engine.analyst_labels import add_labels, to_label

BATCH = 5
"""Labels written together; the rest follows some seconds after the last one."""
PAUSE_S = 60.0
"""A post that took longer was a pause, and is left out of the pace."""


class Session:
    """Posts to label, one after another.

    Parameters
    ----------
    home : Home
        Where the labels go.
    watch : Watch
        Whose posts.
    by : str
        Who labels.
    n : int
        Posts in the queue.

    Attributes
    ----------
    posts : pandas.DataFrame
        `post_id`, `text`, `platform`, `created_at`, `why`.
    place : int
        Number of the post in turn, from 0; `len(posts)` at the end.
    given : dict of int to str
        Label of each post that got one.
    """

    def __init__(self, home: Home, watch: Watch, *, by: str, n: int) -> None:
        self._home, self._watch, self.by = home, watch, by
        self.posts = to_label(home, watch, n=n, by=by)
        self.place, self.given = 0, dict[int, str]()
        self._waiting: list[int] = []
        self._taken: list[float] = []
        self._shown = time.monotonic()

    @property
    def current(self) -> pd.Series | None:
        """The post in turn; None at the end."""
        return self.posts.iloc[self.place] if self.place < len(self.posts) else None

    @property
    def waiting(self) -> int:
        """Labels that are not written yet."""
        return len(self._waiting)

    @property
    def pace(self) -> float | None:
        """Median seconds a post; None until five were labelled."""
        return float(pd.Series(self._taken).median()) if len(self._taken) >= BATCH else None

    def give(self, label: str) -> None:
        """Label the post in turn and go on; writes when a batch is full.

        Parameters
        ----------
        label : str
            `negative`, `neutral` or `positive`.
        """
        if self.current is None:
            return
        took = time.monotonic() - self._shown
        if took < PAUSE_S:
            self._taken.append(took)
        self.given[self.place] = label
        if self.place not in self._waiting:
            self._waiting.append(self.place)
        self._go(1)
        if len(self._waiting) >= BATCH or self.current is None:
            self.write()

    def skip(self) -> None:
        """Go on without a label."""
        if self.current is not None:
            self._go(1)

    def back(self) -> None:
        """Take the last step back: a label that is not written yet is taken back, a written one can be replaced."""
        if self.place:
            self._go(-1)
        if self.place in self._waiting:
            self._waiting.remove(self.place)
            del self.given[self.place]

    def _go(self, step: int) -> None:
        self.place += step
        self._shown = time.monotonic()

    def write(self) -> int:
        """Write what waits; on a fault it goes on waiting. Returns how many labels were written.

        The instant is the machine's, not that of a drill that stands still: of two labels of a post the newest counts.
        """
        if not self._waiting:
            return 0
        rows = self.posts.iloc[self._waiting].assign(label=[self.given[i] for i in self._waiting])
        written = add_labels(self._home, self._watch, rows, by=self.by, now=datetime.now(UTC))
        self._waiting = []
        return written
