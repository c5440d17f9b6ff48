"""Irony, denied faults, figures of speech: on lines that were written before the rule and are not tuned on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crisislib
from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.lexicon import sentiment_words
from crisislib.nlp.sentiment.turns_of_phrase import corrected, turn_of

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return read("turns_held_out.tsv")


def read(name: str) -> pd.DataFrame:
    """Lines with the label that a reader of the library gets."""
    rows = pd.read_csv(SAMPLES / name, sep="\t", header=None, names=["kind", "truth", "text"], quoting=3)
    posts = pd.DataFrame({"post_id": rows.index.astype(str), "text": rows["text"], "created_at": "2026-03-02T10:00Z"})
    found = crisislib.label(posts, crisislib.open_watch({"names": ["Luvaya"]}))
    mood = found[found["label"] == "sentiment"].set_index("post_id")["value"]
    rows["chinese"] = ~rows["text"].map(str.isascii)
    return rows.assign(read=mood.reindex(posts["post_id"]).to_numpy())


@pytest.mark.parametrize("chinese", [False, True])
def test_irony_is_read_as_what_it_means_and_thanks_that_are_meant_as_thanks(lines, chinese):
    mine = lines[lines["chinese"] == chinese]
    right = (mine["read"] == mine["truth"]).groupby(mine["kind"]).mean()
    assert right["irony"] >= 0.7 and right["sincere"] >= 0.8 and right["plain"] >= 0.8


def test_praise_before_tries_that_led_to_nothing_is_blame_and_before_faults_that_did_not_happen_praise():
    """Lines of which two thirds were written before the rule, and the rest before they were read by it."""
    rows = read("failed_tries.tsv")
    bad = (rows["read"] == "negative").groupby([rows["kind"], rows["chinese"]]).mean()
    assert (bad["futile"] >= 0.8).all() and (bad["sincere"] <= 0.1).all()


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("thanks for breaking the lamp i paid extra to have wrapped", "irony"),
        ("thanks for replacing the lamp that broke on the way", ""),
        ("great, another delay", "irony"),
        ("great line, called nine times and nobody picked up", "irony"),
        ("great line, called nine times and they picked up every time", ""),
        ("great airline, ten flights, not one delay", ""),
        ("真不错，寄了六次没有一次弄丢", ""),
        ("great hotel near the beach, we will be back", ""),
        ("真是太周到了，送来的汤是馊的", "irony"),
        ("真是太周到了，还给孩子准备了小礼物", ""),
        ("we have never had any trouble with them", "nothing"),
        ("they never fixed the problem", ""),
        ("这蛋糕好吃死了", "hyperbole"),
        ("被他们的价格杀疯了，直播间太火爆了", "hyperbole"),
        ("店员脾气火爆", ""),
        ("their new ad killed me, my sister is dead", "hyperbole"),
        ("the lamp nearly killed me", ""),
        ("this cake is to die for", "hyperbole"),
        ("the guard shoved an elderly woman to the floor", "force"),
        ("shoved the cake in my mouth", ""),
    ],
)
def test_each_turn_needs_its_construction(text, turn):
    assert turn_of(text) == turn


@given(st.lists(st.text(max_size=60), max_size=6), st.integers(0, 2**32 - 1))
def test_only_texts_with_a_turn_are_read_otherwise(texts, seed):
    codes = fold(pa.array(texts, pa.string()) if texts else [])
    two = np.random.default_rng(seed).normal(size=(codes.n, 2))
    out = corrected(two, codes)
    assert out.shape == two.shape and np.isfinite(out).all()
    changed = (out != two).any(axis=1)
    assert (~changed | (np.abs(out[:, 0]) >= 1.0)).all()


def test_a_blank_between_chinese_characters_ends_what_is_negated():
    said = ["大家别买了 垃圾品牌", "大家别买了，垃圾品牌"]
    words = sentiment_words(fold(said))
    assert not words.negated.any() and (words.value < 0).all()
