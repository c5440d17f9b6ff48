"""Which way a headline reads, by counting words: the teacher of the reader, never the judge of a burst."""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

Floats = npt.NDArray[np.float64]


@cache
def patterns() -> dict[str, str]:
    """Alternations of the words of `words.yml`: crisis, promo, company; longer words first."""
    read = yaml.safe_load((resources.files("crisislib.warn.onset") / "words.yml").read_text(encoding="utf-8"))
    groups = {
        "crisis": [w for words in read["crisis"].values() for w in words],
        "promo": [w for words in read["promo"].values() for w in words],
        "company": read["company"],
    }
    return {name: "|".join(sorted(set(words), key=lambda w: (-len(w), w))) for name, words in groups.items()}


def lean(text: pd.Series) -> tuple[Floats, Floats]:
    """How much each text leans to crisis, and how many words of business it holds.

    Parameters
    ----------
    text : pandas.Series of str

    Returns
    -------
    lean, company : numpy.ndarray
        Shape (texts,). `lean` = log(1 + crisis words) - log(1 + promotion words).
    """
    found: dict[str, Floats] = {
        name: np.asarray(text.str.count(pattern), dtype=np.float64) for name, pattern in patterns().items()
    }
    return np.log1p(found["crisis"]) - np.log1p(found["promo"]), found["company"]
