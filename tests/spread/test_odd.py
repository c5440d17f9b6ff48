"""Whatever is held, the doors of the room answer: edges, cascades, groups, findings, forecast, rumour score."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings

from crisislib import spread
from crisislib.core.finding import Finding
from crisislib.core.tables import empty
from tests.spread.samples import NOW
from tests.support.odd_posts import WATCH, accounts, chain_of, posts, quotes


def check(told: list[Finding], held: pa.Table) -> None:
    """Every sentence is whole in both languages, and leads to posts that are held."""
    ids = set(held["post_id"].to_pylist())
    assert told
    for finding in told:
        for language in ("zh", "en"):
            said = " ".join([finding.render(language), *finding.caveats(language)])
            assert "{" not in said and "nan" not in said.lower().split() and "NaT" not in said, finding.key
        assert set(finding.post_ids) <= ids, finding.key


def through_the_doors(held: pa.Table, people: pa.Table) -> pd.DataFrame:
    """Edges, cascades, groups and findings of some posts; returns the cascades."""
    links = spread.infer_edges(held, people, watch=WATCH, now=NOW)
    trees = spread.measure_cascades(held, links, people, watch=WATCH, now=NOW).to_pandas()
    groups = spread.detect_coordination(held, watch=WATCH, now=NOW)
    check(spread.findings(held, links, people, groups, now=NOW), held)
    assert (trees["n"] > 0).all() and (trees["n"] + trees["n_ghost"] > 1).all()
    span = (trees["last_at"] - trees["started_at"]).dt.total_seconds()
    assert (trees["half_s"].isna() | (trees["half_s"].between(0, span.fillna(-1)))).all()
    for root in trees["root_id"][:2]:
        nodes = spread.nodes(held, links, root)
        assert nodes["post_id"].is_unique and nodes["parent_id"].isna().tolist() == (nodes["layer"] == 0).tolist()
        steps = spread.path(held, links, nodes["post_id"].iloc[-1])
        assert steps["post_id"].iloc[0] == root
        for form in spread.EXPORTS.keys() - {"coortweet"}:
            assert spread.export_graph(form, held, links, people, root_id=root)
    return trees


@pytest.mark.long
@given(posts(), accounts())
@settings(max_examples=25)
def test_every_door_answers_over_odd_posts(held, people):
    through_the_doors(held, people)


@given(posts(), accounts())
@settings(max_examples=15)
def test_what_lies_ahead_of_odd_posts(held, people):
    links = spread.infer_edges(held, people, watch=WATCH, now=NOW)
    ahead = spread.forecast_stories(held, links, people, watch=WATCH, now=NOW)
    rumours = spread.rumour_score(held, links, people, watch=WATCH, now=NOW)
    check([*ahead.findings, *rumours.findings], held)
    assert ahead.table["root_id"].is_unique and rumours.table["root_id"].is_unique


@pytest.mark.parametrize("n", [1, 2, 30])
def test_people_who_are_known_only_through_others(n):
    """Every post quotes somebody who is not held: all that lies above them are placeholders."""
    held = quotes(n)
    trees = through_the_doors(held, empty("ACCOUNTS"))
    assert trees[["n", "n_ghost"]].to_numpy().tolist() == [[n, 3]]
    links = spread.infer_edges(held, empty("ACCOUNTS"), watch=WATCH, now=NOW).to_pandas()
    # A window over the time of the posts holds the whole tree: who is not held has the time of the earliest below.
    assert links["at"].notna().all() and links["lag_s"].isna().all()
    assert links[links["post_id"].isna()]["at"].unique().tolist() == [links["at"].min()]


@pytest.mark.long
def test_a_very_long_chain():
    held = chain_of(3000)
    trees = through_the_doors(held, empty("ACCOUNTS"))
    assert trees[["n", "depth"]].to_numpy().tolist() == [[3000, 2999]]


def test_a_post_that_quotes_a_very_long_chain():
    held = quotes(2, depth=200)
    assert through_the_doors(held, empty("ACCOUNTS"))["n"].tolist() == [2]
