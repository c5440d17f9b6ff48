"""Data health: what was collected, from where, how fresh, and what is missing. Shown before any number."""

from __future__ import annotations

import json
from html import escape

import numpy as np
import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.core.silence import silent_records
from crisislib.workbench.desk import Desk
from crisislib.workbench.show import Shown, table

NO_DATA = N_("There is no data: this watch holds no posts in the chosen window.")
HOLDS = N_("{n} posts from {sources} source(s); the newest is from {newest} ({hours} hours before this reading).")
FAILED = N_("Failed or silent: {names}. What they would have said is missing below.")
WINDOW = N_("Window: {since} to {until} ({zone}).")
STATES = {
    "ok": N_("collected"),
    "failed": N_("failed"),
    "none": N_("never collected"),
    "quiet": N_("collected, no posts"),
    "silent": N_("answers, nothing new for unusually long"),
}
BAD = ("failed", "none", "silent")
"""States in which a source says nothing of the present."""
SOURCES = N_("sources ({n})")
COLUMNS = {
    "source": N_("Source"),
    "state": N_("State"),
    "n": N_("Posts"),
    "newest": N_("Newest post"),
    "last": N_("Last collected"),
    "n_rejected": N_("Rejected rows"),
    "warnings": N_("Warnings"),
}

_BATCHES = """
SELECT source, max("at") AS last, arg_max(ok, "at") AS ok, sum(n_rejected) AS n_rejected,
       arg_max(warnings, "at") AS warnings, arg_max(coalesce(gaps, ''), "at") AS gaps,
       arg_max(n_read, "at") AS n_read, arg_max(n_duplicate, "at") AS n_duplicate FROM batches GROUP BY source
"""
_POSTS = "SELECT coalesce(source, '?') AS source, count(*) AS n, max(created_at) AS newest FROM posts GROUP BY 1"


def sources(desk: Desk) -> pd.DataFrame:
    """Sources: `source`, `state` (ok, quiet, silent, failed, none), `n`, `newest`, `last`, `n_rejected`, `warnings`."""
    batches = desk.sql(_BATCHES, "BATCHES")
    posts = desk.sql(_POSTS, "POSTS")
    wanted = pd.DataFrame({"source": [s.name or s.source for s in desk.watch.sources]}, dtype="str")
    rows = wanted.merge(posts, how="outer", on="source").merge(batches, how="outer", on="source")
    rows["n"] = rows["n"].fillna(0).astype("int64")
    ran = rows["last"].notna()
    failed = ran & ~rows["ok"].fillna(True).astype(bool)
    rows["state"] = "none"
    rows.loc[ran, "state"] = "quiet"
    rows.loc[rows["n"] > 0, "state"] = "ok"
    rows.loc[ran & silent_records(rows), "state"] = "silent"
    rows.loc[failed, "state"] = "failed"
    rows["warnings"] = rows["warnings"].map(_joined)
    rows = rows.drop(columns=["gaps", "n_read", "n_duplicate"])
    return rows.sort_values(["n", "source"], ascending=[False, True]).reset_index(drop=True)


def _joined(warnings: object) -> str:
    """The warnings of a batch in one line, from the JSON list that it was stored as."""
    if not isinstance(warnings, str) or not warnings.strip():
        return ""
    try:
        held = json.loads(warnings)
    except json.JSONDecodeError:  # stored as plain words
        return warnings
    return "; ".join(map(str, held)) if isinstance(held, list) else str(held)


def coverage(desk: Desk) -> pd.DataFrame:
    """Spans of collection per source for the picture: `source`, `at`, `until`, `state`, `n`."""
    query = """SELECT source, since AS "at", "until", ok, coalesce(n_kept, 0) AS n, n_read, n_duplicate, gaps
               FROM batches
               WHERE since IS NOT NULL AND "until" > since ORDER BY 1, 2"""
    spans = desk.sql(query, "BATCHES")
    known = spans["ok"].fillna(True).astype(bool)
    spans["state"] = np.select([~known, silent_records(spans), spans["n"] > 0], ["failed", "silent", "ok"], "quiet")
    return spans.drop(columns=["ok", "n_read", "n_duplicate", "gaps"])


def sentences(desk: Desk) -> list[str]:
    """Health in words, the worst not left out."""
    rows, language = sources(desk), desk.language
    n = int(rows["n"].sum())
    if n == 0:
        said = [tr(NO_DATA, language)]
    else:
        newest = rows["newest"].max()
        hours = max(0.0, (pd.Timestamp(desk.now) - newest).total_seconds() / 3600)
        local = newest.tz_convert(desk.zone).strftime("%Y-%m-%d %H:%M")
        held = int((rows["n"] > 0).sum())
        said = [tr(HOLDS, language, n=f"{n:,}", sources=held, newest=local, hours=f"{hours:,.0f}")]
    broken = rows[rows["state"].isin(BAD)]["source"]
    if len(broken):
        said.append(tr(FAILED, language, names=", ".join(broken)))
    if desk.since:
        zone = desk.watch.zone
        span = [t.astimezone(zone).strftime("%Y-%m-%d %H:%M") for t in (desk.since, desk.until)]
        said.append(tr(WINDOW, language, since=span[0], until=span[1], zone=desk.zone))
    if desk.watch.notes:
        said.append(desk.watch.notes)
    return said


def health(desk: Desk) -> Shown:
    """Sentences and the table of sources."""
    rows, language = sources(desk), desk.language
    worst = "bad" if rows["state"].isin(BAD).any() or not rows["n"].sum() else "good"
    words = "".join(f"<p>{escape(line)}</p>" for line in sentences(desk))
    shown = rows.assign(
        state=[tr(STATES[s], language) for s in rows["state"]],
        newest=rows["newest"].dt.tz_convert(desk.zone) if len(rows) else rows["newest"],
        last=rows["last"].dt.tz_convert(desk.zone) if len(rows) else rows["last"],
    )
    heads = {c: tr(h, language) for c, h in COLUMNS.items()}
    listed = table(shown, heads) if len(shown) else ""
    # All well: folded, so that a brief stays brief. Something missing: open, for nobody should overlook it.
    state = " open" if worst == "bad" else ""
    inner = f"<details{state}><summary>{escape(tr(SOURCES, language, n=len(shown)))}</summary>{listed}</details>"
    return Shown(f'<div class="cw-health {worst}">{words}{inner}</div>')
