"""Shares of negative posts, corrected by the analysts' labels as of the version on the desk, always with intervals."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
import pandas as pd

from crisislib.core.errors import ModelError
from crisislib.core.prevalence import Calibration, Share, prevalence
from crisislib.workbench.desk import Desk
from crisislib.workbench.queries import step


def calibration(desk: Desk) -> Calibration | None:
    """What the labels say of the model that made the labels on the desk; None where a general model did.

    The version is read from the rows, not from the newest file: a report over an older state of the data is corrected
    as it was then.
    """
    if "calibration" not in desk.kept:
        desk.kept["calibration"] = _calibration(desk)
    found: Calibration | None = desk.kept["calibration"]
    return found


def _calibration(desk: Desk) -> Calibration | None:
    label = desk.label("sentiment")
    rows = desk.sql(f"SELECT model, count(*) AS n FROM {label} WHERE model <> 'analyst' GROUP BY 1 ORDER BY 2 DESC, 1")
    name = re.escape(desk.watch.watch)
    found = re.search(rf"\+{name}\.(\d+)$", str(rows["model"].iloc[0])) if len(rows) else None
    if found is None:
        return None
    from crisislib.text import calibration as of_version

    try:
        return of_version(desk.watch, desk.lake.artifact(desk.watch.watch, "models", "text"), int(found[1]))
    except ModelError:  # its file is gone: the wide interval of an unchecked model is what is known
        return None


def negative_since(desk: Desk, since: datetime) -> Share:
    """Share of negative posts among the judged ones from an instant on."""
    label = desk.label("sentiment")
    rows = desk.sql(f"SELECT score FROM {label} WHERE created_at >= $since AND score IS NOT NULL", since=since)
    return prevalence(np.clip(rows["score"].to_numpy(dtype=float), 0, 1), calibration(desk))


def negative(desk: Desk) -> pd.DataFrame:
    """Share of negative posts per window: `at`, `share`, `lo`, `hi`, `n`."""
    label = desk.label("sentiment")
    rows = desk.sql(
        f"""SELECT time_bucket(to_seconds({step(desk)}), created_at) AS "at", score
            FROM {label} WHERE score IS NOT NULL ORDER BY 1"""
    )
    at, place = np.unique(rows["at"].to_numpy(), return_inverse=True)
    score = np.clip(rows["score"].to_numpy(dtype=float), 0, 1)
    found = prevalence(score, calibration(desk), window=place.astype(np.int64), n_windows=len(at))
    frame = pd.DataFrame({"at": at, "share": found.value, "lo": found.lo, "hi": found.hi, "n": found.n})
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True))
