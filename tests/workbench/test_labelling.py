"""Labelling: what is shown, going back, writing in batches, who gave it, and old reports that stay as they were."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from crisislib.core.errors import InputError
from crisislib.engine import Home
from crisislib.engine.analyst_labels import add_labels, take_labels, teach, to_label
from crisislib.engine.label_counts import count_labels
from crisislib.workbench import Workbench
from crisislib.workbench.labelling.labelling_session import BATCH, Session
from crisislib.workbench.labelling.post_card import marked, post_html
from crisislib.workbench.labelling.queue_widget import Queue
from tests.support.filled import HOSTILE, NOW, fill, tell, vary, write_watch

LATER = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    root = tmp_path_factory.mktemp("filled")
    lake = fill(root / "lake", n=600)
    write_watch(root / "watches", language="en")
    vary(lake)
    return root


@pytest.fixture
def home(filled, tmp_path):
    """A copy of its own of a lake that is filled once."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports")


def opened(home, **more):
    return Workbench.open("example", lake=home.lake_root, watches=home.watches, now=NOW, language="en", **more)


def given(home):
    rows = home.lake.read("LABELS", watch="example", present=False)
    return rows[rows["model"] == "analyst"]


def test_the_guess_of_the_model_is_nowhere_to_be_seen(home):
    shown = to_label(home, home.watch("example"), n=20, by="a")
    assert set(shown) == {"post_id", "text", "why", "platform", "created_at"} and len(shown) == 20


def test_labels_are_written_in_batches_with_who_gave_them_and_none_is_lost(home):
    session = Session(home, home.watch("example"), by="Ann", n=20)
    for _ in range(BATCH - 1):
        session.give("negative")
    assert session.waiting == BATCH - 1 and given(home).empty
    session.give("neutral")
    assert session.waiting == 0 and len(given(home)) == BATCH
    session.give("positive")
    session.write()
    rows = given(home)
    assert len(rows) == BATCH + 1 and {json.loads(e)["by"] for e in rows["evidence"]} == {"Ann"}
    assert set(rows["value"]) == {"negative", "neutral", "positive"} and (rows["p"] == 1).all()


def test_going_back_takes_back_what_is_not_written_and_replaces_what_is(home):
    session = Session(home, home.watch("example"), by="Ann", n=20)
    first = session.current["post_id"]
    session.give("negative")
    session.back()
    assert session.waiting == 0 and session.current["post_id"] == first and not session.given
    session.give("negative")
    session.write()
    session.back()
    assert session.given[0] == "negative"  # shown to the analyst, who may replace it
    session.give("positive")
    session.write()
    assert list(given(home).sort_values("at")["value"]) == ["negative", "positive"]
    present = home.lake.read("LABELS", watch="example").query("label == 'sentiment'").set_index("post_id")
    assert present.loc[first, "value"] == "positive" and count_labels(home, home.watch("example")).n == 1


def test_a_skipped_post_has_no_label_and_a_finished_queue_is_written(home):
    session = Session(home, home.watch("example"), by="Ann", n=3)
    session.skip()
    session.give("neutral")
    session.give("neutral")
    assert session.current is None and session.waiting == 0 and len(given(home)) == 2
    session.give("neutral")
    assert len(given(home)) == 2


def test_wrong_labels_are_refused_whole(home, tmp_path):
    watch = home.watch("example")
    rows = pd.DataFrame({"post_id": ["weibo:1", "weibo:2"], "label": ["negative", "angry"]})
    for bad, by in (
        (rows, "a"),
        (rows.assign(label="neutral"), " "),
        (rows.assign(post_id="x' OR 1", label="neutral"), "a"),
    ):
        with pytest.raises(InputError):
            add_labels(home, watch, bad, by=by, now=LATER)
    rows.assign(label=["Negative ", ""]).to_csv(tmp_path / "back.csv", index=False)
    assert "1 label saved" in take_labels(home, watch, tmp_path / "back.csv", by="Bea", now=LATER)
    assert given(home)["value"].tolist() == ["negative"] and count_labels(home, watch).by == {"Bea": 1}


def test_two_analysts_are_both_kept_the_newest_counts_and_agreement_is_said(home):
    watch = home.watch("example")
    ids = [f"weibo:{i}" for i in range(60)]
    first = pd.DataFrame({"post_id": ids, "label": ["negative", "neutral"] * 30})
    add_labels(home, watch, first, by="Ann", now=LATER)
    second = first.iloc[:10].assign(label=["negative", "neutral"] * 4 + ["positive"] * 2)
    add_labels(home, watch, second, by="Bo", now=LATER + timedelta(hours=1))
    held = count_labels(home, watch)
    assert held.n == 60 and held.by == {"Ann": 60, "Bo": 10} and held.of["positive"] == 2 and not held.lacking
    said = opened(home).card().text
    assert "10 posts were labelled by more than one analyst, who agreed in 80% of the pairs of labels (n = 10" in said
    again = to_label(home, watch, n=50, by="Cy")
    assert (again["why"] == "again").sum() == 5 and again["post_id"].is_unique


@pytest.mark.long
def test_an_older_reading_stays_as_it_was_after_relabelling_and_teaching(home):
    watch = home.watch("example")
    crisis = home.lake.read("POSTS", watch="example").query("created_at >= '2026-03-07T07:00Z'")["post_id"].tolist()
    first = pd.DataFrame({"post_id": crisis[:80], "label": ["negative", "neutral"] * 40})
    add_labels(home, watch, first, by="Ann", now=LATER)
    teach(home, watch)
    tell(home.lake, "example", LATER)
    then, data = opened(home), home.lake.versions()
    told = (then.findings("brief").text, then.card().text, then.standing().text, then.charts.sentiment().to_dict())
    add_labels(home, watch, first.assign(label="positive").iloc[:70], by="Bo", now=LATER + timedelta(hours=1))
    teach(home, watch)
    tell(home.lake, "example", LATER + timedelta(hours=1))
    old, new = opened(home, as_of=data), opened(home)
    assert (old.findings("brief").text, old.card().text, old.standing().text, old.charts.sentiment().to_dict()) == told
    assert new.findings("brief").text != told[0] and new.card().text != told[1] and new.standing().text != told[2]
    assert "older state" in old.queue("Ann").html and "older state" not in new.queue("Ann").html


@pytest.mark.long
def test_the_brief_says_whether_labels_checked_its_share(home):
    watch = home.watch("example")
    assert "not checked by labels" in opened(home).findings("brief").text
    ids = home.lake.read("POSTS", watch="example")["post_id"].tolist()
    add_labels(
        home, watch, pd.DataFrame({"post_id": ids[:60], "label": ["negative", "neutral"] * 30}), by="a", now=LATER
    )
    _, lesson = teach(home, watch)
    rows = home.lake.read("LABELS", watch="example").query("label == 'sentiment' and model != 'analyst'")
    home.lake.append("LABELS", rows.assign(model=f"sentiment@{lesson.version}", at=LATER))
    tell(home.lake, "example", LATER)
    assert "corrected by 60 labels" in opened(home).findings("brief").text


def test_without_labels_or_a_person_it_says_how_many_are_needed(home):
    bench = opened(home)
    assert "50 labels are needed" in bench.standing().text and "No model has been taught" in bench.card().text
    for name in ("confusion", "reliability", "corrected"):
        assert "There is no data to draw" in json.dumps(getattr(bench.charts, name)().to_dict())
    shown = bench.queue("Ann", 10)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown and "JupyterLab" in shown["text/html"]


def test_the_buttons_work_and_a_fault_is_told_not_thrown(home, monkeypatch):
    queue = Queue(home, home.watch("example"), language="en", card=list, n=10)
    parts = {type(w).__name__ + str(i): w for i, w in enumerate(queue.widget.children)}
    name, start = parts["HBox0"].children[1], parts["HBox0"].children[2]
    start.click()
    assert queue.session is None and "name" in parts["HTML4"].value
    name.value = "Ann"
    start.click()
    negative, neutral, positive, skip, back = parts["HBox2"].children
    negative.click()
    assert queue.session.given == {0: "negative"} and "1 post is labelled" in parts["HTML5"].value
    skip.click()
    back.click()
    back.click()
    assert "You labelled it negative" in parts["HTML1"].value
    monkeypatch.setattr(
        "crisislib.workbench.labelling.labelling_session.add_labels",
        lambda *a, **k: (_ for _ in ()).throw(InputError("the disk is full", where="lake", do="make room")),
    )
    positive.click()
    assert "the disk is full" in parts["HTML4"].value and queue.session.waiting == 1 and not neutral.disabled


def test_a_hostile_post_is_escaped_its_people_masked_and_the_brand_marked(home):
    watch = home.watch("example")
    post = pd.Series({"text": HOSTILE + " @alice EXAMPLE <b>", "platform": "<x>", "created_at": pd.Timestamp(NOW)})
    html = post_html(post, watch, "en")
    assert "<script" not in html and "<img" not in html and "<b>" not in html and "<x>" not in html
    assert "@a***e" in html and "<mark>EXAMPLE</mark>" in html
    assert marked("a.b axb", ["a.b"]) == "<mark>a.b</mark> axb"
