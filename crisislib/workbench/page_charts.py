"""The charts of a workbench: queries joined to chart functions, in its language and zone."""

from __future__ import annotations

from functools import cached_property

import altair as alt
import pandas as pd

from crisislib import charts
from crisislib.core.i18n import tr
from crisislib.engine.plan_in_words import plan_in_words
from crisislib.engine.rendering import form_word, own_indicators, response_word, signal_words
from crisislib.engine.response_effects import counterfactual
from crisislib.workbench import (
    chart_frames,
    decision_tables,
    health_lines,
    incident_tables,
    signal_frames,
    topic_frames,
)
from crisislib.workbench.page_text import ALERT
from crisislib.workbench.spread_page_charts import SpreadCharts


class Charts(SpreadCharts):
    """`workbench.charts`: every method gives an `altair.Chart`, or one that says there is no data."""

    @cached_property
    def _events(self) -> pd.DataFrame:
        found, language = incident_tables.events(self._context), self._context.language
        said = [
            tr(ALERT, language, level=charts.level_name(v, language)) if k == "alert" else response_word(v, language)
            for v, k in zip(found["label"], found["kind"], strict=True)
        ]
        return found.assign(label=said)

    def volume(self, signal: str = "volume") -> alt.Chart:
        """One signal over time with its expectation, alerts and responses.

        Parameters
        ----------
        signal : str
            Name of the signal.

        Returns
        -------
        altair.Chart
            Or one that says there are no data.
        """
        rows = signal_frames.signals(self._context, [signal])
        names, units = signal_words([signal], self._context.language)
        return charts.volume(signals=rows, events=self._events, name=names[signal], unit=units[signal], **self._style)

    def around(self, incident: str = "", signal: str = "volume") -> alt.Chart:
        """One signal from three days before the incident; like `volume` where there is no incident.

        Parameters
        ----------
        incident : str
            Incident id; the one that matters most when empty.
        signal : str
            Name of the signal.

        Returns
        -------
        altair.Chart
            Or one that says there are no data.
        """
        row = incident_tables.chosen(self._context, incident)
        rows, events = signal_frames.signals(self._context, [signal]), self._events
        if row is not None:
            # What is marked begins with the line: an alert of an earlier incident would stretch the axis over nothing.
            begin = row["opened_at"] - pd.Timedelta(days=3)
            rows, events = rows[rows["at"] >= begin], events[events["at"] >= begin]
        names, units = signal_words([signal], self._context.language)
        return charts.volume(signals=rows, events=events, name=names[signal], unit=units[signal], **self._style)

    def signals(self, most: int = 12) -> alt.Chart:
        """Signals as small multiples: the most surprising, and every indicator of the user's own.

        Parameters
        ----------
        most : int
            Signals at most, besides one's own.

        Returns
        -------
        altair.Chart
            Or one that says there are no data.
        """
        rows = signal_frames.signals(self._context)
        names, units = signal_words(sorted(rows["signal"].unique()), self._context.language)
        return charts.signal_panel(
            signals=rows, names=names, units=units, most=most, always=own_indicators(), **self._style
        )

    def levels(self) -> alt.Chart:
        """Levels of the incidents over time."""
        return charts.level_strip(levels=incident_tables.spans(self._context), **self._style)

    def index(self) -> alt.Chart:
        """What the crisis index is made of now."""
        rows = decision_tables.contributions(self._context)
        return charts.waterfall(contributions=rows, language=self._context.language)

    def sentiment(self) -> alt.Chart:
        """Share of negative posts over time."""
        return charts.sentiment_share(shares=signal_frames.negative(self._context), events=self._events, **self._style)

    def mood(self) -> alt.Chart:
        """Sentiment classes per platform."""
        return charts.sentiment_classes(classes=signal_frames.mood(self._context), language=self._context.language)

    def topics(self) -> alt.Chart:
        """Topics by size."""
        return charts.topic_bars(topics=topic_frames.topics(self._context), language=self._context.language)

    def topics_over_time(self) -> alt.Chart:
        """Topics over time."""
        return charts.topics_over_time(counts=topic_frames.topic_counts(self._context), **self._style)

    def growing(self, hours: float = 24.0) -> alt.Chart:
        """Growth of the topics.

        Parameters
        ----------
        hours : float
            Newest hours, against as many before.

        Returns
        -------
        altair.Chart
            Or one that says there are no data.
        """
        return charts.emerging(growth=topic_frames.growth(self._context, hours=hours), language=self._context.language)

    def loss(self, incident: str = "") -> alt.Chart:
        """Exceedance curve of the loss.

        Parameters
        ----------
        incident : str
            Incident id; the newest assessment when empty.

        Returns
        -------
        altair.Chart
            Or one that says there are no data.
        """
        row = incident_tables.risk(self._context, incident)
        language = self._context.language
        if row is None:
            return charts.exceedance(curve=pd.DataFrame(columns=["loss", "p"]), language=language)
        quantiles = {k: None if pd.isna(row[f"loss_{k}"]) else float(row[f"loss_{k}"]) for k in ("p50", "p90")}
        curve = chart_frames.json_frame(row["curve"], ["loss", "p"])
        return charts.exceedance(curve=curve, currency=row["currency"] or "", language=language, **quantiles)

    def drivers(self, incident: str = "") -> alt.Chart:
        """What the loss hangs on.

        Parameters and result as for :meth:`loss`.
        """
        row = incident_tables.risk(self._context, incident)
        language = self._context.language
        if row is None:
            return charts.tornado(drivers=pd.DataFrame(columns=["name", "low", "high"]), base=0.0, language=language)
        drivers = chart_frames.drivers(row["drivers"])
        drivers["name"] = [form_word(n, language) for n in drivers["name"]]
        base = 0.0 if pd.isna(row["loss_mean"]) else float(row["loss_mean"])
        return charts.tornado(drivers=drivers, base=base, currency=row["currency"] or "", language=language)

    def plan(self, incident: str = "") -> alt.Chart:
        """Steps of the playbook against the clock.

        Parameters
        ----------
        incident : str
            Incident id; all plans when empty.

        Returns
        -------
        altair.Chart
            Or one that says there are no data.
        """
        context = self._context
        steps = incident_tables.actions(context, incident)
        steps = plan_in_words(steps, context.watch, language=context.language, now=context.now, every=True)
        steps = steps[steps["status"] != "na"]  # not to be done, so not against the clock
        return charts.action_clock(actions=steps, now=self._context.now, **self._style)

    def effect(self, signal: str = "volume") -> alt.Chart:
        """Before and after the first response, against the counterfactual.

        Parameters
        ----------
        signal : str
            Name of the signal that the response should have changed.

        Returns
        -------
        altair.Chart
            Or one that says there are no data.
        """
        answers = self._events[self._events["kind"] == "response"]
        context = self._context
        series = counterfactual(context.lake, context.watch, signal, now=context.now, as_of=context.as_of)
        names, units = signal_words([signal], self._context.language)
        return charts.effect(series=series, responses=answers, name=names[signal], unit=units[signal], **self._style)

    def confusion(self) -> alt.Chart:
        """Analysts' labels against the taught model's answers."""
        from crisislib.workbench.labelling import card_frames

        return charts.confusion(counts=card_frames.confusion(self._context), language=self._context.language)

    def reliability(self) -> alt.Chart:
        """The taught model's P(negative) against what analysts labelled."""
        from crisislib.workbench.labelling import card_frames

        return charts.reliability(bins=card_frames.bins(self._context), language=self._context.language)

    def corrected(self) -> alt.Chart:
        """Share of negative posts before and after teaching."""
        from crisislib.workbench.labelling import card_frames

        return charts.corrected(shares=card_frames.compared(self._context), language=self._context.language)

    def lead_time(self) -> alt.Chart:
        """Hours of warning against false alarms."""
        return charts.lead_time(runs=decision_tables.runs(self._context), language=self._context.language)

    def sources(self) -> alt.Chart:
        """Which source was collected when."""
        return charts.data_health(coverage=health_lines.coverage(self._context), **self._style)
