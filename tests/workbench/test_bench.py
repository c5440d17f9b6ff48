"""The workbench tells what the tables hold, escaped, masked, and pinned to one version."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from crisislib.core.errors import InputError, WatchError
from crisislib.core.finding import Finding
from crisislib.core.ids import mask_mentions
from crisislib.core.phrase import Amount
from crisislib.lake import Lake
from crisislib.workbench import (
    CHART_MIME,
    MANIFEST_MIME,
    Workbench,
    cascade_frames,
    chart_frames,
    finding_cards,
    topic_frames,
)
from crisislib.workbench.display import cell, link, table
from crisislib.workbench.finding_cards import ROOMS
from crisislib.workbench.pages.post_index import Choice, PostIndex
from crisislib.workbench.report_times import parse_as_of
from tests.support.filled import HOSTILE, NOW, fill, posts, write_watch


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    root = tmp_path_factory.mktemp("bench")
    fill(root / "lake")
    write_watch(root / "watches")
    write_watch(root / "watches", "nothing", "en")
    return root


@pytest.fixture(scope="module")
def open_(home):
    def _open(watch="example", **more):
        return Workbench.open(watch, **{"lake": home / "lake", "watches": home / "watches", "now": NOW, **more})

    return _open


@pytest.fixture(scope="module")
def bench(open_):
    return open_(language="en")


def test_an_unknown_watch_names_the_known_ones(open_):
    with pytest.raises(WatchError, match="no watch 'exmaple'") as fault:
        open_("exmaple")
    assert "example" in fault.value.do


@pytest.mark.parametrize("when", ["yesterday", "2026-13-01", "no/such/manifest.json"])
def test_a_time_that_is_none_is_an_error(open_, when):
    with pytest.raises(InputError):
        open_(as_of=when)
    with pytest.raises(InputError):
        open_(since=when)


def test_periods_end_with_the_window_and_show_their_posts(open_):
    week = open_(language="en").periods("week")
    assert "2026-03-02 to 2026-03-08: 1 incident, worst level red" in week.text and "posts behind this (1)" in week.html
    before = open_(language="en", until="2026-03-02")
    assert "2026-03: no incident was recorded" in before.periods("month").text, "the incident came later"
    with pytest.raises(InputError, match="no period"):
        before.periods("fortnight")


def test_a_sentence_over_many_posts_does_not_pass_its_stored_examples_for_all(bench):
    """A run stores some fifty posts of a sentence, and over how many it speaks."""
    posts = list(bench.context.lake.read("POSTS", watch="example")["post_id"].head(50))
    stored = Finding("brief.size", "x", {}, pd.DataFrame(), posts, 5414)
    html = finding_cards.finding_fragment(bench.context, stored).html
    assert "5,414" in html and "(50)" not in html and "50 " not in re.sub(r"<tr.*?</tr>", "", html, flags=re.S)
    whole = finding_cards.finding_fragment(bench.context, replace(stored, n=50)).html
    assert "（50 条）" in whole or "(50)" in whole


def test_a_manifest_is_read_as_versions(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"data": {"POSTS": 3}}), encoding="utf-8")
    assert parse_as_of(path) == parse_as_of('{"POSTS": 3}') == {"POSTS": 3}
    path.write_text(json.dumps({"data": {"POSTS": "x"}}), encoding="utf-8")
    with pytest.raises(InputError, match="no table versions"):
        parse_as_of(path)


@pytest.mark.long
def test_every_number_of_a_bench_comes_from_one_version(tmp_path):
    fill(tmp_path / "lake", n=300)
    write_watch(tmp_path / "watches")
    bench = Workbench.open("example", lake=tmp_path / "lake", watches=tmp_path / "watches", now=NOW)
    more = posts("example", 30, 9).assign(parent_id=None, root_id=None)
    Lake(tmp_path / "lake").append("POSTS", more.assign(post_id="late:" + more["post_id"]))
    assert len(bench.table("POSTS")) == 300
    again = Workbench.open("example", lake=tmp_path / "lake", watches=tmp_path / "watches", now=NOW)
    assert len(again.table("POSTS")) == 330


def test_health_says_what_failed_before_any_number(bench):
    said = bench.health().html
    assert "Failed, silent or never collected: forum feed" in said and "HTTP 503" in said
    assert "1,200 posts from 1 source," in said


def test_no_data_is_said_and_is_not_calm(open_):
    bench = open_("nothing")
    assert "No posts are stored" in bench.health().html
    assert "unknown" in bench.heading("brief").html
    assert "No run has evaluated this watch yet" in bench.findings("brief").html
    for name in ("volume", "signals", "topics", "tree", "loss", "plan", "sources"):
        assert "There is no data to draw" in json.dumps(getattr(bench.charts, name)().to_dict()), name


@pytest.mark.slow
def test_every_picture_draws(bench):
    for name in [n for n in dir(bench.charts) if not n.startswith("_")]:
        assert getattr(bench.charts, name)().to_dict()["title"]["text"]


@pytest.mark.slow
@pytest.mark.parametrize("room", sorted(ROOMS))
@pytest.mark.parametrize("watch", ["example", "nothing"])
def test_every_room_tells_its_findings_in_both_languages(open_, room, watch):
    for language in ("zh", "en"):
        html = open_(watch, language=language).findings(room).html
        assert "cw-" in html and "{" not in html.replace("{}", "") and "<script" not in html


def test_an_unknown_room_names_the_rooms(bench):
    with pytest.raises(InputError, match="no room 'sperad'"):
        bench.findings("sperad")


def test_the_brief_counts_what_the_table_holds(bench, home):
    found = {f.key: f for f in bench.facts("brief")}
    held = posts("example", 1200, 0)
    begins = pd.Timestamp(found["brief.what"].facts["begins_at"])
    assert pd.Timestamp("2026-03-07T01:00Z") <= begins <= pd.Timestamp("2026-03-07T07:00Z"), "the lead-in, the opening"
    assert found["brief.size"].facts["n"] == f"{(held['created_at'] >= begins).sum():,}"
    assert found["brief.risk"].facts["p90"] == Amount(3e6, "CNY")
    assert "3 million CNY" in bench.findings("brief").html
    assert all(f.post_ids for f in found.values() if not f.silent)


def test_evidence_is_escaped_and_masked(bench):
    held = bench.posts()
    mine = held.loc[held["text"] == HOSTILE, "post_id"]
    html = bench.evidence(list(mine)).html
    assert "<script" not in html and "&lt;script&gt;" in html and "private name" not in html and "***" in html


@pytest.mark.parametrize(
    "bad", ["javascript:alert(1)", "data:text/html,x", " JaVaScRiPt:x", "//evil", None, 3.0, "http:"]
)
def test_only_http_addresses_become_links(bad):
    assert "href" not in link(bad, "<x>") and "&lt;x&gt;" in link(bad, "<x>")


def test_links_open_without_telling_where_they_were_clicked():
    made = link('https://a.b/?"><script>', "x")
    assert 'rel="noopener noreferrer nofollow"' in made and "<script" not in made


def test_people_who_are_mentioned_are_masked_but_not_the_brand():
    assert mask_mentions("@alice thanks @Brand", ["brand"]) == "@a***e thanks @Brand"


def test_a_missing_number_is_a_dash_never_zero():
    assert [cell(v) for v in (None, np.nan, pd.NA, pd.NaT)] == ["–"] * 4
    assert cell(0) == "0" and cell("<b>") == "&lt;b&gt;" and cell(1234567) == "1,234,567"
    html = table(pd.DataFrame({"a": [None, 2.0]}), {"a": "A<"})
    assert "–" in html and "A&lt;" in html


def test_a_tree_agrees_with_networkx(bench):
    root = cascade_frames.cascades(bench.context)["root_id"].iloc[0]
    edges = bench.table("EDGES")
    graph = nx.DiGraph(list(zip(edges["src"], edges["dst"], strict=True)))
    below = nx.descendants(graph, root) | {root}
    found = chart_frames.members(bench.context, root)
    assert set(found["post_id"]) == below
    counts = cascade_frames.layers(found).set_index("depth")["n"].to_dict()
    lengths = pd.Series(nx.single_source_shortest_path_length(graph, root))
    assert counts == lengths.value_counts().to_dict()
    people = cascade_frames.key_spreaders(found)
    assert people["n_own"].sum() == len(found) and people["n_through"].max() <= len(found) - 1


@pytest.mark.parametrize("seed", range(6))
def test_what_came_through_an_account_is_the_posts_that_the_list_behind_it_has(seed):
    rng = np.random.default_rng(seed)
    n = 200
    parents = [None, *(f"p{rng.integers(max(0, i - 20), i)}" for i in range(1, n))]
    nodes = pd.DataFrame(
        {"post_id": [f"p{i}" for i in range(n)], "parent_id": parents, "label": "x", "platform": "weibo",
         "account_id": [f"a{k}" for k in rng.integers(0, 12, n)], "ghost": rng.random(n) < 0.1,
         "at": pd.Timestamp("2026-03-01", tz="UTC")}
    )  # fmt: skip
    stored = set(nodes.loc[~nodes["ghost"], "post_id"])
    people = cascade_frames.key_spreaders(nodes).set_index("account_id")["n_through"]
    listed = {name: len(stored & set(cascade_frames.posts_through(nodes, name))) for name in people.index}
    assert people.to_dict() == listed and people.max() > 20


def test_growth_counts_the_newest_day_against_the_day_before(bench):
    found = topic_frames.growth(bench.context).set_index("title")
    labels = bench.labels("topic")
    last = labels["created_at"].max()
    fire = labels[labels["value"] == "fire"]["created_at"]
    day = pd.Timedelta(hours=24)
    assert found.loc["battery fire", "n_now"] == (fire > last - day).sum()
    assert (found["lo"] < found["ratio"]).all() and (found["ratio"] < found["hi"]).all()


def test_filters_are_values_not_code(home):
    index = PostIndex(Lake(home / "lake"), "example")
    assert index.count(Choice(platform="x' OR '1'='1")) == 0
    assert index.count(Choice()) == 1200


def test_a_chart_is_seen_where_no_library_draws_it(bench):
    import altair as alt
    import nbformat
    from nbconvert import HTMLExporter

    made = alt.renderers.get()(bench.charts.topics().to_dict())
    output = nbformat.v4.new_output("display_data", data=made)
    cell = nbformat.v4.new_code_cell("chart", outputs=[output])
    html, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    shown = html.split("<body", 1)[1]
    assert 'src="data:image/png;base64,iVBOR' in shown and len(made["image/png"]) < 200_000


def test_charts_and_manifest_travel_in_their_own_types(bench):
    import altair as alt

    made = alt.renderers.get()(bench.charts.topics().to_dict())
    assert made[CHART_MIME]["$schema"].endswith("v5.json")
    facts = bench.manifest()._repr_mimebundle_()[MANIFEST_MIME]
    assert facts["rows"]["POSTS"] == 1200 and facts["level"] == "orange"
    assert json.loads(json.dumps(facts)) == facts


def test_every_part_of_a_signal_has_words_in_both_languages():
    import yaml

    from crisislib.engine.rendering import KINDS, signal_words
    from crisislib.signals.frame_reading import VOICES
    from crisislib.warn.triggers import TRIGGERS

    lists = resources.files("crisislib.nlp") / "lists"
    read = {f.name: yaml.safe_load(f.read_text(encoding="utf-8")) for f in lists.iterdir() if f.name.endswith(".yml")}
    names = [f"complaint.{kind}" for kind in read["_complaints.yml"]]
    names += [f"sensitive_posts.{s}" for held in read.values() if "subjects" in held for s in held["subjects"]]
    names += [f"trigger.{name}" for name in TRIGGERS]
    names += [f"voice.{who}" for who in (*VOICES, "copy", "outlet")] + [f"kind.{kind}" for kind in KINDS]
    names += ["harm.food_safety.4", "negative_share.hi", "stance.query", "statement.admit", "tone.positive"]
    titles, _ = signal_words(names, "zh")
    assert not [name for name in names if any("a" <= c <= "z" for c in titles[name].replace("AI", ""))], titles


def test_the_picture_of_an_incident_marks_nothing_before_it(tmp_path):
    """An alert of an earlier incident would stretch the axis over days without a line."""
    fill(tmp_path / "lake")
    write_watch(tmp_path / "watches")
    lake = Lake(tmp_path / "lake")
    old = lake.read("ALERTS").head(1)
    back = pd.Timedelta(days=9)
    old = old.assign(alert_id="old", incident_id="old", at=old["at"] - back, made_at=old["made_at"] - back)
    lake.append("ALERTS", pa.Table.from_pandas(old, preserve_index=False).cast(lake.arrow("ALERTS").schema))
    bench = Workbench.open("example", lake=tmp_path / "lake", watches=tmp_path / "watches", now=NOW)
    drawn = bench.charts.around().to_dict()["datasets"].values()
    times = [pd.Timestamp(row["t"]) for rows in drawn for row in rows if row.get("t")]
    assert times and max(times) - min(times) < pd.Timedelta(days=9)


def test_the_path_of_the_largest_story_leads_to_its_busiest_post(bench, open_):
    said = bench.path().html
    assert "Certainty so far" in said and said.count("<tr>") >= 3 and "<script" not in said
    assert "no path to show" in open_("nothing", language="en").path().html
