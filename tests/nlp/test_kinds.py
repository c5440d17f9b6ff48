"""Crisis types and complaints: listed words decide, the model speaks where they are silent, and says by which words."""

import json
from pathlib import Path

import numpy as np
import pytest

from crisislib.core.errors import ModelError
from crisislib.nlp import label
from crisislib.nlp.classify.kind_model import LISTS, NONE, lists, load, shipped
from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.ngrams import BITS, strongest
from tests.nlp.test_label import NOW, posts, watch
from tools.training.kinds import save


def kinds(*texts: str) -> dict[str, tuple[str, list[str]]]:
    held = posts({f"t{i}": text for i, text in enumerate(texts)})
    found = label(held, watch(), now=NOW, only=["crisis_type"]).to_pandas()
    return {row.post_id[-2:]: (row.value, json.loads(row.evidence)["words"]) for row in found.itertuples()}


def test_listed_words_decide_where_they_speak() -> None:
    found = kinds("the brakes failed and there is a recall", "weather is nice today")
    assert found["t0"][0] == "product_harm" and "recall" in found["t0"][1]
    assert "t1" not in found


def test_the_model_speaks_where_no_listed_word_does_and_shows_its_words() -> None:
    texts = ["three thousand staff were told by email that their jobs are gone", "全公司三千人被通知明天不用来了"]
    found = kinds(*texts)
    assert found, "the model found nothing in posts without a listed word"
    for key, (value, words) in found.items():
        assert value in shipped()["crisis_type"].classes
        assert words and all(word in texts[int(key[1])] for word in words)


def test_the_strongest_gram_is_the_one_with_the_greatest_weight() -> None:
    codes = fold(["alpha beta gamma", "delta"])
    weights = np.zeros((1 << BITS, 2), dtype=np.float32)
    probe = fold(["beta"])
    place = (probe.hashes(np.array([0]), np.array([4])) >> np.uint64(64 - BITS)).astype(int)
    weights[place, 1] = 3.0
    start, end = strongest(codes, weights, np.array([1, 1]))
    assert codes.text(int(start[0]), int(end[0])) == "beta"
    assert start[1] == end[1]
    assert (strongest(codes, weights, np.array([0, 0]))[0] == codes.starts).all()


def test_the_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    save(shipped(), tmp_path / "k.safetensors")
    again = load(tmp_path / "k.safetensors")
    codes = fold(["server down for everybody", "天气不错"])
    for name in LISTS:
        sums = lists(name).sums(codes)[0]
        np.testing.assert_allclose(
            again[name].probabilities(codes, sums), shipped()[name].probabilities(codes, sums), atol=1e-6
        )
        assert NONE in again[name].classes


def test_a_broken_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "k.safetensors").write_bytes(b"nothing of the kind")
    for path in (tmp_path / "k.safetensors", tmp_path / "absent.safetensors"):
        with pytest.raises(ModelError, match="model of kinds"):
            load(path)
