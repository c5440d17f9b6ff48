"""Made-up posts for the tests of the spread room."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa

from crisislib.core.tables import conform

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
NOW = START + timedelta(days=2)


def posts(rows: list[dict], platform: str = "weibo") -> pa.Table:
    """POSTS from short rows: id, s (seconds after START), by, and any column of POSTS."""
    made = []
    for row in rows:
        row = dict(row)
        native, s = row.pop("id"), row.pop("s", None)
        home = row.pop("platform", platform)
        full = {
            "watch": "w", "post_id": f"{home}:{native}", "collected_at": row.pop("collected_at", NOW),
            "platform": home, "kind": row.pop("kind", "post"), "account_id": f"{home}:{row.pop('by', native)}",
            "created_at": None if s is None else START + timedelta(seconds=s), "created_precision_s": 1,
        }  # fmt: skip
        for name in ("parent", "root"):
            if row.get(name) is not None:
                full[f"{name}_id"] = f"{home}:{row[name]}"
            row.pop(name, None)
        if "extra" in row:
            full["extra"] = json.dumps(row.pop("extra"), ensure_ascii=False)
        made.append(full | row)
    frame = pd.DataFrame(made) if made else pd.DataFrame(columns=["watch", "post_id", "collected_at"])
    for name in ("created_at", "collected_at"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], utc=True)
    return conform(frame, "POSTS")


def accounts(rows: list[tuple[str, str | None, int | None]], platform: str = "weibo") -> pa.Table:
    """ACCOUNTS from (id, name, followers)."""
    frame = pd.DataFrame(
        [
            {"account_id": f"{platform}:{i}", "seen_at": NOW, "platform": platform, "name": n, "n_followers": f}
            for i, n, f in rows
        ],
        columns=["account_id", "seen_at", "platform", "name", "n_followers"],
    )
    frame["n_followers"] = frame["n_followers"].astype("Int64")
    frame["seen_at"] = pd.to_datetime(frame["seen_at"], utc=True)
    return conform(frame, "ACCOUNTS")
