"""Who speaks: own voice, bare reposts and what they are read by, edits that are labelled again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.context import RunWindow
from crisislib.engine.deletions import with_last_text
from crisislib.engine.enrich import complete_labels, unlabelled
from crisislib.engine.voices import voices
from crisislib.nlp.preprocess.repost_text import says_something, split
from crisislib.signals import compute
from tests.monitor.world import home_at
from tests.signals.world import frames

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROWS = (
    ("own", "post", "x:acme", None, "New: Acme tea in spring. Repost to win!"),
    ("draw", "repost", "x:u1", "own", "RT @acme: New: Acme tea in spring. Repost to win!"),
    ("angry", "post", "x:u2", None, "Acme tea made my whole family sick, disgusting, never again"),
    ("bare", "repost", "x:u3", "angry", "转发微博"),
    ("added", "repost", "x:u4", "angry", "Same here, I was sick too //@u2: Acme tea made my whole family sick"),
    ("chain", "post", "x:u5", None, "//@路人甲: Acme tea made me sick, disgusting rubbish"),
)


def posts(rows=ROWS) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["post_id", "kind", "account_id", "parent_id", "text"])
    at = [NOW - timedelta(minutes=50 - i) for i in range(len(made))]
    return made.assign(watch="example", platform="x", collected_at=NOW, created_at=at)


@pytest.fixture
def home(tmp_path: Path):
    home, watch = home_at(tmp_path, None)
    brand = watch.brand.model_copy(update={"names": ["Acme"], "accounts": ["x:acme"]})
    return home, watch.model_copy(update={"brand": brand, "sources": []})


def labelled(home, watch: Watch, rows) -> pd.DataFrame:
    posts = conform(rows.assign(watch=watch.watch), "POSTS")
    home.lake.append("POSTS", posts)
    labels = complete_labels(home, watch, posts, now=NOW)
    home.lake.append("LABELS", labels)
    return labels.to_pandas().set_index(["post_id", "label"])


def test_each_post_has_its_voice(home):
    home, watch = home
    found = voices(home.lake, watch, conform(posts().assign(watch=watch.watch), "POSTS"), now=NOW).labels.to_pandas()
    assert dict(zip(found["post_id"], found["value"], strict=True)) == {
        "own": "own", "draw": "own", "bare": "repost", "added": "original", "chain": "repost",
    }  # fmt: skip


def test_a_bare_repost_takes_the_mood_of_its_source(home):
    found = labelled(*home, posts())["score"]
    assert found["bare", "sentiment"] == found["angry", "sentiment"] > 0.5
    assert found["chain", "sentiment"] > 0.5


def test_a_source_that_only_the_lake_holds_is_found(home):
    rows = posts()
    labelled(*home, rows[rows["post_id"].isin(["own", "angry"])])
    found = labelled(*home, rows[rows["post_id"].isin(["draw", "bare"])])
    assert found["value"]["draw", "voice"] == "own"
    assert found["score"]["bare", "sentiment"] > 0.5


def test_an_edited_post_is_labelled_again_and_what_it_said_before_is_taken_back(home):
    home, watch = home
    before = posts().query("post_id == 'angry'")
    labelled(home, watch, before.assign(text="Acme recall after deaths: 40 people killed, shameful"))
    window = RunWindow(NOW - timedelta(days=1), NOW, NOW, NOW)
    assert unlabelled(home, watch, window).num_rows == 0
    home.lake.append(
        "POSTS", before.assign(watch=watch.watch, text="Acme tea is lovely", collected_at=NOW + timedelta(hours=1))
    )
    again = unlabelled(home, watch, window)
    assert again["text"].to_pylist() == ["Acme tea is lovely"]
    made = complete_labels(home, watch, again, now=NOW + timedelta(hours=1))
    home.lake.append("LABELS", made)
    held = home.lake.read("LABELS", watch=watch.watch).set_index("label")
    assert held["value"]["sentiment"] == "positive"
    assert held["value"][["sensitive.casualties", "harm.casualties"]].isna().all()
    assert unlabelled(home, watch, window).num_rows == 0


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("The claim that Acme kettles contain lead is false. Lab results are public.", "deny"),
        ("网传 Acme 茶含铅并非事实，检测报告已公布", "deny"),
        ("We are sorry: the kettles are recalled", "admit"),
        ("New lids for every Acme kettle in spring", None),
    ],
)
def test_what_the_brand_states_of_a_claim(home, text, states):
    home, watch = home
    rows = posts([("own", "post", "x:acme", None, text)])
    found = voices(home.lake, watch, conform(rows.assign(watch=watch.watch), "POSTS"), now=NOW).labels.to_pandas()
    stated = found[found["label"] == "statement"]["value"].tolist()
    assert stated == ([states] if states else [])


def test_own_voice_is_counted_apart_and_has_no_mood(home):
    home, watch = home
    labels = labelled(home, watch, posts()).reset_index()
    rows = frames(posts=conform(posts().assign(watch=watch.watch), "POSTS"), labels=labels)
    hour = NOW - timedelta(hours=1)
    found = compute(rows, watch, since=hour, until=NOW, now=NOW).to_pandas().set_index("signal")["value"]
    assert found["volume"] == 6
    assert {p: found[f"voice.{p}"] for p in ("original", "own", "repost")} == {"original": 2, "own": 2, "repost": 2}
    assert found["negative_share"] > 0.5
    assert found["authors"] == 4 and found["authors.original"] == 2


@given(st.text(), st.text())
def test_own_words_and_the_words_passed_on_are_parts_of_the_text(own, quoted):
    for text in (f"{own} RT @name: {quoted}", f"{own}//@name: {quoted}", own):
        mine, others, _ = split(text)
        assert mine in text and others in text
        assert not others or says_something(others)


def test_platforms_own_words_say_nothing():
    assert not any(says_something(t) for t in ("转发微博", "Repost", "@friend @other", "[doge] http://t.cn/x1", ""))


def test_a_deleted_post_keeps_its_last_text_and_is_marked(home):
    home, watch = home
    first = posts().query("post_id == 'angry'").assign(watch=watch.watch)
    home.lake.append("POSTS", first)
    later = conform(first.assign(text="[deleted]", collected_at=NOW + timedelta(hours=1)), "POSTS")
    kept, marks = with_last_text(home.lake, watch, later)
    assert kept["text"].to_pylist() == first["text"].tolist()
    assert marks.to_pandas()[["post_id", "label", "value"]].to_numpy().tolist() == [["angry", "deleted", "deleted"]]
    words = ["抱歉，此微博已被作者删除。查看帮助", "This post is unavailable", "[removed]", "They deleted my refund"]
    unknown, marks = with_last_text(home.lake, watch, conform(pd.concat([first.assign(
        post_id=f"p{i}", text=text) for i, text in enumerate(words)]), "POSTS"))  # fmt: skip
    assert unknown["text"].to_pylist() == words and marks["post_id"].to_pylist() == ["p0", "p1", "p2"]
