"""How much of each window was collected, from the records of the batches: silence is never calm."""

from __future__ import annotations

from datetime import UTC, datetime

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, TypeAdapter, ValidationError

from crisislib.core.errors import TableError
from crisislib.core.i18n import N_
from crisislib.signals.frames import Frames
from crisislib.signals.window_grid import Grid

Floats = npt.NDArray[np.float64]


class _Gap(BaseModel):
    since: datetime
    until: datetime


_GAPS: TypeAdapter[list[tuple[datetime, datetime] | _Gap]] = TypeAdapter(list[tuple[datetime, datetime] | _Gap])


def coverage(frames: Frames, windows: Grid, now: pd.Timestamp) -> Floats:
    """Share of each window that was collected.

    Parameters
    ----------
    frames : Frames
        `batches` tell which spans were asked for and where they have gaps; without a record the
        span between the first and the last post held counts as collected, and nothing after it.
    windows : Grid
        The windows.
    now : pandas.Timestamp
        What lies after it is not collected yet.

    Returns
    -------
    numpy.ndarray
        Float in [0, 1] per window; the mean over the sources that are at work in it, so that one
        dead source of three shows as two thirds.
    """
    spans = _spans(frames)
    if spans.empty:
        first, last = _extent(frames)
        if first is None or last is None:
            return np.zeros(windows.n)
        # The last post's own window counts as collected to its end: the file was cut there.
        end = max(last, _window_end(last, windows))
        return _covered(np.array([[first.timestamp(), min(end, now).timestamp()]]), windows, whole_first=True)
    shares, working = [], []
    for _, mine in spans.groupby("source"):
        good = mine[mine["ok"]][["since", "until"]].to_numpy(dtype=float)
        holes = _still_open(mine)
        good = np.minimum(good, now.timestamp())
        got = _covered(_union(good), windows) - _covered(_union(holes), windows)
        shares.append(np.clip(got, 0.0, 1.0))
        lo, hi = mine["since"].min(), mine["until"].max()
        working.append((windows.edges[1:] > lo) & (windows.edges[:-1] < hi))
    at_work = np.array(working)
    total = at_work.sum(axis=0)
    mean = np.where(at_work, np.array(shares), 0.0).sum(axis=0) / np.maximum(total, 1)
    return np.where(total > 0, mean, 0.0)


def _still_open(mine: pd.DataFrame) -> Floats:
    """Gaps of one source less what a later batch collected after all (catching up after downtime)."""
    good, out = mine[mine["ok"]], []
    for hole in mine[~mine["ok"]].itertuples():
        later = _union(good.loc[good["made"] > hole.made, ["since", "until"]].to_numpy(dtype=float))
        edge = float(hole.since)  # type: ignore[arg-type]
        end = float(hole.until)  # type: ignore[arg-type]
        for lo, hi in later[(later[:, 1] > edge) & (later[:, 0] < end)]:
            if lo > edge:
                out.append((edge, lo))
            edge = max(edge, hi)
        if edge < end:
            out.append((edge, end))
    return np.array(out, dtype=float).reshape(-1, 2)


def _spans(frames: Frames) -> pd.DataFrame:
    """One row per collected span and per gap: source, made, since, until (unix seconds), ok."""
    if frames.batches is None:
        return pd.DataFrame(columns=["source", "made", "since", "until", "ok"])
    chosen = frames.batches.select("source", "at", "since", "until", "gaps", "ok").filter(~nw.col("since").is_null())
    held = chosen.collect("pyarrow").to_native().to_pandas()
    made, since = _seconds(held["at"]), _seconds(held["since"])
    # A span is closed: the post in its last second was collected.
    until = _seconds(held["until"].fillna(held["since"])) + 1
    source, good = held["source"].fillna("").astype(object), held["ok"].fillna(False).astype(bool)
    spans = pd.DataFrame({"source": source, "made": made, "since": since, "until": until, "ok": good})
    gaps = held["gaps"].fillna("").astype(str).str.strip() != ""
    rows = [
        (source, at, lo, hi, False)
        for source, at, written in zip(spans["source"][gaps], spans["made"][gaps], held["gaps"][gaps], strict=True)
        for lo, hi in gap_spans(written)
    ]
    holes = pd.DataFrame(rows, columns=spans.columns)
    return spans if holes.empty else pd.concat([spans, holes], ignore_index=True)


def _seconds(at: pd.Series) -> Floats:
    """Instants as unix seconds."""
    seconds: Floats = at.dt.as_unit("us").astype("int64").to_numpy() / 1e6
    return seconds


def gap_spans(written: str | None) -> list[tuple[float, float]]:
    """The gaps of one batch as unix seconds: JSON of [since, until] pairs or of objects with these keys.

    Parameters
    ----------
    written : str or None
        The column `gaps` of a BATCHES row.

    Returns
    -------
    list of (float, float)
        Since and until, unix seconds; empty where nothing is written.

    Raises
    ------
    TableError
        It is not such JSON.
    """
    if written is None or pd.isna(written) or written.strip() in ("", "[]"):
        return []
    try:
        read = _GAPS.validate_json(written)
    except ValidationError as fault:
        raise TableError(
            N_("gaps {written!r} are not a JSON list of [since, until]"),
            where="BATCHES",
            do=N_("collect again"),
            facts={"written": written[:80]},
        ) from fault
    pairs = [gap if isinstance(gap, tuple) else (gap.since, gap.until) for gap in read]
    return [(_utc(since).timestamp(), _utc(until).timestamp()) for since, until in pairs]


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _extent(frames: Frames) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    both = frames.posts.select(lo=nw.col("created_at").min(), hi=nw.col("created_at").max())
    row = both.collect("pyarrow").to_native().to_pylist()[0]
    if row["lo"] is None:
        return None, None
    return pd.Timestamp(row["lo"]), pd.Timestamp(row["hi"])


def _window_end(at: pd.Timestamp, windows: Grid) -> pd.Timestamp:
    after = int(np.searchsorted(windows.edges, at.timestamp(), side="right"))
    return max(at, pd.Timestamp(windows.edges[min(after, windows.n)], unit="s", tz="UTC"))


def _union(spans: Floats) -> Floats:
    """Overlapping spans joined; shape (k, 2), in order."""
    if len(spans) == 0:
        return np.zeros((0, 2))
    order = spans[np.argsort(spans[:, 0])]
    reach = np.maximum.accumulate(order[:, 1])
    new = np.concatenate([[True], order[1:, 0] > reach[:-1]])
    last = np.concatenate([np.flatnonzero(new)[1:] - 1, [len(order) - 1]])
    return np.column_stack([order[new, 0], reach[last]])


def _covered(spans: Floats, windows: Grid, *, whole_first: bool = False) -> Floats:
    """Share of each window inside some disjoint ordered spans, by the cumulated covered time at its edges."""
    edges = windows.edges
    if len(spans) == 0:
        return np.zeros(windows.n)
    if whole_first:
        first = np.searchsorted(edges, spans[0, 0], side="right") - 1
        spans = spans.copy()
        spans[0, 0] = edges[max(first, 0)] if first < len(edges) else spans[0, 0]
    inside = np.clip(edges[:, None] - spans[None, :, 0], 0.0, (spans[:, 1] - spans[:, 0])[None, :])
    total: Floats = inside.sum(axis=1)
    share: Floats = np.diff(total) / np.diff(edges)
    return share


SILENT_S = 6 * 3600
"""Least length of a silence that can be a hole: shorter ones are nights and lunch breaks."""
EXPECTED = 12.0
"""Posts that the same hours of the days before would have held: a Poisson count of as many is zero once in 160,000."""
SAFETY = 0.5
"""Part of the usual rate that is expected for sure: weekends and seasons are quieter."""
PROFILE_S, PROFILE_LEAST_S = 14 * 86_400, 3 * 86_400
"""What the usual rate of an hour of the day is taken from, and how much of it must have been collected."""


def from_files(frames: Frames) -> bool:
    """Whether all that was collected came in files, whose spans are those of their posts.

    A live source that answered with nothing did answer; whether it is silent is known where it is asked.

    Parameters
    ----------
    frames : Frames
        With `batches` where they are known.
    """
    if frames.batches is None or "file" not in frames.batches.collect_schema().names():
        return False
    rows = frames.batches.select("file", "since").filter(~nw.col("since").is_null()).collect("pyarrow").to_native()
    return bool(rows.num_rows) and rows["file"].null_count == 0


def end_of_files(frames: Frames) -> datetime | None:
    """Where the newest of the files ends that all was collected from: its last window runs no further.

    Parameters
    ----------
    frames : Frames
        With `batches` where they are known.

    Returns
    -------
    datetime or None
        UTC; None where a live source was asked, or nothing is known.
    """
    if not from_files(frames):
        return None
    until = _spans(frames)["until"].max()
    return datetime.fromtimestamp(float(until), UTC)


def holes(counts: Floats, hours: npt.NDArray[np.int64], step_s: int) -> npt.NDArray[np.bool_]:
    """Windows within a silence that is too long for the series: nobody was quiet, nothing was collected.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n,)
        Posts of every window in order, NaN where nothing was collected.
    hours : numpy.ndarray of int, shape (n,)
        Local hour of the day of every window, 0-23.
    step_s : int
        Length of a window, seconds.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
        A silence rests on the days before it only.
    """
    quiet = np.nan_to_num(counts, nan=1.0) == 0.0
    out = np.zeros(len(counts), dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(int)))
    usable = counts.copy()
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if (end - begin) * step_s < SILENT_S:
            continue
        first = max(0, begin - PROFILE_S // step_s)
        past, at = usable[first:begin], hours[first:begin]
        known = np.isfinite(past)
        if known.sum() * step_s < PROFILE_LEAST_S:
            continue
        sums, n = (np.bincount(at[known], weights=w, minlength=24) for w in (past[known], np.ones(int(known.sum()))))
        around = [np.roll(sums, s) for s in (-1, 0, 1)], [np.roll(n, s) for s in (-1, 0, 1)]
        rate = np.sum(around[0], axis=0) / np.maximum(np.sum(around[1], axis=0), 1.0)
        if SAFETY * rate[hours[begin:end]].sum() >= EXPECTED:
            out[begin:end] = True
            usable[begin:end] = np.nan
    return out
