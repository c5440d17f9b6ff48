"""A linear text model on n-grams that last: no names, numbers or links, and nothing that occurs in one week alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import rjieba
from scipy import sparse

from crisislib.spread.forecast.events import Floats

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import CountVectorizer

_BLOCKS = 4
"""Blocks of time that an n-gram is looked for in: few enough that each has many texts."""
_IN_BLOCKS = 3
"""Blocks that an n-gram must occur in: more than half, so that the names and events of one time do not carry the
score."""
_MASKS = (
    (re.compile(r"https?://\S+|t\.cn/\S+|\bURL\b"), " "),
    (re.compile(r"//\s?@[^:：\s]*[:：]?"), " "),
    (re.compile(r"@[\w\-]+"), "@"),
    (re.compile(r"[0-9]+"), "0"),
    (re.compile(r"(.)\1{3,}"), r"\1\1\1"),
)
_NAMES = ("nr", "ns", "nt", "nz")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ANALYZERS = ("char", "word")


def mask(text: str) -> str:
    """A text without links, account names and numbers, in lower case.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text.lower()


def mask_names(text: str) -> str:
    """As :func:`mask`, and Chinese names of people, places and bodies replaced by one sign.

    English names are only met by the block rule: what occurs at one time alone is not learned.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    plain = mask(text)
    if not _HAN.search(plain):
        return plain
    return "".join("_" if tag.startswith(_NAMES) and len(word) > 1 else word for word, tag in rjieba.tag(plain))


@dataclass(frozen=True)
class LastingText:
    """TF-IDF of character 1-2-grams and words with logistic regression, as plain arrays; made by :func:`learn_text`.

    Attributes
    ----------
    grams : Mapping of str to list of str
        Analyzer (`char`, `word`) to its n-grams, in the order of the weights.
    idf, weights : numpy.ndarray
        One per n-gram.
    offset : float
        Of the log-odds.
    """

    grams: Mapping[str, list[str]]
    idf: Floats
    weights: Floats
    offset: float

    def score(self, texts: list[str]) -> Floats:
        """Log-odds of each text.

        Parameters
        ----------
        texts : list of str
            Masked texts, length k.

        Returns
        -------
        numpy.ndarray of shape (k,)
            0 where nothing could be learned.
        """
        if not len(self.weights):
            return np.zeros(len(texts))
        counts = sparse.hstack([_counter(name, grams).transform(texts) for name, grams in self.grams.items()]).tocsr()
        weighted = counts.astype(float)
        weighted.data = (np.log(weighted.data) + 1.0) * self.idf[weighted.indices]
        length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        return np.asarray(weighted @ self.weights / np.where(length > 0, length, 1.0) + self.offset)

    def arrays(self, prefix: str) -> dict[str, npt.NDArray[Any]]:
        """The model as arrays for a model file.

        Parameters
        ----------
        prefix : str
            First part of each array's name.

        Returns
        -------
        dict of str to numpy.ndarray
        """
        texts = {f"{prefix}_{name}": np.array(self.grams.get(name, []), dtype=np.str_) for name in _ANALYZERS}
        numbers = {f"{prefix}_idf": self.idf, f"{prefix}_weights": self.weights, f"{prefix}_offset": self.offset}
        return texts | {name: np.asarray(value, dtype=float) for name, value in numbers.items()}

    @classmethod
    def read(cls, arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> LastingText:
        """Read a model from the arrays of a model file.

        Parameters
        ----------
        arrays : Mapping of str to numpy.ndarray
            Of the whole file.
        prefix : str
            First part of the names of this model's arrays.

        Returns
        -------
        LastingText
        """
        grams = {name: [str(g) for g in arrays[f"{prefix}_{name}"]] for name in _ANALYZERS}
        idf, weights, offset = (arrays[f"{prefix}_{name}"] for name in ("idf", "weights", "offset"))
        return cls({k: v for k, v in grams.items() if v}, idf, weights, float(offset))


def _counter(analyzer: str, grams: list[str] | None, least: int = 1) -> CountVectorizer:
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(
        analyzer=analyzer, ngram_range=(1, 2), min_df=least, vocabulary=grams,
        token_pattern=r"(?u)\b[a-z][a-z']+\b" if analyzer == "word" else None,
    )  # fmt: skip


def _lasting(analyzer: str, texts: list[str], least: int) -> tuple[list[str], sparse.csr_matrix] | None:
    """The n-grams that last, and their counts."""
    counter = _counter(analyzer, None, least)
    try:
        counts = counter.fit_transform(texts).tocsr()
    except ValueError:  # scikit-learn's word for "no n-gram is left": English words in Chinese texts, say
        return None
    blocks = [counts[rows].getnnz(axis=0) > 0 for rows in np.array_split(np.arange(len(texts)), _BLOCKS)]
    lasting = np.flatnonzero(np.sum(blocks, axis=0) >= _IN_BLOCKS)
    if not len(lasting):
        return None
    return [str(name) for name in counter.get_feature_names_out()[lasting]], counts[:, lasting]


def learn_text(
    texts: list[str], y: npt.NDArray[np.int64], weight: Floats, *, min_share: float, c: float
) -> LastingText:
    """Learn from masked texts in the order of their time.

    Parameters
    ----------
    texts : list of str
        Length k.
    y : numpy.ndarray of int, (k,)
        1 or 0.
    weight : numpy.ndarray, (k,)
        Of each text.
    min_share : float
        Least share of texts that an n-gram must occur in.
    c : float
        Inverse ridge.

    Notes
    -----
    An n-gram is kept when it occurs in at least three of four equal blocks of time, so that the names and
    events of one time cannot carry the score.
    """
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    least = max(3, int(min_share * len(texts)))
    parts = {name: part for name in _ANALYZERS if (part := _lasting(name, texts, least)) is not None}
    if not parts:
        return LastingText({}, np.zeros(0), np.zeros(0), 0.0)
    counts = sparse.hstack([part for _, part in parts.values()]).tocsr()
    scale = TfidfTransformer(sublinear_tf=True).fit(counts)
    model = LogisticRegression(C=c, max_iter=1000).fit(scale.transform(counts), y, weight)
    grams = {name: names for name, (names, _) in parts.items()}
    return LastingText(grams, np.asarray(scale.idf_), np.asarray(model.coef_[0]), float(model.intercept_[0]))
