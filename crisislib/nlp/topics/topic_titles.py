"""What a topic is called, in Chinese and English, and the posts that stand for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.feature_extraction.text import CountVectorizer

from crisislib.core.i18n import N_, tr
from crisislib.nlp.topics import tokens
from crisislib.nlp.topics.represent import Words
from crisislib.nlp.topics.vectors import F32

TITLE_PHRASE = N_("{words}: “{phrase}”")
COMMA = N_(", ")

LEAD = 3
"""Words of a title: three name a topic, more are a list."""
PHRASE_SHARE = 0.1
"""A phrase must stand in this share of the texts that were looked at."""
PHRASE_TEXTS = 100
"""Texts nearest to a centre in which a phrase is searched: enough for its share, and cheap."""


def phrase(cleaned: Sequence[str], words: Words, dictionary: Sequence[str] = ()) -> str:
    """The commonest run of two to four words that begins and ends with a word of the topic or another content word.

    Parameters
    ----------
    cleaned : sequence of str
        Cleaned texts near the topic's centre.
    words : list of (str, float)
        The topic's words; the phrase holds at least one.
    dictionary : sequence of str
        Words that stay whole.

    Returns
    -------
    str
        Empty when no run is common enough to stand for the topic.
    """
    whole = tokens.words(cleaned, dictionary=dictionary, stop=False)
    counter = CountVectorizer(analyzer="word", token_pattern=r"\S+", ngram_range=(2, 4), lowercase=False, binary=True)
    if not any(" " in text for text in whole):
        return ""
    counts = np.asarray(counter.fit_transform(whole).sum(0)).ravel()
    runs = counter.get_feature_names_out()
    heavy, dull = {word for word, _ in words}, tokens.stop_words()
    least = max(3, PHRASE_SHARE * len(whole))
    best, best_run = 0.0, ""
    for place in np.flatnonzero(counts >= least):
        parts = runs[place].split()
        edges_content = parts[0] not in dull and parts[-1] not in dull and min(len(parts[0]), len(parts[-1])) > 1
        if not edges_content or heavy.isdisjoint(parts) or len(set(parts)) < len(parts):
            continue
        score = counts[place] * len(parts) ** 0.5
        if score > best:
            best, best_run = score, runs[place]
    return _close(best_run)


def _close(run: str) -> str:
    """Words as written: Chinese without spaces, other scripts with them."""
    closed = pc.replace_substring_regex(pa.array([run]), pattern=r"(\p{Han}) +(\p{Han})", replacement=r"\1\2")
    # Once more: neighbouring matches share a character and the first pass takes every other space.
    return str(pc.replace_substring_regex(closed, pattern=r"(\p{Han}) +(\p{Han})", replacement=r"\1\2")[0])


def title(words: Words, run: str) -> dict[str, str]:
    """A topic's title in both languages; words stay as posted.

    Parameters
    ----------
    words : list of (str, float)
        Words of the topic with their weights, heaviest first.
    run : str
        Its phrase; empty for none.

    Returns
    -------
    dict of str to str
        Language (`zh`, `en`) -> title.
    """
    out = {}
    for language in ("zh", "en"):
        joined = tr(COMMA, language).join(word for word, _ in words[:LEAD])
        out[language] = tr(TITLE_PHRASE, language, words=joined, phrase=run) if run else joined
    return out


def representatives(likeness: npt.NDArray[np.float64], vectors: F32, n: int = 5, spread: float = 0.5) -> list[int]:
    """Places of texts that stand for a topic: near its centre and unlike one another.

    Parameters
    ----------
    likeness : numpy.ndarray, shape (m,)
        Cosine similarity of each candidate with the centre.
    vectors : numpy.ndarray of float32, shape (m, dim)
    n : int
        How many.
    spread : float
        Weight of being unlike those already chosen, 0-1.

    Notes
    -----
    Maximal marginal relevance, Carbonell & Goldstein 1998, doi:10.1145/290941.291025.
    """
    chosen: list[int] = []
    closest = np.zeros(len(likeness))
    for _ in range(min(n, len(likeness))):
        score = (1 - spread) * likeness - spread * closest
        score[chosen] = -np.inf
        chosen.append(int(score.argmax()))
        closest = np.maximum(closest, vectors @ vectors[chosen[-1]])
    return chosen
