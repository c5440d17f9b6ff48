from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from benchmarks.onset import auc, folds, run
from benchmarks.onset_sets import found
from crisislib.core.errors import ModelError, NotEnoughData, TableError
from crisislib.core.i18n import translator
from crisislib.warn.onset import course, load, onset, onset_findings
from crisislib.warn.onset.burst_features import called
from crisislib.warn.onset.headline_classifier import mask
from tools.training.onset_model import at, save, threshold_for, train
from tools.training.onset_reader import HERE, labels_of, lean, teach, words

NOW = datetime(2030, 5, 2, tzinfo=UTC)
BAD = ("门店后厨被曝使用过期食材", "顾客吃出异物商家拒绝赔偿", "市监部门立案调查该品牌", "产品抽检不合格被责令召回")
GOOD = ("新品发布会今晚开启预售", "品牌官宣代言人同款上新", "销量突破新高股价大涨", "联名款首发排队售罄")


@pytest.fixture(scope="module")
def model():
    return load()


def listings(*rows: tuple[int, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["burst", "title", "age"])


def topics(texts: list[str], hours: list[float]) -> pd.DataFrame:
    times = pd.Series([pd.Timestamp(NOW - timedelta(hours=h)) for h in hours])
    ids = [f"weibo:{i}" for i in range(len(texts))]
    return pd.DataFrame({"post_id": ids, "kind": "topic", "text": texts, "created_at": times, "collected_at": times})


def test_the_leaning_is_the_count_of_words():
    told, company = lean(pd.Series(["公司道歉并召回产品", "新品首发", "今天下雨"]))
    assert told == pytest.approx([np.log(3), -np.log(3), 0])
    assert company.tolist() == [2, 0, 0]


def test_no_word_stands_for_two_things():
    crisis, promo, doubt = (set(words()[side]) for side in ("crisis", "promo", "doubt"))
    assert not crisis & promo and not crisis & doubt and not doubt & promo


def test_labelled_headlines_are_known_by_their_digest_and_hold_no_text():
    rows = (HERE / "onset_headlines.tsv").read_text(encoding="ascii").split("\n")
    assert all(len(row) == 18 and row[-1] in "01" for row in rows[:-1]) and len(set(rows)) == len(rows) > 300
    assert labels_of(pd.Series(["从未有过的标题", None])).isna().all()


@pytest.mark.long
def test_a_reader_is_taught_what_words_alone_do_not_say():
    """Headlines that hold no listed word are known by the company that they keep in the summaries."""
    rng = np.random.default_rng(3)
    signs = np.arange(1200) % 2
    pools = ("甲乙丙丁戊", "子丑寅卯辰")
    titles = ["".join(rng.choice(list(pools[s]), 6)) for s in signs]
    summaries = ["被罚并道歉" if s else "首发并热销" for s in signs]
    taught = teach(pd.DataFrame({"title": titles[:1000], "summary": summaries[:1000]}))
    read = taught.read(mask(pd.Series(titles[1000:])))
    assert lean(pd.Series(titles))[0].any() == np.False_
    assert roc_auc_score(signs[1000:], read) > 0.95, "the two other teachers know nothing of these and add noise"


def test_too_few_headlines_teach_nothing():
    with pytest.raises(NotEnoughData, match="1000"):
        teach(pd.DataFrame({"title": ["道歉"] * 20, "summary": [None] * 20}))


def test_shipped_model_tells_crisis_from_launch(model):
    read = model.reader.read(mask(pd.Series(BAD + GOOD)))
    assert read[:4].min() > read[4:].max()
    assert model.reader.read(pd.Series([], dtype=str)).shape == (0,)


def test_shipped_file_is_small():
    assert (Path(onset_findings.__file__).parents[1] / "models" / "onset.npz").stat().st_size < 1_000_000


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(BAD + GOOD), st.integers(0, 9)), min_size=1, max_size=15))
def test_what_is_listed_later_changes_nothing_before(rows):
    reader = load_once().reader
    table = listings(*[(b, t, a * 3600) for b, t, a in rows])
    then = at(course(table, reader), 4 * 3600)
    cut = at(course(table[table.age <= 4 * 3600], reader), 4 * 3600)
    pd.testing.assert_frame_equal(then, cut)


def load_once(_held: list = []):  # noqa: B006 (Hypothesis cannot take a module fixture per example cheaply)
    if not _held:
        _held.append(load())
    return _held[0]


def odds_to_lean(odds):
    return 1 / (1 + np.exp(-np.asarray(odds))) - 0.5


def test_score_is_the_shrunken_share_of_different_headlines(model):
    table = listings((1, BAD[0], 0), (1, BAD[0], 3600), (1, GOOD[0], 7200), (2, GOOD[1], 3600))
    told = course(table, model.reader)
    assert told[told.burst == 1].n.tolist() == [1, 2]
    lean_of = odds_to_lean(model.reader.read(mask(pd.Series([BAD[0], GOOD[0]]))))
    assert told.score.iloc[:2].tolist() == pytest.approx([lean_of[0] / 3, lean_of.sum() / 4])
    assert at(told, 0).index.tolist() == [1], "a burst without a headline so far is absent, not harmless"


@pytest.mark.parametrize(
    ("title", "names", "left"),
    [
        ("山姆山姆超市回应", ["山姆"], "超市回应"),
        ("山姆会员店道歉", ["山姆", "山姆会员店"], "道歉"),
        ("海底撈致歉", ["海底捞"], "致歉"),
        ("新车ＳＵ７定价21.59万，贵吗？", [], "新车定价万贵吗?"),
        ("理想 汽车起火", ["理想 汽车"], "起火"),
        ("AcmeX1", ["Acme"], ""),
        ("道歉", [" "], "道歉"),
    ],
)
def test_names_letters_and_digits_are_masked(title, names, left):
    assert mask(pd.Series([title]), names).tolist() == [left]


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(BAD + GOOD), min_size=1, max_size=4),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=3, max_size=5),
    st.text("ABCxyz0123456789", max_size=4),
)
def test_the_score_does_not_know_the_brand(titles, brand, version):
    """Whatever the brand is called, and whatever letters and digits stand in a headline, it reads the same."""
    reader = load_once().reader
    plain = course(listings(*[(1, t, i) for i, t in enumerate(titles)]), reader)
    named = course(listings(*[(1, brand + version + t, i) for i, t in enumerate(titles)]), reader, {1: [brand]})
    pd.testing.assert_frame_equal(plain, named)


def test_a_headline_of_nothing_but_names_says_nothing(model):
    table = listings((1, "甲乙丙X7", 0), (1, BAD[0], 60))
    told = course(table, model.reader, {1: ["甲乙丙"]})
    alone = course(listings((1, BAD[0], 60)), model.reader)
    assert told.score.tolist() == [0.0, pytest.approx(alone.score[0])] and told.n.tolist() == [1, 2]


def test_called_when_first_above_the_threshold(model):
    told = pd.DataFrame({"burst": [1, 1, 1, 2], "age": [0, 60, 120, 0], "score": [0.1, 0.9, 0.2, 0.5], "n": 1})
    ages = called(told, 0.5)
    assert ages[1] == 60 and np.isnan(ages[2])


def test_course_wants_its_columns_and_no_time_before_the_first(model):
    with pytest.raises(TableError, match="title"):
        course(pd.DataFrame({"burst": [1], "age": [0]}), model.reader)
    with pytest.raises(TableError, match="below 0"):
        course(listings((1, "道歉", -1)), model.reader)


@pytest.mark.parametrize(("n", "share", "expected"), [(19, 0.2, 16), (4, 0.2, 4), (3, 0.2, np.inf), (9, 0.5, 5)])
def test_threshold_by_hand(n, share, expected):
    assert threshold_for(np.arange(1, n + 1), share) == expected


def test_threshold_keeps_the_promised_share_on_new_bursts():
    rng = np.random.default_rng(5)
    over = [(rng.normal(size=50) > threshold_for(rng.normal(size=19))).mean() for _ in range(800)]
    assert np.mean(over) == pytest.approx(0.2, abs=0.02)


def bursts_known(model, n: int = 8) -> tuple[pd.DataFrame, pd.Series]:
    rows = [(i, (BAD if i % 2 else GOOD)[(i // 2) % 4], 0) for i in range(n)]
    return course(listings(*rows), model.reader), pd.Series(np.arange(n) % 2)


def test_training_orders_probabilities_and_says_when_it_cannot(model):
    told, labels = bursts_known(model)
    trained = train(model.reader, told, labels, card={"trained_on": "made up"})
    p = trained.probability(told.score)
    assert p[labels == 1].min() > 0.5 > p[labels == 0].max()
    turned = train(model.reader, told, 1 - labels)
    assert turned.slope == 0, "labels against the reader must not turn it round"
    with pytest.raises(NotEnoughData, match="label more"):
        train(model.reader, told[told.burst < 6], labels)


def test_model_file_round_trip_and_faults(model, tmp_path):
    save(model, tmp_path / "m.npz")
    again = load(tmp_path / "m.npz")
    titles = pd.Series(BAD + GOOD)
    assert np.array_equal(again.reader.read(titles), model.reader.read(titles))
    assert dataclasses.replace(again, reader=model.reader) == model
    (tmp_path / "broken.npz").write_bytes(b"not a model")
    for name, reason in (("broken.npz", "not readable"), ("none.npz", "no onset model")):
        with pytest.raises(ModelError, match=reason):
            load(tmp_path / name)
    with np.load(tmp_path / "m.npz") as stored:
        held = dict(stored)
    held["about"] = np.array(json.dumps({**json.loads(str(held["about"])), "version": 99}))
    np.savez(tmp_path / "newer.npz", **held)
    with pytest.raises(ModelError, match="version 99"):
        load(tmp_path / "newer.npz")


def test_finding_calls_a_crisis_and_leads_to_its_headlines(model):
    said = onset(topics([*BAD, BAD[0]], [5, 4, 3, 2, 1]), now=NOW, model=model)
    assert said.message == onset_findings.CALLED and said.facts["n"] == 4
    assert set(said.post_ids) == {f"weibo:{i}" for i in range(4)}
    assert "危机特征" in said.render("zh") and "{" not in said.render("en")
    local = onset(topics(list(BAD), [5, 4, 3, 2]), now=NOW, model=model, zone=ZoneInfo("Asia/Shanghai"))
    assert "2030-05-02 03:00" in local.render("en") and "UTC" not in local.render("en"), (
        "five hours before eight o'clock"
    )


def test_finding_on_a_launch_stays_open(model):
    said = onset(topics(list(GOOD), [5, 4, 3, 2]), now=NOW, model=model)
    assert said.message == onset_findings.OPEN and said.facts["p"] < 50


def test_only_the_newest_burst_by_now_is_judged(model):
    held = topics([*BAD, GOOD[0], BAD[1]], [200, 199, 198, 197, 2, -3])
    said = onset(held, now=NOW, model=model)
    assert said.facts["n"] == 1 and said.message == onset_findings.OPEN


def test_the_door_masks_the_names_and_reads_no_past(model):
    named = topics([f"丙丁戊{GOOD[0]}", f"丙丁戊{GOOD[1]}", *BAD], [2.0, 1.0, 240, 241, 480, 500])
    plain = topics([GOOD[0], GOOD[1]], [2.0, 1.0])
    read = onset(named, now=NOW, model=model, names=["丙丁戊"])
    pd.testing.assert_frame_equal(read.table, onset(plain, now=NOW, model=model).table)


def test_no_headline_is_said_and_not_scored(model):
    held = topics(["English only"], [1])
    for posts in (held, held.assign(kind="post", text=BAD[0]), held.iloc[:0]):
        said = onset(posts, now=NOW, model=model)
        assert said.silent and said.n == 0 and said.message == onset_findings.NONE
    with pytest.raises(TableError, match="kind"):
        onset(held.drop(columns="kind"), now=NOW, model=model)


@pytest.mark.parametrize("name", ["CALLED", "OPEN", "NONE", "LISTED", "FEW"])
def test_every_sentence_is_translated(name):
    message = getattr(onset_findings, name)
    assert translator("zh").gettext(message) != message


def made_up_folder(folder: Path, seed: int = 0) -> Path:
    """Two kinds of bursts of made-up brands on a made-up list; promoted and late rows that would mislead."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    brands = [f"牌{c}" for c in "甲乙丙丁戊己庚辛壬癸子丑"]
    titles, panel, clusters = [], [], []
    for i, brand in enumerate(brands):
        start, label = 500 * (i + 1), i % 2
        pool = BAD if label else GOOD
        for k in range(3):
            panel += [(start + k, len(titles), 1e6, 0), (start + k + 1, len(titles), 2e6, 0)]
            titles.append(f"{brand}{pool[(i + k) % 4]}{rng.choice(list('啊呀哦嗯'))}")
        panel += [(start, len(titles), 9e9, 1), (start - 40, len(titles) - 1, 1e5, 0)]
        titles.append(f"{brand}{(GOOD if label else BAD)[0]}")
        hours = [pd.Timestamp("2024-01-01") + pd.Timedelta(hours=start + h) for h in (0, 4, 3)]
        clusters.append((brand, *hours, label if i < 11 else None))
    noise = list("天地人风云雨雪山水火")
    titles += ["".join(rng.choice(noise, 5)) + rng.choice([*BAD, *GOOD]) for _ in range(1100)]
    pd.DataFrame({"tid": range(len(titles)), "title": titles}).to_csv(folder / "topics.csv.gz", index=False)
    pd.DataFrame(panel, columns=["h", "tid", "hot", "ads"]).to_csv(folder / "panel_2024.csv.gz", index=False)
    pd.DataFrame(clusters, columns=["brand", "start", "end", "peak_hour", "label"]).to_csv(
        folder / "brand_clusters.csv", index=False
    )
    (folder / "brand_regex.json").write_text(json.dumps({b: b for b in brands}), encoding="utf-8")
    return folder


@pytest.mark.long
def test_benchmark_on_a_made_up_list(tmp_path, model):
    made_up_folder(tmp_path / "sets" / "one")
    data = next(iter(found(tmp_path / "sets")))
    assert len(data.known) == 11, "the burst without a label is left out"
    assert data.listings.hot.max() == 2e6, "promoted rows are left out"
    figures, peers, lines = run(data, data, model)
    assert data.listings.age.min() == 0 and data.known.names.iloc[0] == ["牌甲"]
    assert peers["burst_alone"]["auc@0"] == 0.5, "at the first listing a burst has no shape"
    assert figures["lobo.auc@10800"] == peers["leave_one_brand_out"]["auc@10800"] == 1.0
    assert figures["auc@0"] == figures["auc@10800"] == figures["auc@0.without_a_brand"] == 1.0
    assert peers["leave_one_brand_out"]["lead_hours"] == 3.0 and peers["leave_one_brand_out"]["called"] == 1.0
    assert (figures["n_crisis"], figures["n_harmless"]) == (5.0, 6.0)
    assert peers["volume"]["auc@0"] == 0.5 and len(lines) == 33


@pytest.mark.long
def test_benchmark_trained_on_another_folder(tmp_path, model):
    data, other = (next(iter(found(made_up_folder(tmp_path / n, seed=s)))) for n, s in (("a", 1), ("b", 2)))
    assert run(data, other, model)[1]["leave_one_brand_out"]["auc@0"] == 1.0


def test_neighbours_in_time_and_own_brand_never_train():
    known = pd.DataFrame(
        {"brand": ["a", "a", "b", "b"], "start": [0, 900, 100, 2000], "end": [10, 950, 120, 2010]}, index=[3, 4, 5, 6]
    )
    assert folds(known, known, same=True)[3].tolist() == [6]
    assert folds(known, known, same=False)[3].tolist() == [4, 6]


def test_auc_is_the_textbook_one_with_an_interval_by_brand():
    rng = np.random.default_rng(7)
    label = rng.integers(0, 2, 60)
    score = np.round(label + rng.normal(size=60), 1)
    middle, lo, hi = auc(score, label, pd.Series(rng.integers(0, 15, 60)))
    assert middle == pytest.approx(roc_auc_score(label, score))
    assert 0.5 < lo < middle < hi < 1
    assert np.isnan(auc(score, np.ones(60, dtype=int), pd.Series(np.zeros(60)))[0])


@pytest.mark.data
@pytest.mark.slow
def test_content_beats_volume_on_real_bursts(data_dir):
    for data in found(data_dir):
        figures, peers, _ = run(data, data, load())
        assert figures["lobo.auc@10800"] > peers["volume"]["auc@10800"] + 0.1
        assert figures["lobo.auc@10800.lo"] > 0.5
