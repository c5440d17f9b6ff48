"""The charts of how stories spread: trees, layers, reach, platforms, accounts, a correction beside its story."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import altair as alt
import pandas as pd

from crisislib import charts
from crisislib.workbench import (
    cascade_frames,
    chart_frames,
    finding_cards,
    signal_frames,
)
from crisislib.workbench.report_context import ReportContext


class SpreadCharts:
    """The charts of one cascade, and of stories beside each other; each has a method.

    A cascade is named by the post id of its root; without one the largest is drawn.
    """

    def __init__(self, context: ReportContext) -> None:
        self._context = context

    @cached_property
    def _style(self) -> dict[str, Any]:
        return {"language": self._context.language, "zone": self._context.zone}

    @cached_property
    def _root(self) -> str:
        found = cascade_frames.cascades(self._context)
        return "" if found.empty else str(found["root_id"].iloc[0])

    def _members(self, root: str) -> pd.DataFrame:
        wanted = root or self._root
        return (
            chart_frames.members(self._context, wanted)
            if wanted
            else pd.DataFrame(columns=["post_id", "parent_id", "at"])
        )

    def stories(self) -> alt.Chart:
        """Narratives as lines over time."""
        return charts.narratives(stories=chart_frames.stories(self._context), **self._style)

    def tree(self, root: str = "") -> alt.Chart:
        """Propagation tree of one cascade; the largest when none is named.

        Parameters
        ----------
        root : str
            Post id of the root; that of the largest cascade when empty.

        Returns
        -------
        altair.Chart
            Or one that says there are no data.
        """
        return charts.tree(nodes=self._members(root), **self._style)

    def layers(self, root: str = "") -> alt.Chart:
        """Posts per layer of one cascade.

        Parameters and result as for :meth:`tree`.
        """
        return charts.layers(counts=cascade_frames.layers(self._members(root)), language=self._context.language)

    def reach(self, root: str = "") -> alt.Chart:
        """Growth, reach and forecast of one cascade.

        Parameters and result as for :meth:`tree`.
        """
        rows = cascade_frames.cascades(self._context)
        mine = rows[rows["root_id"] == (root or self._root)]
        grown = cascade_frames.growth_curve(
            self._members(root), mine, step_s=signal_frames.window_seconds(self._context)
        )
        return charts.reach(growth=grown, forecast=cascade_frames.forecast(mine), **self._style)

    def reproduction(self) -> alt.Chart:
        """Growth of the largest story from span to span, as the run found it."""
        found = finding_cards.finding_by_key(self._context, "spread", "spread.reproduction")
        return charts.reproduction(spans=pd.DataFrame() if found is None else found.table, **self._style)

    def crossings(self, root: str = "") -> alt.Chart:
        """From platform to platform.

        Parameters and result as for :meth:`tree`.
        """
        return charts.crossings(bridges=cascade_frames.bridges(self._members(root)), **self._style)

    def spreaders(self, root: str = "") -> alt.Chart:
        """Accounts by what came through them, in one cascade.

        Parameters and result as for :meth:`tree`.
        """
        return charts.spreaders(
            people=cascade_frames.key_spreaders(self._members(root)), language=self._context.language
        )

    def race(self) -> alt.Chart:
        """The newest correction against its story, as the last run stored it."""
        stored = finding_cards.finding_by_key(self._context, "spread", "spread.refutation_race")
        rows = pd.DataFrame(columns=["at", "story", "correction"]) if stored is None else stored.table
        return charts.race(race=rows.assign(at=pd.to_datetime(rows["at"], utc=True)), **self._style)
