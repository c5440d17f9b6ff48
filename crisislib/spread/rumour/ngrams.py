"""A linear text model on n-grams that last: no names, numbers or links, and nothing that one week alone said."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import rjieba
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from crisislib.spread.forecast.events import Floats

_BLOCKS = 4
_IN_BLOCKS = 3
_MASKS = (
    (re.compile(r"https?://\S+|t\.cn/\S+|\bURL\b"), " "),
    (re.compile(r"//\s?@[^:：\s]*[:：]?"), " "),
    (re.compile(r"@[\w\-]+"), "@"),
    (re.compile(r"[0-9]+"), "0"),
    (re.compile(r"(.)\1{3,}"), r"\1\1\1"),
)
_NAMES = ("nr", "ns", "nt", "nz")
_HAN = re.compile(r"[\u3400-\u9fff]")


def mask(text: str) -> str:
    """A text without links, account names and numbers, in lower case."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text.lower()


def mask_names(text: str) -> str:
    """The same, and Chinese names of people, places and bodies replaced by one sign.

    English names are only met by the block rule: what one time alone said is not learnt.
    """
    plain = mask(text)
    if not _HAN.search(plain):
        return plain
    return "".join("_" if tag.startswith(_NAMES) and len(word) > 1 else word for word, tag in rjieba.tag(plain))


class LastingText:
    """TF-IDF of character 1-2-grams and words with logistic regression.

    Parameters
    ----------
    min_share : float
        Least share of texts that an n-gram must occur in.
    c : float
        Inverse ridge.

    Notes
    -----
    An n-gram is kept when it occurs in at least three of four equal blocks of time, so that the names and
    events of one time cannot carry the score.
    """

    def __init__(self, *, min_share: float, c: float) -> None:
        self.min_share, self.c = min_share, c

    def _counter(self, analyzer: str, n: int, vocabulary: list[str] | None = None) -> CountVectorizer:
        return CountVectorizer(
            analyzer=analyzer, ngram_range=(1, 2), min_df=1 if vocabulary else max(3, int(self.min_share * n)),
            token_pattern=r"(?u)\b[a-z][a-z']+\b" if analyzer == "word" else None, vocabulary=vocabulary,
        )  # fmt: skip

    def _lasting(self, analyzer: str, texts: list[str]) -> tuple[CountVectorizer, sparse.csr_matrix] | None:
        """The n-grams that last, as a counter for new texts, and the counts in these."""
        counter = self._counter(analyzer, len(texts))
        try:
            seen = counter.fit_transform(texts).tocsr()
        except ValueError:  # scikit-learn's word for "no n-gram is left": English words in Chinese texts, say
            return None
        blocks = [seen[rows].getnnz(axis=0) > 0 for rows in np.array_split(np.arange(len(texts)), _BLOCKS)]
        kept = np.flatnonzero(np.sum(blocks, axis=0) >= _IN_BLOCKS)
        if not len(kept):
            return None
        names = [str(name) for name in counter.get_feature_names_out()[kept]]
        return self._counter(analyzer, len(texts), names), seen[:, kept]

    def fit(self, texts: list[str], y: npt.NDArray[np.int64], weight: Floats) -> LastingText:
        """Learn from masked texts in the order of their time."""
        found = [part for analyzer in ("char", "word") if (part := self._lasting(analyzer, texts)) is not None]
        self.counters = [counter for counter, _ in found]
        self.model = None
        if found:
            counts = sparse.hstack([part for _, part in found]).tocsr()
            self.scale = TfidfTransformer(sublinear_tf=True).fit(counts)
            self.model = LogisticRegression(C=self.c, max_iter=1000).fit(self.scale.transform(counts), y, weight)
        return self

    def score(self, texts: list[str]) -> Floats:
        """Log-odds; 0 where nothing could be learnt."""
        if self.model is None:
            return np.zeros(len(texts))
        counts = sparse.hstack([counter.transform(texts) for counter in self.counters]).tocsr()
        return np.asarray(self.model.decision_function(self.scale.transform(counts)))
