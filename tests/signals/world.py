"""Small made-up worlds for the tests of signals: posts with rhythm, labels, accounts, batches."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.signals import Frames

START = datetime(2024, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def watch(**more):
    base = {"watch": "w", "title": {"en": "W"}, "brand": {"names": ["Acme"]}, "window": {"baseline_days": 28}}
    return Watch.model_validate(base | more)


def posts(at: list[datetime] | pd.DatetimeIndex, **columns) -> pa.Table:
    n = len(at)
    if n == 0:
        return empty("POSTS")
    frame = {
        "watch": ["w"] * n,
        "post_id": [f"p:{i}" for i in range(n)],
        "collected_at": list(at),
        "created_at": list(at),
        "platform": ["p"] * n,
        "kind": ["post"] * n,
        "account_id": [f"p:a{i % 50}" for i in range(n)],
        "text": ["Acme again"] * n,
    }
    return conform(pd.DataFrame(frame | columns), "POSTS")


def sentiment(of: pa.Table, p_negative) -> pd.DataFrame | pa.Table:
    n = of.num_rows
    if n == 0:
        return empty("LABELS")
    return pd.DataFrame(
        {
            "watch": ["w"] * n,
            "post_id": of.column("post_id").to_pylist(),
            "label": ["sentiment"] * n,
            "model": ["m@1"] * n,
            "at": of.column("created_at").to_pandas(),
            "created_at": of.column("created_at").to_pandas(),
            "value": ["negative"] * n,
            "p": [0.9] * n,
            "score": np.broadcast_to(p_negative, n),
        }
    )


def batch(since: datetime, until: datetime, *, gaps=(), source="s", ok=True, n=0) -> dict:
    return {
        "batch_id": f"{source}{since.isoformat()}{n}",
        "at": until,
        "watch": "w",
        "source": source,
        "since": since,
        "until": until,
        "gaps": json.dumps([[a.isoformat(), b.isoformat()] for a, b in gaps]),
        "ok": ok,
    }


def frames(**tables) -> Frames:
    """Lazy frames on DuckDB, each on a connection of its own, as the lake gives them."""
    lazy = {}
    for name, rows in tables.items():
        if rows is None:
            continue
        kind = "POSTS" if name == "observations" else name.upper()
        con = duckdb.connect()
        con.execute("SET TimeZone='UTC'")
        con.register("rows", conform(rows if not isinstance(rows, list) else pd.DataFrame(rows), kind))
        lazy[name] = nw.from_native(con.sql("SELECT * FROM rows"))
    return Frames(**lazy)


def rhythm(days: int, rate: float, seed: int = 0) -> list[datetime]:
    """Poisson posts with a daily rhythm."""
    rng = np.random.default_rng(seed)
    hours = np.arange(days * 24)
    n = rng.poisson(rate * (1 + 0.6 * np.sin(2 * np.pi * (hours % 24) / 24)))
    offset = np.repeat(hours, n) * 3600 + rng.uniform(0, 3600, n.sum())
    return [START + timedelta(seconds=float(s)) for s in np.sort(offset)]
