"""SnowNLP and VADER as users run them; a peer that is not installed is said and left out."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from benchmarks.harness import say

F64 = npt.NDArray[np.float64]


def snownlp(texts: list[str]) -> F64:
    """SnowNLP's P(positive); it knows no neutral."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from snownlp import SnowNLP
    good = np.array([SnowNLP(text).sentiments if text.strip() else 0.5 for text in texts])
    return np.stack([1 - good, np.zeros(len(good)), good], axis=1)


def vader(texts: list[str]) -> F64:
    """VADER's compound with its published thresholds of ±0.05, as shares of the three classes."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    c = np.array([analyser.polarity_scores(text)["compound"] for text in texts])
    neutral = np.abs(c) < 0.05
    p = np.stack([(1 - c) / 2, np.zeros(len(c)), (1 + c) / 2], axis=1)
    p[neutral] = [0.1, 0.8, 0.1]
    return p


_ALL: dict[str, tuple[str, tuple[str, ...], Callable[[list[str]], F64]]] = {
    "snownlp": ("snownlp", ("zh",), snownlp),
    "vader": ("vaderSentiment", ("en",), vader),
}

PEERS: dict[str, tuple[tuple[str, ...], Callable[[list[str]], F64]]] = {}
for _name, (_package, _langs, _judge) in _ALL.items():
    if find_spec(_package) is None:
        say(f"peer {_name} is not installed and is left out (install the bench group)")
    else:
        PEERS[_name] = (_langs, _judge)
