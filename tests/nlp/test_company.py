"""Latent directions: words that keep the same company lie together, and labels reach words that they do not hold."""

import numpy as np

from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.ngrams import matrix
from crisislib.nlp.sentiment.adapt import adapt
from crisislib.nlp.sentiment.latent_features import POSTS_EACH, company
from crisislib.nlp.sentiment.taught_model import Taught

PIECES = ("qua", "bri", "flo", "jep", "vum", "nix", "dor", "sel", "tam", "gos")
WORDS = [a + b + c for a in PIECES for b in PIECES for c in PIECES if len({a, b, c}) == 3]
np.random.default_rng(0).shuffle(WORDS)
FIRST, SECOND, IDLE = WORDS[:70], WORDS[70:140], WORDS[300:340]
"""Made-up words of two groups; a post has words of one group, and two of some that tell nothing."""


def stream(n: int, seed: int) -> tuple[list[str], np.ndarray]:
    draw = np.random.default_rng(seed)
    side = draw.integers(0, 2, n)
    said = [[*draw.choice(SECOND if s else FIRST, 4), *draw.choice(IDLE, 2)] for s in side]
    return [" ".join(draw.permutation(words)) for words in said], side


def test_words_of_the_same_company_lie_together() -> None:
    texts, _ = stream(1500, 0)
    at = company(matrix(fold(texts)), directions=2).of(matrix(fold([*FIRST, *SECOND])))
    first, second = at[:70, 1], at[70:, 1]  # the first direction is what all posts share
    assert abs((first > 0).mean() - (second > 0).mean()) > 0.4


def test_a_small_stream_has_no_directions_and_the_same_seed_the_same() -> None:
    texts, _ = stream(200, 1)
    few = company(matrix(fold(texts[: POSTS_EACH - 1])))
    assert few.weights.shape == (0, 0) and few.of(matrix(fold(texts))).shape == (200, 0)
    one, two = (company(matrix(fold(texts)), seed=4, most=150) for _ in range(2))
    np.testing.assert_array_equal(one.weights, two.weights)


def test_posts_without_labels_teach_what_the_labelled_ones_do_not_hold() -> None:
    texts, side = stream(50, 2)  # the fewest that teach
    others, _ = stream(1500, 3)
    new, truth = stream(300, 4)

    def right(model: Taught) -> float:
        p = model.predict(new)
        return float(((p[:, 2] > p[:, 0]) == (truth == 1)).mean())

    alone, helped = right(adapt(texts, 2 * side)), right(adapt(texts, 2 * side, others=others))
    assert helped > alone + 0.03
