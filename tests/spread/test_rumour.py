"""The rumour score on stories whose kind is known because we wrote them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisislib.core.errors import ModelError, NotEnoughData
from crisislib.core.i18n import translator
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.spread.rumour import learn, rumour_score, taught
from crisislib.spread.rumour.ngram_model import learn_text, mask, mask_names
from crisislib.spread.rumour.rumour_findings import CONVENTION, LIKE, OWN, REASONS, SCORE
from crisislib.spread.rumour.rumour_terms import word_lists
from crisislib.spread.rumour.shipped_weights import BY_HAND, shipped
from crisislib.spread.rumour.story_features import PRIOR, reaction_features, reaction_table, source_features
from tools.training.rumour_weights import ORDINARY
from tools.training.rumour_weights import learn as learn_weights

START = pd.Timestamp("2031-03-01T08:00:00Z")
WATCH = Watch.model_validate({"watch": "demo", "title": {"en": "Demo"}, "brand": {"names": ["Demo"]}})
FALSE = (
    "紧急扩散！！！听说工厂出事了，大家小心，赶紧告诉身边的人",
    ["真的假的？求证", "谣言吧，已经辟谣了", "太可怕了"],
)
TRUE = ("本报记者报道：工厂今日公布检查结果 http://example.org/a", ["好的", "支持", "喜欢，加油"])
SHOUT = (
    "URGENT: I heard the plant is poisoned, please share with everyone!!!",
    ["is this true?", "fake, debunked", "source?"],
)


def story(root, text, reactions, *, start=START, step=30.0):
    posts = [{"post_id": f"x:{root}", "created_at": start, "kind": "post", "text": text, "account_id": f"x:a{root}"}]
    edges = []
    for i, said in enumerate(reactions):
        at, name = start + pd.Timedelta(seconds=step * (i + 1)), f"x:{root}r{i}"
        posts.append({"post_id": name, "created_at": at, "kind": "repost", "text": said, "account_id": f"x:b{root}{i}"})
        edges.append({"src": f"x:{root}", "dst": name, "kind": "repost", "post_id": name, "at": at})
    return posts, edges


def tables(*parts):
    posts = pd.DataFrame([row for p, _ in parts for row in p]).assign(
        watch="demo", platform="x", collected_at=START + timedelta(days=9)
    )
    edges = pd.DataFrame([row for _, e in parts for row in e]).assign(
        watch="demo", made_at=START, confidence=1.0, method="explicit", lag_s=1.0
    )
    return conform(posts, "POSTS"), conform(edges, "EDGES"), empty("ACCOUNTS")


@pytest.fixture(scope="module")
def scored():
    parts = [story(n, t, r * 8) for n, (t, r) in {"f": FALSE, "t": TRUE, "s": SHOUT}.items()]
    parts.append(story("silent", None, ["好"]))
    return rumour_score(*tables(*parts), watch=WATCH, now=START + timedelta(hours=1))


def test_rumours_rank_above_reports_in_both_languages(scored):
    p = scored.table.set_index("root_id")["rumour_p"]
    assert p["x:f"] > 0.6 and p["x:s"] > 0.6 and p["x:t"] < 0.2
    assert pd.isna(p["x:silent"])  # no text of the source: no score, not a low one
    assert list(scored.table["root_id"])[-1] == "x:silent"


def test_reasons_lead_back_to_posts(scored):
    row = scored.table.set_index("root_id").loc["x:f"]
    reasons = {r["feature"]: r for r in json.loads(row["reasons"])}
    denial = reasons["re_denial"]
    assert denial["n"] == 24 and denial["hits"] == 8 and denial["share"] == pytest.approx(33.3)
    assert all(i.startswith("x:fr") for i in denial["post_ids"])
    assert row["n_reactions"] == 24 and row["method"] == "weights@1"


def test_score_rises_as_doubt_comes_and_looks_only_back():
    parts = story("f", FALSE[0], FALSE[1] * 20, step=60)
    at = [rumour_score(*tables(parts), watch=WATCH, now=START + timedelta(minutes=m)) for m in (2, 10, 60)]
    p = [one.table["rumour_p"].iloc[0] for one in at]
    assert p[0] < p[1] < p[2]
    early = story("f", FALSE[0], (FALSE[1] * 20)[:10], step=60)
    again = rumour_score(*tables(early), watch=WATCH, now=START + timedelta(minutes=10))
    assert again.table["rumour_p"].iloc[0] == p[1]


def test_sentences_have_chinese_and_evidence(scored):
    assert scored.findings[0].key == "rumour.score" and len(scored.findings) > 1
    for finding in scored.findings:
        assert finding.post_ids and "{" not in finding.render("en") and finding.render("zh") != finding.render("en")
    for message in (*REASONS.values(), SCORE, LIKE, CONVENTION, OWN):
        assert translator("zh").gettext(message) != message


def test_no_stories_says_so():
    found = rumour_score(empty("POSTS"), empty("EDGES"), empty("ACCOUNTS"), watch=WATCH, now=START)
    assert not len(found.table) and found.findings[0].silent


def test_weights_and_lists_are_whole():
    weights = shipped()
    assert set(weights.weight) == set(BY_HAND) == set(REASONS)
    assert {w.name for w in word_lists()} >= {n.split("_", 1)[1] for n in BY_HAND if n.startswith("re_do")}
    # The data moved the weights a little; what we hold for sure kept its sign.
    for name in ("re_denial", "re_doubt", "src_hearsay", "src_forward", "src_sensation"):
        assert weights.weight[name] > 0
    for name in ("src_attributed", "src_links", "re_liking"):
        assert weights.weight[name] < 0


def test_learning_moves_weights_towards_the_labels_and_keeps_the_scale():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(400, len(BY_HAND))), columns=list(BY_HAND))
    y = (
        table["src_digits"]
        if "src_digits" in table
        else table["src_self"]
        if "src_self" in table
        else table["src_cure"]
    ) > 0
    made = learn_weights(table, y, {}, made_of="test", pull=1.0)
    assert made.weight["src_cure"] > BY_HAND["src_cure"] + 0.5
    held = learn_weights(table, y, {}, made_of="test", pull=1e9)
    assert held.weight["src_cure"] == pytest.approx(BY_HAND["src_cure"], abs=1e-3)
    middle = held.predict(pd.DataFrame([table.mean()]))[0]
    assert middle == pytest.approx(ORDINARY, abs=0.01)


def test_reaction_shares_are_shrunk_by_hand():
    hits = reaction_table(pa.array(["真的吗？", "谣言", "转发微博", "//@甲:谣言"]))
    assert hits["re_doubt"].tolist() == [1, 0, 0, 0]
    assert hits["re_denial"].tolist() == [0, 1, 0, 0]  # what others said before is not this person's
    assert hits["re_forward"].tolist() == [0, 0, 0, 0]  # the button's own words are no appeal
    usual = hits.mean().clip(0.05, 0.95)
    made = reaction_features(np.zeros(4, dtype=np.int64), hits, 2, usual)
    share = (1 + PRIOR * usual["re_denial"]) / (4 + PRIOR)
    expected = np.log(share / (1 - share)) - np.log(usual["re_denial"] / (1 - usual["re_denial"]))
    assert made["re_denial"].iloc[0] == pytest.approx(expected)
    assert (made.iloc[1] == 0).all()  # no reactions: as usual


@given(st.lists(st.text(max_size=80), max_size=8))
def test_any_text_is_read(texts):
    table = source_features(pa.array(texts, pa.string()))
    assert len(table) == len(texts) and np.isfinite(table.to_numpy()).all()
    assert len(reaction_table(pa.array(texts, pa.string()))) == len(texts)
    for text in texts:
        assert isinstance(mask(text), str) and isinstance(mask_names(text), str)


def test_masks_take_out_names_numbers_and_links():
    masked = mask_names("李明在北京看了 http://t.cn/abc 2031年 @somebody //@乙:好")
    assert "李明" not in masked and "北京" not in masked and "2031" not in masked and "t.cn" not in masked
    assert "somebody" not in masked


def test_only_ngrams_that_last_are_learnt():
    # "zebra" stands in every positive of the first quarter only; "alert" in positives of all times.
    texts = [("alert zebra" if i < 50 else "alert") if i % 2 else "calm day" for i in range(200)]
    y = np.array([i % 2 for i in range(200)])
    model = learn_text(texts, y, np.ones(200), min_share=0.01, c=1.0)
    words = {w for grams in model.grams.values() for w in grams}
    assert "zebra" not in words and "alert" in words
    assert model.score(["alert"])[0] > model.score(["calm day"])[0]
    assert learn_text(["", "", ""], y[:3], np.ones(3), min_share=0.5, c=1.0).score(["x"])[0] == 0


def test_the_text_model_scores_as_scikit_learn_would():
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    texts = [" ".join(rng.choice(["真的吗", "fake", "news", "no", "谣言", "fine day"], 5)) for _ in range(120)]
    y = np.array([int("fake" in t or "谣言" in t) for t in texts])
    model = learn_text(texts, y, np.ones(120), min_share=0.01, c=2.0)
    parts = [
        CountVectorizer(analyzer=name, ngram_range=(1, 2), vocabulary=grams,
                        token_pattern=r"(?u)\b[a-z][a-z']+\b" if name == "word" else None).fit_transform(texts)
        for name, grams in model.grams.items()
    ]  # fmt: skip
    counts = sparse.hstack(parts).tocsr()
    scale = TfidfTransformer(sublinear_tf=True).fit(counts)
    fitted = LogisticRegression(C=2.0, max_iter=1000).fit(scale.transform(counts), y)
    assert np.allclose(model.score(texts), fitted.decision_function(scale.transform(counts)), atol=1e-6)


BLUE = ("工厂的蓝色样品摆在左边的展台上", ["左边", "蓝的", "嗯"])
RED = ("工厂的红色样品摆在右边的展台上", ["右边", "红的", "嗯"])
"""Kinds that the shipped weights cannot tell apart: no word of theirs stands in them."""


def many(k, pair=(FALSE, TRUE)):
    rng = np.random.default_rng(5)
    parts, labels = [], {}
    for i in range(k):
        false = bool(rng.integers(2))
        text, said = pair[0] if false else pair[1]
        some = [str(s) for s in rng.choice([*said, "嗯", "转发微博"], size=rng.integers(3, 9))]
        parts.append(story(f"k{i}", text, some, start=START + timedelta(hours=i)))
        labels[f"x:k{i}"] = int(false)
    return parts, pd.Series(labels)


@pytest.mark.long
def test_own_labels_are_learnt_stored_and_used(tmp_path):
    parts, labels = many(140, (BLUE, RED))
    posts, edges, accounts = tables(*parts)
    now = START + timedelta(days=8)
    known = labels.iloc[:110]
    lesson = learn(posts, edges, accounts, known, watch=WATCH, now=now, models=tmp_path, ages=(0.0, 3600.0))
    assert (lesson.n, lesson.held_back, lesson.version) == (110, 33, 1)
    assert all(c.auc >= 0.95 > 0.8 > c.shipped_auc for c in lesson.card)
    again = taught(tmp_path)
    assert again is not None and again.card == lesson.card and set(again.models) == {0.0, 3600.0}
    found = [
        rumour_score(posts, edges, accounts, watch=WATCH, now=now, taught=one).table.set_index("root_id")
        for one in (lesson, again)
    ]
    pd.testing.assert_series_equal(found[0]["rumour_p"], found[1]["rumour_p"])
    fresh = labels.iloc[110:]
    assert ((found[1].loc[fresh.index, "rumour_p"] > 0.5) == (fresh == 1)).mean() > 0.8
    assert (found[1]["method"] == "own-labels@1").all()
    old = replace(lesson, models={3600.0: lesson.models[3600.0]})
    with pytest.raises(ModelError, match="youngest"):
        rumour_score(posts, edges, accounts, watch=WATCH, now=START + timedelta(minutes=30), taught=old)
    said = lesson.findings()[0]
    assert "110 labelled stories" in said.render("en") and said.render("zh") != said.render("en")


def test_too_few_labels_and_models_that_do_not_help_are_not_stored(tmp_path):
    parts, labels = many(120)
    posts, edges, accounts = tables(*parts)
    now = START + timedelta(days=8)
    with pytest.raises(NotEnoughData, match="about 86 are needed"):
        learn(posts, edges, accounts, labels.iloc[:70], watch=WATCH, now=now, models=tmp_path)
    # Labels that turn round for the newest stories: the shipped weights must stay in use.
    turned = labels.where(np.arange(120) < 84, labels)
    turned.iloc[:84] = 1 - turned.iloc[:84]
    lesson = learn(posts, edges, accounts, turned, watch=WATCH, now=now, models=tmp_path, ages=(0.0,))
    assert lesson.version == 0 and taught(tmp_path) is None
    assert any("stay in use" in limit for limit in lesson.findings()[0].caveats("en"))
