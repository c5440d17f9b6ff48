"""`crisis export graph`: a file that other tools read, from what a run has traced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from crisislib.lake import Lake
from crisislib.spread import infer_edges
from tests.cli.test_cli import Ran, crisis, place
from tests.spread.samples import NOW, accounts, posts
from tests.spread.test_stories import PEOPLE, TREE

__all__ = ["crisis", "place"]


@pytest.fixture
def lake(place: Path) -> Lake:
    made = Lake(place / "lake")
    table, people = posts([{**row, "watch": "acme"} for row in TREE]), accounts(PEOPLE)
    made.append("POSTS", table)
    made.append("ACCOUNTS", people)
    made.append("EDGES", infer_edges(table, people, watch="acme", now=NOW))
    return made


def test_a_graph_for_gephi(crisis: Callable[..., Ran], place: Path, lake: Lake) -> None:
    told = crisis("export", "graph", "--watch", "acme", "--out", str(place / "story.gexf"))
    assert told.returncode == 0 and "names are masked" in told.stdout
    assert nx.read_gexf(place / "story.gexf").number_of_edges() == len(TREE) - 1


def test_a_table_for_a_spreadsheet(crisis: Callable[..., Ran], place: Path, lake: Lake) -> None:
    told = crisis("export", "graph", "-w", "acme", "-f", "csv", "-o", str(place / "a.csv"), "--root", "weibo:r")
    assert told.returncode == 0
    text = (place / "a.csv").read_text(encoding="utf-8")
    assert text.startswith("\ufeff") and "Ay" not in text  # Excel needs the mark; names stay inside
    assert len(pd.read_csv(place / "a.csv")) == len(TREE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "pdf"], "use one of gexf, graphml, csv, coortweet"),
        (["--root", "weibo:none"], "there is no such post"),
        (["--out", "/nowhere/at/all.gexf"], "choose another file"),
    ],
)
def test_what_cannot_be_is_said(
    crisis: Callable[..., Ran], place: Path, lake: Lake, words: list[str], said: str
) -> None:
    told = crisis("export", "graph", "--watch", "acme", "--out", str(place / "x"), *words)
    assert told.returncode == 2 and said in told.stderr


def test_before_a_run_there_is_nothing(crisis: Callable[..., Ran], place: Path) -> None:
    told = crisis("export", "graph", "--watch", "acme", "--out", str(place / "x"))
    assert told.returncode == 2 and "crisis run" in told.stderr and not (place / "x").exists()
