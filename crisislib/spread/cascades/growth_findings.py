"""Findings about growth: whether a story still moves, and when it grew fastest."""

from __future__ import annotations

from datetime import datetime, tzinfo

import numpy as np
import pandas as pd

from crisislib.core.durations import duration
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.spread.cascades import trees
from crisislib.spread.cascades.growth import reproduction_table
from crisislib.spread.post_arrays import SpreadGraph, members

PARENTS = N_("Part of the path is reconstructed; each edge carries how it is known and how often that is right.")
_FEWEST = 5
"""Posts of a span below which its growth is not reported: the ratio of fewer is mostly chance."""


def growth_finding(graph: SpreadGraph, table: pd.DataFrame) -> Finding:
    """Whether a story still grows: posts of the last generation for each of the one before.

    Parameters
    ----------
    graph : SpreadGraph
    table : pandas.DataFrame
        Cascades with `cascade`, `root_id`, `n`, `r_number`, `last_at`, largest first; from
        :func:`crisislib.spread.cascades.trees.table`.

    Returns
    -------
    Finding
        `spread.growth`; silent where no story grows.
    """
    span = duration(trees.generation_us(graph) / 1e6)
    columns = ["root_id", "n", "r_number", "last_at"]
    moving = table[table["r_number"] > 0]
    if not len(moving):
        message = N_(
            "No story was still growing: none had a post in both of the last two spans of {span}. It is over, "
            "or it was not collected."
        )
        facts: dict[str, object] = {"span": span}
        return Finding("spread.growth", message, facts, table[columns].head(20), n=graph.n_posts, silent=True)
    top = moving.iloc[0]
    message = N_(
        "The largest story that is still growing ({n} {n:post|posts}) brought {r} times as many posts in the last "
        "{span} as in the {span} before."
    )
    facts = {"n": int(top["n"]), "r": f"{float(top['r_number']):.1f}", "span": span}
    ids = members(graph, int(top["cascade"]))
    return Finding("spread.growth", message, facts, moving[columns].head(20), ids, int(top["n"]), weight=0.5)


def reproduction_finding(graph: SpreadGraph, table: pd.DataFrame, *, now: datetime, zone: tzinfo) -> Finding:
    """When the largest story grew fastest, and how many each post of that time brought.

    Parameters
    ----------
    graph : SpreadGraph
    table : pandas.DataFrame
        Cascades with `cascade` and `n`, largest first, at least one.
    now : datetime
        The instant up to which growth is measured.
    zone : tzinfo
        In which the time is written.

    Returns
    -------
    Finding
        `spread.reproduction`, with the windows of :func:`~crisislib.spread.cascades.growth.reproduction_table`.
    """
    cascade, generation = int(table.iloc[0]["cascade"]), trees.generation_us(graph)
    until = int(pd.Timestamp(now).value // 1000)
    spans = reproduction_table(graph.forest, graph.at, cascade, generation_us=generation, until=until)
    n, span = int(table.iloc[0]["n"]), duration(generation / 1e6)
    grew = spans[(spans["lo"] > 1) & (spans["n"] >= _FEWEST)]
    if not len(grew):
        message = N_(
            "The largest story did not grow for certain from one span of {span} to the next: it came at once, "
            "or in single posts."
        )
        ids = members(graph, cascade)
        return Finding("spread.reproduction", message, {"span": span}, spans, ids, n, (PARENTS,), 0.1)
    top = grew.sort_values("lo", kind="stable").iloc[-1]
    message = N_(
        "The largest story grew fastest from {at} on: {r} times as many posts in {span} as in the {span} before "
        "(80%: {lo} to {hi}). On average, each post of that time was passed on {case} times."
    )
    facts = {"at": f"{top['at'].tz_convert(zone):%Y-%m-%d %H:%M}", "span": span}
    facts |= {name: f"{float(top[column]):.1f}" for name, column in _FACTS.items()}
    begin = int(top["at"].value // 1000)
    inside = (
        (graph.forest.cascade == cascade) & (graph.at >= begin) & (graph.at < begin + generation) & ~graph.placeholder
    )
    ids = graph.names(np.flatnonzero(inside)[:50])
    return Finding("spread.reproduction", message, facts, spans, ids, n, (PARENTS,), 0.3)


_FACTS = {"r": "r_growth", "lo": "lo", "hi": "hi", "case": "r_case"}
"""Place of the sentence -> column of the table."""
