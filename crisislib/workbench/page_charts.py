"""The pictures of a workbench: queries joined to charts, in its language and zone."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import altair as alt
import pandas as pd

from crisislib import charts
from crisislib.core.i18n import tr
from crisislib.engine.effects import counterfactual
from crisislib.engine.rendering import form_word, response_word, signal_words
from crisislib.engine.response_plan import plan_in_words
from crisislib.workbench import backtests, chart_frames, finding_cards, health_lines, incident_tables
from crisislib.workbench.page_text import ALERT
from crisislib.workbench.report_context import Desk


class Pictures:
    """`bench.charts`: every method gives an `altair.Chart`, or one that says there is no data."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @cached_property
    def _look(self) -> dict[str, Any]:
        return {"language": self._desk.language, "zone": self._desk.zone}

    @cached_property
    def _events(self) -> pd.DataFrame:
        found, language = incident_tables.events(self._desk), self._desk.language
        said = [
            tr(ALERT, language, level=charts.level_name(v, language)) if k == "alert" else response_word(v, language)
            for v, k in zip(found["label"], found["kind"], strict=True)
        ]
        return found.assign(label=said)

    @cached_property
    def _root(self) -> str:
        found = chart_frames.cascades(self._desk)
        return "" if found.empty else str(found["root_id"].iloc[0])

    def _members(self, root: str) -> pd.DataFrame:
        wanted = root or self._root
        return (
            chart_frames.members(self._desk, wanted) if wanted else pd.DataFrame(columns=["post_id", "parent_id", "at"])
        )

    def volume(self, signal: str = "volume") -> alt.Chart:
        """One signal over time with its expectation, alerts and responses."""
        rows = chart_frames.signals(self._desk, [signal])
        names, units = signal_words([signal], self._desk.language)
        return charts.volume(signals=rows, events=self._events, name=names[signal], unit=units[signal], **self._look)

    def around(self, incident: str = "", signal: str = "volume") -> alt.Chart:
        """One signal from three days before the incident; like `volume` where there is no incident."""
        row = incident_tables.chosen(self._desk, incident)
        rows, events = chart_frames.signals(self._desk, [signal]), self._events
        if row is not None:
            # What is marked begins with the line: an alert of an earlier incident would stretch the axis over nothing.
            begin = row["opened_at"] - pd.Timedelta(days=3)
            rows, events = rows[rows["at"] >= begin], events[events["at"] >= begin]
        names, units = signal_words([signal], self._desk.language)
        return charts.volume(signals=rows, events=events, name=names[signal], unit=units[signal], **self._look)

    def signals(self, most: int = 12) -> alt.Chart:
        """All signals as small multiples."""
        rows = chart_frames.signals(self._desk)
        names, units = signal_words(sorted(rows["signal"].unique()), self._desk.language)
        return charts.signal_panel(signals=rows, names=names, units=units, most=most, **self._look)

    def levels(self) -> alt.Chart:
        """Levels of the incidents over time."""
        return charts.level_strip(levels=incident_tables.spans(self._desk), **self._look)

    def index(self) -> alt.Chart:
        """What the crisis index is made of now."""
        rows = backtests.contributions(self._desk)
        return charts.waterfall(contributions=rows, language=self._desk.language)

    def sentiment(self) -> alt.Chart:
        """Share of negative posts over time."""
        return charts.sentiment_share(shares=chart_frames.negative(self._desk), events=self._events, **self._look)

    def mood(self) -> alt.Chart:
        """Sentiment classes per platform."""
        return charts.sentiment_classes(classes=chart_frames.mood(self._desk), language=self._desk.language)

    def topics(self) -> alt.Chart:
        """Topics by size."""
        return charts.topic_bars(topics=chart_frames.topics(self._desk), language=self._desk.language)

    def topics_over_time(self) -> alt.Chart:
        """Topics over time."""
        return charts.topics_over_time(counts=chart_frames.topic_counts(self._desk), **self._look)

    def growing(self, hours: float = 24.0) -> alt.Chart:
        """Growth of the topics."""
        return charts.emerging(growth=chart_frames.growth(self._desk, hours=hours), language=self._desk.language)

    def stories(self) -> alt.Chart:
        """Narratives as lines over time."""
        return charts.narratives(stories=chart_frames.stories(self._desk), **self._look)

    def tree(self, root: str = "") -> alt.Chart:
        """Propagation tree of one cascade; the largest when none is named."""
        return charts.tree(nodes=self._members(root), **self._look)

    def layers(self, root: str = "") -> alt.Chart:
        """Posts per layer of one cascade."""
        return charts.layers(counts=chart_frames.layers(self._members(root)), language=self._desk.language)

    def reach(self, root: str = "") -> alt.Chart:
        """Growth, reach and forecast of one cascade."""
        rows = chart_frames.cascades(self._desk)
        mine = rows[rows["root_id"] == (root or self._root)]
        grown = chart_frames.grown(self._members(root), mine, step_s=chart_frames.step(self._desk))
        return charts.reach(growth=grown, forecast=chart_frames.forecast(mine), **self._look)

    def reproduction(self) -> alt.Chart:
        """Growth of the largest story from span to span, as the run found it."""
        found = finding_cards.one(self._desk, "spread", "spread.reproduction")
        return charts.reproduction(spans=pd.DataFrame() if found is None else found.table, **self._look)

    def crossings(self, root: str = "") -> alt.Chart:
        """From platform to platform."""
        return charts.crossings(bridges=chart_frames.bridges(self._members(root)), **self._look)

    def spreaders(self, root: str = "") -> alt.Chart:
        """Accounts by what came through them, in one cascade."""
        return charts.spreaders(people=chart_frames.carriers(self._members(root)), language=self._desk.language)

    def loss(self, incident: str = "") -> alt.Chart:
        """Exceedance curve of the loss."""
        row = incident_tables.risk(self._desk, incident)
        language = self._desk.language
        if row is None:
            return charts.exceedance(curve=pd.DataFrame(columns=["loss", "p"]), language=language)
        quantiles = {k: None if pd.isna(row[f"loss_{k}"]) else float(row[f"loss_{k}"]) for k in ("p50", "p90")}
        curve = chart_frames.parsed(row["curve"], ["loss", "p"])
        return charts.exceedance(curve=curve, currency=row["currency"] or "", language=language, **quantiles)

    def drivers(self, incident: str = "") -> alt.Chart:
        """What the loss hangs on."""
        row = incident_tables.risk(self._desk, incident)
        language = self._desk.language
        if row is None:
            return charts.tornado(drivers=pd.DataFrame(columns=["name", "low", "high"]), base=0.0, language=language)
        drivers = chart_frames.drivers(row["drivers"])
        drivers["name"] = [form_word(n, language) for n in drivers["name"]]
        base = 0.0 if pd.isna(row["loss_mean"]) else float(row["loss_mean"])
        return charts.tornado(drivers=drivers, base=base, currency=row["currency"] or "", language=language)

    def plan(self, incident: str = "") -> alt.Chart:
        """Steps of the playbook against the clock."""
        desk = self._desk
        steps = incident_tables.actions(desk, incident)
        steps = plan_in_words(steps, desk.watch, language=desk.language, now=desk.now, every=True)
        steps = steps[steps["status"] != "na"]  # not to be done, so not against the clock
        return charts.action_clock(actions=steps, now=self._desk.now, **self._look)

    def effect(self, signal: str = "volume") -> alt.Chart:
        """Before and after the first response, against the counterfactual."""
        answers = self._events[self._events["kind"] == "response"]
        desk = self._desk
        series = counterfactual(desk.lake, desk.watch, signal, now=desk.now, as_of=desk.as_of)
        names, units = signal_words([signal], self._desk.language)
        return charts.effect(series=series, responses=answers, name=names[signal], unit=units[signal], **self._look)

    def confusion(self) -> alt.Chart:
        """Analysts' labels against the taught model's answers."""
        from crisislib.workbench.labelling import card

        return charts.confusion(counts=card.confusion(self._desk), language=self._desk.language)

    def reliability(self) -> alt.Chart:
        """The taught model's P(negative) against what analysts labelled."""
        from crisislib.workbench.labelling import card

        return charts.reliability(bins=card.bins(self._desk), language=self._desk.language)

    def corrected(self) -> alt.Chart:
        """Share of negative posts before and after teaching."""
        from crisislib.workbench.labelling import card

        return charts.corrected(shares=card.compared(self._desk), language=self._desk.language)

    def lead_time(self) -> alt.Chart:
        """Hours of warning against false alarms."""
        return charts.lead_time(runs=backtests.runs(self._desk), language=self._desk.language)

    def sources(self) -> alt.Chart:
        """Which source was collected when."""
        return charts.data_health(coverage=health_lines.coverage(self._desk), **self._look)
