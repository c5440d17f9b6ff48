"""The spread and topics notebooks over odd lakes: every piece is drawn, whatever the largest story holds."""

from __future__ import annotations

import re
import tempfile
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from crisislib import report
from crisislib.charts import tree
from crisislib.core.tables import empty
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.enrich import complete_labels
from crisislib.engine.findings import finding_rows
from crisislib.engine.home import Home
from crisislib.engine.trace import topics, trace
from crisislib.workbench import Workbench
from tests.notebooks.test_rules import ROOT, codes
from tests.spread.samples import NOW, START
from tests.support.filled import write_watch
from tests.support.odd_posts import accounts, posts, quotes


def traced(root: Path, held: pa.Table, people: pa.Table) -> Home:
    """A lake with some posts, labelled and traced as a run does, and what it tells."""
    write_watch(root / "watches", "w")
    home = Home.here(lake=root / "lake", watches=root / "watches", reports=root / "reports")
    home.lake.append("POSTS", held)
    home.lake.append("ACCOUNTS", people)
    ctx = RunContext(home, home.watch("w"), RunWindow(START - timedelta(days=1), NOW, NOW, NOW), "run-1")
    if held.num_rows:
        ctx.append("LABELS", complete_labels(home, ctx.watch, home.lake.arrow("POSTS"), now=NOW))
    told = [*topics(ctx), *trace(ctx).findings]
    ctx.append("FINDINGS", finding_rows(ctx, told, at=NOW))
    return home


def opened(home: Home) -> Workbench:
    return Workbench.open("w", lake=home.lake_root, watches=home.watches, now=NOW)


def run_cells(notebook: str, bench: Workbench) -> list[str]:
    """Every piece of a notebook over an open workbench; what the pieces show."""
    shown = []
    for source in codes(ROOT / f"{notebook}.ipynb"):
        if source.startswith("bench.") and "manifest" not in source:
            piece = eval(source, {"bench": bench, "root": "", "hours": 24.0})
            shown.append(str(piece.to_dict()) if hasattr(piece, "to_dict") else piece.html)
    return shown


@pytest.mark.long
@given(posts(), accounts())
@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
def test_every_piece_is_drawn_over_odd_posts(held, people):
    with tempfile.TemporaryDirectory() as folder:
        bench = opened(traced(Path(folder), held, people))
        for notebook in ("spread", "topics"):
            assert all(run_cells(notebook, bench))


def test_a_tree_of_placeholders_is_drawn_whole(tmp_path):
    bench = opened(traced(tmp_path, quotes(12), empty("ACCOUNTS")))
    drawn, layers = bench.charts.tree().to_dict(), bench.charts.layers().to_dict()
    assert re.search(r"15 (posts|条)", str(drawn["title"]))
    assert "12" in str(layers)


def test_edges_of_two_runs_that_contradict_each_other_still_give_a_tree(tmp_path):
    """Each of two placeholders was once thought to come from the other: one edge counts, and no circle is left."""
    home = traced(tmp_path, quotes(12), empty("ACCOUNTS"))
    held = home.lake.read("EDGES")
    top = held[~held["src"].isin(held["dst"])]
    turned = top.assign(src=top["dst"], dst=top["src"], made_at=pd.Timestamp(NOW) + pd.Timedelta("1h"))
    home.lake.append("EDGES", turned)
    bench = opened(home)
    title = str(bench.charts.tree().to_dict()["title"])
    assert re.search(r"15 (posts|条)", title), title


def test_circles_that_hang_on_nothing_are_said_not_drawn(tmp_path):
    home = traced(tmp_path, quotes(12), empty("ACCOUNTS"))
    nodes = pd.DataFrame({"post_id": ["a", "b"], "parent_id": ["b", "a"], "at": pd.Timestamp(NOW), "label": ""})
    assert "no data" in str(tree(nodes=nodes, language="en").to_dict())
    assert opened(home).charts.spreaders()


@pytest.mark.long
def test_the_report_of_placeholders_is_made(tmp_path):
    home = traced(tmp_path, quotes(12), empty("ACCOUNTS"))
    folders = {"lake_root": home.lake_root, "watches_root": home.watches, "out_root": home.reports}
    made = report.run("spread", "w", now=NOW, **folders)
    assert made.ok and made.html.exists()
