"""Sentiment in context: negation, intensity, irony, emoji, scripts; and what holds for any text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import ModelError
from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.lexicon import FEATURES, features, lexicon, sentiment_words
from crisislib.nlp.sentiment.sentiment_model import load, logits, probabilities, shipped
from tools.training.sentiment import save


def p(*texts: str | None) -> np.ndarray:
    return probabilities(logits(shipped(), fold(list(texts))))


def good(*texts: str) -> np.ndarray:
    """P(positive) against P(negative)."""
    found = p(*texts)
    return found[:, 2] / (found[:, 0] + found[:, 2])


PAIRS = [
    ("这家店很好吃", "这家店一点也不好吃"),
    ("客服很专业", "客服很不专业"),
    ("i like this airline", "i don't like this airline"),
    ("the food was good", "the food was not good"),
    ("推荐购买", "不推荐购买"),
    ("今天真开心 😀", "今天真开心 😡"),
    ("thank you for the refund", "thanks for nothing, no refund"),
    ("虽然贵，但是真的好用", "虽然好用，但是真的太贵了，后悔"),
    ("Love it 👍", "Love it 👎"),
]


@pytest.mark.parametrize(("better", "worse"), PAIRS)
def test_context_decides(better: str, worse: str) -> None:
    a, b = good(better, worse)
    assert a > b


NEGATIVE = [
    "垃圾公司，坑人，退钱！",
    "质量太差了，再也不买",
    "worst service ever, never again",
    "烦死了 😡",
    "態度惡劣，氣死我了",
]
POSITIVE = [
    "太棒了，强烈推荐！",
    "超好吃，下次还来",
    "best crew ever, thank you so much",
    "生日快乐 🎂",
    "超級好看，愛了愛了",
]


@pytest.mark.parametrize("text", NEGATIVE)
def test_plainly_bad(text: str) -> None:
    assert p(text)[0].argmax() == 0


@pytest.mark.parametrize("text", POSITIVE)
def test_plainly_good(text: str) -> None:
    assert p(text)[0].argmax() == 2


def test_plain_statements_are_neutral() -> None:
    assert (p("国家统计局公布五月份数据", "The meeting is on Tuesday at 3 pm").argmax(axis=1) == 1).all()


def test_traditional_and_full_width_read_the_same() -> None:
    np.testing.assert_allclose(p("態度惡劣，氣死我了"), p("态度恶劣，气死我了"))
    np.testing.assert_allclose(p("ＢＡＤ　ｓｅｒｖｉｃｅ！"), p("bad service!"))


def test_code_switching_is_read_in_both() -> None:
    low, plain, high = good("这个app真的很bad", "这个app", "这个app真的很nice")
    assert low < plain < high


def test_intensifiers_strengthen_and_hedges_weaken() -> None:
    value = sentiment_words(fold(["非常失望", "失望", "有点失望"])).value
    assert value[0] < value[1] < value[2] < 0


def test_double_negation_is_not_negation() -> None:
    words = sentiment_words(fold(["不是不喜欢", "并非喜欢"]))
    assert words.negated.tolist() == [True, True]
    assert words.value[0] > 0 > words.value[1]


def test_irony_is_marked() -> None:
    held = features(fold(["呵呵，真有你的", "真好"]))[:, FEATURES.index("irony")]
    assert held[0] > 0 == held[1]


def test_words_that_only_look_like_feeling() -> None:
    assert not len(sentiment_words(fold(["美国香港空调小区"])).value)


def test_every_word_has_one_side() -> None:
    held = lexicon()
    assert len(set(held.words.words)) == len(held.words)
    assert (held.polarity > 0).sum() > 1500 and (held.polarity < 0).sum() > 2000


@settings(max_examples=20)
@given(st.lists(st.one_of(st.none(), st.text(max_size=80)), min_size=1, max_size=8))
def test_any_text_has_probabilities_of_its_own(texts: list[str | None]) -> None:
    texts = [None if t is None else t.encode("utf-8", "ignore").decode() for t in texts]
    found = p(*texts)
    assert found.shape == (len(texts), 3)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found >= 0).all()
    np.testing.assert_allclose(p(texts[-1])[0], found[-1], atol=1e-9)  # neighbours in a batch do not matter


def test_a_model_file_is_checked(tmp_path) -> None:
    path = tmp_path / "m.safetensors"
    with pytest.raises(ModelError, match="missing"):
        load(path)
    save(shipped(), path)
    np.testing.assert_allclose(load(path).grams, shipped().grams, atol=np.abs(shipped().grams).max() / 127)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match="cannot be read"):
        load(path)
    assert path.stat().st_size < 10e6
