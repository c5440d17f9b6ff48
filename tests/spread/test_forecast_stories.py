"""Forecasts for a watch: from tables to tables and sentences."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from crisislib.core.i18n import translator
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.spread.forecast import forecast_findings, forecast_stories
from tools.training.hawkes import Stories, simulate

START = pd.Timestamp("2031-03-01T08:00:00Z")
WATCH = Watch.model_validate(
    {"watch": "demo", "title": {"en": "Demo"}, "timezone": "Asia/Shanghai", "brand": {"names": ["Demo"]}}
)


def tables(events, start=START, collected=None):
    """POSTS and EDGES of simulated cascades (stars: the parent of every repost is the root)."""
    roots = [f"x:{i}" for i in events.ids]
    posts = [{"post_id": r, "created_at": start, "kind": "post", "account_id": f"x:a{r}"} for r in roots]
    edges = []
    for j, (o, t) in enumerate(zip(events.owner, events.t, strict=True)):
        at = start + pd.Timedelta(seconds=float(t))
        posts.append({"post_id": f"x:p{j}", "created_at": at, "kind": "repost", "account_id": f"x:b{j}"})
        edges.append({"src": roots[o], "dst": f"x:p{j}", "kind": "repost", "post_id": f"x:p{j}", "at": at})
    frame = pd.DataFrame(posts).assign(watch="demo", platform="x", collected_at=collected or START + timedelta(days=9))
    links = pd.DataFrame(edges).assign(watch="demo", made_at=START, confidence=1.0, method="explicit", lag_s=1.0)
    return conform(frame, "POSTS"), conform(links, "EDGES")


@pytest.fixture(scope="module")
def story():
    return simulate(4, Stories(direct=[150, 60, 3, 40], branching=0.5), seed=21)


@pytest.fixture(scope="module")
def said(story):
    posts, edges = tables(story)
    return forecast_stories(posts, edges, empty("ACCOUNTS"), watch=WATCH, now=START + timedelta(hours=1))


def test_one_row_a_story_and_null_where_too_few(story, said):
    seen = story.count(3600.0)
    table = said.table.set_index("root_id")
    for i, name in enumerate(story.ids):
        row = table.loc[f"x:{name}"]
        assert row["n"] == seen[i] + 1
        assert pd.isna(row["forecast"]) == (seen[i] < 10)
        if seen[i] >= 10:
            assert row["n"] <= row["forecast_lo"] <= row["forecast"] <= row["forecast_hi"]
            assert 0 <= row["saved_lo"] <= row["saved_hi"] <= row["forecast_hi"] - row["n"] + 1
            assert row["hours_above_lo"] <= row["hours_above"] <= row["hours_above_hi"]
            assert row["forecast_method"] == "simulation@1"


def test_the_course_adds_up_to_the_rest(said):
    total = said.curve.groupby("root_id")[["lo", "mid", "hi"]].sum()
    for root, row in said.table.dropna(subset=["forecast"]).set_index("root_id").iterrows():
        assert total.loc[root, "mid"] == pytest.approx(row["forecast"] - row["n"], abs=1e-6)


def test_the_future_is_not_looked_at(story, said):
    posts, edges = tables(story.until(3600.0))
    again = forecast_stories(posts, edges, empty("ACCOUNTS"), watch=WATCH, now=START + timedelta(hours=1))
    pd.testing.assert_frame_equal(again.table, said.table)


def test_silence_after_the_last_collection_is_not_calm(story):
    posts, edges = tables(story.until(3600.0), collected=START + timedelta(hours=1))
    at_once = forecast_stories(posts, edges, empty("ACCOUNTS"), watch=WATCH, now=START + timedelta(hours=1))
    later = forecast_stories(posts, edges, empty("ACCOUNTS"), watch=WATCH, now=START + timedelta(hours=30))
    assert later.table["forecast"].equals(at_once.table["forecast"])
    assert later.table["age_h"].max() == pytest.approx(1.0)


def test_sentences_in_both_languages_with_evidence(said):
    keys = [f.key for f in said.findings]
    assert keys == ["forecast.size", "forecast.peak", "forecast.correction"]
    for finding in said.findings:
        assert len(finding.post_ids) and finding.limits
        assert "{" not in finding.render("en") and finding.render("zh") != finding.render("en")
        assert translator("zh").gettext(finding.message) != finding.message
        for limit in finding.limits:
            assert translator("zh").gettext(limit) != limit


def test_every_peak_sentence_has_its_chinese(said):
    top = said.table.iloc[0]
    for state in ("passed", "possible", "expected"):
        finding = forecast_findings._peak(
            top.copy().replace({top["peak_ahead"]: state}), said.table, [], [], ZoneInfo("Asia/Shanghai")
        )
        assert finding.render("zh") != finding.render("en")


def test_without_cascades_it_says_so():
    found = forecast_stories(empty("POSTS"), empty("EDGES"), empty("ACCOUNTS"), watch=WATCH, now=START)
    assert not len(found.table) and found.findings[0].silent and "10 needed" in found.findings[0].render("en")


@pytest.mark.long
def test_own_history_is_learnt_from(story):
    old = simulate(80, Stories(direct=np.linspace(20, 80, 80), branching=0.3, theta=0.8), seed=22, horizon_s=86400)
    posts, edges = tables(old, collected=START + timedelta(days=20))
    new = simulate(2, Stories(direct=60, branching=0.3, theta=0.8), seed=23, horizon_s=3600)
    new = type(new)(["n0", "n1"], new.offset, new.t, new.depth, new.user, new.audience, new.root_audience, new.clock)
    late = START + timedelta(days=10)
    more, links = tables(new, start=late, collected=late + timedelta(hours=1))
    frame = pd.concat(
        [posts.to_pandas(), more.to_pandas().assign(post_id=lambda d: d["post_id"].str.replace(":p", ":q"))]
    )
    both = pd.concat([edges.to_pandas(), links.to_pandas().assign(dst=lambda d: d["dst"].str.replace(":p", ":q"))])
    said = forecast_stories(
        conform(frame, "POSTS"), conform(both, "EDGES"), empty("ACCOUNTS"), watch=WATCH, now=late + timedelta(hours=1)
    ).table.set_index("root_id")
    assert said.loc["x:n0", "forecast_method"].startswith("history@1")
    assert said.loc["x:n0", "forecast_hi"] < 400  # past stories of this watch stayed small
