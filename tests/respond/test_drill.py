"""The simulator: its truth holds in its own data, and the calm twin differs by the crisis only."""

import numpy as np
import pandas as pd
import pytest

import crisislib
from crisislib.core.errors import NotEnoughData, PlaybookError
from crisislib.simulation import made_news, scenario_names, simulate, write_exports


@pytest.fixture(scope="module")
def drill():
    return simulate(seed=3, posts=4000)


@pytest.fixture(scope="module")
def whole(drill):
    truth = drill.truth.posts.rename(columns={"parent_id": "true_parent", "root_id": "true_root", "lang": "true_lang"})
    return drill.posts.to_pandas().merge(truth, on="post_id", validate="one_to_one")


def test_has_the_posts_asked_for(drill):
    assert drill.posts.num_rows == 4000
    assert set(drill.posts["account_id"].to_pylist()) == set(drill.accounts["account_id"].to_pylist())


def test_same_seed_same_drill(drill):
    assert simulate(seed=3, posts=4000).posts.equals(drill.posts)
    assert not simulate(seed=4, posts=4000).posts.equals(drill.posts)


def test_calm_twin_has_exactly_the_ordinary_posts(drill, whole):
    calm = simulate(seed=3, posts=4000, crisis=False)
    ordinary = drill.posts.to_pandas()[~whole["crisis"].to_numpy()].reset_index(drop=True)
    pd.testing.assert_frame_equal(calm.posts.to_pandas(), ordinary)
    assert calm.truth.kind == "none" and calm.responses.num_rows == 0


def test_nothing_of_the_crisis_precedes_its_root(drill, whole):
    crisis = whole[whole["crisis"]]
    first = crisis.sort_values("created_at").iloc[0]
    assert first["post_id"] == drill.truth.root_id
    assert first["created_at"].to_pydatetime() == drill.truth.onset


def test_parents_precede_their_children(whole):
    at = whole.set_index("post_id")["created_at"]
    child = whole[whole["true_parent"].notna()]
    assert (at[child["true_parent"]].to_numpy() <= child["created_at"].to_numpy()).all()


def test_weibo_reposts_hide_their_parent_but_name_it_in_the_chain(drill, whole):
    reposts = whole[(whole["platform"] == "weibo") & (whole["kind"] == "repost") & whole["crisis"]]
    assert reposts["parent_id"].isna().all() and reposts["root_id"].notna().all()
    names = drill.accounts.to_pandas().set_index("account_id")["name"]
    author = whole.set_index("post_id")["account_id"]
    deep = reposts[reposts["true_parent"] != reposts["true_root"]]
    named = "//@" + names[author[deep["true_parent"]]].to_numpy(dtype=object) + ":"
    hits = [name in text for name, text in zip(named, deep["text"], strict=True)]
    assert len(deep) > 30 and np.mean(hits) > 0.98


def test_explicit_parents_elsewhere(whole):
    child = whole[(whole["platform"] == "x") & whole["true_parent"].notna()]
    assert (child["parent_id"] == child["true_parent"]).all()


def test_group_shares_the_same_words_within_seconds(drill, whole):
    group = whole[whole["role"] == "coordinated"]
    assert set(group["account_id"]) <= set(drill.truth.coordinated)
    link = group["text"].str.extract(r"(https://clip\S+)", expand=False)
    bursts = group.groupby(link)["created_at"].agg(["min", "max", "size"])
    assert len(bursts) >= 8 and (bursts["size"] >= 3).all()
    assert ((bursts["max"] - bursts["min"]).dt.total_seconds() < 60).all()
    assert group.groupby(link)["account_id"].nunique().mean() > 3


def test_statement_bends_the_curve(drill, whole):
    crisis = whole[whole["crisis"]].set_index("created_at").sort_index()
    moment = pd.Timestamp(drill.truth.statement_at)
    before = crisis[moment - pd.Timedelta("3h") : moment]
    after = crisis[moment + pd.Timedelta("2h") : moment + pd.Timedelta("5h")]
    assert len(after) < 0.6 * len(before)
    assert (after["sentiment"] == "negative").mean() < (before["sentiment"] == "negative").mean() - 0.1


def test_ordinary_talk_has_a_daily_rhythm(whole):
    calm = whole[~whole["crisis"] & (whole["true_lang"] == "zh")]
    by_hour = calm["created_at"].dt.tz_convert("Asia/Shanghai").dt.hour.value_counts()
    assert by_hour.loc[20] > 4 * by_hour.get(4, 0)


@pytest.mark.parametrize("kind", scenario_names())
def test_every_scenario_runs(kind):
    small = simulate(seed=1, posts=700, kind=kind)
    assert small.truth.kind == kind
    assert small.truth.root_id in set(small.posts["post_id"].to_pylist())
    assert not any("{" in text for text in small.posts["text"].to_pylist())


def test_says_what_is_wrong():
    with pytest.raises(NotEnoughData, match="600"):
        simulate(posts=10)
    with pytest.raises(PlaybookError, match="rumour"):
        simulate(posts=1000, kind="volcano")


def test_exports_hold_every_post_in_real_layouts(drill, tmp_path):
    files = {path.name: path for path in write_exports(drill, tmp_path)}
    weibo = pd.read_csv(files["weibo_search.csv"], dtype=str)
    assert list(weibo.columns[:5]) == ["id", "bid", "user_id", "用户昵称", "微博正文"]
    held = drill.posts.to_pandas()
    reposts = held[(held["platform"] == "weibo") & (held["kind"] == "repost")]
    assert weibo["retweet_id"].notna().sum() == len(reposts)
    tweets = pd.read_csv(files["twarc_x.csv"], dtype=str)
    assert len(tweets) == (held["platform"] == "x").sum()
    mentions = pd.read_csv(files["brandwatch_reddit.csv"], dtype=str, header=5)
    assert mentions["Thread Entry Type"].isin(["post", "reply"]).all()
    rows = sum(len(pd.read_csv(f, dtype=str)) for n, f in files.items() if n.endswith(".csv") and "brandwatch" not in n)
    news = files["news.xml"].read_text(encoding="utf-8").count("<item>")
    assert rows + len(mentions) + news == len(held)


def test_news_beyond_what_a_feed_holds_lie_in_a_story_list(drill, tmp_path, monkeypatch):
    monkeypatch.setattr(made_news, "FEED_ITEMS", 10)
    files = {path.name: path for path in write_exports(drill, tmp_path)}
    news = drill.posts.to_pandas().query("platform == 'news'").sort_values(["created_at", "post_id"])
    feed = files["news.xml"].read_text(encoding="utf-8")
    assert feed.count("<item>") == 10 and news["url"].iloc[-1] in feed
    listed = crisislib.read_export(files["mediacloud_news.csv"], drill.watch)
    assert listed.layout == "mediacloud" and sorted(listed.posts["url"]) == sorted(news["url"].iloc[:-10])
