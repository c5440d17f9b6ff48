"""What a brief is written over: the situation that the run came to, and the posts of the incident with their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib import warn
from crisislib.core.finding import Finding
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext
from crisislib.engine.trace import Traced

ORDINARY = 5_000
"""Posts from before the incident that its words are compared with."""
A_DAY = timedelta(days=1)
"""What a brief without an incident speaks of: the last day."""


@dataclass(frozen=True)
class Situation:
    """What the brief speaks of: the incident that matters, the last decision, its risk and its spread.

    Attributes
    ----------
    incident : mapping or None
        Row of INCIDENTS.
    decision : Decision
        The last one.
    signals : pandas.DataFrame
        SIGNALS rows until now.
    risk : mapping or None
        Row of RISKS.
    traced : Traced
        Edges and cascades of the window.
    effects : sequence of Finding
        Whether the logged responses changed the course: findings `respond.effect`.
    """

    incident: Mapping[str, Any] | None
    decision: warn.Decision
    signals: pd.DataFrame
    risk: Mapping[str, Any] | None
    traced: Traced
    effects: Sequence[Finding] = field(default=())


@dataclass(frozen=True)
class BriefScope:
    """The posts that a brief is about, read once for all of its findings.

    Attributes
    ----------
    ctx : RunContext
        The run.
    now : Situation
        What the stages have computed.
    first_post : pandas.Timestamp or None
        The first post that states a claim, once the claims are known: see :meth:`beginning`.
    """

    ctx: RunContext
    now: Situation
    first_post: pd.Timestamp | None = None

    def beginning(self, first_posts: pd.Series) -> BriefScope:
        """The posts since the incident began, where those of its lead-in were searched for what is claimed.

        Parameters
        ----------
        first_posts : pandas.Series
            When each claim was first stated.

        Returns
        -------
        BriefScope
        """
        return replace(self, first_post=first_posts.min() if len(first_posts) else self.opened)

    @property
    def watch(self) -> Watch:
        """The watch."""
        return self.ctx.watch

    @property
    def row(self) -> dict[str, Any] | None:
        """The INCIDENTS row; None where no incident is reported."""
        return None if self.now.incident is None else dict(self.now.incident)

    @property
    def at(self) -> pd.Timestamp:
        """Judged until."""
        return pd.Timestamp(self.ctx.window.at)

    @cached_property
    def opened(self) -> pd.Timestamp:
        """When the incident was opened; a day before the end where there is none."""
        return self.at - A_DAY if self.row is None else pd.Timestamp(self.row["opened_at"])

    @cached_property
    def since(self) -> pd.Timestamp:
        """Begin of the posts that are read; with the window's begin where that is later."""
        lead_in = self.opened if self.row is None else self.opened - warn.LEAD_IN
        begin = lead_in if self.first_post is None else warn.begins_at(self.opened, self.first_post)
        return max(begin, pd.Timestamp(self.ctx.window.since))

    @cached_property
    def posts(self) -> pa.Table:
        """POSTS of the incident, by time; empty where the window holds none."""
        every = self.now.traced.posts
        inside = pc.and_(
            pc.greater_equal(every["created_at"], pa.scalar(self.since.to_pydatetime(), every["created_at"].type)),
            pc.less(every["created_at"], pa.scalar(self.ctx.window.until, every["created_at"].type)),
        )
        return every.filter(inside).sort_by([("created_at", "ascending"), ("post_id", "ascending")])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Who, where and when of :attr:`posts`, without texts."""
        columns = ["post_id", "account_id", "platform", "created_at", "n_reposts"]
        frame: pd.DataFrame = self.posts.select(columns).to_pandas()
        return frame

    @cached_property
    def labels(self) -> pd.DataFrame:
        """`post_id`, `label`, `value`, `score` of :attr:`posts`."""
        scope: dict[str, Any] = {
            "watch": self.watch.watch,
            "since": self.since.to_pydatetime(),
            "until": self.ctx.window.until,
        }
        rows = self.ctx.lake.sql("LABELS", **scope).project('post_id, label, "value", score')
        frame: pd.DataFrame = rows.to_arrow_table().to_pandas()
        return frame

    @cached_property
    def edges(self) -> pd.DataFrame:
        """`src`, `dst` of the links between posts."""
        frame: pd.DataFrame = self.now.traced.edges.select(["src", "dst"]).to_pandas()
        return frame

    @cached_property
    def ordinary(self) -> list[str]:
        """Texts from before the incident, spread evenly over the time that is stored."""
        every = self.now.traced.posts
        earlier = pc.less(every["created_at"], pa.scalar(self.since.to_pydatetime(), every["created_at"].type))
        texts = pc.drop_null(every.filter(earlier)["text"])
        step = max(1, len(texts) // ORDINARY)
        return [str(t) for t in texts.to_pylist()[::step]]

    def local(self, when: object, form: str = "%Y-%m-%d %H:%M") -> str:
        """A moment in the watch's time zone.

        Parameters
        ----------
        when : object
            What pandas reads as an instant.
        form : str
            As `strftime` takes it.
        """
        return pd.Timestamp(when).tz_convert(self.watch.timezone).strftime(form)  # type: ignore[arg-type]
