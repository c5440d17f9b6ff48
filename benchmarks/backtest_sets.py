"""Data sets for the backtest, found by their layout: series of signals, events, and what is judged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from benchmarks.harness import folders, say
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.nlp import label
from crisislib.signals import Frames, compute, expect
from crisislib.warn import Event, Panel, signals_panel

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
TEXTS = ("text", "content", "comment_text")
TIMES = ("created", "created_at", "date", "time")
ENTITIES = (2, 20)
"""How many different values a column that names the brand may have."""


@dataclass(frozen=True)
class Replay:
    """One set to replay.

    Attributes
    ----------
    name : str
        Folder name.
    panel : Panel
        Its signals.
    events : list of Event
        What should be warned of.
    evaluated : numpy.ndarray
        Windows whose alarms count as false unless they belong to an event.
    earlier : int
        Windows before this one may set thresholds; 0 where they are set on other data.
    """

    name: str
    panel: Panel
    events: list[Event]
    evaluated: Bools
    earlier: int


def listed(data: Path) -> Iterator[Replay]:
    """Hourly heat of brands on a trending list, with labelled bursts."""
    for folder in folders(data, "brand_hourly.csv*", "brand_clusters.csv*", "snapshot_hours.csv*"):
        hourly, bursts, taken = (
            pd.read_csv(next(folder.glob(f"{stem}.csv*")))
            for stem in ("brand_hourly", "brand_clusters", "snapshot_hours")
        )
        yield _listed(folder.name, hourly, bursts, pd.to_datetime(taken.iloc[:, 0]))


def _listed(name: str, hourly: pd.DataFrame, bursts: pd.DataFrame, taken: pd.Series) -> Replay:
    brands = sorted(hourly["brand"].unique())
    at = pd.date_range(taken.min(), taken.max(), freq="h")
    hourly = hourly.assign(ts=pd.to_datetime(hourly["ts"]))
    row, col = pd.Index(brands).get_indexer(pd.Index(hourly["brand"])), at.get_indexer(pd.DatetimeIndex(hourly["ts"]))
    collected = np.isin(at.to_numpy(), taken.to_numpy())
    # The columns of the list as the signals that they are: heat, reads, discussion.
    held = {"heat": "hot_sum", "reach": "read_sum", "engagement": "discuss_sum"}
    kinds = dict.fromkeys(held, "amount")
    value, entries = {}, np.zeros((len(brands), len(at)))
    entries[row, col] = hourly["n_titles"]
    for signal, column in held.items():
        laid = np.zeros((len(brands), len(at)))
        laid[row, col] = hourly[column].fillna(0.0)
        value[signal] = np.where(collected[None, :], laid, np.nan)
    slots = (at.dayofweek.to_numpy() * 24 + at.hour.to_numpy()).astype(np.int64)
    blank = np.full((len(brands), len(at)), np.nan)
    rows: list[list[pd.DataFrame]] = [[] for _ in brands]
    for signal, kind in kinds.items():
        found = expect(kind, value[signal], entries, blank, slots, step_s=3600, first=len(at))
        for i, mine in enumerate(rows):
            columns = {"value": value[signal][i], "expected": found.expected[i], "surprise": found.surprise[i]}
            mine.append(_signals_of(brands[i], signal, at, columns | {"n_posts": entries[i]}))
    panel = signals_panel([pd.concat(mine) for mine in rows])
    evaluated = np.broadcast_to(collected[None, :], panel.index.shape).copy()
    events = []
    for burst in bursts.to_dict("records"):
        i = brands.index(burst["brand"])
        opens, peak, closes = (
            int(at.get_indexer(pd.DatetimeIndex([burst[c]]), method="nearest")[0])
            for c in ("start", "peak_hour", "end")
        )
        if burst["label"] == 1:
            events.append(Event(i, max(opens - 1, 0), peak, closes))
        elif burst["label"] != 0:
            # Mixed or unread: neither right nor wrong.
            evaluated[i, opens : closes + 1] = False
    evaluated[:, : 14 * 24] = False
    return Replay(name, panel, events, evaluated, len(at) // 2)


def _signals_of(brand: str, signal: str, at: pd.DatetimeIndex, columns: dict[str, Floats]) -> pd.DataFrame:
    """Rows of SIGNALS."""
    return pd.DataFrame({"watch": brand, "signal": signal, "at": at.tz_localize("UTC"), "step_s": 3600, **columns})


def written(data: Path, models: Path | None) -> Iterator[Replay]:
    """Dated texts about some brands: they walk through the labellers and the signals as users' posts do."""
    for folder in folders(data, "*.csv*"):
        for file in sorted(folder.glob("*.csv*")):
            head = pd.read_csv(file, nrows=2000)
            text, time = _first(head, TEXTS), _first(head, TIMES)
            skip = _labels_of(folder)
            whole = pd.read_csv(file) if text and time else head
            entity = _entity(whole, skip) if text and time else None
            if text and time and entity:
                say(f"{folder.name}: {len(whole)} texts in {file.name}, by {entity!r}, at {time!r}")
                found = _written(folder.name, whole, text, time, entity, models)
                if found is not None:
                    yield found


def _first(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in frame.columns), None)


def _labels_of(folder: Path) -> set[str]:
    about = folder / "eval.json"
    return {json.loads(about.read_text(encoding="utf-8")).get("label", "")} if about.is_file() else set()


def _entity(frame: pd.DataFrame, skip: set[str]) -> str | None:
    """The column that names the brand: words, never empty, few different values, not what is to be judged."""
    for column in frame.columns:
        values = frame[column]
        words = not pd.api.types.is_numeric_dtype(values) and values.notna().all()
        if column not in skip and words and ENTITIES[0] <= values.nunique() <= ENTITIES[1]:
            return str(column)
    return None


def _written(name: str, rows: pd.DataFrame, text: str, time: str, entity: str, models: Path | None) -> Replay | None:
    at = pd.to_datetime(rows[time], errors="coerce", utc=True)
    rows = rows.assign(at=at.astype("datetime64[us, UTC]"), words=rows[text].fillna("").astype(str)).dropna(
        subset=["at"]
    )
    daily = bool((rows["at"] == rows["at"].dt.normalize()).all())
    step = 1440 if daily else 60
    first, last = rows["at"].min().floor("D"), rows["at"].max().floor("D") + pd.Timedelta(days=1)
    frames, events = [], []
    for i, (brand, mine) in enumerate(rows.groupby(entity)):
        watch = _watch(str(brand), step)
        posts = _posts(mine, watch)
        found = _signals(posts, watch, first, last, models)
        frames.append(found)
        event = _worst(found, i, step)
        if event is not None:
            events.append(event)
    panel = signals_panel(frames)
    evaluated = np.ones(panel.index.shape, dtype=bool)
    evaluated[:, :24] = False
    return Replay(name, panel, events, evaluated, 0) if events else None


def _watch(brand: str, step: int) -> Watch:
    return Watch.model_validate(
        {
            "watch": "w",
            "title": {"en": brand},
            "brand": {"names": [brand]},
            "window": {"step_minutes": step, "baseline_days": 400},
        }
    )


def _posts(rows: pd.DataFrame, watch: Watch) -> pa.Table:
    made = pd.DataFrame(
        {
            "watch": watch.watch,
            "post_id": [f"row:{i}" for i in rows.index],
            "collected_at": rows["at"],
            "platform": "file",
            "kind": "post",
            "created_at": rows["at"],
            "text": rows["words"],
        }
    )
    for given, column in (("retweet_count", "n_reposts"), ("reactions", "n_likes")):
        if given in rows:
            made[column] = rows[given].fillna(0).astype("int64")
    return conform(made.sort_values("created_at"), "POSTS")


def _signals(
    posts: pa.Table, watch: Watch, first: pd.Timestamp, last: pd.Timestamp, models: Path | None
) -> pd.DataFrame:
    import duckdb
    import narwhals as nw

    now = last.to_pydatetime()
    only = ("sentiment", "sensitive", "call_to_action", "complaint")
    labels = label(posts, watch, now=now, models=models, only=only)
    record = pd.DataFrame(
        [{"batch_id": "b", "at": last, "watch": "w", "source": "file", "since": first, "until": last, "ok": True}]
    )
    lazy = {}
    for key, table in (("posts", posts), ("labels", labels), ("batches", conform(record, "BATCHES"))):
        con = duckdb.connect()
        con.execute("SET TimeZone='UTC'")
        con.register("given", table)
        lazy[key] = nw.from_native(con.sql("SELECT * FROM given"))
    found: pd.DataFrame = compute(Frames(**lazy), watch, since=first.to_pydatetime(), until=now, now=now).to_pandas()
    return found


def _worst(signals: pd.DataFrame, series: int, step: int) -> Event | None:
    """The worst stretch of a series without labelled events: the peak of its negative posts over three windows.

    A warning counts from two days (daily windows: two weeks) before the peak.
    """
    both = signals[signals["signal"].isin(("volume", "negative_share"))].pivot(
        index="at", columns="signal", values="value"
    )
    negative = (both["volume"] * both["negative_share"].fillna(0.0)).rolling(3, min_periods=1).mean()
    if not len(negative) or not negative.max() > 0:
        return None
    peak = int(np.argmax(negative.to_numpy()))
    reach = int(timedelta(days=2 if step == 60 else 14) / timedelta(minutes=step))
    return Event(series, max(peak - reach, 0), peak, min(peak + reach, len(negative) - 1))
