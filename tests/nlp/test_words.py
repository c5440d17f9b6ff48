"""The word matcher against Python's own search."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import ModelError
from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.ngrams import BITS, matrix, scores
from crisislib.nlp.preprocess.term_matcher import WordList

LETTERS = "ab不好吃了 ,。"


def fold_one(text: str) -> str:
    codes = fold([text])
    return codes.text(0, int(codes.ends[0])).strip()


def brute(words: list[str], text: str) -> set[tuple[int, int, str]]:
    found = set()
    for word in words:
        body = re.escape(word)
        left = r"(?<![a-z0-9'_])" if re.match(r"[a-z]", word) else ""
        right = r"(?![a-z0-9'_])" if re.search(r"[a-z]$", word) else ""
        found |= {(m.start(), m.start() + len(word), word) for m in re.finditer(f"(?={left}{body}{right})", text)}
    return found


@settings(max_examples=60)
@given(
    st.lists(st.text("ab不好吃了", min_size=1, max_size=4), min_size=1, max_size=12, unique=True),
    st.lists(st.text(LETTERS, max_size=30), min_size=1, max_size=4),
)
def test_finds_what_search_finds(words: list[str], texts: list[str]) -> None:
    words = list(dict.fromkeys(fold_one(w) for w in words))
    codes = fold(texts)
    hits = WordList(words).find(codes, longest=False)
    for i in range(codes.n):
        start, end = int(codes.starts[i]), int(codes.ends[i])
        mine = hits.take(hits.doc == i)
        found = {
            (int(s) - start, int(e) - start, words[w]) for s, e, w in zip(mine.start, mine.end, mine.word, strict=True)
        }
        assert found == brute(words, codes.text(start, end))


def test_the_longest_word_wins() -> None:
    words = WordList(["好", "不好", "不好吃"])
    assert words.matched_words(words.find(fold(["真的不好吃，好"])), 1).to_pylist() == ['["不好吃","好"]']


def test_latin_words_match_whole_unless_left_open() -> None:
    words = WordList(["love", "hack*"])
    assert words.matched_words(words.find(fold(["lovely hackers glove LOVE"])), 1).to_pylist() == ['["hack","love"]']


def test_unusable_words_are_refused() -> None:
    with pytest.raises(ModelError):
        WordList(["好", "  "])


def test_folding() -> None:
    assert fold_one("ＡＢＣ　臺灣　太棒了！！！！！ sooooo") == "abc 台湾 太棒了!! soo"
    assert fold_one("@王五 回复@李四: 看这里 http://t.cn/abc &amp; 10000") == "看这里  & 10000"
    codes = fold(["a", "", None, "b"])
    assert codes.n == 4 and codes.text(int(codes.starts[3]), int(codes.ends[3])) == "b"


def test_scores_are_the_matrix_product() -> None:
    codes = fold(["这家店不好吃", "not good at all", "", "x 😀"])
    weights = np.random.default_rng(0).normal(size=(1 << BITS, 2)).astype(np.float32)
    np.testing.assert_allclose(scores(codes, weights), matrix(codes) @ weights, atol=1e-5)
