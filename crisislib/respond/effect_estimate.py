"""Did a response change anything: an interrupted time series per response, with placebos."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.watch import Watch
from crisislib.respond.decay_forecast import Stretch
from crisislib.respond.effect_findings import COUNTS, TOO_CLOSE, effect_sentences
from crisislib.respond.effect_placebos import MOST_CHANCE, calibrated, difference, placebo_scores
from crisislib.respond.response_kinds import NOT_PUBLIC
from crisislib.respond.usual_course import LEAST, SPAN_AFTER, Course, grid, stretch

_COLUMNS = [
    *("response_id", "kind", "at", "signal", "status", "change", "lo", "hi", "p_placebo", "n_placebo"),
    *("n_before", "n_after", "n_posts"),
    "claimed",
]


def effect(
    signals: pa.Table | pd.DataFrame,
    responses: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    now: datetime,
    since: datetime | None = None,
    names: tuple[str, ...] = ("volume", "negative_index"),
    span: int = SPAN_AFTER,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Estimate what each response changed.

    Parameters
    ----------
    signals : SIGNALS
        Values; where the burst is, is read from the volume.
    responses : RESPONSES
        The response log. Responses that the public does not see (notes to staff, one-to-one replies, letters to
        partners, reports to authorities) neither cut short nor blur the estimate of public ones.
    watch : Watch
        Time zone.
    now : datetime
        Windows after it are not used.
    since : datetime, optional
        Begin of the incident: no window before it counts as the course before the response. When not given, the
        course begins behind the top of the burst in which the response fell, or a day and a half before it in calm
        times.
    names : tuple of str
        Signals to estimate.
    span : int
        Most windows after a response; the next one ends the part after earlier.

    Returns
    -------
    table : pandas.DataFrame
        One row per response and signal. `status` is `estimated`, `too_close` or `too_little`; `change`
        with `lo` and `hi` (95 %) is a ratio minus 1 for counts (of the total after, against the total expected),
        a difference in the signal's unit otherwise; `p_placebo` is null where fewer than 19 placebos were possible.
        `claimed`: the interval excludes no change, and the p-value over the placebos is at most 0.05.
    findings : list of Finding
        A sentence for each that was estimated, and one for all that could not be, see
        :func:`~crisislib.respond.effect_findings.effect_sentences`.

    Notes
    -----
    Interrupted time series (Bernal, Cummins & Gasparrini 2017, doi:10.1093/ije/dyw098) against the forecast of
    :func:`~crisislib.respond.decay_forecast.forecast`, calibrated by placebos in time (Abadie, Diamond & Hainmueller
    2015, doi:10.1111/ajps.12116). It is not proof of cause.
    """
    frame = signals.to_pandas() if isinstance(signals, pa.Table) else signals
    log = (responses.to_pandas() if isinstance(responses, pa.Table) else responses).sort_values("at")
    log = log.drop_duplicates("response_id", keep="last").reset_index(drop=True)
    frame = frame[frame["at"] <= now].sort_values(["at", "made_at"])
    frame = frame.drop_duplicates(["signal", "at"], keep="last")
    rows: list[dict[str, object]] = []
    for name in names:
        estimate = _Estimates(frame, log, name, watch, since, span)
        rows += [estimate.row(place) for place in range(len(log))]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table, effect_sentences(table, watch)


class _Estimates:
    """The estimates of all responses on one signal."""

    def __init__(
        self, frame: pd.DataFrame, log: pd.DataFrame, name: str, watch: Watch, since: datetime | None, span: int
    ) -> None:
        self.log, self.name, self.since, self.span = log, name, since, span
        self.series = frame[frame["signal"] == name]
        self.scores: dict[tuple[int, int, int], np.ndarray] = {}
        if self.series.empty:
            return
        self.step = pd.Timedelta(seconds=int(self.series["step_s"].iloc[0]))
        # the grid begins at a local midnight, so that a row's place in the day and week is its remainder
        begin = pd.Timestamp(self.series["at"].min()).tz_convert(watch.zone).normalize()
        behind = -(-(self.series["at"].min() - begin) // self.step)
        self.first = pd.Timestamp(self.series["at"].min()) - behind * self.step
        windows = int((self.series["at"].max() - self.first) // self.step) + 1
        seconds = int(self.step.total_seconds())
        y, volume, self.posts = (
            grid(part, self.first, seconds, windows)
            for part in (
                self.series,
                frame[frame["signal"] == "volume"],
                self.series.assign(value=self.series["n_posts"].fillna(0)),
            )
        )
        self.course = Course(y, int(pd.Timedelta(days=1) // self.step), name in COUNTS, volume)

    def row(self, place: int) -> dict[str, object]:
        """One response as a row of the table."""
        response = self.log.iloc[place]
        row: dict[str, object] = dict.fromkeys(_COLUMNS, np.nan)
        row |= {"response_id": response["response_id"], "kind": response["kind"], "at": response["at"]}
        row |= {"signal": self.name, "status": "too_little", "n_before": 0, "n_after": 0, "n_posts": 0, "n_placebo": 0}
        row["claimed"] = False
        if self.series.empty:
            return row
        others = self._competing(place)
        if ((others - response["at"]).abs() < TOO_CLOSE * self.step).any():
            return row | {"status": "too_close"}
        # the window in which the response fell is half before and half after it: it belongs to neither
        moment = int((response["at"] - self.first) // self.step), self._after(response["at"])
        edges = [*others[others < response["at"]], *([] if self.since is None else [pd.Timestamp(self.since)])]
        edge = max([self._after(at) for at in edges], default=0)
        ends = [int((at - self.first) // self.step) for at in others[others > response["at"]]]
        n_after = min([self.span, len(self.course.y) - moment[1], *[end - moment[1] for end in ends]])
        if moment[0] < 0 or n_after < 1:
            return row
        part, rose, top = stretch(self.course, moment, edge, n_after)
        row |= {"n_before": len(part.before), "n_after": len(part.after)}
        used = np.r_[self.posts[moment[0] - len(part.before) : moment[0]], self.posts[moment[1] : moment[1] + n_after]]
        row["n_posts"] = int(np.nansum(used))
        if min(len(part.before), len(part.after)) < LEAST:
            return row
        return row | {"status": "estimated"} | self._figures(part, n_after, (rose, top))

    def _figures(self, part: Stretch, n_after: int, burst: tuple[int, int]) -> dict[str, object]:
        """Change, interval and placebos."""
        change, error = difference(part)
        before = int((self.log["at"].min() - self.first) // self.step)
        key = (n_after, *burst)
        if key not in self.scores:
            self.scores[key] = placebo_scores(self.course, n_after, before=before, burst=burst)
        lo, hi, p = calibrated(change, error, self.scores[key])
        if self.name in COUNTS:
            change, lo, hi = (float(np.expm1(v)) for v in (change, lo, hi))
        sure = p is not None and p <= MOST_CHANCE and (lo > 0 or hi < 0)
        figures = {"change": change, "lo": lo, "hi": hi, "p_placebo": np.nan if p is None else p}
        return {**figures, "n_placebo": len(self.scores[key]), "claimed": sure}

    def _competing(self, place: int) -> pd.Series:
        """Times of the other responses that could have changed the same course."""
        others = self.log.drop(index=place)
        if self.log["kind"].iloc[place] not in NOT_PUBLIC:
            others = others[~others["kind"].isin(NOT_PUBLIC)]
        return others["at"]

    def _after(self, at: pd.Timestamp) -> int:
        """First row that begins after a moment."""
        return int((at - self.first) // self.step) + 1
