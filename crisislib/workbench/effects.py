"""Whether the logged responses changed the course, and what would have been expected without them."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.workbench.desk import Desk

AROUND = timedelta(days=4)  # of the series shown on either side of the responses
COLUMNS = ["at", "value", "expected", "lo", "hi", "n_posts"]


def judged(desk: Desk, signal: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Table and findings of the respond room for one signal, or for its own choice; empty without a log."""
    responses = desk.sql('SELECT * FROM responses WHERE "at" <= $now', "RESPONSES", now=desk.now)
    if responses.empty:
        return pd.DataFrame(), []
    from crisislib.respond import effect

    rows = desk.sql("SELECT * FROM signals", "SIGNALS")
    step = rows["step_s"] == desk.watch.window.step_minutes * 60
    if signal:
        return effect(rows[step], responses, desk.spoken, now=desk.now, names=(signal,))
    return effect(rows[step], responses, desk.spoken, now=desk.now)


def effects(desk: Desk) -> list[Finding]:
    """A sentence for each logged response, on volume and on tendency; nothing where none is logged."""
    return judged(desk, "")[1]


def counterfactual(desk: Desk, signal: str) -> pd.DataFrame:
    """A signal around the responses: `at`, `value`, and after an estimated one `expected`, `lo`, `hi` without it.

    Notes
    -----
    What was seen, with the estimated mean change taken out: value / (1 + change) where the respond
    room gives a ratio (counts), value − change where it gives a difference. Responses that could not
    be judged leave the expectation empty.
    """
    from crisislib.respond.effect import COUNTS

    table, _ = judged(desk, signal)
    if table.empty:
        return pd.DataFrame(columns=COLUMNS)
    first, last = table["at"].min() - AROUND, table["at"].max() + AROUND
    rows = desk.sql(
        'SELECT "at", "value", n_posts FROM signals WHERE signal = $signal ORDER BY 1', "SIGNALS", signal=signal
    )
    rows = rows[(rows["at"] >= first) & (rows["at"] <= last)].reset_index(drop=True)
    rows[["expected", "lo", "hi"]] = float("nan")
    for one in table[table["status"] == "estimated"].to_dict("records"):
        after = rows.index[rows["at"] > one["at"]][: int(one["n_after"])]
        value = rows.loc[after, "value"]
        for column, taken in (("expected", "change"), ("lo", "hi"), ("hi", "lo")):
            change = float(one[taken])
            rows.loc[after, column] = value / (1 + change) if signal in COUNTS else value - change
    found: pd.DataFrame = rows[COLUMNS]
    return found
