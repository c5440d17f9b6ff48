"""Data health: what was collected, from where, how fresh, and what is missing. Shown before any number."""

from __future__ import annotations

from html import escape

import pandas as pd

from crisislib.core.durations import duration
from crisislib.core.i18n import N_, tr
from crisislib.engine.data_health import STATES, collected_spans
from crisislib.workbench.display import Fragment, table
from crisislib.workbench.report_context import ReportContext

SOURCES = N_("sources ({n})")
EVERY = N_("asked every {span}")
LIMIT = N_("silent after {span}")
USUAL = N_("something new every {span}")
COLUMNS = {
    "source": N_("Source"),
    "state": N_("State"),
    "rhythm": N_("Rhythm"),
    "n": N_("Posts"),
    "newest": N_("Newest post"),
    "last": N_("Last collected"),
    "n_rejected": N_("Rejected rows"),
    "warnings": N_("Warnings"),
}


def coverage(context: ReportContext) -> pd.DataFrame:
    """Spans of collection per source for the picture.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        One row a source and span, see :func:`crisislib.engine.data_health.collected_spans`; none goes on after the
        moment of the reading, which in a demonstration lies before that of the collection.
    """
    spans, now = collected_spans(context.relation("BATCHES")), pd.Timestamp(context.now)
    spans = spans[spans["at"] < now]
    return spans.assign(until=spans["until"].where(spans["until"] < now, now))


def health(context: ReportContext) -> Fragment:
    """Sentences and the table of sources.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    Fragment
        Unfolded where something is missing.
    """
    found, language = context.health, context.language
    rows = found.sources
    worst = "good" if found.n and not found.bad else "bad"
    words = "".join(f"<p>{escape(line)}</p>" for line in found.lines(language))
    shown = rows.assign(
        state=[tr(STATES[s], language) for s in rows["state"]],
        rhythm=[_rhythm(e, u, s, language) for e, u, s in rows[["every", "usual", "limit"]].to_numpy(dtype=float)],
        newest=rows["newest"].dt.tz_convert(context.zone) if len(rows) else rows["newest"],
        last=rows["last"].dt.tz_convert(context.zone) if len(rows) else rows["last"],
    )
    heads = {c: tr(h, language) for c, h in COLUMNS.items()}
    listed = table(shown, heads) if len(shown) else ""
    # All well: folded, so that a brief stays brief. Something missing: open, for nobody should overlook it.
    state = " open" if worst == "bad" else ""
    inner = f"<details{state}><summary>{escape(tr(SOURCES, language, n=len(shown)))}</summary>{listed}</details>"
    return Fragment(f'<div class="cw-health {worst}">{words}{inner}</div>')


def _rhythm(every: float, usual: float, limit: float, language: str) -> str:
    """How often a source is asked, usually has something new, and when it counts as silent; empty for files."""
    parts = ((EVERY, every), (USUAL, usual), (LIMIT, limit))
    known = [(words, duration(60 * m)) for words, m in parts if m == m and every == every]
    return "; ".join(tr(words, language, span=long.render(language)) for words, long in known)
