"""Narratives: copies and versions join, strangers do not, ids stay, batches do not matter."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from crisislib.core.errors import ModelError
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.nlp import narrative_findings
from crisislib.nlp.duplicates import forget, narrative_table, narratives
from crisislib.nlp.duplicates.candidate_pairs import jaccard
from crisislib.nlp.duplicates.minhash import PERMUTATIONS, gram_hashes, signatures
from crisislib.nlp.duplicates.normal_form import normalise
from crisislib.nlp.duplicates.sketches import sketch
from crisislib.nlp.duplicates.stored_sketches import load
from crisislib.nlp.proportions import growth

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BEGAN = datetime(2026, 2, 1, tzinfo=UTC)
WATCH = Watch(watch="demo", title={"en": "Demo"}, brand={"names": ["Demo"]})
ORIGINAL = "我買的這台掃地機器人昨天夜裏突然冒煙起火,打客服電話一直沒有人接聽,大家千萬不要再買這個牌子了"
ENGLISH = "My brand new vacuum robot caught fire last night and nobody answers the support line, do not buy this"


def posts(texts: list[str], *, ids: list[str] | None = None, minutes: list[int] | None = None) -> pa.Table:
    n = len(texts)
    return conform(
        pd.DataFrame(
            {
                "watch": "demo",
                "post_id": ids or [f"x:{i}" for i in range(n)],
                "collected_at": NOW,
                "created_at": [BEGAN + timedelta(minutes=m) for m in (minutes or range(n))],
                "kind": "post",
                "text": texts,
            }
        ),
        "POSTS",
    )


def values(labels: pa.Table) -> dict[str, str]:
    return dict(zip(labels["post_id"].to_pylist(), labels["value"].to_pylist(), strict=True))


@pytest.mark.parametrize(
    "version",
    [
        "我买的这台扫地机器人昨天夜里突然冒烟起火，打客服电话一直没有人接听，大家千万不要再买这个牌子了",
        ORIGINAL + "😡😡[怒] #某某爆炸# @某某 http://t.cn/A6abcd",
        ORIGINAL.replace("昨天夜裏", "前天晚上"),
        ORIGINAL[:24],
        ORIGINAL[-24:],
        ORIGINAL + "//@路人甲:转发一下 //@乙:真的吗",
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in ORIGINAL),
    ],
)
def test_a_version_joins_its_original(version: str, tmp_path: Path) -> None:
    labels = narratives(posts([ORIGINAL, ENGLISH, version]), WATCH, now=NOW, state=tmp_path)
    found = values(labels)
    assert found["x:2"] == found["x:0"] != found["x:1"]


def test_a_stranger_and_a_short_word_do_not_join(tmp_path: Path) -> None:
    other = "今天天气真好，下午和同事去公园里跑步，晚上回家做了一顿饭，生活就应该这样平平淡淡"
    found = values(narratives(posts([ORIGINAL, other, "转发微博", "好", ENGLISH[:20]]), WATCH, now=NOW, state=tmp_path))
    assert set(found) == {"x:0", "x:1", "x:4"}
    assert len(set(found.values())) == 3


def test_normal_form_cuts_what_is_not_the_authors_text() -> None:
    raw = [
        "ＡＢＣ 臺灣 #话题#@某人 看这里http://t.cn/abc，//@甲:原来的话",
        None,
        "[怒][怒]😡",
        "RT @who: Hello, World!",
    ]
    assert normalise(pa.array(raw)).to_pylist() == ["abc台湾看这里", "", "", "helloworld"]


def test_signatures_are_datasketchs() -> None:
    grams, starts, _ = gram_hashes(pa.array(["abcdefghijklmnop", "我买的这台扫地机器人"]))
    ours = signatures(grams, starts)
    for row in range(2):
        theirs = MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32", hashfunc=int)
        theirs.update_batch([int(g) for g in grams[starts[row] : starts[row + 1]]])
        assert np.array_equal(ours[row], theirs.hashvalues)


def test_jaccard_equals_pythons_sets() -> None:
    one, two = "abcdefghijklmnopqrstuvwxyz", "abcdefghijkLMNOPqrstuvwxyz".lower().replace("m", "0")
    sets = [{t[i : i + 5] for i in range(len(t) - 4)} for t in (one, two)]
    expected = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    found = jaccard(sketch(pa.array([one, two])), np.array([0]), np.array([1]))
    assert found[0] == pytest.approx(expected)


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), max_size=6))
@settings(max_examples=60)
def test_a_normal_form_is_its_own_normal_form(texts: list[str]) -> None:
    once = normalise(pa.array(texts, pa.string()))
    assert len(once) == len(texts)
    assert normalise(once).to_pylist() == once.to_pylist()


@given(st.lists(st.text(alphabet="abcdefg", min_size=5, max_size=30), min_size=2, max_size=6, unique=True))
@settings(max_examples=40)
def test_similarity_is_that_of_pythons_sets(texts: list[str]) -> None:
    left, right = np.triu_indices(len(texts), 1)
    grams = [{t[i : i + 5] for i in range(len(t) - 4)} for t in texts]
    expected = [len(grams[a] & grams[b]) / len(grams[a] | grams[b]) for a, b in zip(left, right, strict=True)]
    assert jaccard(sketch(pa.array(texts)), left, right) == pytest.approx(np.array(expected))


def simulated(n: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    letters = [chr(c) for c in range(0x4E00, 0x4E00 + 800)]
    bases = ["".join(rng.choices(letters, k=rng.randint(30, 90))) for _ in range(n // 4)]
    out = []
    for _ in range(n):
        text = list(rng.choice(bases))
        for _ in range(rng.randint(0, 2)):
            text[rng.randrange(len(text))] = rng.choice(letters)
        out.append("".join(text[: rng.randint(len(text) * 2 // 3, len(text))]))
    return out


def test_batches_do_not_matter_and_ids_stay(tmp_path: Path) -> None:
    table = posts(simulated(400, seed=3))
    whole = values(narratives(table, WATCH, now=NOW, state=tmp_path / "whole"))
    order = np.random.default_rng(0).permutation(400)
    parts: dict[str, str] = {}
    for at in range(0, 400, 90):  # in shuffled order: late batches hold earlier posts
        parts |= values(narratives(table.take(order[at : at + 90]), WATCH, now=NOW, state=tmp_path / "parts"))
    assert parts.keys() == whole.keys()
    pairs = {(whole[p], parts[p]) for p in whole}
    assert len(pairs) == len(set(whole.values())) == len(set(parts.values()))


def test_an_earlier_post_that_comes_late_does_not_renumber(tmp_path: Path) -> None:
    first = values(narratives(posts([ORIGINAL], minutes=[60]), WATCH, now=NOW, state=tmp_path))
    late = values(narratives(posts([ORIGINAL[:30]], ids=["x:early"], minutes=[0]), WATCH, now=NOW, state=tmp_path))
    assert late == {"x:early": first["x:0"]}


def test_a_bridge_gives_the_younger_narratives_posts_again(tmp_path: Path) -> None:
    left, right = ORIGINAL[:22], ORIGINAL[-23:]
    before = values(narratives(posts([left, right]), WATCH, now=NOW, state=tmp_path))
    assert before["x:0"] != before["x:1"]
    after = values(narratives(posts([ORIGINAL], ids=["x:2"]), WATCH, now=NOW, state=tmp_path))
    assert after == {"x:2": before["x:0"], "x:1": before["x:0"]}


def test_a_run_that_is_repeated_gives_its_labels_again(tmp_path: Path) -> None:
    left, right = ORIGINAL[:22], ORIGINAL[-23:]
    narratives(posts([left, right]), WATCH, now=NOW, state=tmp_path)
    bridge = posts([ORIGINAL], ids=["x:2"])
    once = narratives(bridge, WATCH, now=NOW, state=tmp_path)
    again = narratives(bridge, WATCH, now=NOW, state=tmp_path)
    assert once.num_rows == 2
    assert values(once) == values(again)
    later = narratives(posts([ENGLISH], ids=["x:3"]), WATCH, now=NOW, state=tmp_path)
    assert later.num_rows == 1


def test_posts_without_a_time_take_part_and_do_not_become_first(tmp_path: Path) -> None:
    given = posts([ORIGINAL, ORIGINAL, ENGLISH]).to_pandas()
    given["created_at"] = given["created_at"].where([False, True, False])
    first = narratives(conform(given.iloc[:1], "POSTS"), WATCH, now=NOW, state=tmp_path)
    second = narratives(conform(given, "POSTS"), WATCH, now=NOW, state=tmp_path)
    assert values(second)["x:1"] == values(second)["x:0"] == values(first)["x:0"]
    table = narrative_table(second, conform(given, "POSTS"), now=NOW)
    assert table.iloc[0]["first_post"] == "x:1"
    assert table.iloc[0]["n"] == 2


def test_an_edited_post_moves_to_its_new_text(tmp_path: Path) -> None:
    before = values(narratives(posts([ORIGINAL, ENGLISH]), WATCH, now=NOW, state=tmp_path))
    after = values(narratives(posts([ENGLISH], ids=["x:0"]), WATCH, now=NOW, state=tmp_path))
    assert after == {"x:0": before["x:1"]}


def test_no_posts_no_labels(tmp_path: Path) -> None:
    found = narratives(empty("POSTS"), WATCH, now=NOW, state=tmp_path)
    assert found.num_rows == 0
    assert narrative_table(found, empty("POSTS"), now=NOW).empty


def test_forgetting_erases_posts_and_keeps_the_ids_of_the_others(tmp_path: Path) -> None:
    texts = [ORIGINAL, ORIGINAL[:30], ENGLISH, *simulated(40, seed=5)]
    before = values(narratives(posts(texts), WATCH, now=NOW, state=tmp_path))
    assert forget(tmp_path, "demo", ["x:0", "x:2", "nobody"]) == 2
    assert forget(tmp_path, "demo", ["x:0"]) == 0
    again = values(narratives(posts(texts, ids=[f"y:{i}" for i in range(len(texts))]), WATCH, now=NOW, state=tmp_path))
    others = {f"y:{i}": before[f"x:{i}"] for i in range(len(texts)) if i != 2}
    assert {k: v for k, v in again.items() if k != "y:2"} == others
    kept = load(tmp_path, "demo")
    assert not {"x:0", "x:2"} & set(kept.posts["post_id"])
    assert len(kept.sketches) == (kept.texts["row"] >= 0).sum()


def test_a_crowd_of_versions_is_one_narrative(tmp_path: Path) -> None:
    crowd = [f"{ORIGINAL}编号{i:05d}" for i in range(400)]
    found = values(narratives(posts(crowd), WATCH, now=NOW, state=tmp_path))
    assert len(set(found.values())) == 1


def test_a_memory_of_another_watch_is_refused(tmp_path: Path) -> None:
    narratives(posts([ORIGINAL]), WATCH, now=NOW, state=tmp_path)
    other = WATCH.model_copy(update={"watch": "other"})
    with pytest.raises(ModelError, match="demo"):
        narratives(posts([ORIGINAL]), other, now=NOW, state=tmp_path)


def test_the_table_counts_versions_first_posts_and_growth(tmp_path: Path) -> None:
    texts = [ORIGINAL] * 3 + [ORIGINAL.replace("昨天", "前天")] * 9 + [ENGLISH] * 4 + simulated(40, seed=8)[:4]
    minutes = [0, 60, 120, *range(1500, 1509), 10, 20, 30, 40, *range(50, 54)]
    given = posts(texts, minutes=minutes)
    labels = narratives(given, WATCH, now=NOW, state=tmp_path)
    table = narrative_table(labels, given, now=BEGAN + timedelta(minutes=1510), window=timedelta(minutes=1440))
    top = table.iloc[0]
    assert (top["n"], top["n_variants"], top["first_post"], top["n_recent"], top["n_before"]) == (12, 2, "x:0", 10, 2)
    assert top["share"] == pytest.approx(12 / 20)
    assert top["share_lo"] < 0.6 < top["share_hi"]
    assert top["growth"] == 5
    assert top["hours"] == pytest.approx(1508 / 60)
    assert set(top["posts"]) == {"x:0", "x:3"}
    assert top["text"] == texts[3]


def test_findings_lead_back_to_posts_and_say_when_there_are_too_few(tmp_path: Path) -> None:
    texts = [ORIGINAL] * 30 + simulated(60, seed=9)
    given = posts(texts, minutes=[1440 + i for i in range(30)] + list(range(60)))
    labels = narratives(given, WATCH, now=NOW, state=tmp_path)
    table = narrative_table(labels, given, now=BEGAN + timedelta(minutes=1500), window=timedelta(minutes=1000))
    told = {f.key: f for f in narrative_findings(table, labels.num_rows)}
    assert set(told) == {"text.narratives.largest", "text.narratives.copied", "text.narratives.rising"}
    for finding in told.values():
        assert set(finding.post_ids) <= {f"x:{i}" for i in range(90)}
        assert finding.post_ids
        assert finding.render("zh") != finding.render("en")
    largest = told["text.narratives.largest"].render("en")
    assert "30 of 90" in largest and f"{BEGAN + timedelta(minutes=1440):%Y-%m-%d %H:%M}" in largest
    local = {f.key: f for f in narrative_findings(table, labels.num_rows, zone=ZoneInfo("Asia/Shanghai"))}
    first = BEGAN + timedelta(minutes=1440, hours=8)
    assert f"{first:%Y-%m-%d %H:%M}" in local["text.narratives.largest"].render("en")
    assert not [f for f in local.values() if "UTC" in f.render("en") + f.render("zh")]
    assert narrative_findings(table, 10)[0].silent


def test_growth_by_an_oracle() -> None:
    found = growth(pd.Series([9, 5]), pd.Series([1, 5])).iloc[0]
    exact = binomtest(9, 10, 0.5, alternative="greater")
    low, high = binomtest(9, 10).proportion_ci(0.95)
    assert found["p_value"] == pytest.approx(exact.pvalue)
    assert (found["growth_lo"], found["growth_hi"]) == pytest.approx((low / (1 - low), high / (1 - high)))


FORM_TEXT = (
    "I filed a complaint on ComplainHub. Company: Acme. Case no: CH{n}. Problem: {problem}. Amount: {amount} USD. "
    "Demand: {demand}. Please share!"
)
PROBLEMS = ["refund refused", "bag lost", "double charge", "seat broken", "wrong name on ticket", "rude staff"]
DEMANDS = ["refund", "apology", "explanation", "compensation"]


def filled_form(n: int, seed: int = 0) -> list[str]:
    """Complaints of many people through one form."""
    rng = np.random.default_rng(seed)
    return [
        FORM_TEXT.format(
            n=rng.integers(10**7, 10**8), problem=rng.choice(PROBLEMS), amount=rng.integers(50, 900),
            demand=rng.choice(DEMANDS),
        )
        for _ in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize("batches", [1, 12])
def test_each_complaint_through_one_form_is_its_own_voice(batches: int, tmp_path: Path) -> None:
    table = posts([*filled_form(60), *[ORIGINAL] * 20])
    parts = np.array_split(np.arange(table.num_rows), batches)
    got = pd.concat([narratives(table.take(p), WATCH, now=NOW, state=tmp_path).to_pandas() for p in parts])
    got = got.drop_duplicates(["post_id", "label"], keep="last")
    by_label = {name: rows["value"] for name, rows in got.groupby("label")}
    assert by_label["narrative"].nunique() == 61
    assert len(by_label["form"]) == 60 and by_label["form"].nunique() == 1
    summary = narrative_table(got.reset_index(drop=True), table, now=NOW)
    assert summary["kind"].tolist() == ["form", "copies"]
    assert summary["n"].tolist() == [60, 20]
    keys = [finding.key for finding in narrative_findings(summary, 80)]
    assert keys[:2] == ["text.narratives.form", "text.narratives.largest"]


def test_edited_copies_and_a_slogan_with_another_town_are_no_form(tmp_path: Path) -> None:
    places = np.random.default_rng(0).integers(0, len(ORIGINAL) - 3, 40)
    words = ["真的", "啊", "气死", "呢"] * 10
    edited = [ORIGINAL[:i] + word + ORIGINAL[i + 1 :] for i, word in zip(places, words, strict=True)]
    names = ["北京", "上海", "深圳", "广州", "杭州", "南京", "武汉", "成都"]
    towns = [f"艾克美{town}店过期奶 大家别喝了 垃圾品牌" for town in names]
    got = narratives(posts([*edited, *towns]), WATCH, now=NOW, state=tmp_path).to_pandas()
    assert set(got["label"]) == {"narrative"}
    assert got["value"].nunique() == 2
